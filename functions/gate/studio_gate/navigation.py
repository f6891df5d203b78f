"""Whether a person meant a request, where the proof comes along by itself.

A browser sends its session, and a trusted proxy its assertion, also for a page that only wants to make them. What a
browser says of a request can refuse it or have the person asked; that it says nothing allows nothing.
"""

from collections.abc import Callable, Collection, Sequence

from studio_gate.errors import GateError, Problem

type Header = Callable[[str], Sequence[str]]
"""Returns all values of a header, whose name is in lower case."""

# Nobody has asked yet for what a browser fetches in advance. By header: Chromium and Safari, older ones, Firefox.
_IN_ADVANCE = ("sec-purpose", "purpose", "x-moz", "x-purpose")
# Fetch Metadata Request Headers, section 2: typed or bookmarked, or from a page of the same site.
_OWN_SITE = {"none", "same-origin", "same-site"}


def check_now(header: Header) -> None:
    """Pass for what somebody waits for; `GateError` 403 for what a browser fetches in advance."""
    if any(header(name) for name in _IN_ADVANCE):
        raise GateError(Problem.REFUSED, "fetched-in-advance")


def check_meant(header: Header) -> None:
    """Pass for tools and for what a person has opened; `GateError` 403 for a prefetch or another site's request.

    A client without Fetch Metadata passes: it is a tool, or a browser of before 2023.
    """
    check_now(header)
    if not _OWN_SITE.issuperset(header("sec-fetch-site")):
        raise GateError(Problem.REFUSED, "from-another-site")
    # A frame, an image or a script of the own site is no launch either.
    modes, targets = set(header("sec-fetch-mode")), set(header("sec-fetch-dest"))
    if "navigate" in modes and not targets <= {"document"}:
        raise GateError(Problem.REFUSED, "not-a-navigation")
    if "navigate" not in modes and not targets <= {"empty"}:
        raise GateError(Problem.REFUSED, "not-a-navigation")


def may_launch(header: Header, launch_origins: Collection[str]) -> bool:
    """Tell whether a browser's GET may launch at once, or a person must be asked first.

    At once: typed, bookmarked, from the same site, or from a page of one of the origins. `GateError` 403 for what no
    person opened: a prefetch, a frame, an image, a script.
    """
    check_now(header)
    sites = list(header("sec-fetch-site"))
    if not sites:
        return False
    if (list(header("sec-fetch-mode")), list(header("sec-fetch-dest"))) != (["navigate"], ["document"]):
        raise GateError(Problem.REFUSED, "not-a-navigation")
    if sites == ["cross-site"]:
        return _is_led_by(header("referer"), launch_origins)
    return len(sites) == 1 and _OWN_SITE.issuperset(sites)


def check_own_form(header: Header, origin: str) -> None:
    """Pass for a form that a page of the gate's own origin sent; `GateError` 403 otherwise.

    Browsers send `Origin` with every POST (Fetch, section 3.1), and the form's token is checked besides.
    """
    if list(header("origin")) != [origin] or not {"same-origin"}.issuperset(header("sec-fetch-site")):
        raise GateError(Problem.REFUSED, "not-our-form")


def _is_led_by(referers: Sequence[str], origins: Collection[str]) -> bool:
    """Tell whether a page of one of the origins led here.

    Browsers tell another site the page's URL, or its origin and a slash (Referrer Policy, section 3).
    """
    return len(referers) == 1 and any(referers[0].startswith(f"{origin}/") for origin in origins)
