"""What is sealed opens for its purpose, under a key of the gate's, and unchanged; nothing else does."""

import base64
import json
import re
import secrets
import string

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from studio_gate.identity import Caller, Proof, session
from studio_gate.identity.seals import Purpose, read_sealing_keys, seal, unseal
from studio_gate.identity.session import Session
from tests.studio_gate.signing_in import as_sign_in, entry, key_line, outcome, sealing_keys
from tests.studio_gate.tokens_made import ABSENT, NOW, Changes, as_json, segment

KEYS = sealing_keys("new", "old")
PAYLOAD: dict[str, object] = {"who": "Al\u00efce", "when": NOW, "groups": ["a", "b"], "intent": {"launch": None}}
SEALED = seal(Purpose.SESSION, PAYLOAD, KEYS)
HEADER = {"alg": "dir", "enc": "A256GCM", "kid": "new", "typ": "session"}
KEY = base64.urlsafe_b64decode(key_line("new").partition(":")[2] + "=")


def made(changes: Changes, algorithms: tuple[str, ...] = ("dir", "A256GCM"), plaintext: bytes = b"{}") -> str:
    """A JWE as somebody makes it who has the key, with a changed header."""
    header = json.loads(as_json(HEADER, changes))
    return jwe.encrypt_compact(header, plaintext, OctKey.import_key(KEY), algorithms=list(algorithms))


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("meant", Purpose)
def test_it_opens_for_its_own_purpose_alone(purpose: Purpose, meant: Purpose) -> None:
    assert unseal(purpose, seal(meant, PAYLOAD, KEYS), KEYS) == (PAYLOAD if purpose is meant else None)


def test_its_header_says_what_it_is_and_nothing_of_what_it_holds() -> None:
    header = SEALED.partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == HEADER
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}", SEALED)
    assert seal(Purpose.SESSION, PAYLOAD, KEYS) != SEALED


def test_keys_rotate() -> None:
    before = seal(Purpose.SESSION, PAYLOAD, sealing_keys("old"))
    assert unseal(Purpose.SESSION, before, KEYS) == PAYLOAD
    assert unseal(Purpose.SESSION, SEALED, sealing_keys("newest", "new")) == PAYLOAD
    # Gone with its key, or before another instance has read it.
    assert unseal(Purpose.SESSION, before, sealing_keys("new")) is None
    assert unseal(Purpose.SESSION, SEALED, sealing_keys("old")) is None
    assert KEYS.newest[0] == "new"


def test_another_key_of_the_same_id_does_not_open_it() -> None:
    other = read_sealing_keys(f"new:{segment(secrets.token_bytes(32))}")
    assert unseal(Purpose.SESSION, SEALED, other) is None


def test_nothing_opens_after_any_change_of_any_character() -> None:
    alphabet = f"{string.ascii_letters}{string.digits}-_.+/=!\x00 "
    changed = (
        f"{SEALED[:at]}{new}{SEALED[at + 1 :]}" for at in range(len(SEALED)) for new in alphabet if new != SEALED[at]
    )
    assert not [one for one in changed if unseal(Purpose.SESSION, one, KEYS) is not None]


def test_nothing_opens_that_was_cut_off() -> None:
    ends = [SEALED[:length] for length in range(len(SEALED))] + [SEALED[at:] for at in range(1, len(SEALED))]
    assert not [one for one in ends if unseal(Purpose.SESSION, one, KEYS) is not None]


HEAD, _, IV, CIPHERTEXT, TAG = SEALED.split(".")
OTHER = seal(Purpose.SESSION, {}, KEYS).split(".")
ODD = {
    "an encrypted key, where there is none": f"{HEAD}.AAAA.{IV}.{CIPHERTEXT}.{TAG}",
    "padding at its end": f"{SEALED}==",
    "padding in its header": f"{HEAD}==..{IV}.{CIPHERTEXT}.{TAG}",
    "a shorter tag": f"{HEAD}..{IV}.{CIPHERTEXT}.{TAG[:16]}",
    "a tag of four bytes": f"{HEAD}..{IV}.{CIPHERTEXT}.{TAG[:5]}A",
    "no tag": f"{HEAD}..{IV}.{CIPHERTEXT}.",
    "no initialisation vector": f"{HEAD}...{CIPHERTEXT}.{TAG}",
    "a longer initialisation vector": f"{HEAD}..{IV}AAAA.{CIPHERTEXT}.{TAG}",
    "no content": f"{HEAD}..{IV}..{TAG}",
    "the content of another": f"{HEAD}..{OTHER[2]}.{OTHER[3]}.{TAG}",
    "the header of another purpose": f"{segment(as_json(HEADER, {'typ': 'confirm'}))}..{IV}.{CIPHERTEXT}.{TAG}",
    "its header written in another way": f"{segment(as_json(HEADER))}..{IV}.{CIPHERTEXT}.{TAG}",
    "four parts": f"{HEAD}.{IV}.{CIPHERTEXT}.{TAG}",
    "six parts": f"{SEALED}.AAAA",
    "twice": SEALED * 2,
    "a newline": f"{SEALED}\n",
    "a blank before it": f" {SEALED}",
    "quotes": f'"{SEALED}"',
    "dots": "....",
    "nothing": "",
    "letters beyond ASCII": f"{SEALED}\u00e9",
    "digits beyond ASCII": SEALED.replace(".", ".\uff10", 1),
    "a lone surrogate": "\ud800",
    "a control": "\x00",
    "JSON": json.dumps(PAYLOAD),
    "a header that is no JSON": f"{segment(b'session')}..{IV}.{CIPHERTEXT}.{TAG}",
    "a header that is no UTF-8": f"{segment(bytes([255, 254]))}..{IV}.{CIPHERTEXT}.{TAG}",
    "a header that is a list": f"{segment(b'[]')}..{IV}.{CIPHERTEXT}.{TAG}",
    "a header that is nested deeply": f"{segment(b'[' * 2500)}..{IV}.{CIPHERTEXT}.{TAG}",
    "a number of too many digits": f"{segment(b'1' * 2700)}..{IV}.{CIPHERTEXT}.{TAG}",
    "a member given twice": f"{segment(as_json(HEADER)[:-1] + b', "kid": "new"}')}..{IV}.{CIPHERTEXT}.{TAG}",
    "a JWS": f"{segment(as_json({'alg': 'none', 'typ': 'session', 'kid': 'new'}))}.{segment(b'{}')}.",
}


@pytest.mark.parametrize("sealed", ODD.values(), ids=ODD.keys())
def test_nothing_opens_that_is_of_another_form(sealed: str) -> None:
    assert unseal(Purpose.SESSION, sealed, KEYS) is None


SWAPPED = {
    "another content encryption": made({"enc": "A128CBC-HS256"}, ("dir", "A128CBC-HS256")),
    "the key wraps another": made({"alg": "A256KW"}, ("A256KW", "A256GCM")),
    "the key wraps another with AES-GCM": made({"alg": "A256GCMKW"}, ("A256GCMKW", "A256GCM")),
    "the key is a password": made({"alg": "PBES2-HS256+A128KW", "p2c": 1000}, ("PBES2-HS256+A128KW", "A256GCM")),
    "compressed": made({"zip": "DEF"}, ("dir", "A256GCM", "DEF")),
    "a critical member": made({"crit": ["typ"]}),
    "an iteration count": f"{segment(as_json(HEADER, {'p2c': 1}))}{made({})[made({}).index('.') :]}",
    "a content type": made({"cty": "JWT"}),
    "no kind": made({"typ": ABSENT}),
    "a kind in another case": made({"typ": "SESSION"}),
    "a kind with its prefix": made({"typ": "application/session"}),
    "no key id": made({"kid": ABSENT}),
    "a key id of nobody": made({"kid": "gone"}),
    "a key id in another case": made({"kid": "NEW"}),
    "the id of another key": made({"kid": "old"}),
    "no algorithm": f"{segment(as_json(HEADER, {'alg': ABSENT}))}..{IV}.{CIPHERTEXT}.{TAG}",
    "a key id that is a list": f"{segment(as_json(HEADER, {'kid': ['new']}))}..{IV}.{CIPHERTEXT}.{TAG}",
    "a key id that is nothing": f"{segment(as_json(HEADER, {'kid': None}))}..{IV}.{CIPHERTEXT}.{TAG}",
    "content that is a list": made({}, plaintext=b"[]"),
    "content that is no JSON": made({}, plaintext=b"alice"),
    "content that is no UTF-8": made({}, plaintext=b"\xff"),
    "no content at all": made({}, plaintext=b""),
}


@pytest.mark.parametrize("sealed", SWAPPED.values(), ids=SWAPPED.keys())
def test_nothing_opens_that_is_sealed_in_another_way_even_with_the_key(sealed: str) -> None:
    assert unseal(Purpose.SESSION, made({}), KEYS) == {}
    assert unseal(Purpose.SESSION, sealed, KEYS) is None


def sealed_length(intent: str) -> object:
    """How long it comes out, if it opens again, or how it is refused."""
    return outcome(
        lambda: unseal(Purpose.SIGN_IN, one := seal(Purpose.SIGN_IN, {"i": intent}, KEYS), KEYS) and len(one)
    )


def test_it_fits_into_a_cookie_or_is_refused() -> None:
    lengths = [sealed_length("i" * length) for length in range(2700, 2800)]
    longest = max(length for length in lengths if isinstance(length, int))
    assert lengths[-1] == "403 too-much-to-seal"
    # With a name of 35 characters and all attributes, under 4096 bytes (RFC 6265bis, section 5.6).
    assert 3795 < longest <= 3800
    assert len(session.set_cookie("n" * 35, "v" * 3800, same_site="None", max_age=86400)) < 4096


def test_what_is_too_long_for_a_cookie_does_not_open() -> None:
    sealed = [made({}, plaintext=json.dumps({"a": "a" * length}).encode()) for length in range(2700, 2800)]
    opened = {len(one): unseal(Purpose.SESSION, one, KEYS) is not None for one in sealed}
    assert opened == {length: length <= 3800 for length in opened}
    assert {3799, 3800, 3802} & opened.keys()


def test_a_session_with_twenty_groups_is_small() -> None:
    groups = [f"analytics-research-team-{number:02d}" for number in range(20)]
    caller = Caller(
        id="web:00u1a2b3c4D5e6F7g8h9",
        proof=Proof.SESSION,
        issuer="https://login.example.com/tenant",
        subject="0f8fad5b-d9cb-469f-a165-70867728950e",
        label="anna-katharina.muster@corp.example.com",
        groups=frozenset(groups),
        name="Anna-Katharina M\u00fcster-L\u00f6wenstein",
        email="anna-katharina.muster@corp.example.com",
    )
    written = session.sealed(Session(caller, NOW, NOW), as_sign_in(entry()), KEYS)
    assert len(written.partition(";")[0]) < 1500


CANARY = segment(b"canary-canary-canary-canary-1234")
FILES = {
    "nothing": "",
    "blanks": " \n ",
    "a key alone": CANARY,
    "an id alone": "canary:",
    "no id": f":{CANARY}",
    "a key that is a byte shorter": f"a:{CANARY[:-2]}",
    "a key that is a byte longer": f"a:{segment(b'canary-canary-canary-canary-12345')}",
    "too much padding": f"a:{CANARY}==",
    "a key in the other base64": "a:canary+canary/canary+canary/canary+canary/ca1",
    "a key in hexadecimal": f"a:{b'canary-canary-canary-canary-1234'.hex()}",
    "a key beyond ASCII": f"a:{CANARY[:-1]}\u00e9",
    "a blank in a key": f"a:{CANARY[:20]} {CANARY[20:]}",
    "a blank after the colon": f"a: {CANARY}",
    "an id of 33 characters": f"{'canary' * 5}abc:{CANARY}",
    "an id with a blank": f"ca nary:{CANARY}",
    "an id beyond ASCII": f"\u00e9:{CANARY}",
    "an equals sign in the place of the colon": f"a={CANARY}",
    "a comment": f"# canary\na:{CANARY}",
    "an empty line between": f"a:{CANARY}\n\nb:{CANARY}",
    "a second line that is none": f"a:{CANARY}\ncanary",
    "two on one line": f"a:{CANARY} b:{CANARY}",
    "two of one id": f"a:{CANARY}\na:{segment(b'c' * 32)}",
    "nine": "\n".join(f"{number}:{CANARY}" for number in range(9)),
    "a lone surrogate": f"a\ud800:{CANARY}",
    "JSON": json.dumps({"canary": CANARY}),
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES.keys())
def test_bad_keys_are_refused_without_a_word_of_them(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must be 1 to 8 lines of id:key|an id is given twice)") as caught:
        read_sealing_keys(text)
    error = caught.value
    assert "canary" not in f"{error!r} {error.__cause__!r} {error.__context__!r}"
    assert CANARY[:8] not in f"{error!r} {error.__cause__!r} {error.__context__!r}"


GOOD_FILES = {
    "one": f"a:{CANARY}",
    "padded": f"a:{CANARY}=",
    "blanks around it": f"\n  a:{CANARY}\t\r\n\n",
    "an id of all that may be": f"2026-11.B_c:{CANARY}",
    "an id of 32 characters": f"{'i' * 32}:{CANARY}",
    "eight, with line ends of Windows": "\r\n".join(f"{number}:{CANARY}" for number in range(8)),
}


@pytest.mark.parametrize("text", GOOD_FILES.values(), ids=GOOD_FILES.keys())
def test_good_keys_are_read_and_the_first_seals(text: str) -> None:
    keys = read_sealing_keys(text)
    key_id, key = keys.newest
    assert key_id == text.strip().partition(":")[0]
    assert key.raw_value == b"canary-canary-canary-canary-1234"
    assert "canary" not in repr(keys)
    assert CANARY[:8] not in repr(keys)
    assert unseal(Purpose.SESSION, seal(Purpose.SESSION, PAYLOAD, keys), keys) == PAYLOAD
