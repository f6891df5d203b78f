"""The committed roles of other accounts, and the stack's own that look and make, in force on the laptop."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import enforcement, example, studio, template
from localaws.enforcement import Paths
from localaws.enforcement.stack import roles_of
from tests.policy.further import API_THERE, EXTERNAL_ID, NOTEBOOK_THERE, PARAMETERS_THERE, STUDIO_THERE, THERE
from tests.policy.further import source_there as source
from tests.site.world import DOMAIN, ELSEWHERE, PATHS, Aws
from tests.stack import stacks

ABROAD = Paths(None, API_THERE, STUDIO_THERE, NOTEBOOK_THERE)
WIDER = replace(PATHS, regions={THERE.region: ABROAD})
ALICE = {"DomainId": DOMAIN, "UserProfileName": "alice"}
FOR_ALICE = {"RoleSessionName": "alice", "SourceIdentity": "alice"}
LOOKING, ID = {"RoleSessionName": "directory"}, {"ExternalId": EXTERNAL_ID}
MAKING = {"UserSettings": {"ExecutionRole": stacks.FURTHER["ProfileExecutionRoleArns"].split(",")[0]}}
DOES: dict[str, tuple[str, Mapping[str, Any], str, Mapping[str, Any], Paths, int]] = {
    "mints there": (
        "roles-minting",
        FOR_ALICE | ID,
        "create_presigned_domain_url",
        ALICE,
        WIDER,
        200,
    ),
    "mints nothing there through another endpoint": (
        "roles-minting",
        FOR_ALICE | ID,
        "create_presigned_domain_url",
        ALICE,
        replace(WIDER, regions={THERE.region: replace(ABROAD, sagemaker_api=ELSEWHERE)}),
        400,
    ),
    "does not look there with what mints": (
        "roles-minting",
        FOR_ALICE | ID,
        "describe_user_profile",
        ALICE,
        WIDER,
        400,
    ),
    "looks there": ("roles-directory", LOOKING | ID, "describe_user_profile", ALICE, WIDER, 200),
    "lists there": ("roles-directory", LOOKING | ID, "list_spaces", {"DomainIdEquals": DOMAIN}, WIDER, 200),
    "never mints there with what looks": (
        "roles-directory",
        LOOKING | ID,
        "create_presigned_domain_url",
        ALICE,
        WIDER,
        400,
    ),
    "looks here": ("directory", LOOKING, "describe_user_profile", ALICE, WIDER, 200),
    "never mints here with what looks": ("directory", LOOKING, "create_presigned_domain_url", ALICE, WIDER, 400),
    "makes no profile with what looks": (
        "directory",
        LOOKING,
        "create_user_profile",
        ALICE | {"UserProfileName": "dave"},
        WIDER,
        400,
    ),
    "makes a profile here, with a tag and an execution role": (
        "profile-making",
        FOR_ALICE,
        "create_user_profile",
        {"DomainId": DOMAIN, "UserProfileName": "dave", "Tags": [{"Key": "owner", "Value": "dave"}], **MAKING},
        WIDER,
        200,
    ),
    "makes no profile with another execution role": (
        "profile-making",
        FOR_ALICE,
        "create_user_profile",
        {
            "DomainId": DOMAIN,
            "UserProfileName": "dave",
            "UserSettings": {"ExecutionRole": "arn:aws:iam::111122223333:role/administrator"},
        },
        WIDER,
        400,
    ),
}
ASSUMED: dict[str, tuple[str, Mapping[str, str], int]] = {
    "minting there without an external id": ("roles-minting", FOR_ALICE, 403),
    "minting there with another": ("roles-minting", FOR_ALICE | {"ExternalId": "other"}, 403),
    "minting there for nobody": ("roles-minting", {"RoleSessionName": "alice"} | ID, 403),
    "looking there without an external id": ("roles-directory", LOOKING, 403),
    "looking for somebody": ("directory", FOR_ALICE, 403),
    "making for nobody": ("profile-making", LOOKING, 403),
    "making for somebody": ("profile-making", FOR_ALICE, 200),
}


@contextmanager
def enforced(paths: Paths = WIDER) -> Iterator[enforcement.Enforcement]:
    here = template.create(stacks.source(), stacks.EXAMPLE | stacks.FURTHER, stacks.HERE)
    others = roles_of(template.create(source(), PARAMETERS_THERE, THERE), THERE).values()
    with enforcement.enforce(here, example.ACCOUNT, paths, others=others) as it:
        yield it


def arn(name: str) -> str:
    account = THERE.id if name.startswith("roles-") else stacks.HERE.id
    return f"arn:aws:iam::{account}:role/studio-gate-{name}"


def status(client: object, operation: str, asked: Mapping[str, Any]) -> int:
    try:
        getattr(client, operation)(**asked)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


@pytest.mark.parametrize(("name", "more", "operation", "asked", "paths", "expected"), DOES.values(), ids=DOES.keys())
def test_a_role(
    here: Aws,
    name: str,
    more: Mapping[str, Any],
    operation: str,
    asked: Mapping[str, Any],
    paths: Paths,
    expected: int,
) -> None:
    region = THERE.region if name.startswith("roles-") else stacks.HERE.region
    domain = studio.Domain(DOMAIN, user_profiles=(studio.UserProfile("alice"),))
    if region == THERE.region:
        studio.seed(domain, account_id=THERE.id, region=region)
    with enforced(paths) as it:
        session = here.client("sts").assume_role(RoleArn=arn(name), **more)["Credentials"]
        assert status(here.client("sagemaker", session, region), operation, asked) == expected
        assert it.unsupported == []
    assert len(studio.mints()) == (expected == 200 and operation.startswith("create_presigned"))


@pytest.mark.parametrize(("name", "more", "expected"), ASSUMED.values(), ids=ASSUMED.keys())
def test_a_role_is_assumed(here: Aws, name: str, more: Mapping[str, str], expected: int) -> None:
    with enforced():
        assert status(here.client("sts"), "assume_role", {"RoleArn": arn(name), **more}) == expected


FURTHER = {"": (None, None), "vpce-0a": ("vpce-0a", None), "vpce-0a,vpce-0b": ("vpce-0a", "vpce-0b")}


@pytest.mark.parametrize(("given", "expected"), FURTHER.items(), ids=["none", "one", "two"])
def test_further_endpoints_are_for_notebooks_then_for_experiments(
    given: str, expected: tuple[str | None, str | None]
) -> None:
    paths = Paths.of(stacks.EXAMPLE | {"UseEndpointIds": given})
    assert (paths.notebook, paths.experiments) == expected
