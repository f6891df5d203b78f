"""What CloudFormation checks before it creates anything: each parameter's constraints, and the Rules section."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

type Json = dict[str, Any]

# "Rule functions", CloudFormation template reference: these and Ref, and no others.
RULE_FUNCTIONS = {
    *("Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals", "Fn::Not", "Fn::Or"),
    *("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"),
}


def accepted(declared: Json, text: str) -> bool:
    """Tell whether a parameter's own constraints let a value through; a list's hold for each of its members."""
    members = text.split(",") if "List" in declared["Type"] else [text]
    pattern, values = declared.get("AllowedPattern", r"(?s:.*)"), declared.get("AllowedValues")
    known = values is None or all(member in map(str, values) for member in members)
    bounds = declared.get("MinValue", -math.inf), declared.get("MaxValue", math.inf)
    bounded = declared["Type"] != "Number" or bounds[0] <= float(text) <= bounds[1]
    return known and bounded and all(re.fullmatch(pattern, member) for member in members)


def functions_of(value: object) -> set[str]:
    """Return the functions used anywhere in a rule."""
    if isinstance(value, Mapping):
        own = {name for name in value if name.startswith("Fn::") or name == "Condition"}
        return own.union(*map(functions_of, value.values()))
    return set().union(*map(functions_of, value)) if isinstance(value, list) else set()


def refusals(source: Json, parameters: Mapping[str, str], region: str = "eu-central-1") -> list[str]:
    """Return what CloudFormation would say in a region of the parameters that the rules refuse."""
    declared = source["Parameters"]
    texts = {name: parameters.get(name, str(one.get("Default"))) for name, one in declared.items()}
    values: dict[str, Any] = {"AWS::Region": region} | {
        name: text.split(",") if "List" in declared[name]["Type"] else text for name, text in texts.items()
    }
    return [
        str(one["AssertDescription"])
        for rule in source["Rules"].values()
        if "RuleCondition" not in rule or _evaluate(rule["RuleCondition"], values)
        for one in rule["Assertions"]
        if not _evaluate(one["Assert"], values)
    ]


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda given: not given[0],
    "Fn::Equals": lambda given: given[0] == given[1],
    "Fn::Contains": lambda given: given[1] in given[0],
    "Fn::EachMemberEquals": lambda given: all(one == given[1] for one in given[0]),
}


def _evaluate(expression: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(expression, list):
        return [_evaluate(one, values) for one in expression]
    if not isinstance(expression, Mapping):
        return expression
    ((function, argument),) = expression.items()
    return values[argument] if function == "Ref" else _FUNCTIONS[function](_evaluate(argument, values))
