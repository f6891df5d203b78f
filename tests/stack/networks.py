"""The network that the stack makes, from each variant that makes one, and from one that makes everything."""

from functools import cache

from localaws import template
from tests.stack.stacks import (
    DOMAIN_NAME,
    EXAMPLE,
    FURTHER,
    LIVE,
    ROOT,
    SECRETS,
    VARIANTS,
    VPC,
    Json,
    Stack,
    create,
    source,
    variant,
)

WHERE = "stacks/network.yaml"
ALL = "sagemaker.runtime,logs,ssm,ssmmessages,ec2messages,secretsmanager,appconfigdata,s3"
# Everything is made, so that a change of anything is seen.
WHOLE = EXAMPLE | FURTHER | SECRETS | LIVE | VPC
WHOLE |= {
    "Zones": "3",
    "FurtherEndpoints": ALL,
    "S3PrefixListId": "pl-0a1b2c3d",
    "CorporatePrefixListId": "pl-0123456789abcdef0",
    "CorporateCidrs": "10.0.0.0/8,172.16.0.0/12",
    "OrganizationId": "o-exampleorgid",
    "ApiIds": "a1b2c3d4e5,f6g7h8i9j0",
    "DomainName": DOMAIN_NAME["DomainName"],
    "CertificateArn": DOMAIN_NAME["CertificateArn"],
}
NETWORKS = [name for name, (given, _) in VARIANTS.items() if "Network" in given]


@cache
def committed() -> Json:
    return template.load(ROOT / WHERE)


@cache
def network(name: str) -> Stack:
    return variant(name).nested("NetworkStack")


def endpoints(stack: Stack) -> Json:
    """Return the endpoints by the last words of their services' names."""
    found = stack.every("AWS::EC2::VPCEndpoint").values()
    named = {one["ServiceName"].split(f"{stack.account.region}.")[1]: one for one in found}
    assert len(named) == len(found)
    return named


@cache
def whole() -> Stack:
    """Return the network of which everything is made."""
    return create(source(), WHOLE).nested("NetworkStack")


def broken(template_of_it: Json) -> Stack:
    """Return the same of another template."""
    return create(source(), WHOLE, nested={WHERE: template_of_it}).nested("NetworkStack")
