"""The pages of the stand-in Studio. Each says that it is development equipment."""

from collections.abc import Mapping
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


def inside(title: str, rows: Mapping[str, str]) -> str:
    """Return what stands for the inside of Studio, an app, a notebook instance or MLflow: what one is in."""
    return _PAGE.format(title=f"{escape(title)} (stand-in)", body=_terms(rows))


def space(rows: Mapping[str, str], opens: str, status: str | None) -> str:
    """Return what stands for Studio's page of a space: its app can be run, or opened if it is in service."""
    run = '<form method="post"><button>Run</button></form>'
    then = f'<p><a href="{escape(opens)}">Open</a></p>' if status == "InService" else "<p>Wait, and load it again.</p>"
    return _PAGE.format(title="Space in Studio (stand-in)", body=_terms(rows) + (then if status else run))


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


def _terms(rows: Mapping[str, str]) -> str:
    terms = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f"<dl>\n{terms}\n</dl>"
