"""The reference of gate.toml names whatever the models read, in words, and is never behind them."""

import re
import sys
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from annotated_types import MaxLen
from pydantic import BaseModel, Field, TypeAdapter, create_model

from docs import generate, reference
from studio_gate.config import Config
from studio_gate.fields import CallerId, ProfileName

PAGE = reference.configuration(Config)
SCHEMA = Config.model_json_schema()
# By pydantic's own account, not by the generator's.
KEYS = {
    f"{table} {key}": (table, key)
    for table, model in ({"Config": SCHEMA} | SCHEMA["$defs"]).items()
    for key in model["properties"]
}


def section(table: str, page: str = PAGE) -> str:
    (found,) = re.findall(rf"^## {table}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return str(found)


def row(table: str, key: str, page: str = PAGE) -> list[str]:
    (found,) = re.findall(rf"^\| `{key}` \| (.*) \|$", section(table, page), re.MULTILINE)
    return [str(cell) for cell in re.split(r" \| ", found)]


def test_every_table_is_there() -> None:
    assert set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)) == {"Config"} | SCHEMA["$defs"].keys()
    assert {"Config", "IamRole", "Issuer", "SignIn", "AlbProxy", "AssertionProxy", "Keys", "AlbKeys"} < {
        "Config",
        *SCHEMA["$defs"],
    }


@pytest.mark.parametrize(("table", "key"), KEYS.values(), ids=KEYS.keys())
def test_every_key_has_a_type_in_words_and_a_meaning(table: str, key: str) -> None:
    words, default, meaning = row(table, key)
    assert words
    assert meaning
    model = SCHEMA if table == "Config" else SCHEMA["$defs"][table]
    assert (default == "required") == (key in model.get("required", []))


WORDS = {
    "a grammar with its length": ("Config", "default_destination", "lower-case words joined by hyphens (at most 32"),
    "a grammar that has its length in it": ("IamRole", "account", "an account id of 12 digits"),
    "an enumeration": ("Issuer", "token", '`"access"` or `"id"`'),
    "an enumeration in a list": ("Issuer", "algorithms", 'list of at least 1, each `"RS256"`, `"PS256"`, `"ES256"` or'),
    "an enumeration of one": ("SignIn", "token", '`"id"`'),
    "a default that is a list": ("SignIn", "scopes", '`["openid", "profile", "email"]`'),
    "the name of a secret": ("SignIn", "sealing_keys", 'the name of a secret, as "ssm:/name"'),
    "bounds": ("Keys", "max_age", "a whole number from 3600 to 604800"),
    "a validator of its own": ("Keys", "pinned", "a text that is a JSON object"),
    "a table of its own": ("Issuer", "keys", "[Keys](#keys)"),
    "one of two tables": ("Config", "proxies", "list, each [AlbProxy](#albproxy) or [AssertionProxy](#assertionproxy)"),
    "a table by key": ("AlbKeys", "pinned", "table from a key id (at most 64 characters) to text"),
    "several plain types": ("Issuer", "required", "to text, a whole number or `true`/`false`"),
    "a default": ("IamRole", "trust_session_name", "`false`"),
    "a default with several keys": ("StudioDestination", "expires_in", "`{ default = 30, maximum = 60 }`"),
}


@pytest.mark.parametrize(("table", "key", "words"), WORDS.values(), ids=WORDS.keys())
def test_in_words(table: str, key: str, words: str) -> None:
    assert words in " | ".join(row(table, key))


PLACES = {
    "Config": "The top of the file.",
    "Issuer": "`[[issuers]]`",
    "Keys": "`[issuers.keys]`, `[sign_in.keys]` and `[proxies.keys]`",
    "SignIn": "`[sign_in]`",
    "Bounds": "`[destinations.expires_in]` and `[destinations.session_expires_in]`",
    "Profile": "`[[destinations.profiles]]`",
}


@pytest.mark.parametrize(("table", "place"), PLACES.items(), ids=PLACES.keys())
def test_where_a_table_stands(table: str, place: str) -> None:
    assert place in section(table)


def changed(**fields: Any) -> type[BaseModel]:  # noqa: ANN401 - as create_model
    """Return the configuration with more keys."""
    return create_model("Config", __base__=Config, __doc__=Config.__doc__, **fields)


def test_a_new_key_is_in_the_next_page() -> None:
    page = reference.configuration(changed(motto=(ProfileName, Field(description="what is over the door"))))
    assert row("Config", "motto", page) == [
        "a user profile name (at most 63 characters)",
        "required",
        "what is over the door",
    ]


UNKNOWN = {
    "a type": (bytes, "no words for"),
    "a constraint": (Annotated[str, MaxLen(9)], "no words for"),
    "a pair": (tuple[int, str], "no words for"),
}


@pytest.mark.parametrize(("kind", "message"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_there_are_no_words_for_is_never_left_out_in_silence(kind: Any, message: str) -> None:  # noqa: ANN401 - any annotation
    with pytest.raises(TypeError, match=message):
        reference.configuration(changed(motto=(kind, ...)))


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    return generate.main


def test_the_files_are_up_to_date(check: Callable[[], int]) -> None:
    assert check() == 0


def test_the_check_fails_when_a_model_has_a_key_that_the_files_have_not(
    check: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "Config", changed(motto=(str, "")))
    assert check() == 1
    assert re.findall(r"^\S+", capsys.readouterr().err, re.MULTILINE) == ["configuration.md", "gate.schema.json"]


EXAMPLES = {"account": "111122223333", "role": "launcher", "session": "alice", "subject": "6f9c"}


def test_ids_of_callers_are_written_as_the_page_says() -> None:
    ids = re.findall(r"\| `([^`]*)` \|$", section("Ids of callers"), re.MULTILINE)
    assert len(ids) == 4
    for one in ids:
        filled = re.sub(r"\{(.*?)\}", lambda found: EXAMPLES.get(found[1], "entra"), one)
        assert TypeAdapter(CallerId).validate_python(filled) == filled
