"""What Schemathesis must be told of the gate: how each proof is brought, and what must hold besides the document."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from urllib3.util import connection

from localaws import example, laptop, people, tokens
from localaws.asking.runs import PROOF, SEEN, SESSION, Proof
from studio_gate.identity.session import COOKIE
from studio_gate.landing import check_together

_PROOF = Proof(os.environ[PROOF])
_MALFORMED, _REFUSED = 400, {401, 403}
_NAVIGATION = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def signed(request: Any) -> Any:  # noqa: ANN401 - requests has no types
    """Sign a prepared request as Alice, by what is sent: each has a signature of its own."""
    # Signature Version 4 knows a blank as %20, requests writes a plus sign.
    parts = urlsplit(request.url)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True), quote_via=quote)
    request.url = urlunsplit(parts._replace(query=query))
    alice = laptop.CALLERS[laptop.ALICE]
    given = AWSRequest(request.method, request.url, data=request.body)
    who = Credentials(laptop.ALICE, alice.secret, alice.session_token)
    SigV4Auth(who, "execute-api", example.ACCOUNT.region).add_auth(given)
    request.headers.update(dict(given.headers.items()))
    return request


def with_token(request: Any) -> Any:  # noqa: ANN401 - requests has no types
    """Bring Alice's access token."""
    request.headers.update(tokens.header("jwt"))
    return request


def with_assertion(request: Any) -> Any:  # noqa: ANN401 - requests has no types
    """Come through the load balancer that has let Alice in."""
    request.headers.update(tokens.header("alb"))
    return request


def with_session(request: Any) -> Any:  # noqa: ANN401 - requests has no types
    """Come from Alice's browser, which is signed in, and from a page of the gate."""
    request.headers.update({"Origin": f"https://{people.HOST}", **_NAVIGATION})
    request.headers["Cookie"] = f"{COOKIE}={os.environ[SESSION]}"
    return request


_connect = connection.create_connection


def on_loopback(address: tuple[str, int], *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as urllib3 has it
    """Connect to this machine, whatever the name: no name server knows it, and nothing is asked elsewhere."""
    return _connect(("127.0.0.1", address[1]), *args, **options)


connection.create_connection = on_loopback

match _PROOF:
    case Proof.BY_PREFIX:
        for _prefix, _bring in {"^/iam/": signed, "^/jwt/": with_token, "^/proxy/": with_assertion}.items():
            schemathesis.auth.set_from_requests(_bring).apply_to(path_regex=_prefix)
    case Proof.SESSION:
        schemathesis.auth.set_from_requests(with_session)
    case Proof.NONE:
        pass


def _minted(response: Any) -> bool:  # noqa: ANN401 - as below
    return ".sagemaker.aws/" in response.text + "".join(response.headers.get("location", []))


def _must(good: bool, told: str) -> None:  # noqa: FBT001 - as assert
    # An AssertionError is how a check fails.
    if not good:
        raise AssertionError(told)


@schemathesis.check
def nobody_gets_in(_: Any, response: Any, case: Any) -> None:  # noqa: ANN401 - Schemathesis's own types
    """Without a proof there is nothing but refusals, and for people the way to sign in: never a presigned URL."""
    if _PROOF is not Proof.NONE:
        return
    wanted = case.operation.definition.raw.get("security", [])
    if wanted and {} not in wanted:
        _must(response.status_code in _REFUSED, f"{response.status_code} without a proof")
    _must(not _minted(response), "a presigned URL without a proof")


@schemathesis.check
def what_is_not_in_the_document_is_refused(_: Any, response: Any, case: Any) -> None:  # noqa: ANN401 - as above
    """Pass when a method that a path has not got API Gateway's own answer: the problem "refused"."""
    methods = {one.upper() for one in case.operation.schema[case.operation.path]}
    if response.request.method not in methods:
        kind = response.headers.get("content-type")
        _must(
            (response.status_code, kind) == (403, ["application/problem+json"]), f"{response.status_code} for a method"
        )


@schemathesis.check
def what_goes_together_is_taken(_: Any, response: Any, case: Any) -> None:  # noqa: ANN401 - as above
    """Pass when what the document allows is malformed only by parameters that make no sense together."""
    if response.status_code == _MALFORMED and case.meta.generation.mode.is_positive:
        _must(bool(check_together(*(case.query.get(one) for one in ("space", "app", "path")))), "400 for what is good")


@schemathesis.check
def seen(_: Any, response: Any, case: Any) -> None:  # noqa: ANN401 - as above
    """Note which answers there were, so that a run in which everything was refused does not pass for a good one."""
    with Path(os.environ[SEEN]).open("a", encoding="utf-8") as file:
        came = "minted" if _minted(response) else response.status_code
        file.write(f"{response.request.method} {case.operation.path} {came}\n")
