"""The stack as CloudFormation would create it: SAM's own translator, then every intrinsic function resolved.

Policies, routes and settings are read from the template and nowhere else, so that what is tested is what is deployed.
"""

import copy
import logging
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

_LISTS = re.compile(r"CommaDelimitedList|List<.*>")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_PLACEHOLDER = "s3://placeholder/artifact"
# What AWS::NoValue resolves to until the entry that holds it is left out.
_NOTHING = object()


class UnknownIntrinsicError(Exception):
    """The template uses a function, reference or attribute that is not known here; nothing is guessed."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where the stack is created, and under which name."""

    id: str = "111122223333"
    region: str = "eu-central-1"
    partition: str = "aws"
    stack_name: str = "studio-gate"


def samconfig(path: Path, environment: str = "default") -> dict[str, Any]:
    """Return what `sam deploy` would read for an environment of `samconfig.toml`."""
    deploy: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))[environment]["deploy"]["parameters"]
    return deploy


def samconfig_parameters(path: Path, environment: str = "default") -> dict[str, str]:
    """Return the stack's parameters that `sam deploy` would pass for an environment of `samconfig.toml`."""
    given: list[str] | str = samconfig(path, environment)["parameter_overrides"]
    # SAM writes one text where it saved the answers of `sam deploy --guided`.
    overrides = shlex.split(given) if isinstance(given, str) else given
    pairs = (override.partition("=") for override in overrides)
    return {name: value for name, _, value in pairs}


def load(path: Path) -> dict[str, Any]:
    """Parse a template without translating it; short forms such as `!Ref` come out as their long forms."""
    parsed: dict[str, Any] = yaml_parse(path.read_text(encoding="utf-8"))  # type: ignore[no-untyped-call]
    return parsed


def create(source: Mapping[str, Any], parameters: Mapping[str, str], account: Account) -> dict[str, Any]:
    """Return the stack's resources by logical id, translated and with every intrinsic resolved.

    `parameters` are given as `sam deploy` takes them, lists separated by commas. `UnknownIntrinsicError` when anything
    cannot be resolved.
    """
    values = _parameter_values(source["Parameters"], parameters)
    return _Resolver(_translate(source, values, account), values, account).resources()


def _parameter_values(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    if unknown := given.keys() - declared.keys():
        raise UnknownIntrinsicError(f"parameters that the template does not declare: {', '.join(sorted(unknown))}")
    if missing := {name for name, one in declared.items() if "Default" not in one} - given.keys():
        raise UnknownIntrinsicError(f"parameters without a value: {', '.join(sorted(missing))}")
    texts = {name: str(given.get(name, one.get("Default"))) for name, one in declared.items()}
    lists = {name for name, one in declared.items() if _LISTS.fullmatch(one["Type"])}
    # CloudFormation trims the members of a list.
    return {name: [*map(str.strip, text.split(","))] if name in lists else text for name, text in texts.items()}


def _translate(source: Mapping[str, Any], values: Mapping[str, Any], account: Account) -> dict[str, Any]:
    document = copy.deepcopy(dict(source))
    for resource in document["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][name] = _PLACEHOLDER
    # It warns of a feature toggle that only AWS's own deployment of it has.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    translator = Translator({}, Parser(), boto_session=_session(account.region))
    translated: dict[str, Any] = translator.translate(document, dict(values))
    return translated


@cache
def _session(region: str) -> boto3.Session:
    return boto3.Session(region_name=region)


class _Resolver:
    """Evaluates the intrinsic functions of one translated template."""

    def __init__(self, document: Mapping[str, Any], values: Mapping[str, Any], account: Account) -> None:
        self._document = document
        self._account = account
        self._refs = dict(values) | {
            "AWS::AccountId": account.id,
            "AWS::NoValue": _NOTHING,
            "AWS::Partition": account.partition,
            "AWS::Region": account.region,
            "AWS::StackName": account.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        self._functions = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::And": lambda items: all(self._resolve(items)),
            "Fn::Equals": lambda pair: self._resolve(pair[0]) == self._resolve(pair[1]),
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": lambda pair: pair[0].join(self._resolve(pair[1])),
            "Fn::Not": lambda items: not self._resolve(items[0]),
            "Fn::Or": lambda items: any(self._resolve(items)),
            "Fn::Select": self._select,
            "Fn::Split": lambda pair: self._resolve(pair[1]).split(pair[0]),
            "Fn::Sub": self._sub,
        }

    def resources(self) -> dict[str, Any]:
        """Return the resources whose condition holds, resolved."""
        resolved = {}
        for name, resource in self._document["Resources"].items():
            condition = resource.get("Condition")
            if condition is None or self._functions["Condition"](condition):
                resolved[name] = {"Type": resource["Type"], "Properties": self._resolve(resource.get("Properties", {}))}
        return resolved

    def _resolve(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            # A policy's "Condition" is an object; only a reference to a condition is a name.
            if name in self._functions and (name != "Condition" or isinstance(argument, str)):
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise UnknownIntrinsicError(name)
        pairs = ((key, self._resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _NOTHING}

    def _ref(self, name: str) -> Any:  # noqa: ANN401 - JSON
        if name in self._refs:
            return self._refs[name]
        if name in self._document["Resources"]:
            return self._physical_id(name)
        raise UnknownIntrinsicError(f"Ref {name}")

    def _condition(self, name: str) -> Any:  # noqa: ANN401 - JSON
        conditions = self._document.get("Conditions", {})
        if name not in conditions:
            raise UnknownIntrinsicError(f"Condition {name}")
        return self._resolve(conditions[name])

    def _if(self, arguments: list[Any]) -> Any:  # noqa: ANN401 - JSON
        name, then, otherwise = arguments
        return self._resolve(then if self._functions["Condition"](name) else otherwise)

    def _select(self, pair: list[Any]) -> Any:  # noqa: ANN401 - JSON
        members = self._resolve(pair[1])
        if pair[0] not in range(len(members)):
            raise UnknownIntrinsicError(f"Fn::Select {pair[0]}")
        return members[pair[0]]

    def _sub(self, argument: Any) -> str:  # noqa: ANN401 - JSON
        text, given = (argument, {}) if isinstance(argument, str) else argument
        own = self._resolve(given)

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return str(own[name])
            logical_id, dot, attribute = name.partition(".")
            return str(self._get_att([logical_id, attribute]) if dot else self._ref(name))

        return _VARIABLE.sub(replace, text)

    def _physical_id(self, name: str) -> str:
        resource = self._document["Resources"][name]
        given = {"AWS::IAM::Role": "RoleName", "AWS::Lambda::Function": "FunctionName"}
        own = resource["Properties"].get(given.get(resource["Type"], "LogGroupName"))
        return str(self._resolve(own)) if own else f"{self._account.stack_name}-{name}"

    def _get_att(self, argument: list[str] | str) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        prefixes = {
            "AWS::IAM::Role": f"iam::{self._account.id}:role/",
            "AWS::Lambda::Function": f"lambda:{self._account.region}:{self._account.id}:function:",
            "AWS::Logs::LogGroup": f"logs:{self._account.region}:{self._account.id}:log-group:",
        }
        kind = self._document["Resources"].get(name, {}).get("Type")
        if attribute != "Arn" or kind not in prefixes:
            raise UnknownIntrinsicError(f"Fn::GetAtt {name}.{attribute}")
        # CloudFormation's log group ARN covers the group's streams.
        suffix = ":*" if kind == "AWS::Logs::LogGroup" else ""
        return f"arn:{self._account.partition}:{prefixes[kind]}{self._physical_id(name)}{suffix}"
