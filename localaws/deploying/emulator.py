"""The emulator that the stack is deployed to, on loopback. Started with .venv-deploy's Python, where ministack is.

It knows fewer types of resources than CloudFormation. Each type that is given as an argument and that it does not know
becomes a placeholder: CloudFormation's own checks are made, and nothing is created. Which ones are is printed.
"""

import sys
from typing import Any

from ministack import app
from ministack.services.cloudformation import provisioners

type Json = dict[str, Any]

HANDLERS: Json = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - it has no other place to add a type; pinned by hash


class Anything(dict[str, str]):
    """The attributes of a placeholder: whatever is asked for, under its own name."""

    def __init__(self, physical_id: str) -> None:
        super().__init__()
        self._physical_id = physical_id

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"{self._physical_id}.{name}"


def placeholder(kind: str) -> Json:
    """Return what CloudFormation does with a resource of which there is nothing."""

    def create(logical_id: str, _: Json, stack_name: str) -> tuple[str, Anything]:
        print(f"placeholder: {kind} {logical_id}", flush=True)
        physical_id = f"{stack_name}-{logical_id}"
        return physical_id, Anything(physical_id)

    def update(physical_id: str, *_: object) -> tuple[str, Anything]:
        return physical_id, Anything(physical_id)

    return {"create": create, "update": update, "delete": lambda *_: None}


def by_expressions(known: Json) -> Json:
    """Return what creates alarms, those on an expression left out: the emulator takes one metric alone."""
    instead = placeholder("AWS::CloudWatch::Alarm on an expression")

    def either(step: str, at: int) -> Any:  # noqa: ANN401 - the emulator's own handlers
        def do(*given: Any) -> Any:  # noqa: ANN401
            return (instead if "Metrics" in given[at] else known)[step](*given)

        return do

    return known | {"create": either("create", 1), "update": either("update", 2), "delete": either("delete", 1)}


def main(kinds: list[str]) -> None:
    """Serve until ended; address, port, account and region are the environment's."""
    HANDLERS["AWS::CloudWatch::Alarm"] = by_expressions(HANDLERS["AWS::CloudWatch::Alarm"])
    for kind in kinds:
        HANDLERS.setdefault(kind, placeholder(kind))
    sys.argv[1:] = []
    app.main()


if __name__ == "__main__":
    main(sys.argv[1:])
