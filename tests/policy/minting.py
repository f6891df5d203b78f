"""What the minting role may do: every action on every profile, through every endpoint, under every further policy."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from localaws.policy import Document
from tests.policy.cases import OTHER_ACTIONS, OWN, PROFILE_ACTIONS
from tests.policy.further_cases import MINTS
from tests.policy.tables import Asked
from tests.policy.world import MEMBER, MINT, OTHER_ENDPOINT, World, profile_arn, world
from tests.stack.stacks import EXAMPLE, HERE

MINTED, USED, ELSEWHERE = "sagemaker.api", "studio", "another endpoint"
ENDPOINTS = (
    (MINTED, EXAMPLE["SageMakerApiEndpointId"]),
    (USED, EXAMPLE["StudioEndpointId"]),
    ("execute-api", EXAMPLE["ExecuteApiEndpointIds"]),
    (ELSEWHERE, OTHER_ENDPOINT),
    ("no endpoint", None),
)
_SANDBOX, _FOREIGN = profile_arn("d-sandbox012345", "alice"), profile_arn("d-elsewhere0123", "alice")
PROFILES = {
    "a configured domain": (OWN, profile_arn("d-research01234", "bob"), _SANDBOX),
    "another domain": (_FOREIGN, profile_arn("d-research012345", "alice"), profile_arn("d-research0123", "alice")),
    "another account": (OWN.replace(HERE.id, MEMBER), _FOREIGN.replace(HERE.id, MEMBER)),
    "another region": (OWN.replace(HERE.region, "us-east-1"),),
}
CONFIGURED = PROFILES["a configured domain"]
SESSIONS = (OWN, CONFIGURED[1], _SANDBOX, _FOREIGN, OWN.replace(HERE.id, MEMBER), None)
_MINTING = "minting a URL for, and its use on, "


def endpoint_policies() -> dict[str, Document | None]:
    """Return what an endpoint's policy may be: full access, this action alone, one domain, or for something else."""

    def to(action: str, resource: str) -> Document:
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
        return {"Version": "2012-10-17", "Statement": [statement]}

    return {
        "full access": None,
        "minting alone": to(MINT, "*"),
        "the first domain alone": to("sagemaker:*", profile_arn("d-research01234", "*")),
        "looking alone": to("sagemaker:Describe*", "*"),
    }


def asked(worlds: Callable[[str], World] = world) -> Iterator[Asked]:
    """Every request, and whether it has to be allowed."""
    here = worlds("as in the example")
    policies = endpoint_policies()
    for row, action, resource in _requests():
        for (column, endpoint), granted in ((one, session) for one in ENDPOINTS for session in SESSIONS):
            case = here.studio(action, resource, endpoint, granted)
            may = action == MINT and resource in CONFIGURED and granted in {resource, None} and column in {MINTED, USED}
            for name, policy in policies.items():
                lets = name in {"full access", "minting alone"} or (
                    name == "the first domain alone" and ":user-profile/d-research01234/" in resource
                )
                guarded = replace(case, policies=replace(case.policies, endpoint=policy))
                yield Asked(row, column, replace(guarded, said=f"{case.said}, {name}"), must=may and lets)


def _requests() -> Iterator[tuple[str, str, str]]:
    for where, profiles in PROFILES.items():
        for profile in profiles:
            yield f"{_MINTING}{where}", MINT, profile
    for where, profiles in PROFILES.items():
        for action in PROFILE_ACTIONS:
            if action != MINT:
                yield f"any other action on {where}", action, profiles[0]
    others = OTHER_ACTIONS | {
        action: f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:{resource}" for action, resource in MINTS if action != MINT
    }
    for action, resource in others.items():
        yield "any other action, minting of other kinds too", action, resource
