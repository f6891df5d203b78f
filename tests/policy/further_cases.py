"""The matrix of everything that can be opened: each role on each thing through each endpoint, in each session."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from tests.policy.further import (
    ADDRESS,
    API_THERE,
    EXPERIMENTS,
    EXTERNAL_ID,
    NOTEBOOK,
    NOTEBOOK_THERE,
    OTHER_ADDRESS,
    STUDIO_THERE,
    THERE,
    further,
)
from tests.policy.world import OTHER_ENDPOINT, STRANGER, Case, Signer, may, session_of
from tests.stack.stacks import EXAMPLE, FURTHER, HERE

MINTING, DIRECTORY, MAKING = (f"studio-gate-{one}" for one in ("minting", "directory", "profile-making"))
MINTING_THERE, DIRECTORY_THERE = (f"studio-gate-roles-{one}" for one in ("minting", "directory"))
API, STUDIO, STS = (EXAMPLE[f"{one}EndpointId"] for one in ("SageMakerApi", "Studio", "Sts"))
ENDPOINTS = (API, STUDIO, NOTEBOOK, EXPERIMENTS, OTHER_ENDPOINT, None)
ENDPOINTS_THERE = (API_THERE, STUDIO_THERE, NOTEBOOK_THERE, API, OTHER_ENDPOINT, None)
OTHER_ROLE = "arn:aws:iam::444455556666:role/studio-gate-roles-more"


def arn(resource: str, account: str = HERE.id, region: str = HERE.region) -> str:
    """The ARN of something in SageMaker."""
    return f"arn:aws:sagemaker:{region}:{account}:{resource}"


PROFILE, NOTEBOOK_ARN, SERVER = "user-profile/d-research01234/alice", "notebook-instance/team-a", "experiments"
SERVER_ARN = f"mlflow-tracking-server/{SERVER}"
# What mints, all of it ("Service Authorization Reference", SageMaker), on what it is for.
MINTS = (
    ("sagemaker:CreatePresignedDomainUrl", PROFILE),
    ("sagemaker:CreatePresignedNotebookInstanceUrl", NOTEBOOK_ARN),
    ("sagemaker:CreatePresignedMlflowTrackingServerUrl", SERVER_ARN),
    ("sagemaker:CreatePresignedMlflowAppUrl", "mlflow-app/app-0123456789ab"),
    ("sagemaker:CreatePartnerAppPresignedUrl", "partner-app/app-0123456789ab"),
    ("sagemaker:CreateHubContentPresignedUrls", "hub/hub"),
)
# The same for what the stack is not given, and what is done with a URL or might be.
OPENED = (
    *MINTS[:5],
    (MINTS[0][0], "user-profile/d-research01234/bob"),
    (MINTS[0][0], "user-profile/d-elsewhere0123/alice"),
    (MINTS[1][0], "notebook-instance/team-b"),
    (MINTS[1][0], "notebook-instance/team-a-2"),
    (MINTS[2][0], "mlflow-tracking-server/other"),
    ("sagemaker-mlflow:AccessUI", "*"),
    ("sagemaker-mlflow:SearchRuns", SERVER_ARN),
    ("sagemaker-mlflow:DeleteRun", SERVER_ARN),
    ("sagemaker-mlflow:SearchRuns", "mlflow-tracking-server/other"),
    ("sagemaker:StartNotebookInstance", NOTEBOOK_ARN),
    ("sagemaker:DescribeMlflowTrackingServer", SERVER_ARN),
)
LOOKED_AT = (
    *MINTS,
    ("sagemaker:DescribeUserProfile", PROFILE),
    ("sagemaker:DescribeUserProfile", "user-profile/d-elsewhere0123/alice"),
    ("sagemaker:ListTags", PROFILE),
    ("sagemaker:ListTags", NOTEBOOK_ARN),
    ("sagemaker:DescribeSpace", "space/d-research01234/lab"),
    ("sagemaker:DescribeSpace", "space/d-elsewhere0123/lab"),
    ("sagemaker:DescribeApp", "app/d-research01234/alice/JupyterLab/default"),
    ("sagemaker:DescribeApp", "app/d-elsewhere0123/alice/JupyterLab/default"),
    ("sagemaker:ListApps", "*"),
    ("sagemaker:ListSpaces", "*"),
    ("sagemaker:ListUserProfiles", "*"),
    ("sagemaker:ListDomains", "*"),
    ("sagemaker:DescribeNotebookInstance", NOTEBOOK_ARN),
    ("sagemaker:DescribeNotebookInstance", "notebook-instance/other"),
    ("sagemaker:DescribeMlflowTrackingServer", SERVER_ARN),
    ("sagemaker:DescribeMlflowTrackingServer", "mlflow-tracking-server/other"),
    ("sagemaker:CreateUserProfile", PROFILE),
    ("sagemaker:DeleteSpace", "space/d-research01234/lab"),
    ("sagemaker-mlflow:AccessUI", "*"),
)
MADE = (
    ("sagemaker:CreateUserProfile", PROFILE),
    ("sagemaker:CreateUserProfile", "user-profile/d-elsewhere0123/alice"),
    ("sagemaker:UpdateUserProfile", PROFILE),
    ("sagemaker:DeleteUserProfile", PROFILE),
    ("sagemaker:CreateSpace", "space/d-research01234/lab"),
    *MINTS[:3],
)
GIVEN_ROLE, *_ = FURTHER["ProfileExecutionRoleArns"].split(",")


def everything_further() -> Iterator[Case]:
    """Return every case by its sentence."""
    yield from minting()
    yield from looking()
    yield from making()
    yield from assuming()
    yield from assuming_there()


def on(resource: str, account: str = HERE.id, region: str = HERE.region) -> str:
    """The ARN of what is asked about, or `*` for what knows none."""
    return resource if resource == "*" else arn(resource, account, region)


def minting() -> Iterator[Case]:
    """Both minting roles on everything, in the sessions of each kind, bound to an address and not."""
    where = further()
    sessions = {None: None} | {
        (one, bound): where.session(one, bound=bound)
        for one, bound in product(("domain", "notebook", "server"), (False, True))
    }
    for (action, resource), endpoint, granted in product(OPENED, ENDPOINTS, sessions):
        for address in (ADDRESS, OTHER_ADDRESS) if granted and granted[1] and endpoint else (ADDRESS,):
            more = {"aws:VpcSourceIp": address} if endpoint else {}
            case = where.act(MINTING, action, on(resource), endpoint, sessions[granted], more)
            yield replace(case, said=f"{case.said}, session {granted}")
    there = {None: None, "its own": where.session("notebook there"), "of here": where.session("notebook")}
    for (action, resource), endpoint, granted_there in product(OPENED, ENDPOINTS_THERE, there):
        asked = on(resource, THERE.id, THERE.region)
        case = where.act(MINTING_THERE, action, asked, endpoint, there[granted_there])
        yield replace(case, said=f"{case.said}, session {granted_there}")


def looking() -> Iterator[Case]:
    """Both directory roles on everything that can be looked at or minted for."""
    for (action, resource), endpoint in product(LOOKED_AT, ENDPOINTS):
        yield further().act(DIRECTORY, action, on(resource), endpoint)
    for (action, resource), endpoint in product(LOOKED_AT, ENDPOINTS_THERE):
        yield further().act(DIRECTORY_THERE, action, on(resource, THERE.id, THERE.region), endpoint)


def making() -> Iterator[Case]:
    """The role that makes profiles: on profiles, on their tags, and with execution roles."""
    where = further()
    for (action, resource), endpoint in product(MADE, ENDPOINTS):
        yield where.act(MAKING, action, on(resource), endpoint)
    tagged = (PROFILE, "user-profile/d-elsewhere0123/alice", "space/d-research01234/lab")
    whens: tuple[dict[str, str], ...] = ({"sagemaker:TaggingAction": "CreateUserProfile"}, {})
    whens = (*whens, {"sagemaker:TaggingAction": "CreateSpace"})
    for resource, endpoint, when in product(tagged, ENDPOINTS, whens):
        yield where.act(MAKING, "sagemaker:AddTags", on(resource), endpoint, more=when)
    roles = (GIVEN_ROLE, f"{GIVEN_ROLE}-2", f"arn:aws:iam::{HERE.id}:role/studio-gate-minting")
    for role, service in product(roles, ("sagemaker.amazonaws.com", "ec2.amazonaws.com", None)):
        more = {"iam:PassedToService": service} if service else {}
        yield where.act(MAKING, "iam:PassRole", role, None, more=more)


def callers() -> dict[str, Signer]:
    """Who may try to assume a role."""
    gate = further().gate
    anything = (may("sts:*", "arn:aws:iam::*:role/*"),)
    return {
        "the function": gate.function(),
        "another function with its role": gate.function("another"),
        "its role by no function's code": gate.function(None),
        "an administrator": Signer(session_of(HERE.id, "administrator", "eve"), anything),
        "an administrator there": Signer(session_of(THERE.id, "administrator", "eve"), anything),
        "a namesake elsewhere": Signer(session_of(STRANGER, "studio-gate-FunctionRole", "gate"), anything),
    }


def assuming() -> Iterator[Case]:
    """Each role of the gate's own account assumed, for somebody and for nobody."""
    asked = [*product(("sts:AssumeRole", "sts:SetSourceIdentity"), ("alice-0123", None)), ("sts:TagSession", None)]
    for name, (who, signer), endpoint, (action, whom) in product(
        (DIRECTORY, MAKING), callers().items(), (STS, API, OTHER_ENDPOINT, None), asked
    ):
        case = further().assume(name, endpoint, whom, action=action, by=signer)
        yield replace(case, said=f"{case.said}, {who}")


def assuming_there() -> Iterator[Case]:
    """Each role of the other account assumed, with the right external id, a wrong one and none."""
    ids = (EXTERNAL_ID, EXTERNAL_ID.upper(), f"{EXTERNAL_ID}*", None)
    # An external id goes with AssumeRole alone: the simulator's data know no such key for the others.
    asked = [("sts:AssumeRole", whom, one) for whom, one in product(("alice-0123", None), ids)]
    asked += [("sts:SetSourceIdentity", "alice-0123", None), ("sts:TagSession", None, None)]
    for name, (who, signer), endpoint, (action, whom, external_id) in product(
        (MINTING_THERE, DIRECTORY_THERE), callers().items(), (STS, API_THERE, OTHER_ENDPOINT, None), asked
    ):
        case = further().assume(name, endpoint, whom, external_id, action=action, by=signer)
        yield replace(case, said=f"{case.said}, {who}")
