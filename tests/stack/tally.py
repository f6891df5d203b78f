"""A pytest plugin for `make stack`: which mistakes in a template are noticed, and by which guarantee.

A test of a mistake has an id such as `the Deny dropped -> not: everything ... is denied`; those that the issue of trust
is about are named one by one, so that none of them can be lost.
"""

import re
from collections import Counter, defaultdict

import pytest

_MISTAKE = re.compile(r"\[(.+) -> not: (.+)\]$")
# Each with a word of the mistake that has to be tried, and of what notices it.
NAMED = {
    "drop the Deny of the API": ("the Deny dropped", "came through no given endpoint is denied"),
    "drop the Deny of the minting role": ("the minting role's Deny dropped", "no URL is of use elsewhere"),
    "drop one endpoint of the API's": ("one endpoint of two forgotten", "came through no given endpoint is denied"),
    "drop one endpoint of the minting role's": ("the endpoint for use taken out", "through the Studio endpoint"),
    "allow * on the API": ("for everybody", "without a signature"),
    "allow * for minting": ("the minting role for every domain", "a domain that is not the gate's"),
    "PRIVATE to REGIONAL": ("REGIONAL instead of PRIVATE", "the API is private"),
    "NONE on a route": ("no authorisation on a route under /iam", "authorised by IAM"),
}
_noticed: dict[str, Counter[str]] = defaultdict(Counter)
_tried: dict[tuple[str, str], str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what became of a mistake."""
    if report.when == "call" and (found := _MISTAKE.search(report.nodeid)):
        _tried[found[1], found[2]] = report.outcome
        _noticed[found[2]][report.outcome] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each guarantee with the mistakes that it notices, then the named ones."""
    write = terminalreporter.write_line
    write("\nMistakes in the templates, by what notices them")
    for said, outcomes in sorted(_noticed.items()):
        write(f"{outcomes['passed']:5} of {outcomes.total():3}  {said}")
    noticed = sum(outcomes["passed"] for outcomes in _noticed.values())
    write(f"{noticed} of {len(_tried)} mistakes noticed, by {len(_noticed)} guarantees")
    for what, found in named(_tried).items():
        write(f"{what:42} noticed by: {'; '.join(found) or 'NOTHING'}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a named mistake has not been tried, or was not noticed, when all tests have run."""
    complete = not session.config.option.keyword and not hasattr(session.config, "workerinput")
    if complete and session.exitstatus == pytest.ExitCode.OK and not all(named(_tried).values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def named(tried: dict[tuple[str, str], str]) -> dict[str, list[str]]:
    """Return which guarantees notice each of the named mistakes."""
    return {
        what: [
            guarantee
            for (mistake, guarantee), outcome in tried.items()
            if outcome == "passed" and words[0] in mistake and words[1] in guarantee
        ]
        for what, words in NAMED.items()
    }
