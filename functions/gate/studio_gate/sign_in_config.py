"""How people sign in with a browser: the provider's endpoints, the session's bounds, and where the gate's keys are."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from studio_gate.fields import text, unique
from studio_gate.providers import HTTPS_BASE, HttpsUrl, Issuer

# Names as SSM's PutParameter and Secrets Manager's CreateSecret take them (their API references).
SecretName = Annotated[
    str,
    text(
        r"ssm:/[A-Za-z0-9._/-]{1,1000}|secretsmanager:[A-Za-z0-9/_+=.@:-]{1,600}",
        1024,
        'the name of a secret, as "ssm:/name" or "secretsmanager:name"',
    ),
]
# RFC 6454, as browsers write it: scheme, host and port alone, in lower case and without the port of every https URL.
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:(?!443$)[1-9][0-9]{0,4})?")
Origin = Annotated[str, text(_ORIGIN, 256, "an https origin as browsers write it, such as https://wiki.example.com")]
PublicUrl = Annotated[str, text(HTTPS_BASE, 256, "an https URL without a query")]
_SHORTEST, _LONGEST = 300, 86400


def origin_of(url: str) -> str:
    """Return the origin of an https URL of the configuration (RFC 6454)."""
    return "/".join(url.split("/")[:3])


class SignIn(Issuer):
    """Browser sign-in with OpenID Connect: an issuer of ID tokens, whose one audience is the gate's client id.

    With `flow` "form_post" the browser brings the ID token itself, so that the function needs no way to the provider;
    its keys are then best pinned.
    """

    token: Literal["id"] = Field(default="id", description="always ID tokens")
    public_url: PublicUrl = Field(description="where people open the gate, with the stage if it is in the path")
    flow: Literal["code", "form_post"] = Field(default="code", description="how the provider answers")
    authorization_endpoint: HttpsUrl = Field(description="the provider's, where people sign in")
    token_endpoint: HttpsUrl | None = Field(default=None, description='the provider\'s; for the flow "code"')
    end_session_endpoint: HttpsUrl | None = Field(default=None, description="the provider's, where people sign out")
    client_secret: SecretName | None = Field(default=None, description="the gate's, if the provider gave it one")
    sealing_keys: SecretName = Field(description="keys that seal cookies, newest first, a line each: id:key")
    scopes: tuple[str, ...] = Field(default=("openid", "profile", "email"), description="what is asked for")
    idle: int = Field(default=3600, ge=_SHORTEST, le=_LONGEST, description="seconds without use that end a session")
    lifetime: int = Field(default=28800, ge=_SHORTEST, le=_LONGEST, description="seconds that end any session")
    launch_origins: tuple[Origin, ...] = Field(default=(), description="sites whose links launch without a question")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len(self.audiences) != 1 or self.clients:
            raise ValueError("audiences must be the client id alone, and clients are not for sign-in")
        if (self.flow == "code") != (self.token_endpoint is not None):
            raise ValueError('token_endpoint goes with the flow "code"')
        if "openid" not in self.scopes:
            raise ValueError("scopes must have openid")
        if self.idle > self.lifetime:
            raise ValueError("idle must not be over lifetime")
        # Cookies, forms and redirects are held against it, as browsers write it in `Origin`.
        if not _ORIGIN.fullmatch(self.origin):
            raise ValueError("public_url must have its host in lower case, and a port only if it is not 443")
        unique("launch_origins", self.launch_origins)
        return self

    @property
    def client_id(self) -> str:
        """The gate's client id at the provider."""
        return self.audiences[0]

    @property
    def base(self) -> str:
        """The public URL without a slash at its end."""
        return self.public_url.removesuffix("/")

    @property
    def origin(self) -> str:
        """The origin of the public URL (RFC 6454)."""
        return origin_of(self.public_url)

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it is registered there, exactly so."""
        return f"{self.base}/signin/callback"

    @property
    def sign_out_origins(self) -> tuple[str, ...]:
        """The origin where signing out may end, beside the gate's own."""
        return () if self.end_session_endpoint is None else (origin_of(self.end_session_endpoint),)
