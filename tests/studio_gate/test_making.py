"""A profile that is not there yet is made once, as the configuration says, and its owner is told to come back."""

import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localaws import studio
from localaws.records import studio_state
from localaws.studio import Domain, UserProfile
from studio_gate.config import Config, Deployment
from studio_gate.directory import Directory
from studio_gate.errors import GateError, Problem
from studio_gate.making import make_ready
from studio_gate.sagemaker_api import SageMaker
from studio_gate.sessions import Sessions, session_name
from tests.studio_gate.builders import caller, grant, toml, within
from tests.studio_gate.company import ALICE, ANYTHING, DIRECTORY_ROLE, MAKING_ROLE, OWN, Company, seed
from tests.studio_gate.opened import ACCOUNT, EXECUTION_ROLE, NAMED, REGION, SSO_SOURCE, entry, opened
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import CLICKED, Web

DOMAIN = NAMED["studio"]["domain_id"]
CLAIM = {"providers": [SSO_SOURCE], "claim": "email"}
FROM: dict[str, Any] = CLAIM | {"by": {"transform": "email-local-part", "domain": "example.com"}}
TAGGED: dict[str, Any] = CLAIM | {"tag": "owner"}
MAKING: dict[str, Any] = {"execution_role": EXECUTION_ROLE, "tags": {"team": "research", "cost center": "1"}}
MADE = entry(profile_from=FROM, create_profile=MAKING)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The inputs of every CreateUserProfile."""
    seen: list[dict[str, Any]] = []
    ask = SageMaker.ask

    def asking(self: SageMaker, place: Any, operation: str, inputs: Any, *more: Any) -> Any:  # noqa: ANN401 - as it is
        if operation == "CreateUserProfile":
            seen.append(dict(inputs))
        return ask(self, place, operation, inputs, *more)

    monkeypatch.setattr(SageMaker, "ask", asking)
    return seen


def test_it_is_made_at_the_first_launch_and_opens_when_it_is_there(
    company: Company, asked: list[dict[str, Any]]
) -> None:
    company.configure(MADE)
    seed(Domain(DOMAIN, pends=1))
    first = company.ask()
    assert (first.status, first.headers["Retry-After"], first.mints) == (409, "5", ())
    assert first.decoded["type"] == "urn:problem-type:studio-gate:preparing"
    assert (first.audit["outcome"], first.audit["reason"]) == ("preparing", "profile-made")
    assert first.audit["upstream"] is None
    second = company.ask()
    assert (second.status, second.audit["reason"], second.mints) == (409, "profile-in-the-making", ())
    third = company.ask()
    assert (third.status, third.decoded["profile"], len(third.mints)) == (200, "alice", 1)
    assert asked == [
        {
            "DomainId": DOMAIN,
            "UserProfileName": "alice",
            "UserSettings": {"ExecutionRole": EXECUTION_ROLE},
            "Tags": [{"Key": "cost center", "Value": "1"}, {"Key": "team", "Value": "research"}],
        }
    ]


def test_its_owner_s_tag_is_the_owner_s(company: Company, asked: list[dict[str, Any]]) -> None:
    company.configure(entry(profile_from=FROM, create_profile=MAKING, owner_tag=TAGGED))
    seed(Domain(DOMAIN))
    assert company.ask().status == 409
    assert {"Key": "owner", "Value": ALICE} in asked[0]["Tags"]
    assert company.ask().status == 200
    assert len(asked) == 1


def test_it_is_made_by_a_session_that_can_make_this_one_alone(company: Company) -> None:
    company.configure(MADE)
    seed(Domain(DOMAIN))
    company.ask()
    (making,) = [one for one in studio.assumed_roles() if one.parameters["RoleArn"] == MAKING_ROLE]
    name = session_name(caller())
    assert (making.parameters["RoleSessionName"], making.source_identity) == (name, name)
    assert json.loads(str(making.parameters["Policy"]))["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["sagemaker:CreateUserProfile", "sagemaker:AddTags"],
            "Resource": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{DOMAIN}/alice",
            "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0b2c3d4e5f6071829"}},
        },
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": EXECUTION_ROLE},
    ]


NOT_MADE: dict[str, tuple[dict[str, Any], Domain | None, str, int, str]] = {
    "where none are made": (entry(profile_from=FROM), Domain(DOMAIN), OWN, 409, "sagemaker-refused"),
    "for whom no policy permits": (MADE, Domain(DOMAIN), ANYTHING.replace("permit", "forbid"), 403, "forbidden"),
    "that is there": (MADE, Domain(DOMAIN, user_profiles=(UserProfile("alice"),)), OWN, 200, ""),
    "that is being made by somebody else": (
        MADE,
        Domain(DOMAIN, user_profiles=(UserProfile("alice", pending=9),)),
        OWN,
        409,
        "profile-in-the-making",
    ),
    "that has failed": (
        MADE,
        Domain(DOMAIN, user_profiles=(UserProfile("alice", status="Failed"),)),
        OWN,
        409,
        "sagemaker-refused",
    ),
    "that is being deleted": (
        MADE,
        Domain(DOMAIN, user_profiles=(UserProfile("alice", status="Deleting"),)),
        OWN,
        409,
        "sagemaker-refused",
    ),
    "in a domain of identity center": (
        MADE,
        Domain(DOMAIN, auth_mode="SSO", user_profiles=(UserProfile("alice"),)),
        OWN,
        409,
        "sagemaker-refused",
    ),
}


@pytest.mark.parametrize(("where", "domain", "policies", "status", "reason"), NOT_MADE.values(), ids=NOT_MADE.keys())
def test_none_is_made(
    company: Company,
    asked: list[dict[str, Any]],
    where: dict[str, Any],
    domain: Domain,
    policies: str,
    status: int,
    reason: str,
) -> None:
    company.configure(where, policies=policies)
    seed(domain)
    reply = company.ask()
    assert (reply.status, reply.audit["reason"] or "", asked) == (status, reason, [])
    assert not any(one.parameters["RoleArn"] == MAKING_ROLE for one in studio.assumed_roles())


def test_none_is_made_in_a_domain_that_is_not_there(company: Company) -> None:
    company.configure(MADE)
    reply = company.ask()
    assert (reply.status, reply.audit["upstream"], reply.mints) == (503, "ResourceNotFound", ())


def test_none_is_made_for_somebody_else(company: Company, asked: list[dict[str, Any]]) -> None:
    company.configure(MADE, policies=ANYTHING)
    seed(Domain(DOMAIN))
    for query in ({"profile": "bob"}, {"profile": "Alice"}, {"space": "s"}):
        assert (company.ask(**query).status, asked) == (403, [])


def test_two_at_once_make_one(aws: None, config: Config, deployment: Deployment) -> None:
    seed(Domain(DOMAIN, pends=1))
    here = deployment.model_copy(update={"directory_role_arn": DIRECTORY_ROLE, "making_role_arn": MAKING_ROLE})
    asking = grant(config, destination=opened(profile_from=FROM, create_profile=MAKING), profile="alice")

    def one(_: int) -> str | None:
        # An environment of its own.
        sessions = Sessions(here)
        told = make_ready(asking, sessions, Directory(sessions), within())
        return told and told.reason

    with ThreadPoolExecutor(6) as threads:
        told = set(threads.map(one, range(6)))
    assert told <= {"profile-made", "profile-in-the-making", None}
    assert "profile-made" in told
    assert [key for key in studio_state(ACCOUNT, REGION).resources if key[1] == DOMAIN] == [
        ("UserProfile", DOMAIN, "alice")
    ]


def test_one_that_somebody_made_in_between_is_made(
    aws: None, config: Config, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    here = deployment.model_copy(update={"directory_role_arn": DIRECTORY_ROLE, "making_role_arn": MAKING_ROLE})
    asking = grant(config, destination=opened(profile_from=FROM, create_profile=MAKING), profile="alice")
    sessions = Sessions(here)
    monkeypatch.setattr(Directory, "status", lambda *_: None)
    told = make_ready(asking, sessions, Directory(sessions), within())
    assert isinstance(told, GateError)
    assert told.reason == "profile-made"


def test_a_person_s_page_launches_again_by_itself(web: Web, company: Company) -> None:
    browser = web()
    document = tomllib.loads((web.folder / "gate.toml").read_text(encoding="utf-8"))
    by_sign_in = {"providers": ["web"], "claim": "subject", "by": {"transform": "digest"}}
    lab = entry(name="lab", profile_from=by_sign_in, create_profile=MAKING)
    (web.folder / "gate.toml").write_text(toml(document | {"destinations": [*document["destinations"][:2], lab]}))
    (web.folder / "policies.cedar").write_text(OWN)
    web.forget()
    seed(Domain(DOMAIN, pends=1))
    browser.sign_in()
    first = browser.get("/open/lab?expires_in=20")
    assert (first.status, first.mints, first.headers["Retry-After"]) == (409, (), "5")
    wait, _, again = first.headers["Refresh"].partition("; url=")
    assert (wait, again) == ("5", "/open/lab?expires_in=20")
    page = read_page(first.body)
    assert page.one("h1").text == Problem.PREPARING.title
    assert again in [one.attributes["href"] for one in page.all("a")]
    # As browsers say of a page's own refresh.
    assert browser.get(again, CLICKED).headers["Refresh"] == first.headers["Refresh"]
    opened_at_last = browser.get(again, CLICKED)
    assert (opened_at_last.status, len(opened_at_last.mints)) == (303, 1)
    assert "Refresh" not in opened_at_last.headers
