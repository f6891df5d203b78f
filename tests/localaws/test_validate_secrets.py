"""`make check` holds the secrets that gate.toml names against those that the function may read."""

from pathlib import Path

import pytest

from benchmarks.modules import without_providers
from tests.localaws.test_validate import changed

KEYS = "arn:aws:ssm:eu-central-1:111122223333:parameter/studio-gate/sealing-keys"
BROKEN = {
    "sealing keys that the function may not read": (
        "gate.toml",
        "ssm:/studio-gate/sealing-keys",
        "ssm:/studio-gate/sealing-keys-2",
        "samconfig.toml: SecretArns lacks ssm:/studio-gate/sealing-keys-2, which gate.toml's sign_in names",
    ),
    "sealing keys of another account": (
        "samconfig.toml",
        "111122223333:parameter/",
        "444455556666:parameter/",
        "samconfig.toml: SecretArns lacks ssm:/studio-gate/sealing-keys",
    ),
    "a client secret that the function may not read": (
        "gate.toml",
        'flow = "form_post"',
        'flow = "form_post"\nclient_secret = "secretsmanager:studio-gate/client"',
        "samconfig.toml: SecretArns lacks secretsmanager:studio-gate/client",
    ),
    "a secret that nobody names": (
        "samconfig.toml",
        "SecretArns=",
        "SecretArns=arn:aws:ssm:eu-central-1:111122223333:parameter/other,",
        "samconfig.toml: SecretArns has arn:aws:ssm:eu-central-1:111122223333:parameter/other: gate.toml names no such",
    ),
    "every parameter for secrets": (
        "samconfig.toml",
        "parameter/studio-gate/sealing-keys",
        "parameter/studio-gate/*",
        "samconfig.toml: SecretArns=arn:aws:ssm:eu-central-1:111122223333:parameter/studio-gate/* must be AllowedPatt",
    ),
    "sealing keys that the stack makes and nobody names": (
        "samconfig.toml",
        "SecretArns=",
        'SealingKeys=made",\n  "SecretArns=',
        "samconfig.toml: SealingKeys=made makes secretsmanager:studio-gate/sealing-keys, which gate.toml's sign",
    ),
    "a key for no secret": (
        "samconfig.toml",
        "SecretArns=arn:aws:ssm:eu-central-1:111122223333:parameter/studio-gate/sealing-keys",
        "SecretsKeyArn=arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "samconfig.toml: SecretsKeyArn has a key, and SecretArns nothing to decrypt",
    ),
}


@pytest.mark.parametrize(("name", "before", "after", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_broken(folder: Path, name: str, before: str, after: str, said: str) -> None:
    found = changed(folder, name, before, after)
    assert any(line.startswith(said) for line in found), found


def test_sealing_keys_that_the_stack_makes_need_no_arn(folder: Path) -> None:
    changed(folder, "gate.toml", "ssm:/studio-gate/sealing-keys", "secretsmanager:studio-gate/sealing-keys")
    assert changed(folder, "samconfig.toml", f"SecretArns={KEYS}", "SealingKeys=made") == []
    assert changed(folder, "samconfig.toml", "SealingKeys=made", "SealingKeys=own") != []


MANAGER = "arn:aws:secretsmanager:eu-central-1:111122223333:secret"
NAMED = {
    "by its name, the ARN with its suffix": ("client", f"{MANAGER}:client-AbC12d", True),
    "by its name, the ARN with any suffix": ("client", f"{MANAGER}:client-??????", True),
    "by its ARN": (f"{MANAGER}:client-AbC12d", f"{MANAGER}:client-AbC12d", True),
    "by its ARN, with any suffix": (f"{MANAGER}:client-AbC12d", f"{MANAGER}:client-??????", True),
    "by its ARN without the suffix": (f"{MANAGER}:client", f"{MANAGER}:client-AbC12d", True),
    "by its ARN without the suffix, with any": (f"{MANAGER}:client", f"{MANAGER}:client-??????", True),
    "by a name that ends as with a suffix": ("studio-client", f"{MANAGER}:studio-client-??????", True),
    "by a name that ends as with a suffix, the ARN without one": (
        "studio-client",
        f"{MANAGER}:studio-client",
        False,
    ),
    "another name": ("client", f"{MANAGER}:client-2-??????", False),
    "another suffix": (f"{MANAGER}:client-AbC12d", f"{MANAGER}:client-XyZ98w", False),
    "another account's": ("client", f"{MANAGER.replace('111122223333', '444455556666')}:client-??????", False),
    "another region's": ("client", f"{MANAGER.replace('eu-central-1', 'us-east-1')}:client-??????", False),
    "a parameter of that name": ("client", "arn:aws:ssm:eu-central-1:111122223333:parameter/client", False),
}


@pytest.mark.parametrize(("name", "arn", "fits"), NAMED.values(), ids=NAMED.keys())
def test_a_secret_of_secrets_manager_is_known_by_name_and_arn(folder: Path, name: str, arn: str, fits: bool) -> None:  # noqa: FBT001 - a column
    changed(folder, "samconfig.toml", "SecretArns=", f"SecretArns={arn},")
    found = changed(
        folder, "gate.toml", 'flow = "form_post"', f'flow = "form_post"\nclient_secret = "secretsmanager:{name}"'
    )
    assert (found == []) is fits, found


def test_without_sign_in_no_secret_is_asked_for(folder: Path) -> None:
    without_providers(folder / "without")
    # Nobody gives the group of the leads then.
    assert changed(folder / "without", "policies.cedar", 'Group::"leads"', 'Group::"tools"') == [
        f"samconfig.toml: SecretArns has {KEYS}: gate.toml names no such secret"
    ]
    assert changed(folder / "without", "samconfig.toml", f'  "SecretArns={KEYS}",\n', "") == []
