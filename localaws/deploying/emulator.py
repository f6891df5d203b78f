"""The emulator that the stack is deployed to, on loopback. Started with .venv-deploy's Python, where ministack is.

It knows fewer types of resources than CloudFormation. Each type that is given as an argument and that it does not know
becomes a placeholder: CloudFormation's own checks are made, and nothing is created. Which ones are is printed.
"""

import sys
from typing import Any

from ministack import app
from ministack.services.cloudformation import engine, provisioners

type Json = dict[str, Any]

HANDLERS: Json = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - it has no other place to add a type; pinned by hash


TEXTS = frozenset({"Fn::Join", "Fn::Split", "Fn::Select", "Fn::Sub"})


class Anything(dict[str, str]):
    """The attributes of a placeholder: whatever is asked for, under its own name."""

    def __init__(self, physical_id: str) -> None:
        # Not empty, for the emulator takes nothing for no attributes at all.
        super().__init__(Id=physical_id)
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


def with_names(known: Json) -> Json:
    """Return what creates endpoints, each with a name of its own, which the emulator gives none."""

    def named(step: str) -> Any:  # noqa: ANN401 - the emulator's own handlers
        def do(*given: Any) -> tuple[str, Json]:  # noqa: ANN401
            physical_id, attributes = known[step](*given)
            names = attributes["DnsEntries"] or [f"Z0EMULATED:{physical_id}.emulated"]
            return physical_id, attributes | {"DnsEntries": names}

        return do

    return known | {step: named(step) for step in ("create", "update")}


def remembering(provision: Any, update: Any) -> tuple[Any, Any]:  # noqa: ANN401 - the emulator's own
    """Return both, with the attributes kept that a nested stack's update forgets of what it does not change."""
    known: dict[tuple[str, str], Json] = {}

    def kept(kind: str, physical_id: str, attributes: Json) -> tuple[str, Json]:
        known[kind, physical_id] = attributes or known.get((kind, physical_id), {})
        return physical_id, known[kind, physical_id]

    def create(kind: str, *given: object) -> tuple[str, Json]:
        return kept(kind, *provision(kind, *given))

    def change(kind: str, *given: object, **named: object) -> tuple[str, Json]:
        return kept(kind, *update(kind, *given, **named))

    return create, change


def with_texts(evaluate: Any) -> Any:  # noqa: ANN401 - the emulator's own
    """Return what evaluates conditions, their texts resolved before: the emulator takes Fn::Join for unequal to all."""

    def resolved(value: Any, given: Json) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [resolved(one, given) for one in value]
        if not isinstance(value, dict):
            return value
        if TEXTS.isdisjoint(value):
            return {key: resolved(one, given) for key, one in value.items()}
        return engine._resolve_refs(value, {}, given, {}, {}, "", "")  # noqa: SLF001 - as above

    def do(template: Json, given: Json) -> Json:
        made: Json = evaluate(template | {"Conditions": resolved(template.get("Conditions", {}), given)}, given)
        return made

    return do


def main(kinds: list[str]) -> None:
    """Serve until ended; address, port, account and region are the environment's."""
    evaluates = with_texts(engine._evaluate_conditions)  # noqa: SLF001 - as above
    for name in [name for name in sys.modules if name.startswith("ministack.services.cloudformation")]:
        if hasattr(sys.modules[name], "_evaluate_conditions"):
            sys.modules[name]._evaluate_conditions = evaluates  # type: ignore[attr-defined]  # noqa: SLF001
    provisioners._provision_resource, provisioners._update_resource = remembering(  # noqa: SLF001 - as above
        provisioners._provision_resource,  # noqa: SLF001 - as above
        provisioners._update_resource,  # noqa: SLF001 - as above
    )
    HANDLERS["AWS::CloudWatch::Alarm"] = by_expressions(HANDLERS["AWS::CloudWatch::Alarm"])
    HANDLERS["AWS::EC2::VPCEndpoint"] = with_names(HANDLERS["AWS::EC2::VPCEndpoint"])
    for kind in kinds:
        HANDLERS.setdefault(kind, placeholder(kind))
    sys.argv[1:] = []
    app.main()


if __name__ == "__main__":
    main(sys.argv[1:])
