"""Where in Studio a URL leads, and what is there: an app that runs, one that does not, and the page that runs it."""

from collections.abc import Iterator, Mapping

import pytest

from localaws import studio
from tests.site.minting import HERE, HOME, WIDER, assume, may_assume, role
from tests.site.world import Aws, Reply, World, world

DOMAIN = "d-own"
HOST = f"https://{DOMAIN}.studio.eu-central-1.sagemaker.aws"
LAB = "/jupyterlab/default/lab"
ROLE = role(
    HERE, ("sagemaker:CreatePresignedDomainUrl", f"arn:aws:sagemaker:{HOME}:{HERE}:user-profile/{DOMAIN}/alice")
)
APPS = (
    studio.App("JupyterLab", space="lab"),
    studio.App("JupyterLab", space="slow", pending=9),
    studio.App("JupyterLab", space="over", status="Deleted"),
    studio.App("Canvas", profile="alice"),
)


@pytest.fixture
def inside(here: Aws) -> Iterator[World]:
    """A domain of four spaces: an app runs in one, is pending in another, and ran in a third."""
    spaces = tuple(studio.Space(name) for name in ("lab", "slow", "over", "idle"))
    domain = studio.Domain(DOMAIN, user_profiles=(studio.UserProfile("alice"),), spaces=spaces, apps=APPS)
    studio.seed(domain, account_id=HERE, region=HOME)
    with world(may_assume(ROLE.arn), paths=WIDER, others=(ROLE,)) as opened:
        yield opened


def mint(aws: Aws, more: Mapping[str, str]) -> str:
    client = aws.client("sagemaker", assume(aws, ROLE.arn))
    asked = {"DomainId": DOMAIN, "UserProfileName": "alice", **more}
    url: str = client.create_presigned_domain_url(**asked)["AuthorizedUrl"]
    return url


def follow(opened: World, url: str) -> Reply:
    """Redeem a URL and go where it leads."""
    redeemed = opened.get(url, opened.site.inside)
    assert redeemed.status == 302
    return opened.get(HOST + redeemed.headers["Location"], opened.site.inside, redeemed.cookie)


LANDINGS = {
    "nothing asked": ({}, "/"),
    "a space": ({"SpaceName": "lab"}, LAB),
    "JupyterLab": ({"LandingUri": "app:JupyterLab:"}, LAB),
    "a path of JupyterLab": ({"LandingUri": "app:JupyterLab:tree/a.ipynb", "SpaceName": "lab"}, f"{LAB}/tree/a.ipynb"),
    "Code Editor": ({"LandingUri": "app:CodeEditor:"}, "/codeeditor/default"),
    "a path of Code Editor": ({"LandingUri": "app:CodeEditor:a/b"}, "/codeeditor/default/a/b"),
    "Studio": ({"LandingUri": "studio::"}, "/"),
    "a path of the portal": ({"LandingUri": "studio::jupyterlab/lab"}, "/jupyterlab/lab"),
    "another host, as AWS really does": ({"LandingUri": "studio::/evil.example"}, "//evil.example"),
    "what would end the header": ({"LandingUri": "studio::a\r\nb"}, "/a%0D%0Ab"),
}


@pytest.mark.parametrize(("more", "landing"), LANDINGS.values(), ids=LANDINGS.keys())
def test_a_url_leads_to(inside: World, here: Aws, more: Mapping[str, str], landing: str) -> None:
    redeemed = inside.get(mint(here, more), inside.site.inside)
    assert (redeemed.status, redeemed.headers["Location"]) == (302, landing)
    assert inside.get(f"{HOST}/", inside.site.inside, redeemed.cookie).status == 200


JUPYTER = {"LandingUri": "app:JupyterLab:"}
SEEN: dict[str, tuple[Mapping[str, str], int, tuple[str, ...]]] = {
    "a space whose app runs": ({"SpaceName": "lab"}, 200, ("JupyterLab (stand-in)", "<dd>lab</dd>", "<dd>/</dd>")),
    "a path in it": (
        {"SpaceName": "lab", "LandingUri": "app:JupyterLab:tree/a.ipynb"},
        200,
        ("JupyterLab (stand-in)", "<dd>lab</dd>", "<dd>/tree/a.ipynb</dd>"),
    ),
    "a space whose app is pending": ({"SpaceName": "slow"}, 404, ()),
    "a space whose app was deleted": ({"SpaceName": "over", **JUPYTER}, 404, ()),
    "a space without an app": ({"SpaceName": "idle", **JUPYTER}, 404, ()),
    "another app of a space": ({"SpaceName": "lab", "LandingUri": "app:CodeEditor:"}, 404, ()),
    "JupyterLab without a space": (JUPYTER, 404, ()),
    "Canvas, which is the profile's": ({"LandingUri": "app:Canvas:"}, 200, ("Canvas (stand-in)", "<dd>alice</dd>")),
    "the page of a space whose app runs": (
        {"LandingUri": "studio::jupyterlab/lab"},
        200,
        ("Space in Studio", "<dd>lab</dd>", "<dd>InService</dd>", f'<a href="{LAB}">'),
    ),
    "the page of a space without an app": (
        {"LandingUri": "studio::jupyterlab/idle"},
        200,
        ("Space in Studio", "<dd>idle</dd>", "<dd>Stopped</dd>", "<button>Run</button>"),
    ),
    "the page of a space whose app is pending": (
        {"LandingUri": "studio::jupyterlab/slow"},
        200,
        ("<dd>Pending</dd>", "load it again"),
    ),
    "Code Editor's page of a space": (
        {"LandingUri": "studio::code-editor/lab"},
        200,
        ("Space in Studio", "<dt>CodeEditor</dt>", "<dd>Stopped</dd>", "<button>Run</button>"),
    ),
    "the page of no space": ({"LandingUri": "studio::jupyterlab/none"}, 404, ()),
    "a page of Studio": ({"LandingUri": "studio::projects"}, 200, ("Studio (stand-in)", "<dd>alice</dd>")),
}


@pytest.mark.parametrize(("more", "status", "shown"), SEEN.values(), ids=SEEN.keys())
def test_there_is(inside: World, here: Aws, more: Mapping[str, str], status: int, shown: tuple[str, ...]) -> None:
    page = follow(inside, mint(here, more))
    assert page.status == status
    assert [one for one in shown if one not in page.body] == []
    assert (page.body == "") == (status == 404)
    assert "<button>" not in page.body or "<button>Run</button>" in shown


def test_the_button_runs_the_app_that_then_opens(inside: World, here: Aws) -> None:
    redeemed = inside.get(mint(here, {"LandingUri": "studio::jupyterlab/idle"}), inside.site.inside)
    portal, cookie = f"{HOST}/jupyterlab/idle", redeemed.cookie
    pressed = inside.get(portal, inside.site.inside, cookie, "POST")
    assert (pressed.status, pressed.headers["Location"]) == (303, "/jupyterlab/idle")
    assert "<dd>InService</dd>" in inside.get(portal, inside.site.inside, cookie).body
    assert "<dd>idle</dd>" in inside.get(f"{HOST}{LAB}", inside.site.inside, cookie).body
    again = inside.get(mint(here, {"SpaceName": "idle"}), inside.site.inside)
    assert inside.get(f"{HOST}{LAB}", inside.site.inside, again.cookie).status == 200


def test_a_button_that_is_pressed_twice_runs_one_app(inside: World, here: Aws) -> None:
    cookie = inside.get(mint(here, {}), inside.site.inside).cookie
    for space in ("idle", "idle", "slow"):
        assert inside.get(f"{HOST}/jupyterlab/{space}", inside.site.inside, cookie, "POST").status == 303
    assert "<dd>Pending</dd>" in inside.get(f"{HOST}/jupyterlab/slow", inside.site.inside, cookie).body


BUTTONS: dict[str, tuple[str, str, bool, int]] = {
    "from another endpoint": ("elsewhere", "/jupyterlab/idle", True, 403),
    "from the internet": ("internet", "/jupyterlab/idle", True, 403),
    "without a session": ("inside", "/jupyterlab/idle", False, 302),
    "of a space that is not there": ("inside", "/jupyterlab/none", True, 404),
    "of a type of app that there is not": ("inside", "/notepad/idle", True, 501),
    "of no space": ("inside", "/", True, 501),
}


@pytest.mark.parametrize(("way", "path", "signed_in", "status"), BUTTONS.values(), ids=BUTTONS.keys())
def test_a_button_runs_nothing(inside: World, here: Aws, way: str, path: str, signed_in: bool, status: int) -> None:  # noqa: FBT001 - a column
    cookie = inside.get(mint(here, {}), inside.site.inside).cookie
    pressed = inside.get(f"{HOST}{path}", getattr(inside.site, way), cookie if signed_in else None, "POST")
    assert pressed.status == status
    assert "<dd>Stopped</dd>" in inside.get(f"{HOST}/jupyterlab/idle", inside.site.inside, cookie).body
