"""The parts of the configuration fit each other and the deployment, or nothing is served."""

import copy
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate.config import Config, Deployment, read_config
from studio_gate.errors import ConfigError
from tests.studio_gate.builders import Change, at, toml
from tests.studio_gate.opened import ACCOUNT, EXECUTION_ROLE, SSO_SOURCE, entry

EXAMPLE = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
EXAMPLE["destinations"] = EXAMPLE["destinations"][:2]
OTHER = "444455556666"
ROLES = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("directory", "making")}
THEIRS = {name: f"arn:aws:iam::{OTHER}:role/{name}" for name in ("minting", "directory")}
FROM: dict[str, Any] = {"providers": ["corp"], "claim": "email"}
FROM["by"] = {"transform": "email-local-part", "domain": "corp.example"}
TAGGED = {"providers": ["corp", SSO_SOURCE], "claim": "subject", "tag": "owner"}
MAKING = {"execution_role": EXECUTION_ROLE, "tags": {"team": "research"}}
THIRD = ("destinations", 2)


def as_it_is(_: object) -> None:
    """Change nothing."""


@pytest.fixture
def compiled(tmp_path: Path, deployment: Deployment) -> Callable[..., Config]:
    """Compile the example's first destinations with a third, after a change, for a deployment with all roles."""

    def compile_changed(destination: Mapping[str, Any], change: Change = as_it_is, **roles: Any) -> Config:  # noqa: ANN401 - of a model
        document = copy.deepcopy(EXAMPLE)
        document["destinations"].append(copy.deepcopy(dict(destination)))
        change(document)
        path = tmp_path / "gate.toml"
        path.write_text(toml(document), encoding="utf-8")
        given = {"directory_role_arn": ROLES["directory"], "making_role_arn": ROLES["making"]} | roles
        return read_config(path, deployment.model_copy(update=given))

    return compile_changed


ELSEWHERE = {"account": OTHER, "minting_role": THEIRS["minting"]}
MLFLOW_ENDPOINTS = ["vpce-0b2c3d4e5f6071829", "vpce-0d"]
GOOD: dict[str, dict[str, Any]] = {
    "a claim of a provider": entry(profile_from=FROM),
    "a tag and a trusted session name": entry(profile_tagged=TAGGED),
    "a sign-in's and a proxy's claim": entry(profile_from=FROM | {"providers": ["web", "edge", "alb"]}),
    "profiles that are made and owned": entry(profile_from=FROM, owner_tag=TAGGED, create_profile=MAKING),
    "a limit for a role's group": entry(limits=[{"group": "tools", "expires_in": 10}]),
    "a limit for a provider's group": entry(limits=[{"group": "data-science", "expires_in": 10}]),
    "another account": entry(**ELSEWHERE, external_id="our-gate"),
    "another account whose domain is described": entry(
        **ELSEWHERE, directory_role=THEIRS["directory"], profile_tagged=TAGGED
    ),
    "another region": entry(region="us-west-2", endpoint_ids=["vpce-0e", "vpce-0f"]),
    "a notebook": entry("notebook", endpoint_ids=MLFLOW_ENDPOINTS),
    "an MLflow server": entry("mlflow", endpoint_ids=MLFLOW_ENDPOINTS),
}


@pytest.mark.parametrize("destination", GOOD.values(), ids=GOOD.keys())
def test_read(compiled: Callable[..., Config], destination: dict[str, Any]) -> None:
    assert compiled(destination).destination("team") is not None


UNTRUSTED = SSO_SOURCE.replace("AWSReservedSSO_DataScientist_0123456789abcdef", "intranet-launcher")
REFUSED: dict[str, tuple[dict[str, Any], Change, str]] = {
    "a provider that is not there": (
        entry(profile_from=FROM | {"providers": ["corp", "cor"]}),
        as_it_is,
        "team: profile_from: 'cor' is no issuer, proxy, sign-in or role with trust_session_name, which are alb, corp,",
    ),
    "a role that is not there": (
        entry(profile_tagged=TAGGED | {"providers": [f"iam:{ACCOUNT}/Admin"]}),
        as_it_is,
        f"team: profile_tagged: 'iam:{ACCOUNT}/Admin' is no issuer",
    ),
    "a role of another account": (
        entry(profile_tagged=TAGGED | {"providers": [SSO_SOURCE.replace(ACCOUNT, OTHER)]}),
        as_it_is,
        f"team: profile_tagged: 'iam:{OTHER}/AWSReservedSSO",
    ),
    "a role whose session name anybody chooses": (
        entry(profile_tagged=TAGGED | {"providers": [UNTRUSTED]}),
        as_it_is,
        f"team: profile_tagged: '{UNTRUSTED}' is no issuer",
    ),
    "an owner's tag of a provider that is not there": (
        entry(profile_from=FROM, owner_tag=TAGGED | {"providers": ["nobody"]}),
        as_it_is,
        "team: owner_tag: 'nobody' is no issuer",
    ),
    "an address of a provider that tells none": (
        entry(profile_from=FROM),
        lambda document: document["issuers"][0]["claims"].pop("email"),
        "team: profile_from: 'corp' says nothing of 'email': give it claims.email",
    ),
    "a provider given twice": (
        entry(profile_from=FROM | {"providers": ["corp", "corp"]}),
        as_it_is,
        "team: profile_from: providers: given twice: corp",
    ),
    "a limit for a group that nobody is in": (
        entry(limits=[{"group": "contractor", "expires_in": 10}]),
        as_it_is,
        "team: a limit is for the group 'contractor', which nobody is given: the groups are contractors, data-science",
    ),
    "a limit for a provider's own name of a group": (
        entry("notebook", limits=[{"group": "Data-Science", "expires_in": 300}], endpoint_ids=MLFLOW_ENDPOINTS),
        as_it_is,
        "team: a limit is for the group 'Data-Science', which nobody is given",
    ),
    "profiles that run as a role of another account": (
        entry(profile_from=FROM, create_profile=MAKING | {"execution_role": f"arn:aws:iam::{OTHER}:role/x"}),
        as_it_is,
        f"team: create_profile: execution_role is of account {OTHER}, not {ACCOUNT}",
    ),
    "an owner's tag that all would have": (
        entry(profile_from=FROM, owner_tag=TAGGED, create_profile=MAKING | {"tags": {"owner": "all"}}),
        as_it_is,
        "team: create_profile: the tag 'owner' is the owner's",
    ),
    "the gate's own endpoint": (
        entry(endpoint_ids=["vpce-0a1b2c3d4e5f60718", "vpce-0d"]),
        as_it_is,
        "team: endpoint_ids must not be those of execute-api: vpce-0a1b2c3d4e5f60718",
    ),
    "an endpoint given twice": (
        entry(endpoint_ids=["vpce-0d", "vpce-0d"]),
        as_it_is,
        "team: endpoint_ids must be of several services",
    ),
    "another account without its role": (
        entry(account=OTHER),
        as_it_is,
        f"team: its URLs would be minted by a role of account {ACCOUNT}: give minting_role, one of {OTHER}",
    ),
    "another account with the role of a third": (
        entry(account=OTHER, minting_role="arn:aws:iam::777788889999:role/minting"),
        as_it_is,
        f"by a role of account 777788889999: give minting_role, one of {OTHER}",
    ),
    "a role of another partition": (
        entry(minting_role=f"arn:aws-cn:iam::{ACCOUNT}:role/minting"),
        as_it_is,
        "team: its URLs would be minted by a role of",
    ),
    "an external id for the stack's own role": (
        entry(external_id="our-gate"),
        as_it_is,
        "team: external_id goes with a minting_role of its own",
    ),
    "a notebook behind the endpoints for Studio": (
        entry("notebook"),
        as_it_is,
        "do not serve it: give endpoint_ids, of sagemaker.api and aws.sagemaker.eu-central-1.notebook",
    ),
    "an MLflow server in another region": (
        entry("mlflow", region="us-west-2"),
        as_it_is,
        "give endpoint_ids, of sagemaker.api and aws.sagemaker.us-west-2.experiments",
    ),
    "another account's tags without a role that reads them": (
        entry(**ELSEWHERE, profile_tagged=TAGGED),
        as_it_is,
        f"team: no role of account {OTHER} can describe it: give directory_role, one of {OTHER}",
    ),
    "tags that a role of another account would read": (
        entry(directory_role=THEIRS["directory"]),
        as_it_is,
        f"team: no role of account {ACCOUNT} can describe it: give directory_role, one of {ACCOUNT}",
    ),
    "profiles to be made in another account": (
        entry(
            **ELSEWHERE,
            directory_role=THEIRS["directory"],
            profile_from=FROM,
            create_profile={"execution_role": f"arn:aws:iam::{OTHER}:role/x"},
        ),
        as_it_is,
        f"team: create_profile: the stack has no role that makes profiles in account {OTHER} and eu-central-1",
    ),
    "another region's tags without a role that reads them": (
        entry(region="us-west-2", endpoint_ids=["vpce-0e", "vpce-0f"], owner_tag=TAGGED),
        as_it_is,
        f"team: no role of account {ACCOUNT} can describe it: give directory_role, one of {ACCOUNT}",
    ),
    "profiles to be made in another region": (
        entry(
            region="us-west-2",
            endpoint_ids=["vpce-0e", "vpce-0f"],
            directory_role=ROLES["directory"],
            profile_from=FROM,
            create_profile=MAKING,
        ),
        as_it_is,
        f"team: create_profile: the stack has no role that makes profiles in account {ACCOUNT} and us-west-2",
    ),
    "a caller of a notebook whom nothing proves": (
        entry("notebook", callers=["nobody:x"], endpoint_ids=MLFLOW_ENDPOINTS),
        as_it_is,
        "caller 'nobody:x' is of no issuer or proxy",
    ),
    "a caller of a notebook in two cases": (
        entry("notebook", callers=["corp:x", "corp:X"], endpoint_ids=MLFLOW_ENDPOINTS),
        as_it_is,
        "callers of 'team' but for case: given twice: corp:x",
    ),
    "an alias of another's name": (
        entry(),
        at(*THIRD, "aliases")(["sandbox"]),
        "destinations and aliases: given twice: sandbox",
    ),
}


@pytest.mark.parametrize(("destination", "change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(compiled: Callable[..., Config], destination: dict[str, Any], change: Change, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: .*{re.escape(message)}"):
        compiled(destination, change)


@pytest.mark.parametrize(
    ("destination", "role", "message"),
    [
        (entry(profile_tagged=TAGGED), "directory_role_arn", "can describe it"),
        (entry(owner_tag=TAGGED), "directory_role_arn", "can describe it"),
        (entry(profile_from=FROM, create_profile=MAKING), "directory_role_arn", "can describe it"),
        (entry(profile_from=FROM, create_profile=MAKING), "making_role_arn", "no role that makes profiles"),
    ],
    ids=["to find by tags", "to check tags", "to look for profiles", "to make profiles"],
)
def test_a_role_is_needed(
    compiled: Callable[..., Config], destination: dict[str, Any], role: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        compiled(destination, **{role: None})
    assert compiled(entry(), **{role: None})
