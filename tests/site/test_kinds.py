"""Notebook instances and MLflow: what a URL opens, through which endpoint, how often and how long."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from localaws import enforcement, studio, studio_site
from tests.site.minting import (
    EXPERIMENTS_ENDPOINT,
    HERE,
    HOME,
    NOTEBOOK_ENDPOINT,
    WIDER,
    assume,
    document,
    may_assume,
    role,
)
from tests.site.world import Aws, World, get, world

ARN = f"arn:aws:sagemaker:{HOME}:{HERE}"
NOTEBOOK, SERVER = f"{ARN}:notebook-instance/Team-nb", f"{ARN}:mlflow-tracking-server/tries"
ACCESS_UI = "sagemaker-mlflow:AccessUI"
MINT_NOTEBOOK, MINT_SERVER = f"sagemaker:{enforcement.MINT_NOTEBOOK}", f"sagemaker:{enforcement.MINT_TRACKING_SERVER}"
ROLE = role(HERE, (MINT_NOTEBOOK, NOTEBOOK), (MINT_SERVER, SERVER), (ACCESS_UI, SERVER))
REFUSED, SIGN_IN = "insufficient permissions", "/stand-in/sign-in"


@dataclass(frozen=True)
class Sort:
    """One kind of destination: the call that mints, what it is asked, where it leads and what is shown there."""

    call: str
    asked: dict[str, str]
    host: str
    landing: str
    shown: tuple[str, ...]


SORTS = {
    "a notebook instance": Sort(
        "create_presigned_notebook_instance_url",
        {"NotebookInstanceName": "Team-nb"},
        f"team-nb-d8ka.notebook.{HOME}.sagemaker.aws",
        "/tree",
        ("Notebook instance (stand-in)", "<dd>Team-nb</dd>"),
    ),
    "an MLflow tracking server": Sort(
        "create_presigned_mlflow_tracking_server_url",
        {"TrackingServerName": "tries"},
        f"t-0123456789ab.{HOME}.experiments.sagemaker.aws",
        "/",
        ("MLflow (stand-in)", "<dd>tries</dd>"),
    ),
}
NB, ML = SORTS.values()
each = pytest.mark.parametrize("sort", SORTS.values(), ids=SORTS.keys())


@pytest.fixture
def seeded(here: Aws) -> Aws:
    seeds = (studio.NotebookInstance("Team-nb", suffix="d8ka"), studio.TrackingServer("tries", id="t-0123456789ab"))
    studio.seed(*seeds, account_id=HERE, region=HOME)
    return here


@pytest.fixture
def inside(seeded: Aws) -> Iterator[World]:
    with world(may_assume(ROLE.arn), paths=WIDER, others=(ROLE,)) as opened:
        yield opened


def mint(aws: Aws, sort: Sort, **more: object) -> str:
    policy = {"Policy": str(more.pop("Policy"))} if "Policy" in more else {}
    client = aws.client("sagemaker", assume(aws, ROLE.arn, **policy))
    url: str = getattr(client, sort.call)(**sort.asked, **more)["AuthorizedUrl"]
    return url


@each
def test_a_url_opens_inside_and_shows_what_one_is_in(inside: World, seeded: Aws, sort: Sort) -> None:
    url = mint(seeded, sort)
    assert urlsplit(url).netloc == sort.host
    redeemed = inside.get(url, inside.site.inside)
    assert (redeemed.status, redeemed.headers["Location"]) == (302, sort.landing)
    page = inside.get(f"https://{sort.host}{sort.landing}", inside.site.inside, redeemed.cookie)
    assert page.status == 200
    assert [one for one in (*sort.shown, "development equipment", "The session ends at") if one not in page.body] == []


@each
@pytest.mark.parametrize("way", ["elsewhere", "internet"])
def test_it_does_not_open_from(inside: World, seeded: Aws, sort: Sort, way: str) -> None:
    url = mint(seeded, sort)
    reply = inside.get(url, getattr(inside.site, way))
    assert (reply.status, REFUSED in reply.body) == (403, True)
    cookie = inside.get(url, inside.site.inside).cookie
    assert inside.get(f"https://{sort.host}{sort.landing}", getattr(inside.site, way), cookie).status == 403


@pytest.mark.parametrize(
    ("sort", "paths", "status"),
    [
        pytest.param(NB, replace(WIDER, notebook=None), 403, id="a notebook instance without its endpoint"),
        pytest.param(NB, replace(WIDER, studio=None), 302, id="a notebook instance without Studio's endpoint"),
        pytest.param(NB, replace(WIDER, notebook="vpce-0fffffffffffffff0"), 403, id="a notebook's endpoint not listed"),
        pytest.param(ML, replace(WIDER, experiments=None), 403, id="MLflow without its endpoint"),
        pytest.param(ML, replace(WIDER, studio=None, notebook=None), 302, id="MLflow without the others"),
    ],
)
def test_each_kind_has_an_endpoint_of_its_own(seeded: Aws, sort: Sort, paths: enforcement.Paths, status: int) -> None:
    with world(may_assume(ROLE.arn), paths=paths, others=(ROLE,)) as opened:
        assert opened.get(mint(seeded, sort), opened.site.inside).status == status


def test_an_mlflow_url_is_good_once_and_a_notebooks_until_it_expires(inside: World, seeded: Aws) -> None:
    statuses = {}
    for name, sort in SORTS.items():
        url = mint(seeded, sort)
        # What is refused has not been used.
        inside.get(url, inside.site.internet)
        statuses[name] = [inside.get(url, inside.site.inside).status for _ in range(2)]
    assert [*statuses.values()] == [[302, 302], [302, 403]]


EXPIRY = {
    "a notebook's within five minutes": (NB, {}, 299, "/tree"),
    "a notebook's after five minutes": (NB, {}, 300, SIGN_IN),
    "MLflow's as asked": (ML, {"ExpiresInSeconds": 30}, 30, SIGN_IN),
    "MLflow's before its end": (ML, {"ExpiresInSeconds": 30}, 28, "/"),
    "MLflow's by default": (ML, {}, 298, "/"),
}


@pytest.mark.parametrize(("sort", "more", "ahead", "leads_to"), EXPIRY.values(), ids=EXPIRY.keys())
def test_it_expires(inside: World, seeded: Aws, sort: Sort, more: dict[str, int], ahead: int, leads_to: str) -> None:
    url = mint(seeded, sort, **more)
    inside.clock.ahead = timedelta(seconds=ahead - 1 if ahead == 299 else ahead)
    assert inside.get(url, inside.site.inside).headers["Location"] == leads_to


@each
def test_a_session_lasts_as_long_as_asked(inside: World, seeded: Aws, sort: Sort) -> None:
    cookie = inside.get(mint(seeded, sort, SessionExpirationDurationInSeconds=1800), inside.site.inside).cookie
    statuses = []
    for seconds in (1790, 1801):
        inside.clock.ahead = timedelta(seconds=seconds)
        statuses.append(inside.get(f"https://{sort.host}{sort.landing}", inside.site.inside, cookie).status)
    assert statuses == [200, 302]


@each
def test_a_cookie_opens_no_other_kind(inside: World, seeded: Aws, sort: Sort) -> None:
    cookie = inside.get(mint(seeded, sort), inside.site.inside).cookie
    (other,) = (one for one in SORTS.values() if one is not sort)
    reply = inside.get(f"https://{other.host}{other.landing}", inside.site.inside, cookie)
    assert (reply.status, reply.headers["Location"]) == (302, SIGN_IN)


WITHOUT_ACCESS = role(HERE, (MINT_SERVER, SERVER))


def test_mlflow_is_used_with_an_action_of_its_own(seeded: Aws) -> None:
    with world(may_assume(ROLE.arn), paths=WIDER, others=(WITHOUT_ACCESS,)) as opened:
        assert opened.get(mint(seeded, ML), opened.site.inside).status == 403


SESSIONS = {
    "for the server and its pages": ([MINT_SERVER, ACCESS_UI], SERVER, True),
    "for the server without its pages": ([MINT_SERVER], SERVER, False),
}


@pytest.mark.parametrize(("actions", "resource", "opens"), SESSIONS.values(), ids=SESSIONS.keys())
def test_a_session_policy(seeded: Aws, actions: list[str], resource: str, opens: bool) -> None:  # noqa: FBT001 - a column
    policy = document({"Effect": "Allow", "Action": actions, "Resource": resource})
    with world(may_assume(ROLE.arn), paths=WIDER, others=(ROLE,)) as opened:
        lenient = studio_site.serving(opened.enforced, clock=opened.clock, session_policy_counts=False)
        with lenient as without:
            first, second = (mint(seeded, ML, Policy=policy) for _ in range(2))
            assert opened.get(first, opened.site.inside).status == (302 if opens else 403)
            assert get(without, without.inside, second).status == 302


BOUND = document(
    {
        "Effect": "Allow",
        "Action": MINT_NOTEBOOK,
        "Resource": NOTEBOOK,
        "Condition": {"StringEquals": {"aws:SourceVpce": WIDER.sagemaker_api}},
    },
    {
        "Effect": "Allow",
        "Action": MINT_NOTEBOOK,
        "Resource": NOTEBOOK,
        "Condition": {
            "StringEquals": {"aws:SourceVpce": NOTEBOOK_ENDPOINT},
            "IpAddress": {"aws:VpcSourceIp": f"{studio_site.ADDRESS}/32"},
        },
    },
)


def test_a_url_that_is_bound_to_an_address_opens_from_no_other(inside: World, seeded: Aws) -> None:
    url = mint(seeded, NB, Policy=BOUND)
    cookie = inside.get(url, inside.site.inside).cookie
    assert inside.get(url, inside.site.neighbour).status == 403
    assert inside.get(f"https://{NB.host}/tree", inside.site.neighbour, cookie).status == 403
    assert inside.get(f"https://{NB.host}/tree", inside.site.inside, cookie).status == 200
    assert inside.get(mint(seeded, NB), inside.site.neighbour).status == 302


def test_no_endpoint_leads_to_another_host() -> None:
    hosts = ("x.studio.eu-west-2.sagemaker.aws", "x.example.com", "", f"{HOME}.experiments.sagemaker.aws", "a.b.c.d.e")
    assert [WIDER.to(host, HOME) for host in hosts] == [None] * 5
    assert WIDER.to(f"{ML.host.upper()}:443", HOME) == EXPERIMENTS_ENDPOINT
