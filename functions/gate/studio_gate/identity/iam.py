"""The SigV4 proof: API Gateway checked the signature and says whose it was."""

import re
from dataclasses import dataclass

from studio_gate.config import Config
from studio_gate.errors import GateError, Problem
from studio_gate.fields import ASSUMED_ROLE
from studio_gate.identity import Caller, Proof

# IAM user guide, "IAM identifiers": the principal id of a role session is role id:session name.
_PRINCIPAL_ID = re.compile(r"(?P<role_id>AROA[A-Z0-9]{12,28}):(?P<session>[A-Za-z0-9_+=,.@-]{2,64})")


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """What API Gateway's `requestContext.identity` says of the signer; nothing else counts."""

    account_id: str | None
    user_arn: str | None
    principal_id: str | None


def identify(identity: SignedIdentity, config: Config, partition: str) -> Caller:
    """Return the caller behind a SigV4 signature.

    The account, the role and the role id are AWS's word. The session name was chosen by whoever assumed the role, and
    counts only for roles that the configuration trusts with it. `GateError` 401 when there is no signer or its parts
    contradict each other, 403 when it is not a session of a trusted role.
    """
    if not (identity.account_id and identity.user_arn and identity.principal_id):
        raise GateError(Problem.NOT_PROVED, "no-signer")
    arn = ASSUMED_ROLE.fullmatch(identity.user_arn)
    if arn is None or arn["session"] is None:
        raise GateError(Problem.REFUSED, "not-an-assumed-role")
    principal = _PRINCIPAL_ID.fullmatch(identity.principal_id)
    if principal is None or principal["session"] != arn["session"] or identity.account_id != arn["account"]:
        raise GateError(Problem.NOT_PROVED, "contradictory-signer")
    role = config.iam_role(arn["account"], arn["role"])
    if role is None or arn["partition"] != partition:
        raise GateError(Problem.REFUSED, "role-not-trusted")
    if role.role_id not in (None, principal["role_id"]):
        raise GateError(Problem.REFUSED, "role-re-created")
    session = f"/{arn['session']}" if role.trust_session_name else ""
    return Caller(
        id=f"arn:{partition}:sts::{role.account}:assumed-role/{role.role}{session}",
        proof=Proof.SIGV4,
        issuer=f"arn:{partition}:iam::{role.account}:root",
        subject=identity.principal_id if session else principal["role_id"],
        label=arn["session"] if session else role.role,
        groups=frozenset(role.groups),
    )
