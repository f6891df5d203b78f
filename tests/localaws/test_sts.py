"""AssumeRole: what it refuses, what it records, and how a mint is tied to the role that made it."""

import json
from typing import Any

import pytest
from mypy_boto3_sts import STSClient

from localaws import studio
from localaws.studio import Domain, UserProfile
from tests.localaws.clients import Aws, Refusal

ROLE = "arn:aws:iam::111122223333:role/path/mint"
ASKED = {"RoleArn": ROLE, "RoleSessionName": "gate"}


def test_everything_asked_is_recorded_with_the_key_issued(sts: STSClient) -> None:
    asked = {
        **ASKED,
        "SourceIdentity": "alice@example.com",
        "DurationSeconds": 900,
        "ExternalId": "external:1",
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": []}),
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        "Tags": [{"Key": "owner", "Value": "alice"}],
    }
    answer = sts.assume_role(**asked)
    (seen,) = studio.assumed_roles()
    assert seen.parameters == asked
    assert seen.access_key_id == answer["Credentials"]["AccessKeyId"]
    assert seen.asked_with == "testing"
    assert answer["SourceIdentity"] == "alice@example.com"


def test_what_was_not_asked_is_not_recorded(sts: STSClient) -> None:
    answer = sts.assume_role(**ASKED)
    (seen,) = studio.assumed_roles()
    assert seen.parameters == ASKED
    assert "SourceIdentity" not in answer


def test_a_mint_is_tied_to_the_role_that_made_it(aws: Aws, sts: STSClient) -> None:
    studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)), account_id="111122223333")
    for person in ("alice", "bob"):
        answer = sts.assume_role(**ASKED, SourceIdentity=person)
        if person == "alice":
            aws.sagemaker_as(answer["Credentials"]).create_presigned_domain_url(
                DomainId="d-one", UserProfileName="alice"
            )
    (mint,) = studio.mints(account_id="111122223333")
    (made_by,) = [role for role in studio.assumed_roles() if role.access_key_id == mint.access_key_id]
    assert made_by.parameters["SourceIdentity"] == "alice"
    assert made_by.parameters["RoleArn"] == ROLE


def test_roles_are_listed_by_the_account_they_belong_to(sts: STSClient) -> None:
    sts.assume_role(**ASKED)
    sts.assume_role(**{**ASKED, "RoleArn": "arn:aws:iam::123456789012:role/other"})
    assert len(studio.assumed_roles()) == 2
    assert [role.parameters["RoleArn"] for role in studio.assumed_roles("111122223333")] == [ROLE]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"RoleSessionName": "ab", "SourceIdentity": "ab"}, id="two characters"),
        pytest.param({"RoleSessionName": "a" * 64, "SourceIdentity": "a" * 64}, id="64 characters"),
        pytest.param({"RoleSessionName": "_+=,.@-", "SourceIdentity": "_+=,.@-"}, id="every mark allowed"),
        pytest.param({"DurationSeconds": 900}, id="15 minutes"),
        pytest.param({"DurationSeconds": 43200}, id="12 hours without chaining"),
        pytest.param({"Policy": json.dumps({"Sid": "x" * 2037})}, id="a session policy of 2,048 characters"),
    ],
)
def test_accepted(sts: STSClient, more: dict[str, Any]) -> None:
    assert sts.assume_role(**{**ASKED, **more})["Credentials"]["AccessKeyId"].startswith("ASIA")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({member: value}, f"at '{member[0].lower()}{member[1:]}' failed to satisfy", id=f"{member}: {why}")
        for member, why, value in [
            ("RoleSessionName", "one character", "a"),
            ("RoleSessionName", "65 characters", "a" * 65),
            ("RoleSessionName", "a space", "a b"),
            ("RoleSessionName", "a trailing newline", "gate\n"),
            ("RoleSessionName", "a letter outside ASCII", "gäte"),
            ("SourceIdentity", "one character", "a"),
            ("SourceIdentity", "65 characters", "a" * 65),
            ("SourceIdentity", "a slash", "a/b"),
            ("SourceIdentity", "a colon", "a:b"),
            ("SourceIdentity", "a trailing newline", "alice\n"),
            ("SourceIdentity", "a letter outside ASCII", "zoë"),
            ("DurationSeconds", "under 15 minutes", 899),
            ("DurationSeconds", "over 12 hours", 43201),
            ("ExternalId", "one character", "a"),
            ("RoleArn", "too short to be one", "mint"),
            ("Policy", "over 2,048 characters", json.dumps({"Sid": "x" * 2038})),
        ]
    ],
)
def test_refused_and_not_recorded(aws: Aws, refusal: Refusal, changed: dict[str, Any], expected: str) -> None:
    lax = aws.sts(validated=False)
    code, message = refusal(lax.assume_role, **{**ASKED, **changed})
    assert code == "ValidationError"
    assert "validation error" in message
    assert expected in message
    assert studio.assumed_roles() == ()


@pytest.mark.parametrize("missing", sorted(ASKED))
def test_a_missing_parameter_is_refused(aws: Aws, refusal: Refusal, missing: str) -> None:
    lax = aws.sts(validated=False)
    code, message = refusal(lax.assume_role, **{name: value for name, value in ASKED.items() if name != missing})
    assert (code, "Member must not be null" in message) == ("ValidationError", True)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:user/alice-the-user",
        "arn:aws:iam::1111:role/account-too-short",
        "arn:aws:sts::111122223333:assumed-role/mint/gate",
        "a-role-name-without-its-arn",
    ],
)
def test_an_arn_that_is_no_roles_is_refused(sts: STSClient, refusal: Refusal, arn: str) -> None:
    assert refusal(sts.assume_role, **{**ASKED, "RoleArn": arn}) == ("ValidationError", f"{arn} is invalid")
    assert studio.assumed_roles() == ()


def test_a_session_policy_that_is_not_json_is_malformed(sts: STSClient, refusal: Refusal) -> None:
    assert refusal(sts.assume_role, **ASKED, Policy="{")[0] == "MalformedPolicyDocument"
    assert studio.assumed_roles() == ()


def test_a_chained_role_is_capped_at_one_hour(aws: Aws, sts: STSClient, refusal: Refusal) -> None:
    first = sts.assume_role(**ASKED)
    chained = aws.sts_as(first["Credentials"])
    code, message = refusal(chained.assume_role, **ASKED, DurationSeconds=3601)
    assert (code, "role chaining" in message) == ("ValidationError", True)
    chained.assume_role(**ASKED, DurationSeconds=3600)
    assert [role.asked_with for role in studio.assumed_roles()] == ["testing", first["Credentials"]["AccessKeyId"]]


def test_the_rest_of_sts_still_answers_as_moto_does(aws: Aws, sts: STSClient) -> None:
    identity = aws.sts_as(sts.assume_role(**ASKED)["Credentials"]).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::111122223333:assumed-role/mint/gate"
