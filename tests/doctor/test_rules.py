"""What a policy says of one request, and where it cannot be told."""

from typing import Any

import pytest

from localaws.policy import Ask as Asked
from localaws.policy import Policies, evaluate
from studio_gate_cli.doctor.rules import ANYBODY, Answer, Ask, answer
from tests.stack.stacks import HERE, VARIANTS, variant

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
ROLE = "arn:aws:iam::111122223333:role/minting"
ASK = Ask(
    "sagemaker:CreateApp", "arn:aws:sagemaker:eu-central-1:111122223333:app/d-x/y", ROLE, {"aws:sourcevpce": "vpce-1"}
)
type Json = dict[str, Any]


def allow(**more: object) -> Json:
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"} | more


def deny(**more: object) -> Json:
    return allow(Effect="Deny", **more)


def when(operator: str, value: object, key: str = "aws:SourceVpce") -> Json:
    return {"Condition": {operator: {key: value}}}


SAID: dict[str, tuple[list[Json], Answer]] = {
    "nothing at all": ([], NO),
    "everything": ([allow()], YES),
    "one statement and no list": ([allow(Action=["sagemaker:CreateApp"])], YES),
    "an action in other capitals": ([allow(Action="SageMaker:createapp")], YES),
    "an action by a pattern": ([allow(Action="sagemaker:Create*")], YES),
    "a question mark for one letter": ([allow(Action="sagemaker:CreateAp?")], YES),
    "another action": ([allow(Action=["sagemaker:Describe*"])], NO),
    "every action but others": ([{"Effect": "Allow", "Principal": "*", "NotAction": "sts:*", "Resource": "*"}], YES),
    "every action but this": ([{"Effect": "Allow", "Principal": "*", "NotAction": "sagemaker:*"}], NO),
    "a resource by a pattern": ([allow(Resource="arn:aws:sagemaker:*:*:app/*")], YES),
    "another resource": ([allow(Resource="arn:aws:sagemaker:*:*:space/*")], NO),
    "a resource in other capitals": ([allow(Resource="arn:aws:sagemaker:*:*:APP/*")], NO),
    "a resource with a variable": ([allow(Resource="arn:aws:sagemaker:*:*:app/${aws:username}/*")], UNKNOWN),
    "the role": ([allow(Principal={"AWS": [ROLE]})], YES),
    "the account": ([allow(Principal={"AWS": "111122223333"})], YES),
    "the account by its root": ([allow(Principal={"AWS": "arn:aws:iam::111122223333:root"})], YES),
    "another account": ([allow(Principal={"AWS": "arn:aws:iam::999988887777:root"})], NO),
    "a role that is gone": ([allow(Principal={"AWS": "AROAEXAMPLE"})], NO),
    "a service": ([allow(Principal={"Service": "sagemaker.amazonaws.com"})], NO),
    "a Deny beside an Allow": ([allow(), deny()], NO),
    "a Deny of something else": ([allow(), deny(Action="sts:*")], YES),
    "the endpoint": ([allow(**when("StringEquals", ["vpce-0", "vpce-1"]))], YES),
    "another endpoint": ([allow(**when("StringEquals", "vpce-0"))], NO),
    "a Deny of other endpoints": ([allow(), deny(**when("StringNotEquals", ["vpce-0", "vpce-1"]))], YES),
    "two Denies with an endpoint each": (
        [allow(), deny(**when("StringNotEquals", "vpce-0")), deny(**when("StringNotEquals", "vpce-1"))],
        NO,
    ),
    "a key in other capitals": ([allow(**when("StringLike", "vpce-*", "AWS:sourcevpcE"))], YES),
    "a key that is not known": ([allow(**when("StringEquals", "o-1", "aws:PrincipalOrgID"))], UNKNOWN),
    "a Deny on a key that is not known": (
        [allow(), deny(**when("StringNotEquals", "o-1", "aws:PrincipalOrgID"))],
        UNKNOWN,
    ),
    "a key that is not known, and does not matter": ([allow(), allow(**when("StringEquals", "o-1", "aws:X"))], YES),
    "a Deny that does not matter": ([allow(Action="sts:*"), deny(**when("StringEquals", "o-1", "aws:X"))], NO),
    "an operator that is not known": ([allow(**when("ForAnyValue:StringEquals", "vpce-1"))], UNKNOWN),
    "a value with a variable": ([allow(**when("StringEquals", "${aws:x}"))], UNKNOWN),
    "that the key is there": ([allow(**when("Null", "false"))], YES),
    "that the key is not there": ([allow(**when("Null", "true"))], NO),
}


@pytest.mark.parametrize(("statements", "expected"), SAID.values(), ids=SAID.keys())
def test_what_a_policy_says(statements: list[Json], expected: Answer) -> None:
    assert answer([{"Statement": statements}], ASK) is expected
    if len(statements) == 1:
        assert answer([{"Statement": statements[0]}], ASK) is expected


ABSENT: dict[str, tuple[Json, Answer]] = {
    "an equal": (when("StringEquals", "vpce-1"), NO),
    "an unequal": (when("StringNotEquals", "vpce-1"), YES),
    "an equal if it exists": (when("StringEqualsIfExists", "vpce-1"), YES),
    "that it is absent": (when("Null", "true"), YES),
}


@pytest.mark.parametrize(("condition", "expected"), ABSENT.values(), ids=ABSENT.keys())
def test_of_a_key_that_is_known_to_be_absent(condition: Json, expected: Answer) -> None:
    asked = Ask("sagemaker:CreateApp", "*", ANYBODY, {"aws:sourcevpce": None})
    assert answer([{"Statement": [allow(**condition)]}], asked) is expected


def test_whom_a_negated_element_means() -> None:
    document = {
        "Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "NotAction": "sts:*", "NotResource": "x"}]
    }
    assert answer([document], ASK) is NO
    assert answer([document], Ask(ASK.action, ASK.resource, ANYBODY)) is YES


def test_several_documents_are_one() -> None:
    documents = [{"Statement": [allow()]}, {"Statement": [deny(Action="sagemaker:*")]}]
    assert (answer(documents[:1], ASK), answer(documents, ASK), answer([], ASK)) == (YES, NO, NO)


@pytest.mark.parametrize("name", [name for name, (_, account) in VARIANTS.items() if account is HERE])
@pytest.mark.parametrize("logical", ["MintingRole", "DirectoryRole"])
def test_it_says_what_the_evaluator_says_that_is_held_against_iam(name: str, logical: str) -> None:
    stack = variant(name)
    document = stack.resources[logical]["Properties"]["Policies"][0]["PolicyDocument"]
    profile = stack.parameters["StudioProfileArns"].split(",")[0].removesuffix("*") + "anybody"
    said = set()
    for action in ("CreatePresignedDomainUrl", "DescribeUserProfile", "CreateApp"):
        for parameter in ("SageMakerApiEndpointId", "StudioEndpointId", "StsEndpointId"):
            context = {"aws:sourcevpce": stack.parameters[parameter]}
            asked = Asked(f"sagemaker:{action}", profile, ROLE, context)
            verdict = evaluate(asked, Policies(identity=(document,)), resource_account=HERE.id)
            mine = answer([document], Ask(asked.action, profile, None, context))
            assert mine is (YES if verdict.allowed else NO)
            said.add(mine)
    assert said == {YES, NO}
