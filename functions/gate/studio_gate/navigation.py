"""Whether a person meant a request, where the proof comes along by itself.

A trusted proxy adds its assertion to whatever a browser sends, also for a page that only wants to make it send
something. What browsers say of a request can only refuse it here, never allow it.
"""

from collections.abc import Callable, Sequence

from studio_gate.errors import GateError, Problem

# Nobody has asked yet for what a browser fetches in advance. By header: Chromium and Safari, older ones, Firefox.
_IN_ADVANCE = ("sec-purpose", "purpose", "x-moz", "x-purpose")
# Fetch Metadata Request Headers, section 2: typed or bookmarked, or from a page of the same site.
_OWN_SITE = {"none", "same-origin", "same-site"}


def check_meant(header: Callable[[str], Sequence[str]]) -> None:
    """Pass for tools and for what a person has opened; `GateError` 403 for a prefetch or another site's request.

    `header` returns the values of a header. A client without Fetch Metadata passes: it is a tool, or a browser of
    before 2023.
    """
    if any(header(name) for name in _IN_ADVANCE):
        raise GateError(Problem.REFUSED, "fetched-in-advance")
    if not _OWN_SITE.issuperset(header("sec-fetch-site")):
        raise GateError(Problem.REFUSED, "from-another-site")
    # A frame, an image or a script of the own site is no launch either.
    modes, targets = set(header("sec-fetch-mode")), set(header("sec-fetch-dest"))
    if "navigate" in modes and not targets <= {"document"}:
        raise GateError(Problem.REFUSED, "not-a-navigation")
    if "navigate" not in modes and not targets <= {"empty"}:
        raise GateError(Problem.REFUSED, "not-a-navigation")
