"""A session is of one person, for a while, and of this configuration alone; its cookie is this very host's."""

import time
from dataclasses import replace

import pytest

from studio_gate.identity import Caller, Proof, session
from studio_gate.identity.seals import Purpose, seal
from studio_gate.identity.session import COOKIE, Session, cookies, is_due, set_cookie
from tests.studio_gate.signing_in import as_sign_in, entry, key_line, sealing_keys
from tests.studio_gate.tokens_made import ABSENT, ISSUER, NOW, Changes

KEYS = sealing_keys("now")
SIGN_IN = as_sign_in(entry(idle=1000, lifetime=5000))
ALICE = Caller(
    id="web:6f9c2d1e-alice",
    proof=Proof.SESSION,
    issuer=ISSUER.url,
    subject="6f9c2d1e-alice",
    label="alice@example.com",
    groups=frozenset({"data-science", "staff"}),
    name="Alice Liddell",
    email="alice@example.com",
)
BEGUN = Session(ALICE, NOW, NOW)


def jar(of: Session = BEGUN) -> dict[str, str]:
    """The cookies of a browser that keeps a session."""
    return cookies([session.sealed(of, SIGN_IN, KEYS).partition(";")[0]])


def crafted(changes: Changes) -> dict[str, str]:
    """The cookies of a browser with a session that the gate sealed in another form."""
    good: Changes = {"iss": ISSUER.url, "of": "web", "sub": "alice", "name": None, "email": None}
    good = dict(good) | {"groups": [], "began": NOW, "seen": NOW}
    payload = {name: value for name, value in (dict(good) | dict(changes)).items() if value is not ABSENT}
    return {COOKIE: seal(Purpose.SESSION, payload, KEYS)}


PEOPLE = {
    "everything is known": ALICE,
    "nothing but the subject": Caller(
        "web:7a11", Proof.SESSION, ISSUER.url, "7a11", "7a11", groups=frozenset(), name=None, email=None
    ),
    "a name that means something in headers and pages": replace(ALICE, name='A"; Path=/x, <b>\u00e9\U0001f600 = \\'),
}


@pytest.mark.parametrize("who", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_session_is_read_as_it_was_sealed(who: Caller) -> None:
    kept = Session(who, NOW - 200, NOW - 100)
    assert session.read(jar(kept), SIGN_IN, KEYS, NOW) == kept


def test_the_set_cookie_is_exactly_this() -> None:
    sealed = jar()[COOKIE]
    written = session.sealed(BEGUN, SIGN_IN, KEYS)
    assert len(sealed) == len(written.split(";")[0]) - len("__Host-studio-gate=")
    assert written.split(";")[1:] == [" Path=/", " Secure", " HttpOnly", " SameSite=Lax", " Max-Age=5000"]
    assert "alice" not in written.lower()
    assert set_cookie("a", "b") == "a=b; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert set_cookie("a", "", same_site="None", max_age=0) == (
        "a=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0"
    )


# Began and seen, in seconds before now.
TIMES = {
    "just begun": ((0, 0), True),
    "a second before it idles": ((999, 999), True),
    "when it idles": ((1000, 1000), False),
    "a moment before it idles": ((999.9, 999.9), True),
    "a second before it ends": ((4999, 0), True),
    "when it ends": ((5000, 0), False),
    "long over": ((10**9, 10**9), False),
    "begun in the future, after a clock was set back": ((-1, 0), False),
    "seen in the future": ((0, -1), False),
    "both in the future by a moment": ((-0.1, -0.1), False),
}


@pytest.mark.parametrize(("ago", "holds"), TIMES.values(), ids=TIMES.keys())
def test_a_session_ends(ago: tuple[float, float], *, holds: bool) -> None:
    # Sealed moments are whole: a fraction is the clock's.
    now = NOW + ago[0] % 1
    kept = Session(ALICE, round(now - ago[0]), round(now - ago[1]))
    assert (session.read(jar(kept), SIGN_IN, KEYS, now) is not None) is holds


OTHERS = {
    "of another issuer": entry(issuer="https://login.example.com/other"),
    "of another name": entry(name="other"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_a_session_of_another_configuration_is_none(other: dict[str, object]) -> None:
    assert session.read(jar(), as_sign_in(other), KEYS, NOW) is None


def test_groups_that_are_gone_from_the_configuration_are_lost() -> None:
    found = session.read(jar(), as_sign_in(entry(groups={"All": "staff", "New": "admins"})), KEYS, NOW)
    assert found is not None
    assert found.caller == replace(ALICE, groups=frozenset({"staff"}))


NONE = {
    "sealed for a sign-in": {COOKIE: seal(Purpose.SIGN_IN, {"iss": ISSUER.url, "of": "web"}, KEYS)},
    "sealed for a question": {COOKIE: seal(Purpose.CONFIRM, {"iss": ISSUER.url, "of": "web"}, KEYS)},
    "under the name of a sign-in's cookie": {f"{COOKIE}-0123456789abcdef": jar()[COOKIE]},
    "in another case": {COOKIE.lower(): jar()[COOKIE]},
    "under a key that is gone": {COOKIE: seal(Purpose.SESSION, {}, sealing_keys("gone"))},
    "in quotes": {COOKIE: f'"{jar()[COOKIE]}"'},
    "a key file": {COOKIE: key_line("now")},
    "nothing in it": {COOKIE: ""},
    "no cookie": {},
    "without an issuer": crafted({"iss": ABSENT}),
    "without a name": crafted({"of": ABSENT}),
    "without a subject": crafted({"sub": ABSENT}),
    "a subject that is no text": crafted({"sub": 1}),
    "a name that is no text": crafted({"name": 1}),
    "an address that is no text": crafted({"email": ["a"]}),
    "without a beginning": crafted({"began": ABSENT}),
    "a beginning that is text": crafted({"began": "yesterday"}),
    "a beginning that is huge": crafted({"began": 10**400}),
    "a beginning long before time": crafted({"began": -(10**400)}),
    "a use that is huge": crafted({"seen": 10**400}),
    "a use that is nothing": crafted({"seen": None}),
    "groups that are one text": crafted({"groups": "staff"}),
}


@pytest.mark.parametrize("given", NONE.values(), ids=NONE.keys())
def test_it_is_no_session(given: dict[str, str]) -> None:
    assert session.read(given, SIGN_IN, KEYS, NOW) is None


def test_what_is_no_group_does_not_count() -> None:
    found = session.read(crafted({"groups": ["staff", ["data-science"], {}, None, 1]}), SIGN_IN, KEYS, NOW)
    assert found is not None
    assert found.caller.groups == {"staff"}


HEADERS: dict[str, tuple[list[str], dict[str, str]]] = {
    "none": ([], {}),
    "one": (["a=b"], {"a": "b"}),
    "two": (["a=b; c=d"], {"a": "b", "c": "d"}),
    "without blanks": (["a=b;c=d"], {"a": "b", "c": "d"}),
    "with tabs and blanks around": ([" a=b ;\tc=d\t"], {"a": "b", "c": "d"}),
    "in several headers": (["a=b", "c=d; e=f"], {"a": "b", "c": "d", "e": "f"}),
    "an equals sign in the value": (["a=b==; c==d"], {"a": "b==", "c": "=d"}),
    "no value": (["a=; b"], {"a": "", "b": ""}),
    "no name": (["=a; b=c"], {"b": "c"}),
    "nothing between": (["; ;; b=c;"], {"b": "c"}),
    "given twice": (["a=b; a=c; d=e"], {"d": "e"}),
    "given twice alike": (["a=b; a=b"], {}),
    "given twice in two headers": (["a=b", "a=c"], {}),
    "given twice, once without a value": (["a=b; a"], {}),
    "names that differ in case": (["a=b; A=c"], {"a": "b", "A": "c"}),
    "quotes stay": (['a="b"'], {"a": '"b"'}),
    "a comma is no border": (["a=b, c=d"], {"a": "b, c=d"}),
    "beyond ASCII": (["a=\u00e9\ud800"], {"a": "\u00e9\ud800"}),
}


@pytest.mark.parametrize(("given", "found"), HEADERS.values(), ids=HEADERS.keys())
def test_cookies_are_read(given: list[str], found: dict[str, str]) -> None:
    assert cookies(given) == found


# A browser takes none of them for the prefix, and so lets any host of the domain set them (RFC 6265bis, 4.1.3).
SPACES = ["\x0b", "\x0c", "\r", "\n", "\x1c", "\x1f", "\x85", "\xa0", "\u2000", "\u2028", "\u3000", "\ufeff"]


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_a_name_after_an_odd_space_is_another(space: str) -> None:
    for name in (f"{space}{COOKIE}", f"{COOKIE}{space}"):
        assert COOKIE not in cookies([f"a=b; {name}={jar()[COOKIE]}"])
        assert cookies([f"{COOKIE}=own; {name}=evil"])[COOKIE] == "own"


def test_a_header_full_of_cookies_takes_no_time() -> None:
    began = time.process_time()
    assert cookies([";".join(f"{number}=" for number in range(1000, 3000)) + ";a" * 20000])["1000"] == ""
    assert time.process_time() - began < 1


DUE = {"at once": (0, False), "before a minute": (59.9, False), "after a minute": (60, True), "much later": (900, True)}


@pytest.mark.parametrize(("later", "due"), DUE.values(), ids=DUE.keys())
def test_a_cookie_is_renewed_once_a_minute(later: float, *, due: bool) -> None:
    assert is_due(BEGUN, NOW + later) is due
    # What counts is the last use, not the beginning.
    assert is_due(replace(BEGUN, began=NOW - 3000), NOW + later) is due


def test_a_renewed_session_idles_later_and_ends_when_it_would_have() -> None:
    renewed = replace(BEGUN, seen=NOW + 900)
    assert session.read(jar(renewed), SIGN_IN, KEYS, NOW + 1899) == renewed
    assert session.read(jar(), SIGN_IN, KEYS, NOW + 1899) is None
    at_last = replace(BEGUN, seen=NOW + 4999)
    assert session.read(jar(at_last), SIGN_IN, KEYS, NOW + 4999) == at_last
    assert session.read(jar(at_last), SIGN_IN, KEYS, NOW + 5000) is None
