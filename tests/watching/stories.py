"""What happens to a gate, and which alarms it must raise: told with lines that the function itself wrote."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count

from localaws import template
from tests.stack.stacks import EXAMPLE, FURTHER, HERE, ROOT, Json, Stack, create, source
from tests.watching import trail
from tests.watching.account import Account

WATCHING = ROOT / "stacks" / "watching.yaml"
GATE = HERE.stack_name
# A Wednesday, in office time.
MORNING = datetime(2026, 11, 25, 9, tzinfo=UTC).timestamp()
NIGHT = datetime(2026, 11, 25, 22, tzinfo=UTC).timestamp()
SATURDAY = datetime(2026, 11, 28, 9, tzinfo=UTC).timestamp()
_API = {"ApiName": GATE, "Stage": "gate"}
_FUNCTION = {"FunctionName": GATE}
TOPICS = f"arn:aws:sns:{HERE.region}:{HERE.id}:on-call,arn:aws:sns:{HERE.region}:{HERE.id}:tickets"
QUEUE = f"arn:aws:sqs:{HERE.region}:{HERE.id}:launches"
# Whatever can be chosen, so that each part of the template is there.
CHOSEN = {
    "AlarmTopicArns": TOPICS,
    "LaunchEventsTo": QUEUE,
    "DestinationsElsewhere": "marketing,lab-two",
    "SilentHours": "3",
    "Runbooks": "https://git.corp.example/gate/docs/runbooks",
}

type Lines = Mapping[str, Json]


@cache
def committed() -> Json:
    """Return the committed template; whoever changes it takes a copy."""
    return template.load(WATCHING)


@cache
def gate(**chosen: str) -> Stack:
    """Return the stack that the gate itself is, with everything that can be chosen of watching it."""
    return create(source(), EXAMPLE | FURTHER | CHOSEN | chosen)


def given(parent: Stack) -> dict[str, str]:
    """Return what the nested stack is given."""
    told: dict[str, str] = parent.resources["WatchingStack"]["Properties"]["Parameters"]
    return {name: str(value) for name, value in told.items()}


@cache
def watched(**chosen: str) -> Stack:
    """Return the nested stack."""
    return nested(committed(), **chosen)


def nested(template_source: Json, **chosen: str) -> Stack:
    """Return the nested stack of a template."""
    return create(template_source, given(gate()) | chosen)


@dataclass(slots=True)
class World:
    """A gate's account over time, `now` in seconds."""

    account: Account
    lines: Lines
    now: float
    began: float

    def after(self, seconds: float) -> "World":
        """Let time pass."""
        self.now += seconds
        return self

    def writes(self, name: str, times: int = 1) -> "World":
        """Let the function answer, as it did when the line was written."""
        for _ in range(times):
            self.account.log(self.account.stack.parameters["LogGroup"], self.lines[name], self.now)
        return self

    def mints(self, role: str | None = None, times: int = 1, **more: object) -> "World":
        """Let CloudTrail say that a session of a role, by default the gate's, minted a URL."""
        stack = self.account.stack
        rule = stack.only("AWS::Events::Rule")
        for _ in range(times):
            happened = trail.event(role or stack.parameters["MintingRoleArn"], **more)
            if trail.takes(rule["EventPattern"], happened):
                target = rule["Targets"][0]
                self.account.log(target["Arn"].rpartition("log-group:")[2], trail.logged(target, happened), self.now)
        return self

    def launches(self, name: str = "minted", times: int = 1) -> "World":
        """Let somebody launch, in CloudTrail and in the audit a moment later."""
        for _ in range(times):
            self.mints().after(0.3).writes(name)
        return self

    def refuses(self, error: str, times: int = 1) -> "World":
        """Let API Gateway refuse by itself, which the stage's log alone tells."""
        said = {"$context.status": "429", "$context.error.responseType": error}
        written = json.loads(gate().only("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])
        line = {name: said.get(variable, "-") for name, variable in written.items()}
        for _ in range(times):
            self.account.log(self.account.stack.parameters["AccessLogGroup"], line, self.now)
        return self

    def measures(self, namespace: str, metric: str, times: int = 1) -> "World":
        """Let API Gateway or Lambda count something of the gate's."""
        for _ in range(times):
            self.account.count(namespace, metric, _API if "Api" in namespace else _FUNCTION, self.now)
        return self


type Story = Callable[[World], object]


def raised(stack: Stack, lines: Lines, story: Story, began: float = MORNING, hours: float = 2) -> set[str]:
    """Tell a story; return which alarms were on at some minute of it, without the gate's name."""
    world = World(Account(stack), lines, began, began)
    story(world)
    until = max(began + hours * 3600, world.now + 60)
    found = {one for now in range(int(began) + 60, int(until) + 1, 60) for one in world.account.on(now)}
    return {one.removeprefix(f"{GATE}-") for one in found}


def _busy_day(world: World) -> None:
    """What is usual: people launch, look at the portal, mistype, and one is refused; all of it is audited."""
    for minute in count():
        if minute == 60:
            break
        world.now = world.began + 60 * minute
        world.launches(times=2).launches("of a notebook").writes("answered", 3)
        if minute % 10 == 0:
            world.writes("refused").writes("not proved").writes("in another account").measures(
                "AWS/ApiGateway", "5XXError"
            )


def _over_the_edge(world: World) -> None:
    """CloudTrail's event falls into one period, the audit record into the next."""
    world.after(899.9).launches().after(2700).launches("of a notebook")


def _each_hour(world: World) -> Iterator[World]:
    for hour in range(8):
        world.now = world.began + hour * 3600 + 1
        yield world


def _quiet_but_for(name: str) -> Story:
    def story(world: World) -> None:
        for _ in _each_hour(world):
            world.writes(name)

    return story


# What happens, when it begins, for how many hours it is looked at, and the alarms that are on at any time.
STORIES: dict[str, tuple[Story, float, float, set[str]]] = {
    "nobody comes at night": (lambda world: world, NIGHT, 8, set()),
    "nobody comes on a Saturday": (lambda world: world, SATURDAY, 8, set()),
    "a busy day": (_busy_day, MORNING, 1.5, set()),
    "one launch, and nothing else all night": (lambda world: world.launches(), NIGHT, 6, set()),
    "an audit record that is written in the period after CloudTrail's": (_over_the_edge, NIGHT, 3, set()),
    "CloudTrail tells of a launch twenty minutes late": (
        lambda world: world.writes("minted").after(1200).mints(),
        NIGHT,
        3,
        set(),
    ),
    "a URL of another account, of which CloudTrail knows nothing here": (
        lambda world: world.writes("in another account", 3),
        NIGHT,
        3,
        set(),
    ),
    "a URL without a record": (lambda world: world.mints(), NIGHT, 3, {"mint-without-audit"}),
    "a notebook's URL without a record": (
        lambda world: world.mints(name="CreatePresignedNotebookInstanceUrl"),
        NIGHT,
        3,
        {"mint-without-audit"},
    ),
    "a URL without a record, while launches elsewhere go on": (
        lambda world: world.launches(times=4).writes("in another account", 9).mints(),
        NIGHT,
        3,
        {"mint-without-audit"},
    ),
    "SageMaker refused to mint": (lambda world: world.mints(errorCode="AccessDenied"), NIGHT, 3, set()),
    "somebody minted with a role of their own": (
        lambda world: world.mints("arn:aws:iam::111122223333:role/developers", times=5),
        NIGHT,
        3,
        set(),
    ),
    "two errors": (lambda world: world.measures("AWS/ApiGateway", "5XXError", 2), NIGHT, 1, set()),
    "three errors": (lambda world: world.measures("AWS/ApiGateway", "5XXError", 3), NIGHT, 1, {"server-errors"}),
    "the function times out": (lambda world: world.measures("AWS/Lambda", "Errors"), NIGHT, 1, {"function-errors"}),
    "nineteen refusals at night": (lambda world: world.writes("refused", 19), NIGHT, 1, set()),
    "twenty refusals at night": (lambda world: world.writes("refused", 20), NIGHT, 1, {"refusals"}),
    "as many who prove nothing": (lambda world: world.writes("not proved", 20), NIGHT, 1, {"refusals"}),
    "ten of each": (lambda world: world.writes("refused", 10).writes("not proved", 10), NIGHT, 1, {"refusals"}),
    "as many refusals as others": (lambda world: world.writes("refused", 30).writes("answered", 30), NIGHT, 1, set()),
    "more refusals than others": (
        lambda world: world.writes("refused", 31).writes("answered", 30),
        NIGHT,
        1,
        {"refusals"},
    ),
    "two profiles of one caller in an hour": (
        lambda world: world.launches().after(1800).launches("with a second profile"),
        NIGHT,
        2,
        {"several-profiles"},
    ),
    "two profiles of one caller, beside a notebook and other people": (
        lambda world: (
            world.launches("of a notebook").launches("of a tool").launches().launches("with a second profile")
        ),
        NIGHT,
        2,
        {"several-profiles"},
    ),
    "one profile of one caller, twice, and a refusal of another's": (
        lambda world: world.launches(times=2).writes("refused another's"),
        NIGHT,
        2,
        set(),
    ),
    "two profiles of one caller, hours apart": (
        lambda world: world.launches().after(7200).launches("with a second profile"),
        NIGHT,
        4,
        set(),
    ),
    "the configuration is stale": (lambda world: world.writes("stale"), NIGHT, 1, {"stale-configuration"}),
    "nineteen slow launches": (
        lambda world: [world.launches("slow", 19).after(900) for _ in range(2)],
        NIGHT,
        2,
        set(),
    ),
    "twenty slow launches, and twenty more": (
        lambda world: [world.launches("slow", 20).after(900) for _ in range(2)],
        NIGHT,
        2,
        {"slow-launches"},
    ),
    "twenty slow launches in one quarter of an hour": (lambda world: world.launches("slow", 20), NIGHT, 2, set()),
    "slow answers that are no launches": (
        lambda world: [world.writes("slow answer", 30).after(900) for _ in range(2)],
        NIGHT,
        2,
        set(),
    ),
    "the function is throttled": (lambda world: world.measures("AWS/Lambda", "Throttles", 5), NIGHT, 1, {"throttles"}),
    "SageMaker throttles": (lambda world: world.writes("throttled", 5), NIGHT, 1, {"throttles"}),
    "the API throttles": (lambda world: world.refuses("THROTTLED", 5), NIGHT, 1, {"throttles"}),
    "the API refuses otherwise": (lambda world: world.refuses("ACCESS_DENIED", 50), NIGHT, 1, set()),
    "both do, a little": (
        lambda world: world.measures("AWS/Lambda", "Throttles", 3).writes("throttled", 2),
        NIGHT,
        1,
        {"throttles"},
    ),
    "a throttle or two": (lambda world: world.writes("throttled", 4), NIGHT, 1, set()),
    "a break-glass policy": (lambda world: world.launches("with break glass"), NIGHT, 1, {"break-glass"}),
    "one among others": (lambda world: world.launches("with break glass among others"), NIGHT, 1, {"break-glass"}),
    "somebody asks for a profile of that name": (lambda world: world.writes("named like break glass"), NIGHT, 1, set()),
    "nobody comes all morning": (lambda world: world, MORNING, 8, {"silence"}),
    "somebody comes every hour": (_quiet_but_for("answered"), MORNING, 8, set()),
    "another gate of the account is in trouble": (
        lambda world: world.writes("stale in another gate").writes("refused in another gate", 30),
        NIGHT,
        2,
        set(),
    ),
}
