"""The roles of everything that can be opened do what was meant, and each expectation notices a mistake in them."""

from collections.abc import Callable

import pytest

from localaws.policy import UnsupportedPolicyError
from tests.policy.further import Further, broken_here, broken_there, further, widened
from tests.policy.further_cases import MINTS
from tests.policy.further_expectations import EXPECTATIONS
from tests.stack.breaks_account_roles import LOOK_THERE, LOOKS_THERE, MINT_THERE, MINTS_THERE, SAYS_THERE
from tests.stack.breaks_further_roles import LOOK, LOOKS_TRUST, MAKE, MAKES_DENY, MAKES_TRUST, NEVER, PASS, TAG, allow
from tests.stack.breaks_roles import (
    DENY,
    GATE,
    NOTEBOOKS,
    NOTHING,
    OTHERS,
    SAGEMAKER_ENDPOINT,
    SERVERS,
    STUDIO_ENDPOINT,
)
from tests.stack.mutations import Mutation, add, both, drop, ids, put
from tests.stack.stacks import Json

ANYBODYS = "sagemaker:CreatePresignedDomainUrl"
MINTED_FOR, _ = MINTS[0]

HERE: dict[str, tuple[Mutation, str]] = {
    "every notebook": (put(f"{NOTEBOOKS}/Resource", "*"), "nobody mints for a notebook that is not the gate's"),
    "notebooks whose names begin alike": (
        put(f"{NOTEBOOKS}/Resource", "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/team-a*"),
        "nobody mints for a notebook that is not the gate's",
    ),
    "notebooks started": (add(f"{NOTEBOOKS}/Action", "sagemaker:StartNotebookInstance"), "nobody starts a notebook"),
    "no notebooks": (put(NOTEBOOKS, NOTHING), "a notebook is minted for through the SageMaker endpoint"),
    "every tracking server": (put(f"{SERVERS}/Resource", "*"), "nobody searches another server's runs"),
    "tracking servers without their use": (
        put(f"{SERVERS}/Action", "sagemaker:CreatePresignedMlflowTrackingServerUrl"),
        "runs are searched through the endpoint of experiments",
    ),
    "the user interface of given servers": (
        put(
            "MintingRole/Policies/mint/PolicyDocument/Statement/TheUserInterfaceOfTheTrackingServers/Resource",
            {"Ref": "TrackingServerArns"},
        ),
        "the user interface of tracking servers is shown by the role",
    ),
    "the Deny without MLflow": (put(f"{DENY}/Action", "sagemaker:*"), "runs are not searched on the internet"),
    "the Deny without SageMaker": (
        put(f"{DENY}/Action", "sagemaker-mlflow:*"),
        "a notebook's URL is of no use on the internet",
    ),
    "the Deny without the further endpoints": (
        put(f"{DENY}/Condition/StringNotEquals/aws:SourceVpce", [SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT]),
        "a notebook is used through its own endpoint",
    ),
    "the Deny without the Studio endpoint": (
        put(f"{DENY}/Condition/StringNotEquals/aws:SourceVpce", {"Ref": "UseEndpointIds"}),
        "a profile is still minted for and used",
    ),
    "the directory's Deny dropped, and a mint action allowed": (
        both(drop(NEVER), add(LOOK, allow(ANYBODYS, {"Ref": "StudioProfileArns"}))),
        f"the directory never mints: {MINTED_FOR}",
    ),
    "the directory's Deny of elsewhere dropped": (
        drop(f"{LOOK}/DenyOutsideTheEndpoint"),
        "the directory looks at nothing on the internet",
    ),
    "the directory's Deny of elsewhere with the Studio endpoint": (
        put(
            f"{LOOK}/DenyOutsideTheEndpoint/Condition/StringNotEquals/aws:SourceVpce",
            [SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT],
        ),
        "the directory looks at nothing through the Studio endpoint",
    ),
    "the directory for every profile": (
        put(f"{LOOK}/LookAtTheProfilesOfTheDomains/Resource", "*"),
        "the directory looks at no profile of another domain",
    ),
    "the directory for profiles where spaces are meant": (
        put(f"{LOOK}/LookAtTheirSpaces/Resource", {"Ref": "StudioProfileArns"}),
        "the directory looks at a space",
    ),
    "the directory's lists on profiles, which they do not know": (
        put(f"{LOOK}/ListWhatIsInDomains/Resource", {"Ref": "StudioProfileArns"}),
        "the directory lists spaces",
    ),
    "the directory from anywhere": (
        drop(f"{LOOKS_TRUST}/Condition"),
        "the directory role is not assumed through another endpoint",
    ),
    "the directory for somebody alone": (
        put(f"{LOOKS_TRUST}/Condition/StringLike", {"sts:SourceIdentity": "?*"}),
        "the function assumes the directory role for nobody in particular",
    ),
    "profiles made for nobody": (
        drop(f"{MAKES_TRUST}/Condition/StringLike"),
        "the role that makes profiles is not assumed for nobody",
    ),
    "profiles made from anywhere": (drop(MAKES_DENY), "no profile is made on the internet"),
    "profiles made in every domain": (
        put(f"{MAKE}/MakeProfilesInTheDomains/Resource", "*"),
        "no profile is made in another domain",
    ),
    "tags at any time": (drop(f"{TAG}/Condition"), "no tag says later whose a profile is"),
    "any execution role": (put(f"{PASS}/Resource", "*"), "no profile gets another execution role"),
    "execution roles for any service": (drop(f"{PASS}/Condition"), "no other service gets an execution role"),
    "the function's Deny on STS dropped": (
        drop(f"{GATE}/MintingByThisFunctionAlone"),
        "another function with the function's role mints in no other account",
    ),
    "other accounts' roles not the function's to assume": (
        put(OTHERS, NOTHING),
        "the function assumes another account's minting role with its external id",
    ),
    "other accounts' roles without a source identity": (
        put(f"{OTHERS}/Action", "sts:AssumeRole"),
        "the function says for whom in another account",
    ),
}
THERE: dict[str, tuple[Mutation, str]] = {
    "no external id": (
        drop(f"{MINTS_THERE}/Condition/StringEquals/sts:ExternalId"),
        "another account's minting role is not assumed without an external id",
    ),
    "an external id by pattern": (
        both(
            drop(f"{MINTS_THERE}/Condition/StringEquals/sts:ExternalId"),
            put(f"{MINTS_THERE}/Condition/StringLike/sts:ExternalId", "studio-gate*"),
        ),
        "another account's minting role is not assumed with a wrong external id",
    ),
    "no external id for the directory": (
        drop(f"{LOOKS_THERE}/Condition/StringEquals/sts:ExternalId"),
        "another account's directory role is not assumed without an external id",
    ),
    "an external id with what knows none": (
        put(f"{SAYS_THERE}/Condition/StringEquals/sts:ExternalId", {"Ref": "ExternalId"}),
        "the function says for whom in another account",
    ),
    "from anywhere": (
        drop(f"{MINTS_THERE}/Condition/StringEquals/aws:SourceVpce"),
        "another account's minting role is not assumed without an endpoint, whatever the function's role may do",
    ),
    "for nobody": (
        drop(f"{MINTS_THERE}/Condition/StringLike"),
        "another account's minting role is not assumed for nobody",
    ),
    "its own account too": (
        add(f"{MINTS_THERE}/Principal/AWS", "arn:aws:iam::444455556666:root"),
        "an administrator there does not assume its minting role",
    ),
    "the Deny dropped": (
        drop(f"{MINT_THERE}/DenyOutsideTheEndpoints"),
        "a notebook's URL there is of no use on the internet",
    ),
    "the endpoints for use taken out of the Deny": (
        put(
            f"{MINT_THERE}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce",
            [{"Ref": "SageMakerApiEndpointId"}],
        ),
        "a notebook there is used through the endpoint there",
    ),
    "the directory's Deny dropped, and a mint action allowed": (
        both(drop(f"{LOOK_THERE}/NeverMint"), add(LOOK_THERE, allow(ANYBODYS, {"Ref": "StudioProfileArns"}))),
        f"the directory there never mints: {MINTED_FOR}",
    ),
    "every domain": (
        put(f"{MINT_THERE}/PresignedUrlsForTheProfilesOfTheDomains/Resource", "*"),
        "nobody mints there for a domain that is not the gate's",
    ),
}


def _every(name: str, value: object) -> Callable[[Json], None]:
    def widen(policy: Json) -> None:
        for statement in policy["Statement"]:
            statement[name] = value

    return widen


def _everything(policy: Json) -> None:
    policy["Statement"] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def _without_address(policy: Json) -> None:
    for statement in policy["Statement"]:
        statement["Condition"].pop("IpAddress", None)


SESSION: dict[str, tuple[Callable[[Json], None], str]] = {
    "every resource": (_every("Resource", "*"), "a notebook's session mints for no other notebook"),
    "everything": (
        _everything,
        "the user interface is not shown by a notebook's session",
    ),
    "no address": (_without_address, "a notebook bound to an address is not used from another"),
}


def _met(said: str, where: Further) -> bool:
    asked, allowed = EXPECTATIONS[said]
    try:
        return asked(where).verdict().allowed is allowed
    except UnsupportedPolicyError:
        return False


@pytest.mark.parametrize("said", EXPECTATIONS)
def test_as_meant(said: str) -> None:
    asked, allowed = EXPECTATIONS[said]
    verdict = asked(further()).verdict()
    assert verdict.allowed is allowed, verdict.why


@pytest.mark.parametrize("change", HERE, ids=ids(HERE))
def test_a_mistake_in_the_template_is_noticed(change: str) -> None:
    mutation, said = HERE[change]
    assert not _met(said, broken_here(mutation))


@pytest.mark.parametrize("change", THERE, ids=ids(THERE))
def test_a_mistake_in_the_other_accounts_template_is_noticed(change: str) -> None:
    mutation, said = THERE[change]
    assert not _met(said, broken_there(mutation))


@pytest.mark.parametrize("change", SESSION, ids=ids(SESSION))
def test_a_mistake_in_a_session_policy_is_noticed(change: str) -> None:
    widen, said = SESSION[change]
    assert not _met(said, widened(widen))
