"""What the tests of the stand-in share: clients of it, and the shape of a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from mypy_boto3_sagemaker import SageMakerClient
from mypy_boto3_sts import STSClient

# Calls, expects AWS's refusal, and hands back its code and message.
type Refusal = Callable[..., tuple[str, str]]


@dataclass(frozen=True)
class Aws:
    """Makes clients of the stand-in, wherever it runs."""

    session: boto3.Session
    endpoint: str | None

    def sagemaker(
        self, *, key: str = "testing", region: str = "us-east-1", validated: bool = True, signed: bool = True
    ) -> SageMakerClient:
        """Sign with that key, or not at all; send what is given where the client shall not validate."""
        config = Config(parameter_validation=validated, signature_version=None if signed else UNSIGNED)
        return self.session.client(
            "sagemaker",
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key="testing",  # noqa: S106 - opens nothing
            config=config,
        )

    def sts(self, *, validated: bool = True) -> STSClient:
        """Sign as "testing"; send what is given where the client shall not validate."""
        return self.session.client(
            "sts",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - opens nothing
            config=Config(parameter_validation=validated),
        )

    def sagemaker_as(self, credentials: Mapping[str, object]) -> SageMakerClient:
        """Sign with what AssumeRole issued."""
        return self.session.client(
            "sagemaker", region_name="us-east-1", endpoint_url=self.endpoint, **_keywords(credentials)
        )

    def sts_as(self, credentials: Mapping[str, object]) -> STSClient:
        """Sign with what AssumeRole issued."""
        return self.session.client("sts", region_name="us-east-1", endpoint_url=self.endpoint, **_keywords(credentials))


def _keywords(credentials: Mapping[str, object]) -> dict[str, str]:
    return {
        "aws_access_key_id": str(credentials["AccessKeyId"]),
        "aws_secret_access_key": str(credentials["SecretAccessKey"]),
        "aws_session_token": str(credentials["SessionToken"]),
    }
