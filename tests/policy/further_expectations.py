"""What the roles of everything that can be opened must and must not allow, written by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.policy.further import (
    ADDRESS,
    API_THERE,
    EXPERIMENTS,
    EXTERNAL_ID,
    NOTEBOOK,
    NOTEBOOK_THERE,
    OTHER_ADDRESS,
    THERE,
    Further,
)
from tests.policy.further_cases import (
    API,
    DIRECTORY,
    DIRECTORY_THERE,
    GIVEN_ROLE,
    MAKING,
    MINTING,
    MINTING_THERE,
    MINTS,
    NOTEBOOK_ARN,
    PROFILE,
    SERVER_ARN,
    STS,
    STUDIO,
    on,
)
from tests.policy.world import OTHER_ENDPOINT, Case, Signer, may, session_of

type Asked = Callable[[Further], Case]

DOMAIN_URL, NOTEBOOK_URL, SERVER_URL = (action for action, _ in MINTS[:3])
SEARCH, UI = "sagemaker-mlflow:SearchRuns", "sagemaker-mlflow:AccessUI"
TAG, WHILE_MADE = "sagemaker:AddTags", {"sagemaker:TaggingAction": "CreateUserProfile"}
TO_SAGEMAKER, TO_EC2 = ({"iam:PassedToService": f"{name}.amazonaws.com"} for name in ("sagemaker", "ec2"))
ADMINISTRATOR_THERE = Signer(session_of(THERE.id, "administrator", "eve"), (may("sts:*", "arn:aws:iam::*:role/*"),))


def _opens(
    action: str,
    resource: str,
    endpoint: str | None,
    granted: str | None = None,
    *,
    bound: bool = False,
    address: str = ADDRESS,
) -> Asked:
    def asked(where: Further) -> Case:
        session = where.session(granted, bound=bound) if granted else None
        more = {"aws:VpcSourceIp": address} if endpoint else {}
        return where.act(MINTING, action, on(resource), endpoint, session, more)

    return asked


def _opens_there(action: str, resource: str, endpoint: str | None, granted: str | None = None) -> Asked:
    return lambda where: where.act(
        MINTING_THERE,
        action,
        on(resource, THERE.id, THERE.region),
        endpoint,
        where.session(granted) if granted else None,
    )


def _looks(action: str, resource: str, endpoint: str | None = API) -> Asked:
    return lambda where: where.act(DIRECTORY, action, on(resource), endpoint)


def _looks_there(action: str, resource: str, endpoint: str | None = API_THERE) -> Asked:
    return lambda where: where.act(DIRECTORY_THERE, action, on(resource, THERE.id, THERE.region), endpoint)


def _makes(
    action: str, resource: str = PROFILE, endpoint: str | None = API, more: Mapping[str, str] | None = None
) -> Asked:
    asked = resource if resource.startswith("arn:") else on(resource)
    return lambda where: where.act(MAKING, action, asked, endpoint, more=more)


def _assumes(
    name: str,
    endpoint: str | None = STS,
    who: str | None = "alice-0123",
    external_id: str | None = None,
    *,
    action: str = "sts:AssumeRole",
) -> Asked:
    return lambda where: where.assume(name, endpoint, who, external_id, action=action)


def _assumes_as(name: str, by: Callable[[Further], Signer], external_id: str | None = None) -> Asked:
    return lambda where: where.assume(name, external_id=external_id, by=by(where))


def _with_more(where: Further) -> Signer:
    function = where.gate.function()
    return replace(function, identity=(*function.identity, may("sts:AssumeRole", "arn:aws:iam::*:role/*")))


def _another(where: Further) -> Signer:
    return where.gate.function("another")


_ALLOWED: dict[str, Asked] = {
    "a notebook is minted for through the SageMaker endpoint": _opens(NOTEBOOK_URL, NOTEBOOK_ARN, API, "notebook"),
    "a notebook is used through its own endpoint": _opens(NOTEBOOK_URL, NOTEBOOK_ARN, NOTEBOOK, "notebook"),
    "a tracking server is minted for through the SageMaker endpoint": _opens(SERVER_URL, SERVER_ARN, API, "server"),
    "runs are searched through the endpoint of experiments": _opens(SEARCH, SERVER_ARN, EXPERIMENTS, "server"),
    "the user interface of tracking servers is shown by the role": _opens(UI, "*", EXPERIMENTS),
    "a profile is still minted for and used": _opens(DOMAIN_URL, PROFILE, STUDIO, "domain"),
    "a notebook bound to an address is used from there": _opens(
        NOTEBOOK_URL, NOTEBOOK_ARN, NOTEBOOK, "notebook", bound=True
    ),
    "the directory looks at a profile": _looks("sagemaker:DescribeUserProfile", PROFILE),
    "the directory reads a profile's tags": _looks("sagemaker:ListTags", PROFILE),
    "the directory looks at a space": _looks("sagemaker:DescribeSpace", "space/d-research01234/lab"),
    "the directory looks at an app": _looks("sagemaker:DescribeApp", "app/d-research01234/alice/JupyterLab/default"),
    "the directory lists spaces": _looks("sagemaker:ListSpaces", "*"),
    "the directory looks at a notebook": _looks("sagemaker:DescribeNotebookInstance", NOTEBOOK_ARN),
    "the directory looks at a tracking server": _looks("sagemaker:DescribeMlflowTrackingServer", SERVER_ARN),
    "a profile is made": _makes("sagemaker:CreateUserProfile"),
    "a profile is tagged while it is made": _makes(TAG, more=WHILE_MADE),
    "a profile gets a given execution role": _makes("iam:PassRole", GIVEN_ROLE, None, TO_SAGEMAKER),
    "the function assumes the directory role for nobody in particular": _assumes(DIRECTORY, who=None),
    "the function assumes the role that makes profiles for somebody": _assumes(MAKING),
    "the function assumes another account's minting role with its external id": _assumes(
        MINTING_THERE, external_id=EXTERNAL_ID
    ),
    "the function says for whom in another account": _assumes(MINTING_THERE, action="sts:SetSourceIdentity"),
    "the function assumes another account's directory role with its external id": _assumes(
        DIRECTORY_THERE, who=None, external_id=EXTERNAL_ID
    ),
    "a notebook there is minted for": _opens_there(NOTEBOOK_URL, NOTEBOOK_ARN, API_THERE, "notebook there"),
    "a notebook there is used through the endpoint there": _opens_there(
        NOTEBOOK_URL, NOTEBOOK_ARN, NOTEBOOK_THERE, "notebook there"
    ),
    "the directory there looks at a profile": _looks_there("sagemaker:DescribeUserProfile", PROFILE),
}
_DENIED: dict[str, Asked] = {
    "a notebook's URL is of no use through another endpoint": _opens(NOTEBOOK_URL, NOTEBOOK_ARN, OTHER_ENDPOINT),
    "a notebook's URL is of no use on the internet": _opens(NOTEBOOK_URL, NOTEBOOK_ARN, None),
    "a notebook's session mints for no other notebook": _opens(
        NOTEBOOK_URL, "notebook-instance/team-b", API, "notebook"
    ),
    "a notebook's session mints for no profile": _opens(DOMAIN_URL, PROFILE, API, "notebook"),
    "nobody mints for a notebook that is not the gate's": _opens(NOTEBOOK_URL, "notebook-instance/team-a-2", API),
    "nobody starts a notebook": _opens("sagemaker:StartNotebookInstance", NOTEBOOK_ARN, API),
    "a notebook bound to an address is not used from another": _opens(
        NOTEBOOK_URL, NOTEBOOK_ARN, NOTEBOOK, "notebook", bound=True, address=OTHER_ADDRESS
    ),
    "nobody mints for a tracking server that is not the gate's": _opens(
        SERVER_URL, "mlflow-tracking-server/other", API
    ),
    "nobody searches another server's runs": _opens(SEARCH, "mlflow-tracking-server/other", EXPERIMENTS),
    "runs are not searched through another endpoint": _opens(SEARCH, SERVER_ARN, OTHER_ENDPOINT),
    "runs are not searched on the internet": _opens(SEARCH, SERVER_ARN, None),
    "the user interface is not shown on the internet": _opens(UI, "*", None),
    "the user interface is not shown by a notebook's session": _opens(UI, "*", EXPERIMENTS, "notebook"),
    "nobody mints for an app of MLflow": _opens(*MINTS[3], API),
    **{f"the directory never mints: {action}": _looks(action, resource) for action, resource in MINTS},
    "the directory looks at no profile of another domain": _looks(
        "sagemaker:DescribeUserProfile", "user-profile/d-elsewhere0123/alice"
    ),
    "the directory looks at no space of another domain": _looks("sagemaker:DescribeSpace", "space/d-elsewhere0123/lab"),
    "the directory looks at nothing through another endpoint": _looks(
        "sagemaker:DescribeUserProfile", PROFILE, OTHER_ENDPOINT
    ),
    "the directory looks at nothing through the Studio endpoint": _looks("sagemaker:ListSpaces", "*", STUDIO),
    "the directory looks at nothing on the internet": _looks("sagemaker:ListSpaces", "*", None),
    "the directory lists no domains": _looks("sagemaker:ListDomains", "*"),
    "the directory makes no profile": _looks("sagemaker:CreateUserProfile", PROFILE),
    "no profile is made in another domain": _makes("sagemaker:CreateUserProfile", "user-profile/d-elsewhere0123/a"),
    "no profile is made through another endpoint": _makes("sagemaker:CreateUserProfile", endpoint=OTHER_ENDPOINT),
    "no profile is made on the internet": _makes("sagemaker:CreateUserProfile", endpoint=None),
    "no profile is changed": _makes("sagemaker:UpdateUserProfile"),
    "no tag says later whose a profile is": _makes(TAG),
    "no profile gets another execution role": _makes("iam:PassRole", f"{GIVEN_ROLE}-2", None, TO_SAGEMAKER),
    "no other service gets an execution role": _makes("iam:PassRole", GIVEN_ROLE, None, TO_EC2),
    "who makes profiles mints for none": _makes(DOMAIN_URL),
    "the directory role is not assumed through another endpoint": _assumes(DIRECTORY, OTHER_ENDPOINT),
    "the directory role is not assumed without an endpoint": _assumes(DIRECTORY, None),
    "another function with the function's role does not look": _assumes_as(DIRECTORY, _another),
    "the role that makes profiles is not assumed for nobody": _assumes(MAKING, who=None),
    "the role that makes profiles is not assumed through another endpoint": _assumes(MAKING, OTHER_ENDPOINT),
    "another function with the function's role makes no profiles": _assumes_as(MAKING, _another),
    "another account's minting role is not assumed without an external id": _assumes(MINTING_THERE),
    "another account's minting role is not assumed with a wrong external id": _assumes(
        MINTING_THERE, external_id=f"{EXTERNAL_ID}2"
    ),
    "another account's minting role is not assumed for nobody": _assumes(
        MINTING_THERE, who=None, external_id=EXTERNAL_ID
    ),
    "another account's minting role is not assumed through another endpoint": _assumes(
        MINTING_THERE, OTHER_ENDPOINT, external_id=EXTERNAL_ID
    ),
    "another account's minting role is not assumed without an endpoint": _assumes(
        MINTING_THERE, None, external_id=EXTERNAL_ID
    ),
    "another account's minting role is not assumed without an endpoint, whatever the function's role may do": (
        lambda where: where.assume(MINTING_THERE, None, external_id=EXTERNAL_ID, by=_with_more(where))
    ),
    "another account's directory role is not assumed without an external id": _assumes(DIRECTORY_THERE),
    "another account's directory role is not assumed without an endpoint": _assumes(
        DIRECTORY_THERE, None, external_id=EXTERNAL_ID
    ),
    "another function with the function's role mints in no other account": _assumes_as(
        MINTING_THERE, _another, EXTERNAL_ID
    ),
    "an administrator there does not assume its minting role": _assumes_as(
        MINTING_THERE, lambda _: ADMINISTRATOR_THERE, EXTERNAL_ID
    ),
    "a notebook's URL there is of no use through the gate's own endpoints": _opens_there(
        NOTEBOOK_URL, NOTEBOOK_ARN, NOTEBOOK
    ),
    "a notebook's URL there is of no use on the internet": _opens_there(NOTEBOOK_URL, NOTEBOOK_ARN, None),
    "nobody mints there for a domain that is not the gate's": _opens_there(
        DOMAIN_URL, "user-profile/d-elsewhere0123/alice", API_THERE
    ),
    "the session of a notebook here is of no use there": _opens_there(
        NOTEBOOK_URL, NOTEBOOK_ARN, API_THERE, "notebook"
    ),
    **{f"the directory there never mints: {action}": _looks_there(action, resource) for action, resource in MINTS},
    "the directory there looks at nothing on the internet": _looks_there("sagemaker:ListSpaces", "*", None),
}
EXPECTATIONS: dict[str, tuple[Asked, bool]] = {
    said: (asked, table is _ALLOWED) for table in (_ALLOWED, _DENIED) for said, asked in table.items()
}
