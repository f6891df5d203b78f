"""Nested stacks, as CloudFormation creates them: by the parameters that are passed, for the outputs asked of them."""

from pathlib import Path

import pytest

from localaws.template import Account, UnknownIntrinsicError, create
from tests.stack.stacks import Json

ACCOUNT = Account("444455556666", "eu-west-3", "aws", "shop")
WHERE = "stacks/inner.yaml"
INNER: Json = {
    "Parameters": {"Name": {"Type": "String"}, "Words": {"Type": "CommaDelimitedList", "Default": "x"}},
    "Conditions": {"IsJoe": {"Fn::Equals": [{"Ref": "Name"}, "joe"]}},
    "Resources": {
        "Door": {"Type": "AWS::EC2::VPCEndpoint"},
        "Only": {"Type": "AWS::SNS::Topic", "Condition": "IsJoe", "Properties": {"Name": {"Ref": "Name"}}},
    },
    "Outputs": {
        "Stack": {"Value": {"Ref": "AWS::StackName"}},
        "Words": {"Value": {"Fn::Join": ["-", {"Ref": "Words"}]}},
        "Door": {"Value": {"Ref": "Door"}},
        "Only": {"Condition": "IsJoe", "Value": {"Ref": "Only"}},
        "Loop": {"Value": {"Ref": "Nobody"}},
    },
}
SOUND = INNER | {"Outputs": {name: one for name, one in INNER["Outputs"].items() if name != "Loop"}}


def _outer(parameters: Json, value: object = "x", **more: object) -> Json:
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": WHERE, "Parameters": parameters}}
    thing = {"Type": "AWS::SNS::Topic", "Properties": {"Value": value}}
    return {
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Inner": inner | more, "Thing": thing},
    }


def _value(name: str, inner: Json = SOUND, **parameters: object) -> object:
    outer = _outer(parameters, {"Fn::GetAtt": ["Inner", f"Outputs.{name}"]})
    return create(outer, {}, ACCOUNT, nested={WHERE: inner})["Thing"]["Properties"]["Value"]


def test_an_output_is_resolved_with_the_parameters_that_are_passed() -> None:
    assert _value("Words", Name="joe", Words={"Fn::Join": [",", {"Ref": "Names"}]}) == "a-b"
    assert _value("Words", Name="joe") == "x"


def test_a_nested_stack_has_a_name_of_its_own() -> None:
    assert _value("Stack", Name="joe") == "shop-Inner-X"


def test_what_a_nested_stack_makes_has_an_id_of_its_own() -> None:
    twice = _outer({"Name": "joe"}, {"Fn::GetAtt": "Inner.Outputs.Door"})
    twice["Resources"]["Other"] = twice["Resources"]["Inner"]
    made = create(twice, {}, ACCOUNT, nested={WHERE: SOUND})
    assert made["Thing"]["Properties"]["Value"] == made["Inner"]["Outputs"]["Door"] != made["Other"]["Outputs"]["Door"]


def test_its_resources_and_outputs_are_beside_its_properties() -> None:
    made = create(_outer({"Name": "ada"}), {}, ACCOUNT, nested={WHERE: SOUND})["Inner"]
    assert made["Properties"]["Parameters"] == {"Name": "ada"}
    assert made["Resources"] == {"Door": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {}}}
    assert made["Outputs"].keys() == {"Stack", "Words", "Door"}


def test_a_nested_stack_that_is_not_made_has_nothing() -> None:
    assert create(_outer({}, Condition="Never"), {}, ACCOUNT, nested={}).keys() == {"Thing"}


def test_its_template_is_a_file_beside_that_which_nests_it(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    lines = ["Resources: {Door: {Type: AWS::EC2::VPCEndpoint}}", "Outputs: {Door: {Value: !Ref Door}}"]
    (tmp_path / WHERE).write_text("\n".join(lines), encoding="utf-8")
    outer = _outer({}, {"Fn::GetAtt": ["Inner", "Outputs.Door"]})
    assert create(outer, {}, ACCOUNT, folder=tmp_path)["Thing"]["Properties"]["Value"].startswith("vpce-")


@pytest.mark.parametrize(
    ("name", "parameters"),
    {
        "an output that is not there": ("Nothing", {"Name": "joe"}),
        "an output whose condition does not hold": ("Only", {"Name": "ada"}),
        "a parameter that is missing": ("Words", {}),
        "a parameter that it does not know": ("Words", {"Name": "joe", "Nmae": "x"}),
        "a list for a parameter": ("Words", {"Name": "joe", "Words": {"Ref": "Names"}}),
        "an output that cannot be resolved, though another is asked": ("Words", {"Name": "joe"}),
    }.values(),
)
def test_nothing_is_guessed(name: str, parameters: Json) -> None:
    with pytest.raises(UnknownIntrinsicError):
        _value(name, INNER, **parameters)


def test_an_output_of_a_stack_that_is_not_made_is_refused() -> None:
    outer = _outer({}, {"Fn::GetAtt": ["Inner", "Outputs.Door"]}, Condition="Never")
    with pytest.raises(UnknownIntrinsicError):
        create(outer, {}, ACCOUNT, nested={WHERE: INNER})
