"""docs/watching.md and the runbooks say what the stack has, and every command of theirs is run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from localaws import example
from studio_gate import audit
from studio_gate.errors import GateError, Problem
from tests.conftest import Send
from tests.stack.stacks import Json, source
from tests.watching import trail
from tests.watching.stories import GATE, committed, watched
from tests.watching.written import RECORD

PAGE = (example.ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
RUNBOOKS = {path.stem: path.read_text(encoding="utf-8") for path in (example.ROOT / "docs" / "runbooks").glob("*.md")}
BLOCKS = [
    (name, re.sub(r"^ {3}", "", block, flags=re.MULTILINE))
    for name, text in RUNBOOKS.items()
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
]
SOURCES = "".join(
    path.read_text(encoding="utf-8") for path in (example.ROOT / "functions" / "gate" / "studio_gate").rglob("*.py")
)
# What the lines of the logs let the first commands of each runbook say; the others ask a host or what is not imitated.
SAID = {
    "server-errors": "1 unavailable\tsts-refused\tAccessDenied",
    "refusals": "1 refused\tno-permit\tarn:aws:sts::111122223333:assumed-role",
    "several-profiles": "alice@example.com\tresearch\n",
    "mint-without-audit": "mallory",
    "stale-configuration": "\tv42: wrong",
    "slow-launches": "3500\tresearch\tsigv4",
    "throttles": "1 sts-refused\tThrottling\t",
    "break-glass": "\talarm-break-glass-for-all",
}
# As `aws logs filter-log-events … --output text` would: one file for each log group, and what is asked of it.
AWS = f"""#!{sys.executable}
import json, os, sys
from tests.watching.patterns import matches
words = dict(zip(sys.argv, sys.argv[1:]))
pattern = words.get("--filter-pattern", "")
if sys.argv[1:3] == ["logs", "filter-log-events"] and not pattern.startswith("?"):
    assert words["--start-time"].endswith("000")
    lines = open(os.path.join(os.environ["LOGS"], words["--log-group-name"].strip("/").replace("/", "."))).read()
    kept = [one for one in lines.splitlines() if not pattern or matches(pattern, json.loads(one))]
    print("\\t".join(kept))
"""


def test_the_page_has_each_alarm_with_its_runbook() -> None:
    alarms = {one["AlarmName"].removeprefix(f"{GATE}-") for one in watched().every("AWS::CloudWatch::Alarm").values()}
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\(runbooks/([a-z-]+)\.md\) \| .+ \|$", PAGE, re.MULTILINE)
    assert rows == [(name, name) for name, _ in rows]
    assert {name for name, _ in rows} == alarms
    assert len(alarms) == 10
    assert "ten alarms" in PAGE


def test_the_page_has_what_can_be_chosen() -> None:
    rows = re.findall(r"^\| (`[A-Za-z, `]+) \| .+ \| ([^|]*) \|$", PAGE, re.MULTILINE)
    told = {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    shared = source()["Parameters"].keys() & committed()["Parameters"].keys() - {"LogRetentionDays", "LogsKeyArn"}
    assert told.keys() == shared
    for name in ("SeveralProfiles", "SlowLaunchMilliseconds", "BreakGlassPolicies"):
        assert told[name].strip("`") == str(committed()["Parameters"][name]["Default"])
    hours = [committed()["Parameters"][name]["Default"] for name in ("SilentHours", "OfficeHoursFrom", "OfficeHoursTo")]
    assert told["SilentHours"] == "{}: never; {}, {}".format(*hours)


def test_the_page_has_the_query_that_is_saved() -> None:
    saved = {
        one["Name"].removeprefix(f"{GATE}/"): one for one in watched().every("AWS::Logs::QueryDefinition").values()
    }
    (query,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert query.strip() == saved["what-cloudtrail-knows"]["QueryString"].strip()
    assert {name for name in saved if f"`{name}`" in PAGE} == saved.keys()


def test_the_page_has_the_event_that_is_sent() -> None:
    (event,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    rule = watched().only("AWS::Events::Rule")
    happened = trail.event(watched().parameters["MintingRoleArn"])
    assert json.loads(event) == json.loads(trail.sent(rule["Targets"][1], happened))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_runbook_says_what_to_look_at_what_to_do_and_whom_to_wake(name: str) -> None:
    assert re.findall(r"^## (.+)$", RUNBOOKS[name], re.MULTILINE) == ["Look first", "Do", "Wake"]
    assert re.search(r"## Look first\n.*?```sh\n", RUNBOOKS[name], re.DOTALL)


def test_reasons_that_runbooks_name_are_the_gate_s() -> None:
    slugs = {one.slug for one in Problem}
    found = {word for text in RUNBOOKS.values() for word in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)}
    known = {word for word in found - slugs - {"alarm-break-glass"} if f'"{word}"' not in SOURCES}
    # Those that upstream.py writes for each service, and queries that are saved.
    services = {
        f"{service}-{how}"
        for service in ("sts", "sagemaker", "appconfig")
        for how in ("refused", "unreachable", "timed-out")
    }
    assert known - {"what-cloudtrail-knows"} <= services
    assert all(f'"{{service}}-{how}"' in SOURCES.replace('f"', '"') for how in ("refused", "unreachable", "timed-out"))
    assert found & services


def test_fields_that_runbooks_name_are_the_record_s() -> None:
    named = {f"audit.{name}" for _, block in BLOCKS for name in re.findall(r"\$\.audit\.(\w+)", block)}
    assert named <= RECORD
    for _, block in BLOCKS:
        for asked in re.findall(r"recent .*?--raw-output '\[(.*?)\] \| @tsv'", block, re.DOTALL):
            assert {f"audit.{name}" for name in re.findall(r"(?<![\w\]])\.(\w+)", asked)} <= RECORD


@pytest.mark.parametrize(("name", "block"), [one for one in BLOCKS if "aws " in one[1]], ids=lambda text: text[:20])
def test_aws_has_the_commands_that_are_told(name: str, block: str) -> None:
    for command in re.findall(r"\baws ((?:[^|;\\\n]|\\\n)+)", re.sub(r"'[^']*'", "x", block)):
        service, operation, *words = shlex.split(command.replace("\\\n", " "))
        model = botocore.session.get_session().get_service_model(service)
        names = {xform_name(one, "-"): one for one in model.operation_names}
        shape = model.operation_model(names[operation]).input_shape
        options = {f"--{xform_name(one, '-')}" for one in shape.members} | {"--query", "--output"}
        given = {word for word in words if word.startswith("--")}
        assert given <= options, name
        assert {f"--{xform_name(one, '-')}" for one in shape.required_members} <= given


def _line(
    capsys: pytest.CaptureFixture[str], like: Json, seconds: float = 0.1, error: GateError | None = None, **more: object
) -> Json:
    record = audit.Record(**like | more)
    if error:
        record.failed(error)
    audit.write(record, error.problem.status if error else 200, seconds)
    read: Json = json.loads(capsys.readouterr().out)
    return read


@pytest.fixture
def logs(send: Send, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """One file for each log group, with lines as they are written there."""
    minted = send(example.event("url")).metrics
    like, none = minted["audit"], {"url_sha256": None, "outcome": "answered"}
    lines = [minted, send(example.event("refused-by-policy")).metrics, send(example.event("me")).metrics]
    lines += [
        _line(capsys, like, profile="alice-admin"),
        _line(capsys, like, 3.5),
        _line(capsys, like, policies=["alarm-break-glass-for-all"]),
        _line(capsys, like | none, config_stale=True, config_error="v42: wrong"),
        _line(capsys, like | none, error=GateError(Problem.UNAVAILABLE, "sts-refused", upstream="AccessDenied")),
        _line(capsys, like | none, error=GateError(Problem.THROTTLED, "sts-refused", upstream="Throttling")),
    ]
    rule = watched().only("AWS::Events::Rule")
    trailed = trail.logged(rule["Targets"][0], trail.event(watched().parameters["MintingRoleArn"]))
    stolen = {"gate": GATE, "mint": trailed["mint"] | {"source_identity": "mallory"}}
    access = {"route": "/open", "source_ip": "10.1.2.3", "signer": "-", "error_type": "THROTTLED"}
    groups = {
        f"aws.lambda.{GATE}": lines,
        f"aws.events.{GATE}-mints": [trailed] * 4 + [stolen],
        f"aws.apigateway.{GATE}": [access],
    }
    for name, held in groups.items():
        (tmp_path / name).write_text("".join(json.dumps(one) + "\n" for one in held), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", [name for name, text in RUNBOOKS.items() if name in SAID])
def test_a_runbook_s_first_commands_say_what_there_is(name: str, logs: Path) -> None:
    if shutil.which("jq") is None and not os.environ.get("CI"):
        pytest.skip("jq is not installed")
    command = logs / "bin" / "aws"
    command.parent.mkdir()
    command.write_text(AWS, encoding="utf-8")
    command.chmod(0o755)
    first = next(block for each, block in BLOCKS if each == name)
    own = {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(example.ROOT),
        "LOGS": str(logs),
        "STACK": GATE,
    }
    script = f"set -o pipefail\n{first}"
    done = subprocess.run(["bash", "-ec", script], env=own, capture_output=True, text=True, check=True)  # noqa: S603, S607 - the page's own commands
    assert SAID[name] in done.stdout
    assert done.stderr == ""


def test_every_runbook_that_asks_the_records_is_run() -> None:
    assert {name for name, block in BLOCKS if "recent() {" in block} == SAID.keys()
