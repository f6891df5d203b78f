"""The cookbook's policies are compiled and decide as its tables say: the page is read, never repeated here."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest

from localaws import example
from studio_gate import audit
from studio_gate.authorise import Decision, Facts, decide
from studio_gate.config import Config
from studio_gate.destinations import Space, Target
from studio_gate.identity import Caller, Proof
from studio_gate.policies import Policies, read_policies
from tests.studio_gate.builders import target
from tests.watching.patterns import matches
from tests.watching.stories import watched

PAGE = (example.ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
SCHEMA = example.CONFIG / "schema.cedarschema"
DESTINATIONS = {"research": "studio", "finance": "studio", "tracking": "mlflow"}
HEAD = "| Caller | Groups | Opens | With | Answer | By |"
FACTS = Facts(ip_address("10.1.2.3"), "vpce-0a1b2c3d4e5f60718", datetime(2026, 11, 24, 9, tzinfo=UTC))
# What is opened: a profile, perhaps with a space; or a destination without profiles, perhaps of a caller.
OPENS = re.compile(
    r"(?P<destination>[a-z]+)(?:/(?P<profile>[a-z]+)(?: in (?P<kind>private|shared) space (?P<space>[a-z]+))?"
    r"|(?: of (?P<owner>corp:[a-z]+))?)"
)


class Row(NamedTuple):
    """A line of a table."""

    caller: str
    groups: str
    opens: str
    beside: str
    answer: str
    by: str


class Recipe(NamedTuple):
    """A section of the page: its policies, and what they are said to decide."""

    policies: str
    rows: list[Row]


def recipes(page: str = PAGE) -> dict[str, Recipe]:
    found = {}
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        blocks = re.findall(r"^```cedar\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        lines = [line for line in section.splitlines() if line.startswith("|")]
        if blocks:
            assert lines[0] == HEAD, title
            cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
            found[title] = Recipe("".join(blocks), [Row(*row) for row in cells])
    return found


RECIPES = recipes()
FIRST = next(iter(RECIPES.values()))
ROWS = {
    f"{title}: {row.caller} {row.groups} opens {row.opens} {row.beside}": (title, row)
    for title, recipe in RECIPES.items()
    for row in recipe.rows
}


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Policies]:
    def compile_text(text: str) -> Policies:
        (tmp_path / "policies.cedar").write_text(text, encoding="utf-8")
        return read_policies(tmp_path / "policies.cedar", SCHEMA, DESTINATIONS)

    return compile_text


def together(recipe: Recipe) -> str:
    """The recipe's policies with the first recipe's."""
    return recipe.policies if recipe is FIRST else FIRST.policies + recipe.policies


def opened(config: Config, opens: str) -> Target:
    parts = OPENS.fullmatch(opens)
    assert parts is not None, opens
    owner = f"corp:{parts['profile']}" if parts["profile"] else parts["owner"]
    shared = parts["kind"] == "shared"
    name = parts["destination"]
    return target(
        config,
        destination=config.destinations[0].model_copy(update={"name": name, "kind": DESTINATIONS[name]}),
        profile=parts["profile"],
        owners=(owner,) if owner else (),
        space=Space(parts["space"], None if shared else parts["profile"], shared=shared) if parts["space"] else None,
    )


def ask(policies: Policies, config: Config, row: Row) -> Decision:
    groups = frozenset(filter(None, row.groups.split(", ")))
    caller = Caller(row.caller, Proof.BEARER, "https://idp.example.com", row.caller.partition(":")[2], "", groups)
    wanted, facts = opened(config, row.opens), FACTS
    word, _, value = row.beside.partition(" ")
    match word:
        case "from":
            facts = replace(facts, source_ip=None if value == "nowhere" else ip_address(value))
        case "at":
            facts = replace(facts, time=datetime.fromisoformat(value))
        case "through":
            facts = replace(facts, endpoint_id=value)
        case "app":
            wanted = replace(wanted, app=value)
        case "proof":
            caller = replace(caller, proof=Proof(value))
        case _:
            assert not row.beside
    return decide(policies, caller, wanted, facts)


@pytest.mark.parametrize(("title", "row"), ROWS.values(), ids=ROWS.keys())
def test_a_recipe_decides_as_its_table_says(
    compiled: Callable[[str], Policies], config: Config, title: str, row: Row
) -> None:
    answer = ask(compiled(together(RECIPES[title])), config, row)
    assert (answer.reason, ", ".join(answer.policies)) == (row.answer, row.by)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_a_recipe_shows_what_it_permits_and_what_not(compiled: Callable[[str], Policies], recipe: Recipe) -> None:
    """And each of its policies is what some row comes of."""
    assert {row.answer == "permitted" for row in recipe.rows} == {True, False}
    named = {name for row in recipe.rows for name in row.by.split(", ")}
    assert set(re.findall(r'@id\("([^"]*)"\)', recipe.policies)) <= named


def test_every_table_is_of_a_recipe_and_the_page_has_the_usual_ones() -> None:
    assert PAGE.count(HEAD) == PAGE.count("```cedar") == len(RECIPES)
    assert len(RECIPES) >= 10


def test_all_recipes_fit_together_in_one_file(compiled: Callable[[str], Policies]) -> None:
    assert compiled("".join(recipe.policies for recipe in RECIPES.values()))


@pytest.mark.parametrize(("row", "alarms"), [(0, True), (2, False), (3, False)])
def test_the_alarm_s_pattern_is_found_where_its_policy_was_relied_on(
    compiled: Callable[[str], Policies],
    config: Config,
    capsys: pytest.CaptureFixture[str],
    row: int,
    *,
    alarms: bool,
) -> None:
    (title,) = [title for title in RECIPES if title.startswith("Break glass")]
    # The start of the policy's id, by the filter that the stack has for it.
    pattern = str(watched().resources["BreakGlassUses"]["Properties"]["FilterPattern"])
    assert f"`{watched().parameters['BreakGlassPolicies']}`" in PAGE
    recipe = RECIPES[title]
    answer = ask(compiled(together(recipe)), config, recipe.rows[row])
    record = audit.Record("request")
    record.called_by(answer.caller)
    record.decided([answer])
    audit.write(record, 302, 0.1)
    assert matches(pattern, json.loads(capsys.readouterr().out)) is alarms
