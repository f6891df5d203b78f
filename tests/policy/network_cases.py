"""The matrix of the endpoints that the stack makes: everybody on everything through each, in each session."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from tests.policy.further_cases import MINTS, arn
from tests.policy.networked import (
    EXECUTION,
    MEMBERS_EXECUTION,
    NAMESAKE,
    NOBODY,
    PARAMETERS,
    STRANGERS,
    Networked,
    networked,
)
from tests.policy.world import API_ID, MEMBER, MINT, STRANGER, Case, Signer, profile_arn
from tests.stack.networks import endpoints
from tests.stack.stacks import HERE

OWN, BOBS = (profile_arn("d-research01234", name) for name in ("alice", "bob"))
ELSEWHERE = profile_arn("d-elsewhere0123", "alice")
_LOGS = "log-group:/aws/sagemaker/studio:log-stream:1"
_HUB = "hub-content/SageMakerPublicHub/Model/example/1.0.0"
APP, MODEL = arn("app/d-research01234/alice/jupyterlab/default"), arn("endpoint/example")
INSTANCE = f"arn:aws:ec2:{HERE.region}:{HERE.id}:instance/i-0123456789abcdef0"
# The five that mint URLs; the hub's are for models, and JumpStart needs them.
MINTED = tuple((action, arn(resource)) for action, resource in MINTS[:5])


def of(service: str, resource: str, account: str = HERE.id) -> str:
    """The ARN of something in the region."""
    return f"arn:aws:{service}:{HERE.region}:{account}:{resource}"


# What is asked through each endpoint, each of it on what may be whoever's.
ASKED: dict[str, tuple[tuple[str, str], ...]] = {
    "sagemaker.api": (
        *MINTED,
        ("sagemaker:DescribeUserProfile", OWN),
        ("sagemaker:ListDomains", "*"),
        ("sagemaker:CreateTrainingJob", arn("training-job/example")),
        ("sagemaker:CreateApp", APP),
        ("s3:GetObject", "arn:aws:s3:::data/example"),
    ),
    "studio": (*MINTED, ("sagemaker:CreateApp", APP), ("sagemaker:DescribeUserProfile", OWN)),
    "notebook": MINTED,
    "experiments": (
        *MINTED,
        ("sagemaker-mlflow:AccessUI", "*"),
        ("sagemaker-mlflow:SearchRuns", arn("mlflow-tracking-server/experiments")),
    ),
    "sagemaker.runtime": (*MINTED[:1], ("sagemaker:InvokeEndpoint", MODEL), ("sagemaker:DescribeEndpoint", MODEL)),
    "sts": (*MINTED[:1], ("sts:AssumeRole", f"arn:aws:iam::{HERE.id}:role/data")),
    "logs": (("logs:PutLogEvents", of("logs", _LOGS)),),
    "secretsmanager": (("secretsmanager:GetSecretValue", of("secretsmanager", "secret:data-AbC12d")),),
    "appconfigdata": (
        ("appconfig:GetLatestConfiguration", of("appconfig", "application/a/environment/b/configuration/c")),
    ),
    "ssm": (("ssm:GetParameter", of("ssm", "parameter/data")), ("ssm:UpdateInstanceInformation", INSTANCE)),
    "ssmmessages": (("ssmmessages:CreateControlChannel", "*"),),
    "ec2messages": (("ec2messages:GetMessages", "*"),),
    "s3": (("s3:GetObject", "arn:aws:s3:::data/example"), ("s3:PutObject", "arn:aws:s3:::data/example")),
}
# What belongs to AWS; not its documents in SSM, whose ARNs have no account and are none to the simulator.
OF_AWS = (
    ("sagemaker.api", "sagemaker:DescribeHubContent", of("sagemaker", _HUB, "aws")),
    ("sagemaker.api", "sagemaker:ListHubContents", of("sagemaker", "hub/SageMakerPublicHub", "aws")),
    ("sagemaker.api", "sagemaker:DeleteHubContent", of("sagemaker", _HUB, "aws")),
    ("s3", "s3:GetObject", f"arn:aws:s3:::jumpstart-cache-prod-{HERE.region}/model"),
    ("s3", "s3:ListBucket", f"arn:aws:s3:::jumpstart-cache-prod-{HERE.region}"),
    ("s3", "s3:GetObject", f"arn:aws:s3:::al2023-repos-{HERE.region}-de612dc2/package"),
    ("s3", "s3:PutObject", f"arn:aws:s3:::al2023-repos-{HERE.region}-de612dc2/package"),
    ("s3", "s3:GetObject", "arn:aws:s3:::somebody-elses/package"),
)
EVERYBODY = {
    "nobody known": NOBODY,
    "an execution role": EXECUTION,
    "a member's execution role": MEMBERS_EXECUTION,
    "a stranger's administrator": STRANGERS,
    "a stranger's namesake of the minting role": NAMESAKE,
}
_ACCOUNTS = {"ours": HERE.id, "a member's": MEMBER, "a stranger's": STRANGER}


def everything_networked(callers: Mapping[str, Signer]) -> Iterator[Case]:
    """Every case; the sentences are unique. `callers` try every route of the API."""
    for parameters in PARAMETERS:
        here = networked(parameters)
        cases = [*_through_each(here)]
        # The rest has nothing to do with whom the endpoints are for.
        if parameters == "in an organisation":
            cases += [*_of_aws(here), *_minting(here), *_calls(here, callers)]
        yield from (replace(case, said=f"{parameters}: {case.said}") for case in cases)


def _through_each(here: Networked) -> Iterator[Case]:
    everybody = EVERYBODY | {"the directory role": here.directory()}
    for (name, who), (service, asked) in product(everybody.items(), ASKED.items()):
        for (action, resource), (owner, account) in product(asked, _ACCOUNTS.items()):
            theirs = resource.replace(HERE.id, account)
            yield _named(here.ask(who, action, theirs, service, owner), name, action, theirs, service, owner)


def _of_aws(here: Networked) -> Iterator[Case]:
    for (name, who), (service, action, resource) in product(EVERYBODY.items(), OF_AWS):
        yield _named(here.ask(who, action, resource, service, "AWS's"), name, action, resource, service, "AWS's")


def _minting(here: Networked) -> Iterator[Case]:
    """The minting role with what it is asked, through each endpoint under its policy, in each session."""
    asked = [
        *MINTED,
        (MINT, BOBS),
        (MINT, ELSEWHERE),
        ("sagemaker:CreateApp", APP),
        ("sagemaker:DescribeUserProfile", OWN),
    ]
    theirs = (MINT, OWN.replace(HERE.id, STRANGER))
    ways = ("sagemaker.api", "studio", "notebook", "experiments", "sagemaker.runtime", "sts", "another", None)
    for service, session in product(ways, (OWN, BOBS, None)):
        who = here.minting(here.gate.session_policy(session) if session else None)
        name = f"the minting role for {session}"
        for action, resource in asked:
            yield _named(here.ask(who, action, resource, service), name, action, resource, service, "ours")
        yield _named(here.ask(who, *theirs, service, "a stranger's"), name, *theirs, service, "a stranger's")


def _calls(here: Networked, callers: Mapping[str, Signer]) -> Iterator[Case]:
    """The API through the endpoint, for those who sign and those who do not; and another API."""
    policy = endpoints(here.network)["execute-api"]["PolicyDocument"]
    others = here.gate.api.replace(API_ID, "0123456789")
    routes = [*here.gate.routes, f"{others}/gate/GET/iam/url"]
    for (name, signer), route in product(callers.items(), routes):
        case = here.gate.call(signer, route, here.endpoint("execute-api"), policy)
        yield replace(case, said=f"{name} on {route} through execute-api")


def _named(case: Case, who: str, action: str, resource: str, service: str | None, owner: str) -> Case:
    return replace(case, said=f"{who}: {action} on {owner} {resource} through {service}")
