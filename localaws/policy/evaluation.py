"""The decision itself: IAM user guide, "Policy evaluation logic", for one account and for two."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from localaws.policy.documents import Condition, Document, Kind, Statement, read
from localaws.policy.patterns import arn_like, earlier, is_pattern, like, segments, within
from localaws.policy.principals import EVERYONE, Caller, Match, Sort, caller, match

_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_STS = "sts:"
# By the operator without its "Not": whether a value of the policy fits the request's.
_FITS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": arn_like,
    "DateLessThan": earlier,
    "IpAddress": within,
    "StringEquals": str.__eq__,
    "StringLike": like,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as IAM sees it; checked when made (`ValueError`).

    `resource` is a full ARN, or `*` for an action that knows no resource. `principal` is the ARN of an account's root,
    a role, a user or an assumed-role session, a service's name, or None for an anonymous caller. `context` holds the
    condition keys that the request carries; a key that is not in it is absent.
    """

    action: str
    resource: str
    principal: str | None
    context: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action):
            raise ValueError(f"not an action: {self.action!r}")
        if self.resource != EVERYONE and (not segments(self.resource) or is_pattern(self.resource)):
            raise ValueError(f"not the ARN of one resource: {self.resource!r}")
        caller(self.principal)

    @property
    def account(self) -> str | None:
        """The caller's account; an anonymous caller and a service have none."""
        return caller(self.principal).account

    @property
    def role(self) -> str | None:
        """The name of the role that the caller is, or is a session of."""
        return caller(self.principal).role


@dataclass(frozen=True, slots=True)
class Policies:
    """The documents that apply to a request.

    `identity` are those of the user or role that asks, or of the role that a session is of. `resource` is an API's
    policy, or the trust policy of the role that an `sts:` action is about. Without `endpoint`, access is full.
    """

    identity: tuple[Document, ...] = ()
    session: Document | None = None
    resource: Document | None = None
    endpoint: Document | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is allowed, and the statement or the lack of one that decided."""

    allowed: bool
    why: str


def evaluate(ask: Ask, policies: Policies, *, resource_account: str) -> Verdict:
    """Return IAM's decision on a request for a resource of an account.

    `UnsupportedPolicyError` when any of the documents says something that is not known here, also where it would not
    have mattered; `ValueError` when a caller cannot have such policies.
    """
    who = caller(ask.principal)
    _must_fit(who, policies)
    layers = {kind: tuple(_applying(ask, who, statements)) for kind, statements in _read(ask, policies)}
    for applying in layers.values():
        for statement, _ in applying:
            if statement.denies:
                return Verdict(allowed=False, why=f"explicit deny by {statement.name}")
    for limit in (Kind.ENDPOINT, Kind.SESSION):
        if limit in layers and not layers[limit]:
            return Verdict(allowed=False, why=f"no allow in the {limit.value}")
    return _granted(who, layers, resource_account)


type _Applying = tuple[tuple[Statement, Match], ...]


def _read(ask: Ask, policies: Policies) -> Iterable[tuple[Kind, tuple[Statement, ...]]]:
    """Read every document: the identity policies count as one."""
    yield Kind.IDENTITY, tuple(one for document in policies.identity for one in read(document, Kind.IDENTITY))
    resource = Kind.TRUST if ask.action.startswith(_STS) else Kind.RESOURCE
    if resource is Kind.TRUST and policies.resource is None:
        yield resource, ()
    given = ((resource, policies.resource), (Kind.SESSION, policies.session), (Kind.ENDPOINT, policies.endpoint))
    for kind, document in given:
        if document is not None:
            yield kind, read(document, kind)


def _must_fit(who: Caller, policies: Policies) -> None:
    if policies.session is not None and who.sort not in {Sort.ROLE, Sort.SESSION}:
        raise ValueError(f"a session policy for a caller that is no role: {who.name!r}")
    if policies.identity and who.sort in {Sort.ANONYMOUS, Sort.SERVICE, Sort.ROOT}:
        raise ValueError(f"an identity policy for a caller that can have none: {who.name!r}")


def _granted(who: Caller, layers: Mapping[Kind, _Applying], resource_account: str) -> Verdict:
    """Decide by the allows alone: nothing denies, and session and endpoint policy let the request through."""
    kind = Kind.TRUST if Kind.TRUST in layers else Kind.RESOURCE
    if kind is Kind.TRUST and who.sort is Sort.ROOT:
        # STS API reference, AssumeRole: only users and roles call it.
        return Verdict(allowed=False, why="the root user cannot assume a role")
    direct = _first(layers.get(kind, ()), Match.DIRECT)
    by_resource = direct or _first(layers.get(kind, ()), Match.ACCOUNT)
    by_identity = "the root user's own access" if who.sort is Sort.ROOT else _first(layers[Kind.IDENTITY], Match.DIRECT)
    both = by_resource and by_identity
    missing = Kind.IDENTITY if by_resource else kind
    if who.account is None:
        return _verdict(direct, kind)
    if who.account != resource_account:
        return _verdict(both, missing)
    if kind is Kind.TRUST:
        # A role's trust policy is never bypassed: where it names the account, an identity policy has to allow too.
        return _verdict(direct or both, missing)
    return _verdict(direct or by_identity, missing if kind in layers else Kind.IDENTITY)


def _verdict(allowing: str | None, missing: Kind) -> Verdict:
    if allowing is None:
        return Verdict(allowed=False, why=f"no allow in the {missing.value}")
    return Verdict(allowed=True, why=f"allowed by {allowing}")


def _first(applying: _Applying, how: Match) -> str | None:
    return next((statement.name for statement, matched in applying if matched is how and not statement.denies), None)


def _applying(ask: Ask, who: Caller, statements: tuple[Statement, ...]) -> Iterable[tuple[Statement, Match]]:
    """Return the statements that are about the request, each with how it means the caller."""
    context = {key.lower(): value for key, value in ask.context.items()}
    for one in statements:
        matched = match(one.principals, who) if one.principals else Match.DIRECT
        if (
            matched is not Match.NOT
            and any(like(pattern, ask.action.lower()) for pattern in one.actions)
            and (not one.resources or any(_covers(pattern, ask.resource) for pattern in one.resources))
            and all(_holds(condition, context) for condition in one.conditions)
        ):
            yield one, matched


def _covers(pattern: str, resource: str) -> bool:
    return pattern == EVERYONE or arn_like(pattern, resource)


def _holds(condition: Condition, context: Mapping[str, str]) -> bool:
    """Tell whether a condition holds: absent keys fit no operator but a negated one.

    Source: IAM user guide, "Condition operators" and "Negated matching condition operators".
    """
    value = context.get(condition.key)
    plain = condition.operator.replace("Not", "")
    fits = _FITS[plain]
    found = value is not None and any(fits(pattern, value) for pattern in condition.values)
    return found is (plain == condition.operator)
