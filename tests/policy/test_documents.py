"""What is not part of the project's policy language is refused, wherever it stands; and short forms are expanded."""

from typing import Any

import pytest

from localaws.policy import Ask, Policies, UnsupportedPolicyError, evaluate, expand_api_policy
from tests.policy.world import OTHER_ENDPOINT
from tests.stack.stacks import VARIANTS, policies, variant

ROLE = "arn:aws:iam::111122223333:role/launchers"
SESSION = "arn:aws:sts::111122223333:assumed-role/launchers/alice"
BUCKET = "arn:aws:s3:::bucket/key"
READ = Ask("s3:GetObject", BUCKET, SESSION)
ASSUME = Ask("sts:AssumeRole", ROLE, SESSION)
PLAIN: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET}


def document(*statements: dict[str, Any], **elements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **elements}


def condition(operator: str, key: str, value: object) -> dict[str, Any]:
    return PLAIN | {"Condition": {operator: {key: value}}}


UNSUPPORTED: dict[str, dict[str, Any]] = {
    "an old version": document(PLAIN, Version="2008-10-17"),
    "no version": {"Statement": [PLAIN]},
    "an Id": document(PLAIN, Id="policy"),
    "no statement": document(),
    "a statement that is in no list": {"Version": "2012-10-17", "Statement": PLAIN},
    "one Sid twice": document(PLAIN | {"Sid": "A"}, PLAIN | {"Sid": "A"}),
    "NotAction": document({"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}),
    "NotResource": document({"Effect": "Deny", "Action": "s3:*", "NotResource": BUCKET}),
    "NotPrincipal": document(PLAIN | {"NotPrincipal": "*"}),
    "an unknown element": document(PLAIN | {"Comment": "nothing"}),
    "no resource": document({"Effect": "Allow", "Action": "s3:GetObject"}),
    "a principal in an identity policy": document(PLAIN | {"Principal": "*"}),
    "another effect": document(PLAIN | {"Effect": "allow"}),
    "no action": document(PLAIN | {"Action": []}),
    "an action without a service": document(PLAIN | {"Action": "GetObject"}),
    "a wildcard for the service": document(PLAIN | {"Action": "s*:GetObject"}),
    "a number as an action": document(PLAIN | {"Action": ["s3:GetObject", 1]}),
    "a short ARN": document(PLAIN | {"Resource": "arn:aws:s3:*"}),
    "a wildcard for the ARN's service": document(PLAIN | {"Resource": "arn:aws:*:::bucket/*"}),
    "an API's short form that nobody expanded": document(PLAIN | {"Resource": "execute-api:/*"}),
    "a policy variable in a resource": document(PLAIN | {"Resource": "arn:aws:s3:::bucket/${aws:username}"}),
    "a policy variable in a condition": document(condition("StringLike", "aws:SourceVpce", "${aws:PrincipalTag/vpce}")),
    "an unknown operator": document(condition("StringNotLike", "aws:SourceVpce", "vpce-*")),
    "an operator with IfExists": document(condition("StringEqualsIfExists", "aws:SourceVpce", OTHER_ENDPOINT)),
    "an operator for all values": document(condition("ForAllValues:StringEquals", "aws:SourceVpce", OTHER_ENDPOINT)),
    "an operator for any value": document(condition("ForAnyValue:StringEquals", "aws:SourceVpce", OTHER_ENDPOINT)),
    "whether a key is there": document(condition("Null", "aws:SourceVpce", "true")),
    "an unknown key": document(condition("StringEquals", "aws:SourceVpc", "vpc-0123")),
    "a tag": document(condition("StringEquals", "aws:PrincipalTag/team", "research")),
    "a truth as a condition's value": document(condition("StringEquals", "aws:SourceVpce", value=True)),
    "no ARN for ArnEquals": document(condition("ArnEquals", "lambda:SourceFunctionArn", "gate")),
    "no ARN for ArnNotEquals": document(condition("ArnNotEquals", "lambda:SourceFunctionArn", "gate")),
    "a block with bits of a host": document(condition("IpAddress", "aws:VpcSourceIp", "10.20.30.40/24")),
    "an address that is none": document(condition("NotIpAddress", "aws:VpcSourceIp", "10.20.30")),
    "a moment without a zone": document(condition("DateLessThan", "aws:TokenIssueTime", "2026-03-01T12:00:00")),
    "a moment in seconds": document(condition("DateLessThan", "aws:TokenIssueTime", "1772366400")),
    "another comparison of moments": document(
        condition("DateLessThanEquals", "aws:TokenIssueTime", "2026-03-01T12:00:00Z")
    ),
    "a source identity in another's pattern": document(
        condition("StringEquals", "aws:SourceIdentity", "${aws:userid}")
    ),
    "a condition that is a list": document(PLAIN | {"Condition": [1]}),
}
PRINCIPALS: dict[str, object] = {
    "a user": {"AWS": "arn:aws:iam::111122223333:user/alice"},
    "a single session": {"AWS": SESSION},
    "an account's number": {"AWS": "111122223333"},
    "a wildcard in a role": {"AWS": "arn:aws:iam::111122223333:role/*"},
    "a provider": {"Federated": "cognito-identity.amazonaws.com"},
    "a canonical user": {"CanonicalUser": "79a59df9"},
    "two sorts at once": {"AWS": ROLE, "Service": "lambda.amazonaws.com"},
    "a text that is no star": ROLE,
    "a service that is none": {"Service": "lambda.example.com"},
    "nobody": {"AWS": []},
}


@pytest.mark.parametrize("what", UNSUPPORTED)
def test_refused_in_an_identity_policy(what: str) -> None:
    with pytest.raises(UnsupportedPolicyError):
        evaluate(READ, Policies((document(PLAIN), UNSUPPORTED[what])), resource_account="111122223333")


@pytest.mark.parametrize("what", UNSUPPORTED)
def test_refused_in_a_session_policy_even_if_denied_before(what: str) -> None:
    deny = document(PLAIN | {"Effect": "Deny"})
    with pytest.raises(UnsupportedPolicyError):
        evaluate(READ, Policies((deny,), session=UNSUPPORTED[what]), resource_account="111122223333")


@pytest.mark.parametrize("what", PRINCIPALS)
def test_refused_as_a_principal(what: str) -> None:
    policy = document(PLAIN | {"Principal": PRINCIPALS[what]})
    with pytest.raises(UnsupportedPolicyError):
        evaluate(READ, Policies(resource=policy), resource_account="111122223333")


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, {"AWS": "arn:aws:iam::111122223333:root"}, {"AWS": ["*", ROLE]}])
def test_an_endpoint_policy_is_for_everybody(principal: object) -> None:
    policy = document(PLAIN | {"Principal": principal})
    with pytest.raises(UnsupportedPolicyError):
        evaluate(READ, Policies(endpoint=policy), resource_account="111122223333")


def test_a_trust_policy_names_no_resource() -> None:
    policy = document({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole", "Resource": ROLE})
    with pytest.raises(UnsupportedPolicyError):
        evaluate(ASSUME, Policies(resource=policy), resource_account="111122223333")


@pytest.mark.parametrize("name", VARIANTS)
def test_every_policy_of_the_stack_is_understood(name: str) -> None:
    stack = variant(name)
    account = stack.account
    trusts = [role["AssumeRolePolicyDocument"] for role in stack.every("AWS::IAM::Role").values()]
    api, *others = policies(stack)
    for policy in [expand_api_policy(api, account.region, account.id, "a1b2c3d4e5"), *others]:
        ask = ASSUME if policy in trusts else READ
        attached = Policies(resource=policy) if "Principal" in policy["Statement"][0] else Policies((policy,))
        assert not evaluate(ask, attached, resource_account=account.id).allowed


@pytest.mark.parametrize(
    ("region", "given", "expanded"),
    [
        ("eu-central-1", "execute-api:/*", "arn:aws:execute-api:eu-central-1:111122223333:abc/*"),
        ("us-gov-west-1", "execute-api:/*", "arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:abc/*"),
        ("cn-north-1", "execute-api:/g/GET/me", "arn:aws-cn:execute-api:cn-north-1:111122223333:abc/g/GET/me"),
        ("eu-central-1", BUCKET, BUCKET),
        ("eu-central-1", ["execute-api:/a", "*"], ["arn:aws:execute-api:eu-central-1:111122223333:abc/a", "*"]),
    ],
)
def test_short_forms_are_expanded(region: str, given: object, expanded: object) -> None:
    policy = document(PLAIN | {"Resource": given})
    found = expand_api_policy(policy, region, "111122223333", "abc")
    assert found["Statement"][0]["Resource"] == expanded
    assert policy["Statement"][0]["Resource"] == given


def test_the_isolated_partitions_are_not_guessed() -> None:
    with pytest.raises(UnsupportedPolicyError):
        expand_api_policy(document(PLAIN), "us-iso-east-1", "111122223333", "abc")
