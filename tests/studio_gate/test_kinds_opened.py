"""Whole launches of what is no domain, of what is elsewhere, and of what is bound to an address."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import studio
from localaws.studio import Domain, NotebookInstance, TrackingServer, UserProfile
from studio_gate.sagemaker_api import Place, SageMaker
from tests.conftest import Reply
from tests.studio_gate.builders import SSO, changed
from tests.studio_gate.company import ALICE, ANYTHING, Company, seed
from tests.studio_gate.opened import NAMED, entry

CALLERS = [f"{SSO}/{ALICE}"]
API, NOTEBOOKS, EXPERIMENTS = "vpce-0b2c3d4e5f6071829", "vpce-0d0d", "vpce-0e0e"
NOTEBOOK = entry("notebook", callers=CALLERS, endpoint_ids=[API, NOTEBOOKS])
MLFLOW = entry("mlflow", callers=CALLERS, endpoint_ids=[API, EXPERIMENTS])
PROFILES = [{"name": "alice", "callers": CALLERS}]
DOMAIN = NAMED["studio"]["domain_id"]
OTHER, ELSEWHERE = "444455556666", "us-west-2"


def policy_of(reply: Reply) -> list[dict[str, Any]]:
    """The statements of the session that minted."""
    (mint,) = reply.mints
    (session,) = [one for one in studio.assumed_roles() if one.access_key_id == mint.access_key_id]
    statements: list[dict[str, Any]] = json.loads(str(session.parameters["Policy"]))["Statement"]
    return statements


def at(endpoint: str) -> dict[str, Any]:
    """The condition that a request came through one endpoint."""
    return {"StringEquals": {"aws:SourceVpce": endpoint}}


def test_a_notebook_opens(company: Company) -> None:
    company.configure(NOTEBOOK)
    seed(NotebookInstance("Team-nb"))
    reply = company.ask(session_expires_in="1800")
    (mint,) = reply.mints
    assert (reply.status, reply.decoded["profile"], reply.decoded["space"]) == (200, None, None)
    assert mint.operation == "CreatePresignedNotebookInstanceUrl"
    assert dict(mint.parameters) == {
        "NotebookInstanceName": "Team-nb",
        "SessionExpirationDurationInSeconds": 1800,
    }
    arn = "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/Team-nb"
    action = "sagemaker:CreatePresignedNotebookInstanceUrl"
    assert policy_of(reply) == [
        {
            "Effect": "Allow",
            "Action": action,
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceVpce": [API, NOTEBOOKS]}},
        }
    ]


def test_an_mlflow_server_opens(company: Company) -> None:
    company.configure(MLFLOW)
    seed(TrackingServer("Team-runs"))
    reply = company.ask(expires_in="7")
    (mint,) = reply.mints
    assert mint.operation == "CreatePresignedMlflowTrackingServerUrl"
    assert dict(mint.parameters) == {
        "TrackingServerName": "Team-runs",
        "ExpiresInSeconds": 7,
        "SessionExpirationDurationInSeconds": 28800,
    }
    arn = "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/Team-runs"
    action = "sagemaker:CreatePresignedMlflowTrackingServerUrl"
    # MLflow's own actions are what its URL is used with, through its own endpoint.
    used = {"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceVpce": [EXPERIMENTS]}}}
    assert policy_of(reply) == [
        {"Effect": "Allow", "Action": action, "Resource": arn, "Condition": at(API)},
        used | {"Action": ["sagemaker-mlflow:*"], "Resource": arn},
        used | {"Action": ["sagemaker-mlflow:AccessUI"], "Resource": "*"},
    ]


@pytest.mark.parametrize(
    ("where", "asked"), [(NOTEBOOK, False), (MLFLOW, True)], ids=["a notebook", "an MLflow server"]
)
def test_only_an_operation_with_that_input_is_told_how_long_a_url_lives(
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    where: dict[str, Any],
    asked: bool,  # noqa: FBT001 - of a table
) -> None:
    """As it is sent: the stand-in does not record what an operation does not know."""
    sent: list[dict[str, Any]] = []

    def told(_: SageMaker, __: Place, ___: str, inputs: dict[str, Any], *____: object) -> dict[str, Any]:
        sent.append(inputs)
        return {}

    monkeypatch.setattr(SageMaker, "ask", told)
    company.configure(where)
    assert company.ask().status == 502
    assert ["ExpiresInSeconds" in inputs for inputs in sent] == [asked]


@pytest.mark.parametrize("where", [NOTEBOOK, MLFLOW], ids=["a notebook", "an MLflow server"])
def test_a_whole_is_refused_to_whom_no_policy_gives_it(company: Company, where: dict[str, Any]) -> None:
    company.configure(where)
    seed(NotebookInstance("Team-nb"), TrackingServer("Team-runs"))
    assert [company.ask(who=who).status for who in (ALICE, "bob@example.com")] == [200, 403]
    assert company.ask(who="bob@example.com").audit["reason"] == "no-permit"
    company.configure(where, policies=ANYTHING)
    assert company.ask(who="bob@example.com").status == 200


@pytest.mark.parametrize("query", [{"space": "s"}, {"app": "studio"}, {"path": "lab"}, {"profile": "alice"}])
@pytest.mark.parametrize("where", [NOTEBOOK, MLFLOW], ids=["a notebook", "an MLflow server"])
def test_a_whole_has_no_spaces_apps_and_profiles(
    company: Company, where: dict[str, Any], query: dict[str, str]
) -> None:
    company.configure(where, policies=ANYTHING)
    seed(NotebookInstance("Team-nb"), TrackingServer("Team-runs"))
    reply, nowhere = company.ask(**query), company.ask("nowhere")
    assert (reply.status, reply.mints, reply.body, reply.headers) == (403, (), nowhere.body, nowhere.headers)


@pytest.mark.parametrize("seconds", ["5", "30", "299"])
def test_nobody_can_ask_for_another_life_of_a_notebook_s_url(company: Company, seconds: str) -> None:
    company.configure(NOTEBOOK)
    seed(NotebookInstance("Team-nb"))
    reply = company.ask(expires_in=seconds)
    (named,) = reply.decoded["parameters"]
    assert (reply.status, named["name"], reply.mints) == (400, "expires_in", ())
    assert company.ask(expires_in=seconds, who="bob@example.com").status == 403
    assert company.ask(expires_in="300").status == 200


STOPPED = {
    "a notebook": (NOTEBOOK, NotebookInstance("Team-nb", status="Stopped")),
    "an MLflow server": (MLFLOW, TrackingServer("Team-runs", status="Stopped")),
}


@pytest.mark.parametrize(("where", "there"), STOPPED.values(), ids=STOPPED.keys())
def test_what_is_stopped_is_not_ready(company: Company, where: dict[str, Any], there: studio.Seed) -> None:
    company.configure(where)
    seed(there)
    assert (company.ask().status, studio.mints()) == (409, ())


def test_another_account_and_region_open_through_their_own_role(company: Company) -> None:
    role = f"arn:aws:iam::{OTHER}:role/gate-minting"
    there = {"account": OTHER, "region": ELSEWHERE, "minting_role": role, "external_id": "our-gate"}
    company.configure(entry(profiles=PROFILES, **there, endpoint_ids=["vpce-0a0a", "vpce-0b0b"]))
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)), account=OTHER, region=ELSEWHERE)
    reply = company.ask()
    (mint,) = reply.mints
    assert (reply.status, mint.account, mint.region) == (200, OTHER, ELSEWHERE)
    (assumed,) = studio.assumed_roles()
    assert (assumed.parameters["RoleArn"], assumed.parameters["ExternalId"]) == (role, "our-gate")
    (statement,) = policy_of(reply)
    assert statement["Resource"] == f"arn:aws:sagemaker:{ELSEWHERE}:{OTHER}:user-profile/{DOMAIN}/alice"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceVpce": ["vpce-0a0a", "vpce-0b0b"]}}


def test_the_domain_of_that_id_in_the_own_account_is_another(company: Company) -> None:
    there = {"account": OTHER, "minting_role": f"arn:aws:iam::{OTHER}:role/gate-minting"}
    company.configure(entry(profiles=PROFILES, **there))
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    assert (company.ask().status, studio.mints()) == (409, ())


BOUND = entry(profiles=PROFILES, bind_source_ip=True)


def test_a_bound_url_is_of_use_from_the_callers_address_alone(company: Company) -> None:
    company.configure(BOUND)
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    mint, use = policy_of(company.ask(ip="10.1.2.3"))
    assert mint["Condition"] == at(API)
    assert (mint["Action"], use["Action"]) == (
        "sagemaker:CreatePresignedDomainUrl",
        ["sagemaker:CreatePresignedDomainUrl"],
    )
    assert use["Condition"] == {
        "StringEquals": {"aws:SourceVpce": ["vpce-0c3d4e5f607182930"]},
        "IpAddress": {"aws:VpcSourceIp": "10.1.2.3"},
    }
    assert mint["Resource"] == use["Resource"]


def test_another_address_gets_another_session(company: Company) -> None:
    company.configure(BOUND)
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    keys = [company.ask(ip=ip).mints[0].access_key_id for ip in ("10.1.2.3", "10.1.2.4", "10.1.2.3")]
    assert keys[0] == keys[2] != keys[1]


def test_behind_a_proxy_there_is_no_address_to_bind_to(company: Company) -> None:
    mine = [{"name": "alice", "callers": ["edge:5f1c0a7e-alice"]}]
    bound = entry(name="research", profiles=mine, bind_source_ip=True)
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    company.configure(bound | {"bind_source_ip": False})
    event = changed("proxy-url", lambda _: None)
    assert company.send(event).status == 200
    company.configure(bound)
    reply = company.send(event)
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, "no-address-to-bind-to", ())


@pytest.mark.parametrize(
    ("denials", "status", "reason", "asked", "mints"),
    [(0, 200, None, 1, 1), (1, 200, None, 2, 1), (2, 403, "minting-denied", 2, 0)],
    ids=["none", "one, as after a revocation", "two, as of a caller who is revoked"],
)
def test_a_denial_is_tried_again_once_with_a_new_session(
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    denials: int,
    status: int,
    reason: str | None,
    asked: int,
    mints: int,
) -> None:
    company.configure(entry(profiles=PROFILES))
    seed(Domain(DOMAIN, user_profiles=(UserProfile("alice"),)))
    ask, keys = SageMaker.ask, []

    def deny(self: SageMaker, place: Place, operation: str, inputs: Any, credentials: Any, seconds: int) -> Any:  # noqa: ANN401 - as it is
        keys.append(credentials.access_key)
        if len(keys) <= denials:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)
        return ask(self, place, operation, inputs, credentials, seconds)

    monkeypatch.setattr(SageMaker, "ask", deny)
    reply = company.ask()
    assert (reply.status, reply.audit["reason"], len(set(keys)), len(reply.mints)) == (status, reason, asked, mints)
    if status == 403:
        assert (reply.audit["upstream"], reply.body) == ("AccessDeniedException", company.ask("nowhere").body)
