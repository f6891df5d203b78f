"""`make check`: what would be deployed, as CloudFormation and the function would judge it, before it is deployed."""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from localaws import parameters, template, tokens
from studio_gate.config import Config, read_config, read_deployment
from studio_gate.errors import ConfigError
from studio_gate.identity.keys import Key, read_key_set, read_pem
from studio_gate.providers import AlbProxy, AssertionProxy, Issuer
from studio_gate_cli.operator import checking, naming

ROOT = Path(__file__).parent.parent
# Which of the stack's parameters says what can be minted, for each kind of destination.
_ARNS = {"studio": "StudioProfileArns", "notebook": "NotebookArns", "mlflow": "TrackingServerArns"}
_SUFFIX = re.compile(r"-([A-Za-z0-9]{6}|[?]{6})$")


def problems(samconfig: Path, config: Path) -> list[str]:
    """Say what would not work of a samconfig.toml and a folder with gate.toml and policies.cedar; nothing if all would.

    The account and the partition are those of StudioProfileArns, the region is that of samconfig.toml.
    """
    try:
        given = template.samconfig_parameters(samconfig)
        deploy = template.samconfig(samconfig)
        source = template.load(ROOT / "template.yaml")
        found = [f"{samconfig.name}: {one}" for one in _parameter_problems(source, given, deploy["region"])]
        if found:
            return found
        account = _account(given["StudioProfileArns"].split(","), deploy["region"], deploy["stack_name"])
        stack = template.create(source, given, account)
        variables = stack["Function"]["Properties"]["Environment"]["Variables"] | {"AWS_REGION": account.region}
        deployment = read_deployment(variables)
        if wrong := checking.check(config, deployment):
            return [str(one) for one in wrong]
        gate = read_config(config / "gate.toml", deployment)
    except (ConfigError, template.UnknownIntrinsicError, OSError, ValueError) as error:
        where = f"{samconfig.name}: " if isinstance(error, tomllib.TOMLDecodeError) else ""
        return [f"{where}{error}"]
    except KeyError as error:
        return [f"{samconfig.name}: {error} is missing"]
    return [f"{samconfig.name}: {one}" for one in _samconfig_problems(gate, given, account)]


def _parameter_problems(source: Mapping[str, Any], given: Mapping[str, str], region: str) -> list[str]:
    declared = source["Parameters"]
    unknown = [f"{name} is not a parameter of template.yaml" for name in sorted(given.keys() - declared.keys())]
    needed = {name for name, one in declared.items() if "Default" not in one}
    missing = [f"{name} is missing" for name in sorted(needed - given.keys())]
    if unknown or missing:
        return unknown + missing
    bad = [name for name, text in given.items() if not parameters.accepted(declared[name], text)]
    wanted = [f"{name}={given[name]} must be {_wanted(declared[name])}" for name in bad]
    return wanted + parameters.refusals(dict(source), given, region)


def _wanted(declared: Mapping[str, Any]) -> str:
    keys = ("AllowedPattern", "AllowedValues", "MinValue", "MaxValue")
    return ", ".join(f"{key} {declared[key]}" for key in keys if key in declared)


def _account(arns: list[str], region: str, stack_name: str) -> template.Account:
    where = {(arn.split(":")[4], arn.split(":")[1]) for arn in arns}
    if len(where) != 1:
        raise ConfigError("samconfig.toml: StudioProfileArns must all be of the stack's own account")
    ((account, partition),) = where
    return template.Account(account, region, partition, stack_name)


def _samconfig_problems(gate: Config, given: Mapping[str, str], account: template.Account) -> Iterator[str]:
    for kind, parameter in _ARNS.items():
        minted = {arn for arn in given.get(parameter, "").split(",") if arn}
        of_the_stack = [one for one in gate.destinations if one.kind == kind and one.minting_role is None]
        wanted = {one.arn(account.partition, "*") for one in of_the_stack}
        yield from (f"{parameter} lacks {arn}: nothing could be minted" for arn in sorted(wanted - minted))
        yield from (f"{parameter} has {arn}: gate.toml opens nothing there" for arn in sorted(minted - wanted))
    yield from _reach_problems(gate, given)
    trusted = given.get("TrustedPrincipals", "").split(",")
    for role in [] if given.get("TrustedOrganizationId") else gate.iam_roles:
        if not any(f"::{role.account}:root" in arn or arn.endswith(f"/{role.role}") for arn in trusted):
            yield f"TrustedPrincipals has neither account {role.account} nor role {role.role}: it cannot reach the gate"
    yield from _secret_problems(gate, given, account)
    yield from _watching_problems(gate, given, account)


def _reach_problems(gate: Config, given: Mapping[str, str]) -> Iterator[str]:
    """Hold the roles and endpoints that destinations have of their own against those that the stack is given."""
    of_the_stack = [one for one in gate.destinations if one.minting_role is None]
    roles = {role for one in gate.destinations for role in (one.minting_role, one.directory_role) if role}
    making = [one.domain.create_profile for one in gate.destinations if one.domain]
    given_to = {one.execution_role for one in making if one}
    used = {endpoint for one in of_the_stack for endpoint in one.endpoint_ids or ()}
    used -= {given.get("SageMakerApiEndpointId"), given.get("StudioEndpointId")}
    compared = [
        ("OtherRoleArns", roles, "it could not be assumed", "no destination of gate.toml has that role"),
        ("ProfileExecutionRoleArns", given_to, "no profile could get it", "no create_profile of gate.toml has it"),
    ]
    # Where none is given they are made, and nobody knows their ids before.
    if given.get("Network", "existing") == "existing" or given.get("UseEndpointIds"):
        compared.append(
            ("UseEndpointIds", used, "URLs would not work through it", "no destination of the stack's account uses it")
        )
    for parameter, wanted, lacking, idle in compared:
        there = {one for one in given.get(parameter, "").split(",") if one}
        yield from (f"{parameter} lacks {one}: {lacking}" for one in sorted(wanted - there))
        yield from (f"{parameter} has {one}: {idle}" for one in sorted(there - wanted))


def _watching_problems(gate: Config, given: Mapping[str, str], account: template.Account) -> Iterator[str]:
    """Hold the destinations whose URLs CloudTrail does not record here against those that watching leaves out."""
    here = [one for one in gate.destinations if one.minting_role is None and one.region == account.region]
    elsewhere = {one.name for one in gate.destinations} - {one.name for one in here}
    left_out = {one for one in given.get("DestinationsElsewhere", "").split(",") if one}
    for name in sorted(elsewhere - left_out):
        yield f"DestinationsElsewhere lacks {name}: its URLs would hide others that nobody audited"
    for name in sorted(left_out - elsewhere):
        yield f"DestinationsElsewhere has {name}: gate.toml opens no such destination in another account or region"


def _secret_problems(gate: Config, given: Mapping[str, str], account: template.Account) -> Iterator[str]:
    """Hold the secrets that [sign_in] names against those that the function may read."""
    arns = [arn for arn in given.get("SecretArns", "").split(",") if arn]
    made = f"secretsmanager:{account.stack_name}/sealing-keys" if given.get("SealingKeys") == "made" else None
    named = (gate.sign_in.sealing_keys, gate.sign_in.client_secret) if gate.sign_in else ()
    secrets = [name for name in named if name is not None and name != made]
    if made is not None and made not in named:
        yield f"SealingKeys=made makes {made}, which gate.toml's sign_in does not name"
    for name in secrets:
        if not any(_holds(arn, name, account) for arn in arns):
            yield f"SecretArns lacks {name}, which gate.toml's sign_in names: nobody could sign in"
    for arn in arns:
        if not any(_holds(arn, name, account) for name in secrets):
            yield f"SecretArns has {arn}: gate.toml names no such secret"
    if given.get("SecretsKeyArn") and not (arns or made):
        yield "SecretsKeyArn has a key, and SecretArns nothing to decrypt"


def _holds(arn: str, name: str, account: template.Account) -> bool:
    """Tell whether an ARN of SecretArns is that of a secret as gate.toml names it."""
    service, _, identifier = name.partition(":")
    place = f"arn:{account.partition}:{service}:{account.region}:{account.id}"
    if service == "ssm":
        return arn == f"{place}:parameter{identifier}"
    # Secrets Manager adds six characters to a name. Policies say which or ?????? for any; gate.toml may leave them out.
    bare = _SUFFIX.sub("", arn)
    if not identifier.startswith("arn:"):
        return bare == f"{place}:secret:{identifier}"
    return identifier in {arn, bare} or arn == f"{_SUFFIX.sub('', identifier)}-??????"


def deployment_problems(samconfig: Path, config: Path) -> list[str]:
    """Say what `problems` does, and which keys of gate.toml anybody could sign with: they are for laptops alone."""
    if found := problems(samconfig, config):
        return found
    gate = Config.model_validate_json(json.dumps(tomllib.loads((config / "gate.toml").read_text(encoding="utf-8"))))
    return [
        f"gate.toml: {one.name!r} pins key {key_id!r} of localaws/tokens.py, with which anybody could sign"
        for one in naming.providers(gate)
        for key_id, key in _pinned(one).items()
        # By what it verifies, however it is written.
        if any(key.verifies(b"", known.sign(b"")) for known in tokens.KEYS)
    ]


def _pinned(provider: Issuer | AlbProxy | AssertionProxy) -> dict[str, Key]:
    if isinstance(provider, AlbProxy):
        return {key_id: read_pem(pem.encode()) for key_id, pem in provider.keys.pinned.items()}
    return read_key_set(provider.keys.pinned.encode(), provider.algorithms) if provider.keys.pinned else {}


def main(check: Callable[[Path, Path], list[str]] = deployment_problems) -> int:
    """Print each problem of what would be deployed on a line; return 0 if there is none."""
    found = check(ROOT / "samconfig.toml", ROOT / "functions" / "gate" / "config")
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print("gate.toml, policies.cedar, samconfig.toml and template.yaml fit together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
