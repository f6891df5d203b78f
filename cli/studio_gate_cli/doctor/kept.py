"""The secrets of sign-in: whether each is there and can be read by the function. None is ever printed."""

import re
from collections.abc import Iterator

from studio_gate_cli.doctor.asking import Json, MissingError
from studio_gate_cli.doctor.findings import Finding, Told, broken, warning
from studio_gate_cli.doctor.patient import Patient

MISSING = broken(
    "secret-missing",
    "A parameter or secret of SecretArns is not there.",
    "Make it under that name (docs/sign-in.md), or correct SecretArns and gate.toml, and deploy.",
)
GOING = broken(
    "secret-being-deleted",
    "A secret of SecretArns is being deleted.",
    "Take it back: aws secretsmanager restore-secret --secret-id NAME.",
)
PLAIN = warning(
    "secret-in-the-clear",
    "A parameter of SecretArns is a String or StringList, which is kept unencrypted.",
    "Put it again as a SecureString, and rotate what it holds.",
)
OTHER_KEY = broken(
    "secret-under-another-key",
    "A secret is encrypted under a KMS key of your own that is not SecretsKeyArn, so that the function cannot read it.",
    "Give the stack the key's ARN as SecretsKeyArn, or encrypt the secret under that one.",
)
MALFORMED = broken(
    "sealing-keys-malformed",
    "The sealing keys are not 1 to 8 lines of id:key, each key 32 bytes in base64url.",
    "Write them as docs/sign-in.md says, newest first.",
)
FAULTS = (MISSING, GOING, PLAIN, OTHER_KEY)
READ_FAULTS = (MALFORMED,)
# As the gate reads them (its `identity.seals`): 32 bytes, with or without padding.
_LINE = re.compile(r"([A-Za-z0-9._-]{1,32}):[A-Za-z0-9_-]{43}=?")
_MOST_KEYS = 8
_SECRET = re.compile(r"(?P<name>.+)-(?:[A-Za-z0-9]{6}|[?]{6})")


def look(patient: Patient) -> Told:
    """Look at what is known of each secret without reading it."""
    if patient.declared("SealingKeys") == "made":
        yield from _of_manager(patient, f"{patient.stack['StackName']}/sealing-keys")
    for arn in patient.listed("SecretArns"):
        service, name = _named(arn)
        yield from (_of_ssm if service == "ssm" else _of_manager)(patient, name)


def look_within(patient: Patient) -> Told:
    """Read the sealing keys, which gate.toml names, and look whether the gate could."""
    named = (patient.given.config or {}).get("sign_in", {}).get("sealing_keys", "")
    service, _, name = named.partition(":")
    if not name:
        return
    try:
        if service == "ssm":
            text = patient.ask("ssm:GetParameter", Name=name, WithDecryption=True)["Parameter"]["Value"]
        else:
            text = patient.ask("secretsmanager:GetSecretValue", SecretId=name).get("SecretString", "")
    except MissingError:
        # It has been told, if it is the stack's.
        return
    if not _are_sealing_keys(text):
        yield MALFORMED.at(name, "it does not hold sealing keys")


def _are_sealing_keys(text: str) -> bool:
    found = [_LINE.fullmatch(line.strip()) for line in text.strip().splitlines()]
    ids = {one[1] for one in found if one}
    return 0 < len(ids) == len(found) <= _MOST_KEYS


def _named(arn: str) -> tuple[str, str]:
    """Return the service and the name of a secret; that of Secrets Manager without the characters that it adds."""
    _, _, service, _, _, rest = arn.split(":", 5)
    if service == "ssm":
        return service, rest.removeprefix("parameter")
    name = rest.removeprefix("secret:")
    return service, found["name"] if (found := _SECRET.fullmatch(name)) else name


def _of_ssm(patient: Patient, name: str) -> Iterator[Finding]:
    # A name without a path has no slash, and its ARN one all the same.
    names = [name, name[1:]]
    wanted = [{"Key": "Name", "Option": "Equals", "Values": names}]
    found = patient.ask("ssm:DescribeParameters", ParameterFilters=wanted)["Parameters"]
    if not found:
        yield MISSING.at(name, "there is no such parameter")
    for one in found:
        if one["Type"] != "SecureString":
            yield PLAIN.at(name, f"it is a {one['Type']}")
        else:
            yield from _key(patient, name, one)


def _of_manager(patient: Patient, name: str) -> Iterator[Finding]:
    try:
        found = patient.ask("secretsmanager:DescribeSecret", SecretId=name)
    except MissingError:
        yield MISSING.at(name, "there is no such secret")
        return
    if "DeletedDate" in found:
        yield GOING.at(name, f"it goes on {found['DeletedDate']:%Y-%m-%d}")
    yield from _key(patient, name, {"KeyId": found.get("KmsKeyId", "")})


def _key(patient: Patient, name: str, one: Json) -> Iterator[Finding]:
    """Compare keys by their ids; AWS's own need no permission, and behind an alias of one's own is who knows what."""
    key, own = str(one.get("KeyId", "")), patient.declared("SecretsKeyArn")
    if key and "alias/" not in key and key.rpartition("/")[2] != own.rpartition("/")[2]:
        yield OTHER_KEY.at(name, f"its key is {key.rpartition('/')[2]}")
