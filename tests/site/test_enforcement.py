"""What AWS would refuse by the stack's own policies, the stand-in refuses; and nothing where it is not asked to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import enforcement, example, studio
from localaws.enforcement import Paths
from localaws.policy import UnsupportedPolicyError
from tests.site.world import DOMAIN, ELSEWHERE, MINTING_ROLE, PATHS, Aws, Clock, resources

FUNCTION = "arn:aws:sts::111122223333:assumed-role/studio-gate-FunctionRole/studio-gate"
ASSUME = {"RoleArn": MINTING_ROLE, "RoleSessionName": "alice", "SourceIdentity": "alice"}
ALICE = {"DomainId": DOMAIN, "UserProfileName": "alice"}
PROFILE = f"arn:aws:sagemaker:eu-central-1:111122223333:user-profile/{DOMAIN}"


def policy(resource: str = f"{PROFILE}/alice", **more: object) -> str:
    statement = {"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl", "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def enforced(paths: Paths = PATHS, clock: Clock | None = None) -> Iterator[enforcement.Enforcement]:
    with enforcement.enforce(resources(), example.ACCOUNT, paths, clock=clock or Clock()) as it:
        yield it


def refusal(client: object, operation: str, asked: Mapping[str, Any]) -> tuple[int, str, str]:
    """Call, and return the status, code and message of the refusal, or (200, "", "")."""
    try:
        getattr(client, operation)(**asked)
    except ClientError as error:
        response = error.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]
    return 200, "", ""


def denied(who: str, action: str, resource: str) -> str:
    return f"User: {who} is not authorized to perform: {action} on resource: {resource}"


DENIED = (403, "AccessDenied")
ASSUME_ROLE: dict[str, tuple[Mapping[str, Any], Paths, tuple[int, str], str]] = {
    "through the sts endpoint": (ASSUME, PATHS, (200, ""), ""),
    "through another endpoint": (ASSUME, replace(PATHS, sts=ELSEWHERE), DENIED, "sts:AssumeRole"),
    "through the sagemaker.api endpoint": (ASSUME, replace(PATHS, sts=PATHS.sagemaker_api), DENIED, "sts:AssumeRole"),
    "through no endpoint": (ASSUME, replace(PATHS, sts=None), DENIED, "sts:AssumeRole"),
    "without saying for whom": (
        {name: value for name, value in ASSUME.items() if name != "SourceIdentity"},
        PATHS,
        DENIED,
        "sts:AssumeRole",
    ),
    "the function's own role": (
        {**ASSUME, "RoleArn": "arn:aws:iam::111122223333:role/studio-gate-FunctionRole"},
        PATHS,
        DENIED,
        "sts:AssumeRole",
    ),
    "a role that is not there": (
        {**ASSUME, "RoleArn": "arn:aws:iam::111122223333:role/other"},
        PATHS,
        DENIED,
        "sts:AssumeRole",
    ),
    "the role of that name in another account": (
        {**ASSUME, "RoleArn": "arn:aws:iam::999988887777:role/studio-gate-minting"},
        PATHS,
        DENIED,
        "sts:AssumeRole",
    ),
    "with a tag": ({**ASSUME, "Tags": [{"Key": "a", "Value": "b"}]}, PATHS, DENIED, "sts:AssumeRole"),
    "with a managed policy": (
        {**ASSUME, "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]},
        PATHS,
        DENIED,
        "sts:AssumeRole",
    ),
}


@pytest.mark.parametrize(("asked", "paths", "expected", "action"), ASSUME_ROLE.values(), ids=ASSUME_ROLE.keys())
def test_assume_role(here: Aws, asked: Mapping[str, Any], paths: Paths, expected: tuple[int, str], action: str) -> None:
    with enforced(paths):
        *answer, message = refusal(here.client("sts"), "assume_role", asked)
    assert (*answer,) == expected
    assert message == (denied(FUNCTION, action, asked["RoleArn"]) if action else "")
    assert len(studio.assumed_roles()) == (expected[0] == 200)


SESSION = "arn:aws:sts::111122223333:assumed-role/studio-gate-minting/alice"
MINT = "sagemaker:CreatePresignedDomainUrl"
MINTED: dict[str, tuple[str | None, Mapping[str, str], Paths, bool]] = {
    "the profile of the session": (policy(), ALICE, PATHS, True),
    "another profile than the session's": (policy(), {**ALICE, "UserProfileName": "bob"}, PATHS, False),
    "another profile, by a session without a policy": (None, {**ALICE, "UserProfileName": "bob"}, PATHS, True),
    "any profile, by a session as wide as the role": (policy(f"{PROFILE}/*"), ALICE, PATHS, True),
    "through another endpoint": (policy(), ALICE, replace(PATHS, sagemaker_api=ELSEWHERE), False),
    "through no endpoint": (policy(), ALICE, replace(PATHS, sagemaker_api=None), False),
    "through no endpoint, by a session without a policy": (None, ALICE, replace(PATHS, sagemaker_api=None), False),
    "through the studio endpoint": (policy(), ALICE, replace(PATHS, sagemaker_api=PATHS.studio), True),
    "by a session for other endpoints": (
        policy(Condition={"StringEquals": {"aws:SourceVpce": ELSEWHERE}}),
        ALICE,
        PATHS,
        False,
    ),
    "by a session for another action": (policy(Action="sagemaker:DescribeDomain"), ALICE, PATHS, False),
    "by a session whose policy is wider than the role": (
        policy("*", Action="*"),
        {"DomainId": "d-other", "UserProfileName": "alice"},
        PATHS,
        False,
    ),
}


@pytest.mark.parametrize(("given", "asked", "paths", "allowed"), MINTED.values(), ids=MINTED.keys())
def test_minting(here: Aws, given: str | None, asked: Mapping[str, str], paths: Paths, allowed: bool) -> None:  # noqa: FBT001 - a column
    studio.seed(
        studio.Domain("d-other", user_profiles=(studio.UserProfile("alice"),)),
        account_id="111122223333",
        region="eu-central-1",
    )
    with enforced(paths):
        session = here.client("sts").assume_role(**ASSUME, **({"Policy": given} if given else {}))["Credentials"]
        status, code, message = refusal(here.client("sagemaker", session), "create_presigned_domain_url", asked)
    assert (status, code) == ((200, "") if allowed else (400, "AccessDeniedException"))
    resource = f"{PROFILE.rpartition('/')[0]}/{asked['DomainId']}/{asked['UserProfileName']}"
    assert message == ("" if allowed else denied(SESSION, MINT, resource))
    assert len(studio.mints()) == allowed


OTHER_CALLS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "describe the domain": ("describe_domain", {"DomainId": DOMAIN}),
    "describe the profile": ("describe_user_profile", ALICE),
    "describe a space": ("describe_space", {"DomainId": DOMAIN, "SpaceName": "lab"}),
}


@pytest.mark.parametrize(("operation", "asked"), OTHER_CALLS.values(), ids=OTHER_CALLS.keys())
def test_a_minting_session_cannot(here: Aws, operation: str, asked: Mapping[str, Any]) -> None:
    with enforced() as it:
        session = here.client("sts").assume_role(**ASSUME)["Credentials"]
        assert refusal(here.client("sagemaker", session), operation, asked)[:2] == (400, "AccessDeniedException")
        assert it.unsupported == []


UNKNOWN_CALLS: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "list the domains": ("sagemaker", "list_domains", {}),
    "delete the profile": ("sagemaker", "delete_user_profile", ALICE),
    "get a session token": ("sts", "get_session_token", {}),
}


@pytest.mark.parametrize(("service", "operation", "asked"), UNKNOWN_CALLS.values(), ids=UNKNOWN_CALLS.keys())
def test_a_call_whose_resource_is_not_known_is_refused_and_reported(
    here: Aws, service: str, operation: str, asked: Mapping[str, Any]
) -> None:
    with enforced() as it:
        session = here.client("sts").assume_role(**ASSUME)["Credentials"]
        assert refusal(here.client(service, session), operation, asked)[1].startswith("AccessDenied")
        assert len(it.unsupported) == 1


def test_the_function_itself_cannot_mint(called: Aws) -> None:
    with enforced():
        answer = refusal(called.client("sagemaker"), "create_presigned_domain_url", ALICE)
    assert answer == (400, "AccessDeniedException", denied(FUNCTION, MINT, f"{PROFILE}/alice"))


def test_a_minting_session_cannot_assume_its_role_again(here: Aws) -> None:
    with enforced():
        session = here.client("sts").assume_role(**ASSUME)["Credentials"]
        assert refusal(here.client("sts", session), "assume_role", ASSUME)[:2] == DENIED


def test_everybody_may_ask_who_they_are(here: Aws) -> None:
    with enforced():
        session = here.client("sts").assume_role(**ASSUME)["Credentials"]
        assert here.client("sts", session).get_caller_identity()["Arn"] == SESSION


KEYS = {"sts": ("assume_role", ASSUME, 403, "InvalidClientTokenId")}
KEYS["sagemaker"] = ("create_presigned_domain_url", ALICE, 400, "UnrecognizedClientException")


@pytest.mark.parametrize("service", KEYS)
def test_a_key_that_nobody_issued_is_refused(called: Aws, service: str) -> None:
    operation, asked, status, code = KEYS[service]
    client = called.client(service, {"AccessKeyId": "AKIAEXAMPLEEXAMPLE01"})
    with enforced():
        assert refusal(client, operation, asked)[:2] == (status, code)


def test_a_session_of_a_role_that_the_stack_does_not_have_is_unknown(here: Aws) -> None:
    role = {**ASSUME, "RoleArn": "arn:aws:iam::111122223333:role/other"}
    session = here.client("sts").assume_role(**role)["Credentials"]
    with enforced():
        answer = refusal(here.client("sagemaker", session), "create_presigned_domain_url", ALICE)
        assert answer[:2] == (400, "UnrecognizedClientException")


def test_a_session_ends_with_its_credentials(called: Aws) -> None:
    clock = Clock()
    with enforced(clock=clock):
        session = called.client("sts").assume_role(**ASSUME, DurationSeconds=900)["Credentials"]
        client = called.client("sagemaker", session)
        clock.ahead = timedelta(seconds=890)
        assert refusal(client, "create_presigned_domain_url", ALICE)[0] == 200
        clock.ahead = timedelta(seconds=900)
        assert refusal(client, "create_presigned_domain_url", ALICE)[:2] == (400, "ExpiredTokenException")
        assert refusal(called.client("sts", session), "get_caller_identity", {})[:2] == (403, "ExpiredToken")


NOT_EVALUATED = {
    "an operator": policy(Condition={"StringNotEqualsIfExists": {"aws:SourceVpce": ELSEWHERE}}),
    "a key": policy(Condition={"StringEquals": {"aws:SourceVpc": "vpc-0"}}),
    "a variable": policy(f"{PROFILE}/${{aws:username}}"),
    "NotAction": policy(NotAction="sagemaker:CreateApp"),
    "a list in place of a policy": "[]",
    "a policy without a version": json.dumps({"Statement": []}),
}


@pytest.mark.parametrize("given", NOT_EVALUATED.values(), ids=NOT_EVALUATED.keys())
def test_a_session_policy_that_is_not_known_here_allows_nothing(
    here: Aws, given: str, caplog: pytest.LogCaptureFixture
) -> None:
    with enforced() as it:
        session = here.client("sts").assume_role(**ASSUME, Policy=given)["Credentials"]
        answer = refusal(here.client("sagemaker", session), "create_presigned_domain_url", ALICE)
        assert answer[:2] == (400, "AccessDeniedException")
        assert len(it.unsupported) == 1
    assert "Not evaluated, so refused" in caplog.text


def test_what_is_malformed_is_that_first(called: Aws) -> None:
    with enforced(replace(PATHS, sts=None)):
        answer = refusal(called.client("sts"), "assume_role", {**ASSUME, "RoleArn": "no-role-but-long-enough"})
        assert answer[:2] == (400, "ValidationError")
        answer = refusal(called.client("sagemaker"), "describe_domain", {"DomainId": "d_1"})
        assert answer[:2] == (400, "ValidationException")


def test_nothing_is_enforced_before_and_afterwards(called: Aws) -> None:
    def status(key: str | None) -> int:
        client = called.client("sts", {"AccessKeyId": key} if key else None)
        return refusal(client, "assume_role", ASSUME)[0]

    unknown = "ASIAEXAMPLEEXAMPLE01"
    assert (status(None), status(unknown)) == (200, 200)
    with enforced():
        assert (status(None), status(unknown)) == (200, 403)
        with enforced(replace(PATHS, sts=None)):
            assert status(None) == 403
        assert status(None) == 200
    assert (status(None), status(unknown)) == (200, 200)


STACKS: dict[str, tuple[str, Any]] = {
    "a managed policy": ("ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
    "a permissions boundary": ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    "a path": ("Path", "/gate/"),
}


@pytest.mark.parametrize(("name", "value"), STACKS.values(), ids=STACKS.keys())
def test_a_role_with_what_is_not_read_here_is_not_enforced_but_refused(name: str, value: object) -> None:
    stack = resources()
    role = {**stack["MintingRole"], "Properties": {**stack["MintingRole"]["Properties"], name: value}}
    broken = {**stack, "MintingRole": role}
    with (
        pytest.raises(UnsupportedPolicyError, match=f"MintingRole: {name}"),
        enforcement.enforce(broken, example.ACCOUNT, PATHS),
    ):
        pass


@pytest.mark.parametrize(
    "kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::EC2::VPCEndpoint"]
)
def test_a_policy_attached_from_outside_is_refused(kind: str) -> None:
    stack = resources() | {"Extra": {"Type": kind, "Properties": {}}}
    with pytest.raises(UnsupportedPolicyError, match="Extra"), enforcement.enforce(stack, example.ACCOUNT, PATHS):
        pass


def test_a_function_whose_role_is_not_in_the_stack_is_refused() -> None:
    stack = {name: one for name, one in resources().items() if name != "FunctionRole"}
    with pytest.raises(ValueError, match="not in the stack"), enforcement.enforce(stack, example.ACCOUNT, PATHS):
        pass
