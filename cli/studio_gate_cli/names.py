"""Names of destinations: their shape, and those of the last answer, which completion offers.

Names alone are kept, in the user's cache directory, readable by nobody else; they are no secret and nothing is decided
by them. Where they cannot be kept, nothing is completed, and nothing else is different.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# Never only dots, which a signer would take out of the path (RFC 3986, section 5.2.4).
DESTINATION = "destination"  # how arguments are called that are one: completion offers names for them
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST = 1000


def keep(names: Iterable[object]) -> None:
    """Keep the names of an answer instead of those before; what is not a name is left out."""
    kept = dict.fromkeys(name for name in names if isinstance(name, str) and NAME.fullmatch(name))
    with suppress(OSError, RuntimeError):
        path = _path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Another shell may be reading them.
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            file.writelines(f"{name}\n" for name in list(kept)[:_MOST])
        new.replace(path)


def kept() -> list[str]:
    """Return the kept names; none if there are none or the file is not what was kept."""
    try:
        lines = _path().read_text(encoding="ascii").splitlines()
    except (OSError, RuntimeError, ValueError):
        return []
    return [name for name in lines[:_MOST] if NAME.fullmatch(name)]


def _path() -> Path:
    """Return where they are kept; a relative XDG_CACHE_HOME does not count (XDG Base Directory Specification)."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "studio-gate" / "destinations"
