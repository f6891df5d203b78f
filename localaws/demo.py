"""`make demo`: the story without a person. Real events, the real handler and botocore, and moto on loopback.

Every row is a real answer held against what it must be; the exit status is 1 if any differs.
"""

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from localaws import answers, contract, example, experiment, laptop, provider, runtime, server, studio
from localaws.expectations import EXPECTATIONS, Expectation
from studio_gate.config import Config

# In the order of the story; each says what the caller tries.
STORY = {
    "me": "Alice asks who she is and what she may open",
    "url": "Alice opens research, as JSON",
    "open": "Alice opens research, as a redirect",
    "open-default": "Alice opens the default destination",
    "url-shortened": "Alice asks for 10 s and a session of 1800 s",
    "url-alias": "She opens research by its old name",
    "url-as-tool": "An intranet tool opens its own sandbox",
    "jwt-me": "A tool with Alice's token asks who she is",
    "jwt-url": "It opens research for her, as JSON",
    "jwt-open": "It opens the default destination for her",
    "jwt-contractor": "A contractor opens the lab: 4 hours at most",
    "url-space": "Alice opens her own space",
    "url-space-path": "She opens a notebook in it",
    "url-space-stopped": "A space that does not run: to where it is started",
    "url-space-shared": "She opens a space of Bob's that the team shares",
    "refused-space-of-bob": "She opens one that is Bob's alone",
    "refused-space-of-the-leads": "She opens one that is for leads",
    "jwt-space-of-the-leads": "Bob, who is a lead, opens it",
    "url-other-account": "Alice opens marketing, in another account",
    "url-notebook": "She opens a notebook instance",
    "url-mlflow": "She opens an MLflow tracking server",
    "refused-notebook-of-a-contractor": "The contractor opens the notebook instance",
    "jwt-profile-made": "Alice opens the lab, and has no profile there",
    "open-profile-made": "So does Bob in a browser, which waits",
    "proxy-alb-open": "A load balancer lets Alice through to research",
    "proxy-url": "Another proxy does, as JSON",
    "portal-not-signed-in": "Somebody opens the portal: to sign in",
    "portal-signed-in": "Alice, signed in, sees what she may open",
    "portal-in-japanese": "Carol may open nothing, and reads so in Japanese",
    "me-signed-in": "A page of Alice's asks who she is",
    "me-not-signed-in": "A page of somebody's does, not signed in",
    "open-not-signed-in": "Somebody opens research in a browser: to sign in",
    "open-signed-in": "Alice, signed in, opens research in a browser",
    "open-cross-site-signed-in": "Another site's link: Alice is asked first",
    "open-at-another-name": "By the API's own name: to the name with cookies",
    "open-from-another-site": "Another site's link, not signed in: to sign in",
    "open-prefetched": "A browser fetches it before anybody asks",
    "open-refused-by-policy": "Carol, signed in, opens the sandbox",
    "signout-cross-site": "Another site's form signs Alice out",
    "refused-wrong-endpoint": "Alice asks through another VPC endpoint",
    "refused-unknown-caller": "A role that is not trusted",
    "refused-other-account": "The same role name in another account",
    "refused-someone-elses-profile": "Alice asks for Bob's profile",
    "refused-unknown-destination": "Alice asks for a destination that is not there",
    "refused-by-policy": "Carol has a sandbox profile, no policy permits it",
    "not-proved": "Nobody signed the request",
    "not-proved-token-missing": "A route for tokens, without one",
    "not-proved-token-expired": "A token that has expired",
    "not-proved-token-wrong-audience": "A token for another service",
    "not-proved-token-wrong-issuer": "A token of another issuer",
    "not-proved-token-other-key": "A token signed with another key",
    "not-proved-token-id-token": "An ID token instead of an access token",
    "refused-token-of-carol": "Carol's token, no policy permits it either",
    "not-proved-assertion-missing": "A route for proxies, without an assertion",
    "not-proved-assertion-forged": "An assertion signed with another key",
    "not-proved-assertion-other-load-balancer": "An assertion of somebody else's load balancer",
    "malformed-expiry": "Alice asks for 301 s",
    "malformed-expiry-over-destination": "Alice asks for more than research allows",
    "malformed-expiry-over-limit": "The contractor asks for 8 hours",
    "malformed-expiry-of-a-notebook": "Alice asks for a notebook URL of 60 s",
    "malformed-repeated-parameter": "Two profiles in one request",
    "malformed-unknown-parameter": "A landing URI in the query",
    "malformed-path": "A path that leads out of Studio",
    "health": "Anybody inside asks for the gate's health",
    "openapi": "Anybody inside asks what the gate can be asked",
}

# What is asked once more after that, and must then be answered otherwise.
AGAIN = {
    "jwt-profile-made": (
        ("She asks again at once", EXPECTATIONS["jwt-profile-made"]),
        ("And again: now it is there", Expectation(200, mints=1)),
    ),
}


class Context(LambdaContext):
    """As much of Lambda's context as the handler reads."""

    _aws_request_id = "demo"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return the function's whole timeout, in milliseconds."""
        return 10_000


@dataclass(frozen=True)
class Row:
    """What was tried, its answer, and in what that differs from what it must be."""

    name: str
    what: str
    answer: Mapping[str, Any]
    audit: Mapping[str, Any]
    mints: tuple[studio.Mint, ...]
    differences: tuple[str, ...]


@contextlib.contextmanager
def deployed() -> Iterator[None]:
    """Run this process as the deployed function would run, against the stand-in for AWS on loopback."""
    from studio_gate import handler

    before, shipped = dict(os.environ), handler.CONFIG_DIRECTORY
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with server.running() as url:
        os.environ.update(example.environment() | credentials | {"AWS_ENDPOINT_URL": url})
        handler.CONFIG_DIRECTORY = example.CONFIG
        try:
            yield
        finally:
            handler.CONFIG_DIRECTORY = shipped
            os.environ.clear()
            os.environ.update(before)


def play(names: Mapping[str, str] = STORY) -> Iterator[Row]:
    """Send each event through the handler; yield each answer as it comes. Only within `deployed`."""
    from studio_gate import handler

    handler.gate.cache_clear()
    config = example.configuration(os.environ)
    example.seed(config)
    for name, what in names.items():
        for said, expected in ((what, EXPECTATIONS[name]), *AGAIN.get(name, ())):
            yield _row(name, said, expected, config)


def _row(name: str, what: str, expected: Expectation, config: Config) -> Row:
    from studio_gate import handler

    before, event = studio.mints(), example.event(name)
    with contextlib.redirect_stdout(io.StringIO()) as log:
        answer = handler.handler(event, Context())
    minted = studio.mints()[len(before) :]
    differences = answers.differences(expected, event, answer, minted, config)
    differences += _asked_differences(event, minted) + contract.breaches(event, answer)
    audit = json.loads(log.getvalue().splitlines()[0])["audit"]
    return Row(name, what, answer, audit, minted, tuple(differences))


def _asked_differences(event: Mapping[str, Any], minted: tuple[studio.Mint, ...]) -> list[str]:
    """Hold the expiries that were asked for against those that were minted."""
    asked = event["multiValueQueryStringParameters"] or {}
    members = {"expires_in": "ExpiresInSeconds", "session_expires_in": "SessionExpirationDurationInSeconds"}
    return [
        f"{member} {mint.parameters.get(member)}"
        for mint in minted
        for name, member in members.items()
        if name in asked and str(mint.parameters.get(member)) != asked[name][0]
    ]


def _problem(body: str) -> str:
    if body.startswith("<"):
        return "page"
    return json.loads(body).get("type", "-").rpartition(":")[2] if body else "-"


def _line(row: Row) -> str:
    problem = _problem(row.answer["body"])
    seconds = [str(mint.parameters["SessionExpirationDurationInSeconds"]) for mint in row.mints]
    verdict = "ok" if not row.differences else "DIFFERS: " + ", ".join(row.differences)
    columns = f"{row.what:<50}{row.answer['statusCode']:>6}  {problem:<11}{len(row.mints):>5}"
    return (
        f"{columns}  {''.join(seconds) or '-':>7}  {row.audit['reason'] or row.audit['decision'] or '-':<40}  {verdict}"
    )


def tell() -> int:
    """Print the story of each event as a table; return how many rows differ from what they must be."""
    heading = (
        f"{'What is tried':<50}{'status':>6}  {'problem':<11}{'mints':>5}  {'session':>7}  {'why (audit record)':<40}"
    )
    rows = []
    with deployed():
        print(f"\n{heading}\n{'-' * len(heading)}", flush=True)
        for row in play():
            rows.append(row)
            print(_line(row), flush=True)
    wrong = sum(bool(row.differences) for row in rows)
    refused = sum(row.answer["statusCode"] >= 400 for row in rows)  # noqa: PLR2004 - the classes of errors
    minted = sum(len(row.mints) for row in rows)
    print(f"\n{len(rows)} requests, {refused} refused, {minted} URLs minted, {wrong} rows differ")
    return wrong


def replay(invoke: Callable[[laptop.Surroundings], laptop.Invoke] | None = None) -> int:
    """Print the experiment through gateway, runtime and Studio as a table; return how many rows differ."""
    print(f"\n{'Through the gateway, the runtime and the Studio':<50}what came of it\n{'-' * 100}", flush=True)
    wrong = 0
    with laptop.running(laptop.source(), invoke) as system:
        for row in experiment.play(system):
            wrong += not row.ok
            verdict = "ok" if row.ok else f"DIFFERS: must be {row.expected}"
            print(f"{row.what:<50}{row.found:<50}{verdict}", flush=True)
        if system.people is None:
            wrong += os.environ.get("CI") == "true"
            print(f"Nobody can sign in with a browser here: {provider.missing()}")
    print(f"\n{wrong} rows differ")
    return wrong


def main() -> int:
    """Tell the story and replay the experiment; return 0 if every row is as it must be."""
    began = time.monotonic()
    print("Every event, through the handler and the real botocore, to a stand-in for AWS on loopback:", flush=True)
    wrong = tell()
    if reason := runtime.missing():
        if os.environ.get("CI") == "true":
            print(f"The experiment cannot be replayed: {reason}")
            return 1
        print(f"\nThe experiment is skipped here: {reason}")
    else:
        wrong += replay()
    print(f"({time.monotonic() - began:.1f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
