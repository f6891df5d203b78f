"""User profiles, spaces and domains: made, described, listed page by page, tagged and removed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from mypy_boto3_sagemaker import SageMakerClient

from localaws import studio
from localaws.studio import Domain, Space, UserProfile
from tests.localaws.clients import Refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
OWNER = {"OwnershipSettings": {"OwnerUserProfileName": "alice"}}
PRIVATE = {"SpaceSharingSettings": {"SharingType": "Private"}}


def seed(profiles: tuple[str, ...] = ("alice",), spaces: tuple[Space, ...] = ()) -> None:
    studio.seed(Domain("d-one", user_profiles=tuple(UserProfile(name) for name in profiles), spaces=spaces))


def test_a_created_profile_is_described_in_service_with_its_settings(sagemaker: SageMakerClient) -> None:
    seed(profiles=())
    made = sagemaker.create_user_profile(
        DomainId="d-one", UserProfileName="alice", UserSettings={"ExecutionRole": "arn:aws:iam::123456789012:role/x"}
    )
    assert made["UserProfileArn"] == f"{ARN}:user-profile/d-one/alice"
    told = sagemaker.describe_user_profile(DomainId="d-one", UserProfileName="alice")
    assert told["UserProfileArn"] == made["UserProfileArn"]
    assert (told["DomainId"], told["UserProfileName"], told["Status"]) == ("d-one", "alice", "InService")
    assert told["UserSettings"] == {"ExecutionRole": "arn:aws:iam::123456789012:role/x"}
    assert abs(datetime.now(UTC) - told["CreationTime"]).total_seconds() < 60
    assert "Tags" not in told


def test_a_created_space_is_described_with_its_owner_and_sharing(sagemaker: SageMakerClient) -> None:
    seed()
    made = sagemaker.create_space(DomainId="d-one", SpaceName="lab", **OWNER, **PRIVATE)
    told = sagemaker.describe_space(DomainId="d-one", SpaceName="lab")
    assert made["SpaceArn"] == told["SpaceArn"] == f"{ARN}:space/d-one/lab"
    assert told["OwnershipSettings"] == OWNER["OwnershipSettings"]
    assert told["SpaceSharingSettings"] == PRIVATE["SpaceSharingSettings"]
    assert told["Status"] == "InService"
    assert "OwnershipSettingsSummary" not in told


def test_a_listed_space_shows_owner_and_sharing_under_the_summary_names(sagemaker: SageMakerClient) -> None:
    seed(spaces=(Space("lab", owner="alice"), Space("old")))
    lab, old = sagemaker.list_spaces(DomainIdEquals="d-one")["Spaces"]
    assert lab["OwnershipSettingsSummary"] == OWNER["OwnershipSettings"]
    assert lab["SpaceSharingSettingsSummary"] == PRIVATE["SpaceSharingSettings"]
    assert "SpaceArn" not in lab
    assert "OwnershipSettingsSummary" not in old


def test_a_space_without_an_owner_has_no_ownership_settings(sagemaker: SageMakerClient) -> None:
    seed()
    sagemaker.create_space(DomainId="d-one", SpaceName="old")
    assert "OwnershipSettings" not in sagemaker.describe_space(DomainId="d-one", SpaceName="old")


@pytest.mark.parametrize(
    ("call", "parameters", "code"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in [
            (
                "a second profile of the same name is in use",
                "create_user_profile",
                {"UserProfileName": "alice"},
                "ResourceInUse",
            ),
            ("a second space of the same name is in use", "create_space", {"SpaceName": "lab"}, "ResourceInUse"),
            (
                "a profile that owns a space cannot be deleted",
                "delete_user_profile",
                {"UserProfileName": "alice"},
                "ResourceInUse",
            ),
            (
                "an unknown profile cannot be deleted",
                "delete_user_profile",
                {"UserProfileName": "bob"},
                "ResourceNotFound",
            ),
            ("an unknown space cannot be deleted", "delete_space", {"SpaceName": "none"}, "ResourceNotFound"),
            (
                "an unknown profile cannot be described",
                "describe_user_profile",
                {"UserProfileName": "bob"},
                "ResourceNotFound",
            ),
            (
                "a profile in another case is another profile",
                "describe_user_profile",
                {"UserProfileName": "Alice"},
                "ResourceNotFound",
            ),
            ("an unknown space cannot be described", "describe_space", {"SpaceName": "none"}, "ResourceNotFound"),
            (
                "an owner that does not exist",
                "create_space",
                {
                    "SpaceName": "new",
                    "OwnershipSettings": {"OwnerUserProfileName": "bob"},
                    "SpaceSharingSettings": {"SharingType": "Private"},
                },
                "ResourceNotFound",
            ),
            (
                "ownership without sharing settings",
                "create_space",
                {"SpaceName": "new", "OwnershipSettings": {"OwnerUserProfileName": "alice"}},
                "ValidationException",
            ),
            (
                "sharing settings without ownership",
                "create_space",
                {"SpaceName": "new", "SpaceSharingSettings": {"SharingType": "Shared"}},
                "ValidationException",
            ),
            ("a domain with profiles in it cannot be deleted", "delete_domain", {}, "ResourceInUse"),
        ]
    ],
)
def test_refused(
    sagemaker: SageMakerClient, refusal: Refusal, call: str, parameters: dict[str, Any], code: str
) -> None:
    seed(spaces=(Space("lab", owner="alice"),))
    assert refusal(getattr(sagemaker, call), DomainId="d-one", **parameters)[0] == code


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("create_user_profile", {"UserProfileName": "alice"}),
        ("describe_user_profile", {"UserProfileName": "alice"}),
        ("delete_user_profile", {"UserProfileName": "alice"}),
        ("create_space", {"SpaceName": "lab"}),
        ("describe_space", {"SpaceName": "lab"}),
        ("delete_space", {"SpaceName": "lab"}),
        ("describe_domain", {}),
        ("delete_domain", {}),
    ],
)
def test_an_unknown_domain_is_not_found(
    sagemaker: SageMakerClient, refusal: Refusal, call: str, name: dict[str, str]
) -> None:
    seed(spaces=(Space("lab"),))
    code, message = refusal(getattr(sagemaker, call), DomainId="d-two", **name)
    assert (code, message) == ("ResourceNotFound", "Domain [d-two] does not exist.")


def test_what_is_deleted_is_gone_and_can_be_made_again(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed(spaces=(Space("lab", owner="alice"),))
    lab, alice = {"DomainId": "d-one", "SpaceName": "lab"}, {"DomainId": "d-one", "UserProfileName": "alice"}
    sagemaker.delete_space(**lab)
    sagemaker.delete_user_profile(**alice)
    assert refusal(sagemaker.describe_space, **lab)[0] == "ResourceNotFound"
    assert refusal(sagemaker.describe_user_profile, **alice)[0] == "ResourceNotFound"
    sagemaker.create_user_profile(**alice)
    sagemaker.delete_user_profile(**alice)
    sagemaker.delete_domain(DomainId="d-one")
    assert sagemaker.list_domains()["Domains"] == []


def test_a_list_answers_ten_at_a_time_unless_asked_otherwise(sagemaker: SageMakerClient) -> None:
    seed(profiles=tuple(f"user{number}" for number in range(25)))
    first = sagemaker.list_user_profiles()
    assert len(first["UserProfiles"]) == 10
    assert "NextToken" in first
    assert len(sagemaker.list_user_profiles(MaxResults=25)["UserProfiles"]) == 25
    assert "NextToken" not in sagemaker.list_user_profiles(MaxResults=25)


@pytest.mark.parametrize(("call", "word"), [("list_user_profiles", "UserProfile"), ("list_spaces", "Space")])
def test_all_pages_together_hold_each_name_once_in_order(sagemaker: SageMakerClient, call: str, word: str) -> None:
    names = tuple(f"name{number}" for number in range(23))
    seed(profiles=names, spaces=tuple(Space(name) for name in names))
    pages = list(sagemaker.get_paginator(call).paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page[f"{word}s"]) for page in pages] == [5, 5, 5, 5, 3]
    assert tuple(found[f"{word}Name"] for page in pages for found in page[f"{word}s"]) == names
    backwards = getattr(sagemaker, call)(SortOrder="Descending", MaxResults=100)[f"{word}s"]
    assert {found[f"{word}Name"] for found in backwards} == set(names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param({}, {"alice", "alina", "bob", "other"}, id="no filter lists every domain"),
        pytest.param({"DomainIdEquals": "d-one"}, {"alice", "alina", "bob"}, id="one domain lists its own"),
        pytest.param({"UserProfileNameContains": "ali"}, {"alice", "alina"}, id="a part of the name selects"),
        pytest.param({"UserProfileNameContains": "o"}, {"bob", "other"}, id="the part may stand anywhere"),
        pytest.param(
            {"DomainIdEquals": "d-one", "UserProfileNameContains": "o"}, {"bob"}, id="both filters apply together"
        ),
        pytest.param({"DomainIdEquals": "d-none"}, set(), id="an unknown domain lists nothing"),
    ],
)
def test_profiles_are_filtered(sagemaker: SageMakerClient, query: dict[str, str], names: set[str]) -> None:
    seed(profiles=("alice", "alina", "bob"))
    studio.seed(Domain("d-two", user_profiles=(UserProfile("other"),)))
    assert {found["UserProfileName"] for found in sagemaker.list_user_profiles(**query)["UserProfiles"]} == names


def test_spaces_are_filtered_by_a_part_of_the_name(sagemaker: SageMakerClient) -> None:
    seed(spaces=(Space("lab"), Space("laboratory"), Space("desk")))
    found = sagemaker.list_spaces(SpaceNameContains="lab")["Spaces"]
    assert {space["SpaceName"] for space in found} == {"lab", "laboratory"}


def test_a_token_continues_only_the_question_it_was_given_for(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed(profiles=("alice", "alina", "bob"), spaces=(Space("a"), Space("b")))
    token = sagemaker.list_user_profiles(MaxResults=1)["NextToken"]
    for call, query in (
        (sagemaker.list_user_profiles, {"DomainIdEquals": "d-one"}),
        (sagemaker.list_user_profiles, {"UserProfileNameContains": "ali"}),
        (sagemaker.list_user_profiles, {"SortOrder": "Descending"}),
        (sagemaker.list_spaces, {}),
    ):
        assert refusal(call, NextToken=token, **query) == ("ValidationException", "Invalid NextToken.")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("made up", id="no base64"),
        pytest.param("AAAA", id="base64 of no JSON"),
        pytest.param("e30=", id="base64 of an empty object"),
        pytest.param("MTI=", id="base64 of a number"),
        pytest.param("bnVsbA==", id="base64 of null"),
        pytest.param("W10=", id="base64 of an empty list"),
        pytest.param("é", id="a letter outside ASCII"),
    ],
)
def test_a_token_that_was_never_given_is_refused(sagemaker: SageMakerClient, refusal: Refusal, token: str) -> None:
    assert refusal(sagemaker.list_user_profiles, NextToken=token)[0] == "ValidationException"


def test_tags_of_profiles_spaces_and_what_moto_knows_are_listed(sagemaker: SageMakerClient) -> None:
    owner = [{"Key": "owner", "Value": "alice@example.com"}]
    seed(profiles=(), spaces=())
    profile = sagemaker.create_user_profile(DomainId="d-one", UserProfileName="alice", Tags=owner)
    space = sagemaker.create_space(DomainId="d-one", SpaceName="lab", Tags=owner)
    plain = sagemaker.create_user_profile(DomainId="d-one", UserProfileName="bob")
    studio.seed(Domain("d-two", tags={"team": "red"}))
    for arn, tags in {
        profile["UserProfileArn"]: owner,
        space["SpaceArn"]: owner,
        plain["UserProfileArn"]: [],
        f"{ARN}:domain/d-two": [{"Key": "team", "Value": "red"}],
    }.items():
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags


@pytest.mark.parametrize("resource", ["user-profile/d-one/bob", "space/d-one/none", "user-profile/d-two/alice"])
def test_tags_of_what_is_not_there_are_not_found(sagemaker: SageMakerClient, refusal: Refusal, resource: str) -> None:
    seed()
    assert refusal(sagemaker.list_tags, ResourceArn=f"{ARN}:{resource}")[0] == "ResourceNotFound"
