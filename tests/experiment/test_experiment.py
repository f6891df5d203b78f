"""The experiment comes out as it must, and a broken template makes it come out otherwise."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localaws import demo, experiment, laptop, provider, run, tokens
from localaws.experiment import Row
from studio_gate import handler
from tests.conftest import Context
from tests.stack.mutations import Mutation, drop, put

type Factory = Callable[[laptop.Surroundings], laptop.Invoke]

MINTING = "MintingRole/Policies/mint/PolicyDocument/Statement"
API = "Api/Auth/ResourcePolicy/CustomStatements"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Factory:
    """The handler of this process in the runtime's place; many templates are played."""
    one_at_a_time = threading.Lock()

    def factory(around: laptop.Surroundings) -> laptop.Invoke:
        monkeypatch.setenv("AWS_ENDPOINT_URL", around.aws)
        monkeypatch.setenv("SSL_CERT_FILE", str(around.authority))
        monkeypatch.setattr(handler, "CONFIG_DIRECTORY", around.config)
        handler.gate.cache_clear()

        def invoke(event: dict[str, Any]) -> object:
            with one_at_a_time:
                return handler.handler(event, Context())

        return invoke

    return factory


@contextmanager
def playing(in_process: Factory, mutation: Mutation | None = None) -> Iterator[Iterable[Row]]:
    """Replay the experiment with a template, broken on purpose if asked to, as far as its rows are taken."""
    source = laptop.source()
    if mutation:
        mutation(source)
    with laptop.running(source, in_process) as system:
        yield experiment.play(system)


def test_it_comes_out_as_it_must_and_no_token_is_written(
    in_process: Factory, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with playing(in_process) as rows:
        played = list(rows)
    assert [row for row in played if not row.ok] == []
    # A broken template is asked for a row by what it says.
    assert len({row.what for row in played}) == len(played)
    written = capfd.readouterr()
    assert '"proof": "bearer"' in written.out
    assert '"proof": "proxy"' in written.out
    assert not tokens.FORM.search(written.out + written.err + caplog.text)


def test_without_a_provider_nobody_signs_in_and_the_rest_goes_on(
    in_process: Factory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(provider, "missing", lambda: "node is not installed")
    monkeypatch.delenv("CI", raising=False)
    assert demo.replay(in_process) == 0
    assert "Nobody can sign in with a browser here: node is not installed" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert demo.replay(in_process) == 1


INTERNET = "the same from the internet"
BROKEN: dict[str, tuple[Mutation, str, str]] = {
    "the minting role's Deny is dropped": (
        drop(f"{MINTING}/DenyOutsideTheEndpoints"),
        INTERNET,
        "302 with a session / 403 with the text",
    ),
    "the minting role's Deny allows": (
        put(f"{MINTING}/DenyOutsideTheEndpoints/Effect", "Allow"),
        INTERNET,
        "302 with a session / 403 with the text",
    ),
    "the sagemaker.api endpoint is not in the list": (
        put(
            f"{MINTING}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce", [{"Ref": "StudioEndpointId"}]
        ),
        "Alice mints from inside and opens it inside",
        "403 refused",
    ),
    "the studio endpoint is not in the list": (
        put(
            f"{MINTING}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce",
            [{"Ref": "SageMakerApiEndpointId"}],
        ),
        "Alice mints from inside and opens it inside",
        "302, then 302 without Studio",
    ),
    "the API's Deny is dropped": (
        drop(f"{API}/DenyOutsideTheEndpoints"),
        "Alice mints through another execute-api endpoint",
        "403 refused",
    ),
    "the API's Deny is on signed requests alone": (
        put(f"{API}/DenyOutsideTheEndpoints/Resource", "execute-api:/gate/GET/iam/*"),
        "a token through another execute-api endpoint",
        "403 refused, 0 minted",
    ),
    "nothing allows what the gate proves": (
        drop(f"{API}/AllowProofsThatTheGateChecks"),
        "a tool opens with Alice's token",
        "403 by API Gateway",
    ),
    "IAM is to authorise a proxy's route": (
        drop("Function/Events/ProxyOpenOf/Properties/Auth"),
        "a load balancer lets Alice through",
        "403 by API Gateway",
    ),
    "the API is regional": (
        put("Api/EndpointConfiguration", {"Type": "REGIONAL"}),
        "Alice mints from inside and opens it inside",
        "403 by API Gateway",
    ),
    "the role may be assumed through another endpoint alone": (
        put("MintingRole/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals/aws:SourceVpce", "vpce-0fffffff"),
        "Alice mints from inside and opens it inside",
        "503 unavailable",
    ),
}


@pytest.mark.parametrize(("mutation", "what", "found"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_template_shows(in_process: Factory, mutation: Mutation, what: str, found: str) -> None:
    with playing(in_process, mutation) as rows:
        row = next(row for row in rows if row.what == what)
    assert (row.ok, row.found) == (False, found)


def test_the_demo_counts_the_rows_that_differ(
    in_process: Factory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.replay(in_process) == 0
    broken = laptop.source()
    drop(f"{MINTING}/DenyOutsideTheEndpoints")(broken)
    monkeypatch.setattr(laptop, "source", lambda: broken)
    assert demo.replay(in_process) > 0
    assert "DIFFERS: must be 403 with the text" in capsys.readouterr().out


def test_what_make_run_says_to_paste_does_what_it_says(in_process: Factory, tmp_path: Path) -> None:
    with laptop.running(laptop.source(), in_process, tmp_path) as system:
        text = run.commands(system)
        pasted = ("curl", "URL=", "TOKEN=", "#", "for ", "  URL=", "  curl", "done")
        script = "\n".join(line for line in text.splitlines() if line.startswith(pasted))
        done = subprocess.run(
            ["bash", "-eu"],  # noqa: S607 - as its reader would
            input=re.sub(r"\n#.*(?:\n#.*)*", "\necho; echo ---", script),
            capture_output=True,
            text=True,
            check=True,
        )
    _, who, studio, internet, refused, by_token, elsewhere, further, from_there, not_hers, made, *_ = done.stdout.split(
        "---"
    )
    assert '"destination": "research"' in who
    assert "Studio (stand-in)" in studio
    assert "alice" in studio
    assert experiment.REFUSED in internet
    assert refused.count('"status": 403') == 3
    assert '"proof": "bearer"' in by_token
    assert "Studio (stand-in)" in by_token
    assert [elsewhere.count(f'"status": {status}') for status in (403, 401)] == [2, 1]
    titles = ("JupyterLab", "Space in Studio", "Studio", "Notebook instance", "MLflow")
    assert [further.count(f"<h1>{title} (stand-in)") for title in titles] == [1, 1, 1, 1, 1]
    assert from_there.count(experiment.REFUSED) == 3
    assert not_hers.count('"status": 403') == 2
    assert '"status": 409' in made
