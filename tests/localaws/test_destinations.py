"""Notebook instances, MLflow tracking servers and the tags of everything, as the gate reads them."""

import re
from typing import Any

import pytest
from mypy_boto3_sagemaker import SageMakerClient

from localaws import studio
from localaws.studio import App, Domain, NotebookInstance, Space, TrackingServer, UserProfile
from tests.localaws.clients import Refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
OWNER = {"owner": "alice"}
SERVER = {"TrackingServerName": "runs"}


def test_a_seeded_notebook_instance_is_motos_too(sagemaker: SageMakerClient) -> None:
    studio.seed(NotebookInstance("Team-nb", status="Stopped", tags=OWNER), NotebookInstance("other", suffix="d8ka"))
    told = sagemaker.describe_notebook_instance(NotebookInstanceName="Team-nb")
    assert (told["NotebookInstanceStatus"], told["Url"]) == ("Stopped", "team-nb.notebook.us-east-1.sagemaker.aws")
    listed = sagemaker.list_notebook_instances()["NotebookInstances"]
    assert {one["NotebookInstanceName"]: one["Url"] for one in listed} == {
        "Team-nb": "team-nb.notebook.us-east-1.sagemaker.aws",
        "other": "other-d8ka.notebook.us-east-1.sagemaker.aws",
    }
    sagemaker.start_notebook_instance(NotebookInstanceName="Team-nb")
    assert sagemaker.describe_notebook_instance(NotebookInstanceName="Team-nb")["NotebookInstanceStatus"] == "InService"


def test_a_minted_url_is_at_the_host_that_is_told(sagemaker: SageMakerClient) -> None:
    studio.seed(NotebookInstance("nb", suffix="d8ka"))
    host = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")["Url"]
    url = sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName="nb")["AuthorizedUrl"]
    assert url.startswith(f"https://{host}?authToken=")


@pytest.mark.parametrize("status", ["Pending", "Stopping", "Stopped", "Failed", "Deleting", "Updating"])
def test_a_notebook_instance_that_is_not_in_service_has_no_url(
    sagemaker: SageMakerClient, refusal: Refusal, status: str
) -> None:
    studio.seed(NotebookInstance("nb", status=status))
    code, message = refusal(sagemaker.create_presigned_notebook_instance_url, NotebookInstanceName="nb")
    assert (code, status in message) == ("ValidationException", True)


def test_a_tracking_server_is_described_at_the_host_of_its_urls(sagemaker: SageMakerClient) -> None:
    studio.seed(TrackingServer("runs", tags=OWNER))
    told = sagemaker.describe_mlflow_tracking_server(**SERVER)
    assert (told["TrackingServerStatus"], told["IsActive"]) == ("Created", "Active")
    assert told["TrackingServerArn"] == f"{ARN}:mlflow-tracking-server/runs"
    assert re.fullmatch(r"https://t-[a-z0-9]{12}\.us-east-1\.experiments\.sagemaker\.aws", told["TrackingServerUrl"])
    url = sagemaker.create_presigned_mlflow_tracking_server_url(**SERVER)["AuthorizedUrl"]
    assert url.startswith(f"{told['TrackingServerUrl']}/auth?authToken=")


def test_two_tracking_servers_have_two_hosts(sagemaker: SageMakerClient) -> None:
    studio.seed(TrackingServer("a"), TrackingServer("b"))
    told = [sagemaker.describe_mlflow_tracking_server(TrackingServerName=name) for name in ("a", "b")]
    assert len({one["TrackingServerUrl"] for one in told}) == 2


@pytest.mark.parametrize("status", ["Creating", "Stopped", "Stopping", "Starting", "Deleting"])
def test_a_tracking_server_that_is_not_active_has_no_url(
    sagemaker: SageMakerClient, refusal: Refusal, status: str
) -> None:
    studio.seed(TrackingServer("runs", status=status))
    assert sagemaker.describe_mlflow_tracking_server(**SERVER)["IsActive"] == "Inactive"
    assert refusal(sagemaker.create_presigned_mlflow_tracking_server_url, **SERVER)[0] == "ValidationException"
    assert studio.mints() == ()


def test_tracking_servers_are_listed_page_by_page(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    studio.seed(*(TrackingServer(f"s{number}", "Stopped" if number % 2 else "Started") for number in range(12)))
    first = sagemaker.list_mlflow_tracking_servers()
    assert (len(first["TrackingServerSummaries"]), "NextToken" in first) == (10, True)
    names = [
        one["TrackingServerName"]
        for page in sagemaker.get_paginator("list_mlflow_tracking_servers").paginate(
            SortBy="Name", SortOrder="Ascending", TrackingServerStatus="Started", PaginationConfig={"PageSize": 4}
        )
        for one in page["TrackingServerSummaries"]
    ]
    assert names == sorted(f"s{number}" for number in range(0, 12, 2))
    assert refusal(sagemaker.describe_mlflow_tracking_server, TrackingServerName="none")[0] == "ResourceNotFound"


def seed_tagged() -> dict[str, str]:
    """One of everything that has tags, by the type of its ARN."""
    studio.seed(
        Domain(
            "d-one",
            user_profiles=(UserProfile("alice", tags=OWNER),),
            spaces=(Space("lab", tags=OWNER),),
            apps=(App("JupyterLab", space="lab"),),
            tags=OWNER,
        ),
        NotebookInstance("nb", tags=OWNER),
        TrackingServer("runs", tags=OWNER),
    )
    names = ("user-profile/d-one/alice", "space/d-one/lab", "domain/d-one", "notebook-instance/nb")
    return {name.partition("/")[0]: f"{ARN}:{name}" for name in (*names, "mlflow-tracking-server/runs")}


KINDS = ["user-profile", "space", "domain", "notebook-instance", "mlflow-tracking-server"]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_listed_added_replaced_and_taken_away(sagemaker: SageMakerClient, kind: str) -> None:
    arn = seed_tagged()[kind]
    team, owner = {"Key": "team", "Value": "red"}, {"Key": "owner", "Value": "bob"}
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "owner", "Value": "alice"}]
    assert sagemaker.add_tags(ResourceArn=arn, Tags=[team, owner])["Tags"] == [owner, team]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [owner, team]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["owner", "none"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [team]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_come_page_by_page(sagemaker: SageMakerClient, kind: str) -> None:
    arn = seed_tagged()[kind]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": f"key{number}", "Value": ""} for number in range(4)])
    studio.limit_pages(2)
    pages = list(sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn))
    assert [len(page["Tags"]) for page in pages] == [2, 2, 1]
    assert len({tag["Key"] for page in pages for tag in page["Tags"]}) == 5


@pytest.mark.parametrize("arn", [f"{ARN}:notebook-instance/none", f"{ARN}:mlflow-tracking-server/none", f"{ARN}:app/x"])
@pytest.mark.parametrize("call", ["list_tags", "add_tags", "delete_tags"])
def test_what_is_not_there_has_no_tags(sagemaker: SageMakerClient, refusal: Refusal, arn: str, call: str) -> None:
    more: dict[str, Any] = {"add_tags": {"Tags": []}, "delete_tags": {"TagKeys": ["a"]}}.get(call, {})
    assert refusal(getattr(sagemaker, call), ResourceArn=arn, **more)[0] == "ResourceNotFound"


def test_the_tags_of_another_account_and_region_are_not_shown(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    for place in ({"account_id": "111122223333"}, {"region": "eu-west-1"}):
        studio.seed(TrackingServer("runs", tags=OWNER), **place)
    for arn in (ARN.replace("123456789012", "111122223333"), ARN.replace("us-east-1", "eu-west-1")):
        assert refusal(sagemaker.list_tags, ResourceArn=f"{arn}:mlflow-tracking-server/runs")[0] == "ResourceNotFound"


def test_the_rest_of_motos_tags_are_motos(sagemaker: SageMakerClient) -> None:
    arn = sagemaker.create_experiment(ExperimentName="tried")["ExperimentArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
