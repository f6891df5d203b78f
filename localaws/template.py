"""The stack as CloudFormation would create it: SAM's own translator, then every intrinsic function resolved.

Policies, routes and settings are read from the template and nowhere else, so that what is tested is what is deployed.
"""

import copy
import json
import logging
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from ipaddress import ip_network
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from localaws.physical import Account, Made

__all__ = ["Account", "UnknownIntrinsicError", "create", "load", "samconfig", "samconfig_parameters"]

ROOT = Path(__file__).parent.parent
_LISTS = re.compile(r"CommaDelimitedList|List<.*>")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_PLACEHOLDER = "s3://placeholder/artifact"
_SERVERLESS = "AWS::Serverless::"
# What SAM alone knows of a resource: its stage, its version, its alias; and a layer, which it renames with each change.
_OF_ANOTHER = re.compile(r'\b(Api[.]|Function([.]|", ")(Version|Alias)|Dependencies)')
_MOST_TRANSLATED = 32
_NESTED = "AWS::CloudFormation::Stack"
# What AWS::NoValue resolves to until the entry that holds it is left out.
_NOTHING = object()


class UnknownIntrinsicError(Exception):
    """The template uses a function, reference or attribute that is not known here; nothing is guessed."""


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


def create(
    source: Mapping[str, Any],
    parameters: Mapping[str, str],
    account: Account,
    *,
    folder: Path = ROOT,
    nested: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the stack's resources by logical id, translated and with every intrinsic resolved.

    `parameters` are given as `sam deploy` takes them, lists separated by commas. A nested stack has its own `Resources`
    and `Outputs` beside its properties; its template is `nested`'s by `TemplateURL`, or the file of that path in
    `folder`. `UnknownIntrinsicError` when anything cannot be resolved.
    """
    return _Resolver(source, parameters, account, folder, nested or {}).resources()


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
    resources = source["Resources"]
    if not any(one["Type"].startswith(_SERVERLESS) for one in resources.values()):
        return copy.deepcopy(dict(source))
    # What SAM leaves as it is need not pass through it again each time that something else has changed.
    left = {name: one for name, one in resources.items() if _is_left(one)}
    rest = {name: {"Type": one["Type"]} if name in left else one for name, one in resources.items()}
    given = json.dumps([{**source, "Resources": rest}, values])
    translated: dict[str, Any] = json.loads(_translated(given, account.region))
    translated["Resources"] |= copy.deepcopy(left)
    return translated


def _is_left(resource: Mapping[str, Any]) -> bool:
    """Tell whether SAM neither translates a resource nor changes what it refers to, such as a function's version."""
    return not resource["Type"].startswith(_SERVERLESS) and _OF_ANOTHER.search(json.dumps(resource)) is None


@lru_cache(_MOST_TRANSLATED)
def _translated(given: str, region: str) -> str:
    document, values = json.loads(given)
    for resource in document["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = _PLACEHOLDER
    # It warns of a feature toggle that only AWS's own deployment of it has.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    return json.dumps(Translator({}, Parser(), boto_session=_session(region)).translate(document, values))


@cache
def _session(region: str) -> boto3.Session:
    return boto3.Session(region_name=region)


@cache
def _file(path: Path) -> dict[str, Any]:
    # Parsing takes longer than all else.
    return load(path)


class _Resolver:
    """Evaluates the intrinsic functions of one template, and of those that it nests."""

    def __init__(
        self,
        source: Mapping[str, Any],
        parameters: Mapping[str, str],
        account: Account,
        folder: Path,
        nested: Mapping[str, Mapping[str, Any]],
    ) -> None:
        values = _parameter_values(source.get("Parameters", {}), parameters)
        self._document = _translate(source, values, account)
        self._account = account
        self._folder = folder
        self._sources = nested
        self._stacks: dict[str, _Resolver] = {}
        self._refs = dict(values) | {
            "AWS::AccountId": account.id,
            "AWS::NoValue": _NOTHING,
            "AWS::Partition": account.partition,
            "AWS::Region": account.region,
            "AWS::StackName": account.stack_name,
            "AWS::URLSuffix": "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com",
        }
        self._functions = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::And": lambda items: all(self._resolve(items)),
            "Fn::Cidr": self._cidr,
            "Fn::Equals": lambda pair: self._resolve(pair[0]) == self._resolve(pair[1]),
            "Fn::GetAZs": lambda region: [f"{self._resolve(region) or account.region}{zone}" for zone in "abc"],
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
            if self._is_made(resource):
                one = {"Type": resource["Type"], "Properties": self._resolve(resource.get("Properties", {}))}
                if resource["Type"] == _NESTED:
                    one |= {"Resources": self._stack(name).resources(), "Outputs": self._stack(name).outputs()}
                resolved[name] = one
        return resolved

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs whose condition holds."""
        outputs = self._document.get("Outputs", {})
        return {name: self._resolve(one["Value"]) for name, one in outputs.items() if self._is_made(one)}

    def output(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of one output, and resolve no other."""
        found = self._document.get("Outputs", {}).get(name)
        if found is None or not self._is_made(found):
            raise UnknownIntrinsicError(f"the output {name}")
        return self._resolve(found["Value"])

    def _is_made(self, one: Mapping[str, Any]) -> bool:
        return "Condition" not in one or bool(self._condition(one["Condition"]))

    def _stack(self, name: str) -> "_Resolver":
        """Return a nested stack, whose parameters are resolved when it is first asked for something."""
        if name not in self._stacks:
            properties = self._resolve(self._document["Resources"][name]["Properties"])
            given = properties.get("Parameters", {})
            # CloudFormation takes no list there.
            if unfit := [key for key, value in given.items() if not isinstance(value, str | int)]:
                raise UnknownIntrinsicError(f"parameters of {name} that are no text: {', '.join(unfit)}")
            where = properties["TemplateURL"]
            source = self._sources[where] if where in self._sources else _file(self._folder / where)
            account = replace(self._account, stack_name=f"{self._account.stack_name}-{name}-X")
            texts = {key: str(value) for key, value in given.items()}
            self._stacks[name] = _Resolver(source, texts, account, (self._folder / where).parent, self._sources)
        return self._stacks[name]

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
        return self._refs[name] if name in self._refs else self._made(name).id

    def _condition(self, name: str) -> Any:  # noqa: ANN401 - JSON
        conditions = self._document.get("Conditions", {})
        if name not in conditions:
            raise UnknownIntrinsicError(f"Condition {name}")
        return self._resolve(conditions[name])

    def _if(self, arguments: list[Any]) -> Any:  # noqa: ANN401 - JSON
        name, then, otherwise = arguments
        return self._resolve(then if self._functions["Condition"](name) else otherwise)

    def _select(self, pair: list[Any]) -> Any:  # noqa: ANN401 - JSON
        index, members = self._resolve(pair)
        if str(index) not in map(str, range(len(members))):
            raise UnknownIntrinsicError(f"Fn::Select {index}")
        return members[int(index)]

    def _cidr(self, arguments: list[Any]) -> list[str]:
        block, count, bits = self._resolve(arguments)
        outer = ip_network(block)
        blocks = [*map(str, islice(outer.subnets(new_prefix=outer.max_prefixlen - int(bits)), int(count)))]
        if len(blocks) < int(count):
            raise UnknownIntrinsicError(f"Fn::Cidr {count} blocks in {block}")
        return blocks

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

    def _made(self, name: str) -> Made:
        resource = self._document["Resources"].get(name)
        if resource is None or not self._is_made(resource):
            raise UnknownIntrinsicError(f"the resource {name}")
        properties = resource.get("Properties", {})
        return Made(self._account, name, resource["Type"], lambda key: self._resolve(properties.get(key)))

    def _get_att(self, argument: list[str] | str) -> Any:  # noqa: ANN401 - JSON
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        made = self._made(name)
        if made.kind == _NESTED and attribute.startswith("Outputs."):
            return self._stack(name).output(attribute.removeprefix("Outputs."))
        if (found := made.attribute(attribute)) is None:
            raise UnknownIntrinsicError(f"Fn::GetAtt {name}.{attribute}")
        return found
