"""The example stack behind the gateway, with the handler in this process."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from localaws import example
from localaws.gateway.serving import Addresses, serving
from studio_gate import handler
from tests.conftest import Context
from tests.gateway.clients import CALLERS
from tests.stack.mutations import Mutation
from tests.stack.stacks import EXAMPLE, create, source

type Stack = Mapping[str, Any]


@dataclass(frozen=True)
class Calls:
    """Stands for the function: keeps the events that reached it, and answers with the handler or with `answers`."""

    events: list[dict[str, Any]] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)

    def __call__(self, event: dict[str, Any]) -> object:
        self.events.append(event)
        if not self.answers:
            return handler.handler(event, Context())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def changed(*mutations: Mutation, **parameters: str) -> Stack:
    """Return the example's stack, resolved, after changes of its template."""
    template = copy.deepcopy(source())
    for mutate in mutations:
        mutate(template)
    return create(template, EXAMPLE | parameters, example.ACCOUNT).resources


@pytest.fixture(scope="session")
def stack() -> Stack:
    return changed()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def gate(stack: Stack, calls: Calls, aws: None) -> Iterator[Addresses]:
    """The example, to be asked over HTTP."""
    with serving(stack, CALLERS, calls) as addresses:
        yield addresses


type Serve = Callable[..., AbstractContextManager[Addresses]]


@pytest.fixture
def serve(calls: Calls, aws: None) -> Serve:
    """Serve another stack than the example's."""

    @contextmanager
    def serve(stack: Stack, **options: Any) -> Iterator[Addresses]:  # noqa: ANN401 - those of `serving`
        with serving(stack, CALLERS, calls, **options) as addresses:
            yield addresses

    return serve
