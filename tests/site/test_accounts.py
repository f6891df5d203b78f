"""Other accounts and regions: who may assume a role there, with which external id, and what it then sees."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import enforcement, example, studio
from localaws.enforcement import Paths, Role
from tests.site.minting import ABROAD, EXTERNAL_ID, HOME, REGION, THERE, WIDER, assume, may_assume, role
from tests.site.world import ELSEWHERE, MINTING_ROLE, PATHS, Aws, resources, world
from tests.stack.mutations import Mutation

DOMAIN, MINT = "d-theirs", "sagemaker:CreatePresignedDomainUrl"
ALICE = {"DomainId": DOMAIN, "UserProfileName": "alice"}


def their_profile(region: str) -> str:
    return f"arn:aws:sagemaker:{region}:{THERE}:user-profile/{DOMAIN}/alice"


ALLOWS = tuple((MINT, their_profile(region)) for region in (HOME, ABROAD))
PLAIN, WITH_ID = role(THERE, *ALLOWS), role(THERE, *ALLOWS, external_id=EXTERNAL_ID)
ID = {"ExternalId": EXTERNAL_ID}


@contextmanager
def enforced(one: Role, mutation: Mutation | None = None, paths: Paths = WIDER) -> Iterator[enforcement.Enforcement]:
    stack = resources(mutation or may_assume(one.arn))
    with enforcement.enforce(stack, example.ACCOUNT, paths, others=[one]) as it:
        yield it


def status(client: object, operation: str, asked: Mapping[str, Any]) -> int:
    try:
        getattr(client, operation)(**asked)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


@pytest.fixture
def seeded(here: Aws) -> Aws:
    for region in (HOME, ABROAD):
        domain = studio.Domain(DOMAIN, user_profiles=(studio.UserProfile("alice"),))
        studio.seed(domain, account_id=THERE, region=region)
    return here


ASSUMED: dict[str, tuple[Role, Mapping[str, str], Mutation | None, Paths, int]] = {
    "without an external id, which nobody asks for": (PLAIN, {}, None, WIDER, 200),
    "with an external id, which nobody asks for": (PLAIN, ID, None, WIDER, 200),
    "with the external id": (WITH_ID, ID, None, WIDER, 200),
    "without the external id": (WITH_ID, {}, None, WIDER, 403),
    "with another external id": (WITH_ID, {"ExternalId": "gate-of-others"}, None, WIDER, 403),
    "with the external id in capitals": (WITH_ID, {"ExternalId": EXTERNAL_ID.upper()}, None, WIDER, 403),
    "where the function's role may not": (WITH_ID, ID, may_assume(), WIDER, 403),
    "where the role trusts another": (
        enforcement.minting_role(
            WITH_ID.arn, "arn:aws:iam::111122223333:role/other", allows=(), endpoints=[], sts_endpoint=str(PATHS.sts)
        ),
        {},
        None,
        WIDER,
        403,
    ),
    "through another endpoint": (WITH_ID, ID, None, replace(WIDER, sts=ELSEWHERE), 403),
}


@pytest.mark.parametrize(("one", "more", "mutation", "paths", "expected"), ASSUMED.values(), ids=ASSUMED.keys())
def test_a_role_of_another_account_is_assumed(
    here: Aws, one: Role, more: Mapping[str, str], mutation: Mutation | None, paths: Paths, expected: int
) -> None:
    asked = {"RoleArn": one.arn, "RoleSessionName": "alice", "SourceIdentity": "alice", **more}
    with enforced(one, mutation, paths) as it:
        assert status(here.client("sts"), "assume_role", asked) == expected
        assert it.unsupported == []
    assert len(studio.assumed_roles()) == (expected == 200)


def test_set_source_identity_is_needed_on_both_sides(here: Aws) -> None:
    stack = resources(may_assume(PLAIN.arn))
    statements = stack["FunctionRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    (statement,) = (one for one in statements if one["Sid"] == "AssumeTheMintingRole")
    statement["Action"] = "sts:AssumeRole"
    asked = {"RoleArn": PLAIN.arn, "RoleSessionName": "alice", "SourceIdentity": "alice"}
    with enforcement.enforce(stack, example.ACCOUNT, WIDER, others=[PLAIN]):
        assert status(here.client("sts"), "assume_role", asked) == 403


def test_a_role_that_nobody_registered_is_refused(here: Aws) -> None:
    asked = {"RoleArn": PLAIN.arn, "RoleSessionName": "alice", "SourceIdentity": "alice"}
    with enforcement.enforce(resources(may_assume(PLAIN.arn)), example.ACCOUNT, WIDER):
        assert status(here.client("sts"), "assume_role", asked) == 403


MINTED: dict[str, tuple[Mapping[str, str], str, Paths, int]] = {
    "what is the other account's": (ALICE, HOME, WIDER, 200),
    "what is the other account's in another region": (ALICE, ABROAD, WIDER, 200),
    "in a region without an endpoint": (ALICE, ABROAD, replace(WIDER, regions={}), 400),
    "in another region, through another endpoint": (
        ALICE,
        ABROAD,
        replace(WIDER, regions={ABROAD: replace(REGION, sagemaker_api=ELSEWHERE)}),
        400,
    ),
    "another profile there": ({**ALICE, "UserProfileName": "bob"}, HOME, WIDER, 400),
    "what is the gate's own account's": (
        {"DomainId": "d-research01234", "UserProfileName": "alice"},
        HOME,
        WIDER,
        400,
    ),
}


@pytest.mark.parametrize(("asked", "region", "paths", "expected"), MINTED.values(), ids=MINTED.keys())
def test_a_session_of_another_account_mints(
    seeded: Aws, asked: Mapping[str, str], region: str, paths: Paths, expected: int
) -> None:
    with enforced(WITH_ID, paths=paths):
        session = assume(seeded, WITH_ID.arn, **ID)
        assert status(seeded.client("sagemaker", session, region), "create_presigned_domain_url", asked) == expected
    assert len(studio.mints(THERE, region)) == len(studio.mints()) == (expected == 200)


@pytest.mark.parametrize("region", [HOME, ABROAD])
def test_its_url_opens_through_the_endpoint_of_its_region(seeded: Aws, region: str) -> None:
    with world(may_assume(WITH_ID.arn), paths=WIDER, others=[WITH_ID]) as opened:
        client = seeded.client("sagemaker", assume(seeded, WITH_ID.arn, **ID), region)
        url = client.create_presigned_domain_url(**ALICE)["AuthorizedUrl"]
        redeemed = opened.get(url, opened.site.inside)
        assert redeemed.status == 302
        page = opened.get(f"https://{DOMAIN}.studio.{region}.sagemaker.aws/", opened.site.inside, redeemed.cookie)
        assert (page.status, DOMAIN in page.body) == (200, True)
        assert [opened.get(url, port).status for port in (opened.site.elsewhere, opened.site.internet)] == [403, 403]


def test_the_gates_own_minting_role_has_nothing_there(seeded: Aws) -> None:
    with enforced(WITH_ID):
        session = assume(seeded, MINTING_ROLE)
        assert status(seeded.client("sagemaker", session), "create_presigned_domain_url", ALICE) == 400


def test_a_session_keeps_the_identity_that_it_came_with(here: Aws) -> None:
    first = assume(here, MINTING_ROLE)
    here.client("sts", first).assume_role(RoleArn=PLAIN.arn, RoleSessionName="again")
    assert [one.source_identity for one in studio.assumed_roles(THERE)] == ["alice"]
