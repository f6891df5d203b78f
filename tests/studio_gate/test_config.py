"""The configuration is compiled as a whole or refused with a message that says where."""

import copy
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from localaws import example
from studio_gate.config import Config, Deployment, read_config
from studio_gate.errors import ConfigError
from tests.studio_gate.builders import Change, at, both, toml

EXAMPLE = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
ALICE = EXAMPLE["destinations"][0]["profiles"][0]["callers"][0]
ROLE = "arn:aws:sts::111122223333:assumed-role"


@pytest.fixture
def compiled(tmp_path: Path, deployment: Deployment) -> Callable[[Change], Config]:
    """Compile the example after a change."""

    def compile_changed(change: Change) -> Config:
        document = copy.deepcopy(EXAMPLE)
        change(document)
        path = tmp_path / "gate.toml"
        path.write_text(toml(document), encoding="utf-8")
        return read_config(path, deployment)

    return compile_changed


def test_the_example_is_read_as_it_stands(config: Config) -> None:
    assert [one.name for one in config.destinations[:2]] == ["research", "sandbox"]
    assert config.destinations[0].is_host("d-research01234.studio.eu-central-1.sagemaker.aws")
    assert config.destinations[0].expires_in.model_dump() == {"default": 30, "maximum": 60}


def test_what_was_compiled_stays_as_it_is(config: Config, deployment: Deployment) -> None:
    research, role = config.destinations[0], config.iam_roles[0]
    for model in (config, deployment, role, research, research.expires_in, research.profiles[0]):
        for name, value in model:
            with pytest.raises(ValidationError, match="frozen"):
                setattr(model, name, value)


def test_expiries_left_out_are_short(compiled: Callable[[Change], Config]) -> None:
    def leave_out(document: dict[str, Any]) -> None:
        document["destinations"][0].pop("expires_in")
        document["destinations"][0].pop("session_expires_in")

    research = compiled(leave_out).destinations[0]
    assert research.expires_in.model_dump() == {"default": 30, "maximum": 60}
    assert research.session_expires_in.model_dump() == {"default": 28800, "maximum": 43200}


def copied(*path: str | int) -> Change:
    """Append a copy of the first item of the list at a path."""

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path:
            place = place[step]
        place.append(copy.deepcopy(place[0]))

    return change


FIRST = ("destinations", 0)
PROFILE = (*FIRST, "profiles", 0)
REFUSED = {
    "another version": (at("version")(2), "version: Input should be 1"),
    "a version as text": (at("version")("1"), "version: Input should be 1"),
    "an unknown entry at the top": (at("allow")(["alice"]), "allow: Extra inputs are not permitted"),
    "an unknown entry in a destination": (at(*FIRST, "allow")(["alice"]), "allow: Extra inputs"),
    "an unknown kind": (at(*FIRST, "kind")("canvas"), "destinations.0: Input tag 'canvas'"),
    "no destinations": (at("destinations")([]), "destinations: "),
    "nobody trusted": (
        lambda document: [document.pop(name) for name in ("iam_roles", "issuers", "proxies", "sign_in")],
        "nobody can call",
    ),
    "no profiles": (at(*FIRST, "profiles")([]), "destinations.0: there must be one of profiles, profile_from and"),
    "a profile without callers": (at(*PROFILE, "callers")([]), "destinations.0.profiles.0.callers: "),
    "a default destination that is not there": (at("default_destination")("prod"), "default_destination 'prod' is not"),
    "a destination name with a slash": (at(*FIRST, "name")("a/b"), "destinations.0.name: is not lower-case words"),
    "a destination name of 33 characters": (at(*FIRST, "name")("a" * 33), "destinations.0.name: is not lower-case"),
    "a destination name with capitals": (at(*FIRST, "name")("Research"), "lower-case words"),
    "a destination given twice": (copied("destinations"), "destinations and aliases: given twice: research"),
    "a domain given to two destinations": (
        both(copied("destinations"), at("destinations", -1, "name")("again"), at("destinations", -1, "aliases")([])),
        "what destinations open: given twice: 111122223333 eu-central-1 user-profile/d-research01234",
    ),
    "a role given twice": (copied("iam_roles"), "iam_roles: given twice"),
    "a role given twice in another case": (
        both(copied("iam_roles"), at("iam_roles", -1, "role")("awsreservedsso_datascientist_0123456789abcdef")),
        "iam_roles: given twice",
    ),
    "a profile given twice": (copied(*FIRST, "profiles"), "profiles of 'research': given twice: alice"),
    "a profile given twice in another case": (
        both(copied(*FIRST, "profiles"), at(*FIRST, "profiles", -1, "name")("Alice")),
        "profiles of 'research': given twice: alice",
    ),
    "a caller in another case for another profile": (
        at(*FIRST, "profiles", 1, "callers")(
            [EXAMPLE["destinations"][0]["profiles"][0]["callers"][0].replace("/a", "/A")]
        ),
        "callers of 'research' but for case: given twice",
    ),
    "a caller given twice for one profile": (copied(*PROFILE, "callers"), "callers of research/alice: given twice"),
    "a caller of a role that is not trusted": (at(*PROFILE, "callers")([f"{ROLE}/Admin/alice"]), "is of no role in"),
    "a caller of the role in another account": (
        at(*PROFILE, "callers")([f"{ROLE.replace('1111', '9999')}/intranet-launcher"]),
        "is of no role in",
    ),
    "a caller without the session name that its role is trusted with": (
        at(*PROFILE, "callers")([f"{ROLE}/AWSReservedSSO_DataScientist_0123456789abcdef"]),
        "must name a session",
    ),
    "a caller with a session name that anybody could choose": (
        at(*PROFILE, "callers")([f"{ROLE}/intranet-launcher/alice"]),
        "must not name a session",
    ),
    "a caller of another partition": (
        at(*PROFILE, "callers")([f"{ROLE.replace('arn:aws:', 'arn:aws-cn:')}/intranet-launcher"]),
        "not of the stack's partition aws: arn:aws-cn:",
    ),
    "a caller that is a wildcard": (at(*PROFILE, "callers")([f"{ROLE}/intranet-launcher/*"]), "is not the STS ARN"),
    "a caller that is an IAM role": (
        at(*PROFILE, "callers")(["arn:aws:iam::111122223333:role/intranet-launcher"]),
        "is not the STS ARN",
    ),
    "a destination in another account": (
        at(*FIRST, "account")("999988887777"),
        "research: its URLs would be minted by a role of account 111122223333: give minting_role",
    ),
    "a destination in another region": (
        at(*FIRST, "region")("us-east-1"),
        "research: the stack's endpoints do not serve it: give endpoint_ids, of sagemaker.api and",
    ),
    "an account id with a letter": (at("iam_roles", 0, "account")("11112222333A"), "an account id of 12 digits"),
    "an account id as a number": (at("iam_roles", 0, "account")(111122223333), "iam_roles.0.account: "),
    "a role with its path": (at("iam_roles", 0, "role")("team/DataScientist"), "a role name, without its path"),
    "a role that is a wildcard": (at("iam_roles", 0, "role")("*"), "a role name, without its path"),
    "a role id that is too short": (at("iam_roles", 0, "role_id")("AROAx"), "role_id: is not a role id such as"),
    "a role id in small letters": (at("iam_roles", 0, "role_id")("aroaexampleexample01"), "role_id: is not a role id"),
    "a role id of 33 characters": (at("iam_roles", 0, "role_id")("AROA" + "A" * 29), "role_id: is not a role id"),
    "a role id of a user": (at("iam_roles", 0, "role_id")("AIDAEXAMPLEEXAMPLE01"), "a role id such as"),
    "a session name trusted by a word": (at("iam_roles", 0, "trust_session_name")("yes"), "trust_session_name: "),
    "a group with a quote": (at("iam_roles", 0, "groups")(['a"b']), "groups.0: is not a group name"),
    "a group with a blank": (at("iam_roles", 0, "groups")(["data science"]), "a group name"),
    "a domain id that is none": (at(*FIRST, "domain_id")("research"), "a Studio domain id"),
    "a domain id that escapes its host": (at(*FIRST, "domain_id")("d-x.evil.example/"), "a Studio domain id"),
    "a domain id over 63 characters": (at(*FIRST, "domain_id")("d-" + "a" * 62), "a Studio domain id"),
    "a region without a place": (at(*FIRST, "region")("eu-1"), "destinations.0.region: is not a region such as"),
    "a region with two digits": (at(*FIRST, "region")("eu-central-12"), "destinations.0.region: is not a region such"),
    "a region that is none": (at(*FIRST, "region")("Frankfurt"), "a region such as"),
    "a region that escapes its host": (at(*FIRST, "region")("eu-central-1.evil"), "a region such as"),
    "a profile name that is a wildcard": (at(*PROFILE, "name")("*"), "a user profile name"),
    "a profile name with a variable": (at(*PROFILE, "name")("${aws:username}"), "a user profile name"),
    "a profile name with a dot": (at(*PROFILE, "name")("alice.b"), "a user profile name"),
    "a profile name with a newline": (at(*PROFILE, "name")("alice\n"), "a user profile name"),
    "a profile name of 64 characters": (at(*PROFILE, "name")("a" * 64), "a user profile name"),
    "a profile name of many hyphens": (at(*PROFILE, "name")("a" + "-" * 70 + "b"), "a user profile name"),
    "a profile name in other letters": (at(*PROFILE, "name")("аlice"), "a user profile name"),  # noqa: RUF001 - the point
    "an expiry under SageMaker's least": (at(*FIRST, "expires_in")({"default": 4, "maximum": 60}), "expires_in"),
    "an expiry over SageMaker's most": (at(*FIRST, "expires_in")({"default": 30, "maximum": 301}), "expires_in"),
    "a default over its maximum": (at(*FIRST, "expires_in")({"default": 61, "maximum": 60}), "expires_in"),
    "an expiry that is true": (at(*FIRST, "expires_in")({"default": True, "maximum": 60}), "expires_in.default"),
    "an expiry as text": (at(*FIRST, "expires_in")({"default": "30", "maximum": 60}), "expires_in.default"),
    "an expiry with a fraction": (at(*FIRST, "expires_in")({"default": 30.5, "maximum": 60}), "expires_in.default"),
    "a session under SageMaker's least": (
        at(*FIRST, "session_expires_in")({"default": 1799, "maximum": 3600}),
        "session_expires_in",
    ),
    "a session over SageMaker's most": (
        at(*FIRST, "session_expires_in")({"default": 3600, "maximum": 43201}),
        "session_expires_in",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(compiled: Callable[[Change], Config], change: Change, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: .*{re.escape(message)}"):
        compiled(change)


UNREADABLE = {
    "a key given twice": (b"version = 1\nversion = 1\n", "line 2"),
    "a number that is none": (b"version = 1__0\n", "line 1"),
    "bytes that are not UTF-8": (b'version = "\xff"\n', "utf-8"),
    "an empty file": (b"", "version: Field required"),
    "a date where text is due": (b"version = 1\ndefault_destination = 2026-11-24\n", "type date is not"),
    "a number without end": (b"version = inf\n", "version: Input should be 1"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable(tmp_path: Path, deployment: Deployment, content: bytes, message: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"^gate.toml: .*{message}"):
        read_config(path, deployment)


def test_a_missing_file_is_named(tmp_path: Path, deployment: Deployment) -> None:
    with pytest.raises(ConfigError, match=r"^gate\.toml: .*No such file"):
        read_config(tmp_path / "gate.toml", deployment)


def test_an_error_does_not_repeat_what_was_configured(compiled: Callable[[Change], Config]) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(at(*PROFILE, "name")("s3cret!"))
    assert "s3cret" not in str(caught.value)


def test_everything_that_does_not_fit_is_said_at_once(compiled: Callable[[Change], Config]) -> None:
    def break_all(document: dict[str, Any]) -> None:
        document["default_destination"] = "nowhere"
        document["destinations"][1]["aliases"] = ["research"]
        document["destinations"][0]["profiles"][0]["callers"] = ["stranger:alice"]
        document["destinations"][0]["limits"] = [{"group": "nobody", "expires_in": 10}]

    with pytest.raises(ConfigError) as caught:
        compiled(break_all)
    said = str(caught.value).removeprefix("gate.toml: ").split("; ")
    assert [one.partition(":")[0].partition(" 'stranger")[0] for one in said] == [
        "destinations and aliases",
        "default_destination 'nowhere' is not one of the destinations",
        "caller",
        "research",
    ]
