"""What is asked, by whom, and what must have come of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from localaws.contract import DOCUMENT

# What a run tells the hooks, in its environment: the proof, Alice's session, and the file of answers.
PROOF, SESSION, SEEN = "STUDIO_GATE_PROOF", "STUDIO_GATE_SESSION", "STUDIO_GATE_SEEN"
# Where nothing but a token leads on that the gate has sealed: nobody guesses one.
_SEALED = {"POST /open", "GET /signin/callback", "POST /signin/callback"}
_ERRORS = 400
_OF_PROGRAMS = "(iam|jwt|proxy)/|health$|openapi"


class Proof(StrEnum):
    """What the requests of a run bring."""

    NONE = "none"
    BY_PREFIX = "by-prefix"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the operations whose paths match a pattern, with so many examples each at most.

    `of_people` says that it goes to the name that cookies are for: by another, people are sent there before all else.
    `planted` are the defects that it must find, by the code of Schemathesis: the operation each is in.
    """

    what: str
    proof: Proof
    paths: str
    examples: int
    of_people: bool = False
    planted: Mapping[str, str] | None = None

    def document(self) -> dict[str, Any]:
        """Return the document that is held against the gate."""
        read: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
        return read if self.planted is None else _planted(read)


PLANTED = {
    "ST108": "GET /jwt/me",  # the body
    "ST107": "GET /openapi.json",  # a header
    "ST103": "GET /jwt/url",  # a status
    "ST401": "GET /health",  # a proof
}
RUNS = (
    Run("Programs, without a proof", Proof.NONE, f"^/({_OF_PROGRAMS})", 5),
    Run("Programs, each with its proof", Proof.BY_PREFIX, f"^/({_OF_PROGRAMS})", 15),
    Run("People, not signed in", Proof.NONE, f"^/(?!{_OF_PROGRAMS})", 5, of_people=True),
    Run("People, signed in", Proof.SESSION, f"^/(?!{_OF_PROGRAMS})", 15, of_people=True),
    Run("Four planted defects", Proof.BY_PREFIX, "^/(health|openapi.json|jwt/me|jwt/url)$", 10, planted=PLANTED),
)


def _planted(document: dict[str, Any]) -> dict[str, Any]:
    """Change the document so that the gate is wrong by it, as it would be if it answered otherwise."""
    paths = document["paths"]
    document["components"]["schemas"]["Who"]["properties"]["email"] = {"type": "integer"}
    paths["/openapi.json"]["get"]["responses"]["200"]["headers"]["X-Planted"] = {"required": True, "schema": {}}
    del paths["/jwt/url"]["get"]["responses"]["400"]
    paths["/health"]["get"]["security"] = [{"bearer": []}]
    return document


def found(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the failures in Schemathesis's report: operations by code."""
    return {one["code"]: sorted(one["operations"]) for one in report["failures"]}


def wrong(run: Run, status: int, report: Mapping[str, Any], seen: set[str]) -> list[str]:
    """Say what must not have come of a run; `seen` are the answers there were, as method, path and status."""
    if run.planted is not None:
        there = found(report)
        return [f"{code} not found in {one}" for code, one in run.planted.items() if one not in there.get(code, [])]
    told = [f"{code} in {', '.join(operations)}" for code, operations in found(report).items()]
    if not told and (status != 0 or report["errors"] or not report["complete"]):
        told.append(f"it ended with {status}")
    return told if run.proof is Proof.NONE else told + _never_well(run.document(), seen)


def _never_well(document: Mapping[str, Any], seen: set[str]) -> list[str]:
    """Name the operations that were asked and never ended well: a run of refusals shows nothing.

    Where there can be a 409 a URL can be minted, and nothing less is well: a redirect may lead to signing in.
    """
    asked = {answer.rpartition(" ")[0] for answer in seen}
    missing = []
    for path, methods in document["paths"].items():
        for verb, one in methods.items():
            name = f"{verb.upper()} {path}"
            mints = "409" in one["responses"]
            well = ["minted"] if mints else [status for status in one["responses"] if int(status) < _ERRORS]
            good = {f"{name} {came}" for came in well}
            if name in asked - _SEALED and not good & seen:
                missing.append(f"{name} never ended well")
    return missing
