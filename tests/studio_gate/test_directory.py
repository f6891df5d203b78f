"""What is known of a domain: as SageMaker tells it, by a role of its own, for a bounded time."""

from collections.abc import Callable

import pytest

from localaws import studio
from localaws.records import studio_state
from localaws.studio import App, Domain, Space, UserProfile
from studio_gate import destinations
from studio_gate.config import Deployment
from studio_gate.destination_config import AnyDestination, StudioDestination
from studio_gate.directory import Directory, Facts, SpaceShown
from studio_gate.errors import GateError, Problem
from studio_gate.sagemaker_api import Place
from studio_gate.sessions import Sessions
from tests.studio_gate.builders import within
from tests.studio_gate.company import DIRECTORY_ROLE, seed
from tests.studio_gate.finding import Clock
from tests.studio_gate.opened import ACCOUNT, REGION, opened

TEAM = opened()
assert isinstance(TEAM, StudioDestination)
ALICE = UserProfile("alice", tags={"owner": "s-alice", "team": "x"})


@pytest.fixture
def sessions(aws: None, deployment: Deployment) -> Sessions:
    return Sessions(deployment.model_copy(update={"directory_role_arn": DIRECTORY_ROLE}))


@pytest.fixture
def directory(sessions: Sessions) -> Directory:
    return Directory(sessions)


def domain(*profiles: UserProfile, spaces: tuple[Space, ...] = (), apps: tuple[App, ...] = ()) -> None:
    """Put the domain of `TEAM` into the stand-in."""
    seed(Domain(TEAM.domain_id, user_profiles=profiles, spaces=spaces, apps=apps))


SPACES = {
    "a private one": (Space("s", owner="alice"), destinations.Space("s", "alice", shared=False)),
    "a shared one": (Space("s", owner="alice", sharing="Shared"), destinations.Space("s", "alice", shared=True)),
    "one of the old kind, which is its domain's": (Space("s"), destinations.Space("s", None, shared=True)),
    "one of somebody who is gone": (Space("s", owner="zoe"), destinations.Space("s", "zoe", shared=False)),
    "none of another name": (Space("S", owner="alice"), None),
    "none": (Space("other"), None),
}


@pytest.mark.parametrize(("space", "told"), SPACES.values(), ids=SPACES.keys())
def test_a_space_is(directory: Directory, space: Space, told: destinations.Space | None) -> None:
    domain(ALICE, spaces=(space,))
    assert directory.space(TEAM, "s", within()) == told


def test_a_space_of_another_domain_is_none(directory: Directory) -> None:
    domain(ALICE)
    seed(Domain("d-other", spaces=(Space("s"),)))
    assert directory.space(TEAM, "s", within()) is None


def test_it_is_described_by_a_role_of_its_own_that_is_nobodys(directory: Directory) -> None:
    domain(ALICE)
    directory.space(TEAM, "s", within())
    directory.owner(TEAM, "alice", "owner", within())
    (assumed,) = studio.assumed_roles()
    assert dict(assumed.parameters) == {
        "RoleArn": DIRECTORY_ROLE,
        "RoleSessionName": "directory",
        "DurationSeconds": 900,
    }
    assert studio.mints() == ()


ROLES: dict[str, tuple[AnyDestination, str | None]] = {
    "no role": (TEAM, None),
    "the stack's role for another account": (opened(account="444455556666"), DIRECTORY_ROLE),
    "a role of another account": (
        opened(directory_role="arn:aws:iam::444455556666:role/directory"),
        DIRECTORY_ROLE,
    ),
}


@pytest.mark.parametrize(("where", "role"), ROLES.values(), ids=ROLES.keys())
def test_nothing_is_described_with(aws: None, deployment: Deployment, where: AnyDestination, role: str | None) -> None:
    nobody = Directory(Sessions(deployment.model_copy(update={"directory_role_arn": role})))
    with pytest.raises(GateError) as caught:
        nobody.space(where, "s", within())  # type: ignore[arg-type]
    assert (caught.value.problem, caught.value.reason) == (Problem.UNAVAILABLE, "no-role-for-it")
    assert studio.assumed_roles() == ()


def test_another_account_and_region_are_described_through_their_own_role(directory: Directory) -> None:
    role = "arn:aws:iam::444455556666:role/directory"
    where = opened(account="444455556666", region="us-west-2", directory_role=role, external_id="our-gate")
    assert isinstance(where, StudioDestination)
    there = Domain(where.domain_id, user_profiles=(ALICE,), spaces=(Space("s", owner="alice"),))
    seed(there, account="444455556666", region="us-west-2")
    assert directory.space(where, "s", within()) == destinations.Space("s", "alice", shared=False)
    assert directory.owner(where, "alice", "owner", within()) == "s-alice"
    (assumed,) = studio.assumed_roles()
    assert (assumed.parameters["RoleArn"], assumed.parameters["ExternalId"]) == (role, "our-gate")


LAB, EDITOR = App("JupyterLab", space="s"), App("CodeEditor", space="s")
RUNNING = {
    "what runs in it": (LAB, "JupyterLab", True),
    "nothing else": (LAB, "CodeEditor", False),
    "nothing that is being made": (App("JupyterLab", space="s", pending=9), "JupyterLab", False),
    "nothing that has failed": (App("JupyterLab", space="s", status="Failed"), "JupyterLab", False),
    "nothing that was deleted": (App("JupyterLab", space="s", status="Deleted"), "JupyterLab", False),
    "nothing of another space": (App("JupyterLab", space="t"), "JupyterLab", False),
    "nothing of a profile": (App("JupyterLab", profile="alice"), "JupyterLab", False),
}


@pytest.mark.parametrize(("app", "asked", "runs"), RUNNING.values(), ids=RUNNING.keys())
def test_in_a_space_runs(directory: Directory, app: App, asked: str, runs: bool) -> None:  # noqa: FBT001 - of a table
    domain(ALICE, spaces=(Space("s"), Space("t")), apps=(app,))
    assert directory.runs(TEAM, "s", asked, within()) is runs


def test_what_cannot_be_found_out_does_not_run_and_is_asked_for_again(sessions: Sessions) -> None:
    directory = Directory(sessions)
    assert directory.runs(TEAM, "s", "JupyterLab", within()) is False
    domain(ALICE, spaces=(Space("s"),), apps=(LAB,))
    # The stand-in lists nothing for a domain that is not there, so that was an answer; without time there is none.
    other = Directory(sessions)
    assert other.runs(TEAM, "s", "JupyterLab", within(3)) is False
    assert other.runs(TEAM, "s", "JupyterLab", within()) is True


def test_looking_for_what_runs_leaves_time_to_mint_with_a_new_session(sessions: Sessions) -> None:
    domain(ALICE, spaces=(Space("s", owner="alice"),), apps=(LAB,))
    sessions.describing(TEAM, within())
    directory = Directory(sessions)
    # Of 6 seconds, STS may need what is left of 4.5: the space is still described then, what runs is not.
    assert directory.space(TEAM, "s", within(6)) is not None
    assert directory.runs(TEAM, "s", "JupyterLab", within(6)) is False
    assert directory.runs(TEAM, "s", "JupyterLab", within(7)) is True


def test_one_sees_ones_own_spaces_first_then_the_shared_ones_and_nobody_elses(directory: Directory) -> None:
    bob = UserProfile("bob")
    private = (Space("z", owner="alice"), Space("b", owner="bob"), Space("c", owner="Alice"))
    shared = (Space("a", owner="bob", sharing="Shared"), Space("old"))
    domain(ALICE, bob, spaces=(*private, *shared), apps=(App("JupyterLab", space="z"), App("CodeEditor", space="z")))
    seen = directory.spaces_of(TEAM, "alice", within())
    assert [one.space.name for one in seen] == ["z", "a", "old"]
    assert seen[0] == SpaceShown(destinations.Space("z", "alice", shared=False), ("CodeEditor", "JupyterLab"))
    assert [one.space.name for one in directory.spaces_of(TEAM, "bob", within())] == ["a", "b", "old"]
    assert [one.space.name for one in directory.spaces_of(TEAM, None, within())] == ["old", "a"]
    assert directory.spaces_of(opened("notebook"), None, within()) == ()


@pytest.mark.parametrize("limit", [None, 7])
def test_lists_are_read_to_their_end(directory: Directory, limit: int | None) -> None:
    many = tuple(UserProfile(f"p{number}", tags={"owner": f"o{number}"}) for number in range(105))
    spaces = tuple(Space(f"s{number}") for number in range(130))
    domain(*many, spaces=spaces, apps=tuple(App("JupyterLab", space=one.name) for one in spaces))
    studio.limit_pages(limit, account_id=ACCOUNT, region=REGION)
    shown = directory.spaces_of(TEAM, "p1", within())
    assert {one.space.name for one in shown} == {one.name for one in spaces}
    assert {one.running for one in shown} == {("JupyterLab",)}
    assert directory.owned(TEAM, "owner", "o104", within()) == ("p104",)


def test_tags_are_read_page_by_page(directory: Directory) -> None:
    domain(UserProfile("alice", tags={f"t{number}": "x" for number in range(40)} | {"owner": "s-alice"}))
    studio.limit_pages(3, account_id=ACCOUNT, region=REGION)
    assert directory.owner(TEAM, "alice", "owner", within()) == "s-alice"


OWNERS = {
    "its value": ("alice", "owner", "s-alice"),
    "nothing without the tag": ("alice", "Owner", ""),
    "nobody without the profile": ("zoe", "owner", None),
    "nobody in another case": ("Alice", "owner", None),
}


@pytest.mark.parametrize(("profile", "tag", "value"), OWNERS.values(), ids=OWNERS.keys())
def test_a_tag_of_a_profile_is(directory: Directory, profile: str, tag: str, value: str | None) -> None:
    domain(ALICE)
    assert directory.owner(TEAM, profile, tag, within()) == value


OWNED = {"the one with the value": "s-bob", "none": "s-zoe", "both of two": "s-two", "none for part of it": "s-"}
NAMES = {"s-bob": ("bob",), "s-zoe": (), "s-two": ("two-a", "two-b"), "s-": ()}


@pytest.mark.parametrize("value", OWNED.values(), ids=OWNED.keys())
def test_a_tag_finds(directory: Directory, value: str) -> None:
    two = (UserProfile(f"two-{one}", tags={"owner": "s-two"}) for one in "ab")
    domain(ALICE, UserProfile("bob", tags={"owner": "s-bob"}), UserProfile("none"), *two)
    assert sorted(directory.owned(TEAM, "owner", value, within())) == list(NAMES[value])


type Asked = Callable[[Directory], object]
AGES: dict[str, tuple[Asked, int]] = {
    "a space": (lambda directory: directory.space(TEAM, "s", within()), 30),
    "what runs": (lambda directory: directory.runs(TEAM, "s", "JupyterLab", within()), 30),
    "the spaces": (lambda directory: directory.spaces_of(TEAM, "alice", within()), 30),
    "an owner": (lambda directory: directory.owner(TEAM, "alice", "owner", within()), 300),
    "the owned": (lambda directory: directory.owned(TEAM, "owner", "s-alice", within()), 300),
}


@pytest.mark.parametrize(("ask", "seconds"), AGES.values(), ids=AGES.keys())
def test_a_fact_is_kept_for_a_while(directory: Directory, clock: Clock, ask: Asked, seconds: int) -> None:
    domain(ALICE, spaces=(Space("s", owner="alice"),), apps=(LAB,))
    first, begun = ask(directory), clock.now
    studio_state(ACCOUNT, REGION).resources.clear()
    for later in (0.0, seconds - 0.5):
        clock.now = begun + later
        assert ask(directory) == first
    clock.now = begun + seconds
    assert ask(directory) != first


def test_a_clock_that_was_set_back_makes_a_fact_old(directory: Directory, clock: Clock) -> None:
    domain(ALICE, spaces=(Space("s", owner="alice"),))
    assert directory.space(TEAM, "s", within()) is not None
    studio_state(ACCOUNT, REGION).resources.clear()
    clock.now -= 1
    assert directory.space(TEAM, "s", within()) is None


def test_what_is_not_there_yet_is_looked_for_each_time(directory: Directory, sessions: Sessions) -> None:
    domain()
    for _ in range(2):
        assert directory.owner(TEAM, "alice", "owner", within()) is None
        assert directory.status(TEAM, "alice", within()) is None
    made = {"DomainId": TEAM.domain_id, "UserProfileName": "alice", "Tags": [{"Key": "owner", "Value": "s-alice"}]}
    credentials = sessions.describing(TEAM, within()).credentials
    sessions.sagemaker.ask(Place(REGION), "CreateUserProfile", made, credentials, 5)
    assert directory.owner(TEAM, "alice", "owner", within()) == "s-alice"
    assert directory.status(TEAM, "alice", within()) == "InService"


def test_at_most_16384_facts_are_kept_and_the_least_recently_used_goes() -> None:
    facts, found = Facts(), []

    def of(number: int) -> int:
        return facts.get((number,), 30, lambda: found.append(number) or number)  # type: ignore[func-returns-value]

    for number in range(16384):
        of(number)
    of(0)
    of(16384)
    assert (len(found), len(facts._kept)) == (16385, 16384)  # noqa: SLF001 - what memory it takes
    of(0)
    assert len(found) == 16385
    of(1)
    assert found[-1] == 1


def test_facts_are_not_shown() -> None:
    facts = Facts()
    facts.get(("k",), 30, lambda: "fact-canary")
    assert "canary" not in repr(facts)
