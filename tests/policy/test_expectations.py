"""The template and the session policy do what was meant, and each expectation notices a mistake in them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from localaws.policy import UnsupportedPolicyError
from tests.policy.cases import KEYS
from tests.policy.expectations import EXPECTATIONS, Expectation
from tests.policy.world import World, broken, world
from tests.stack.breaks_roles import (
    DECRYPTS,
    DENY,
    FUNCTION_ARN,
    GATE,
    MINT,
    READS,
    SAGEMAKER_ENDPOINT,
    SOURCE,
    STUDIO_ENDPOINT,
    TRUST,
)
from tests.stack.mutations import Mutation, add, both, drop, ids, put
from tests.stack.stacks import Json

API = "Api/Auth/ResourcePolicy/CustomStatements"
MINTS = f"{MINT}/PresignedUrlsForTheProfilesOfTheDomains"

# Each change with an expectation that it must disappoint.
TEMPLATE: dict[str, tuple[Mutation, str]] = {
    "the API's Deny dropped": (
        drop(f"{API}/DenyOutsideTheEndpoints"),
        "nobody reads the health through another endpoint",
    ),
    "the API's Deny an Allow": (
        put(f"{API}/DenyOutsideTheEndpoints/Effect", "Allow"),
        "nobody reads the health without an endpoint",
    ),
    "the API's Deny only where the key is present": (
        put(f"{API}/DenyOutsideTheEndpoints/Condition/Null", {"aws:SourceVpce": "false"}),
        "a member's role stays out without an endpoint",
    ),
    "the API's Deny for the health alone": (
        put(f"{API}/DenyOutsideTheEndpoints/Resource", "execute-api:/gate/GET/health"),
        "a member's role stays out through another endpoint",
    ),
    "the API's Deny turned round": (
        put(
            f"{API}/DenyOutsideTheEndpoints/Condition",
            {"StringEquals": {"aws:SourceVpce": {"Ref": "ExecuteApiEndpointIds"}}},
        ),
        "anybody reads the health through the gate's endpoint",
    ),
    "the Allow for what tells nothing for every route": (
        put(f"{API}/AllowWhatTellsNothing/Resource", "execute-api:/*"),
        "nobody gets in without a signature",
    ),
    "the Allow for what tells nothing for the health alone": (
        put(f"{API}/AllowWhatTellsNothing/Resource", "execute-api:/gate/GET/health"),
        "anybody reads the API's document through the gate's endpoint",
    ),
    "the Allow for what the gate proves dropped": (
        drop(f"{API}/AllowProofsThatTheGateChecks"),
        "a bearer of a token reaches the gate, which proves it",
    ),
    "the Allow for what the gate proves without proxies": (
        put(f"{API}/AllowProofsThatTheGateChecks/Resource", "execute-api:/gate/GET/jwt/*"),
        "what a proxy sends reaches the gate, which proves it",
    ),
    "the Allow for what the gate proves for every route": (
        put(f"{API}/AllowProofsThatTheGateChecks/Resource", "execute-api:/gate/GET/*"),
        "nobody gets in without a signature",
    ),
    "the Allow for what the gate proves for every method of bearer tokens": (
        add(f"{API}/AllowProofsThatTheGateChecks/Resource", "execute-api:/gate/*/jwt/*"),
        "a bearer of a token calls no other method",
    ),
    "the Allow for what the gate proves for every method of proxies": (
        add(f"{API}/AllowProofsThatTheGateChecks/Resource", "execute-api:/gate/*/proxy/*"),
        "what a proxy sends calls no other method",
    ),
    "the Allow for people dropped": (
        drop(f"{API}/AllowPeopleWithABrowser"),
        "a person comes back with a form",
    ),
    "the Allow for people without the slash of the portal": (
        put(f"{API}/AllowPeopleWithABrowser/Resource", ["execute-api:/gate/GET", "execute-api:/gate/GET/me"]),
        "a person opens the portal in a browser",
    ),
    "the Allow for people without destinations": (
        put(f"{API}/AllowPeopleWithABrowser/Resource", "execute-api:/gate/GET/open"),
        "a person opens what they like in a browser",
    ),
    "the Allow for people for every method": (
        add(f"{API}/AllowPeopleWithABrowser/Resource", "execute-api:/gate/*/open"),
        "a browser deletes nothing",
    ),
    "the Allow for people for every POST": (
        add(f"{API}/AllowPeopleWithABrowser/Resource", "execute-api:/gate/POST/*"),
        "a browser posts to no destination",
    ),
    "the Allow for people for every GET": (
        add(f"{API}/AllowPeopleWithABrowser/Resource", "execute-api:/gate/GET/*"),
        "nobody gets in without a signature",
    ),
    "the API's Deny but for people": (
        put(
            f"{API}/DenyOutsideTheEndpoints/Resource",
            ["execute-api:/gate/GET/health", *(f"execute-api:/gate/GET/{one}/*" for one in ("iam", "jwt", "proxy"))],
        ),
        "nobody comes back from signing in without an endpoint",
    ),
    "the API's Deny for the iam routes alone": (
        put(f"{API}/DenyOutsideTheEndpoints/Resource", "execute-api:/gate/GET/iam/*"),
        "a bearer of a token does not reach the gate through another endpoint",
    ),
    "the API's Deny but for proxies": (
        put(
            f"{API}/DenyOutsideTheEndpoints/Resource",
            ["execute-api:/gate/GET/health", "execute-api:/gate/GET/iam/*", "execute-api:/gate/GET/jwt/*"],
        ),
        "what a proxy sends does not reach the gate without an endpoint",
    ),
    "the trusted accounts' Allow for everybody": (
        put(f"{API}/AllowTrustedPrincipals/Principal", "*"),
        "nobody gets in without a signature",
    ),
    "the organisation's Allow without its condition": (
        drop(f"{API}/AllowTrustedOrganization/Condition"),
        "a stranger's role stays out whatever its own account allows",
    ),
    "the organisation's Allow for every method": (
        put(f"{API}/AllowTrustedOrganization/Resource", "execute-api:/*"),
        "a member's role calls no other method",
    ),
    "the trust policy without its STS endpoint": (
        drop(f"{TRUST}/Condition/StringEquals"),
        "the minting role is not assumed through another endpoint",
    ),
    "the trust policy without its source identity": (
        drop(f"{TRUST}/Condition/StringLike"),
        "the minting role is not assumed for nobody",
    ),
    "the trust policy for the whole account": (
        add(f"{TRUST}/Principal/AWS", {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}),
        "an administrator of the account does not assume the minting role",
    ),
    "the trust policy for everybody": (
        put(f"{TRUST}/Principal", "*"),
        "a namesake in another account does not assume the minting role",
    ),
    "session tags": (
        both(add(f"{TRUST}/Action", "sts:TagSession"), add(f"{GATE}/AssumeTheMintingRole/Action", "sts:TagSession")),
        "the function gives no session tags",
    ),
    "the function's Deny on STS dropped": (
        drop(f"{GATE}/MintingByThisFunctionAlone"),
        "another function with the function's role does not assume the minting role",
    ),
    "the function's Deny on STS dropped, and what calls is no function": (
        drop(f"{GATE}/MintingByThisFunctionAlone"),
        "the function's role does not assume the minting role but by the function's code",
    ),
    "the function's Deny on STS an Allow": (
        put(f"{GATE}/MintingByThisFunctionAlone/Effect", "Allow"),
        "another function with the function's role does not assume the minting role",
    ),
    "the function's Deny on STS turned round": (
        put(f"{GATE}/MintingByThisFunctionAlone/Condition", {"ArnEquals": {SOURCE: FUNCTION_ARN}}),
        "the function assumes the minting role through the STS endpoint for somebody",
    ),
    "the function's Deny on STS for the function too": (
        drop(f"{GATE}/MintingByThisFunctionAlone/Condition"),
        "the function says for whom",
    ),
    "the function's Deny on STS by a pattern": (
        put(
            f"{GATE}/MintingByThisFunctionAlone/Condition/ArnNotEquals",
            {SOURCE: {"Fn::Sub": f"{FUNCTION_ARN['Fn::Sub']}*"}},
        ),
        "another function whose name begins alike does not assume the minting role",
    ),
    "the function's Deny on STS for one action alone": (
        put(f"{GATE}/MintingByThisFunctionAlone/Action", "sts:AssumeRole"),
        "another function with the function's role says for nobody",
    ),
    "the function's Deny on STS for everything": (
        put(f"{GATE}/MintingByThisFunctionAlone/Action", "*"),
        "Lambda makes the function's network interfaces",
    ),
    "the function's Deny dropped": (
        drop(f"{GATE}/NotByTheCodeItself"),
        "the function's code makes no network interfaces",
    ),
    "the function's Deny for Lambda too": (
        drop(f"{GATE}/NotByTheCodeItself/Condition"),
        "Lambda makes the function's network interfaces",
    ),
    "the secrets for whoever has the function's role": (
        drop(f"{READS}/Condition"),
        "another function with the function's role reads no sealing keys",
    ),
    "the secrets for other functions alone": (
        put(f"{READS}/Condition", {"ArnNotEquals": {SOURCE: FUNCTION_ARN}}),
        "the function reads its sealing keys",
    ),
    "every secret": (put(f"{READS}/Resource", "*"), "the function reads no other secret"),
    "secrets by pattern": (
        put(f"{READS}/Resource", f"{KEYS}*"),
        "the function reads no other parameter",
    ),
    "every action on the secrets": (add(f"{READS}/Action", "ssm:*"), "the function writes no parameter"),
    "the secrets denied": (put(f"{READS}/Effect", "Deny"), "the function reads its client secret, whatever its suffix"),
    "the key for everything": (drop(f"{DECRYPTS}/Condition"), "the function does not decrypt by itself"),
    "the key for SSM alone": (
        put(f"{DECRYPTS}/Condition/StringEquals/kms:ViaService", {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"}),
        "Secrets Manager decrypts for the function",
    ),
    "every key": (put(f"{DECRYPTS}/Resource", "*"), "nothing is decrypted with another key"),
    "the minting role's Deny dropped": (
        drop(DENY),
        "no URL is of use elsewhere, even if minted without a session policy",
    ),
    "the minting role's Deny an Allow": (
        put(f"{DENY}/Effect", "Allow"),
        "no URL is of use on the internet, even if minted without a session policy",
    ),
    "the endpoint for use taken out of the Deny": (
        put(f"{DENY}/Condition/StringNotEquals/aws:SourceVpce", [SAGEMAKER_ENDPOINT]),
        "a URL is used for its profile through the Studio endpoint",
    ),
    "the endpoint for minting taken out of the Deny": (
        put(f"{DENY}/Condition/StringNotEquals/aws:SourceVpce", [STUDIO_ENDPOINT]),
        "a session mints for its profile through the SageMaker endpoint",
    ),
    "the minting role for every domain": (
        put(f"{MINTS}/Resource", "*"),
        "nobody mints for a domain that is not the gate's",
    ),
    "the minting role for every action": (
        put(f"{MINTS}/Action", "sagemaker:*"),
        "a minting session makes no profiles",
    ),
}


def _statement(name: str, value: object) -> Callable[[Json], None]:
    def widen(policy: Json) -> None:
        policy["Statement"][0][name] = value

    return widen


SESSION: dict[str, tuple[Callable[[Json], None], str]] = {
    "the session policy for every resource": (
        _statement("Resource", "*"),
        "a session does not mint for another profile",
    ),
    "the session policy for the domain": (
        _statement("Resource", "arn:aws:sagemaker:*:*:user-profile/d-research01234/*"),
        "a URL does not open another profile",
    ),
    "the session policy for another endpoint": (
        _statement("Condition", {"StringEquals": {"aws:SourceVpce": "vpce-0fffffffffffffff0"}}),
        "a session mints for its profile through the SageMaker endpoint",
    ),
}


def _met(expectation: Expectation, where: World) -> bool:
    """Tell whether it came out as expected; a policy that is not understood never does."""
    try:
        return expectation.case(where).verdict().allowed is expectation.allowed
    except UnsupportedPolicyError:
        return False


@pytest.mark.parametrize("said", EXPECTATIONS)
def test_as_meant(said: str) -> None:
    expectation = EXPECTATIONS[said]
    verdict = expectation.case(world(expectation.parameters)).verdict()
    assert verdict.allowed is expectation.allowed, verdict.why


@pytest.mark.parametrize("change", TEMPLATE, ids=ids(TEMPLATE))
def test_a_mistake_in_the_template_is_noticed(change: str) -> None:
    mutation, said = TEMPLATE[change]
    expectation = EXPECTATIONS[said]
    assert not _met(expectation, broken(mutation, expectation.parameters))


@pytest.mark.parametrize("change", SESSION, ids=ids(SESSION))
def test_a_mistake_in_the_session_policy_is_noticed(change: str) -> None:
    widen, said = SESSION[change]
    expectation = EXPECTATIONS[said]
    assert not _met(expectation, replace(world(expectation.parameters), widen=widen))
