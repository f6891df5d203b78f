"""Behind a proxy, a browser's request counts only when a person meant it."""

from collections.abc import Callable, Sequence

import pytest

from studio_gate import navigation
from studio_gate.errors import GateError, Problem


def sent(site: str | None, mode: str | None, dest: str | None, **more: str) -> Callable[[str], Sequence[str]]:
    """The headers of a request: Fetch Metadata, and more by their names with underscores."""
    given = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    given |= {name.replace("_", "-"): value for name, value in more.items()}
    return lambda name: [value] if (value := given.get(name)) is not None else []


MEANT = {
    "a tool": sent(None, None, None),
    "an address that was typed": sent("none", "navigate", "document", sec_fetch_user="?1"),
    "a link on the same page": sent("same-origin", "navigate", "document"),
    "a link on the intranet": sent("same-site", "navigate", "document"),
    "a fetch of the same page": sent("same-origin", "cors", "empty"),
    "a fetch of the intranet": sent("same-site", "same-origin", "empty"),
    "a browser that does not say the destination": sent("none", "navigate", None),
}


@pytest.mark.parametrize("header", MEANT.values(), ids=MEANT.keys())
def test_meant(header: Callable[[str], Sequence[str]]) -> None:
    navigation.check_meant(header)


TYPED = ("none", "navigate", "document")
NOT_MEANT = {
    "a prefetch": (sent(*TYPED, sec_purpose="prefetch"), "fetched-in-advance"),
    "a prerender": (sent(*TYPED, sec_purpose="prefetch;prerender"), "fetched-in-advance"),
    "a purpose that nobody knows": (sent(*TYPED, sec_purpose="later"), "fetched-in-advance"),
    "a purpose that is empty": (sent(*TYPED, sec_purpose=""), "fetched-in-advance"),
    "a prefetch of older browsers": (sent(*TYPED, purpose="prefetch"), "fetched-in-advance"),
    "a prefetch of Firefox": (sent(*TYPED, x_moz="prefetch"), "fetched-in-advance"),
    "a preview of Safari": (sent(*TYPED, x_purpose="preview"), "fetched-in-advance"),
    "a prefetch by a tool": (sent(None, None, None, purpose="prefetch"), "fetched-in-advance"),
    "a link of another site": (sent("cross-site", "navigate", "document"), "from-another-site"),
    "a fetch of another site": (sent("cross-site", "cors", "empty"), "from-another-site"),
    "a site that nobody knows": (sent("same-planet", "navigate", "document"), "from-another-site"),
    "a site in capitals": (sent("NONE", "navigate", "document"), "from-another-site"),
    "a site that is empty": (sent("", "navigate", "document"), "from-another-site"),
    "another site that says nothing else": (sent("cross-site", None, None), "from-another-site"),
    "a frame": (sent("same-origin", "navigate", "iframe"), "not-a-navigation"),
    "an embedded object": (sent("same-site", "navigate", "object"), "not-a-navigation"),
    "a navigation to nothing": (sent("same-origin", "navigate", "empty"), "not-a-navigation"),
    "an image": (sent("same-site", "no-cors", "image"), "not-a-navigation"),
    "a script": (sent("same-origin", "no-cors", "script"), "not-a-navigation"),
    "a document without a navigation": (sent("same-origin", "cors", "document"), "not-a-navigation"),
    "a document in a mode that is not said": (sent("same-origin", None, "document"), "not-a-navigation"),
    "a web socket": (sent("same-origin", "websocket", "websocket"), "not-a-navigation"),
}


@pytest.mark.parametrize(("header", "reason"), NOT_MEANT.values(), ids=NOT_MEANT.keys())
def test_not_meant(header: Callable[[str], Sequence[str]], reason: str) -> None:
    with pytest.raises(GateError) as caught:
        navigation.check_meant(header)
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, reason)


TWICE = {
    "two sites": ("sec-fetch-site", ["none", "cross-site"], "from-another-site"),
    "two destinations of a navigation": ("sec-fetch-dest", ["document", "iframe"], "not-a-navigation"),
}


@pytest.mark.parametrize(("name", "values", "reason"), TWICE.values(), ids=TWICE.keys())
def test_every_value_of_a_repeated_header_counts(name: str, values: list[str], reason: str) -> None:
    with pytest.raises(GateError) as caught:
        navigation.check_meant(lambda asked: values if asked == name else list(sent(*TYPED)(asked)))
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, reason)
