"""The stand-in for CloudFormation itself: each intrinsic function, and a refusal of whatever it does not know."""

import re
from pathlib import Path
from typing import Any

import pytest

from localaws.template import Account, UnknownIntrinsicError, create, load, samconfig_parameters
from tests.stack.stacks import Json

ACCOUNT = Account("444455556666", "eu-west-3", "aws-cn", "shop")
PARAMETERS = {
    "Name": {"Type": "String"},
    "Size": {"Type": "Number", "Default": 3},
    "Words": {"Type": "CommaDelimitedList", "Default": ""},
    "Nets": {"Type": "List<AWS::EC2::Subnet::Id>", "Default": "subnet-1,subnet-2"},
}
GIVEN = {"Name": "joe", "Words": "a,b"}
CONDITIONS = {
    "IsJoe": {"Fn::Equals": [{"Ref": "Name"}, "joe"]},
    "IsAda": {"Fn::Equals": [{"Ref": "Name"}, "ada"]},
    "IsNobody": {"Fn::Not": [{"Fn::Or": [{"Condition": "IsJoe"}, {"Condition": "IsAda"}]}]},
    "IsBoth": {"Fn::And": [{"Condition": "IsJoe"}, {"Condition": "IsAda"}]},
    "IsSomebody": {"Fn::Not": [{"Condition": "IsNobody"}]},
}
RESOURCES = {
    "Named": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "${Name}-role"}}},
    "Unnamed": {"Type": "AWS::IAM::Role", "Properties": {}},
    "Code": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "code"}},
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/code"}},
    "Bell": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "bell"}},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
    "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"Name": "live", "FunctionName": {"Ref": "Code"}}},
    "First": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Code"}}},
    "Keys": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": {"Fn::Sub": "${Name}/keys"}}},
    "Unmade": {"Type": "AWS::IAM::Role", "Condition": "IsAda", "Properties": {}},
    "Door": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"ServiceName": "com.amazonaws.eu-west-3.execute-api"}},
    "Wall": {"Type": "AWS::EC2::SecurityGroup"},
}
NOTHING = {"Ref": "AWS::NoValue"}
RESOLVED: dict[str, tuple[object, object]] = {
    "a plain value is itself": ({"a": [1, True, None, "x"]}, {"a": [1, True, None, "x"]}),
    "Ref of a parameter is its value": ({"Ref": "Name"}, "joe"),
    "Ref of a parameter that is not given is its default, as text": ({"Ref": "Size"}, "3"),
    "Ref of a list parameter is a list": ({"Ref": "Words"}, ["a", "b"]),
    "Ref of a typed list parameter is a list": ({"Ref": "Nets"}, ["subnet-1", "subnet-2"]),
    "Ref of the account": ({"Ref": "AWS::AccountId"}, "444455556666"),
    "Ref of the partition": ({"Ref": "AWS::Partition"}, "aws-cn"),
    "Ref of the region": ({"Ref": "AWS::Region"}, "eu-west-3"),
    "Ref of the stack's name": ({"Ref": "AWS::StackName"}, "shop"),
    "Ref of a resource is its own name": ({"Ref": "Named"}, "joe-role"),
    "Ref of an alias is its ARN": ({"Ref": "Live"}, "arn:aws-cn:lambda:eu-west-3:444455556666:function:code:live"),
    "Ref of a version is its ARN": ({"Ref": "First"}, "arn:aws-cn:lambda:eu-west-3:444455556666:function:code:1"),
    "GetAtt of a version's number": ({"Fn::GetAtt": ["First", "Version"]}, "1"),
    "Ref of a secret is its ARN, with what Secrets Manager adds": (
        {"Ref": "Keys"},
        "arn:aws-cn:secretsmanager:eu-west-3:444455556666:secret:joe/keys-a1B2c3",
    ),
    "Ref of a resource without a name holds stack and logical id": ({"Ref": "Topic"}, "shop-Topic"),
    "GetAtt of a named role's ARN": ({"Fn::GetAtt": ["Named", "Arn"]}, "arn:aws-cn:iam::444455556666:role/joe-role"),
    "GetAtt of an unnamed role's ARN": (
        {"Fn::GetAtt": ["Unnamed", "Arn"]},
        "arn:aws-cn:iam::444455556666:role/shop-Unnamed",
    ),
    "GetAtt of a function's ARN": (
        {"Fn::GetAtt": ["Code", "Arn"]},
        "arn:aws-cn:lambda:eu-west-3:444455556666:function:code",
    ),
    "GetAtt of a log group's ARN covers its streams": (
        {"Fn::GetAtt": ["Logs", "Arn"]},
        "arn:aws-cn:logs:eu-west-3:444455556666:log-group:/code:*",
    ),
    "GetAtt of an alarm's ARN": (
        {"Fn::GetAtt": ["Bell", "Arn"]},
        "arn:aws-cn:cloudwatch:eu-west-3:444455556666:alarm:bell",
    ),
    "GetAtt in one word": ({"Fn::GetAtt": "Code.Arn"}, "arn:aws-cn:lambda:eu-west-3:444455556666:function:code"),
    "Sub leaves a literal, without its mark": ({"Fn::Sub": "${!Name} ${Name}"}, "${Name} joe"),
    "Sub puts parameters and pseudo parameters in": ({"Fn::Sub": "${Name}.${AWS::Region}"}, "joe.eu-west-3"),
    "Sub puts a resource and its attribute in": (
        {"Fn::Sub": "${Topic} ${Named.Arn}"},
        "shop-Topic arn:aws-cn:iam::444455556666:role/joe-role",
    ),
    "Sub prefers the variables it is given": (
        {"Fn::Sub": ["${Name} ${Other}", {"Name": "own", "Other": {"Ref": "AWS::Region"}}]},
        "own eu-west-3",
    ),
    "Join of members, each resolved": ({"Fn::Join": ["-", ["x", {"Ref": "Name"}]]}, "x-joe"),
    "Join of a list parameter": ({"Fn::Join": [",", {"Ref": "Words"}]}, "a,b"),
    "Split of a resolved text": ({"Fn::Split": [".", {"Fn::Sub": "a.${Name}"}]}, ["a", "joe"]),
    "If takes the first where the condition holds": ({"Fn::If": ["IsJoe", {"Ref": "Name"}, NOTHING]}, "joe"),
    "If takes the second where it does not": ({"Fn::If": ["IsAda", "x", {"Ref": "Size"}]}, "3"),
    "If over Not and Or": ({"Fn::If": ["IsNobody", 1, 2]}, 2),
    "If over And": ({"Fn::If": ["IsBoth", 1, 2]}, 2),
    "If over Not of a condition": ({"Fn::If": ["IsSomebody", 1, 2]}, 1),
    "NoValue leaves a key out": ({"a": 1, "b": NOTHING}, {"a": 1}),
    "NoValue leaves a member out": ([1, NOTHING, {"Fn::If": ["IsAda", 2, NOTHING]}], [1]),
    "NoValue leaves its own key alone out": ({"a": {"b": NOTHING}}, {"a": {}}),
    "Select of a member, counted from 0": ({"Fn::Select": [1, {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
    "Select by an index that is text": ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
    "Ref of the domain of the partition": ({"Ref": "AWS::URLSuffix"}, "amazonaws.com.cn"),
    "GetAZs of the region": ({"Fn::GetAZs": ""}, ["eu-west-3a", "eu-west-3b", "eu-west-3c"]),
    "GetAZs of a region that is named": ({"Fn::GetAZs": "us-east-1"}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
    "Cidr takes the first blocks of a network, by the bits of their hosts": (
        {"Fn::Cidr": ["10.0.0.0/16", 2, 8]},
        ["10.0.0.0/24", "10.0.1.0/24"],
    ),
    "GetAtt of a security group's id is its Ref": (
        {"Fn::Equals": [{"Fn::GetAtt": ["Wall", "GroupId"]}, {"Ref": "Wall"}]},
        True,
    ),
    "NoValue is no member of a Join": ({"Fn::Join": ["-", ["a", NOTHING, "b"]]}, "a-b"),
    "a policy's Condition is no reference to a condition": (
        {"Condition": {"StringEquals": {"k": {"Ref": "Name"}}}},
        {"Condition": {"StringEquals": {"k": "joe"}}},
    ),
}
REFUSED: dict[str, object] = {
    "an unknown function": {"Fn::Guess": ["x"]},
    "Select of a member that is not there": {"Fn::Select": [9, {"Ref": "Words"}]},
    "Select from the end": {"Fn::Select": [-1, {"Ref": "Words"}]},
    "ImportValue": {"Fn::ImportValue": "other-stack"},
    "Base64": {"Fn::Base64": "x"},
    "more blocks than a network has": {"Fn::Cidr": ["10.0.0.0/24", 3, 7]},
    "Transform": {"Fn::Transform": {"Name": "x"}},
    "Ref of something that is not there": {"Ref": "Nobody"},
    "Ref of an unknown pseudo parameter": {"Ref": "AWS::StackId"},
    "GetAtt of an attribute other than the ARN": {"Fn::GetAtt": ["Named", "RoleId"]},
    "GetAtt of a kind whose ARN is not known": {"Fn::GetAtt": ["Topic", "Arn"]},
    "GetAtt of something that is not there": {"Fn::GetAtt": ["Nobody", "Arn"]},
    "Sub of something that is not there": {"Fn::Sub": "${Nobody}"},
    "Sub of an attribute that is not known": {"Fn::Sub": "${Named.RoleId}"},
    "If on a condition that is not there": {"Fn::If": ["IsNoCondition", 1, 2]},
    "Ref of a resource that is not made": {"Ref": "Unmade"},
    "GetAtt of a resource that is not made": {"Fn::GetAtt": ["Unmade", "Arn"]},
    "an unknown function deep inside": {"a": [{"b": {"Fn::Join": ["", ["x", {"Fn::Guess": "x"}]]}}]},
}


def _create(more: Json, given: dict[str, str] = GIVEN) -> Json:
    document = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": RESOURCES | more}
    return create(document, given, ACCOUNT)


def _thing(value: object, **more: object) -> Json:
    return {"Thing": {"Type": "AWS::SNS::Topic", "Properties": {"Value": value}, **more}}


@pytest.mark.parametrize(("value", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_resolved(value: object, expected: object) -> None:
    assert _create(_thing(value))["Thing"] == {"Type": "AWS::SNS::Topic", "Properties": {"Value": expected}}


def test_ids_have_the_form_that_aws_gives_them() -> None:
    made = _create(_thing([{"Ref": "Door"}, {"Ref": "Wall"}]))["Thing"]["Properties"]["Value"]
    assert [bool(re.fullmatch(f"{kind}-[0-9a-f]{{17}}", one)) for kind, one in zip(("vpce", "sg"), made, strict=True)]
    assert made == _create(_thing([{"Ref": "Door"}, {"Ref": "Wall"}]))["Thing"]["Properties"]["Value"]


def test_an_endpoint_has_a_name_in_a_hosted_zone() -> None:
    entry = {"Fn::Select": [0, {"Fn::GetAtt": ["Door", "DnsEntries"]}]}
    zone, name = _create(_thing(entry))["Thing"]["Properties"]["Value"].split(":")
    assert re.fullmatch("Z[0-9A-Z]+", zone)
    assert re.fullmatch(r"vpce-[0-9a-f]{17}-[a-z0-9]+\.execute-api\.eu-west-3\.vpce\.amazonaws\.com", name)


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_nothing_is_guessed(value: object) -> None:
    with pytest.raises(UnknownIntrinsicError):
        _create(_thing(value))


@pytest.mark.parametrize(("condition", "made"), {"IsJoe": True, "IsAda": False, "IsNobody": False}.items())
def test_a_resource_is_made_where_its_condition_holds(condition: str, made: bool) -> None:  # noqa: FBT001 - a column
    assert ("Thing" in _create(_thing("x", Condition=condition))) is made


def test_a_value_that_is_not_used_need_not_be_known() -> None:
    assert _create(_thing({"Fn::If": ["IsAda", {"Fn::Guess": 1}, 2]}))["Thing"]["Properties"] == {"Value": 2}


def test_the_resources_come_with_type_and_properties() -> None:
    assert _create({})["Logs"] == {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/code"}}


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "Name"), ({"Size": "4"}, "Name"), (GIVEN | {"Nmae": "x"}, "Nmae"), ({"Nmae": "x"}, "Nmae")],
    ids=["none given", "one missing", "one unknown", "one misspelt"],
)
def test_a_missing_or_unknown_parameter_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(UnknownIntrinsicError, match=named):
        _create({}, given)


@pytest.mark.parametrize(
    ("text", "members"),
    [("a", ["a"]), ("a,b", ["a", "b"]), ("", [""]), ("a, b", ["a", "b"])],
    ids=["of one", "of two", "empty, which CloudFormation reads as one empty text", "trimmed"],
)
def test_a_list_parameter(text: str, members: list[str]) -> None:
    assert _create(_thing({"Ref": "Words"}), GIVEN | {"Words": text})["Thing"]["Properties"]["Value"] == members


def test_the_source_is_left_as_it_was() -> None:
    document: Json = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {},
        "Resources": {
            "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layers/x"}},
        },
    }
    create(document, {}, ACCOUNT)
    assert document["Transform"] == "AWS::Serverless-2016-10-31"
    assert document["Resources"]["Layer"]["Properties"] == {"ContentUri": "layers/x"}


def test_serverless_types_are_translated() -> None:
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layers/x"}}
    made = create({"Parameters": {}, "Resources": {"Layer": layer}}, {}, ACCOUNT)
    assert [one["Type"] for one in made.values()] == ["AWS::Lambda::LayerVersion"]


def test_short_forms_are_read_as_long_ones(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        "A: !Ref B\nC: !GetAtt D.Arn\nE: !Sub ${F}\nG: !If [H, !Ref I, !Ref AWS::NoValue]\n", encoding="utf-8"
    )
    assert load(file) == {
        "A": {"Ref": "B"},
        "C": {"Fn::GetAtt": ["D", "Arn"]},
        "E": {"Fn::Sub": "${F}"},
        "G": {"Fn::If": ["H", {"Ref": "I"}, {"Ref": "AWS::NoValue"}]},
    }


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("default", {"A": "1,2", "B": "x=y", "C": ""}), ("prod", {"A": "3"})],
)
def test_parameters_are_read_from_samconfig(tmp_path: Path, environment: str, expected: dict[str, Any]) -> None:
    file = tmp_path / "samconfig.toml"
    sections = {"default": '["A=1,2", "B=x=y", "C="]', "prod": '["A=3"]'}
    lines = [f"[{name}.deploy.parameters]\nparameter_overrides = {text}\n" for name, text in sections.items()]
    file.write_text("".join(lines), encoding="utf-8")
    assert samconfig_parameters(file, environment) == expected
