"""The rules of IAM's "Policy evaluation logic", each with the smallest policies that show it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from localaws.policy import Ask, Document, Policies, Verdict, evaluate

HERE, THERE = "111122223333", "444455556666"
BUCKET, KEY = "arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key"
MINTING = f"arn:aws:iam::{HERE}:role/minting"
ROLE, ROOT = f"arn:aws:iam::{HERE}:role/team/launchers", f"arn:aws:iam::{HERE}:root"
SESSION, USER = f"arn:aws:sts::{HERE}:assumed-role/launchers/alice", f"arn:aws:iam::{HERE}:user/team/alice"
FOREIGN, FOREIGN_ROOT = f"arn:aws:sts::{THERE}:assumed-role/launchers/alice", f"arn:aws:iam::{THERE}:root"
SERVICE = "lambda.amazonaws.com"
FUNCTION = f"arn:aws:lambda:eu-central-1:{HERE}:function:gate"
_VPCE, _WHO, _ARN = "aws:SourceVpce", "sts:SourceIdentity", "lambda:SourceFunctionArn"


def policy(effect: str = "Allow", action: str = "s3:GetObject", resource: str | None = KEY, **more: object) -> Document:
    statement: dict[str, Any] = {"Sid": effect, "Effect": effect, "Action": action} | more
    return {
        "Version": "2012-10-17",
        "Statement": [statement if resource is None else statement | {"Resource": resource}],
    }


def to(principal: str, effect: str = "Allow") -> Document:
    return policy(effect, Principal="*" if principal == "*" else {"AWS": principal})


def trust(kind: str, principal: str, effect: str = "Allow") -> Document:
    return policy(effect, "sts:AssumeRole", None, Principal={kind: principal})


MAY, DENY = policy(), policy("Deny")
MAY_ASSUME = policy(action="sts:AssumeRole", resource=MINTING)
FUNCTION_ALONE = policy("Deny", "sts:*", "*", Condition={"ArnNotEquals": {_ARN: FUNCTION}})
NOT_IDENTITY, NOT_RESOURCE = "no allow in the identity policy", "no allow in the resource policy"
NOT_TRUST, BY_DENY = "no allow in the trust policy", "explicit deny by Deny"


@dataclass(frozen=True, slots=True)
class Rule:
    """A request for an object of this account, and why it is refused; without a reason it is allowed."""

    who: str | None
    policies: Policies
    refused: str | None = None
    context: dict[str, str] = field(default_factory=dict)


RULES: dict[str, Rule] = {
    "nothing is allowed by nothing": Rule(SESSION, Policies(), NOT_IDENTITY),
    "an identity policy suffices": Rule(SESSION, Policies((MAY,))),
    "any one identity policy suffices": Rule(USER, Policies((policy(action="s3:PutObject"), MAY))),
    "a deny beside it wins": Rule(SESSION, Policies((MAY, DENY)), BY_DENY),
    "a deny in the session policy wins": Rule(SESSION, Policies((MAY,), session=DENY), BY_DENY),
    "a deny in the resource policy wins": Rule(SESSION, Policies((MAY,), resource=to("*", "Deny")), BY_DENY),
    "a deny for the account is one for all in it": Rule(USER, Policies((MAY,), resource=to(ROOT, "Deny")), BY_DENY),
    "a deny for another is none": Rule(USER, Policies((MAY,), resource=to(ROLE, "Deny"))),
    "a deny in the endpoint policy wins": Rule(SESSION, Policies((MAY,), endpoint=to("*", "Deny")), BY_DENY),
    "a resource policy for the role suffices for its session": Rule(SESSION, Policies(resource=to(ROLE))),
    "a resource policy for the role suffices for the role": Rule(ROLE, Policies(resource=to(ROLE))),
    "a role of another path is another as itself": Rule(
        ROLE.replace("team/", ""), Policies(resource=to(ROLE)), NOT_RESOURCE
    ),
    "a resource policy for everybody suffices": Rule(USER, Policies(resource=to("*"))),
    "a resource policy for the account leaves it to the account": Rule(USER, Policies(resource=to(ROOT)), NOT_IDENTITY),
    "a resource policy for the account and an identity policy": Rule(USER, Policies((MAY,), resource=to(ROOT))),
    "the root user may do everything": Rule(ROOT, Policies()),
    "the root user is denied too": Rule(ROOT, Policies(resource=to("*", "Deny")), BY_DENY),
    "the root user of another account needs the resource policy": Rule(
        FOREIGN_ROOT, Policies(resource=to(ROLE)), NOT_RESOURCE
    ),
    "the root user of another account, named": Rule(FOREIGN_ROOT, Policies(resource=to(FOREIGN_ROOT))),
    "the same name in another account is another": Rule(FOREIGN, Policies((MAY,), resource=to(ROLE)), NOT_RESOURCE),
    "the same name in another partition is another": Rule(
        SESSION.replace("aws", "aws-cn", 1), Policies(resource=to(ROLE)), NOT_RESOURCE
    ),
    "across accounts an identity policy alone is nothing": Rule(FOREIGN, Policies((MAY,)), NOT_RESOURCE),
    "across accounts a resource policy alone is nothing": Rule(FOREIGN, Policies(resource=to("*")), NOT_IDENTITY),
    "across accounts both together suffice": Rule(FOREIGN, Policies((MAY,), resource=to(FOREIGN_ROOT))),
    "a session policy limits the identity policy": Rule(
        SESSION, Policies((MAY,), session=policy(resource=BUCKET)), "no allow in the session policy"
    ),
    "a session policy limits a resource policy for the role": Rule(
        SESSION, Policies(resource=to(ROLE), session=policy(resource=BUCKET)), "no allow in the session policy"
    ),
    "a session policy gives nothing by itself": Rule(SESSION, Policies(session=MAY), NOT_IDENTITY),
    "a session policy and an identity policy": Rule(SESSION, Policies((MAY,), session=MAY)),
    "an endpoint policy limits everything": Rule(
        SESSION, Policies((MAY,), endpoint=policy(resource=BUCKET, Principal="*")), "no allow in the endpoint policy"
    ),
    "an endpoint policy gives nothing by itself": Rule(SESSION, Policies(endpoint=to("*")), NOT_IDENTITY),
    "an endpoint policy for everybody spelt as AWS": Rule(
        SESSION, Policies((MAY,), endpoint=policy(Principal={"AWS": "*"}))
    ),
    "nobody known needs a resource policy": Rule(None, Policies(), NOT_RESOURCE),
    "nobody known is everybody": Rule(None, Policies(resource=to("*"))),
    "nobody known is of no account": Rule(None, Policies(resource=to(ROOT)), NOT_RESOURCE),
    "nobody known passes the endpoint policy": Rule(
        None,
        Policies(resource=to("*"), endpoint=policy(resource=BUCKET, Principal="*")),
        "no allow in the endpoint policy",
    ),
}
TRUST: dict[str, Rule] = {
    "no trust policy is no trust": Rule(SESSION, Policies((MAY_ASSUME,)), NOT_TRUST),
    "a trusted role needs no identity policy": Rule(SESSION, Policies(resource=trust("AWS", ROLE))),
    "a trusted account's role needs one": Rule(SESSION, Policies(resource=trust("AWS", ROOT)), NOT_IDENTITY),
    "a trusted account's role with one": Rule(SESSION, Policies((MAY_ASSUME,), resource=trust("AWS", ROOT))),
    "an identity policy alone is nothing": Rule(
        SESSION, Policies((MAY_ASSUME,), resource=trust("AWS", FOREIGN_ROOT)), NOT_TRUST
    ),
    "across accounts both": Rule(FOREIGN, Policies((MAY_ASSUME,), resource=trust("AWS", FOREIGN_ROOT))),
    "across accounts trust alone is nothing": Rule(FOREIGN, Policies(resource=trust("AWS", "*")), NOT_IDENTITY),
    "a deny in the identity policy wins": Rule(
        SESSION, Policies((policy("Deny", "sts:*", "*"),), resource=trust("AWS", ROLE)), BY_DENY
    ),
    "a deny for every function but one spares it": Rule(
        SESSION, Policies((FUNCTION_ALONE,), resource=trust("AWS", ROLE)), None, {_ARN: FUNCTION}
    ),
    "a deny for every function but one meets another": Rule(
        SESSION, Policies((FUNCTION_ALONE,), resource=trust("AWS", ROLE)), BY_DENY, {_ARN: f"{FUNCTION}-2"}
    ),
    "a deny for every function but one meets what is no function": Rule(
        SESSION, Policies((FUNCTION_ALONE,), resource=trust("AWS", ROLE)), BY_DENY
    ),
    "the root user assumes no role": Rule(
        ROOT, Policies(resource=trust("AWS", ROOT)), "the root user cannot assume a role"
    ),
    "a trusted service": Rule(SERVICE, Policies(resource=trust("Service", SERVICE))),
    "another service": Rule("ec2.amazonaws.com", Policies(resource=trust("Service", SERVICE)), NOT_TRUST),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_request_for_an_object(rule: str) -> None:
    case = RULES[rule]
    verdict = evaluate(Ask("s3:GetObject", KEY, case.who), case.policies, resource_account=HERE)
    assert (verdict.allowed, verdict.why) == (case.refused is None, case.refused or verdict.why)


@pytest.mark.parametrize("rule", TRUST)
def test_a_role_assumed(rule: str) -> None:
    case = TRUST[rule]
    verdict = evaluate(Ask("sts:AssumeRole", MINTING, case.who, case.context), case.policies, resource_account=HERE)
    assert (verdict.allowed, verdict.why) == (case.refused is None, case.refused or verdict.why)


@dataclass(frozen=True, slots=True)
class Fit:
    """One statement's action, resource or condition, and whether a request fits it."""

    fits: bool
    action: str = "s3:GetObject"
    resource: str = KEY
    condition: dict[str, dict[str, Any]] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    asked: str = KEY


FITS: dict[str, Fit] = {
    "an action in other letters": Fit(fits=True, action="s3:GETOBJECT"),
    "an action with a star": Fit(fits=True, action="s3:Get*"),
    "an action with a question mark": Fit(fits=True, action="s3:GetObjec?"),
    "a question mark for nothing": Fit(fits=False, action="s3:GetObject?"),
    "every action": Fit(fits=True, action="*"),
    "another service's": Fit(fits=False, action="s3express:*"),
    "every resource": Fit(fits=True, resource="*"),
    "a resource with a star": Fit(fits=True, resource="arn:aws:s3:::b*y"),
    "a resource in other letters": Fit(fits=False, resource="arn:aws:s3:::bucket/KEY"),
    "a longer resource": Fit(fits=False, resource="arn:aws:s3:::bucket"),
    "a dot is a dot": Fit(fits=False, resource="arn:aws:s3:::bucket.key"),
    "a star over a line's end": Fit(fits=True, resource="arn:aws:s3:::bucket/*", asked=f"{KEY}\nmore"),
    "a star stays in its segment": Fit(fits=False, resource="arn:aws:s3:*::key", asked="arn:aws:s3:a:b:c:key"),
    "a star in the region": Fit(fits=True, resource="arn:aws:s3:*::bucket/*", asked="arn:aws:s3:eu-west-1::bucket/a:b"),
    "an ARN for what has none": Fit(fits=False, resource="arn:aws:s3:::*", asked="*"),
    "every resource for what has none": Fit(fits=True, resource="*", asked="*"),
    "equal, and there": Fit(fits=True, condition={"StringEquals": {_VPCE: ["a", "b"]}}, context={_VPCE: "b"}),
    "equal, but not there": Fit(fits=False, condition={"StringEquals": {_VPCE: "a"}}),
    "equal, in other letters": Fit(fits=False, condition={"StringEquals": {_VPCE: "a"}}, context={_VPCE: "A"}),
    "equal to no pattern": Fit(fits=False, condition={"StringEquals": {_VPCE: "a*"}}, context={_VPCE: "ab"}),
    "the key in other letters": Fit(
        fits=True, condition={"StringEquals": {"AWS:sourcevpce": "a"}}, context={_VPCE: "a"}
    ),
    "not equal, and there": Fit(fits=True, condition={"StringNotEquals": {_VPCE: ["a", "b"]}}, context={_VPCE: "c"}),
    "not equal to each": Fit(fits=False, condition={"StringNotEquals": {_VPCE: ["a", "b"]}}, context={_VPCE: "b"}),
    "not equal, because not there": Fit(fits=True, condition={"StringNotEquals": {_VPCE: "a"}}),
    "like": Fit(fits=True, condition={"StringLike": {_WHO: "?*"}}, context={_WHO: "al"}),
    "like, but empty": Fit(fits=False, condition={"StringLike": {_WHO: "?*"}}, context={_WHO: ""}),
    "like, but not there": Fit(fits=False, condition={"StringLike": {_WHO: "*"}}),
    "an ARN": Fit(fits=True, condition={"ArnEquals": {_ARN: FUNCTION}}, context={_ARN: FUNCTION}),
    "an ARN by pattern": Fit(fits=True, condition={"ArnEquals": {_ARN: f"{FUNCTION[:-4]}*"}}, context={_ARN: FUNCTION}),
    "another ARN": Fit(fits=False, condition={"ArnEquals": {_ARN: FUNCTION}}, context={_ARN: f"{FUNCTION}2"}),
    "an ARN that is none": Fit(fits=False, condition={"ArnEquals": {_ARN: FUNCTION}}, context={_ARN: "gate"}),
    "an ARN that is not there": Fit(fits=False, condition={"ArnEquals": {_ARN: FUNCTION}}),
    "not an ARN": Fit(fits=False, condition={"ArnNotEquals": {_ARN: FUNCTION}}, context={_ARN: FUNCTION}),
    "not an ARN by pattern": Fit(
        fits=False, condition={"ArnNotEquals": {_ARN: f"{FUNCTION[:-4]}*"}}, context={_ARN: FUNCTION}
    ),
    "not an ARN, but another": Fit(
        fits=True, condition={"ArnNotEquals": {_ARN: FUNCTION}}, context={_ARN: f"{FUNCTION}2"}
    ),
    "not an ARN, of two that it may be": Fit(
        fits=False, condition={"ArnNotEquals": {_ARN: [f"{FUNCTION}2", FUNCTION]}}, context={_ARN: FUNCTION}
    ),
    "not an ARN, because it is none": Fit(
        fits=True, condition={"ArnNotEquals": {_ARN: FUNCTION}}, context={_ARN: "gate"}
    ),
    "not an ARN, because not there": Fit(fits=True, condition={"ArnNotEquals": {_ARN: FUNCTION}}),
    "two operators, one of which fails": Fit(
        fits=False, condition={"StringEquals": {_VPCE: "a"}, "StringLike": {_WHO: "?*"}}, context={_VPCE: "a"}
    ),
    "two keys, one of which fails": Fit(
        fits=False, condition={"StringEquals": {_VPCE: "a", _WHO: "b"}}, context={_VPCE: "a", _WHO: "c"}
    ),
}


@pytest.mark.parametrize("what", FITS)
def test_a_statement_is_about_a_request(what: str) -> None:
    case = FITS[what]
    policies = Policies((policy("Allow", case.action, case.resource, Condition=case.condition),))
    ask = Ask("s3:GetObject", case.asked, SESSION, case.context)
    assert evaluate(ask, policies, resource_account=HERE).allowed is case.fits


def test_a_verdict_names_a_statement_without_a_sid_by_its_place() -> None:
    named: Any = policy("Deny")
    document = {**named, "Statement": [{k: v for k, v in named["Statement"][0].items() if k != "Sid"}]}
    verdict = evaluate(Ask("s3:GetObject", KEY, USER), Policies((document,)), resource_account=HERE)
    assert verdict == Verdict(allowed=False, why="explicit deny by statement 1 of the identity policy")


@pytest.mark.parametrize(
    ("who", "account", "role"),
    [
        (SESSION, HERE, "launchers"),
        (ROLE, HERE, "launchers"),
        (USER, HERE, None),
        (ROOT, HERE, None),
        (None, None, None),
        (SERVICE, None, None),
    ],
)
def test_whose_a_request_is(who: str | None, account: str | None, role: str | None) -> None:
    ask = Ask("s3:GetObject", KEY, who)
    assert (ask.account, ask.role) == (account, role)


@pytest.mark.parametrize(
    ("action", "resource", "who"),
    [
        ("s3:*", KEY, SESSION),
        ("GetObject", KEY, SESSION),
        ("s3:GetObject", "bucket/key", SESSION),
        ("s3:GetObject", "arn:aws:s3:::bucket/*", SESSION),
        ("s3:GetObject", KEY, "alice"),
        ("s3:GetObject", KEY, "*"),
        ("s3:GetObject", KEY, f"{SESSION}\n"),
        ("s3:GetObject", KEY, "arn:aws:iam::1:role/launchers"),
    ],
)
def test_a_request_that_there_cannot_be(action: str, resource: str, who: str) -> None:
    with pytest.raises(ValueError, match="not "):
        Ask(action, resource, who)


@pytest.mark.parametrize(
    ("who", "policies"),
    [(USER, Policies(session=MAY)), (None, Policies(session=MAY)), (None, Policies((MAY,))), (ROOT, Policies((MAY,)))],
)
def test_policies_that_a_caller_cannot_have(who: str | None, policies: Policies) -> None:
    with pytest.raises(ValueError, match="for a caller that"):
        evaluate(Ask("s3:GetObject", KEY, who), policies, resource_account=HERE)
