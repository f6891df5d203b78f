"""What a role has to be allowed for each call: to describe and list, to make a profile, to mint; and nothing more."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import enforcement, example, studio
from localaws.enforcement import Role, issue
from localaws.policy.documents import VERSION
from tests.site.minting import HERE, HOME, THERE, WIDER
from tests.site.world import Aws, resources

ARN = f"arn:aws:sagemaker:{HOME}:{HERE}"
EXECUTION = f"arn:aws:iam::{HERE}:role/execution"
ALICE = {"DomainId": "d-own", "UserProfileName": "alice"}
BOB = {"DomainId": "d-own", "UserProfileName": "bob"}
LAB = {"DomainId": "d-own", "SpaceName": "lab"}
APP = {**LAB, "AppType": "JupyterLab", "AppName": "default"}
TAGS = [{"Key": "owner", "Value": "bob"}]
ROLE_GIVEN = {"UserSettings": {"ExecutionRole": EXECUTION}}
PASSES = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}

# The call, what it is asked, and everything that it needs: pairs of action and resource.
CALLS: dict[str, tuple[str, Mapping[str, Any], tuple[tuple[str, str], ...]]] = {
    "describe a domain": ("describe_domain", {"DomainId": "d-own"}, (("DescribeDomain", f"{ARN}:domain/d-own"),)),
    "describe a profile": (
        "describe_user_profile",
        ALICE,
        (("DescribeUserProfile", f"{ARN}:user-profile/d-own/alice"),),
    ),
    "describe a space": ("describe_space", LAB, (("DescribeSpace", f"{ARN}:space/d-own/lab"),)),
    "describe an app": ("describe_app", APP, (("DescribeApp", f"{ARN}:app/d-own/lab/jupyterlab/default"),)),
    "describe a notebook instance": (
        "describe_notebook_instance",
        {"NotebookInstanceName": "nb"},
        (("DescribeNotebookInstance", f"{ARN}:notebook-instance/nb"),),
    ),
    "describe a tracking server": (
        "describe_mlflow_tracking_server",
        {"TrackingServerName": "tries"},
        (("DescribeMlflowTrackingServer", f"{ARN}:mlflow-tracking-server/tries"),),
    ),
    "list profiles": ("list_user_profiles", {}, (("ListUserProfiles", "*"),)),
    "list spaces": ("list_spaces", {"DomainIdEquals": "d-own"}, (("ListSpaces", "*"),)),
    "list apps": ("list_apps", {"SpaceNameEquals": "lab"}, (("ListApps", "*"),)),
    "list notebook instances": ("list_notebook_instances", {}, (("ListNotebookInstances", "*"),)),
    "list tracking servers": ("list_mlflow_tracking_servers", {}, (("ListMlflowTrackingServers", "*"),)),
    "list tags": (
        "list_tags",
        {"ResourceArn": f"{ARN}:user-profile/d-own/alice"},
        (("ListTags", f"{ARN}:user-profile/d-own/alice"),),
    ),
    "add tags": (
        "add_tags",
        {"ResourceArn": f"{ARN}:space/d-own/lab", "Tags": TAGS},
        (("AddTags", f"{ARN}:space/d-own/lab"),),
    ),
    "make a profile": ("create_user_profile", BOB, (("CreateUserProfile", f"{ARN}:user-profile/d-own/bob"),)),
    "make a profile with tags": (
        "create_user_profile",
        {**BOB, "Tags": TAGS},
        (
            ("CreateUserProfile", f"{ARN}:user-profile/d-own/bob"),
            ("AddTags", f"{ARN}:user-profile/d-own/bob"),
        ),
    ),
    "make a profile with a role": (
        "create_user_profile",
        {**BOB, **ROLE_GIVEN},
        (("CreateUserProfile", f"{ARN}:user-profile/d-own/bob"), ("iam:PassRole", EXECUTION)),
    ),
    "run an app": (
        "create_app",
        {**APP, "AppName": "second"},
        (("CreateApp", f"{ARN}:app/d-own/lab/jupyterlab/second"),),
    ),
    "stop an app": ("delete_app", APP, (("DeleteApp", f"{ARN}:app/d-own/lab/jupyterlab/default"),)),
    "mint a URL of a notebook instance": (
        "create_presigned_notebook_instance_url",
        {"NotebookInstanceName": "nb"},
        (("CreatePresignedNotebookInstanceUrl", f"{ARN}:notebook-instance/nb"),),
    ),
    "mint a URL of a tracking server": (
        "create_presigned_mlflow_tracking_server_url",
        {"TrackingServerName": "tries"},
        (("CreatePresignedMlflowTrackingServerUrl", f"{ARN}:mlflow-tracking-server/tries"),),
    ),
}


def allow(action: str, resource: str, condition: Mapping[str, object] | None = None) -> dict[str, Any]:
    name = action if ":" in action else f"sagemaker:{action}"
    return {"Effect": "Allow", "Action": name, "Resource": resource, "Condition": condition or {}}


def role_with(*statements: Mapping[str, Any]) -> Role:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    nothing = allow("s3:GetObject", "arn:aws:s3:::bucket/*")
    policy = {"Version": VERSION, "Statement": [nothing, *statements]}
    return Role(f"arn:aws:iam::{HERE}:role/tried", {"Version": VERSION, "Statement": [trust]}, {"tried": policy})


@contextmanager
def client_with(aws: Aws, *statements: Mapping[str, Any]) -> Iterator[tuple[Any, enforcement.Enforcement]]:
    role = role_with(*statements)
    with enforcement.enforce(resources(), example.ACCOUNT, WIDER, others=[role]) as it:
        yield aws.client("sagemaker", issue(role, HOME)), it


def code(client: Any, call: str, asked: Mapping[str, Any]) -> str:  # noqa: ANN401 - a client
    try:
        getattr(client, call)(**asked)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def seeded(here: Aws) -> Aws:
    domain = studio.Domain(
        "d-own",
        user_profiles=(studio.UserProfile("alice", tags={"owner": "alice"}),),
        spaces=(studio.Space("lab", tags={"team": "red"}),),
        apps=(studio.App("JupyterLab", space="lab"),),
    )
    seeds = (domain, studio.NotebookInstance("nb", tags={"team": "red"}), studio.TrackingServer("tries"))
    studio.seed(*seeds, account_id=HERE, region=HOME)
    return here


@pytest.mark.parametrize(("call", "asked", "needed"), CALLS.values(), ids=CALLS.keys())
def test_it_takes_exactly_this_to(
    seeded: Aws, call: str, asked: Mapping[str, Any], needed: tuple[tuple[str, str], ...]
) -> None:
    statements = [allow(*one) for one in needed]
    for left in range(len(needed)):
        with client_with(seeded, *statements[:left], *statements[left + 1 :]) as (client, it):
            assert code(client, call, asked) == "AccessDeniedException"
            assert it.unsupported == []
    with client_with(seeded, *statements) as (client, _):
        assert code(client, call, asked) == ""


@pytest.mark.parametrize(("call", "asked", "needed"), CALLS.values(), ids=CALLS.keys())
def test_through_another_endpoint_it_is_refused(
    seeded: Aws, call: str, asked: Mapping[str, Any], needed: tuple[tuple[str, str], ...]
) -> None:
    here = {"StringEquals": {"aws:SourceVpce": WIDER.studio}}
    with client_with(seeded, *(allow(*one, here) for one in needed)) as (client, _):
        assert code(client, call, asked) == "AccessDeniedException"


PROFILE = f"{ARN}:user-profile/d-own"
CONDITIONS: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any], bool]] = {
    "a profile by its owner's tag": (
        "describe_user_profile",
        ALICE,
        {"StringEquals": {"sagemaker:ResourceTag/owner": "alice"}},
        True,
    ),
    "a profile by the tag's other name": (
        "describe_user_profile",
        ALICE,
        {"StringEquals": {"aws:ResourceTag/owner": "alice"}},
        True,
    ),
    "a profile of another owner": (
        "describe_user_profile",
        ALICE,
        {"StringEquals": {"sagemaker:ResourceTag/owner": "bob"}},
        False,
    ),
    "a profile by a tag that it has not": (
        "describe_user_profile",
        ALICE,
        {"StringEquals": {"sagemaker:ResourceTag/team": "red"}},
        False,
    ),
    "a space by its tag": ("describe_space", LAB, {"StringEquals": {"sagemaker:ResourceTag/team": "red"}}, True),
    "a notebook instance, which moto holds, by its tag": (
        "create_presigned_notebook_instance_url",
        {"NotebookInstanceName": "nb"},
        {"StringEquals": {"sagemaker:ResourceTag/team": "red"}},
        True,
    ),
    "a profile that is made for an owner": (
        "create_user_profile",
        {**BOB, "Tags": TAGS},
        {"StringEquals": {"aws:RequestTag/owner": "bob"}},
        True,
    ),
    "a profile that is made for another owner": (
        "create_user_profile",
        {**BOB, "Tags": TAGS},
        {"StringEquals": {"aws:RequestTag/owner": "alice"}},
        False,
    ),
    "a profile from the function's subnets": (
        "describe_user_profile",
        ALICE,
        {"IpAddress": {"aws:VpcSourceIp": "10.20.1.0/24"}},
        True,
    ),
    "a profile from others": (
        "describe_user_profile",
        ALICE,
        {"IpAddress": {"aws:VpcSourceIp": "10.20.30.0/24"}},
        False,
    ),
}


@pytest.mark.parametrize(("call", "asked", "condition", "allowed"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_a_condition_lets_through(
    seeded: Aws,
    call: str,
    asked: Mapping[str, Any],
    condition: Mapping[str, Any],
    allowed: bool,  # noqa: FBT001 - a column
) -> None:
    with client_with(seeded, allow("sagemaker:*", "*", condition)) as (client, it):
        assert code(client, call, asked) == ("" if allowed else "AccessDeniedException")
        assert it.unsupported == []


def test_tags_on_creation_can_be_told_from_tags_afterwards(seeded: Aws) -> None:
    making = allow("CreateUserProfile", f"{PROFILE}/*")
    tagging = allow("AddTags", "*", {"StringEquals": {"sagemaker:TaggingAction": "CreateUserProfile"}})
    with client_with(seeded, making, tagging) as (client, _):
        assert code(client, "create_user_profile", {**BOB, "Tags": TAGS}) == ""
        assert code(client, "add_tags", {"ResourceArn": f"{PROFILE}/bob", "Tags": TAGS}) == "AccessDeniedException"


def test_a_role_is_handed_to_sagemaker_alone(seeded: Aws) -> None:
    making = allow("CreateUserProfile", f"{PROFILE}/*")
    for service, expected in (("sagemaker", ""), ("ec2", "AccessDeniedException")):
        condition = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
        with client_with(seeded, making, allow("iam:PassRole", EXECUTION, condition)) as (client, _):
            assert code(client, "create_user_profile", {**BOB, **ROLE_GIVEN}) == expected


def test_a_role_of_another_account_cannot_be_handed_over(seeded: Aws) -> None:
    making, passing = allow("CreateUserProfile", f"{PROFILE}/*"), allow("iam:PassRole", "*", PASSES)
    theirs = {"UserSettings": {"ExecutionRole": EXECUTION.replace(HERE, THERE)}}
    with client_with(seeded, making, passing) as (client, _):
        assert code(client, "create_user_profile", {**BOB, **theirs}) == "AccessDeniedException"
