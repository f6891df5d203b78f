"""What must and must not be allowed, written by hand: the matrix cannot be wrong in the same way twice."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.policy.cases import CLIENT, INVOKE, KEY, KEYS, NETWORK, OWN, PROFILES, VIA_MANAGER, VIA_SSM
from tests.policy.world import (
    MEMBER,
    MINT,
    ORGANISATION,
    OTHER_ENDPOINT,
    STRANGER,
    Case,
    Signer,
    World,
    may,
    profile_arn,
    session_of,
)
from tests.stack.stacks import EXAMPLE, HERE

GATE, STS = EXAMPLE["ExecuteApiEndpointIds"], EXAMPLE["StsEndpointId"]
SAGEMAKER, STUDIO = EXAMPLE["SageMakerApiEndpointId"], EXAMPLE["StudioEndpointId"]
EXAMPLES, NAMED = "as in the example", "trusting one role of its own"
BOTH = "trusting another account and an organisation"
STORED, BARE = "with secrets in both stores, under a key of its own", "without secrets"

NOBODY = Signer(None)
OURS = Signer(session_of(HERE.id, "launchers", "alice"))
OURS_WITH_POLICY = Signer(OURS.principal, INVOKE)
OURS_OTHER_ROLE = Signer(session_of(HERE.id, "other", "alice"))
OURS_IN_ORGANISATION = Signer(OURS.principal, (), ORGANISATION)
MEMBERS = Signer(session_of(MEMBER, "launchers", "alice"), INVOKE, ORGANISATION)
MEMBERS_WITHOUT_POLICY = Signer(MEMBERS.principal, (), ORGANISATION)
STRANGERS = Signer(session_of(STRANGER, "launchers", "alice"), INVOKE)
ANOTHER_ORGANISATION = Signer(STRANGERS.principal, INVOKE, "o-another00000")
ANY_ROLE = "arn:aws:iam::*:role/*"
ADMINISTRATOR = Signer(session_of(HERE.id, "administrator", "eve"), (may("sts:*", ANY_ROLE),))
NAMESAKE = Signer(session_of(STRANGER, "studio-gate-FunctionRole", "gate"), (may("sts:*", ANY_ROLE),))
BOBS, SANDBOX = PROFILES["another"], PROFILES["one of another domain of the gate's"]
ELSEWHERE = profile_arn("d-elsewhere0123", "alice")
READ_KEYS, READ_CLIENT, DECRYPT = (
    ("ssm:GetParameter", KEYS),
    ("secretsmanager:GetSecretValue", CLIENT),
    ("kms:Decrypt", KEY),
)
MAKE_INTERFACE, DESCRIBE = NETWORK[0], ("ec2:DescribeNetworkInterfaces", "*")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A request on the stack under one set of parameters, and what has to come of it."""

    parameters: str
    case: Callable[[World], Case]
    allowed: bool


type Asked = tuple[str, Callable[[World], Case]]


def _call(signer: Signer, endpoint: str | None, parameters: str = BOTH, *, path: str = "GET/iam/url") -> Asked:
    return parameters, lambda world: world.call(signer, f"gate/{path}", endpoint)


def _assume(endpoint: str | None, who: str | None = "alice", *, by: Signer | None = None, action: str = "") -> Asked:
    return EXAMPLES, lambda world: world.assume(by or world.function(), endpoint, who, action or "sts:AssumeRole")


def _assume_as(function: str | None, action: str = "sts:AssumeRole") -> Asked:
    return EXAMPLES, lambda world: world.assume(world.function(function), STS, "alice", action)


def _network(asked: tuple[str, str], *, by_code: bool) -> Asked:
    return EXAMPLES, lambda world: world.network(*asked, by_code=by_code)


def _secret(
    asked: tuple[str, str], function: str | None = "studio-gate", parameters: str = STORED, *, via: str | None = None
) -> Asked:
    return parameters, lambda world: world.secret(*asked, function, via)


def _studio(endpoint: str | None, profile: str = OWN, *, action: str = MINT, granted: str | None = OWN) -> Asked:
    return EXAMPLES, lambda world: world.studio(action, profile, endpoint, granted)


_ALLOWED: dict[str, Asked] = {
    "anybody reads the health through the gate's endpoint": _call(NOBODY, GATE, path="GET/health"),
    "anybody reads the API's document through the gate's endpoint": _call(NOBODY, GATE, path="GET/openapi.json"),
    "a bearer of a token reaches the gate, which proves it": _call(NOBODY, GATE, path="GET/jwt/url"),
    "what a proxy sends reaches the gate, which proves it": _call(NOBODY, GATE, path="GET/proxy/open/research"),
    "a person opens the portal in a browser": _call(NOBODY, GATE, path="GET/"),
    "a person's own page asks who is signed in": _call(NOBODY, GATE, path="GET/me"),
    "a person opens what they like in a browser": _call(NOBODY, GATE, path="GET/open/research"),
    "a person opens the default in a browser": _call(NOBODY, GATE, path="GET/open"),
    "a person says yes": _call(NOBODY, GATE, path="POST/open"),
    "a person signs in": _call(NOBODY, GATE, path="GET/signin"),
    "a person comes back with a code": _call(NOBODY, GATE, path="GET/signin/callback"),
    "a person comes back with a form": _call(NOBODY, GATE, path="POST/signin/callback"),
    "a person signs out": _call(NOBODY, GATE, path="POST/signout"),
    "a member's role with an identity policy signs its way in": _call(MEMBERS, GATE),
    "a role of the gate's account in the organisation needs no identity policy": _call(OURS_IN_ORGANISATION, GATE),
    "a role that is trusted by name in the gate's account needs no identity policy": _call(OURS, GATE, NAMED),
    # IAM: naming the account leaves it to the account's administrators.
    "a role of the gate's account, trusted as a whole, gets in with an identity policy": _call(
        OURS_WITH_POLICY, GATE, EXAMPLES
    ),
    # Either policy suffices within one account. The gate knows its callers from gate.toml, and refuses such a one.
    "an untrusted role of the gate's account reaches it by its own identity policy": _call(OURS_WITH_POLICY, GATE),
    "the function assumes the minting role through the STS endpoint for somebody": _assume(STS),
    "the function says for whom": _assume(STS, action="sts:SetSourceIdentity"),
    "Lambda makes the function's network interfaces": _network(MAKE_INTERFACE, by_code=False),
    "Lambda looks at network interfaces": _network(DESCRIBE, by_code=False),
    "the function reads its sealing keys": _secret(READ_KEYS),
    "the function reads its client secret, whatever its suffix": _secret(READ_CLIENT),
    "SSM decrypts for the function": _secret(DECRYPT, via=VIA_SSM),
    "Secrets Manager decrypts for the function": _secret(DECRYPT, via=VIA_MANAGER),
    "a session mints for its profile through the SageMaker endpoint": _studio(SAGEMAKER),
    "a URL is used for its profile through the Studio endpoint": _studio(STUDIO),
    "the second domain's profiles are minted for too": _studio(SAGEMAKER, SANDBOX, granted=SANDBOX),
}
_DENIED: dict[str, Asked] = {
    "nobody reads the health through another endpoint": _call(NOBODY, OTHER_ENDPOINT, path="GET/health"),
    "nobody reads the health without an endpoint": _call(NOBODY, None, path="GET/health"),
    "nobody reads the API's document through another endpoint": _call(NOBODY, OTHER_ENDPOINT, path="GET/openapi.json"),
    "a bearer of a token does not reach the gate through another endpoint": _call(
        NOBODY, OTHER_ENDPOINT, path="GET/jwt/url"
    ),
    "a bearer of a token does not reach the gate without an endpoint": _call(NOBODY, None, path="GET/jwt/url"),
    "what a proxy sends does not reach the gate through another endpoint": _call(
        NOBODY, OTHER_ENDPOINT, path="GET/proxy/open/research"
    ),
    "what a proxy sends does not reach the gate without an endpoint": _call(
        NOBODY, None, path="GET/proxy/open/research"
    ),
    "a bearer of a token calls no other method": _call(NOBODY, GATE, path="POST/jwt/url"),
    "what a proxy sends calls no other method": _call(NOBODY, GATE, path="POST/proxy/open/research"),
    "a browser does not reach the gate through another endpoint": _call(NOBODY, OTHER_ENDPOINT, path="GET/open"),
    "a browser does not reach the gate without an endpoint": _call(NOBODY, None, path="GET/open"),
    "nobody comes back from signing in through another endpoint": _call(
        NOBODY, OTHER_ENDPOINT, path="POST/signin/callback"
    ),
    "nobody comes back from signing in without an endpoint": _call(NOBODY, None, path="POST/signin/callback"),
    "a browser posts to no destination": _call(NOBODY, GATE, path="POST/open/research"),
    "a browser does not reach the portal through another endpoint": _call(NOBODY, OTHER_ENDPOINT, path="GET/"),
    "a browser does not reach the portal without an endpoint": _call(NOBODY, None, path="GET/"),
    "a browser posts nothing to the portal": _call(NOBODY, GATE, path="POST/"),
    "a browser does not sign out by a link": _call(NOBODY, GATE, path="GET/signout"),
    "a browser deletes nothing": _call(NOBODY, GATE, path="DELETE/open"),
    "nobody gets in without a signature": _call(NOBODY, GATE),
    "a member's role without an identity policy stays out": _call(MEMBERS_WITHOUT_POLICY, GATE),
    "a member's role stays out through another endpoint": _call(MEMBERS, OTHER_ENDPOINT),
    "a member's role stays out without an endpoint": _call(MEMBERS, None),
    "a member's role calls no other method": _call(MEMBERS, GATE, path="POST/iam/url"),
    "a stranger's role stays out whatever its own account allows": _call(STRANGERS, GATE),
    "another organisation's role stays out": _call(ANOTHER_ORGANISATION, GATE),
    "an untrusted role of the gate's account stays out without an identity policy": _call(OURS, GATE),
    "a role beside the trusted one stays out": _call(OURS_OTHER_ROLE, GATE, NAMED),
    "a role of the gate's account, trusted as a whole, stays out without an identity policy": _call(
        OURS, GATE, EXAMPLES
    ),
    "its own identity policy helps nobody through another endpoint": _call(OURS_WITH_POLICY, OTHER_ENDPOINT),
    "the minting role is not assumed for nobody": _assume(STS, None),
    "the minting role is not assumed through another endpoint": _assume(OTHER_ENDPOINT),
    "the minting role is not assumed without an endpoint": _assume(None),
    "another function with the function's role does not assume the minting role": _assume_as("another"),
    "another function whose name begins alike does not assume the minting role": _assume_as("studio-gate-2"),
    "another function with the function's role says for nobody": _assume_as("another", "sts:SetSourceIdentity"),
    "the function's role does not assume the minting role but by the function's code": _assume_as(None),
    "an administrator of the account does not assume the minting role": _assume(STS, by=ADMINISTRATOR),
    "a namesake in another account does not assume the minting role": _assume(STS, by=NAMESAKE),
    "the function gives no session tags": _assume(STS, action="sts:TagSession"),
    "the function's code makes no network interfaces": _network(MAKE_INTERFACE, by_code=True),
    "the function's code does not look at network interfaces": _network(DESCRIBE, by_code=True),
    "the function reads no other parameter": _secret((READ_KEYS[0], f"{KEYS}-2")),
    "the function reads no other secret": _secret((READ_CLIENT[0], CLIENT.replace("client", "other"))),
    "the function reads no secret whose name begins alike": _secret(
        (READ_CLIENT[0], CLIENT.replace("client", "client-of-others"))
    ),
    "the function writes no parameter": _secret(("ssm:PutParameter", KEYS)),
    "the function writes no secret": _secret(("secretsmanager:PutSecretValue", CLIENT)),
    "another function with the function's role reads no sealing keys": _secret(READ_KEYS, "another"),
    "the function's role reads no client secret but by the function's code": _secret(READ_CLIENT, None),
    "the function reads nothing where there is no sign-in": _secret(READ_KEYS, parameters=BARE),
    "the function does not decrypt by itself": _secret(DECRYPT),
    "S3 does not decrypt for the function": _secret(DECRYPT, via=VIA_SSM.replace("ssm", "s3")),
    "nothing is decrypted with another key": _secret((DECRYPT[0], KEY.replace("1234abcd", "4321dcba")), via=VIA_SSM),
    "nothing is encrypted for the function": _secret(("kms:Encrypt", KEY), via=VIA_SSM),
    "a stolen URL is of no use through another endpoint": _studio(OTHER_ENDPOINT),
    "a stolen URL is of no use through the gate's own endpoint": _studio(GATE),
    "a stolen URL is of no use on the internet": _studio(None),
    "no URL is of use elsewhere, even if minted without a session policy": _studio(OTHER_ENDPOINT, granted=None),
    "no URL is of use on the internet, even if minted without a session policy": _studio(None, granted=None),
    "a session does not mint for another profile": _studio(SAGEMAKER, BOBS),
    "a URL does not open another profile": _studio(STUDIO, BOBS),
    "nobody mints for a domain that is not the gate's": _studio(SAGEMAKER, ELSEWHERE, granted=ELSEWHERE),
    "a minting session does not look at profiles": _studio(SAGEMAKER, action="sagemaker:DescribeUserProfile"),
    "a minting session makes no profiles": _studio(SAGEMAKER, action="sagemaker:CreateUserProfile", granted=None),
}
EXPECTATIONS: dict[str, Expectation] = {
    said: Expectation(parameters, case, allowed=table is _ALLOWED)
    for table in (_ALLOWED, _DENIED)
    for said, (parameters, case) in table.items()
}
