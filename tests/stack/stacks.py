"""The stack as it would be created, from several sets of parameters, and how its policies are read.

A guarantee is a sentence and a function that takes a stack and asserts it. The `test_*` modules check each guarantee on
each variant here; `test_mutations` shows that each one notices when the template breaks it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from localaws import example, template
from localaws.physical import Made
from tests.stack.given import ELSEWHERE, IN_CHINA, KEYS, MADE, OTHER_IDS, PROVISIONED, SNAPSHOT, TRIAL, in_china

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"
ACCOUNT_ROLES = ROOT / "stacks" / "account-roles.yaml"
EXAMPLE = example.parameters()
HERE = example.ACCOUNT
# "IAM and AWS STS quotas": characters of all inline policies of a role, and of its trust policy; white space is free.
INLINE_LIMIT, TRUST_LIMIT = 10_240, 2_048

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """A template, what it was created with, and its resources with everything resolved. Never changed by a test.

    Where the stack makes its network, `parameters` has the ids of what was made in place of those that were not given.
    `outputs` are a nested stack's alone.
    """

    source: Json
    parameters: Mapping[str, str]
    account: template.Account
    resources: Json
    outputs: Json = field(default_factory=dict)

    def nested(self, name: str) -> "Stack":
        """Return a nested stack by its logical id, with the parameters that it was given and their defaults."""
        one = self.resources[name]
        where = one["Properties"]["TemplateURL"]
        nested = _file(where)
        account = replace(self.account, stack_name=f"{self.account.stack_name}-{name}-X")
        given = {key: str(value) for key, value in one["Properties"].get("Parameters", {}).items()}
        return Stack(nested, _defaults(nested) | given, account, one["Resources"], one["Outputs"])

    def listed(self, parameter: str) -> list[str]:
        """Return the members of a list parameter; an empty text has none."""
        return [member for member in self.parameters[parameter].split(",") if member]

    def every(self, kind: str) -> Json:
        """Return the properties of each resource of a type by logical id."""
        return {name: one["Properties"] for name, one in self.resources.items() if one["Type"] == kind}

    def only(self, kind: str) -> Json:
        """Return the properties of the resource of a type of which there must be one."""
        found = self.every(kind)
        assert len(found) == 1, f"{kind}: {sorted(found)}"
        return dict(*found.values())

    def id(self, name: str) -> str:
        """Return the physical id of a resource of which AWS makes up the id."""
        return Made(self.account, name, self.resources[name]["Type"], lambda _: None).id

    @property
    def function(self) -> Json:
        """Return the properties of the gate's own function."""
        found: Json = self.resources["Function"]["Properties"]
        return found

    @property
    def makes_sealing_keys(self) -> bool:
        """Tell whether the stack makes the keys that seal cookies."""
        return self.parameters["SealingKeys"] == "made"

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN of the stack's own partition, region and account."""
        account = self.account
        return f"arn:{account.partition}:{service}:{account.region}:{account.id}:{resource}"

    def role_arn(self, name: str) -> str:
        """Return the ARN of a role of the stack's own account."""
        return f"arn:{self.account.partition}:iam::{self.account.id}:role/{name}"


type Guarantee = Callable[[Stack], None]


def create(
    source: Json,
    parameters: Mapping[str, str],
    account: template.Account = HERE,
    nested: Mapping[str, Json] | None = None,
) -> Stack:
    """Create a stack from a source template; `nested` are the templates, by path, that are not those of the files."""
    resources = template.create(source, parameters, account, nested=nested)
    given = _defaults(source) | dict(parameters)
    return Stack(source, given | _made(resources), account, resources)


def _made(resources: Json) -> dict[str, str]:
    outputs = resources.get("NetworkStack", {}).get("Outputs", {})
    return {name.replace("FunctionSecurity", "Security"): value for name, value in outputs.items()}


def _defaults(source: Json) -> dict[str, str]:
    return {name: str(one["Default"]) for name, one in source["Parameters"].items() if "Default" in one}


_PRINCIPALS = ",".join(
    f"arn:aws:iam::1111222233{n:02}:role/aws-reserved/sso.amazonaws.com/Launchers" for n in range(10)
)
_ENDPOINTS = ",".join(f"vpce-0a1b2c3d4e5f607{n:02}" for n in range(20))
_ORGANISATION = {"TrustedOrganizationId": "o-exampleorgid"}
# Where browser sign-in keeps its secrets: in both stores, under a key of one's own.
_HERE = f"{HERE.region}:{HERE.id}"
SECRETS = {
    "SecretArns": f"arn:aws:ssm:{_HERE}:parameter/studio-gate/sealing-keys,"
    f"arn:aws:secretsmanager:{_HERE}:secret:studio-gate/client-??????",
    "SecretsKeyArn": f"arn:aws:kms:{_HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}
LIVE = {"ConfigSource": "appconfig:abc1234/d5e6f7/prof", "ConfigLongestAge": "3600"}
# A private custom domain name, in a zone that is made for it.
DOMAIN_NAME = {
    "DomainName": "studio.corp.example",
    "CertificateArn": f"arn:aws:acm:{_HERE}:certificate/0a1b2c3d-0000-4000-8000-000000000001",
    "PrivateHostedZoneId": "",
    "VpcId": "vpc-0123456789abcdef0",
    "ExecuteApiDnsName": "vpce-0a1b2c3d4e5f60718-0a1b2c3d.execute-api.eu-central-1.vpce.amazonaws.com",
    "ExecuteApiHostedZoneId": "Z0123456789ABCDEFGHIJ",
    "ExecuteApiAddresses": "ipv4",
    "ExecuteApiEndpointOwner": "this-account",
}
# Everything that can be opened besides the domains, here and elsewhere, and profiles to be made.
NOTEBOOKS = {
    "NotebookArns": f"arn:aws:sagemaker:{_HERE}:notebook-instance/team-a,"
    f"arn:aws:sagemaker:{_HERE}:notebook-instance/team-b",
    "UseEndpointIds": "vpce-0e5f6071829304152",
}
SERVERS = {
    "TrackingServerArns": f"arn:aws:sagemaker:{_HERE}:mlflow-tracking-server/experiments",
    "UseEndpointIds": "vpce-0f607182930415263",
}
FURTHER = NOTEBOOKS | SERVERS
FURTHER |= {
    "UseEndpointIds": f"{NOTEBOOKS['UseEndpointIds']},{SERVERS['UseEndpointIds']}",
    "OtherRoleArns": "arn:aws:iam::444455556666:role/studio-gate-roles-minting,"
    "arn:aws:iam::444455556666:role/studio-gate-roles-directory",
    "ProfileExecutionRoleArns": f"arn:aws:iam::{HERE.id}:role/studio/execution,arn:aws:iam::{HERE.id}:role/trial",
}
# What no network of one's own is given.
EMPTY = dict.fromkeys(
    [
        *("SubnetIds", "SecurityGroupIds", "ExecuteApiEndpointIds", "SageMakerApiEndpointId", "StudioEndpointId"),
        *("StsEndpointId", "UseEndpointIds"),
    ],
    "",
)
VPC = EMPTY | {"Network": "vpc", "CorporateCidrs": "10.0.0.0/8"}
# All endpoints but those that a central network account owns, for people and for minting.
ENDPOINTS = {
    "Network": "endpoints",
    "VpcId": "vpc-0123456789abcdef0",
    "StsEndpointId": "",
    "UseEndpointIds": "",
    "CorporateCidrs": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,198.18.0.0/15,100.64.0.0/10",
    "CorporatePrefixListId": "pl-0123456789abcdef0",
    "FurtherEndpoints": "sagemaker.runtime,logs,ssm,ssmmessages,ec2messages,secretsmanager,appconfigdata,s3",
    "RouteTableIds": "rtb-0123456789abcdef0,rtb-0123456789abcdef1",
    "S3PrefixListId": "pl-0a1b2c3d",
}
VARIANTS: dict[str, tuple[dict[str, str], template.Account]] = {
    "as in samconfig.toml": ({}, HERE),
    "with an organisation alone": (_ORGANISATION | {"TrustedPrincipals": ""}, HERE),
    "with twenty endpoints, ten principals and an organisation": (
        _ORGANISATION | {"TrustedPrincipals": _PRINCIPALS, "ExecuteApiEndpointIds": _ENDPOINTS},
        HERE,
    ),
    "with secrets under a key of one's own": (SECRETS, HERE),
    "without sign-in": ({"SecretArns": ""}, HERE),
    "with a key and no secrets": (SECRETS | {"SecretArns": ""}, HERE),
    "with a live configuration": (LIVE, HERE),
    "with everything that can be opened": (FURTHER, HERE),
    "unwatched": ({"Watching": "off"}, HERE),
    "with domains alone": (dict.fromkeys(FURTHER, ""), HERE),
    "with notebooks and no tracking servers": (NOTEBOOKS | {"TrackingServerArns": ""}, HERE),
    "with tracking servers and no notebooks": (SERVERS | {"NotebookArns": ""}, HERE),
    "with a name of its own": (DOMAIN_NAME, HERE),
    "with a name of its own in a VPC of its own": (
        DOMAIN_NAME | VPC | dict.fromkeys(("ExecuteApiDnsName", "ExecuteApiHostedZoneId", "VpcId"), ""),
        HERE,
    ),
    "with a name of its own that another account's endpoints lead to": (
        DOMAIN_NAME
        | {"ExecuteApiEndpointIds": _ENDPOINTS, "ExecuteApiEndpointOwner": "another-account"}
        | {"PrivateHostedZoneId": "none", "ExecuteApiDnsName": "", "ExecuteApiHostedZoneId": "", "VpcId": ""},
        HERE,
    ),
    "in a VPC of its own": (VPC, HERE),
    "in a VPC of its own, with everything that can be opened, secrets and a live configuration": (
        FURTHER | SECRETS | LIVE | VPC | {"Zones": "3", "OrganizationId": "o-exampleorgid"},
        HERE,
    ),
    "with the endpoints that a VPC lacks": (ENDPOINTS, HERE),
    "with all endpoints of a VPC made": (
        EMPTY | {"Network": "endpoints", "VpcId": "vpc-0123456789abcdef0", "SubnetIds": EXAMPLE["SubnetIds"]},
        HERE,
    ),
    "from a snapshot": (SNAPSHOT, HERE),
    "with environments that wait": (PROVISIONED | {"Deployment": "Linear10PercentEvery1Minute"}, HERE),
    "with keys and a boundary of one's own": (KEYS, HERE),
    "with keys and a boundary of one's own, in a VPC of its own with a trial": (KEYS | VPC | TRIAL, HERE),
    "with sealing keys that it makes": (MADE | {"SecretArns": ""}, HERE),
    "with sealing keys that it makes under a key of one's own": (MADE | KEYS | SECRETS, HERE),
    "on x86_64": ({"Architecture": "x86_64", "LogRetentionDays": "30", "ThrottlingRateLimit": "7"}, HERE),
    "in another partition, account and region, with other ids": (OTHER_IDS, ELSEWHERE),
    # A snapshot is asked for in spite of the rule: the template does without.
    "in China": (
        {name: in_china(value) for name, value in OTHER_IDS.items()} | SNAPSHOT | MADE,
        IN_CHINA,
    ),
}


@cache
def _file(where: str) -> Json:
    return template.load(ROOT / where)


@cache
def source() -> Json:
    """Return the committed template; whoever changes it takes a copy."""
    return template.load(TEMPLATE)


@cache
def variant(name: str) -> Stack:
    """Return the committed template's stack under a variant's parameters."""
    overrides, account = VARIANTS[name]
    return create(source(), EXAMPLE | overrides, account)


def as_list(value: object) -> list[Any]:
    """Return what IAM lets one write as a list or as its only member."""
    return value if isinstance(value, list) else [value]


def normal(statement: Json) -> Json:
    """Return a statement without its Sid, with lists wherever IAM takes one."""
    plain = {name: value for name, value in statement.items() if name != "Sid"}
    for name in {"Action", "Resource"} & plain.keys():
        plain[name] = sorted(as_list(plain[name]))
    if isinstance(plain.get("Principal"), dict):
        plain["Principal"] = {kind: as_list(ids) for kind, ids in plain["Principal"].items()}
    if "Condition" in plain:
        plain["Condition"] = {
            operator: {key: as_list(value) for key, value in keys.items()}
            for operator, keys in plain["Condition"].items()
        }
    return plain


def statements(document: Json, effect: str | None = None) -> list[Json]:
    """Return a policy document's statements, normal, of one effect or of both."""
    return [normal(one) for one in document["Statement"] if effect in {None, one["Effect"]}]


def inline(role: Json, effect: str | None = None) -> list[Json]:
    """Return the statements of all inline policies of a role."""
    return [one for policy in role["Policies"] for one in statements(policy["PolicyDocument"], effect)]


def resource_policy(stack: Stack) -> Json:
    """Return the API's resource policy."""
    policy: Json = stack.only("AWS::ApiGateway::RestApi")["Body"]["x-amazon-apigateway-policy"]
    return policy


def policies(stack: Stack) -> list[Json]:
    """Return every policy document of the stack: the API's, and each role's inline and trust policies."""
    roles = stack.every("AWS::IAM::Role").values()
    trusts = [role["AssumeRolePolicyDocument"] for role in roles]
    return [resource_policy(stack), *trusts, *(one["PolicyDocument"] for role in roles for one in role["Policies"])]


def fits(stack: Stack) -> None:
    """Hold the policies of each role to be within IAM's limits."""
    for one in stack.every("AWS::IAM::Role").values():
        documents = [json.dumps(policy["PolicyDocument"], separators=(",", ":")) for policy in one["Policies"]]
        assert sum(map(len, documents)) <= INLINE_LIMIT
        assert len(json.dumps(one["AssumeRolePolicyDocument"], separators=(",", ":"))) <= TRUST_LIMIT
