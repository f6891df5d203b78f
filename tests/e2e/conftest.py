"""A real browser before the whole system on loopback: gateway, Lambda's runtime, a provider, Studio, other sites."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from localaws import example, laptop, people, provider, run, runtime, signed_in, studio
from localaws.studio_site.certificate import Authority
from studio_gate.config import read_config, read_deployment
from studio_gate.identity.seals import SealingKeys, read_sealing_keys
from studio_gate.sign_in_config import SignIn
from tests.e2e import elsewhere

SCREENSHOTS = example.ROOT / ".cache" / "screenshots"
OPEN = f"{people.PUBLIC_URL}/open"
STUDIO = "https://d-research01234.studio.eu-central-1.sagemaker.aws/"
LOOKS: dict[str, tuple[tuple[int, int], Literal["light", "dark"]]] = {
    "wide-light": ((1280, 800), "light"),
    "wide-dark": ((1280, 800), "dark"),
    "narrow-light": ((360, 780), "light"),
    "narrow-dark": ((360, 780), "dark"),
}
_CHROMIUM = shutil.which("chromium")
_AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"


def missing() -> str | None:
    """Say in one line what has to be there first; nothing if all is."""
    chromium = None if _CHROMIUM else "chromium is not installed (Debian: apt install chromium)"
    axe = None if _AXE.exists() else "axe is not installed (make e2e installs it where npm is there)"
    return runtime.missing() or provider.missing() or chromium or axe


@dataclass(frozen=True)
class World:
    """The system, and a browser in it."""

    system: laptop.Laptop
    browser: Browser

    def audit(self) -> list[dict[str, Any]]:
        """Return the audit records so far."""
        lines = self.system.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [json.loads(line)["audit"] for line in lines if line.startswith('{"audit"')]

    @property
    def sign_in(self) -> SignIn:
        """How people sign in, as the function reads it."""
        assert self.system.people is not None
        read = read_config(self.system.people.config / "gate.toml", read_deployment(example.environment())).sign_in
        assert read is not None
        return read

    @property
    def sealing_keys(self) -> SealingKeys:
        """The keys with which the function seals what a browser keeps."""
        return read_sealing_keys(signed_in.SEALING_KEYS)


@contextmanager
def running(flow: str, folder: Path) -> Iterator[World]:
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with ExitStack() as opened:
        system = opened.enter_context(laptop.running(laptop.source(), folder=folder, flow=flow, logs=folder))
        hosts = (elsewhere.EVIL, elsewhere.NEIGHBOUR, elsewhere.PORTAL)
        others = Authority().issue(*hosts)
        port = opened.enter_context(elsewhere.serving(others.context(), f"{OPEN}/research"))
        options = run.chromium(system, system.site.inside, dict.fromkeys(hosts, port))
        options[1] += f",{others.pin}"
        if os.geteuid() == 0:
            # Chromium's own sandbox does not work for root.
            options.append("--no-sandbox")
        playwright = opened.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=options)
        opened.callback(browser.close)
        yield World(system, browser)


# One at a time: the stand-in's state is the process's.
@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(getattr(request.module, "FLOW", "code"), tmp_path_factory.mktemp("authority")) as it:
        yield it


@pytest.fixture
def context(world: World) -> Iterator[BrowserContext]:
    """A browser without a cookie."""
    context = world.browser.new_context()
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def alice(page: Page) -> Page:
    """A browser that Alice has signed in with, at the portal."""
    page.goto(f"{people.PUBLIC_URL}/signin")
    choose(page)
    assert page.get_by_role("heading", level=1).inner_text() == "What you can open"
    return page


@pytest.fixture
def minted(world: World) -> Callable[[], tuple[studio.Mint, ...]]:
    """What has been minted since the test began."""
    before = len(studio.mints())
    return lambda: studio.mints()[before:]


def choose(page: Page, who: str = "Alice Liddell") -> None:
    """Choose somebody on the provider's page."""
    page.get_by_role("button", name=f"Sign in as {who}").click()


def in_studio(page: Page) -> bool:
    """Tell whether Studio of Alice is shown."""
    return page.url == STUDIO and page.get_by_text("alice", exact=True).is_visible()


@contextmanager
def looking(world: World, look: str, locale: str = "en-US") -> Iterator[Page]:
    """Open a page of one of the `LOOKS`, for somebody who reads a language."""
    size, scheme = LOOKS[look]
    viewport = ViewportSize(width=size[0], height=size[1])
    context = world.browser.new_context(viewport=viewport, color_scheme=scheme, locale=locale)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def shoot(page: Page, name: str) -> None:
    """Write what is seen to a file, and hold it to be no wider than the window."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def violations(page: Page) -> list[str]:
    """Return what axe finds that keeps people from using a page."""
    page.evaluate(f"{_AXE.read_text(encoding='utf-8')}; 0")
    found = page.evaluate("axe.run().then(result => result.violations.map(one => [one.id, one.nodes[0].html]))")
    return [": ".join(one) for one in found]
