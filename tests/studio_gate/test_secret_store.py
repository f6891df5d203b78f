"""A secret is read again every five minutes, survives an outage of an hour, and is never written down."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import boto3
import pytest
from moto import mock_aws

from studio_gate.errors import GateError
from studio_gate.identity.seals import read_sealing_keys
from studio_gate.secret_store import Secret
from tests.studio_gate.finding import Clock
from tests.studio_gate.signing_in import REGION, key_line, outcome
from tests.upstream_server import Told, Upstream

NAMES = {"in SSM": "ssm:/canary/name", "in Secrets Manager": "secretsmanager:canary/name"}
UNREACHABLE = "503 secret-unreachable"
BAD = "canary that is bad"


@dataclass
class Store:
    """SSM or Secrets Manager, with one secret or without; `reads` are what was parsed of it."""

    name: str
    reads: list[str] = field(default_factory=list)

    def put(self, value: str | bytes | None) -> None:
        """Keep a secret, in the place of another; nothing, none."""
        service, _, name = self.name.partition(":")
        if service == "ssm":
            ssm = boto3.client("ssm", region_name=REGION)
            ssm.delete_parameters(Names=[name])
            if value is not None:
                ssm.put_parameter(Name=name, Type="SecureString", Value=str(value))
            return
        manager = boto3.client("secretsmanager", region_name=REGION)
        if manager.list_secrets()["SecretList"]:
            manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        if value is not None:
            kind = "SecretBinary" if isinstance(value, bytes) else "SecretString"
            manager.create_secret(**{"Name": name, kind: value})  # type: ignore[arg-type]

    def secret(self) -> Secret[str]:
        """The secret as the gate reads it."""
        return Secret(self.name, REGION, self._parse)

    def _parse(self, text: str) -> str:
        self.reads.append(text)
        if text == BAD:
            raise ValueError("in our own words")
        return f"{text}!"


@pytest.fixture(params=list(NAMES.values()), ids=list(NAMES))
def store(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Store]:
    with mock_aws():
        yield Store(request.param)


# Seconds since the beginning, what is kept then (or nothing), what comes of it, and the reads so far.
TIMES: dict[str, list[tuple[float, str | None, str, int]]] = {
    "it is read when it is first needed": [(0, "a", "a!", 1)],
    "a fresh one is not read again": [(0, "a", "a!", 1), (299.9, "b", "a!", 1)],
    "a rotated one is there after five minutes": [(0, "a", "a!", 1), (300, "b", "b!", 2), (599, "c", "b!", 2)],
    "none is a failure": [(0, None, UNREACHABLE, 0)],
    "after a failure nothing is read for 30 s": [(0, None, UNREACHABLE, 0), (29.9, "a", UNREACHABLE, 0)],
    "after 30 s it is read again": [(0, None, UNREACHABLE, 0), (30, "a", "a!", 1)],
    "an outage": [(0, "a", "a!", 1), (300, None, "a!", 1), (3599.9, None, "a!", 1), (3600, None, UNREACHABLE, 1)],
    "the end of an outage": [
        (0, "a", "a!", 1),
        (300, None, "a!", 1),
        (329.9, "b", "a!", 1),
        (330, "b", "b!", 2),
        (629, "c", "b!", 2),
        (630, "c", "c!", 3),
    ],
    "the end of a long outage": [
        (0, "a", "a!", 1),
        (3590, None, "a!", 1),
        (3601, "b", UNREACHABLE, 1),
        (3620, "b", "b!", 2),
    ],
    "a bad one at first": [(0, BAD, UNREACHABLE, 1), (29.9, "a", UNREACHABLE, 1), (30, "a", "a!", 2)],
    "a bad one after a good one": [
        (0, "a", "a!", 1),
        (300, BAD, "a!", 2),
        (329.9, "b", "a!", 2),
        (330, BAD, "a!", 3),
        (3600, BAD, UNREACHABLE, 4),
        (3630, "b", "b!", 5),
    ],
    "a clock that was set back": [(0, "a", "a!", 1), (-1, "b", "b!", 2)],
    "a clock that was set back in an outage": [(0, "a", "a!", 1), (-1, None, UNREACHABLE, 1)],
    "a clock that was set back after a failure": [(0, None, UNREACHABLE, 0), (-1, "a", "a!", 1)],
}


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES.keys())
def test_it_is_read_seldom(store: Store, clock: Clock, times: list[tuple[float, str | None, str, int]]) -> None:
    secret, began = store.secret(), clock.now
    for since, kept, comes, reads in times:
        store.put(kept)
        clock.now = began + since
        assert (since, outcome(secret.get), len(store.reads)) == (since, comes, reads)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_secret_of_another_name_is_none(clock: Clock, name: str) -> None:
    with mock_aws():
        Store(name).put("a")
        assert outcome(Store(f"{name}-other").secret().get) == UNREACHABLE


def test_a_secret_of_bytes_is_a_bad_one(clock: Clock) -> None:
    with mock_aws():
        store = Store(NAMES["in Secrets Manager"])
        secret = store.secret()
        store.put("a")
        assert secret.get() == "a!"
        store.put(b"canary")
        clock.now += 300
        assert secret.get() == "a!"
        assert outcome(store.secret().get) == UNREACHABLE


def why(secret: Secret[str]) -> str | None:
    """Why a secret cannot be had, for the audit record."""
    with pytest.raises(GateError) as caught:
        secret.get()
    assert caught.value.reason == "secret-unreachable"
    return caught.value.upstream


def test_the_audit_record_tells_why(store: Store, clock: Clock) -> None:
    secret = store.secret()
    missing = {"ssm": "ParameterNotFound", "secretsmanager": "ResourceNotFoundException"}
    assert why(secret) == missing[store.name.partition(":")[0]]
    assert why(secret) is None
    store.put(BAD)
    assert why(store.secret()) == "unreadable"


def test_a_store_that_is_slow_is_given_up_on(server: Upstream) -> None:
    # What answers for SageMaker takes the calls of Secrets Manager, too.
    for name in NAMES.values():
        server.ssm = server.sagemaker = Told(after=30)
        began = time.monotonic()
        assert outcome(Store(name).secret().get) == UNREACHABLE
        assert time.monotonic() - began < 3


def test_a_throttled_store_is_unavailable(server: Upstream) -> None:
    told = Told(400, '{"__type": "ThrottlingException", "message": "canary"}')
    server.ssm = server.sagemaker = told
    for name in NAMES.values():
        assert why(Store(name).secret()) == "ThrottlingException"


def test_an_answer_without_the_secret_is_a_failure(server: Upstream) -> None:
    server.ssm = server.sagemaker = Told(body="{}")
    for name in NAMES.values():
        assert why(Store(name).secret()) == "KeyError"


CANARIES: dict[str, Callable[[str], object]] = {
    "a good one": read_sealing_keys,
    "a bad one": lambda text: read_sealing_keys(f"{text}\n{text}"),
}


@pytest.mark.parametrize("parse", CANARIES.values(), ids=CANARIES.keys())
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_nothing_of_it_is_written_down(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], name: str, parse: Callable[[str], object]
) -> None:
    line = key_line("canary-id")
    for logger in ("studio_gate", "urllib3", "boto3"):
        caplog.set_level(logging.DEBUG, logger)
    with mock_aws():
        Store(name).put(line)
        secret = Secret(name, REGION, parse)
        written = ""
        try:
            written += repr(secret.get())
        except GateError as error:
            written += "".join(traceback.format_exception(error))
    written += f"{caplog.text} {capfd.readouterr()} {secret!r}"
    assert "canary-id" not in written
    assert line.partition(":")[2] not in written
