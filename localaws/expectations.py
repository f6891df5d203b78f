"""What each event of `events/` must be answered: one table for the tests, the demo and the container lane."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Expectation(NamedTuple):
    """The HTTP status, the last word of the problem's type (None where there is no problem), and the URLs minted.

    `page` says that people read the answer in a browser; `leads_to` is how a redirect begins that is not to a URL that
    was minted; `asked` is what SageMaker was asked to mint besides what is always said, or for what time.
    """

    status: int
    problem: str | None = None
    mints: int = 0
    page: bool = False
    leads_to: str | None = None
    asked: Mapping[str, object] = MappingProxyType({})


_MALFORMED = Expectation(400, "malformed")
_NOT_PROVED = Expectation(401, "not-proved")
_REFUSED = Expectation(403, "refused")
_PREPARING = Expectation(409, "preparing")
_URL = Expectation(200, mints=1)
_OPEN = Expectation(302, mints=1)
_REFUSED_ON_A_PAGE = Expectation(403, "refused", page=True)
_SIGN_IN = Expectation(303, leads_to="https://signin.example.com/auth?client_id=gate-web&")

_IN_LAB = "app:JupyterLab:"


def _paged(space: str) -> dict[str, object]:
    """Return what leads to Studio's own page of a space, which can start its app."""
    return {"LandingUri": f"studio::jupyterlab/{space}"}


# By the event file's name without ".json". Written out, not derived from the names: an event that is added without a
# line here fails.
EXPECTATIONS: Mapping[str, Expectation] = {
    "health": Expectation(200),
    "jwt-contractor": _URL._replace(asked={"SessionExpirationDurationInSeconds": 14400}),
    "jwt-me": Expectation(200),
    "jwt-open": _OPEN,
    "jwt-profile-made": _PREPARING,
    "jwt-space-of-the-leads": _URL._replace(asked=_paged("leads")),
    "jwt-url": _URL,
    "malformed-expiry": _MALFORMED,
    "malformed-expiry-of-a-notebook": _MALFORMED,
    "malformed-expiry-over-destination": _MALFORMED,
    "malformed-expiry-over-limit": _MALFORMED,
    "malformed-path": _MALFORMED,
    "malformed-repeated-parameter": _MALFORMED,
    "malformed-unknown-parameter": _MALFORMED,
    "me": Expectation(200),
    "me-not-signed-in": _NOT_PROVED,
    "me-signed-in": Expectation(200),
    "not-proved": _NOT_PROVED,
    "not-proved-assertion-forged": _NOT_PROVED,
    "not-proved-assertion-missing": _NOT_PROVED,
    "not-proved-assertion-other-load-balancer": _NOT_PROVED,
    "not-proved-token-expired": _NOT_PROVED,
    "not-proved-token-id-token": _NOT_PROVED,
    "not-proved-token-missing": _NOT_PROVED,
    "not-proved-token-other-key": _NOT_PROVED,
    "not-proved-token-wrong-audience": _NOT_PROVED,
    "not-proved-token-wrong-issuer": _NOT_PROVED,
    "open": _OPEN,
    "open-at-another-name": Expectation(303, leads_to="https://studio.corp.example/open/"),
    "open-cross-site-signed-in": Expectation(200, page=True),
    "open-default": _OPEN,
    "open-from-another-site": _SIGN_IN,
    "open-not-signed-in": _SIGN_IN,
    "open-prefetched": _REFUSED_ON_A_PAGE,
    "open-profile-made": _PREPARING._replace(page=True),
    "open-refused-by-policy": _REFUSED_ON_A_PAGE,
    "open-signed-in": Expectation(303, mints=1),
    "openapi": Expectation(200),
    "portal-in-japanese": Expectation(200, page=True),
    "portal-not-signed-in": _SIGN_IN,
    "portal-signed-in": Expectation(200, page=True),
    "proxy-alb-open": _OPEN,
    "proxy-url": _URL,
    "refused-by-policy": _REFUSED,
    "refused-notebook-of-a-contractor": _REFUSED,
    "refused-other-account": _REFUSED,
    "refused-someone-elses-profile": _REFUSED,
    "refused-space-of-bob": _REFUSED,
    "refused-space-of-the-leads": _REFUSED,
    "refused-token-of-carol": _REFUSED,
    "refused-unknown-caller": _REFUSED,
    "refused-unknown-destination": _REFUSED,
    "refused-wrong-endpoint": _REFUSED,
    "signout-cross-site": _REFUSED_ON_A_PAGE,
    "url": _URL,
    "url-alias": _URL,
    "url-as-tool": _URL,
    "url-mlflow": _URL,
    "url-notebook": _URL,
    "url-other-account": _URL,
    "url-shortened": _URL,
    "url-space": _URL._replace(asked={"SpaceName": "alice-lab"}),
    "url-space-path": _URL._replace(asked={"SpaceName": "alice-lab", "LandingUri": _IN_LAB + "tree/forecast.ipynb"}),
    "url-space-shared": _URL._replace(asked={"SpaceName": "team-forecast"}),
    "url-space-stopped": _URL._replace(asked=_paged("alice-drafts")),
}
