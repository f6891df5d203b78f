"""Invoke the built function in containers with the events, and check each answer. Started by run.sh."""

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any

from localaws import answers, example, server, studio, template, tokens
from localaws.container import engine, stack
from localaws.container.processes import StartError
from localaws.container.sam import InvokeError, Sam
from localaws.expectations import EXPECTATIONS
from studio_gate.config import Config

_BUILD = example.ROOT / ".aws-sam" / "build"
# One event of each kind of answer, because every `sam local invoke` makes the layer's image anew.
_COLD = ("open", "refused-by-policy", "url")
# What a shell reports for a process that a signal ended.
_SIGNALLED = 128


def main(root: Path, chosen: list[Path]) -> int:
    """Print a row for each event, and return 0 when every one was answered as expected, else 1.

    Chosen events of `events/` are each invoked cold. With none chosen, a few are, and then all in one warm container:
    so what one caller leaves behind meets the next.
    """
    begun = monotonic()
    cold = [path.stem for path in chosen] or list(_COLD)
    warm = [] if chosen else sorted(path.stem for path in example.EVENTS.glob("*.json"))
    if missing := [name for name in cold + warm if name not in EXPECTATIONS]:
        print(f"sam-local: no expectation (localaws/expectations.py) for {', '.join(missing)}")
        return 1
    try:
        with set_up(root) as (sam, config):
            urls: list[str] = []
            made = sam.template.parent
            written = {name: example.write_event(name, made / "events") for name in {*cold, *warm}}
            print("sam-local: sam local invoke, a new container for each event", flush=True)
            invoke_cold = partial(sam.invoke, stack.FUNCTION)
            held = [check(written[name], invoke_cold, config, urls) for name in cold]
            if warm:
                print("sam-local: sam local start-lambda, one container for all events", flush=True)
                with sam.warm(stack.FUNCTION) as invoke:
                    held += [check(written[name], invoke, config, urls) for name in warm]
                print("sam-local: sam local start-api, told through which endpoint requests come", flush=True)
                with sam.serving() as get:
                    held += [asked(path, headers, minted, get, urls) for path, headers, minted in _requests()]
            secret = kept(made, urls)
    except (StartError, stack.StaleBuildError, InvokeError) as error:
        print(f"sam-local: {error}")
        return 1
    print(f"sam-local: {held.count(True)} of {len(held)} answers as expected, {monotonic() - begun:.0f} s")
    return 0 if all(held) and secret else 1


@contextmanager
def set_up(root: Path) -> Iterator[tuple[Sam, Config]]:
    """Start the engine and the stand-in, and see that the container is what it should be; end both on exit."""
    variables = example.environment()
    config = example.configuration(variables)
    with tempfile.TemporaryDirectory(prefix="sam-local-") as made, engine.running(Path(made)) as environment:
        print("sam-local: engine started in a network of its own", flush=True)
        engine.load(root, environment)
        print("sam-local: base image imported", flush=True)
        with server.running(engine.BRIDGE) as endpoint:
            example.seed(config)
            print("sam-local: SageMaker and STS stood in for, with gate.toml's domains and profiles", flush=True)
            built = template.load(_BUILD / "template.yaml")
            document = stack.local_template(built, _BUILD, variables, endpoint)
            code = example.code(_BUILD / stack.FUNCTION, Path(made) / "code")
            document["Resources"][stack.FUNCTION]["Properties"]["CodeUri"] = str(code)
            (local := Path(made) / "template.json").write_text(json.dumps(document), encoding="utf-8")
            api = json.dumps(stack.behind_an_endpoint(document))
            local.with_name("api.json").write_text(api, encoding="utf-8")
            # SAM asks STS who it is; without an answer it tries for seconds.
            own = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
            own |= {"AWS_ENDPOINT_URL_STS": endpoint, "TMPDIR": made}
            sam = Sam(local, example.parameters(), own)
            probe(sam, Path(made) / "nothing.json")
            yield sam, config


def probe(sam: Sam, event: Path) -> None:
    """Say what runs in the container; an `InvokeError` when its third-party modules are not the layer's."""
    event.write_text("{}", encoding="utf-8")
    answer = sam.invoke(stack.PROBE, event)
    files: dict[str, str] = answer.get("files", {})
    foreign = [file for file in files.values() if not file.startswith("/opt/python/")]
    if not files or foreign:
        raise InvokeError(f"not from the layer: {', '.join(foreign) or answer}")
    what = f"CPython {answer['python']} on {answer['machine']}"
    print(f"sam-local: in the container {what}; from the layer {', '.join(files)}", flush=True)


def check(path: Path, invoke: Callable[[Path], dict[str, Any]], config: Config, urls: list[str]) -> bool:
    """Invoke the gate with one event, print its row, note what was minted, and say whether all was as expected."""
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    expected = EXPECTATIONS[path.stem]
    studio.clear_mints()
    begun = monotonic()
    status: object = None
    try:
        answer = invoke(path)
        status = answer.get("statusCode")
        found = answers.differences(expected, event, answer, studio.mints(), config)
    except InvokeError as error:
        found = [str(error)]
    minted = [one.url.get_secret_value() for one in studio.mints()]
    urls += minted
    promised = f"{expected.status} {expected.problem or ''}"
    row = f"{path.stem:42} {promised:15} {status or '-':<4} {len(minted)} minted {monotonic() - begun:5.1f} s "
    print(row, "; ".join(found) or "ok", flush=True)
    return not found


def _requests() -> Iterator[tuple[str, dict[str, str], int]]:
    yield "/health", {}, 0
    yield "/jwt/url/research", tokens.header("jwt"), 1


def asked(
    path: str,
    headers: dict[str, str],
    promised: int,
    get: Callable[[str, Mapping[str, str]], tuple[int, bytes]],
    urls: list[str],
) -> bool:
    """Ask the API, print its row, note what was minted, and say whether it answered 200 and minted as promised."""
    studio.clear_mints()
    begun = monotonic()
    status, body = get(path, headers)
    minted = [one.url.get_secret_value() for one in studio.mints()]
    urls += minted
    untold = [url for url in minted if url not in body.decode()]
    held = status == HTTPStatus.OK and len(minted) == promised and not untold
    row = f"GET {path:38} {'200':15} {status:<4} {len(minted)} minted {monotonic() - begun:5.1f} s "
    print(row, "ok" if held else f"not as promised, {body[:200]!r}", flush=True)
    return held


def kept(folder: Path, urls: list[str]) -> bool:
    """Say whether the logs in a folder hold neither a URL nor a token, and tell whether they do not."""
    logs = [log.read_text(encoding="utf-8") for log in folder.glob("*.log")]
    secret = not any(tokens.FORM.search(log) or any(url in log for url in urls) for log in logs)
    held = "no URL and no token" if secret else "SOME"
    print(f"sam-local: {len(urls)} URLs minted; {held} in {len(logs)} logs", flush=True)
    return secret


def end(number: int, _: object) -> None:
    """Leave as on an exception, so that everything that was started is ended."""
    sys.exit(_SIGNALLED + number)


if __name__ == "__main__":
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    sys.exit(main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]))
