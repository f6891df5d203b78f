"""`make event NAME=jwt-url`: an event with fresh tokens, for `sam local invoke` by hand."""

import json
import sys

from localaws import example


def main(arguments: list[str]) -> int:
    """Write the event into .cache/events and print its path; return 2 and print the names if it is none of them.

    Beside it is environment.json, for --env-vars: the function's variables, which SAM cannot resolve.
    """
    names = sorted(path.stem for path in example.EVENTS.glob("*.json"))
    if len(arguments) != 1 or arguments[0] not in names:
        print(f"make event NAME=..., one of {', '.join(names)}", file=sys.stderr)
        return 2
    path = example.write_event(arguments[0], example.ROOT / ".cache" / "events")
    variables = {"Function": example.environment()}
    path.with_name("environment.json").write_text(json.dumps(variables, indent=2), encoding="utf-8")
    print(path.relative_to(example.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
