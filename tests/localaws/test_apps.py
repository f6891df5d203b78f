"""Apps of spaces and profiles: created, described, listed, deleted; and what is pending for a while."""

from typing import Any

import pytest
from mypy_boto3_sagemaker import SageMakerClient

from localaws import studio
from localaws.apps_api import run, running
from localaws.studio import App, Domain, Space, UserProfile
from tests.localaws.clients import Refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
PLACE = ("123456789012", "us-east-1")
LAB = {"DomainId": "d-one", "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default"}
ALICE = {"DomainId": "d-one", "UserProfileName": "alice", "AppType": "Canvas", "AppName": "default"}
PROFILE = {"DomainId": "d-one", "UserProfileName": "bob"}


def seed(*apps: App, pends: int = 0) -> None:
    profiles = (UserProfile("alice"),)
    studio.seed(Domain("d-one", user_profiles=profiles, spaces=(Space("lab"), Space("alice")), apps=apps, pends=pends))


@pytest.mark.parametrize(
    ("asked", "arn"),
    [
        pytest.param(LAB, "app/d-one/lab/jupyterlab/default", id="of a space"),
        pytest.param(ALICE, "app/d-one/alice/canvas/default", id="of a profile"),
    ],
)
def test_a_created_app_is_described_and_listed(sagemaker: SageMakerClient, asked: dict[str, Any], arn: str) -> None:
    seed()
    assert sagemaker.create_app(**asked)["AppArn"] == f"{ARN}:{arn}"
    told = sagemaker.describe_app(**asked)
    assert {name: told.get(name) for name in asked} == asked
    assert (told["AppArn"], told["Status"]) == (f"{ARN}:{arn}", "InService")
    (listed,) = sagemaker.list_apps()["Apps"]
    assert {name: listed.get(name) for name in asked} == asked
    assert listed["Status"] == "InService"


def test_a_deleted_app_is_still_told_of_and_can_be_made_again(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed(App("JupyterLab", space="lab"))
    sagemaker.delete_app(**LAB)
    assert sagemaker.describe_app(**LAB)["Status"] == "Deleted"
    assert [one["Status"] for one in sagemaker.list_apps()["Apps"]] == ["Deleted"]
    assert refusal(sagemaker.delete_app, **LAB)[0] == "ResourceNotFound"
    sagemaker.create_app(**LAB)
    assert [one["Status"] for one in sagemaker.list_apps()["Apps"]] == ["InService"]


NOT: dict[str, tuple[str, dict[str, Any], str]] = {
    "created twice": ("create_app", LAB, "ResourceInUse"),
    "created in a space that is not there": ("create_app", {**LAB, "SpaceName": "none"}, "ResourceNotFound"),
    "created for a profile that is not there": ("create_app", {**ALICE, "UserProfileName": "bob"}, "ResourceNotFound"),
    "created in another domain": ("create_app", {**LAB, "DomainId": "d-two"}, "ResourceNotFound"),
    "created for nobody": (
        "create_app",
        {name: value for name, value in LAB.items() if name != "SpaceName"},
        "ValidationException",
    ),
    "created for both": ("create_app", {**LAB, "UserProfileName": "alice"}, "ValidationException"),
    "of a type that there is not": ("create_app", {**LAB, "AppType": "Notepad"}, "ValidationException"),
    "described where it is not": ("describe_app", {**LAB, "SpaceName": "alice"}, "ResourceNotFound"),
    "described as a profile's of that name": (
        "describe_app",
        {**ALICE, "AppType": "JupyterLab", "UserProfileName": "alice"},
        "ResourceNotFound",
    ),
    "deleted where it is not": ("delete_app", {**LAB, "AppName": "other"}, "ResourceNotFound"),
}


@pytest.mark.parametrize(("call", "asked", "code"), NOT.values(), ids=NOT.keys())
def test_an_app_is_not(
    sagemaker: SageMakerClient, refusal: Refusal, call: str, asked: dict[str, Any], code: str
) -> None:
    seed(App("JupyterLab", space="lab"))
    assert refusal(getattr(sagemaker, call), **asked)[0] == code


QUERIES: dict[str, tuple[dict[str, str], int]] = {
    "everything": ({}, 4),
    "one domain": ({"DomainIdEquals": "d-one"}, 3),
    "another domain": ({"DomainIdEquals": "d-two"}, 1),
    "one space": ({"DomainIdEquals": "d-one", "SpaceNameEquals": "lab"}, 1),
    "one profile, whose name a space has, too": ({"UserProfileNameEquals": "alice"}, 1),
    "a space of that name": ({"SpaceNameEquals": "alice"}, 1),
    "a space without an app": ({"SpaceNameEquals": "none"}, 0),
}


@pytest.mark.parametrize(("query", "many"), QUERIES.values(), ids=QUERIES.keys())
def test_apps_are_filtered(sagemaker: SageMakerClient, query: dict[str, str], many: int) -> None:
    lab, room = App("JupyterLab", space="lab"), App("CodeEditor", space="alice")
    seed(lab, room, App("Canvas", profile="alice"))
    studio.seed(Domain("d-two", spaces=(Space("x"),), apps=(App("JupyterLab", space="x"),)))
    assert len(sagemaker.list_apps(**query)["Apps"]) == many


def test_a_space_and_a_profile_are_not_asked_for_at_once(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed()
    assert refusal(sagemaker.list_apps, SpaceNameEquals="a", UserProfileNameEquals="b")[0] == "ValidationException"


def test_apps_come_page_by_page_and_each_once(sagemaker: SageMakerClient) -> None:
    seed(*(App("JupyterLab", space="lab", name=f"app{number}") for number in range(12)))
    assert len(sagemaker.list_apps()["Apps"]) == 10
    pages = list(sagemaker.get_paginator("list_apps").paginate(PaginationConfig={"PageSize": 5}))
    names = [one["AppName"] for page in pages for one in page["Apps"]]
    assert [len(page["Apps"]) for page in pages] == [5, 5, 2]
    assert sorted(names) == sorted(f"app{number}" for number in range(12))


def test_no_page_is_longer_than_said(sagemaker: SageMakerClient) -> None:
    seed(*(App("JupyterLab", space="lab", name=f"app{number}") for number in range(3)))
    studio.limit_pages(1)
    assert len(sagemaker.list_apps(MaxResults=100)["Apps"]) == 1
    pages = sagemaker.get_paginator("list_apps").paginate()
    assert [len(page["Apps"]) for page in pages] == [1, 1, 1]
    studio.limit_pages(None)
    assert len(sagemaker.list_apps()["Apps"]) == 3


def test_who_runs_an_app_is_in_use_until_it_is_deleted(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed(App("JupyterLab", space="lab"), App("Canvas", profile="alice"))
    owner = {"DomainId": "d-one"}
    assert refusal(sagemaker.delete_space, **owner, SpaceName="lab")[0] == "ResourceInUse"
    assert refusal(sagemaker.delete_user_profile, **owner, UserProfileName="alice")[0] == "ResourceInUse"
    for asked in (LAB, ALICE):
        sagemaker.delete_app(**asked)
    for name in ("lab", "alice"):
        sagemaker.delete_space(**owner, SpaceName=name)
    sagemaker.delete_user_profile(**owner, UserProfileName="alice")
    sagemaker.delete_domain(**owner)


def test_a_domain_with_an_app_alone_is_in_use(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    studio.seed(Domain("d-one", spaces=(Space("lab"),), apps=(App("JupyterLab", space="lab"),)))
    assert refusal(sagemaker.delete_domain, DomainId="d-one")[0] == "ResourceInUse"


def test_what_is_created_is_pending_for_the_first_describes(sagemaker: SageMakerClient) -> None:
    seed(pends=2)
    role = {"ExecutionRole": "arn:aws:iam::123456789012:role/x"}
    sagemaker.create_user_profile(**PROFILE, UserSettings=role, Tags=[{"Key": "owner", "Value": "bob"}])
    sagemaker.create_app(**LAB)
    listed = [one for one in sagemaker.list_user_profiles()["UserProfiles"] if one["UserProfileName"] == "bob"]
    assert listed[0]["Status"] == "Pending"
    for describe, asked in ((sagemaker.describe_user_profile, PROFILE), (sagemaker.describe_app, LAB)):
        assert [describe(**asked)["Status"] for _ in range(4)] == ["Pending", "Pending", "InService", "InService"]  # type: ignore[operator]
    assert sagemaker.describe_user_profile(**PROFILE)["UserSettings"] == role


def test_a_pending_profile_has_no_url_and_is_not_made_twice(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    studio.seed(Domain("d-one", user_profiles=(UserProfile("bob", pending=1),)))
    assert refusal(sagemaker.create_user_profile, **PROFILE)[0] == "ResourceInUse"
    assert refusal(sagemaker.create_presigned_domain_url, **PROFILE)[0] == "ValidationException"
    assert studio.mints() == ()
    assert sagemaker.describe_user_profile(**PROFILE)["Status"] == "Pending"
    assert sagemaker.create_presigned_domain_url(**PROFILE)["AuthorizedUrl"]


def test_what_studio_runs_is_what_sagemaker_lists(sagemaker: SageMakerClient) -> None:
    seed(App("CodeEditor", space="lab", pending=1))
    run(PLACE, "d-one", "lab", "JupyterLab")
    created = sagemaker.describe_app(**LAB)["CreationTime"]
    run(PLACE, "d-one", "lab", "JupyterLab")
    assert sagemaker.describe_app(**LAB)["CreationTime"] == created
    assert running(PLACE, "d-one", ("SpaceName", "lab")) == {"CodeEditor": "Pending", "JupyterLab": "InService"}
    assert running(PLACE, "d-one", ("UserProfileName", "lab")) == {}
    assert sagemaker.describe_app(**LAB)["Status"] == "InService"
    sagemaker.delete_app(**LAB)
    assert running(PLACE, "d-one", ("SpaceName", "lab")) == {"CodeEditor": "Pending"}
