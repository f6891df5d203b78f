"""A gate that signs people in, and browsers that use it as people's browsers do."""

import base64
import copy
import secrets
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import boto3

from localaws import example
from tests.studio_gate.builders import toml
from tests.studio_gate.finding import Clock
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.tokens_made import ABSENT, MadeIssuer

if TYPE_CHECKING:
    from tests.conftest import Reply

type Headers = Mapping[str, str | Sequence[str]]

HOST = "studio.corp.example"
ORIGIN = f"https://{HOST}"
ELSEWHERE = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
STUDIO = "https://d-research01234.studio.eu-central-1.sagemaker.aws"
PROVIDER = MadeIssuer("https://login.example.com/tenant")
AUTHORIZE = "https://login.example.com/tenant/authorize"
END_SESSION = "https://bye.example.com/tenant/logout"
FORM = "application/x-www-form-urlencoded"
ALICE, BOB, CAROL, STRANGER = "6f9c-alice", "77d0-bob", "c0ff-carol", "0000-nobody"
PROFILES = {ALICE: "alice", BOB: "bob", CAROL: "carol"}
COOKIE = "__Host-studio-gate"
# What browsers say of a navigation: typed or bookmarked, from a page of the gate, from elsewhere.
TYPED = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-user": "?1"}
CLICKED = TYPED | {"sec-fetch-site": "same-origin"}
LINKED = TYPED | {"sec-fetch-site": "cross-site"}


def entry(**changes: object) -> dict[str, Any]:
    """The table [sign_in], after changes; without a way out of the VPC unless changed."""
    good: dict[str, object] = {
        "name": "web",
        "issuer": PROVIDER.url,
        "audiences": ["gate-web"],
        "algorithms": ["ES256"],
        "public_url": ORIGIN,
        "flow": "form_post",
        "authorization_endpoint": AUTHORIZE,
        "sealing_keys": "ssm:/studio-gate/sealing-keys",
        "claims": {"name": "name", "email": "email", "groups": "groups"},
        "groups": {"/data-science": "data-science"},
        "keys": {"pinned": PROVIDER.key_set("ES256")},
    }
    return {name: value for name, value in (good | changes).items() if value is not ABSENT}


def write_config(folder: Path, sign_in: Mapping[str, Any]) -> None:
    """Write the example's configuration with sign-in, and the people of `PROFILES` with a profile each."""
    document = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
    names = {profile: f"{sign_in['name']}:{subject}" for subject, profile in PROFILES.items()}
    for destination in document["destinations"]:
        for profile in destination.get("profiles", ()):
            profile["callers"] += [names[profile["name"]]] if profile["name"] in names else []
    for name in ("policies.cedar", "schema.cedarschema"):
        shutil.copyfile(example.CONFIG / name, folder / name)
    (folder / "gate.toml").write_text(toml(document | {"sign_in": sign_in}), encoding="utf-8")


def put_sealing_keys(*ids: str) -> None:
    """Keep new sealing keys where the gate finds them."""
    lines = (f"{one}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}" for one in ids)
    client = boto3.client("ssm", region_name=example.ACCOUNT.region)
    client.put_parameter(Name="/studio-gate/sealing-keys", Type="SecureString", Value="\n".join(lines), Overwrite=True)


def delete_sealing_keys() -> None:
    """Leave the gate without its keys."""
    boto3.client("ssm", region_name=example.ACCOUNT.region).delete_parameter(Name="/studio-gate/sealing-keys")


def location(reply: "Reply") -> str:
    """Where an answer sends a browser, "" if nowhere."""
    return reply.headers.get("Location", "")


def landed(reply: "Reply") -> str:
    """What an answer comes to for a person, in a word."""
    to = location(reply)
    if reply.status == 303:
        places = {STUDIO: "studio", AUTHORIZE.rpartition("/")[0]: "sign in", ORIGIN: "public url"}
        return next(name for place, name in places.items() if to.startswith(place))
    title = read_page(reply.body).one("h1").text
    asks = title.startswith("Open ") and title.endswith("?")
    return "confirm page" if reply.status == 200 and asks else "refused" if reply.status == 403 else title


@dataclass
class Browser:
    """One browser with its cookies. What it says of a request is what a person typed, unless told otherwise."""

    send: "Callable[[dict[str, Any]], Reply]"
    clock: Clock
    base: str = ORIGIN
    jar: dict[str, str] = field(default_factory=dict)
    lax: set[str] = field(default_factory=set)

    def get(self, path: str, headers: Headers = TYPED, **besides: Any) -> "Reply":  # noqa: ANN401 - as `ask`
        return self.ask("GET", path, headers, **besides)

    def post(self, path: str, form: Mapping[str, str], headers: Headers | None = None) -> "Reply":
        """Send a form of a page of the gate, or of another site with other headers."""
        own = CLICKED | {"origin": ORIGIN, "content-type": FORM}
        return self.ask("POST", path, own if headers is None else headers, body=urlencode(form))

    def ask(self, method: str, path: str, headers: Headers, *, host: str | None = HOST, **event: object) -> "Reply":
        """Send a request as API Gateway passes it on, and keep the cookies of the answer."""
        sent = self.event(method, path, headers, host) | event
        reply = self.send(sent)
        if host == HOST:
            for one in reply.cookies:
                self._keep(one)
        return reply

    def event(self, method: str, path: str, headers: Headers, host: str | None = HOST) -> dict[str, Any]:
        """The event of a request; cookies are those of the browser unless the headers bring others."""
        made: dict[str, Any] = copy.deepcopy(example.event("health"))
        route, _, query = path.partition("?")
        destination = unquote(route.removeprefix("/open/")) if route.startswith("/open/") else None
        given = {name: [values] if isinstance(values, str) else list(values) for name, values in headers.items()}
        if host == HOST and self.jar and "cookie" not in given:
            # Fetch Metadata of another site's POST: cookies that are Lax stay at home.
            away = method == "POST" and given.get("sec-fetch-site") == ["cross-site"]
            pairs = [f"{name}={value}" for name, value in self.jar.items() if not (away and name in self.lax)]
            given |= {"cookie": ["; ".join(pairs)]} if pairs else {}
        made |= {
            "resource": "/open/{destination}" if destination is not None else route,
            "httpMethod": method,
            "pathParameters": None if destination is None else {"destination": destination},
            "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
            "multiValueHeaders": given,
        }
        # A custom domain name leads to the stage, which is then not in the path; another name of the API has it there.
        base = urlsplit(self.base).path if host == HOST else "/gate"
        made["path"] = route
        made["requestContext"] |= {"domainName": host, "path": f"{base}{route}", "resourcePath": made["resource"]}
        return made

    def another(self) -> "Browser":
        """Another browser of the same gate."""
        return replace(self, jar={}, lax=set())

    def sign_in(self, who: str = ALICE, **claims: object) -> "Reply":
        """Sign in with nothing to launch, whoever was signed in before."""
        self.jar.pop(COOKIE, None)
        return self.come_back(self.get("/signin"), who, **claims)

    def come_back(self, begun: "Reply", who: str = ALICE, **claims: object) -> "Reply":
        """Sign in at the provider where an answer led to, and come back with what it answers."""
        return self.ask("POST", "/signin/callback", FROM_PROVIDER, body=urlencode(self.answer(begun, who, **claims)))

    def answer(self, begun: "Reply", who: str = ALICE, **claims: object) -> dict[str, str]:
        """What the provider has the browser post."""
        assert landed(begun) == "sign in", begun.audit
        asked = dict(parse_qsl(urlsplit(location(begun)).query))
        told: dict[str, object] = {"aud": "gate-web", "sub": who, "nonce": asked["nonce"], "groups": ["/data-science"]}
        token = replace(PROVIDER, now=int(self.clock.now)).token(told | claims, {"typ": "JWT"})
        return {"state": asked["state"], "id_token": token}

    def press(self, reply: "Reply", label: str) -> "Reply":
        """Press a button of a page, and send what a browser sends then."""
        (form,) = [one for one in read_page(reply.body).forms if one.label == label]
        # Fetch, section 3.1: of a page that wants no referrer, a form's origin is not told either.
        hidden = reply.headers["Referrer-Policy"] == "no-referrer"
        own = CLICKED | {"origin": "null" if hidden else ORIGIN, "content-type": FORM}
        assert (form.method, self.base.startswith(ORIGIN)) == ("post", True)
        path = form.action.removeprefix(urlsplit(self.base).path)
        return self.ask("POST", path, own, body=urlencode(form.fields))

    def _keep(self, cookie: str) -> None:
        (name, _, value), attributes = cookie.partition(";")[0].partition("="), cookie.split("; ")[1:]
        assert {"Path=/", "Secure", "HttpOnly"} <= set(attributes), cookie
        self.jar.pop(name, None)
        self.lax.discard(name)
        if "Max-Age=0" not in attributes:
            self.jar[name] = value
            self.lax |= set() if "SameSite=None" in attributes else {name}


FROM_PROVIDER: Headers = LINKED | {"origin": "https://login.example.com", "content-type": FORM}


@dataclass(frozen=True)
class Web:
    """Makes gates with sign-in, and browsers for them."""

    send: "Callable[[dict[str, Any]], Reply]"
    clock: Clock
    folder: Path
    forget: Callable[[], None]

    def __call__(self, **sign_in: object) -> Browser:
        """A browser of a new gate, whose [sign_in] has these changes."""
        made = entry(**sign_in)
        write_config(self.folder, made)
        self.forget()
        return Browser(self.send, self.clock, made["public_url"].removesuffix("/"))
