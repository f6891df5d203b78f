"""Why: what each policy comes to for one question, on its own. For people who ask offline; no request needs it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cedarpy
from cedarpy import pst

from studio_gate.authorise import Facts, question
from studio_gate.destinations import Target
from studio_gate.identity import Caller
from studio_gate.policies import Policies, policy_set

_ANY = pst.ScopeAny()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one policy comes to: it applies where nothing is unmet.

    `effect` is "permit" or "forbid". `unmet` holds what does not fit the question, as Cedar writes it: each part of the
    scope, or, where all of it fits, the first condition that does not hold or cannot be evaluated (`error` says why).
    """

    policy: str
    effect: str
    in_scope: bool
    unmet: tuple[str, ...] = ()
    error: str | None = None

    @property
    def applies(self) -> bool:
        """Whether the decision relied on it, or would have for want of a forbid."""
        return not self.unmet


def explain(policies: Policies, caller: Caller, target: Target, facts: Facts) -> list[Explanation]:
    """Return what each policy that may apply to the target's destination comes to; those of all destinations first."""

    def holds(policy: pst.Template) -> tuple[bool, str | None]:
        alone = policy_set([replace(policy, effect="permit")])
        result = cedarpy.is_authorized(*question(policies.schema, alone, caller, target, facts))
        return result.allowed, next(iter(result.diagnostics.errors), None)

    found = []
    for policy in policies.of(target.destination.name):
        outside = tuple(text for part, text in _scope(policy) if not holds(part)[0])
        unmet, error = outside, None
        # Those before hold, so what they guard is there.
        for clause in () if outside else policy.clauses:
            met, error = holds(replace(policy, clauses=(clause,)))
            if not met:
                unmet = (_text(_bare(policy, clauses=(clause,))).removeprefix("permit(principal, action, resource) "),)
                break
        found.append(Explanation(policy.id, policy.effect, not outside, unmet, error))
    return found


def _scope(policy: pst.Template) -> Iterator[tuple[pst.Template, str]]:
    """Return a policy for each part of the scope alone, with that part as Cedar writes it; the action is always one."""
    principal, resource = _bare(policy, principal=policy.principal), _bare(policy, resource=policy.resource)
    yield principal, _text(principal).removeprefix("permit(").removesuffix(", action, resource)")
    yield resource, _text(resource).removeprefix("permit(principal, action, ").removesuffix(")")


def _bare(policy: pst.Template, **parts: object) -> pst.Template:
    bare = replace(
        policy, effect="permit", principal=_ANY, action=_ANY, resource=_ANY, clauses=(), annotations=pst.FrozenMap()
    )
    return replace(bare, **parts)  # type: ignore[arg-type]


def _text(policy: pst.Template) -> str:
    return str(policy_set([policy])).strip().removesuffix(";")
