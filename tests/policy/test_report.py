"""The tables of `make stack` say what is so, and notice when it is not."""

import os

import pytest

from tests.policy import every_action, minting, reach, simulator
from tests.policy.further import broken_there, further
from tests.policy.tables import Asked, Table, table
from tests.policy.world import MINT, OTHER_ENDPOINT, TWO, WHATEVER, World, broken, world
from tests.stack.breaks_roles import DENY, GATE, NOTHING
from tests.stack.breaks_roles import MINT as MINTS
from tests.stack.mutations import Mutation, add, drop, put

POLICY = "Api/Auth/ResourcePolicy/CustomStatements"
_EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
_ONE_ENDPOINT = {"StringNotEquals": {"aws:SourceVpce": [{"Fn::Select": [0, {"Ref": "ExecuteApiEndpointIds"}]}]}}
EXAMPLES = "as in the example"
REACH: dict[str, Mutation] = {
    "the Deny dropped": drop(f"{POLICY}/DenyOutsideTheEndpoints"),
    "another endpoint let in": put(
        f"{POLICY}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce",
        [{"Fn::Select": [0, {"Ref": "ExecuteApiEndpointIds"}]}, OTHER_ENDPOINT],
    ),
    "the expected endpoint shut out": put(
        f"{POLICY}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce", [OTHER_ENDPOINT]
    ),
    "an Allow for everybody": add(POLICY, _EVERYBODY),
    "NONE on a route under /iam": put("Function/Events/IamUrl/Properties/Auth", {"Authorizer": "NONE"}),
}
MINTING: dict[str, Mutation] = {
    "the Deny dropped": drop(DENY),
    "one endpoint out of the Deny": put(
        f"{DENY}/Condition/StringNotEquals/aws:SourceVpce", [{"Ref": "SageMakerApiEndpointId"}]
    ),
    "every profile": put(f"{MINTS}/PresignedUrlsForTheProfilesOfTheDomains/Resource", "*"),
    "every action": put(f"{MINTS}/PresignedUrlsForTheProfilesOfTheDomains/Action", "sagemaker:*"),
}


def _reached(change: Mutation | None) -> Table:
    if change is None:
        return table("", reach.asked(world, [EXAMPLES]))
    return table("", reach.asked(lambda parameters: broken(change, parameters), [EXAMPLES]))


def test_nothing_is_reached_but_through_the_expected_endpoint() -> None:
    found = _reached(None)
    assert found.wrong == []
    assert found.count(column=reach.OTHER)[0] == found.count(column=reach.NONE)[0] == 0
    assert found.count(reach.UNSIGNED, reach.EXPECTED)[0] == found.count(reach.UNSIGNED, reach.EXPECTED)[1] > 0
    assert 0 < found.count(reach.SIGNED, reach.EXPECTED)[0] < found.count(reach.SIGNED, reach.EXPECTED)[1]


@pytest.mark.parametrize("change", REACH)
def test_a_table_of_reach_notices(change: str) -> None:
    assert _reached(REACH[change]).wrong != []


def test_an_endpoint_of_two_that_is_forgotten_is_noticed() -> None:
    """With one endpoint it would be the whole list."""

    def forgotten(_: str) -> World:
        made = broken(put(f"{POLICY}/DenyOutsideTheEndpoints/Condition", _ONE_ENDPOINT), TWO)
        assert len(made.stack.listed("ExecuteApiEndpointIds")) == 2
        return made

    assert table("", reach.asked(lambda _: world(TWO), [EXAMPLES])).wrong == []
    assert table("", reach.asked(forgotten, [EXAMPLES])).wrong != []


def test_a_policy_of_the_endpoint_for_another_api_shuts_this_one() -> None:
    found = table("", reach.guarded())
    assert found.wrong == []
    assert found.count(column="for another API")[0] == 0 < found.count(column="for this API")[0]


def test_the_minting_role_does_what_it_is_for() -> None:
    found = table("", minting.asked())
    assert found.wrong == []
    assert {name for name, row in found.rows.items() if any(cell.allowed for cell in row.values())} == {
        "minting a URL for, and its use on, a configured domain"
    }


@pytest.mark.parametrize("change", MINTING)
def test_a_table_of_minting_notices(change: str) -> None:
    assert table("", minting.asked(lambda parameters: broken(MINTING[change], parameters))).wrong != []


@pytest.mark.parametrize(("must", "wrong"), [(True, 0), (False, 1)], ids=["as it must be", "not as it must be"])
def test_a_cell_counts(*, must: bool, wrong: int) -> None:
    case = world().studio(MINT, minting.OWN, minting.ENDPOINTS[0][1], minting.OWN)
    made = table("Title", [Asked("row", "column", case, must=must)])
    assert (made.count(), len(made.wrong)) == ((1, 1), wrong)
    assert str(made) == f"Title  column\nrow    {'1/1' if must else ' 1/1 !'.strip():>6}"


@pytest.fixture(scope="module")
def actions() -> list[str]:
    """Every action of AWS; only a laptop may do without them."""
    found = every_action.actions()
    if not found and os.environ.get("CI") != "true":
        pytest.skip(f"the simulator's data: {simulator.missing()}")
    assert len(found) > 20_000
    return found


def test_the_roles_may_do_what_is_committed_and_nothing_else(actions: list[str]) -> None:
    roles = list(every_action.roles(world(WHATEVER), further().there))
    assert {one.name for one in roles} == every_action.COMMITTED.keys()
    for role in roles:
        found = every_action.allowed(role, actions)
        assert every_action.beyond(role.name, found) == every_action.missing(role.name, found) == []
        assert every_action.wide(role) == []


def _function(change: Mutation) -> every_action.Role:
    made = every_action.roles(broken(change, WHATEVER), further().there)
    return next(one for one in made if one.name == "FunctionRole")


@pytest.mark.parametrize(
    ("change", "beyond"),
    [
        (add(f"{GATE}/WriteItsLogs/Action", "logs:FilterLogEvents"), ["logs:FilterLogEvents"]),
        (add(f"{GATE}/ReadTheSecretsOfSignIn/Action", "ssm:Get*"), ["ssm:GetParameters"]),
        (put(f"{GATE}/Trace/Action", "*"), ["logs:FilterLogEvents", "ssm:GetParameters", "s3:GetObject"]),
        (put(f"{GATE}/MintingByThisFunctionAlone/Action", "sts:TagSession"), []),
    ],
    ids=["one more action", "actions by pattern", "every action", "a Deny less"],
)
def test_an_action_too_many_is_named(change: Mutation, beyond: list[str]) -> None:
    asked = ["logs:FilterLogEvents", "ssm:GetParameter", "ssm:GetParameters", "s3:GetObject"]
    found = every_action.allowed(_function(change), asked)
    assert every_action.beyond("FunctionRole", found) == sorted(beyond)


def test_an_entry_that_is_out_of_date_is_named() -> None:
    found = every_action.allowed(_function(put(f"{GATE}/Trace", NOTHING)), ["xray:PutTraceSegments"])
    assert "xray:PutTraceSegments" in every_action.missing("FunctionRole", found)


@pytest.mark.parametrize(
    "resource",
    [
        *(
            "*",
            "arn:aws:sagemaker:*:111122223333:user-profile/d-a/*",
            "arn:aws:sagemaker:eu-west-1:*:user-profile/d-a/*",
        ),
        *("arn:aws:sagemaker:eu-west-1:1:user-profile/*", "arn:aws:sagemaker:eu-west-1:1:user-profile/d-*/*"),
    ],
)
def test_a_wildcard_resource_for_minting_is_named(resource: str) -> None:
    change = put(f"{MINTS}/PresignedUrlsForTheProfilesOfTheDomains/Resource", resource)
    here = every_action.roles(broken(change, WHATEVER), further().there)
    there = every_action.roles(world(WHATEVER), broken_there(change).there)
    for found, name in ((here, "MintingRole"), (there, "MintingRole of another account")):
        assert every_action.wide(next(one for one in found if one.name == name)) == [resource]
