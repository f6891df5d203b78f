"""Change the template, and the experiment shows it: each change that matters opens or closes something."""

import json
from dataclasses import dataclass, replace

import pytest

from localaws import example, studio_site
from studio_gate import handler
from tests.conftest import Context
from tests.site.world import ELSEWHERE, PATHS, get, resources, world
from tests.stack.mutations import Mutation, both, drop, put

DENY = "MintingRole/Policies/mint/PolicyDocument/Statement/DenyOutsideTheEndpoints"
LISTED = f"{DENY}/Condition/StringNotEquals/aws:SourceVpce"
ALLOW = "MintingRole/Policies/mint/PolicyDocument/Statement/PresignedUrlsForTheProfilesOfTheDomains"
TRUST = "MintingRole/AssumeRolePolicyDocument/Statement/TheFunctionThroughTheStsEndpoint"
FUNCTION = "FunctionRole/Policies/gate/PolicyDocument/Statement/AssumeTheMintingRole"
VPCE = "Condition/StringEquals/aws:SourceVpce"


@dataclass(frozen=True)
class Seen:
    """What the gate answered, and what Studio then answered from each way: 302 opens, 403 does not, 0 was not tried."""

    gate: int
    inside: int = 0
    elsewhere: int = 0
    internet: int = 0


GOOD = Seen(200, 302, 403, 403)
OPEN = Seen(200, 302, 302, 302)
# Nobody gets the minting role; or whoever has it may not mint.
SHUT, DENIED = Seen(503), Seen(403)
# Each with what is seen if the session's policy counts where a URL is used, and if it does not: that is not proven.
MUTATIONS: dict[str, tuple[Mutation | None, Seen, Seen]] = {
    "nothing": (None, GOOD, GOOD),
    "the Deny is dropped": (drop(DENY), GOOD, OPEN),
    "the Deny is an Allow": (put(f"{DENY}/Effect", "Allow"), GOOD, OPEN),
    "the Deny is an Allow for the endpoints, and the other Allow stays": (
        both(
            put(f"{DENY}/Effect", "Allow"),
            put(f"{DENY}/Condition", {"StringEquals": {"aws:SourceVpce": [PATHS.sagemaker_api, PATHS.studio]}}),
        ),
        GOOD,
        OPEN,
    ),
    "the Deny has no condition": (drop(f"{DENY}/Condition"), DENIED, DENIED),
    "the studio endpoint is not in the list": (
        put(LISTED, [{"Ref": "SageMakerApiEndpointId"}]),
        replace(GOOD, inside=403),
        replace(GOOD, inside=403),
    ),
    "the sagemaker.api endpoint is not in the list": (put(LISTED, [{"Ref": "StudioEndpointId"}]), DENIED, DENIED),
    "another endpoint is in the list": (
        put(LISTED, [{"Ref": "SageMakerApiEndpointId"}, {"Ref": "StudioEndpointId"}, ELSEWHERE]),
        GOOD,
        replace(GOOD, elsewhere=302),
    ),
    "the Allow is for another domain": (
        put(f"{ALLOW}/Resource", "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-other/*"),
        DENIED,
        DENIED,
    ),
    "the trust policy names another endpoint": (put(f"{TRUST}/{VPCE}", ELSEWHERE), SHUT, SHUT),
    "the trust policy names another role": (
        put(f"{TRUST}/Principal", {"AWS": "arn:aws:iam::111122223333:role/other"}),
        SHUT,
        SHUT,
    ),
    "the trust policy has no SetSourceIdentity": (put(f"{TRUST}/Action", "sts:AssumeRole"), SHUT, SHUT),
    "the function's role names another endpoint": (put(f"{FUNCTION}/{VPCE}", ELSEWHERE), SHUT, SHUT),
    "the function's role has no SetSourceIdentity": (put(f"{FUNCTION}/Action", "sts:AssumeRole"), SHUT, SHUT),
    "the function's role may assume another role": (
        put(f"{FUNCTION}/Resource", "arn:aws:iam::111122223333:role/other"),
        SHUT,
        SHUT,
    ),
    "an operator that is not known here": (
        put(f"{DENY}/Condition", {"StringNotLike": {"aws:SourceVpce": [PATHS.sagemaker_api, PATHS.studio]}}),
        DENIED,
        DENIED,
    ),
    "a key that is not known here": (
        put(f"{DENY}/Condition", {"StringNotEquals": {"aws:SourceVpc": "x"}}),
        DENIED,
        DENIED,
    ),
}


@pytest.mark.parametrize(("mutation", "counted", "not_counted"), MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_change_shows(aws: None, mutation: Mutation | None, counted: Seen, not_counted: Seen) -> None:
    with (
        world(mutation) as it,
        studio_site.serving(it.enforced, session_policy_counts=False) as without,
    ):
        answer = handler.handler(example.event("url"), Context())
        url = json.loads(answer["body"]).get("url")
        seen = [
            Seen(answer["statusCode"], *(get(site, port, url).status for port in site.ports if url))
            for site in (it.site, without)
        ]
    assert seen == [counted, not_counted]
    assert bool(url) == (answer["statusCode"] == 200)


@pytest.mark.parametrize("name", ["an operator that is not known here", "a key that is not known here"])
def test_what_is_not_evaluated_is_reported(aws: None, name: str, caplog: pytest.LogCaptureFixture) -> None:
    mutation, _, _ = MUTATIONS[name]
    with world(mutation) as it:
        handler.handler(example.event("url"), Context())
        assert len(set(it.enforced.unsupported)) == 1
    # Once for the session that was there, and once for a new one.
    assert [record.levelname for record in caplog.records if record.name.startswith("localaws")] == ["ERROR"] * 2


def test_the_mutations_are_no_other_stack_s() -> None:
    assert all(resources(mutation) != resources() for mutation, _, _ in MUTATIONS.values() if mutation)
