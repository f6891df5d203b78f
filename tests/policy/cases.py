"""The matrix: every caller on every route through every endpoint, and the same for both roles."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from localaws.policy import Document
from tests.policy.domain_name_cases import domain_name
from tests.policy.further_cases import everything_further
from tests.policy.network_cases import everything_networked
from tests.policy.rotation import rotating
from tests.policy.vocabulary import vocabulary
from tests.policy.world import (
    MEMBER,
    MINT,
    ORGANISATION,
    OTHER_ENDPOINT,
    PARAMETERS,
    STORES,
    STRANGER,
    Case,
    Signer,
    World,
    may,
    profile_arn,
    session_of,
    world,
)
from tests.stack.stacks import EXAMPLE, HERE

OWN = profile_arn("d-research01234", "alice")
PROFILES = {
    "its own": OWN,
    "another": profile_arn("d-research01234", "bob"),
    "its own in capitals": profile_arn("d-research01234", "ALICE"),
    "one whose name begins alike": profile_arn("d-research01234", "alice-2"),
    "one of another domain of the gate's": profile_arn("d-sandbox012345", "alice"),
    "one of a domain that is not the gate's": profile_arn("d-elsewhere0123", "alice"),
}
# The first is what is minted and used; the others are what a minting role must never do to a profile.
PROFILE_ACTIONS = (
    MINT,
    "sagemaker:DescribeUserProfile",
    "sagemaker:CreateUserProfile",
    "sagemaker:DeleteUserProfile",
    "sagemaker:UpdateUserProfile",
)
OTHER_ACTIONS = {
    "sagemaker:ListDomains": "*",
    "sagemaker:DescribeDomain": f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:domain/d-research01234",
    "sagemaker:CreateApp": f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:app/d-research01234/alice/jupyterlab/default",
    "sagemaker:CreatePresignedNotebookInstanceUrl": f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:notebook-instance/nb",
}
STUDIO_ENDPOINTS = (
    EXAMPLE["SageMakerApiEndpointId"],
    EXAMPLE["StudioEndpointId"],
    EXAMPLE["ExecuteApiEndpointIds"],
    OTHER_ENDPOINT,
    None,
)
_EC2 = f"arn:aws:ec2:{HERE.region}:{HERE.id}"
_ELSEWHERE = f"arn:aws:ec2:us-east-1:{HERE.id}"
NETWORK = (
    ("ec2:CreateNetworkInterface", f"{_EC2}:network-interface/eni-0123456789abcdef0"),
    ("ec2:CreateNetworkInterface", f"{_EC2}:subnet/subnet-0123456789abcdef0"),
    ("ec2:CreateNetworkInterface", f"{_ELSEWHERE}:network-interface/eni-0123456789abcdef0"),
    ("ec2:DeleteNetworkInterface", f"{_EC2}:network-interface/eni-0123456789abcdef0"),
    ("ec2:AssignPrivateIpAddresses", f"{_EC2}:network-interface/eni-0123456789abcdef0"),
    ("ec2:UnassignPrivateIpAddresses", f"{_EC2}:network-interface/eni-0123456789abcdef0"),
    ("ec2:DescribeNetworkInterfaces", "*"),
    ("ec2:DescribeSubnets", "*"),
    ("ec2:DescribeInstances", "*"),
    ("ec2:TerminateInstances", f"{_EC2}:instance/i-0123456789abcdef0"),
    ("xray:PutTraceSegments", "*"),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE.region}:{HERE.id}:log-group:/aws/lambda/studio-gate:log-stream:1"),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE.region}:{HERE.id}:log-group:/aws/lambda/another:log-stream:1"),
)
_SSM, _MANAGER = (f"arn:aws:{service}:{HERE.region}:{HERE.id}" for service in ("ssm", "secretsmanager"))
KEYS, CLIENT = f"{_SSM}:parameter/studio-gate/sealing-keys", f"{_MANAGER}:secret:studio-gate/client-AbC12d"
KEY = f"arn:aws:kms:{HERE.region}:{HERE.id}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VIA_SSM, VIA_MANAGER = (f"{service}.{HERE.region}.amazonaws.com" for service in ("ssm", "secretsmanager"))
SECRETS_ASKED = (
    ("ssm:GetParameter", KEYS),
    ("ssm:GetParameter", f"{KEYS}-2"),
    ("ssm:GetParameter", KEYS.replace(HERE.id, STRANGER)),
    ("ssm:GetParameters", KEYS),
    ("ssm:PutParameter", KEYS),
    ("secretsmanager:GetSecretValue", CLIENT),
    ("secretsmanager:GetSecretValue", CLIENT.replace("client", "client-of-others")),
    ("secretsmanager:GetSecretValue", CLIENT.replace("client", "other")),
    ("secretsmanager:PutSecretValue", CLIENT),
)


INVOKE = (may("execute-api:Invoke", "*"),)


# The callers that try every route.
FEW = (
    "nobody known",
    "role launchers of the gate's account with an identity policy",
    "role launchers of the gate's account without an identity policy",
    "role launchers of a member account with an identity policy",
    "role launchers of a member account without an identity policy",
)


def everything() -> dict[str, Case]:
    """Return every case by its sentence; no two are the same."""
    few = {name: signer for name, signer in signers().items() if name in FEW}
    found = [*of_the_template(), *vocabulary(), *everything_networked(few)]
    assert len({case.said for case in found}) == len(found)
    return {case.said: case for case in found}


def of_the_template() -> Iterator[Case]:
    """Every case of the templates' own policies."""
    yield from callers()
    yield from minting()
    yield from network()
    yield from secrets()
    yield from rotating()
    yield from studio()
    yield from everything_further()
    yield from domain_name()


def callers() -> Iterator[Case]:
    """Every caller on some routes, some callers on every route; through every endpoint, under all parameters."""
    everybody = signers()
    for parameters in PARAMETERS:
        here = world(parameters)
        routes = here.routes
        some = [f"{here.api}/gate/{rest}" for rest in ("GET/iam/url", "POST/iam/url")]
        pairs = {*product(everybody, some), *product(FEW, [*routes, f"{here.api}/other/GET/iam/url"])}
        for (name, route), endpoint in product(sorted(pairs), (*_endpoints(here), OTHER_ENDPOINT, None)):
            case = here.call(everybody[name], route, endpoint)
            yield named(case, f"{parameters}: {name} on {route} through {endpoint}")
    yield from guarded()


def _endpoints(here: World) -> list[str]:
    return here.stack.listed("ExecuteApiEndpointIds")


def guarded() -> Iterator[Case]:
    """The same where the endpoint has a policy: for this API or for another."""
    here = world()
    everybody = signers()
    guards = {"for this API": guard(f"{here.api}/*"), "for another API": guard(f"{here.api}-other/*")}
    for name, route, (what, policy) in product(FEW, here.routes, guards.items()):
        case = here.call(everybody[name], route, _endpoints(here)[0], policy)
        yield named(case, f"{name} on {route}, endpoint policy {what}")


def guard(resource: str) -> Document:
    """An endpoint policy that lets everybody through to a resource."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def signers() -> dict[str, Signer]:
    """Everybody who may try to call the API: of its account, of the organisation, of neither; and nobody known."""
    found = {"nobody known": Signer(None)}
    for where, account, organisation in (
        ("of the gate's account", HERE.id, None),
        ("of the gate's account in the organisation", HERE.id, ORGANISATION),
        ("of a member account", MEMBER, ORGANISATION),
        ("of a stranger's account", STRANGER, None),
        ("of another organisation", STRANGER, "o-another00000"),
    ):
        for role, identity in product(("launchers", "other"), (INVOKE, ())):
            said = f"role {role} {where} {'with' if identity else 'without'} an identity policy"
            found[said] = Signer(session_of(account, role, "alice"), identity, organisation)
        user = f"arn:aws:iam::{account}:user/people/alice"
        found[f"a user {where} without an identity policy"] = Signer(user, (), organisation)
        found[f"a user {where} with an identity policy"] = Signer(user, INVOKE, organisation)
    return found


def minting() -> Iterator[Case]:
    """The minting role assumed: by the function, by others, through every endpoint, for somebody and for nobody."""
    here = world()
    role = here.stack.role_arn("studio-gate-minting")
    assume = (may("sts:*", role),)
    who = {
        "the function": here.function(),
        "another function with the function's role": here.function("another"),
        "the function's role by no function's code": here.function(None),
        "the function's role without its policy": Signer(here.function().principal),
        "the function's role with another policy": Signer(here.function().principal, assume),
        "the function's role with more": replace(here.function(), identity=(*here.function().identity, *assume)),
        "another function with the function's role and more": replace(
            here.function("another"), identity=(*here.function().identity, *assume)
        ),
        "the minting role itself": Signer(
            session_of(HERE.id, "studio-gate-minting", "alice"), here.role("MintingRole")[0]
        ),
        "another role of the account": Signer(session_of(HERE.id, "other", "alice"), assume),
        "a user of the account": Signer(f"arn:aws:iam::{HERE.id}:user/alice", assume),
        "the same name in another account": Signer(session_of(STRANGER, "studio-gate-FunctionRole", "gate"), assume),
        "the Lambda service": Signer("lambda.amazonaws.com"),
    }
    endpoints = (EXAMPLE["StsEndpointId"], EXAMPLE["SageMakerApiEndpointId"], OTHER_ENDPOINT, None)
    # Session tags go without a source identity: the simulator's data know no such key for them.
    asked = [*product(("sts:AssumeRole", "sts:SetSourceIdentity"), ("alice-0123", None)), ("sts:TagSession", None)]
    for (name, signer), endpoint, (action, whom) in product(who.items(), endpoints, asked):
        yield named(here.assume(signer, endpoint, whom, action), f"{name}: {action} through {endpoint} for {whom}")


def network() -> Iterator[Case]:
    """What Lambda does with the function's role, and whether the function's own code may do it too."""
    for (action, resource), by_code in product(NETWORK, (False, True)):
        yield world().network(action, resource, by_code=by_code)


def secrets() -> Iterator[Case]:
    """What the function's code, and other code with its role, reads and decrypts, where secrets are and are not."""
    keys = (KEY, KEY.replace("1234abcd", "4321dcba"))
    vias = (VIA_SSM, VIA_MANAGER, VIA_SSM.replace("eu-central-1", "us-east-1"), VIA_SSM.replace("ssm", "s3"), None)
    for parameters in STORES:
        here = world(parameters)
        asked = [here.secret(*one, who) for one, who in product(SECRETS_ASKED, ("studio-gate", "another", None))]
        asked += [
            here.secret(action, key, via=via)
            for action, key, via in product(("kms:Decrypt", "kms:Encrypt"), keys, vias)
        ]
        yield from (named(case, f"{parameters}: {case.said}") for case in asked)


def studio() -> Iterator[Case]:
    """A minting session on every profile, through every endpoint, with and without its session policy."""
    sessions = (OWN, PROFILES["another"], None)
    asked = [*product(PROFILE_ACTIONS, PROFILES.values()), *OTHER_ACTIONS.items()]
    for (action, resource), endpoint, granted in product(asked, STUDIO_ENDPOINTS, sessions):
        yield world().studio(action, resource, endpoint, granted)


def named(case: Case, said: str) -> Case:
    """The same case under a sentence of the matrix."""
    return replace(case, said=said)
