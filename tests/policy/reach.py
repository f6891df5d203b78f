"""Who reaches the API: every caller on every method of every path, through every endpoint, under all parameters."""

from collections.abc import Callable, Iterable, Iterator

from tests.policy.cases import FEW, guard, signers
from tests.policy.tables import Asked
from tests.policy.world import MEMBER, ORGANISATION, OTHER_ENDPOINT, PARAMETERS, Signer, World, world
from tests.stack.stacks import EXAMPLE, HERE

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
EXPECTED, OTHER, NONE = "expected endpoint", "another endpoint", "no endpoint"
UNSIGNED, SIGNED, UNDEFINED = "methods without authorisation", "methods by IAM", "methods that are not there"
# With what everybody tries everything; the others try some of it.
THOROUGH = "trusting another account and an organisation"
_LAUNCHERS = ":assumed-role/launchers/"
# Whom the parameters name, so that the resource policy itself lets them in. Naming an account leaves it to the account:
# that is as good as nothing within one account, and half of what is needed across two.
_NAMED: dict[str, Callable[[Signer], bool]] = {
    "as in the example": lambda _: False,
    "with an organisation alone": lambda who: who.organisation == ORGANISATION,
    "trusting one role of its own": lambda who: _is(who, HERE.id) and _LAUNCHERS in str(who.principal),
    THOROUGH: lambda who: who.organisation == ORGANISATION or _is(who, MEMBER),
    "trusting one role of another account": lambda who: _is(who, MEMBER) and _LAUNCHERS in str(who.principal),
}


def lets_in(parameters: str, who: Signer) -> bool:
    """Tell whether a signer has to get in: in the gate's account by either policy, from elsewhere by both."""
    if who.principal is None:
        return False
    named, identity = _NAMED[parameters](who), bool(who.identity)
    return named or identity if _is(who, HERE.id) else named and identity


def asked(worlds: Callable[[str], World] = world, under: Iterable[str] = PARAMETERS) -> Iterator[Asked]:
    """Every request under these parameters, and whether it has to be allowed."""
    everybody = signers()
    for parameters in under:
        here = worlds(parameters)
        for name in everybody if parameters == THOROUGH else FEW:
            yield from _of(here, parameters, everybody[name])


def _of(here: World, parameters: str, who: Signer) -> Iterator[Asked]:
    endpoints = [*((EXPECTED, one) for one in here.stack.listed("ExecuteApiEndpointIds"))]
    endpoints += [(OTHER, OTHER_ENDPOINT), (OTHER, EXAMPLE["StudioEndpointId"]), (NONE, None)]
    for route, kind in methods(here).items():
        caller = "nobody known" if who.principal is None else "signers"
        trusted = lets_in(parameters, who)
        if who.principal is not None:
            caller = "signers who may" if trusted else "signers who may not"
        # API Gateway refuses what is not there, whoever asks. The resource policy allows it to nobody; that an identity
        # policy of the gate's own account does is no matter.
        by_identity = _is(who, HERE.id) and bool(who.identity)
        may = {UNSIGNED: True, SIGNED: trusted, UNDEFINED: by_identity}[kind]
        for column, endpoint in endpoints:
            case = here.call(who, route, endpoint)
            yield Asked(f"{caller}: {kind}", column, case, must=may and column == EXPECTED)


def guarded(worlds: Callable[[str], World] = world) -> Iterator[Asked]:
    """Every method there is where the expected endpoint has a policy of its own: for this API, or for another."""
    here = worlds("as in the example")
    expected, *_ = here.stack.listed("ExecuteApiEndpointIds")
    everybody = signers()
    for column, policy in (
        ("for this API", guard(f"{here.api}/*")),
        ("for another API", guard(f"{here.api}-other/*")),
    ):
        for name in FEW:
            for route, kind in methods(here).items():
                if kind is UNDEFINED:
                    continue
                may = kind is UNSIGNED or lets_in("as in the example", everybody[name])
                case = here.call(everybody[name], route, expected, policy)
                yield Asked(f"anybody: {kind}", column, case, must=may and column == "for this API")


def methods(here: World) -> dict[str, str]:
    """Return every method of every path as an ARN, with how it is authorised, and those that are not there."""
    routes = here.routes
    kinds = {route: SIGNED if signed else UNSIGNED for route, signed in routes.items()}
    paths = {route.split("/", 3)[3] for route in routes}
    every = {f"{here.api}/gate/{method}/{path}" for method in METHODS for path in paths}
    return kinds | dict.fromkeys(sorted(every - routes.keys()), UNDEFINED)


def _is(who: Signer, account: str) -> bool:
    return f"::{account}:" in str(who.principal)
