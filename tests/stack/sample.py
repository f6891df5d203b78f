"""The sample domain as it would be created, from several sets of parameters."""

from functools import cache

from localaws import template
from tests.stack.stacks import ROOT, Json, Stack, create

WHERE = "stacks/sample-domain.yaml"
HERE = template.Account("111122223333", "eu-central-1", "aws", "sample")
CHINA = template.Account("999988887777", "cn-north-1", "aws-cn", "sample")
GIVEN = {
    "VpcId": "vpc-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "EndpointSecurityGroupId": "sg-0e0e0e0e0e0e0e0e0",
}
KEY = {"KmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
BOUNDARY = {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundaries/everybody"}
EVERYTHING = GIVEN | KEY | BOUNDARY | {"HomeFileSystem": "Enabled", "AliceOwner": "ann@corp.example"}
GROUPS = {"EndpointSecurityGroupId": "", "SecurityGroupIds": "sg-0123456789abcdef0,sg-0123456789abcdef1"}
VARIANTS = {
    "as it comes": (GIVEN, HERE),
    "with everything": (EVERYTHING, HERE),
    "in groups that are there": (GIVEN | GROUPS, HERE),
    "in China": (GIVEN | {"DomainName": "trial"}, CHINA),
}
PEOPLE = {"alice": "AliceRole", "bob": "BobRole"}


@cache
def committed() -> Json:
    """Return the committed template; whoever changes it takes a copy."""
    return template.load(ROOT / WHERE)


@cache
def variant(name: str) -> Stack:
    """Return the committed template's stack under a variant's parameters."""
    return create(committed(), *VARIANTS[name])


def the_domain(stack: Stack) -> Json:
    """Return the domain's properties."""
    return stack.only("AWS::SageMaker::Domain")


def domain_id(stack: Stack) -> str:
    """Return the id of the domain in which the profiles are."""
    (found,) = {one["DomainId"] for one in stack.every("AWS::SageMaker::UserProfile").values()}
    return str(found)


def suffix(stack: Stack) -> str:
    """Return what the names of services end with in the stack's partition."""
    return "amazonaws.com.cn" if stack.account.partition == "aws-cn" else "amazonaws.com"
