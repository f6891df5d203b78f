"""Where a LandingUri may lead: what anything between the gate and a browser's address bar may make of it.

It knows nothing of the parser. Each reading is one that some server, proxy or browser is known for; all of them, and
what they make of each other's results, must end on the page that was asked for.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

HOST = "d-x.studio.eu-central-1.sagemaker.aws"
ORIGIN = f"https://{HOST}"
# Studio's own pages are at the root of its host, an app's below a folder of its own.
ROOTS = {
    "studio::": "/",
    "app:JupyterLab:": "/jupyterlab/default/",
    "app:CodeEditor:": "/codeeditor/default/",
    "app:Canvas:": "/canvas/default/",
    "app:RStudioServerPro:": "/rstudio/default/",
}
_MOST = 64


def _raw(value: str) -> bytes:
    return unquote_to_bytes(value.encode("utf-8", "surrogatepass"))


def _overlong(value: str) -> str:
    """Read two bytes as one ASCII character, as decoders did before RFC 3629 forbade it."""
    raw = _raw(value)
    short = re.sub(rb"[\xc0\xc1]([\x80-\xbf])", lambda pair: bytes([(pair[0][0] & 1) << 6 | pair[1][0] & 0x3F]), raw)
    return value if short == raw else short.decode("utf-8", "replace")


READINGS: tuple[Callable[[str], str], ...] = (
    lambda value: _raw(value).decode("utf-8", "replace"),
    lambda value: re.sub(r"%u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), value),
    _overlong,
    lambda value: unicodedata.normalize("NFKC", value),
    # Code points cut to a byte, as header writers did: U+560A becomes a line feed.
    lambda value: "".join(chr(ord(one) & 0xFF) for one in value),
    # Parameters of segments, which some servers take off before they look for "..".
    lambda value: re.sub(r";[^/]*", "", value),
    lambda value: value.replace("\\", "/"),
    # WHATWG URL, section 4.4: tabs and newlines are taken out, and blanks and controls around.
    lambda value: re.sub(r"[\t\r\n]", "", value).strip("".join(map(chr, range(33)))),
    # What is written in C ends at a NUL.
    lambda value: value.partition("\0")[0],
    lambda value: re.sub(r"/{2,}", "/", value),
    lambda value: value.replace("+", " "),
)


def readings(relative: str) -> set[str]:
    """Return all that may be read into a relative path, itself among them; at most some dozens."""
    found, new = {relative}, [relative]
    while new and len(found) < _MOST:
        value = new.pop()
        more = {read(value) for read in READINGS} - found
        found |= more
        new += more
    return found


def _leaves(value: str, root: str) -> bool:
    """Tell whether a browser ends elsewhere: by the redemption's Location, or by a link to the relative path."""
    # An address that cannot be read may be read otherwise elsewhere.
    try:
        located = urlsplit(urljoin(f"{ORIGIN}/", f"{root}{value}".replace("\\", "/")))
        linked = urlsplit(urljoin(f"{ORIGIN}{root}", value))
    except ValueError:
        return True
    return any(
        (one.scheme, one.netloc) != ("https", HOST) or not one.path.startswith(root) for one in (located, linked)
    )


def _says_more(value: str) -> bool:
    """Tell whether it is more than a path: one with steps in it, a query, a fragment, or the end of a header."""
    ends = any(unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in value)
    steps = {".", ".."} & set(re.split(r"[/\\]", value))
    return ends or bool(steps or {"?", "#"} & set(value))


def escapes(landing_uri: str) -> str | None:
    """Return a reading that leaves Studio's origin or the app's folder, or says more than a path; else `None`."""
    prefix = next(one for one in ROOTS if landing_uri.startswith(one))
    read = readings(landing_uri.removeprefix(prefix))
    return next((value for value in sorted(read) if _leaves(value, ROOTS[prefix]) or _says_more(value)), None)
