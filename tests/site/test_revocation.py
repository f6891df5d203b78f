"""A Deny that is put on the minting role while everything runs: whom it stops, and for how long."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import enforcement, example, server, studio, studio_site
from localaws.enforcement import issue, operator_role
from tests.site.minting import FUNCTION_ROLE, HERE, HOME, THERE, assume, document, role
from tests.site.world import DOMAIN, MINTING_ROLE, PATHS, Aws, World, get, resources, world

OPERATOR = operator_role(HERE, MINTING_ROLE)
NAME, REVOKED = "studio-gate-minting", "revoked"
ALICE = {"DomainId": DOMAIN, "UserProfileName": "alice"}


def deny(operator: str, key: str, *values: str) -> str:
    return document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {key: list(values)}}})


def minute(ahead: int) -> str:
    return f"{datetime.now(UTC) + timedelta(minutes=ahead):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def running(aws: None) -> Iterator[World]:
    with world(others=[OPERATOR]) as opened:
        yield opened


@pytest.fixture
def iam(here: Aws, running: World) -> Any:  # noqa: ANN401 - a client
    return here.client("iam", issue(OPERATOR, HOME))


def mints(aws: Aws, who: str) -> bool:
    session = assume(aws, MINTING_ROLE, SourceIdentity=who)
    return _mints(aws, session)


def _mints(aws: Aws, session: Mapping[str, Any]) -> bool:
    before = len(studio.mints())
    with suppress(ClientError):
        aws.client("sagemaker", session).create_presigned_domain_url(**ALICE)
    return len(studio.mints()) > before


DENIES: dict[str, tuple[str, bool, bool]] = {
    "one person": (deny("StringEquals", "aws:SourceIdentity", "alice"), False, True),
    "two people": (deny("StringEquals", "aws:SourceIdentity", "alice", "bob"), False, False),
    "somebody else": (deny("StringEquals", "aws:SourceIdentity", "carol"), True, True),
    "whose name begins alike": (deny("StringLike", "aws:SourceIdentity", "al*"), False, True),
    "everybody so far": (deny("DateLessThan", "aws:TokenIssueTime", minute(30)), False, False),
    "everybody before": (deny("DateLessThan", "aws:TokenIssueTime", minute(-30)), True, True),
}


@pytest.mark.parametrize(("policy", "alice", "bob"), DENIES.values(), ids=DENIES.keys())
def test_a_deny_stops(here: Aws, iam: Any, running: World, policy: str, alice: bool, bob: bool) -> None:  # noqa: ANN401, FBT001 - columns
    assert (mints(here, "alice"), mints(here, "bob")) == (True, True)
    iam.put_role_policy(RoleName=NAME, PolicyName=REVOKED, PolicyDocument=policy)
    assert (mints(here, "alice"), mints(here, "bob")) == (alice, bob)
    iam.delete_role_policy(RoleName=NAME, PolicyName=REVOKED)
    assert (mints(here, "alice"), mints(here, "bob")) == (True, True)
    assert running.enforced.unsupported == []


def test_a_session_from_before_and_its_urls_are_stopped_at_once(here: Aws, iam: Any, running: World) -> None:  # noqa: ANN401 - a client
    session = assume(here, MINTING_ROLE)
    url = here.client("sagemaker", session).create_presigned_domain_url(**ALICE)["AuthorizedUrl"]
    cookie = running.get(url, running.site.inside).cookie
    page = url.partition("/auth")[0] + "/"

    def statuses() -> list[int]:
        return [running.get(page, running.site.inside, cookie).status, running.get(url, running.site.inside).status]

    assert statuses() == [200, 302]
    iam.put_role_policy(
        RoleName=NAME, PolicyName=REVOKED, PolicyDocument=deny("StringEquals", "aws:SourceIdentity", "alice")
    )
    assert statuses() == [403, 403]
    assert not _mints(here, session)


def test_it_is_stopped_whether_the_sessions_policy_counts_or_not(here: Aws, iam: Any, running: World) -> None:  # noqa: ANN401 - a client
    url = here.client("sagemaker", assume(here, MINTING_ROLE)).create_presigned_domain_url(**ALICE)["AuthorizedUrl"]
    with studio_site.serving(running.enforced, clock=running.clock, session_policy_counts=False) as lenient:
        assert get(lenient, lenient.inside, url).status == 302
        policy = deny("StringEquals", "aws:SourceIdentity", "alice")
        iam.put_role_policy(RoleName=NAME, PolicyName=REVOKED, PolicyDocument=policy)
        assert get(lenient, lenient.inside, url).status == 403


def test_what_is_on_the_role_is_listed_and_told(iam: Any) -> None:  # noqa: ANN401 - a client
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["mint"]
    policy = deny("StringEquals", "aws:SourceIdentity", "alice")
    iam.put_role_policy(RoleName=NAME, PolicyName=REVOKED, PolicyDocument=policy)
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["mint", REVOKED]
    told = iam.get_role_policy(RoleName=NAME, PolicyName=REVOKED)
    assert told["PolicyDocument"] == json.loads(policy)
    assert iam.get_role(RoleName=NAME)["Role"]["Arn"] == MINTING_ROLE


def test_a_policy_that_is_not_known_here_stops_everybody(here: Aws, iam: Any, running: World) -> None:  # noqa: ANN401 - a client
    policy = deny("DateLessThanEquals", "aws:TokenIssueTime", minute(-30))
    iam.put_role_policy(RoleName=NAME, PolicyName=REVOKED, PolicyDocument=policy)
    assert not mints(here, "alice")
    assert "DateLessThanEquals" in running.enforced.unsupported[0]


def test_the_templates_own_policy_can_be_taken_away(here: Aws, iam: Any) -> None:  # noqa: ANN401 - a client
    iam.delete_role_policy(RoleName=NAME, PolicyName="mint")
    assert not mints(here, "alice")


PUT = {"RoleName": NAME, "PolicyName": "more", "PolicyDocument": deny("StringEquals", "aws:SourceIdentity", "alice")}
NOT: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "the function": ("function", PUT, "AccessDenied"),
    "a minting session": ("session", PUT, "AccessDenied"),
    "a key that nobody issued": ("stranger", PUT, "InvalidClientTokenId"),
    "the operator, on the function's role": (
        "operator",
        {**PUT, "RoleName": FUNCTION_ROLE.rpartition("/")[2]},
        "AccessDenied",
    ),
    "the operator, with what is no name": ("operator", {**PUT, "PolicyName": "a b"}, "ValidationError"),
}


@pytest.mark.parametrize(("who", "asked", "code"), NOT.values(), ids=NOT.keys())
def test_the_roles_policies_are_not_changed_by(
    here: Aws, running: World, who: str, asked: Mapping[str, Any], code: str
) -> None:
    keys: dict[str, Mapping[str, Any] | None] = {
        "function": None,
        "session": assume(here, MINTING_ROLE),
        "stranger": {"AccessKeyId": "AKIAEXAMPLEEXAMPLE01"},
        "operator": issue(OPERATOR, HOME),
    }
    with pytest.raises(ClientError) as caught:
        here.client("iam", keys[who]).put_role_policy(**asked)
    assert caught.value.response["Error"]["Code"] == code
    assert running.enforced.unsupported == []


def test_a_call_of_iam_that_is_not_known_here_is_refused(here: Aws, running: World) -> None:
    with pytest.raises(ClientError):
        here.client("iam", issue(OPERATOR, HOME)).list_roles()
    assert running.enforced.unsupported == ["iam:ListRoles: what it needs is not known here"]


def test_a_role_of_another_account_is_stopped_there(here: Aws) -> None:
    theirs = role(THERE)
    operator = operator_role(THERE, theirs.arn)
    iam = here.client("iam", issue(operator, HOME))
    with enforcement.enforce(resources(), example.ACCOUNT, PATHS, others=[theirs, operator]):
        assert iam.list_role_policies(RoleName=theirs.name)["PolicyNames"] == ["mint"]
        with pytest.raises(ClientError, match="AccessDenied"):
            iam.list_role_policies(RoleName=NAME)


def test_the_roles_are_gone_afterwards_and_those_from_before_are_back(here: Aws) -> None:
    iam = here.client("iam")
    # The function's own key belongs to moto's account, so its role there is another's.
    others = [operator_role("123456789012", MINTING_ROLE, name="theirs")]
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trust)
    with enforcement.enforce(resources(), example.ACCOUNT, PATHS, others=others):
        pass
    assert iam.list_role_policies(RoleName="theirs")["PolicyNames"] == []
    iam.delete_role(RoleName="theirs")
    with enforcement.enforce(resources(), example.ACCOUNT, PATHS, others=others):
        pass
    assert iam.list_roles()["Roles"] == []


def test_after_a_reset_the_templates_policies_hold(aws: None, here: Aws) -> None:
    with enforcement.enforce(resources(), example.ACCOUNT, PATHS) as it:
        server.reset()
        studio.seed(studio.Domain(DOMAIN, user_profiles=(studio.UserProfile("alice"),)), account_id=HERE, region=HOME)
        assert mints(here, "alice")
        assert it.unsupported == []
    assert here.client("iam").list_roles()["Roles"] == []
