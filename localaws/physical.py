"""What CloudFormation calls what it makes: the physical ids and attributes of the kinds of resources that are used.

Ids are made up, in the form that AWS gives them, and are the same each time; nothing that is not known here is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """Where the stack is created, and under which name."""

    id: str = "111122223333"
    region: str = "eu-central-1"
    partition: str = "aws"
    stack_name: str = "studio-gate"

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return an ARN of the account, by default of the region."""
        return f"arn:{self.partition}:{service}:{self.region if region is None else region}:{self.id}:{resource}"


@dataclass(frozen=True, slots=True)
class Made:
    """A resource by its logical id and type; `properties` are resolved when one is asked for, by name."""

    account: Account
    name: str
    kind: str
    properties: Callable[[str], Any]

    @property
    def id(self) -> str:
        """What `Ref` returns."""
        if self.kind in _REFERRED_TO_BY_ARN:
            return _REFERRED_TO_BY_ARN[self.kind](self)
        if self.kind in _NAMED and (own := self.properties(_NAMED[self.kind])):
            return str(own)
        if self.kind in _IDS:
            return f"{_IDS[self.kind]}-{self.hash[:17]}"
        own_form = _FORMS.get(self.kind)
        return own_form(self) if own_form else f"{self.account.stack_name}-{self.name}"

    @property
    def hash(self) -> str:
        """What made-up ids are made of; as long as a SHA-256 in hexadecimal."""
        return sha256(f"{self.account.stack_name}/{self.name}".encode()).hexdigest()

    def attribute(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return what `Fn::GetAtt` returns; None for an attribute that is not known here."""
        attribute = _ATTRIBUTES.get(self.kind, {}).get(name)
        return attribute and attribute(self)


# What `Ref` returns of a kind that has a form of its own.
_FORMS: Mapping[str, Callable[[Made], str]] = {
    "AWS::ApiGateway::RestApi": lambda made: made.hash[:10],
    "AWS::CloudFormation::Stack": lambda made: made.account.arn(
        "cloudformation", f"stack/{made.account.stack_name}-{made.name}-X/1"
    ),
    "AWS::IAM::ManagedPolicy": lambda made: made.account.arn(
        "iam", f"policy/{made.account.stack_name}-{made.name}", region=""
    ),
    "AWS::Route53::HostedZone": lambda made: f"Z{made.hash[:20].upper()}",
}
# The property that is the name, where one is given.
_NAMED = {
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
# What the ids of a kind begin with.
_IDS = {
    "AWS::EC2::Instance": "i",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::VPCEndpoint": "vpce",
    "AWS::SageMaker::Domain": "d",
}


def _of(prefix: str, service: str, *, regional: bool = True, suffix: str = "") -> Callable[[Made], str]:
    region = None if regional else ""
    return lambda made: made.account.arn(service, f"{prefix}{made.id}{suffix}", region=region)


def _dns_entries(made: Made) -> list[str]:
    service = str(made.properties("ServiceName")).split(".")[-1]
    name = f"{made.id}-0a1b2c3d.{service}.{made.account.region}.vpce.amazonaws.com"
    # Its own name, with the hosted zone that an alias record needs, comes first.
    return [f"Z0123456789ABCDEFGHIJ:{name}", f"Z0123456789ABCDEFGHIJ:*.{name}"]


def _domain_name_arn(made: Made) -> str:
    # Private names need not be unique, so AWS adds an id.
    return made.account.arn("apigateway", f"/domainnames/{made.properties('DomainName')}+{made.hash[:10]}")


def _qualified(made: Made) -> str:
    qualifier = made.properties("Name") if made.kind == "AWS::Lambda::Alias" else "1"
    return made.account.arn("lambda", f"function:{made.properties('FunctionName')}:{qualifier}")


def _secret(made: Made) -> str:
    # Secrets Manager adds six characters to the name.
    return made.account.arn("secretsmanager", f"secret:{made.properties('Name')}-a1B2c3")


_REFERRED_TO_BY_ARN: Mapping[str, Callable[[Made], str]] = {
    "AWS::Lambda::Alias": _qualified,
    "AWS::Lambda::Version": _qualified,
    "AWS::SecretsManager::Secret": _secret,
}
_ATTRIBUTES: Mapping[str, Mapping[str, Callable[[Made], Any]]] = {
    "AWS::ApiGateway::DomainNameV2": {"DomainNameArn": _domain_name_arn},
    "AWS::CloudWatch::Alarm": {"Arn": _of("alarm:", "cloudwatch")},
    "AWS::EC2::SecurityGroup": {"GroupId": lambda made: made.id},
    "AWS::EC2::Subnet": {"AvailabilityZone": lambda made: made.properties("AvailabilityZone")},
    "AWS::EC2::VPC": {
        "CidrBlock": lambda made: made.properties("CidrBlock"),
        "DefaultSecurityGroup": lambda made: f"sg-{made.id.removeprefix('vpc-')}",
    },
    "AWS::EC2::VPCEndpoint": {"DnsEntries": _dns_entries},
    "AWS::IAM::Role": {"Arn": _of("role/", "iam", regional=False)},
    "AWS::Lambda::Function": {"Arn": _of("function:", "lambda")},
    "AWS::Lambda::Version": {"Version": lambda _: "1"},
    # CloudFormation's log group ARN covers the group's streams.
    "AWS::Logs::LogGroup": {"Arn": _of("log-group:", "logs", suffix=":*")},
    "AWS::SageMaker::Domain": {
        "DomainId": lambda made: made.id,
        "HomeEfsFileSystemId": lambda made: f"fs-{made.id.removeprefix('d-')}",
    },
}
