"""What the two services' roles may do: the one that rotates sealing keys, and the one that moves the alias."""

from collections.abc import Iterator
from functools import cache
from itertools import product

from localaws.policy import Ask, Policies
from tests.policy.world import LEFT_TO_THE_ACCOUNT, Case, World, session_of
from tests.stack.given import MADE
from tests.stack.stacks import EXAMPLE, HERE, SECRETS, create, source

_SECRET = f"arn:aws:secretsmanager:{HERE.region}:{HERE.id}:secret"
OWN, OTHER = f"{_SECRET}:studio-gate/sealing-keys-a1B2c3", f"{_SECRET}:studio-gate/client-AbC12d"
KEY = SECRETS["SecretsKeyArn"]
VIA_MANAGER, VIA_SSM = (f"{service}.{HERE.region}.amazonaws.com" for service in ("secretsmanager", "ssm"))
ROTATION, GATE = "studio-gate-rotation", "studio-gate"
_FUNCTION = f"arn:aws:lambda:{HERE.region}:{HERE.id}:function"
LIVE = f"{_FUNCTION}:{GATE}:live"
MINTING = f"arn:aws:iam::{HERE.id}:role/studio-gate-minting"
INTERFACE = f"arn:aws:ec2:{HERE.region}:{HERE.id}:network-interface/eni-0123456789abcdef0"

ON_SECRETS = (
    *(f"secretsmanager:{one}" for one in ("DescribeSecret", "GetSecretValue", "PutSecretValue")),
    *(f"secretsmanager:{one}" for one in ("UpdateSecretVersionStage", "DeleteSecret", "RotateSecret", "UpdateSecret")),
)
ON_OTHERS = (
    ("sts:AssumeRole", MINTING),
    ("ssm:GetParameter", f"arn:aws:ssm:{HERE.region}:{HERE.id}:parameter/studio-gate/sealing-keys"),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE.region}:{HERE.id}:log-group:/aws/lambda/{ROTATION}:log-stream:1"),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE.region}:{HERE.id}:log-group:/aws/lambda/{GATE}:log-stream:1"),
    ("ec2:CreateNetworkInterface", INTERFACE),
    ("ec2:DescribeNetworkInterfaces", "*"),
)
DEPLOYED = (
    *product(("lambda:GetAlias", "lambda:UpdateAlias"), (LIVE, f"{_FUNCTION}:{GATE}", f"{_FUNCTION}:{ROTATION}")),
    ("lambda:UpdateAlias", f"{_FUNCTION}:{GATE}-2"),
    ("lambda:UpdateFunctionCode", f"{_FUNCTION}:{GATE}"),
    ("lambda:InvokeFunction", LIVE),
    ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{HERE.region}:{HERE.id}:alarm:studio-gate-ApiFaults-1A2B3C"),
    ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:us-east-1:{HERE.id}:alarm:studio-gate-ApiFaults-1A2B3C"),
    ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HERE.region}:{HERE.id}:alarm:studio-gate-ApiFaults-1A2B3C"),
)


@cache
def world() -> World:
    """A stack that makes its sealing keys, under a key of one's own."""
    return World(create(source(), EXAMPLE | SECRETS | MADE))


def by(role: str, action: str, resource: str, function: str | None = None, via: str | None = None) -> Case:
    """A role's session asks; `function` is whose code does, `via` the service that asks KMS for it."""
    context = {"kms:ViaService": via} if via else {}
    context |= {"lambda:SourceFunctionArn": f"{_FUNCTION}:{function}"} if function else {}
    principal = session_of(HERE.id, f"studio-gate-{role}", "it")
    key_policy = LEFT_TO_THE_ACCOUNT if action.startswith("kms:") else None
    said = f"{role}: {action} on {resource} by the code of {function} via {via}"
    return Case(said, Ask(action, resource, principal, context), Policies(world().role(role)[0], resource=key_policy))


def rotating() -> Iterator[Case]:
    """Every case of both roles, and of the gate's own on the keys that the stack makes."""
    functions = (ROTATION, GATE, None)
    for action, resource, function in product(ON_SECRETS, (OWN, OTHER), functions):
        yield by("RotationRole", action, resource, function)
        yield by("FunctionRole", action, resource, function)
    for (action, resource), function in product(ON_OTHERS, functions):
        yield by("RotationRole", action, resource, function)
    keys = (KEY, KEY.replace("1234abcd", "4321dcba"))
    for action, key, via in product(
        ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"), keys, (VIA_MANAGER, VIA_SSM, None)
    ):
        yield by("RotationRole", action, key, via=via)
    for action, resource in DEPLOYED:
        yield by("DeploymentRole", action, resource)
