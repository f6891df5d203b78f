"""Seeding: moto sees what was seeded, and what AWS could not hold is refused at once."""

from typing import Any

import pytest
from moto import mock_aws
from mypy_boto3_sagemaker import SageMakerClient

from localaws import studio
from localaws.studio import (
    App,
    Domain,
    MlflowApp,
    NotebookInstance,
    PartnerApp,
    Space,
    TrackingServer,
    UserProfile,
)
from tests.localaws.clients import Aws

HERE = "arn:aws:sagemaker:us-east-1:123456789012"


def test_a_seeded_domain_is_motos_too(sagemaker: SageMakerClient) -> None:
    studio.seed(Domain("d-chosen1", auth_mode="SSO", status="Updating", tags={"team": "red"}))
    told = sagemaker.describe_domain(DomainId="d-chosen1")
    assert (told["DomainId"], told["AuthMode"], told["Status"]) == ("d-chosen1", "SSO", "Updating")
    assert told["DomainArn"] == f"{HERE}:domain/d-chosen1"
    assert told["Url"] == "https://d-chosen1.studio.us-east-1.sagemaker.aws"
    (listed,) = sagemaker.list_domains()["Domains"]
    assert (listed["DomainId"], listed["Status"]) == ("d-chosen1", "Updating")
    assert sagemaker.list_tags(ResourceArn=told["DomainArn"])["Tags"] == [{"Key": "team", "Value": "red"}]


def test_a_domain_made_through_the_api_holds_profiles_too(sagemaker: SageMakerClient) -> None:
    sagemaker.create_domain(
        DomainName="made", AuthMode="IAM", DefaultUserSettings={}, SubnetIds=["subnet-1"], VpcId="vpc-1"
    )
    (made,) = sagemaker.list_domains()["Domains"]
    alice = {"DomainId": made["DomainId"], "UserProfileName": "alice"}
    sagemaker.create_user_profile(**alice)
    assert sagemaker.create_presigned_domain_url(**alice)["AuthorizedUrl"].startswith(f"https://{made['DomainId']}.")


def test_seeded_profiles_and_spaces_have_their_status_tags_and_owner(sagemaker: SageMakerClient) -> None:
    studio.seed(
        Domain(
            "d-one",
            user_profiles=(UserProfile("alice", status="Failed", tags={"owner": "alice"}),),
            spaces=(Space("lab", owner="gone", sharing="Shared", status="Updating", tags={"owner": "bob"}),),
        )
    )
    profile = sagemaker.describe_user_profile(DomainId="d-one", UserProfileName="alice")
    space = sagemaker.describe_space(DomainId="d-one", SpaceName="lab")
    assert (profile["Status"], space["Status"]) == ("Failed", "Updating")
    assert space["OwnershipSettings"] == {"OwnerUserProfileName": "gone"}
    assert space["SpaceSharingSettings"] == {"SharingType": "Shared"}
    assert sagemaker.list_tags(ResourceArn=profile["UserProfileArn"])["Tags"] == [{"Key": "owner", "Value": "alice"}]
    assert sagemaker.list_tags(ResourceArn=space["SpaceArn"])["Tags"] == [{"Key": "owner", "Value": "bob"}]


def test_what_is_seeded_elsewhere_is_not_here(aws: Aws) -> None:
    studio.seed(Domain("d-one"), region="eu-west-1")
    studio.seed(Domain("d-one"), account_id="111122223333")
    assert aws.sagemaker().list_domains()["Domains"] == []
    assert len(aws.sagemaker(region="eu-west-1").list_domains()["Domains"]) == 1


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(seeds, id=why)
        for why, *seeds in [
            ("a domain id without d-", Domain("one")),
            ("a domain id in capitals", Domain("d-ONE")),
            ("a domain id of 64 characters", Domain("d-" + "a" * 62)),
            ("an authentication mode AWS does not have", Domain("d-one", auth_mode="NONE")),
            ("a status AWS does not have", Domain("d-one", status="Ready")),
            ("the same domain twice", Domain("d-one"), Domain("d-one")),
            ("a profile named by mail address", Domain("d-one", user_profiles=(UserProfile("a@b"),))),
            ("a profile with a status of its own", Domain("d-one", user_profiles=(UserProfile("a", "Gone"),))),
            ("the same profile twice", Domain("d-one", user_profiles=(UserProfile("a"), UserProfile("a")))),
            ("the same space twice", Domain("d-one", spaces=(Space("a"), Space("a", owner="b")))),
            ("a space with an empty owner", Domain("d-one", spaces=(Space("a", owner=""),))),
            ("a sharing type AWS does not have", Domain("d-one", spaces=(Space("a", "b", sharing="All"),))),
            ("a tag AWS does not allow", Domain("d-one", user_profiles=(UserProfile("a", tags={"a!": "b"}),))),
            ("an app of nobody", Domain("d-one", apps=(App("JupyterLab"),))),
            ("an app of a space that is not there", Domain("d-one", apps=(App("JupyterLab", space="a"),))),
            (
                "an app of a space and of a profile",
                Domain(
                    "d-one",
                    user_profiles=(UserProfile("a"),),
                    spaces=(Space("a"),),
                    apps=(App("JupyterLab", space="a", profile="a"),),
                ),
            ),
            (
                "an app of a type AWS does not have",
                Domain("d-one", spaces=(Space("a"),), apps=(App("Jupyter", space="a"),)),
            ),
            (
                "the same app twice",
                Domain("d-one", spaces=(Space("a"),), apps=(App("JupyterLab", space="a"),) * 2),
            ),
            ("a notebook instance with an underscore", NotebookInstance("a_b")),
            ("a notebook instance with a status AWS does not have", NotebookInstance("a", status="Ready")),
            ("a notebook instance with a long suffix", NotebookInstance("a", suffix="abcde")),
            ("a notebook instance with a tag AWS does not allow", NotebookInstance("a", tags={"a!": "b"})),
            ("the same notebook instance twice", NotebookInstance("a"), NotebookInstance("a")),
            ("a tracking server with an underscore", TrackingServer("a_b")),
            ("a tracking server with a status AWS does not have", TrackingServer("a", status="InService")),
            ("a tracking server with an id of its name", TrackingServer("a", id="a")),
            ("the same tracking server twice", TrackingServer("a"), TrackingServer("a")),
            ("an MLflow app by name", MlflowApp("app")),
            ("a partner app whose id is too short", PartnerApp(f"{HERE}:partner-app/app-1")),
            ("an MLflow app of another account", MlflowApp("arn:aws:sagemaker:us-east-1:111122223333:mlflow-app/x")),
            ("an MLflow app of another region", MlflowApp("arn:aws:sagemaker:eu-west-1:123456789012:mlflow-app/x")),
        ]
    ],
)
def test_what_aws_could_not_hold_is_refused(seeds: list[Any]) -> None:
    with mock_aws(), pytest.raises(ValueError, match=r"\S"):
        studio.seed(*seeds)


def test_a_refused_domain_leaves_nothing_behind() -> None:
    with mock_aws():
        with pytest.raises(ValueError, match="userProfileName"):
            studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"), UserProfile("a@b"))))
        studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)))
