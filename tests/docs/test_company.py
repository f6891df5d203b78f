"""The company's configuration loads as `make check` would load it, and decides as the page's table says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from localaws import example, server, studio, template, validate
from studio_gate.audit import Record
from studio_gate.config import read_config, read_deployment
from studio_gate.destinations import Launch
from studio_gate.directory import Directory
from studio_gate.errors import GateError
from studio_gate.identity import Caller, Proof
from studio_gate.identity.trust import trust
from studio_gate.policies import read_policies
from studio_gate.sessions import Sessions
from studio_gate.story import Gate, Turn
from tests.studio_gate.builders import within

PAGE = (example.ROOT / "docs" / "company.md").read_text(encoding="utf-8")
GATE, POLICIES, PARAMETERS = re.findall(r"^```(?:toml|cedar)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SCHEDULER = "arn:aws:sts::111122223333:assumed-role/experiment-scheduler"
DEPLOY = 'version = 0.1\n[default.deploy.parameters]\nstack_name = "studio-gate"\nregion = "eu-central-1"\n'


@dataclass(frozen=True)
class Row:
    """A line of the table: who opens what, and what comes of it."""

    who: str
    opens: str
    beside: str
    answer: str
    profile: str
    session: str
    by: str


def table(head: str) -> list[list[str]]:
    """Return the cells of the table with that head."""
    lines = PAGE.partition(head)[2].partition("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


PEOPLE = {name: rest for name, *rest in table("| Person | Subject | Address | Groups |")}
ROWS = {
    f"{row.who} opens {row.opens} {row.beside}".strip(): row
    for row in (Row(*cells) for cells in table("| Who | Opens | With | Answer | Profile | Session | By |"))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("company")
    schema = (example.CONFIG / "schema.cedarschema").read_text(encoding="utf-8")
    files = {"gate.toml": GATE, "policies.cedar": POLICIES, "samconfig.toml": DEPLOY + PARAMETERS}
    for name, text in {**files, "schema.cedarschema": schema}.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def built(folder: Path) -> Gate:
    given = template.samconfig_parameters(folder / "samconfig.toml")
    stack = template.create(template.load(example.ROOT / "template.yaml"), given, example.ACCOUNT)
    variables = stack["Function"]["Properties"]["Environment"]["Variables"] | {"AWS_REGION": example.ACCOUNT.region}
    deployment = read_deployment(variables)
    config = read_config(folder / "gate.toml", deployment)
    names = {one.name for one in config.destinations}
    policies = read_policies(folder / "policies.cedar", folder / "schema.cedarschema", names)
    sessions = Sessions(deployment)
    return Gate(deployment, config, policies, sessions, Directory(sessions), trust(config, deployment.region), "1")


@pytest.fixture
def gate(built: Gate, seeded: None) -> Gate:
    """With sessions of roles and facts of this test alone."""
    sessions = Sessions(built.deployment)
    return replace(built, sessions=sessions, directory=Directory(sessions))


@pytest.fixture
def seeded(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The domains of the company, with what the page says is in them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_url)
    server.reset()
    spaces = [studio.Space(name, "ben-kim", sharing="Shared") for name in ("forecast", "leads")]
    research = studio.Domain("d-research01234", spaces=(*spaces, studio.Space("ben-notes", "ben-kim")))
    studio.seed(research, account_id="111122223333", region="eu-central-1")
    mia = studio.UserProfile("mm-2019", tags={"owner": PEOPLE["Mia"][1]})
    left = studio.UserProfile("mm-2020", tags={"owner": PEOPLE["Max"][1]})
    marketing = studio.Domain("d-marketing0123", user_profiles=(mia, left, studio.UserProfile("mm-2021")))
    studio.seed(marketing, account_id="777788889999", region="eu-west-1")
    yield
    server.reset()


def caller(row: Row) -> Caller:
    subject, email, groups = PEOPLE[row.who]
    found = frozenset(groups.split(", "))
    if not subject:
        return Caller(SCHEDULER, Proof.SIGV4, "arn:aws:iam::111122223333:root", "AROAEXAMPLESCHEDULE01", "", found)
    by_token = row.beside == "a token"
    provider, proof = ("tools", Proof.BEARER) if by_token else ("people", Proof.SESSION)
    return Caller(f"{provider}:{subject}", proof, "https://login.corp.example", subject, "", found, email=email)


def opened(gate: Gate, row: Row) -> tuple[str, str, str, str]:
    facts = dict([row.beside.split(" ")]) if row.beside and row.beside != "a token" else {}
    record = Record("1")
    address, endpoint = facts.get("from", "10.1.2.3"), facts.get("through", "vpce-0a1b2c3d4e5f60718")
    turn = Turn(gate, ip_address(address), endpoint, record, within())
    try:
        target = turn.settle(caller(row), Launch(row.opens, space=facts.get("space"))).decision.target
    except GateError as error:
        return error.reason, "", "", ", ".join(record.policies)
    profile, session = target.profile or "", str(target.session_expires_in)
    return "permitted", profile, session, ", ".join(record.policies)


def test_it_is_what_make_check_accepts(folder: Path) -> None:
    assert validate.deployment_problems(folder / "samconfig.toml", folder) == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_the_table_says_what_comes_of_it(gate: Gate, row: Row) -> None:
    assert opened(gate, row) == (row.answer, row.profile, row.session, row.by)


def test_each_policy_and_each_destination_is_what_some_row_comes_of(built: Gate) -> None:
    named = {name for row in ROWS.values() for name in row.by.split(", ")}
    policies = set(re.findall(r'@id\("([^"]*)"\)', POLICIES))
    destinations = {one.name for one in built.config.destinations}
    assert policies - named == set()
    assert destinations - {row.opens for row in ROWS.values()} == set()
