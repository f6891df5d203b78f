"""samconfig.toml and gate.toml describe one example: the same domains, accounts and region."""

import tomllib

import pytest

from localaws import example, template
from localaws.parameters import accepted, refusals
from studio_gate.config import read_config, read_deployment
from tests.stack.stacks import EXAMPLE, HERE, ROOT, source, variant

GATE = example.CONFIG / "gate.toml"
PARAMETERS = source()["Parameters"]
REQUIRED = {name for name, one in PARAMETERS.items() if "Default" not in one}
SAMCONFIG = tomllib.loads((example.CONFIG / "samconfig.toml").read_text(encoding="utf-8"))
ENVIRONMENTS = [name for name, one in SAMCONFIG.items() if isinstance(one, dict)]


def test_every_required_parameter_is_given_and_no_other_name() -> None:
    assert EXAMPLE.keys() >= REQUIRED
    assert EXAMPLE.keys() <= PARAMETERS.keys()


@pytest.mark.parametrize("name", EXAMPLE)
def test_each_value_satisfies_the_template(name: str) -> None:
    assert accepted(PARAMETERS[name], EXAMPLE[name])


def test_the_rules_accept_the_example() -> None:
    assert refusals(source(), EXAMPLE) == []


def test_each_endpoint_has_an_id_of_its_own() -> None:
    named = ("ExecuteApiEndpointIds", "SageMakerApiEndpointId", "StudioEndpointId", "StsEndpointId")
    assert len({EXAMPLE[name] for name in named}) == len(named)


def test_the_function_is_in_two_subnets() -> None:
    assert len(set(EXAMPLE["SubnetIds"].split(","))) == 2


def test_urls_can_be_minted_for_exactly_the_domains_of_the_gate() -> None:
    variables = variant("as in samconfig.toml").function["Environment"]["Variables"]
    config = read_config(GATE, read_deployment(variables | {"AWS_REGION": HERE.region}))
    arns = [
        one.arn(HERE.partition, "*") for one in config.destinations if one.kind == "studio" and one.minting_role is None
    ]
    assert sorted(EXAMPLE["StudioProfileArns"].split(",")) == sorted(arns)


def test_the_accounts_of_the_gates_callers_may_sign() -> None:
    roles = tomllib.loads(GATE.read_text(encoding="utf-8"))["iam_roles"]
    trusted = {arn.split(":")[4] for arn in EXAMPLE["TrustedPrincipals"].split(",")}
    assert {role["account"] for role in roles} == trusted


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_deployment_asks_first_and_may_name_its_roles(environment: str) -> None:
    deploy = SAMCONFIG[environment]["deploy"]["parameters"]
    assert deploy["confirm_changeset"] is True
    # The second, because a template with a transform nests others.
    assert deploy["capabilities"] == "CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND"
    assert (deploy["stack_name"], deploy["region"]) == (HERE.stack_name, HERE.region)


def test_nothing_is_expanded_in_a_nested_stack() -> None:
    assert [path.name for path in (ROOT / "stacks").iterdir() if "Transform" in template.load(path)] == []
