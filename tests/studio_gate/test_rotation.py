"""The sealing keys are rotated as Secrets Manager asks, step by step, and never in another way."""

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.secretsmanager.models import secretsmanager_backends

from studio_gate import rotation
from studio_gate.errors import GateError
from studio_gate.identity.seals import read_sealing_keys
from studio_gate.rotation import RotationError
from studio_gate.secret_store import Secret
from tests.studio_gate.signing_in import REGION, ids, key_lines

NAME = "studio-gate/sealing-keys"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass
class Manager:
    """Secrets Manager with one secret, as it behaves towards a rotation."""

    arn: str

    def begin(self) -> str:
        """Label a version without a value AWSPENDING, as RotateSecret does, and return its token."""
        token = str(uuid.uuid4())
        own = self._secret()
        own.remove_version_stages_from_old_versions(["AWSPENDING"])
        own.versions[token] = {"version_id": token, "version_stages": ["AWSPENDING"], "createdate": int(time.time())}
        return token

    def step(self, name: str, token: str) -> None:
        rotation.handler({"Step": name, "SecretId": self.arn, "ClientRequestToken": token}, None)
        own = self._secret()
        labels = own.versions.get(token, {}).get("version_stages", [])
        if {"AWSCURRENT", "AWSPENDING"} <= set(labels):
            # The two go together ("Lambda rotation functions", finishSecret), but not in moto.
            labels.remove("AWSPENDING")
        # What is current is what a reader gets who names no version; moto forgets it when the label is moved.
        (current,) = (version for version, one in own.versions.items() if "AWSCURRENT" in one["version_stages"])
        own.set_default_version_id(current)

    def rotate(self) -> str:
        """Take all steps, and note when, as Secrets Manager does; return the new text."""
        token = self.begin()
        for name in STEPS:
            self.step(name, token)
        self.finished(time.time())
        return self.text()

    def finished(self, moment: float) -> None:
        """Note when the last rotation ended."""
        self._secret().last_rotation_date = int(moment)

    def text(self, stage: str = "AWSCURRENT") -> str:
        client = boto3.client("secretsmanager", region_name=REGION)
        return client.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"]

    def put(self, text: str) -> None:
        boto3.client("secretsmanager", region_name=REGION).put_secret_value(SecretId=self.arn, SecretString=text)

    def enabled(self, *, is_enabled: bool) -> None:
        own = self._secret()
        own.rotation_requested, own.rotation_enabled = True, is_enabled

    @staticmethod
    def _secret():  # type: ignore[no-untyped-def]  # noqa: ANN205 - moto has no types
        (backend,) = (one[REGION] for one in secretsmanager_backends.values() if REGION in one)
        return backend.secrets[NAME]


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """A secret as CloudFormation makes it, ten hours ago, and a rotation that is on."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    ago = time.time() - 36_000
    with mock_aws():
        client = boto3.client("secretsmanager", region_name=REGION)
        rotation.manager.cache_clear()
        with monkeypatch.context() as earlier:
            earlier.setattr(time, "time", lambda: ago)
            arn = client.create_secret(Name=NAME, SecretString="made up by CloudFormation")["ARN"]
        made = Manager(arn)
        made.enabled(is_enabled=True)
        yield made
        rotation.manager.cache_clear()


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> "Hours":
    return Hours(monkeypatch)


def now() -> float:
    """The real time, in seconds since 1970: rotations go by it, whatever the stand-in is told."""
    return datetime.now(UTC).timestamp()


@dataclass
class Hours:
    """How long ago Secrets Manager believes that everything happens from now on."""

    patch: pytest.MonkeyPatch

    def ago(self, hours: float) -> None:
        moment = now() - hours * 3600
        self.patch.setattr(time, "time", lambda: moment)


def test_the_first_rotation_makes_keys_of_what_is_none(manager: Manager) -> None:
    gate = Secret(f"secretsmanager:{NAME}", REGION, read_sealing_keys)
    with pytest.raises(GateError, match="secret-unreachable"):
        gate.get()
    text = manager.rotate()
    assert len(ids(text)) == 2
    assert Secret(f"secretsmanager:{NAME}", REGION, read_sealing_keys).get().newest[0] == ids(text)[0]


def test_the_second_puts_the_known_one_first(manager: Manager, hours: Hours) -> None:
    hours.ago(6)
    first = ids(manager.rotate())
    hours.ago(0)
    second = ids(manager.rotate())
    assert second[:2] == [first[1], first[0]]
    assert len(second) == 3


@pytest.mark.parametrize("again", STEPS)
def test_each_step_may_come_twice(manager: Manager, again: str) -> None:
    token = manager.begin()
    for name in STEPS:
        manager.step(name, token)
        if name == again:
            before = manager.text("AWSPENDING" if name != "finishSecret" else "AWSCURRENT")
            manager.step(name, token)
            assert manager.text("AWSPENDING" if name != "finishSecret" else "AWSCURRENT") == before
    assert len(ids(manager.text())) == 2


def test_all_of_it_may_come_again_when_it_is_done(manager: Manager) -> None:
    token = manager.begin()
    for name in (*STEPS, *STEPS):
        manager.step(name, token)
    assert len(ids(manager.text())) == 2


def test_nothing_counts_before_it_is_finished(manager: Manager) -> None:
    token = manager.begin()
    for name in STEPS[:-1]:
        manager.step(name, token)
    assert manager.text() == "made up by CloudFormation"


def test_a_rotation_that_was_given_up_leaves_no_trace(manager: Manager, hours: Hours) -> None:
    hours.ago(6)
    first = manager.rotate()
    hours.ago(0)
    manager.step("createSecret", manager.begin())
    assert ids(manager.rotate())[:2] == list(reversed(ids(first)))


def test_it_is_not_rotated_again_within_five_hours(manager: Manager, hours: Hours) -> None:
    hours.ago(4.9)
    manager.rotate()
    hours.ago(0)
    with pytest.raises(RotationError, match="less than 5:00:00 ago"):
        manager.rotate()


def test_it_is_rotated_again_after_five_hours(manager: Manager, hours: Hours) -> None:
    hours.ago(5.1)
    manager.rotate()
    hours.ago(0)
    assert len(ids(manager.rotate())) == 3


def test_keys_put_by_hand_rest_five_hours_too(manager: Manager) -> None:
    manager.put(key_lines("b", "a"))
    with pytest.raises(RotationError, match="less than"):
        manager.rotate()


def test_a_late_finish_counts(manager: Manager, hours: Hours) -> None:
    """The keys are an hour and more older than the moment from which on they are known."""
    hours.ago(9)
    manager.rotate()
    manager.finished(now() - 3600)
    hours.ago(0)
    with pytest.raises(RotationError, match="less than"):
        manager.rotate()


def test_keys_put_by_hand_are_kept(manager: Manager, hours: Hours) -> None:
    hours.ago(6)
    manager.put(key_lines("new", "old"))
    hours.ago(0)
    assert ids(manager.rotate())[:2] == ["old", "new"]


def test_everybody_is_signed_out_by_what_is_no_keys(manager: Manager, hours: Hours) -> None:
    hours.ago(1)
    before = manager.rotate()
    hours.ago(0)
    manager.put("none")
    assert not set(ids(manager.rotate())) & set(ids(before))


def test_keys_put_by_hand_in_the_middle_are_not_lost(manager: Manager, hours: Hours) -> None:
    hours.ago(6)
    manager.rotate()
    hours.ago(0)
    token = manager.begin()
    manager.step("createSecret", token)
    manager.put(key_lines("other"))
    for name in STEPS[2:]:
        with pytest.raises(RotationError, match="do not follow"):
            manager.step(name, token)
    assert manager.text() == key_lines("other")


def test_what_is_not_to_be_rotated_is_not(manager: Manager) -> None:
    token = manager.begin()
    manager.enabled(is_enabled=False)
    for name in STEPS:
        with pytest.raises(RotationError, match="not being rotated"):
            manager.step(name, token)


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_nobody_asked_for_is_refused(manager: Manager, step: str) -> None:
    with pytest.raises(RotationError, match="not being rotated"):
        manager.step(step, str(uuid.uuid4()))


def test_another_step_is_refused(manager: Manager) -> None:
    with pytest.raises(RotationError, match="no such step"):
        manager.step("dropSecret", manager.begin())


def test_another_secret_is_not_there(manager: Manager) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        Manager(manager.arn.replace("sealing", "other")).step("createSecret", "x" * 36)


def test_nothing_of_a_key_is_said(manager: Manager, hours: Hours, capsys: pytest.CaptureFixture[str]) -> None:
    hours.ago(6)
    keys = [line.partition(":")[2] for line in manager.rotate().splitlines()]
    hours.ago(0)
    token = manager.begin()
    manager.step("createSecret", token)
    pending = manager.text("AWSPENDING").splitlines()
    manager.put(key_lines("other"))
    with pytest.raises(RotationError) as caught:
        manager.step("testSecret", token)
    written = "".join(capsys.readouterr()) + repr(caught.value)
    assert not [key for key in (*keys, *(line.partition(":")[2] for line in pending)) if key in written]


def test_it_loads_nothing_of_the_gate() -> None:
    """Half a second of what a step has no use for, and code that it has no business with."""
    said = "import sys, studio_gate.rotation; print(*sorted(m for m in sys.modules if m.startswith('studio_gate.')))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)  # noqa: S603 - fixed
    own = {name.removeprefix("studio_gate.") for name in done.stdout.split()}
    assert own == {"rotation", "callers", "errors", "identity", "identity.seals", "identity.tokens"}
