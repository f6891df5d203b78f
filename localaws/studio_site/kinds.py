"""What differs between the pages that a presigned URL opens: Studio, notebook instances, MLflow tracking servers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from localaws.enforcement import MINT, MINT_NOTEBOOK, MINT_TRACKING_SERVER

type Asked = Mapping[str, object]

# How the path of an app's own page begins, and the type as SageMaker writes it. JupyterLab's is measured, the others
# follow it.
APPS = {name.lower(): name for name in ("JupyterLab", "CodeEditor", "Canvas", "RStudioServerPro")}
# The same of Studio's page of a space, for what runs in one. JupyterLab's is measured; AWS's own toolkit for editors
# sends people to "code-editor", and that a space follows there, too, is not known.
PAGES = {"jupyterlab": "JupyterLab", "code-editor": "CodeEditor"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its title, what one is in, by the parameter that named it, where a URL leads, how often it is good."""

    title: str
    names: Mapping[str, str]
    landing: Callable[[Asked], str]
    once: bool = False


def _studio_landing(asked: Asked) -> str:
    """Return where AWS leads to (facts of LandingUri, measured): `studio::/x` really goes to another host, `//x`."""
    kind, _, rest = str(asked.get("LandingUri", "")).partition(":")
    app, _, path = rest.partition(":")
    if kind == "app":
        lab = "/lab" if app == "JupyterLab" else ""
        landing = f"/{app.lower()}/default{lab}" + (f"/{path}" if path else "")
    elif kind == "studio":
        landing = f"/{path}"
    else:
        landing = "/jupyterlab/default/lab" if "SpaceName" in asked else "/"
    # No character that could end the header.
    return quote(landing, safe="/:@!$&'()*+,;=?#%~")


# Where a notebook instance leads to is not documented; people's links to theirs have this path. MLflow's presigned URL
# "can be used only once" (API_CreatePresignedMlflowTrackingServerUrl); of the others AWS does not say so.
KINDS: Mapping[str, Kind] = {
    MINT: Kind("Studio", {"Domain": "DomainId", "User profile": "UserProfileName"}, _studio_landing),
    MINT_NOTEBOOK: Kind("Notebook instance", {"Notebook instance": "NotebookInstanceName"}, lambda _: "/tree"),
    MINT_TRACKING_SERVER: Kind("MLflow", {"Tracking server": "TrackingServerName"}, lambda _: "/", once=True),
}


def hosts(region: str) -> tuple[str, ...]:
    """Return the hosts of every kind in a region, with a wildcard for the one that is meant."""
    return (
        f"*.studio.{region}.sagemaker.aws",
        f"*.notebook.{region}.sagemaker.aws",
        f"*.{region}.experiments.sagemaker.aws",
    )


def redeems(host: str, target: str) -> bool:
    """Tell whether a request brings a token: a notebook instance takes it at its root, the others at /auth."""
    path, _, query = target.partition("?")
    return path == "/auth" or (path == "/" and ".notebook." in host and query.startswith("authToken="))
