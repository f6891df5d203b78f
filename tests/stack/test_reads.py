"""What the function reads: secrets of sign-in, the keys that the stack makes, and a live configuration."""

import pytest

from tests.stack.given import IN_CHINA
from tests.stack.stacks import VARIANTS, Guarantee, Stack, variant
from tests.stack.test_roles import CONFIG_ACTIONS, SECRET_ACTIONS, about, function_arn, function_role


def url_suffix(stack: Stack) -> str:
    """What the names of AWS's services end with."""
    return "amazonaws.com.cn" if stack.account.partition == IN_CHINA.partition else "amazonaws.com"


def reads_the_given_secrets(stack: Stack) -> None:
    """ArnEquals does not hold when the key is absent; equality, because another operator or key might."""
    arns = sorted(stack.listed("SecretArns"))
    reads = {
        "Effect": "Allow",
        "Action": sorted(SECRET_ACTIONS),
        "Resource": arns,
        "Condition": {"ArnEquals": function_arn(stack)},
    }
    made = stack.arn("secretsmanager", f"secret:{stack.account.stack_name}/sealing-keys-a1B2c3")
    made_reads = reads | {"Action": ["secretsmanager:GetSecretValue"], "Resource": [made]}
    found = [one for one in function_role(stack) if set(one["Action"]) & SECRET_ACTIONS]
    assert found == [reads] * bool(arns) + [made_reads] * stack.makes_sealing_keys
    assert all("*" not in arn for one in found for arn in one["Resource"])
    assert not [one for one in function_role(stack) if one not in found and about("ssm:", [one])]


def reads_the_given_configuration(stack: Stack) -> None:
    """Equality, as for the secrets: who could read another, or with other code, could be told who may open what."""
    expected = []
    if source := stack.parameters["ConfigSource"]:
        application, environment, profile = source.removeprefix("appconfig:").split("/")
        path = f"application/{application}/environment/{environment}/configuration/{profile}"
        reads = {"Effect": "Allow", "Action": sorted(CONFIG_ACTIONS), "Resource": [stack.arn("appconfig", path)]}
        expected = [reads | {"Condition": {"ArnEquals": function_arn(stack)}}]
    assert about("appconfig:", function_role(stack)) == expected


def decrypts_secrets_alone(stack: Stack) -> None:
    """Through the two services alone, so that the key opens nothing else that it was used for."""
    services = [f"{name}.{stack.account.region}.{url_suffix(stack)}" for name in ("secretsmanager", "ssm")]
    key = stack.parameters["SecretsKeyArn"]
    decrypts = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": [key],
        "Condition": {"StringEquals": {"kms:ViaService": services}},
    }
    some = stack.listed("SecretArns") or stack.makes_sealing_keys
    assert about("kms:", function_role(stack)) == ([decrypts] if key and some else [])


GUARANTEES: dict[str, Guarantee] = {
    "the function's own code reads the given secrets and those of the stack, and no others": reads_the_given_secrets,
    "the function's own code reads the given configuration, and no other": reads_the_given_configuration,
    "the function decrypts with the given key alone, what holds secrets": decrypts_secrets_alone,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_what_the_function_reads(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
