"""What SAM leaves as it is does not pass through it again; what comes out is what came out of it whole."""

import json

import pytest

from localaws import template
from tests.stack.stacks import EXAMPLE, HERE, VARIANTS, source


@pytest.mark.parametrize(
    "name", ["as in samconfig.toml", "with everything that can be opened", "with a live configuration"]
)
def test_a_template_comes_out_as_if_all_of_it_had_been_translated(name: str) -> None:
    values = template._parameter_values(source()["Parameters"], EXAMPLE | VARIANTS[name][0])  # noqa: SLF001 - its parts
    whole = json.loads(template._translated(json.dumps([source(), values]), HERE.region))  # noqa: SLF001 - its parts
    assert template._translate(source(), values, HERE) == whole  # noqa: SLF001 - its parts


def test_what_has_changed_comes_out_changed() -> None:
    changed = json.loads(json.dumps(source()))
    changed["Resources"]["MintingRole"]["Properties"]["MaxSessionDuration"] = 7200
    changed["Resources"]["Api"]["Properties"]["Name"] = "another"
    made = template.create(changed, EXAMPLE, HERE)
    assert made["MintingRole"]["Properties"]["MaxSessionDuration"] == 7200
    assert made["Api"]["Properties"]["Name"] == "another"
    assert template.create(source(), EXAMPLE, HERE)["MintingRole"]["Properties"]["MaxSessionDuration"] == 3600
