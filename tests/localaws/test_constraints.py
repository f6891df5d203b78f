"""Which parameter checks fire on the server side, where the client was told to check nothing."""

import json
import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator
from moto.core.utils import get_service_model
from mypy_boto3_sagemaker import SageMakerClient

from localaws import constraints, studio
from localaws.enforcement.guard import Guarded
from localaws.studio import Domain, UserProfile
from localaws.studio_api import StudioResponse
from tests.localaws.clients import Refusal

ALICE = {"DomainId": "d-one", "UserProfileName": "alice"}
NAME = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


def violation(at: str, value: object, constraint: str) -> str:
    return f"Value '{value}' at '{at}' failed to satisfy constraint: {constraint}"


def pattern(at: str, value: str, expected: str = NAME) -> str:
    return violation(at, value, f"Member must satisfy regular expression pattern: {expected}")


MINT_REFUSALS = [
    pytest.param(
        {"ExpiresInSeconds": 4},
        violation("expiresInSeconds", 4, "Member must have value greater than or equal to 5"),
        id="an expiry under 5 seconds",
    ),
    pytest.param(
        {"ExpiresInSeconds": 301},
        violation("expiresInSeconds", 301, "Member must have value less than or equal to 300"),
        id="an expiry over 300 seconds",
    ),
    pytest.param(
        {"SessionExpirationDurationInSeconds": 1799},
        violation("sessionExpirationDurationInSeconds", 1799, "Member must have value greater than or equal to 1800"),
        id="a session under 30 minutes",
    ),
    pytest.param(
        {"SessionExpirationDurationInSeconds": 43201},
        violation("sessionExpirationDurationInSeconds", 43201, "Member must have value less than or equal to 43200"),
        id="a session over 12 hours",
    ),
    pytest.param(
        {"LandingUri": "x" * 1024},
        violation("landingUri", "x" * 1024, "Member must have length less than or equal to 1023"),
        id="a landing URI of 1024 characters",
    ),
    pytest.param(
        {"UserProfileName": "a-" * 31 + "ab"},
        violation("userProfileName", "a-" * 31 + "ab", "Member must have length less than or equal to 63"),
        id="a name of 64 characters that the pattern alone accepts",
    ),
    pytest.param({"UserProfileName": ""}, pattern("userProfileName", ""), id="an empty name"),
    pytest.param(
        {"UserProfileName": "alice\n"}, pattern("userProfileName", "alice\n"), id="a name with a trailing newline"
    ),
    pytest.param(
        {"UserProfileName": "al.ice@example"}, pattern("userProfileName", "al.ice@example"), id="a mail address"
    ),
    pytest.param({"UserProfileName": "alice-"}, pattern("userProfileName", "alice-"), id="a trailing hyphen"),
    pytest.param({"UserProfileName": "ålice"}, pattern("userProfileName", "ålice"), id="a letter outside ASCII"),
    pytest.param({"SpaceName": "a/b"}, pattern("spaceName", "a/b"), id="a slash in a space's name"),
    pytest.param(
        {"DomainId": "D-ONE"}, pattern("domainId", "D-ONE", "d-(-*[a-z0-9]){1,61}"), id="a domain id in capitals"
    ),
    pytest.param(
        {"DomainId": None},
        "Value at 'domainId' failed to satisfy constraint: Member must not be null",
        id="no domain id",
    ),
]


@pytest.mark.parametrize(("changed", "expected"), MINT_REFUSALS)
def test_the_server_refuses(lax: SageMakerClient, refusal: Refusal, changed: dict[str, Any], expected: str) -> None:
    studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)))
    parameters = {name: value for name, value in {**ALICE, **changed}.items() if value is not None}
    code, message = refusal(lax.create_presigned_domain_url, **parameters)
    assert (code, message) == ("ValidationException", f"1 validation error detected: {expected}")
    assert studio.mints() == ()


def test_all_violations_are_named_at_once(lax: SageMakerClient, refusal: Refusal) -> None:
    _, message = refusal(lax.create_presigned_domain_url, DomainId="x", ExpiresInSeconds=1, SpaceName="s" * 64 + "_")
    assert message.startswith("5 validation errors detected: ")
    assert [found.partition("'")[0] for found in re.findall(r"at '([^']+'?)", message)] == [
        "domainId",
        "userProfileName",
        "expiresInSeconds",
        "spaceName",
        "spaceName",
    ]


@pytest.mark.parametrize(
    ("call", "parameters", "at"),
    [
        pytest.param(
            "create_space",
            {
                "SpaceName": "lab",
                "OwnershipSettings": {"OwnerUserProfileName": "a_b"},
                "SpaceSharingSettings": {"SharingType": "Private"},
            },
            "ownershipSettings.ownerUserProfileName",
            id="a pattern inside a structure",
        ),
        pytest.param(
            "create_space",
            {
                "SpaceName": "lab",
                "OwnershipSettings": {"OwnerUserProfileName": "alice"},
                "SpaceSharingSettings": {"SharingType": "Everyone"},
            },
            "spaceSharingSettings.sharingType",
            id="a value outside an enum",
        ),
        pytest.param(
            "create_space",
            {
                "SpaceName": "lab",
                "OwnershipSettings": {},
                "SpaceSharingSettings": {"SharingType": "Private"},
            },
            "ownershipSettings.ownerUserProfileName",
            id="a member missing inside a structure",
        ),
        pytest.param(
            "create_user_profile",
            {"UserProfileName": "bob", "Tags": [{"Key": "fine", "Value": "x"}, {"Key": "a!", "Value": "x"}]},
            "tags.2.member.key",
            id="a pattern inside a list",
        ),
        pytest.param(
            "create_user_profile",
            {"UserProfileName": "bob", "Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
            "tags",
            id="a list that is too long",
        ),
    ],
)
def test_the_server_refuses_inside(
    lax: SageMakerClient, refusal: Refusal, call: str, parameters: dict[str, Any], at: str
) -> None:
    studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)))
    code, message = refusal(getattr(lax, call), DomainId="d-one", **parameters)
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value")
    assert f" at '{at}' failed to satisfy constraint: " in message


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in [
            ("a page of none", "list_user_profiles", {"MaxResults": 0}),
            ("a page of 101", "list_user_profiles", {"MaxResults": 101}),
            ("spaces sorted by what AWS does not sort by", "list_spaces", {"SortBy": "Name"}),
            ("tags of what is no ARN", "list_tags", {"ResourceArn": "alice"}),
            ("a domain id without d-", "describe_domain", {"DomainId": "one"}),
            (
                "a notebook instance with an underscore",
                "create_presigned_notebook_instance_url",
                {"NotebookInstanceName": "a_b"},
            ),
            (
                "a tracking server's name of 257 characters",
                "create_presigned_mlflow_tracking_server_url",
                {"TrackingServerName": "n" * 257},
            ),
            (
                "an MLflow app in an account of one digit",
                "create_presigned_mlflow_app_url",
                {"Arn": "arn:aws:sagemaker:us-east-1:1:mlflow-app/x"},
            ),
            (
                "a partner app whose id is too short",
                "create_partner_app_presigned_url",
                {"Arn": "arn:aws:sagemaker:us-east-1:123456789012:partner-app/x"},
            ),
            ("no partner app at all", "create_partner_app_presigned_url", {}),
        ]
    ],
)
def test_every_operation_is_checked(
    lax: SageMakerClient, refusal: Refusal, call: str, parameters: dict[str, Any]
) -> None:
    code, message = refusal(getattr(lax, call), **parameters)
    assert code == "ValidationException"
    assert "failed to satisfy constraint" in message


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"ExpiresInSeconds": "300"}, id="text for a number"),
        pytest.param({"ExpiresInSeconds": True}, id="true for a number"),
        pytest.param({"ExpiresInSeconds": 30.5}, id="a fraction for a number"),
        pytest.param({"SpaceName": ["lab"]}, id="a list for text"),
        pytest.param({"LandingUri": 7}, id="a number for text"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(lax: SageMakerClient, refusal: Refusal, changed: dict[str, Any]) -> None:
    studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)))
    assert refusal(lax.create_presigned_domain_url, **ALICE, **changed)[0] == "SerializationException"
    assert studio.mints() == ()


@pytest.mark.parametrize("body", [b"{", b"null"], ids=["half an object", "null"])
def test_a_body_that_is_no_json_object_is_refused(endpoint: str, body: bytes) -> None:
    headers = {
        "X-Amz-Target": "SageMaker.CreatePresignedDomainUrl",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20250101/us-east-1/sagemaker/aws4_request, Signature=0",
    }
    request = urllib.request.Request(endpoint, data=body, headers=headers, method="POST")  # noqa: S310 - loopback
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 - loopback
    with caught.value as answer:
        assert (answer.code, json.load(answer)["__type"]) == (400, "SerializationException")
    assert studio.mints() == ()


def test_tags_in_any_script_are_accepted(sagemaker: SageMakerClient) -> None:
    studio.seed(Domain("d-one"))
    tags = [{"Key": "Besitzerin", "Value": "Zoë Ångström 山田"}, {"Key": "a b_.:/=+-@", "Value": ""}]
    made = sagemaker.create_user_profile(DomainId="d-one", UserProfileName="zoe", Tags=tags)
    assert sagemaker.list_tags(ResourceArn=made["UserProfileArn"])["Tags"] == tags


def test_the_client_alone_would_have_let_most_of_these_through() -> None:
    shape = get_service_model("sagemaker").operation_model("CreatePresignedDomainUrl").input_shape
    stopped = set()
    for row in MINT_REFUSALS:
        changed: Any = row.values[0]
        parameters = {name: value for name, value in {**ALICE, **changed}.items() if value is not None}
        if ParamValidator().validate(parameters, shape).has_errors():
            stopped.add(row.id)
    assert stopped == {"an expiry under 5 seconds", "a session under 30 minutes", "no domain id"}


def shapes(shape: Shape | None, seen: set[str]) -> Iterator[Shape]:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    yield shape
    inner: list[Shape] = []
    if isinstance(shape, StructureShape):
        inner = list(shape.members.values())
    elif isinstance(shape, ListShape):
        inner = [shape.member]
    elif isinstance(shape, MapShape):
        inner = [shape.key, shape.value]
    for each in inner:
        yield from shapes(each, seen)


def test_every_pattern_of_every_operation_here_can_be_checked() -> None:
    model = get_service_model("sagemaker")
    own = [one for one in StudioResponse.mro() if one.__module__.startswith("localaws.") and one is not Guarded]
    names = {name for one in own for name in vars(one) if name[0] != "_"}
    ours = {"".join(part.capitalize() for part in name.split("_")) for name in names}
    assert len(ours) == 26
    seen: set[str] = set()
    reached = [found for operation in ours for found in shapes(model.operation_model(operation).input_shape, seen)]
    patterns = {found.metadata["pattern"] for found in reached if "pattern" in found.metadata}
    assert len(patterns) > 20
    assert not any(isinstance(found, MapShape) for found in reached)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for each in patterns:
            constraints._compiled(each)  # noqa: SLF001 - the question is whether it compiles at all


def test_a_null_and_an_unknown_member_are_as_if_they_were_not_there() -> None:
    sent = {**ALICE, "SpaceName": None, "Colour": "red"}
    assert constraints.known("sagemaker", "CreatePresignedDomainUrl", sent) == ALICE
