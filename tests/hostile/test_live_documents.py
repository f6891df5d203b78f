"""Who can write to AppConfig what does not compile opens nothing: the last good configuration serves, or none does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_gate import handler
from tests.studio_gate.living import GOOD, TOML, LiveGate, document, told

# What would let everybody in, and what they would then do.
PERMIT = '@id("everything")\npermit (principal, action, resource);\n'
WIDE = document(PERMIT)
EVENT = "refused-by-policy"


def toml(old: str, new: str) -> bytes:
    """Write the wide document with a change of its configuration."""
    assert old in TOML
    return document(PERMIT, TOML.replace(old, new, 1))


CALLER = '"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/alice@example.com"'
BROKEN: dict[str, bytes] = {
    "white space": b" \n\t\n",
    "a NUL": b"\0",
    "no UTF-8": WIDE + b"# \xff\n",
    "UTF-16": WIDE.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + WIDE,
    "JSON": b'{"version": 1, "policies": "permit (principal, action, resource);"}',
    "a page of HTML": b"<!doctype html><title>503</title>",
    "a key given twice": WIDE + b"\n[sandbox]\n[sandbox]\n",
    "the policies given twice": b"policies = ''\n" + WIDE,
    "arrays as deep as a parser goes": b"version = " + b"[" * 100_000 + WIDE,
    "the configuration without policies": TOML.encode(),
    "policies without the configuration": f"policies = '''\n{PERMIT}'''\n".encode(),
    "policies as Cedar, not in TOML": PERMIT.encode(),
    "no policy": document(""),
    "a comment for a policy": document("// permit (principal, action, resource);\n"),
    "policies that are a list": f"policies = ['''{PERMIT}''']\n{TOML}".encode(),
    "policies that are a number": f"policies = 1\n{TOML}".encode(),
    "policies cut off": document(PERMIT[:-20]),
    "a second policy without an id": document(f"{PERMIT}permit (principal, action, resource);\n"),
    "two policies of one id": document(PERMIT + PERMIT),
    "a template": document(f'{PERMIT}@id("any")\npermit (principal == ?principal, action, resource);\n'),
    "a policy that does not fit the schema": document(
        f'{PERMIT}@id("any")\npermit (principal, action, resource) when {{ resource.public }};\n'
    ),
    "another schema": document(f"{PERMIT}\nentity Everybody;\n"),
    "a wildcard for a caller": toml(CALLER, '"*"'),
    "a wildcard for a session": toml(CALLER, CALLER.replace("alice@example.com", "*")),
    "a wildcard for an account": toml('account = "111122223333"', 'account = "*"'),
    "a wildcard for a role": toml('role = "intranet-launcher"', 'role = "*"'),
    "a wildcard for an issuer": toml('issuer = "https://idp.example.com/realms/corp"', 'issuer = "*"'),
    "a wildcard for an algorithm": toml('algorithms = ["ES256"]', 'algorithms = ["none"]'),
    "a caller whom nothing proves": toml(CALLER, '"mallory:mallory"'),
    "a key that nobody knows": toml("version = 1", "version = 1\nallow_everybody = true"),
    "another version": toml("version = 1", "version = 2"),
    "no version": toml("version = 1", ""),
    "a number as text": toml("version = 1", 'version = "1"'),
    "a session without end": toml("maximum = 43200", "maximum = 43201"),
    "a domain of another account": toml('"111122223333"\nregion', '"444455556666"\nregion'),
    "a pinned key that is none": toml('"x": "-BjraEg4WyTC0hI77NiO0TWsN0Iy2XxpRPdkE2BaHa8"', '"x": "AAAA"'),
    "no destination": document(PERMIT, TOML[: TOML.index("[[destinations]]")]),
}  # fmt: skip


def test_it_would_let_everybody_in(live_gate: LiveGate) -> None:
    live_gate.server.deploy(WIDE, "wide")
    assert told(live_gate.at(0, EVENT)) == (200, "wide", None)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_does_not_compile_takes_no_place(live_gate: LiveGate, broken: bytes) -> None:
    live_gate.server.deploy(GOOD, "good")
    assert told(live_gate.at(0, EVENT)) == (403, "good", None)
    live_gate.server.deploy(broken, "broken")
    for seconds in (45, 90, 86399):
        status, version, wrong = told(live_gate.at(seconds, EVENT))
        assert (status, version, str(wrong)[:8]) == (403, "good", "broken: ")
    assert told(live_gate.at(86399))[:2] == (200, "good")
    assert told(live_gate.at(86400, EVENT))[:2] == (503, "good")
    # One that compiles ends it.
    live_gate.server.deploy(GOOD, "good again")
    assert told(live_gate.at(86400 + 45)) == (200, "good again", None)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_at_a_cold_start_it_opens_nothing(live_gate: LiveGate, broken: bytes) -> None:
    live_gate.server.deploy(broken, "broken")
    for event in (EVENT, "url"):
        status, version, wrong = told(live_gate.at(0, event))
        assert (status, version, str(wrong)[:8]) == (503, None, "broken: ")


@pytest.mark.parametrize(
    ("label", "wrong"), [(None, "AppConfig's document: is empty"), ("v2", "v2: AppConfig's docum")]
)
def test_an_empty_document_opens_nothing(live_gate: LiveGate, label: str | None, wrong: str) -> None:
    live_gate.server.deploy(b"", label)
    status, version, why = told(live_gate.at(0))
    assert (status, version, str(why)[: len(wrong)]) == (503, None, wrong)


def test_an_empty_document_takes_no_place(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "good")
    live_gate.at(0)
    live_gate.server.deploy(b"", "empty")
    status, version, wrong = told(live_gate.at(45))
    assert (status, version, str(wrong)[:7]) == (200, "good", "empty: ")


# A forbid stands before what it guards.
GUARDED = document(
    f'{PERMIT}@id("nobody")\nforbid (principal, action, resource in StudioGate::Destination::"sandbox");\n'
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, len(GUARDED)))
def test_wherever_it_is_cut_off_the_rest_opens_no_more(live_gate: LiveGate, cut: int) -> None:
    """The policies come first, so that what is lost may be a profile or a destination, and never a forbid."""
    live_gate.server.deploy(GUARDED[:cut], "partial")
    handler.gate.cache_clear()
    assert told(live_gate.at(0, EVENT))[0] in {403, 503}
