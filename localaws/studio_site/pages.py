"""The pages of the stand-in Studio. Each says that it is development equipment."""

from datetime import datetime
from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
{body}
<hr>
<p>This is development equipment of Studio Gate on your own machine. It is not Amazon SageMaker Studio.</p>
</html>
"""


def studio(domain: str, profile: str, ends_at: datetime) -> str:
    """Return what stands for Studio itself."""
    rows = {"Domain": domain, "User profile": profile, "The session ends at": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}"}
    terms = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return _PAGE.format(title="Studio (stand-in)", body=f"<dl>\n{terms}\n</dl>")


def refused() -> str:
    """Return Studio's own words for a request that the policies do not allow."""
    return _PAGE.format(
        title="403 Forbidden",
        body="<p>Auth token containing insufficient permissions</p>",
    )


def sign_in() -> str:
    """Return what stands for the AWS console's sign-in page."""
    return _PAGE.format(
        title="Sign-in (stand-in)",
        body="<p>The URL or the session is over. AWS would show the console's sign-in page here; open Studio anew "
        "through the gate.</p>",
    )


def failed(status: int, text: str) -> str:
    """Return a page for a request that is no browser's."""
    return _PAGE.format(title=f"{status} {escape(text)}", body="")
