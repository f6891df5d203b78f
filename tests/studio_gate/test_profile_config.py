"""Whose callers have which value: by it their profiles are found, so nobody else's may be taken for it."""

import re
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from studio_gate.callers import Caller, Proof
from studio_gate.profile_config import Claim, TagKey, TagValue
from tests.studio_gate.builders import SSO, caller
from tests.studio_gate.opened import EXECUTION_ROLE, SSO_SOURCE, opened

SESSION = caller()
ROLE = replace(SESSION, id=SSO)
CORP = Caller("corp:s-1", Proof.BEARER, "https://idp", "s-1", "a@corp.example", frozenset(), email="a@corp.example")
NO_MAIL = replace(CORP, email=None)
LIKE_A_ROLE = replace(CORP, id="corp:iam:111122223333/role", subject="iam:111122223333/role")
VALUES = {
    "a subject of the provider": ("corp", "subject", CORP, "s-1"),
    "an address of the provider": ("corp", "email", CORP, "a@corp.example"),
    "no address of a caller without one": ("corp", "email", NO_MAIL, None),
    "a subject of a caller without an address": ("corp", "subject", NO_MAIL, "s-1"),
    "nothing of another provider": ("edge", "subject", CORP, None),
    "nothing of a provider that begins so": ("corp-2", "subject", CORP, None),
    "nothing of a provider that it begins": ("cor", "subject", CORP, None),
    "a session name that is trusted": (SSO_SOURCE, "subject", SESSION, "alice@example.com"),
    "a session name as an address": (SSO_SOURCE, "email", SESSION, "alice@example.com"),
    "nothing of a session of another role": (f"{SSO_SOURCE}x", "subject", SESSION, None),
    "nothing of a session of that role elsewhere": (
        SSO_SOURCE.replace("111122223333", "444455556666"),
        "subject",
        SESSION,
        None,
    ),
    "nothing of a session for a provider's claim": ("corp", "subject", SESSION, None),
    "nothing of a session whose name is not trusted": (SSO_SOURCE, "subject", ROLE, None),
    "nothing of a subject that is written like a role": ("iam:111122223333/role", "subject", LIKE_A_ROLE, None),
    "nothing of a caller without an id": ("corp", "subject", replace(CORP, id=""), None),
    "nothing of an id with a newline": ("corp", "subject", replace(CORP, id="corp:s-1\n"), None),
    "nothing of a provider in another case": ("corp", "subject", replace(CORP, id="Corp:s-1"), None),
}


@pytest.mark.parametrize(("source", "claim", "who", "value"), VALUES.values(), ids=VALUES.keys())
def test_the_value_is(source: str, claim: str, who: Caller, value: str | None) -> None:
    read = Claim.model_validate_json(f'{{"providers": ["other", "{source}"], "claim": "{claim}"}}')
    assert read.value_of(who) == value


CLAIMS = {
    "no provider": ('{"providers": [], "claim": "subject"}', "providers"),
    "a claim that may be given to somebody else": ('{"providers": ["corp"], "claim": "name"}', "claim"),
    "a provider that is a wildcard": ('{"providers": ["*"], "claim": "subject"}', "providers"),
    "a role without its account": ('{"providers": ["iam:role"], "claim": "subject"}', "providers"),
    "a role with a session": ('{"providers": ["iam:111122223333/a/b"], "claim": "subject"}', "providers"),
    "a role that is a wildcard": ('{"providers": ["iam:111122223333/*"], "claim": "subject"}', "providers"),
}


@pytest.mark.parametrize(("text", "field"), CLAIMS.values(), ids=CLAIMS.keys())
def test_no_claim_is_read_with(text: str, field: str) -> None:
    with pytest.raises(ValidationError, match=rf"(?m)^{field}"):
        Claim.model_validate_json(text)


KEYS = {"owner": True, "Cost Center/1": True, "k" * 128: True, "k" * 129: False, "": False, "a*": False, "ä": False}
KEYS |= {"aws:owner": False, "AWS:owner": False, "aWs:owner": False, "laws:owner": True, "owner\n": False}


@pytest.mark.parametrize(("key", "good"), KEYS.items(), ids=[repr(key[:12]) for key in KEYS])
def test_a_tag_s_key(key: str, good: bool) -> None:  # noqa: FBT001 - of a table
    assert _taken(TypeAdapter(TagKey), key) == good


@pytest.mark.parametrize(("value", "good"), [("", True), ("v" * 256, True), ("v" * 257, False), ("${x}", False)])
def test_a_tag_s_value(value: str, good: bool) -> None:  # noqa: FBT001 - of a table
    assert _taken(TypeAdapter(TagValue), value) == good


def _taken(adapter: TypeAdapter[str], value: str) -> bool:
    try:
        return adapter.validate_python(value) == value
    except ValidationError:
        return False


FROM = {"providers": ["corp"], "claim": "subject", "by": {"transform": "exact"}}
TAGGED = {"providers": ["corp"], "claim": "subject", "tag": "owner"}
MAKING = {"execution_role": EXECUTION_ROLE}
WAYS: dict[str, tuple[dict[str, object], str]] = {
    "no way": ({"profiles": []}, "there must be one of profiles, profile_from and profile_tagged"),
    "a list and a claim": (
        {"profiles": [{"name": "a", "callers": ["corp:a"]}], "profile_from": FROM},
        "there must be one of",
    ),
    "a claim and a tag": ({"profile_from": FROM, "profile_tagged": TAGGED}, "there must be one of"),
    "a list and profiles that are made": (
        {"profiles": [{"name": "a", "callers": ["corp:a"]}], "create_profile": MAKING},
        "create_profile goes with profile_from",
    ),
    "a tag and profiles that are made": (
        {"profile_tagged": TAGGED, "create_profile": MAKING},
        "create_profile goes with profile_from",
    ),
}


@pytest.mark.parametrize(("more", "message"), WAYS.values(), ids=WAYS.keys())
def test_profiles_are_found_in_one_way_and_not_by(more: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        opened(**more)


@pytest.mark.parametrize("more", [{"profile_from": FROM, "create_profile": MAKING}, {"profile_tagged": TAGGED}])
def test_profiles_are_found_by(more: dict[str, object]) -> None:
    assert opened(**more, owner_tag=TAGGED).name == "team"
