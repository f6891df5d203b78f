"""The minting roles, asked of IAM and CloudFormation with the operator's own credentials."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import exceptions as aws
from botocore.config import Config

from studio_gate_cli import credentials
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.revocations import PREFIX, Found, compact

ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws(?:-us-gov|-cn)?):iam::(?P<account>[0-9]{12}):role/(?:[!-.0-~]+/)*(?P<name>[A-Za-z0-9_+=,.@-]{1,64})"
)
# General reference, "IAM endpoints": one for each partition, signed for the region where it is.
_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
SETTINGS = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4})
STATUS = {
    "ExpiredToken": Exit.CREDENTIALS,
    "ExpiredTokenException": Exit.CREDENTIALS,
    "InvalidClientTokenId": Exit.CREDENTIALS,
    "SignatureDoesNotMatch": Exit.CREDENTIALS,
    "Throttling": Exit.LATER,
    "ServiceFailure": Exit.LATER,
    "ServiceUnavailable": Exit.LATER,
}


@dataclass(frozen=True, slots=True)
class Role:
    """A role that mints: its revocations, and the characters of its other inline policies."""

    arn: str
    name: str
    account: str
    found: tuple[Found, ...] = ()
    others: int = field(default=0, repr=False)


class Roles:
    """IAM for the roles of one partition."""

    def __init__(self, aws_profile: str | None, region: str | None) -> None:
        self._session, found = credentials.find(aws_profile)
        with credentials.asked_for(aws_profile):
            found.get_frozen_credentials()
        self._region = region
        self._clients: dict[tuple[str, str], Any] = {}
        self._heard: tuple[datetime, float] | None = None

    def of_stack(self, stack: str) -> str:
        """Return the ARN of a stack's minting role; `Failure` 2 if it has none, 3 to 6 as CloudFormation fails."""
        region = self._region or self._session.get_config_variable("region")
        if not region:
            raise Failure(Exit.USAGE, "which region is the stack in? Give --region, as in eu-central-1")
        with self._asking("cloudformation:DescribeStacks", f"the stack {stack}"):
            answer = self._client("cloudformation", region).describe_stacks(StackName=stack)
        outputs = answer["Stacks"][0].get("Outputs", [])
        arns = [one["OutputValue"] for one in outputs if one.get("OutputKey") == "MintingRoleArn"]
        if not arns or not ROLE_ARN.fullmatch(arns[0]):
            raise Failure(Exit.USAGE, f"the stack {readable(stack)} has no output MintingRoleArn; is it the gate's?")
        return str(arns[0])

    def read(self, arn: str) -> Role:
        """Return a role as IAM has it now; `Failure` 2 if it is not there, or is of an account that is not asked."""
        known = ROLE_ARN.fullmatch(arn)
        if known is None:
            raise Failure(Exit.USAGE, "that is not the ARN of a role")
        name, iam, about = known["name"], self._iam(arn), f"the role {known['name']}"
        with self._asking("iam:GetRole", about):
            here = self._heard_of(iam.get_role(RoleName=name))["Role"]["Arn"]
        # A role of the same name in one's own account must not be taken for another account's.
        if here != arn:
            line = f"the role {name} is in the account {known['account']}; your credentials are not: give --aws-profile"
            raise Failure(Exit.USAGE, line)
        found, others = [], 0
        with self._asking("iam:ListRolePolicies", about):
            pages = list(iam.get_paginator("list_role_policies").paginate(RoleName=name))
        for policy in (one for page in pages for one in page["PolicyNames"]):
            with self._asking("iam:GetRolePolicy", about):
                document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            if policy.startswith(PREFIX):
                found.append(Found(policy.removeprefix(PREFIX), document))
            else:
                others += len("".join(compact(document).split()))
        return Role(arn, name, known["account"], tuple(found), others)

    def put(self, role: Role, name: str, policy: str) -> None:
        """Put a revocation's policy on a role, instead of one of that name."""
        with self._asking("iam:PutRolePolicy", f"the role {role.name}"):
            self._iam(role.arn).put_role_policy(RoleName=role.name, PolicyName=PREFIX + name, PolicyDocument=policy)

    def delete(self, role: Role, name: str) -> None:
        """Take a revocation's policy from a role; one that is gone by now is no failure."""
        with self._asking("iam:DeleteRolePolicy", f"the role {role.name}"):
            iam = self._iam(role.arn)
            try:
                iam.delete_role_policy(RoleName=role.name, PolicyName=PREFIX + name)
            except iam.exceptions.NoSuchEntityException:
                return

    def now(self) -> datetime:
        """Return a time that is not before IAM's: a laptop's clock may be wrong, and a session outlive its revocation.

        An HTTP date has whole seconds, so one more is added. `Failure` 7 before anything is heard.
        """
        if self._heard is None:
            raise Failure(Exit.NOT_THE_GATE, "IAM does not say what time it is")
        date, at = self._heard
        return date + timedelta(seconds=1 + time.monotonic() - at)

    def _heard_of(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        except (KeyError, ValueError):
            return answer
        self._heard = date, time.monotonic()
        return answer

    def _iam(self, arn: str) -> Any:  # noqa: ANN401 - botocore makes its clients' methods as it goes
        return self._client("iam", _REGIONS[arn.split(":")[1]])

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - the same
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.create_client(service, region_name=region, config=SETTINGS)
        return self._clients[key]

    @contextmanager
    def _asking(self, action: str, about: str) -> Iterator[None]:
        """Turn what goes wrong into one line: the action, what it is about and AWS's error code, never its message."""
        try:
            yield
        except aws.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if code in {"NoSuchEntity", "ValidationError"}:
                raise Failure(Exit.USAGE, f"{readable(about)} is not there ({action})") from error
            line = f"AWS refused {action} for {readable(about)} ({readable(code)})"
            status = STATUS.get(code, Exit.REFUSED)
            raise Failure(status, credentials.EXPIRED if code.startswith("ExpiredToken") else line) from error
        except aws.BotoCoreError as error:
            line = f"{action} for {readable(about)} did not get through ({type(error).__name__})"
            raise Failure(Exit.UNREACHABLE, line) from error
