"""The matrix of what the template does not say yet: each operator and key with requests that fit and that do not.

The requests are those of a gate with more kinds of destinations: roles of other accounts, a directory, a role that
makes profiles, URLs bound to an address, and sessions that were revoked.
"""

from collections.abc import Iterator
from itertools import product

from localaws.policy import Ask, Document, Policies
from tests.policy.world import MEMBER, MINT, OTHER_ENDPOINT, STRANGER, Case, may, profile_arn, session_of
from tests.stack.stacks import EXAMPLE, HERE

_ARN = f"arn:aws:sagemaker:{HERE.region}:{HERE.id}"
OWN = profile_arn("d-research01234", "alice")
NOTEBOOK, SERVER = f"{_ARN}:notebook-instance/team-nb", f"{_ARN}:mlflow-tracking-server/runs"
NOTEBOOK_URL, SERVER_URL = (
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:CreatePresignedMlflowTrackingServerUrl",
)
MINTING, FUNCTION = (session_of(HERE.id, f"studio-gate-{name}", "alice") for name in ("minting", "FunctionRole"))
EXECUTION = f"arn:aws:iam::{HERE.id}:role/execution"
API, STUDIO = EXAMPLE["SageMakerApiEndpointId"], EXAMPLE["StudioEndpointId"]


def vocabulary() -> Iterator[Case]:
    """Every case; the sentences are unique."""
    yield from addresses()
    yield from identities()
    yield from moments()
    yield from tags()
    yield from accounts()
    yield from kinds()
    yield from handed_over()
    yield from roles()
    yield from owners()
    yield from services()


def statement(effect: str, action: str | list[str], resource: str, **condition: object) -> dict[str, object]:
    """One statement; each keyword is an operator of its condition."""
    return {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition}


def document(*statements: dict[str, object]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


ADDRESSES = ("10.20.30.40", "10.20.30.41", "10.21.0.1", "192.0.2.1", "2001:db8::40", None)
BLOCKS = ("10.20.30.40", "10.20.30.40/32", "10.20.30.0/24", "10.0.0.0/8", "2001:db8::/64")


def addresses() -> Iterator[Case]:
    """A URL that is bound to an address: minted through one endpoint, used through the other from there alone."""
    for operator, block, address in product(("IpAddress", "NotIpAddress"), BLOCKS, ADDRESSES):
        key = {"aws:VpcSourceIp": block}
        allow = document(statement("Allow", MINT, OWN, **{operator: key}))
        deny = document(statement("Allow", MINT, OWN), statement("Deny", MINT, OWN, **{operator: key}))
        context = {"aws:SourceVpce": STUDIO} | ({} if address is None else {"aws:VpcSourceIp": address})
        for effect, policy in (("allow", allow), ("deny", deny)):
            said = f"{effect} {operator} {block} from {address}"
            yield Case(said, Ask(MINT, OWN, MINTING, context), Policies((policy,)))
    several = document(statement("Allow", MINT, OWN, IpAddress={"aws:VpcSourceIp": ["192.0.2.0/24", "10.20.30.40"]}))
    bound = document(
        statement("Allow", MINT, OWN, StringEquals={"aws:SourceVpce": API}),
        statement(
            "Allow",
            MINT,
            OWN,
            StringEquals={"aws:SourceVpce": STUDIO},
            IpAddress={"aws:VpcSourceIp": "10.20.30.40/32"},
        ),
    )
    for endpoint, address in product((API, STUDIO, OTHER_ENDPOINT), ADDRESSES[:4]):
        ask = Ask(MINT, OWN, MINTING, {"aws:SourceVpce": endpoint, "aws:VpcSourceIp": str(address)})
        yield Case(f"bound to an address, through {endpoint} from {address}", ask, Policies((may(MINT, OWN),), bound))
        yield Case(f"one of two blocks, through {endpoint} from {address}", ask, Policies((several,)))


REVOKED = {
    "alice": {"StringEquals": {"aws:SourceIdentity": "alice"}},
    "alice and bob": {"StringEquals": {"aws:SourceIdentity": ["alice", "bob"]}},
    "whoever begins with al": {"StringLike": {"aws:SourceIdentity": "al*"}},
    "whoever is anybody": {"StringLike": {"aws:SourceIdentity": "*"}},
    "all but alice": {"StringNotEquals": {"aws:SourceIdentity": "alice"}},
}


def identities() -> Iterator[Case]:
    """A session of somebody, on whose role a Deny by the source identity was put."""
    uses = ((MINT, OWN), (NOTEBOOK_URL, NOTEBOOK), (SERVER_URL, SERVER))
    for (whom, condition), who, (action, resource) in product(
        REVOKED.items(), ("alice", "ALICE", "alina", "bob", "carol", None), uses
    ):
        deny = document(statement("Deny", "*", "*", **condition))
        context = {} if who is None else {"aws:SourceIdentity": who}
        said = f"{whom} revoked, {action} by a session of {who}"
        yield Case(said, Ask(action, resource, MINTING, context), Policies((may(action, resource), deny)))


LIMITS = ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2025-12-31T23:59:59Z")
ISSUED = ("2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z", "2026-02-01T12:00:00Z", None)


def moments() -> Iterator[Case]:
    """A session that was issued at some time, on whose role a Deny for all from before another was put."""
    for limit, issued in product(LIMITS, ISSUED):
        deny = document(statement("Deny", "*", "*", DateLessThan={"aws:TokenIssueTime": limit}))
        context = {} if issued is None else {"aws:TokenIssueTime": issued}
        ask = Ask(MINT, OWN, MINTING, context)
        yield Case(f"revoked before {limit}, issued {issued}", ask, Policies((may(MINT, OWN), deny)))


def tags() -> Iterator[Case]:
    """What may be done with what has a tag, and what may be made with one."""
    resources = ((MINT, OWN), (NOTEBOOK_URL, NOTEBOOK), (SERVER_URL, SERVER), ("sagemaker:DescribeUserProfile", OWN))
    for service, (action, resource), tag in product(("sagemaker", "aws"), resources, ("alice", "ALICE", "bob", None)):
        key = f"{service}:ResourceTag/owner"
        policy = document(statement("Allow", action, resource, StringEquals={key: "alice"}))
        context = {} if tag is None else {key: tag}
        yield Case(f"{action} by {key}, tagged {tag}", Ask(action, resource, MINTING, context), Policies((policy,)))
    for asked in ("alice", "bob", None):
        key, making = "aws:RequestTag/owner", "sagemaker:CreateUserProfile"
        policy = document(statement("Allow", making, OWN, StringEquals={key: "alice"}))
        context = {} if asked is None else {key: asked}
        yield Case(f"a profile made with the tag {asked}", Ask(making, OWN, MINTING, context), Policies((policy,)))
    for operation in ("CreateUserProfile", "CreateSpace", None):
        key, tagging = "sagemaker:TaggingAction", "sagemaker:AddTags"
        policy = document(statement("Allow", tagging, OWN, StringEquals={key: "CreateUserProfile"}))
        context = {} if operation is None else {key: operation}
        yield Case(f"tags put by {operation}", Ask(tagging, OWN, MINTING, context), Policies((policy,)))


def accounts() -> Iterator[Case]:
    """A minting role in another account, which is assumed with an external id, or without one."""
    role = f"arn:aws:iam::{MEMBER}:role/gate/their-minting"
    sts = {"aws:SourceVpce": EXAMPLE["StsEndpointId"]}
    principal = {"AWS": f"arn:aws:iam::{HERE.id}:role/studio-gate-FunctionRole"}
    callers = {
        "the function": FUNCTION,
        "another role of its account": session_of(HERE.id, "other", "alice"),
        "a role of its name elsewhere": session_of(STRANGER, "studio-gate-FunctionRole", "alice"),
        "a role of the role's account": session_of(MEMBER, "other", "alice"),
    }
    for wanted, sent, (who, caller), allowed in product(
        ("gate-of-example", None), ("gate-of-example", "GATE-of-example", None), callers.items(), (True, False)
    ):
        condition = {"StringEquals": sts | ({} if wanted is None else {"sts:ExternalId": wanted})}
        trust: Document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
            ],
        }
        context = sts | ({} if sent is None else {"sts:ExternalId": sent})
        identity = (may("sts:AssumeRole", role),) if allowed else ()
        said = f"{who} {'with' if allowed else 'without'} a policy, external id {sent}, wanted {wanted}"
        yield Case(said, Ask("sts:AssumeRole", role, caller, context), Policies(identity, resource=trust), MEMBER)


def kinds() -> Iterator[Case]:
    """Notebook instances and tracking servers, minted and used, with the Deny that the minting role has."""
    endpoints = [API, STUDIO, "vpce-0e5f6071829304151"]
    deny = statement("Deny", ["sagemaker:*", "sagemaker-mlflow:*"], "*", StringNotEquals={"aws:SourceVpce": endpoints})
    # To the Service Authorization Reference, which the simulator follows, MLflow's own actions know no resource.
    uses = ((NOTEBOOK_URL, NOTEBOOK), (SERVER_URL, SERVER), ("sagemaker-mlflow:AccessUI", "*"))
    for (action, resource), named, endpoint in product(
        uses, (NOTEBOOK, SERVER, "*"), (*endpoints, OTHER_ENDPOINT, None)
    ):
        policy = document(statement("Allow", action, named), deny)
        context = {} if endpoint is None else {"aws:SourceVpce": endpoint}
        said = f"{action} allowed on {named} through {endpoint}"
        yield Case(said, Ask(action, resource, MINTING, context), Policies((policy,)))


def handed_over() -> Iterator[Case]:
    """The role that a new profile gets, handed to a service."""
    for service, role in product(("sagemaker.amazonaws.com", "ec2.amazonaws.com", None), (EXECUTION, f"{EXECUTION}-2")):
        condition = {"iam:PassedToService": "sagemaker.amazonaws.com"}
        policy = document(statement("Allow", "iam:PassRole", EXECUTION, StringEquals=condition))
        context = {} if service is None else {"iam:PassedToService": service}
        ask = Ask("iam:PassRole", role, MINTING, context)
        yield Case(f"{role} handed to {service}", ask, Policies((policy,)))


def roles() -> Iterator[Case]:
    """Lists, which know no resource, and the inline policies of roles."""
    lists = ("ListUserProfiles", "ListSpaces", "ListApps", "ListNotebookInstances", "ListMlflowTrackingServers")
    for name, resource in product(lists, ("*", OWN)):
        said = f"{name} allowed on {resource}"
        yield Case(said, Ask(f"sagemaker:{name}", "*", MINTING), Policies((may(f"sagemaker:{name}", resource),)))
    minting = f"arn:aws:iam::{HERE.id}:role/studio-gate-minting"
    for action, role in product(("PutRolePolicy", "DeleteRolePolicy", "ListRolePolicies"), (minting, EXECUTION)):
        ask = Ask(f"iam:{action}", role, session_of(HERE.id, "operator", "carol"))
        yield Case(f"{action} on {role}", ask, Policies((may(f"iam:{action}", minting),)))


def owners() -> Iterator[Case]:
    """Apps of a space, which says whose it is and who shares it."""
    app = f"{_ARN}:app/d-research01234/alice-lab/JupyterLab/default"
    bob = profile_arn("d-research01234", "bob")
    for action, owner, sharing, wanted in product(
        ("CreateApp", "DeleteApp"), (OWN, bob, None), ("Private", "Shared", None), (OWN, OWN.replace("alice", "*"))
    ):
        condition: dict[str, object] = {
            "ArnEquals": {"sagemaker:OwnerUserProfileArn": wanted},
            "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
        }
        policy = document(statement("Allow", f"sagemaker:{action}", app, **condition))
        given = {"sagemaker:OwnerUserProfileArn": owner, "sagemaker:SpaceSharingType": sharing}
        context = {key: value for key, value in given.items() if value is not None}
        said = f"{action} in a {sharing} space of {owner} allowed to {wanted}"
        yield Case(said, Ask(f"sagemaker:{action}", app, MINTING, context), Policies((policy,)))


def services() -> Iterator[Case]:
    """A service that assumes a role for what is in an account."""
    domain = f"{_ARN}:domain/d-research01234"
    for who, source, action in product(
        ("sagemaker.amazonaws.com", "ec2.amazonaws.com"),
        (domain, domain.replace(HERE.id, STRANGER), None),
        ("sts:AssumeRole", "sts:SetSourceIdentity"),
    ):
        trust: Document = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                    "Condition": {"ArnEquals": {"aws:SourceArn": f"{_ARN}:*"}},
                }
            ],
        }
        context = {} if source is None else {"aws:SourceArn": source}
        yield Case(f"{who} does {action} for {source}", Ask(action, EXECUTION, who, context), Policies(resource=trust))
