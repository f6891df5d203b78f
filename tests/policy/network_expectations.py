"""What the endpoints that the stack makes must and must not let through, written by hand."""

from collections.abc import Callable

from tests.policy.further_cases import arn
from tests.policy.network_cases import APP, BOBS, ELSEWHERE, MINTED, MODEL, OWN, of
from tests.policy.networked import (
    EXECUTION,
    MEMBERS_EXECUTION,
    NAMESAKE,
    NOBODY,
    STRANGERS,
    Networked,
    Who,
)
from tests.policy.world import MEMBER, MINT, STRANGER, Case, Signer
from tests.stack.stacks import HERE

type Asked = Callable[[Networked], Case]

NOTEBOOK_URL, SERVER_URL = MINTED[1], MINTED[2]
PAGES, RUNS = (
    ("sagemaker-mlflow:AccessUI", "*"),
    ("sagemaker-mlflow:SearchRuns", arn("mlflow-tracking-server/experiments")),
)
BUCKET, DATA = "arn:aws:s3:::data/example", f"arn:aws:iam::{HERE.id}:role/data"
THEIRS = arn("user-profile/d-theirs/eve", STRANGER)
CHANNEL, MESSAGES = ("ssmmessages:CreateControlChannel", "*"), ("ec2messages:GetMessages", "*")
SECRET = of("secretsmanager", "secret:data-AbC12d")
HUB = of("sagemaker", "hub-content/SageMakerPublicHub/Model/example/1.0.0", "aws")
DOCUMENT, IMAGE = (of("ssm", one, "") for one in ("document/AWS-StartSSHSession", "parameter/aws/service/ami/x"))
JUMPSTART = f"arn:aws:s3:::jumpstart-cache-prod-{HERE.region}/x"
PACKAGE = f"arn:aws:s3:::al2023-repos-{HERE.region}-de612dc2/x"
STREAM, CONFIGURATION = "log-group:/a:log-stream:1", "application/a/environment/b/configuration/c"


def _asks(who: Who, service: str | None, action: str, resource: str, owner: str = "ours") -> Asked:
    return lambda here: here.ask(who, action, resource, service, owner)


def _mints(
    service: str | None, asked: tuple[str, str] = (MINT, OWN), granted: str | None = OWN, owner: str = "ours"
) -> Asked:
    def case(here: Networked) -> Case:
        session = here.gate.session_policy(granted) if granted else None
        return here.ask(here.minting(session), *asked, service)

    return case


def _calls(path: str) -> Asked:
    def case(here: Networked) -> Case:
        policy = here.network.resources["ExecuteApiEndpoint"]["Properties"]["PolicyDocument"]
        return here.gate.call(Signer(None), f"gate/{path}", here.endpoint("execute-api"), policy)

    return case


_ALLOWED: dict[str, Asked] = {
    "the gate mints through the endpoint of sagemaker.api": _mints("sagemaker.api"),
    "a URL is used through the endpoint of Studio": _mints("studio"),
    "a notebook is minted for": _mints("sagemaker.api", NOTEBOOK_URL, None),
    "a notebook's URL is used through the endpoint of notebooks": _mints("notebook", NOTEBOOK_URL, None),
    "a tracking server's URL is used through the endpoint of experiments": _mints("experiments", SERVER_URL, None),
    "MLflow's pages are shown through the endpoint of experiments": _mints("experiments", PAGES, None),
    "runs are searched through the endpoint of experiments": _mints("experiments", RUNS, None),
    "the gate looks at profiles": lambda here: here.ask(
        here.directory(), "sagemaker:DescribeUserProfile", OWN, "sagemaker.api"
    ),
    "a bearer of a token calls the API": _calls("GET/jwt/url"),
    "a person opens the portal in a browser": _calls("GET/open"),
    "an app is started from Studio": _asks(EXECUTION, "studio", "sagemaker:CreateApp", APP),
    "an app is started through the API": _asks(EXECUTION, "sagemaker.api", "sagemaker:CreateApp", APP),
    "a notebook trains": _asks(EXECUTION, "sagemaker.api", "sagemaker:CreateTrainingJob", arn("training-job/x")),
    "a notebook lists domains": _asks(EXECUTION, "sagemaker.api", "sagemaker:ListDomains", "*"),
    "a notebook reads JumpStart's hub": _asks(EXECUTION, "sagemaker.api", "sagemaker:DescribeHubContent", HUB, "AWS's"),
    "a notebook invokes a model": _asks(EXECUTION, "sagemaker.runtime", "sagemaker:InvokeEndpoint", MODEL),
    "a notebook searches runs": _asks(EXECUTION, "experiments", *RUNS),
    "an execution role assumes another": _asks(EXECUTION, "sts", "sts:AssumeRole", DATA),
    "an execution role assumes a member's": _asks(
        EXECUTION, "sts", "sts:AssumeRole", DATA.replace(HERE.id, MEMBER), "a member's"
    ),
    "a notebook writes its logs": _asks(EXECUTION, "logs", "logs:PutLogEvents", of("logs", STREAM)),
    "a notebook reads its bucket": _asks(EXECUTION, "s3", "s3:GetObject", BUCKET),
    "a notebook reads a member's bucket": _asks(EXECUTION, "s3", "s3:GetObject", BUCKET, "a member's"),
    "a member's notebook reads our bucket": _asks(MEMBERS_EXECUTION, "s3", "s3:GetObject", BUCKET),
    "a notebook reads JumpStart's models": _asks(EXECUTION, "s3", "s3:GetObject", JUMPSTART, "AWS's"),
    "a host installs packages without signing": _asks(NOBODY, "s3", "s3:GetObject", PACKAGE, "AWS's"),
    "a secret is read": _asks(EXECUTION, "secretsmanager", "secretsmanager:GetSecretValue", SECRET),
    "a configuration is read": _asks(
        EXECUTION,
        "appconfigdata",
        "appconfig:GetLatestConfiguration",
        of("appconfig", CONFIGURATION),
    ),
    "an instance opens its channel": _asks(EXECUTION, "ssmmessages", *CHANNEL),
    "an instance asks for messages": _asks(EXECUTION, "ec2messages", *MESSAGES),
    "an instance reads a document of AWS's": _asks(EXECUTION, "ssm", "ssm:GetDocument", DOCUMENT, "AWS's"),
    "an instance reads a parameter of AWS's": _asks(EXECUTION, "ssm", "ssm:GetParameter", IMAGE, "AWS's"),
}
_DENIED: dict[str, Asked] = {
    **{
        f"an execution role that may do everything mints nothing through {service}: {action}": _asks(
            EXECUTION, service, action, resource
        )
        for service in ("sagemaker.api", "studio", "notebook", "experiments", "sagemaker.runtime", "sts")
        for action, resource in MINTED
    },
    "a member's role mints nothing of its own account's": _asks(
        MEMBERS_EXECUTION, "sagemaker.api", MINT, OWN.replace(HERE.id, MEMBER), "a member's"
    ),
    "a stranger mints nothing of its own": _asks(STRANGERS, "sagemaker.api", MINT, THEIRS, "a stranger's"),
    "a stranger uses no Studio of its own": _asks(STRANGERS, "studio", MINT, THEIRS, "a stranger's"),
    "a stranger's namesake of the minting role mints nothing": _asks(
        NAMESAKE, "sagemaker.api", MINT, THEIRS, "a stranger's"
    ),
    "the directory role mints nothing": lambda here: here.ask(here.directory(), MINT, OWN, "sagemaker.api"),
    "the gate mints for no other profile than that of the session": _mints("sagemaker.api", granted=BOBS),
    "the gate mints for no domain that is not its own": _mints("sagemaker.api", (MINT, ELSEWHERE), ELSEWHERE),
    "a URL is of no use through another endpoint": _mints("another"),
    "a URL is of no use on the internet": _mints(None),
    "a URL is of no use through an endpoint that serves nothing of the kind": _mints("sagemaker.runtime"),
    "a minting session starts no app": _mints("studio", ("sagemaker:CreateApp", APP), None),
    "another API is not called": _asks(
        NOBODY, "execute-api", "execute-api:Invoke", of("execute-api", "0123456789/gate/GET/jwt/url")
    ),
    "a stranger reads nothing of its own": _asks(STRANGERS, "s3", "s3:GetObject", BUCKET, "a stranger's"),
    "a stranger reads nothing of ours": _asks(STRANGERS, "s3", "s3:GetObject", BUCKET),
    "a notebook writes to no stranger's bucket": _asks(EXECUTION, "s3", "s3:PutObject", BUCKET, "a stranger's"),
    "nobody writes to a bucket of AWS's": _asks(NOBODY, "s3", "s3:PutObject", PACKAGE, "AWS's"),
    "a notebook reads no bucket of AWS's that is not named": _asks(EXECUTION, "s3", "s3:GetObject", BUCKET, "AWS's"),
    "nobody unknown reads JumpStart's models": _asks(NOBODY, "s3", "s3:GetObject", JUMPSTART, "AWS's"),
    "a stranger reads no hub": _asks(STRANGERS, "sagemaker.api", "sagemaker:DescribeHubContent", HUB, "AWS's"),
    "a notebook changes no hub of AWS's": _asks(EXECUTION, "sagemaker.api", "sagemaker:DeleteHubContent", HUB, "AWS's"),
    "an execution role assumes no stranger's": _asks(
        EXECUTION, "sts", "sts:AssumeRole", DATA.replace(HERE.id, STRANGER), "a stranger's"
    ),
    "a stranger assumes nothing of its own": _asks(
        STRANGERS, "sts", "sts:AssumeRole", DATA.replace(HERE.id, STRANGER), "a stranger's"
    ),
    "a stranger writes no logs of its own": _asks(
        STRANGERS, "logs", "logs:PutLogEvents", of("logs", STREAM, STRANGER), "a stranger's"
    ),
    "a notebook reads no stranger's secret": _asks(
        EXECUTION, "secretsmanager", "secretsmanager:GetSecretValue", SECRET.replace(HERE.id, STRANGER), "a stranger's"
    ),
    "a stranger's instance opens no channel": _asks(STRANGERS, "ssmmessages", *CHANNEL, "a stranger's"),
    "a stranger's instance asks for no messages": _asks(STRANGERS, "ec2messages", *MESSAGES, "a stranger's"),
    "a stranger's instance reads no document": _asks(STRANGERS, "ssm", "ssm:GetDocument", DOCUMENT, "AWS's"),
    "an instance runs no document of AWS's": _asks(EXECUTION, "ssm", "ssm:SendCommand", DOCUMENT, "AWS's"),
    "a stranger sees no pages of MLflow": _asks(STRANGERS, "experiments", *PAGES, "a stranger's"),
    "an endpoint serves no other service": _asks(EXECUTION, "sagemaker.api", "s3:GetObject", BUCKET),
}
EXPECTATIONS: dict[str, tuple[Asked, bool]] = {
    said: (asked, table is _ALLOWED) for table in (_ALLOWED, _DENIED) for said, asked in table.items()
}
