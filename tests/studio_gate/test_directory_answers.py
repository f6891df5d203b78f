"""Whatever SageMaker answers, nobody's private space passes for a shared one, and no failure for a fact."""

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.config import Deployment
from studio_gate.destination_config import StudioDestination
from studio_gate.directory import Directory, _space
from studio_gate.errors import GateError, Problem
from studio_gate.sagemaker_api import SageMaker
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline
from tests.studio_gate.builders import within
from tests.studio_gate.company import DIRECTORY_ROLE
from tests.studio_gate.opened import opened
from tests.upstream_server import Told, Upstream, sagemaker_error, sts_error

TEAM = opened()
assert isinstance(TEAM, StudioDestination)
HERE = {"DomainId": TEAM.domain_id}
PRIVATE = {"OwnershipSettings": {"OwnerUserProfileName": "bob"}, "SpaceSharingSettings": {"SharingType": "Private"}}
SPACE = {**HERE, "SpaceName": "s", **PRIVATE}


@pytest.fixture
def directory(server: Upstream, deployment: Deployment) -> Directory:
    return Directory(Sessions(deployment.model_copy(update={"directory_role_arn": DIRECTORY_ROLE})))


def told(answer: object) -> Told:
    """Answer with JSON."""
    return Told(body=json.dumps(answer))


type Asked = Callable[[Directory, Deadline], object]
ASKS: dict[str, Asked] = {
    "a space": lambda directory, deadline: directory.space(TEAM, "s", deadline),
    "the spaces": lambda directory, deadline: directory.spaces_of(TEAM, "alice", deadline),
    "a status": lambda directory, deadline: directory.status(TEAM, "alice", deadline),
    "an owner": lambda directory, deadline: directory.owner(TEAM, "alice", "owner", deadline),
    "the owned": lambda directory, deadline: directory.owned(TEAM, "owner", "s-alice", deadline),
}
MISSING = Told(status=0)
FAILURES = {
    "a denial": (sagemaker_error("AccessDeniedException"), Problem.UNAVAILABLE),
    "a throttle": (sagemaker_error("ThrottlingException"), Problem.THROTTLED),
    "a failure": (Told(500, "{}"), Problem.UNAVAILABLE),
    "no answer": (MISSING, Problem.UNAVAILABLE),
    "no JSON": (Told(body="<html>"), Problem.UPSTREAM_NONSENSE),
    "a list": (told([SPACE]), Problem.UPSTREAM_NONSENSE),
    "null": (told(None), Problem.UPSTREAM_NONSENSE),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
@pytest.mark.parametrize(("answer", "problem"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_no_fact_and_is_not_kept(
    server: Upstream, directory: Directory, ask: Asked, answer: Told, problem: Problem
) -> None:
    server.sagemaker = answer
    for calls in (1, 2):
        with pytest.raises(GateError) as caught:
            ask(directory, within())
        assert (caught.value.problem, len(server.sagemaker_calls)) == (problem, calls)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_a_role_that_cannot_be_assumed_is_no_fact(server: Upstream, directory: Directory, ask: Asked) -> None:
    server.sts = sts_error("AccessDenied", 403)
    with pytest.raises(GateError) as caught:
        ask(directory, within())
    assert (caught.value.problem, server.sagemaker_calls) == (Problem.UNAVAILABLE, [])


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_it_is_given_up_on_before_the_time_is_over(server: Upstream, directory: Directory, ask: Asked) -> None:
    directory._sessions.describing(TEAM, within())  # noqa: SLF001 - so that all the time is SageMaker's
    server.sagemaker = Told(after=30)
    deadline = within(5.2)
    with pytest.raises(GateError) as caught:
        ask(directory, deadline)
    assert caught.value.problem is Problem.OUT_OF_TIME
    assert deadline.at - time.monotonic() > 2.5


def test_a_session_that_aws_does_not_accept_is_made_anew(server: Upstream, directory: Directory) -> None:
    server.sagemaker = sagemaker_error("ExpiredTokenException")
    with pytest.raises(GateError):
        directory.space(TEAM, "s", within())
    server.sagemaker = told(SPACE)
    assert directory.space(TEAM, "s", within()) is not None
    assert len(server.sts_calls) == 2


def test_a_space_that_is_not_there_costs_no_session(server: Upstream, directory: Directory) -> None:
    server.sagemaker = sagemaker_error("ResourceNotFound")
    assert [directory.space(TEAM, name, within()) for name in "abc"] == [None] * 3
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, 3)


JUNK: list[Any] = [None, True, 0, 1.5, "", "Shared", "alice", [], ["Shared"], {}, {"SharingType": "Shared"}, [{}]]
SHARING = "SpaceSharingSettings"
OWNERSHIP = "OwnershipSettings"


def changed() -> Iterator[dict[str, Any]]:
    """Yield a private space of Bob's with something missing, of another type, or of another spelling."""
    for member, inner in ((OWNERSHIP, "OwnerUserProfileName"), (SHARING, "SharingType")):
        yield {name: value for name, value in SPACE.items() if name != member}
        yield {**SPACE, member: {}}
        yield {**SPACE, f"{member}Summary": SPACE[member], member: None}
        for junk in JUNK:
            yield from ({**SPACE, member: told} for told in (junk, {inner: junk}) if told != {"SharingType": "Shared"})
    for sharing in ("shared", "SHARED", "Shared ", "Public", "private", "Shared\0"):
        yield {**SPACE, SHARING: {"SharingType": sharing}}
    for one, other in itertools.product([None, {}], repeat=2):
        yield {**SPACE, OWNERSHIP: one, SHARING: other}
    for junk in JUNK:
        yield {**SPACE, "SpaceSettings": {"AppType": junk}}
        yield {**SPACE, "SpaceName": junk}
        yield {**SPACE, "DomainId": junk}


def test_a_private_space_of_another_form_is_never_taken_for_a_shared_one(
    server: Upstream, directory: Directory
) -> None:
    wrong = list(changed())
    for answer in wrong:
        server.sagemaker = told(answer)
        # Bob's name may have come as another's; then it is that profile's, and not Alice's without being named so.
        try:
            space = directory.space(TEAM, "s", within())
        except GateError as error:
            assert (error.problem, error.reason) == (Problem.UPSTREAM_NONSENSE, "facts-of-another-form"), answer  # noqa: PT017
        else:
            named = answer[OWNERSHIP]["OwnerUserProfileName"]
            assert (space and space.owner, space and space.shared) == (named, False), answer
            directory._facts._kept.clear()  # noqa: SLF001 - the next answer is asked for
    assert len(wrong) > 80


TEXTS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Shared", "Private", "bob"])
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner))
OWNERS = st.fixed_dictionaries({}, optional={"OwnerUserProfileName": VALUES}) | VALUES
SHARINGS = st.fixed_dictionaries({}, optional={"SharingType": VALUES}) | VALUES


@given(st.fixed_dictionaries({}, optional={OWNERSHIP: OWNERS, SHARING: SHARINGS, "SpaceName": VALUES}))
def test_a_space_is_shared_only_if_that_is_said_or_nothing_is(answer: dict[str, Any]) -> None:
    try:
        space = _space(answer, "")
    except GateError:
        return
    assert isinstance(space.name, str)
    if space.shared:
        said = (answer.get(OWNERSHIP), answer.get(SHARING))
        assert said == (None, None) == (answer.get(OWNERSHIP), None) or answer[SHARING]["SharingType"] == "Shared"
        assert (OWNERSHIP in answer) == (SHARING in answer)
    else:
        assert space.owner == answer[OWNERSHIP]["OwnerUserProfileName"]


PROFILE = {**HERE, "UserProfileName": "alice"}
TAG = {"Key": "owner", "Value": "s-alice"}
LISTS: dict[str, tuple[Asked, object]] = {
    "another space": (ASKS["a space"], {**SPACE, "SpaceName": "t"}),
    "a space of that name in another case": (ASKS["a space"], {**SPACE, "SpaceName": "S"}),
    "a space of another domain": (ASKS["a space"], {**SPACE, "DomainId": "d-other"}),
    "a space of no domain": (ASKS["a space"], {"SpaceName": "s", **PRIVATE}),
    "profiles that are no list": (ASKS["the owned"], {"UserProfiles": "alice"}),
    "profiles that are null": (ASKS["the owned"], {"UserProfiles": None}),
    "profiles by their names": (ASKS["the owned"], {"UserProfiles": ["alice"]}),
    "a profile without a name": (ASKS["the owned"], {"UserProfiles": [HERE]}),
    "a profile whose name is a number": (ASKS["the owned"], {"UserProfiles": [{**HERE, "UserProfileName": 1}]}),
    "a profile that is a wildcard": (ASKS["the owned"], {"UserProfiles": [{**HERE, "UserProfileName": "*"}]}),
    "a profile that is a variable": (ASKS["the owned"], {"UserProfiles": [{**HERE, "UserProfileName": "${a}"}]}),
    "a profile of two parts": (ASKS["the owned"], {"UserProfiles": [{**HERE, "UserProfileName": "a/b"}]}),
    "a profile without a domain": (ASKS["the owned"], {"UserProfiles": [{"UserProfileName": "alice"}]}),
    "a profile of another domain": (ASKS["the owned"], {"UserProfiles": [{**PROFILE, "DomainId": "d-other"}]}),
    "a page's token that is none": (ASKS["the owned"], {"UserProfiles": [], "NextToken": 7}),
    "tags by their names": (ASKS["an owner"], {"Tags": {"owner": "s-alice"}}),
    "a tag without a key": (ASKS["an owner"], {"Tags": [{"Value": "s-alice"}]}),
    "a tag without a value": (ASKS["an owner"], {"Tags": [{"Key": "owner"}]}),
    "a tag whose value is a number": (ASKS["an owner"], {"Tags": [{"Key": "owner", "Value": 1}]}),
    "a tag whose value is a list": (ASKS["an owner"], {"Tags": [{"Key": "owner", "Value": ["s-alice"]}]}),
    "a tag given twice": (ASKS["an owner"], {"Tags": [TAG, {**TAG, "Value": "s-bob"}]}),
    "spaces of another domain": (ASKS["the spaces"], {"Apps": [], "Spaces": [{**SPACE, "DomainId": "d-other"}]}),
    "a listed space with half of what it is": (
        ASKS["the spaces"],
        {"Spaces": [{**HERE, "SpaceName": "s", "SpaceSharingSettingsSummary": {"SharingType": "Shared"}}]},
    ),
    "a listed space without a name": (ASKS["the spaces"], {"Spaces": [HERE]}),
    "an app that runs in a number": (
        ASKS["the spaces"],
        {"Apps": [{**HERE, "Status": "InService", "SpaceName": 1, "AppType": "JupyterLab"}]},
    ),
}


@pytest.mark.parametrize(("ask", "answer"), LISTS.values(), ids=LISTS.keys())
def test_facts_of_another_form_are_nonsense(server: Upstream, directory: Directory, ask: Asked, answer: object) -> None:
    server.sagemaker = told(answer)
    with pytest.raises(GateError) as caught:
        ask(directory, within())
    assert (caught.value.problem, caught.value.reason) == (Problem.UPSTREAM_NONSENSE, "facts-of-another-form")


@pytest.mark.parametrize(("space", "runs"), [("s", True), ("other", False), ("S", False)])
def test_an_app_runs_in_the_space_that_it_is_told_to_run_in(
    server: Upstream,
    directory: Directory,
    space: str,
    runs: bool,  # noqa: FBT001 - of a table
) -> None:
    app = {**HERE, "SpaceName": space, "AppType": "JupyterLab", "Status": "InService"}
    server.sagemaker = told({"Apps": [app]})
    assert directory.runs(TEAM, "s", "JupyterLab", within()) is runs


def test_pages_without_end_are_given_up_on(server: Upstream, directory: Directory) -> None:
    server.sagemaker = told({"UserProfiles": [PROFILE], "NextToken": "again"})
    with pytest.raises(GateError) as caught:
        directory.owned(TEAM, "owner", "s-alice", within())
    assert (caught.value.problem, caught.value.reason) == (Problem.UNAVAILABLE, "too-many-pages: ListUserProfiles")
    assert len(server.sagemaker_calls) == 50
    assert json.loads(server.sagemaker_calls[-1])["NextToken"] == "again"


def test_owners_that_are_not_all_read_are_read_on_next_time(
    server: Upstream, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the one that is found already is told: a second one would matter."""
    names, calls, clock = [f"p{number}" for number in range(6)], [], time.monotonic

    def ask(_: object, __: object, operation: str, inputs: dict[str, Any], *___: object) -> dict[str, Any]:
        # Each takes a second.
        calls.append(operation)
        if operation == "ListUserProfiles":
            return {"UserProfiles": [{**HERE, "UserProfileName": name} for name in names]}
        owner = "s-alice" if inputs["ResourceArn"].endswith("/p0") else "s-other"
        return {"Tags": [{"Key": "owner", "Value": owner}]}

    monkeypatch.setattr(SageMaker, "ask", ask)
    monkeypatch.setattr(time, "monotonic", lambda: clock() + len(calls))
    with pytest.raises(GateError) as caught:
        directory.owned(TEAM, "owner", "s-alice", within(8.5))
    assert (caught.value.problem, caught.value.reason) == (Problem.UNAVAILABLE, "owners-not-all-read")
    assert calls == ["ListUserProfiles", *["ListTags"] * 3]
    assert directory.owned(TEAM, "owner", "s-alice", within(8.5)) == ("p0",)
    assert len(calls) == 1 + len(names)


def test_nothing_of_another_form_is_ever_an_unforeseen_failure(server: Upstream, directory: Directory) -> None:
    seed = random.getrandbits(32)  # pytest-randomly prints what this comes from
    draw = random.Random(seed)
    parts = [*JUNK, SPACE, PROFILE, TAG, [SPACE], [PROFILE], [TAG], {"Status": "InService"}, "x" * 70]
    ends = set()
    for _ in range(30):
        names = draw.sample(["Apps", "Spaces", "UserProfiles", "Tags", "Status", *SPACE], k=4)
        server.sagemaker = told({name: draw.choice(parts) for name in names})
        for ask in ASKS.values():
            directory._facts._kept.clear()  # noqa: SLF001 - each answer is asked for
            try:
                ask(directory, within())
                ends.add(None)
            except GateError as error:
                ends.add(error.reason)
    assert ends == {None, "facts-of-another-form"}
