"""Redeem an authorization code at the provider's token endpoint, once, in three seconds."""

import base64
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote, urlencode

from studio_gate.errors import GateError, Problem
from studio_gate.identity.fetching import AnswerError, post
from studio_gate.identity.tokens import parse_json_object
from studio_gate.secret_store import Secret
from studio_gate.sign_in_config import SignIn
from studio_gate.upstream import call

_LONGEST = 3


def redeemer(sign_in: SignIn, region: str) -> Callable[[str, str], str]:
    """Return what redeems a code and its PKCE verifier for an ID token (OpenID Connect Core, section 3.1.3).

    It raises `GateError` 401 when the provider does not take the code or answers without a token, 503 when it cannot be
    reached or takes nothing from the gate.
    """
    secret = None if sign_in.client_secret is None else Secret(sign_in.client_secret, region, str.strip)

    def redeem(code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": sign_in.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if secret is None:
            form["client_id"] = sign_in.client_id
        else:
            # RFC 6749, section 2.3.1: encoded, then Basic. Some providers take the id in the form for a second proof.
            both = f"{quote(sign_in.client_id, safe='')}:{quote(secret.get(), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        return _id_token(str(sign_in.token_endpoint), urlencode(form).encode(), headers)

    return redeem


def _id_token(url: str, body: bytes, headers: dict[str, str]) -> str:
    # Raised here, because what the answer failed to be read with may hold a token.
    answer = _answer(url, body, headers)
    if isinstance(answer, GateError):
        raise answer
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise GateError(Problem.NOT_PROVED, "no-id-token")
    return token


def _answer(url: str, body: bytes, headers: dict[str, str]) -> Mapping[str, object] | GateError:
    ends = time.monotonic() + _LONGEST
    try:
        return parse_json_object(call("token-endpoint", _LONGEST, lambda: post(url, body, headers, ends)))
    except ValueError:
        return GateError(Problem.NOT_PROVED, "code-not-redeemed")
    except GateError as error:
        cause = error.__cause__
        upstream = str(cause) if isinstance(cause, AnswerError) else error.upstream
        # RFC 6749, section 5.2. A 401 is about the gate's own secret: it helps nobody to sign in again.
        if isinstance(cause, AnswerError) and cause.status == HTTPStatus.BAD_REQUEST:
            return GateError(Problem.NOT_PROVED, "code-not-redeemed", upstream=upstream)
        return GateError(Problem.UNAVAILABLE, "token-endpoint-unreachable", upstream=upstream)
