"""What differs from what is expected is said, and nothing that differs is passed over."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from localaws import answers, example, tokens
from localaws.expectations import EXPECTATIONS, Expectation
from localaws.studio import Mint
from studio_gate.config import Config

URL = "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=canary"
MINT = Mint("CreatePresignedDomainUrl", {}, "key", SecretStr(URL))
ALWAYS = {"Cache-Control": ["no-store"], "Referrer-Policy": ["no-referrer"], "X-Content-Type-Options": ["nosniff"]}
REFUSED = {
    "statusCode": 403,
    "multiValueHeaders": ALWAYS | {"Content-Type": ["application/problem+json"]},
    "body": json.dumps({"type": "urn:problem-type:studio-gate:refused", "status": 403}),
}
OPENED = {"statusCode": 302, "multiValueHeaders": ALWAYS | {"Location": [URL]}, "body": ""}
MADE = {"statusCode": 200, "multiValueHeaders": ALWAYS, "body": json.dumps({"url": URL})}
ME = {"statusCode": 200, "multiValueHeaders": ALWAYS, "body": json.dumps({"issuer": tokens.ISSUER})}
POLICY = "default-src 'none'; form-action 'self' https://d-research01234.studio.eu-central-1.sagemaker.aws; "
HTML = {
    "Referrer-Policy": ["same-origin"],
    "Content-Type": ["text/html; charset=utf-8"],
    "Content-Security-Policy": [f"{POLICY}frame-ancestors 'none'; base-uri 'none'"],
}
ASKED = {"statusCode": 200, "multiValueHeaders": ALWAYS | HTML, "body": "<h1>Open research as Alice?</h1>"}
TOLD = ASKED | {"statusCode": 403, "body": "<h1>Refused</h1>"}
PROVIDER = "https://signin.example.com/auth?client_id=gate-web&scope=openid"
SENT = {"statusCode": 303, "multiValueHeaders": ALWAYS | {"Location": [PROVIDER]}, "body": ""}
GOOD: dict[str, tuple[str, dict[str, Any], list[Mint]]] = {
    "a refusal": ("refused-by-policy", REFUSED, []),
    "a redirect": ("open", OPENED, [MINT]),
    "a URL": ("url", MADE, [MINT]),
    "who vouches for a caller, which is a URL": ("jwt-me", ME, []),
    "a page, whose form may lead to Studio": ("open-cross-site-signed-in", ASKED, []),
    "a refusal on a page": ("open-prefetched", TOLD, []),
    "a redirect to sign in": ("open-not-signed-in", SENT, []),
    "a browser's redirect": ("open-signed-in", OPENED | {"statusCode": 303}, [MINT]),
}


@pytest.mark.parametrize(("name", "answer", "minted"), GOOD.values(), ids=GOOD.keys())
def test_as_expected(config: Config, name: str, answer: dict[str, Any], minted: list[Mint]) -> None:
    assert answers.differences(EXPECTATIONS[name], example.event(name), answer, minted, config) == []


def headers(answer: dict[str, Any], **changes: list[str]) -> dict[str, Any]:
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    return answer | {"multiValueHeaders": answer["multiValueHeaders"] | renamed}


ELSEWHERE = "https://evil.example/auth"
BAD: dict[str, tuple[str, dict[str, Any], list[Mint], str]] = {
    "another status": ("refused-by-policy", REFUSED | {"statusCode": 500}, [], "status 500"),
    "no answer": ("refused-by-policy", {}, [], "status None"),
    "a mint for a refusal": ("refused-by-policy", REFUSED, [MINT], "1 URLs minted"),
    "no mint for a URL": ("url", MADE, [], "0 URLs minted"),
    "two mints": ("url", MADE, [MINT, MINT], "2 URLs minted"),
    "an answer that may be cached": ("open", headers(OPENED, Cache_Control=["private"]), [MINT], "Cache-Control"),
    "a URL in a refusal": ("refused-by-policy", headers(REFUSED, Location=[URL]), [], "a URL in the answer"),
    "a URL that begins like who vouches for a caller": (
        "jwt-me",
        ME | {"body": json.dumps({"issuer": f"{tokens.ISSUER}/x"})},
        [],
        "a URL in the answer",
    ),
    "a redirect elsewhere": ("open", headers(OPENED, Location=[ELSEWHERE]), [MINT], "a URL of evil.example"),
    "no redirect": ("open", headers(OPENED, Location=[""]), [MINT], "a URL of nowhere"),
    "a URL of elsewhere": ("url", MADE | {"body": json.dumps({"url": ELSEWHERE})}, [MINT], "a URL of evil.example"),
    "another URL than was minted": ("url", MADE | {"body": json.dumps({"url": URL + "x"})}, [MINT], "another URL than"),
    "a body that is no JSON": ("url", MADE | {"body": "oops"}, [MINT], "a URL of nowhere"),
    "another type": (
        "refused-by-policy",
        headers(REFUSED, Content_Type=["text/html"]),
        [],
        "Content-Type: text/html",
    ),
    "another problem": ("not-proved", REFUSED | {"statusCode": 401}, [], "type urn:problem-type:studio-gate:refused"),
    "a problem instead of a page": ("open-prefetched", REFUSED, [], "Content-Type: application/problem+json"),
    "another problem's page": ("open-prefetched", TOLD | {"body": "<h1>Bad answer</h1>"}, [], "another page"),
    "no policy for a page": (
        "open-prefetched",
        headers(TOLD, Content_Security_Policy=[""]),
        [],
        "Content-Security-Policy: ",
    ),
    "a page that another site may frame": (
        "open-prefetched",
        headers(TOLD, Content_Security_Policy=["default-src 'none'; base-uri 'none'"]),
        [],
        "Content-Security-Policy: ",
    ),
    "a page with scripts": (
        "open-prefetched",
        headers(TOLD, Content_Security_Policy=[HTML["Content-Security-Policy"][0] + "; script-src 'self'"]),
        [],
        "Content-Security-Policy: ",
    ),
    "a page whose forms would come as from nowhere": (
        "open-prefetched",
        headers(TOLD, Referrer_Policy=["no-referrer"]),
        [],
        "Referrer-Policy: no-referrer",
    ),
    "a URL on a page": ("open-cross-site-signed-in", ASKED | {"body": f"<h1>{URL}"}, [], "a URL in the answer"),
    "a URL in a page's policy": (
        "open-cross-site-signed-in",
        headers(ASKED, Content_Security_Policy=[f"{HTML['Content-Security-Policy'][0]}; {URL}"]),
        [],
        "a URL in the answer",
    ),
    "a page instead of signing in": ("open-not-signed-in", ASKED | {"statusCode": 303}, [], "a redirect to nowhere"),
    "a redirect to sign in elsewhere": (
        "open-not-signed-in",
        headers(SENT, Location=[ELSEWHERE]),
        [],
        "a redirect to evil.example",
    ),
    "a redirect for a refusal": ("open-prefetched", headers(TOLD, Location=[PROVIDER]), [], "a URL in the answer"),
    "a space that nobody asked for": (
        "url",
        MADE,
        [replace(MINT, parameters={"SpaceName": "alice-lab"})],
        "SpaceName alice-lab",
    ),
    "a landing that nobody asked for": (
        "url-space",
        MADE,
        [replace(MINT, parameters={"SpaceName": "alice-lab", "LandingUri": "app:JupyterLab:"})],
        "LandingUri app:JupyterLab:",
    ),
    "another space": ("url-space", MADE, [replace(MINT, parameters={"SpaceName": "bob-lab"})], "SpaceName bob-lab"),
    "a session longer than the limit": (
        "jwt-contractor",
        MADE,
        [replace(MINT, parameters={"SessionExpirationDurationInSeconds": 28800})],
        "SessionExpirationDurationInSeconds 28800",
    ),
    "a list for a problem": ("refused-by-policy", REFUSED | {"body": "[]"}, [], "type None"),
}


@pytest.mark.parametrize(("name", "answer", "minted", "said"), BAD.values(), ids=BAD.keys())
def test_differs(config: Config, name: str, answer: dict[str, Any], minted: list[Mint], said: str) -> None:
    found = answers.differences(EXPECTATIONS[name], example.event(name), answer, minted, config)
    assert any(one.startswith(said) for one in found), found
    assert "canary" not in str(found)


def test_an_expectation_says_nothing_is_minted_unless_it_does() -> None:
    assert Expectation(200) == (200, None, 0, False, None, {})
