"""The five presigned operations, when they are refused, and the record of what was minted."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws
from moto.core.base_backend import BackendDict
from mypy_boto3_sagemaker import SageMakerClient
from pydantic import SecretStr

from localaws import studio
from localaws.studio import Domain, Mint, MlflowApp, PartnerApp, Space, TrackingServer, UserProfile
from tests.localaws.clients import Aws, Refusal

APP = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-ABC123"
PARTNER = "arn:aws:sagemaker:us-east-1:123456789012:partner-app/app-ABCDEF123456"
ALICE = {"DomainId": "d-one", "UserProfileName": "alice"}


@dataclass(frozen=True)
class Operation:
    """A presigned operation, as boto3 calls it, and what its answer looks like up to the token."""

    name: str
    call: str
    parameters: Mapping[str, str]
    url_to_token: str
    member: str = "AuthorizedUrl"


OPERATIONS = [
    Operation(
        "CreatePresignedDomainUrl",
        "create_presigned_domain_url",
        ALICE,
        "https://d-one.studio.us-east-1.sagemaker.aws/auth?token=",
    ),
    Operation(
        "CreatePresignedNotebookInstanceUrl",
        "create_presigned_notebook_instance_url",
        {"NotebookInstanceName": "MyNotebook"},
        "https://mynotebook.notebook.us-east-1.sagemaker.aws?authToken=",
    ),
    Operation(
        "CreatePresignedMlflowTrackingServerUrl",
        "create_presigned_mlflow_tracking_server_url",
        {"TrackingServerName": "runs"},
        "https://t-0123456789ab.us-east-1.experiments.sagemaker.aws/auth?authToken=",
    ),
    Operation(
        "CreatePresignedMlflowAppUrl",
        "create_presigned_mlflow_app_url",
        {"Arn": APP},
        "https://app-abc123.mlflow-app.us-east-1.sagemaker.aws/auth?authToken=",
    ),
    Operation(
        "CreatePartnerAppPresignedUrl",
        "create_partner_app_presigned_url",
        {"Arn": PARTNER},
        "https://app-abcdef123456.partner-app.us-east-1.sagemaker.aws/auth?authToken=",
        member="Url",
    ),
]


def seed(sagemaker: SageMakerClient) -> None:
    studio.seed(
        Domain("d-one", user_profiles=(UserProfile("alice"), UserProfile("bob")), spaces=(Space("lab", owner="bob"),)),
        TrackingServer("runs", id="t-0123456789ab"),
        MlflowApp(APP),
        PartnerApp(PARTNER),
    )
    sagemaker.create_notebook_instance(
        NotebookInstanceName="MyNotebook",
        InstanceType="ml.t2.medium",
        RoleArn="arn:aws:iam::123456789012:role/notebook",
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
def test_a_mint_answers_a_fresh_url_and_is_recorded(sagemaker: SageMakerClient, operation: Operation) -> None:
    seed(sagemaker)
    call, member = getattr(sagemaker, operation.call), operation.member
    shorter = {**operation.parameters, "SessionExpirationDurationInSeconds": 1800}
    first, second = call(**shorter), call(**operation.parameters)
    assert set(first) == {member, "ResponseMetadata"}
    assert first[member].startswith(operation.url_to_token)
    assert len(first[member]) > len(operation.url_to_token) + 32
    assert first[member] != second[member]
    assert studio.mints() == (
        Mint(operation.name, shorter, "testing", SecretStr(first[member])),
        Mint(operation.name, operation.parameters, "testing", SecretStr(second[member])),
    )


def test_urls_are_as_long_as_aws_makes_them(sagemaker: SageMakerClient) -> None:
    seed(sagemaker)
    assert len(sagemaker.create_presigned_domain_url(**ALICE)["AuthorizedUrl"]) > 4000
    assert len(sagemaker.create_presigned_mlflow_app_url(Arn=APP)["AuthorizedUrl"]) <= 2048


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"ExpiresInSeconds": 5}, id="the shortest expiry"),
        pytest.param({"ExpiresInSeconds": 300}, id="the longest expiry"),
        pytest.param({"SessionExpirationDurationInSeconds": 43200}, id="the longest session"),
        pytest.param({"SpaceName": "lab"}, id="a space of someone else, which AWS does not check"),
        pytest.param({"LandingUri": "studio::/x"}, id="a landing URI that redirects to another host"),
        pytest.param({"LandingUri": "app:JupyterLab:" + "x" * 1008}, id="a landing URI of 1023 characters"),
        pytest.param({"LandingUri": ""}, id="an empty landing URI"),
    ],
)
def test_accepted_as_aws_accepts_it(sagemaker: SageMakerClient, more: dict[str, Any]) -> None:
    seed(sagemaker)
    assert sagemaker.create_presigned_domain_url(**ALICE, **more)["AuthorizedUrl"]
    assert [mint.parameters for mint in studio.mints()] == [{**ALICE, **more}]


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        pytest.param(*row[1:], id=f"an unknown {row[0]}")
        for row in [
            ("domain", "create_presigned_domain_url", {**ALICE, "DomainId": "d-two"}),
            ("profile", "create_presigned_domain_url", {**ALICE, "UserProfileName": "carol"}),
            ("space", "create_presigned_domain_url", {**ALICE, "SpaceName": "none"}),
            ("tracking server", "create_presigned_mlflow_tracking_server_url", {"TrackingServerName": "none"}),
            ("MLflow app", "create_presigned_mlflow_app_url", {"Arn": APP + "x"}),
            ("partner app", "create_partner_app_presigned_url", {"Arn": PARTNER[:-1] + "7"}),
        ]
    ],
)
def test_not_found_mints_nothing(
    sagemaker: SageMakerClient, refusal: Refusal, call: str, parameters: dict[str, Any]
) -> None:
    seed(sagemaker)
    assert refusal(getattr(sagemaker, call), **parameters)[0] == "ResourceNotFound"
    assert studio.mints() == ()


@pytest.mark.parametrize(
    "domain",
    [
        pytest.param(Domain("d-one", auth_mode="SSO", user_profiles=(UserProfile("alice"),)), id="an SSO domain"),
        *(
            pytest.param(Domain("d-one", status=status, user_profiles=(UserProfile("alice"),)), id=f"a {status} domain")
            for status in ("Pending", "Updating", "Deleting", "Failed", "Update_Failed", "Delete_Failed")
        ),
        *(
            pytest.param(
                Domain("d-one", user_profiles=(UserProfile("alice", status=status),)), id=f"a {status} profile"
            )
            for status in ("Pending", "Updating", "Deleting", "Failed", "Update_Failed", "Delete_Failed")
        ),
    ],
)
def test_not_ready_mints_nothing(sagemaker: SageMakerClient, refusal: Refusal, domain: Domain) -> None:
    studio.seed(domain)
    assert refusal(sagemaker.create_presigned_domain_url, **ALICE)[0] == "ValidationException"
    assert studio.mints() == ()


def test_a_stopped_or_unknown_notebook_instance_mints_nothing(sagemaker: SageMakerClient, refusal: Refusal) -> None:
    seed(sagemaker)
    sagemaker.stop_notebook_instance(NotebookInstanceName="MyNotebook")
    for name in ("MyNotebook", "None"):
        code, _ = refusal(sagemaker.create_presigned_notebook_instance_url, NotebookInstanceName=name)
        assert code == "ValidationException"
    assert studio.mints() == ()


def test_an_unsigned_call_mints_nothing(session: boto3.Session, refusal: Refusal) -> None:
    # In this process only: moto's server takes an unsigned call for one to S3.
    studio.install()
    with mock_aws():
        aws = Aws(session, None)
        seed(aws.sagemaker())
        code, _ = refusal(aws.sagemaker(signed=False).create_presigned_domain_url, **ALICE)
        assert code == "MissingAuthenticationTokenException"
        assert studio.mints() == ()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("AKIAIOSFODNN7EXAMPLE", id="a key of AWS's form"),
        pytest.param("testing", id="a dummy, which moto itself would call AKIAEXAMPLE"),
        pytest.param("lower-case_key", id="a dummy with marks"),
        pytest.param("ASIA" + "X" * 40, id="a key longer than AWS's today"),
    ],
)
def test_a_mint_names_the_access_key_that_signed_it(aws: Aws, key: str) -> None:
    seed(aws.sagemaker())
    aws.sagemaker(key=key).create_presigned_domain_url(**ALICE)
    assert [mint.access_key_id for mint in studio.mints()] == [key]


@pytest.mark.parametrize(
    "show", [repr, str, lambda mint: f"{[mint]!r}", lambda mint: json.dumps(vars(mint), default=str)]
)
def test_a_shown_mint_hides_its_url(sagemaker: SageMakerClient, show: Callable[[Mint], str]) -> None:
    seed(sagemaker)
    url = sagemaker.create_presigned_domain_url(**ALICE)["AuthorizedUrl"]
    (mint,) = studio.mints()
    (token,) = parse_qs(urlsplit(url).query)["token"]
    assert mint.url.get_secret_value() == url
    assert "alice" in show(mint)
    assert token not in show(mint)
    assert "/auth" not in show(mint)


def test_a_mint_cannot_be_changed_afterwards(sagemaker: SageMakerClient) -> None:
    seed(sagemaker)
    sagemaker.create_presigned_domain_url(**ALICE)
    (mint,) = studio.mints()
    with pytest.raises(AttributeError):
        mint.operation = "another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        mint.parameters["DomainId"] = "d-two"  # type: ignore[index]


def test_mints_are_seen_wherever_they_happened_unless_narrowed(aws: Aws) -> None:
    for account, region in (("123456789012", "eu-west-1"), ("111122223333", "us-east-1")):
        studio.seed(Domain("d-one", user_profiles=(UserProfile("alice"),)), account_id=account, region=region)
    aws.sagemaker(region="eu-west-1").create_presigned_domain_url(**ALICE)
    role = aws.sts().assume_role(RoleArn="arn:aws:iam::111122223333:role/mint", RoleSessionName="gate")
    aws.sagemaker_as(role["Credentials"]).create_presigned_domain_url(**ALICE)

    def counts() -> list[int]:
        return [
            len(studio.mints()),
            len(studio.mints(account_id="123456789012")),
            len(studio.mints(region="us-east-1")),
            len(studio.mints(account_id="111122223333", region="us-east-1")),
            len(studio.mints(account_id="111122223333", region="eu-west-1")),
        ]

    assert counts() == [2, 1, 1, 1, 0]
    studio.clear_mints(region="us-east-1")
    assert counts() == [1, 1, 0, 0, 0]
    studio.clear_mints()
    assert counts() == [0, 0, 0, 0, 0]


def test_clearing_the_mints_leaves_the_resources(sagemaker: SageMakerClient) -> None:
    seed(sagemaker)
    sagemaker.create_presigned_domain_url(**ALICE)
    studio.clear_mints()
    sagemaker.create_presigned_domain_url(**ALICE)
    assert len(studio.mints()) == 1


def test_asking_for_mints_before_anything_happened_finds_none() -> None:
    assert studio.mints() == ()
    assert studio.mints("111122223333", "eu-west-1") == ()
    studio.clear_mints()


def test_a_second_mock_starts_empty(session: boto3.Session) -> None:
    studio.install()
    for _ in range(2):
        with mock_aws():
            client = session.client("sagemaker", region_name="us-east-1")
            assert studio.mints() == ()
            assert studio.assumed_roles() == ()
            assert client.list_domains()["Domains"] == []
            assert client.list_user_profiles()["UserProfiles"] == []
            assert client.list_spaces()["Spaces"] == []
            with pytest.raises(client.exceptions.ResourceNotFound):
                client.create_presigned_mlflow_app_url(Arn=APP)
            seed(client)
            client.create_presigned_domain_url(**ALICE)
            client.create_presigned_mlflow_app_url(Arn=APP)
            session.client("sts", region_name="us-east-1").assume_role(
                RoleArn="arn:aws:iam::123456789012:role/mint", RoleSessionName="gate"
            )
            assert (len(studio.mints()), len(studio.assumed_roles())) == (2, 1)
        assert studio.mints() == ()


def test_a_reset_of_moto_in_the_middle_empties_everything(aws: Aws, sagemaker: SageMakerClient) -> None:
    seed(sagemaker)
    sagemaker.create_presigned_domain_url(**ALICE)
    if aws.endpoint:
        with urllib.request.urlopen(f"{aws.endpoint}/moto-api/reset", data=b"") as answer:  # noqa: S310 - loopback
            assert answer.status == 200
    else:
        BackendDict.reset()
    assert studio.mints() == ()
    assert sagemaker.list_user_profiles()["UserProfiles"] == []
    seed(sagemaker)
