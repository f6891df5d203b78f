"""What the API's document says of each route and parameter, in words; everything else it takes from the code."""

import re
from dataclasses import dataclass
from typing import Any

from studio_gate.bodies import Health, Launched, Me
from studio_gate.fields import DESTINATION, DESTINATION_LENGTH, PROFILE_NAME, PROFILE_NAME_LENGTH
from studio_gate.identity.session import COOKIE
from studio_gate.kinds import EXPIRES_IN, SESSION_EXPIRES_IN
from studio_gate.landing import _PATH, APPS, PATH_LENGTH
from studio_gate.portal import LONGEST_SEARCH

type Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one route.

    `body` is the type of its JSON, "document" for any object; `sees` are its redirects; `page` says that it can answer
    with a page. `query` are its parameters, "launch" for those of a launch; `form` are the fields that are posted.
    `mints` says that a URL can come of it, `proof` names the security scheme, a question mark after it that it may be
    missing.
    """

    summary: str
    body: type | str | None = None
    sees: int | None = None
    page: bool = False
    query: str | tuple[str, ...] = ()
    form: tuple[str, ...] | None = None
    mints: bool = False
    proof: str = ""


def text(pattern: re.Pattern[str], longest: int) -> Schema:
    """Return the schema of a text that is the whole of a pattern."""
    # As ECMA-262 has it, where "$" is the end and no line's.
    written = pattern.pattern.replace(r"\Z", "$")
    return {"type": "string", "pattern": f"^(?:{written})$", "minLength": 1, "maxLength": longest}


def seconds(bounds: tuple[int, int]) -> Schema:
    """Return the schema of a whole number of seconds."""
    return {"type": "integer", "minimum": bounds[0], "maximum": bounds[1]}


# By method and path; {proof} stands for each prefix that has a proof, and a route without {destination} for the one
# with it, too.
OPERATIONS = {
    "GET /health": Operation("Whether the gate is there", body=Health),
    "GET /openapi.json": Operation("This document", body="document"),
    "GET /{proof}/me": Operation("Who I am and what I may open", body=Me),
    "GET /{proof}/url": Operation("Mint a presigned URL", body=Launched, query="launch", mints=True),
    "GET /{proof}/open": Operation("Mint a presigned URL and go there", sees=302, query="launch", mints=True),
    "GET /": Operation(
        "The portal: what I may open, on a page; to sign in first",
        sees=303,
        page=True,
        query=("q", "ended"),
        proof="session?",
    ),
    "GET /me": Operation("Who has signed in with this browser, and what they may open", body=Me, proof="session"),
    "GET /open": Operation(
        "Open a destination in a browser: go there, to sign in first, or to a page that asks",
        sees=303,
        page=True,
        query="launch",
        mints=True,
        proof="session?",
    ),
    "POST /open": Operation(
        "Open what a page of the gate has asked about", sees=303, form=("token",), mints=True, proof="session?"
    ),
    "GET /signin": Operation("Sign in with a browser, and go on to the portal", sees=303, proof="session?"),
    "GET /signin/callback": Operation(
        "Come back from the identity provider with a code",
        sees=303,
        page=True,
        query=("code", "state", "iss", "error"),
        mints=True,
    ),
    "POST /signin/callback": Operation(
        "Come back from the identity provider with an ID token",
        sees=303,
        page=True,
        form=("id_token", "state", "iss", "error"),
        mints=True,
    ),
    "POST /signout": Operation("Sign out", sees=303, page=True, form=(), proof="session?"),
}

_PROVIDER_S = {"type": "string"}
# By name, with what it means. The values are examples that the example configuration knows.
PARAMETERS: dict[str, tuple[Schema, str, object]] = {
    "destination": (
        text(DESTINATION, DESTINATION_LENGTH),
        "What to open, by its name in the configuration; a route without it opens the default",
        "research",
    ),
    "profile": (
        text(PROFILE_NAME, PROFILE_NAME_LENGTH),
        "The user profile to open; needed only if you may open more than one",
        "alice",
    ),
    "expires_in": (
        seconds(EXPIRES_IN),
        "How long the URL can be opened, in seconds; at most what the destination allows",
        10,
    ),
    "session_expires_in": (
        seconds(SESSION_EXPIRES_IN),
        "How long the session lasts, in seconds; at most what the destination allows",
        3600,
    ),
    "space": (
        text(PROFILE_NAME, PROFILE_NAME_LENGTH),
        "The space to open, one's own or a shared one; not with the apps studio, canvas and rstudio",
        None,
    ),
    "app": ({"type": "string", "enum": [*APPS]}, "The app to land in; jupyterlab where a space is given", None),
    "path": (
        text(_PATH, PATH_LENGTH),
        "Where in the app to land, relative; with the apps jupyterlab and codeeditor in a space alone",
        None,
    ),
    "q": (
        text(re.compile(r"[\s\S]*"), LONGEST_SEARCH) | {"minLength": 0},
        "Words that all that is shown must have",
        "research",
    ),
    "ended": ({"type": "string", "enum": ["1"]}, "That a sign-in has just ended", "1"),
    "code": (_PROVIDER_S, "The provider's authorization code", None),
    "id_token": (_PROVIDER_S, "The provider's ID token", None),
    "state": (_PROVIDER_S, "What the gate had the provider send back", None),
    "iss": (_PROVIDER_S, "Who the provider says it is (RFC 9207)", None),
    "error": (_PROVIDER_S, "Why the provider has refused", None),
    "token": (_PROVIDER_S, "The token of the page that asked", None),
}

# By prefix, and at the end the one of browsers: the name of the scheme, and the scheme.
SCHEMES: dict[str, tuple[str, Schema]] = {
    "iam": (
        "sigv4",
        {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4 for execute-api, by one of the configuration's iam_roles",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
    ),
    "jwt": (
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of one of the configuration's issuers",
        },
    ),
    "proxy": (
        "assertion",
        {
            "type": "apiKey",
            "in": "header",
            "name": "x-amzn-oidc-data",
            "description": (
                "The signed assertion of an Application Load Balancer; another proxy's is in the header that the "
                "configuration gives for it"
            ),
        },
    ),
    "": (
        "session",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "The session of who has signed in with a browser",
        },
    ),
}

ABOUT = """\
A private front door to Amazon SageMaker Studio: it proves who is calling, decides what they may open, and mints a
presigned URL.

The path decides the proof, and no other counts. Unknown, repeated and malformed query parameters are a 400 that names
them, and what may not be opened is refused in the same words, whyever. `type` of a problem is stable.

Amazon API Gateway answers before the gate is asked: a method or path that is not here gets 403 and not 405 or 404, and
a path of over 1,600 bytes 414. The header `WWW-Authenticate` comes as `x-amzn-Remapped-WWW-Authenticate`.

The routes without a prefix are for browsers. They answer with pages, heed Fetch Metadata (`Sec-Fetch-*`), and take
forms from the gate's own pages alone (`Origin`).
"""
