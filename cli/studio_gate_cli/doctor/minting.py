"""The gate's roles: whom they trust, what they may do and from where, and who is revoked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from studio_gate_cli.doctor.asking import Json, MissingError
from studio_gate_cli.doctor.findings import Finding, NotProven, Told, broken, note, warning
from studio_gate_cli.doctor.passing import known
from studio_gate_cli.doctor.patient import Patient
from studio_gate_cli.doctor.rules import Answer, Ask, answer
from studio_gate_cli.revocations import PREFIX, Found

MISSING = broken(
    "role-missing",
    "A role that the function assumes is not there.",
    "Deploy the stack again; if somebody deleted the role by hand, delete the stack's and make it anew.",
)
NOT_TRUSTED = broken(
    "trust-refuses-function",
    "The role's trust policy does not let the function assume it through the sts endpoint.",
    "Deploy the stack again; an AROA… id in the policy means that the function's role was made anew since.",
)
TRUSTED_ELSEWHERE = warning(
    "trust-open-elsewhere",
    "The role's trust policy lets the function's role assume it from outside the sts endpoint.",
    "Put the StringEquals on aws:SourceVpce back into the role's trust policy: deploy the stack again.",
)
MAY_NOT_ASSUME = broken(
    "function-may-not-assume",
    "The function's own role may not assume one of the gate's roles through the sts endpoint.",
    "Deploy the stack again; then look for a Deny among the policies of the function's role.",
)
REFUSED = broken(
    "role-refused-through-endpoint",
    "The policies of a role refuse what it is for through an endpoint of the gate: two Denies that name one each, as a "
    "rule.",
    "Name every endpoint in one list of one StringNotEquals, as template.yaml does, and deploy.",
)
ALLOWED_ELSEWHERE = broken(
    "role-allowed-elsewhere",
    "The policies of a role let what it is for through from outside the endpoints: a stolen URL opens anywhere.",
    "Put the Deny on StringNotEquals aws:SourceVpce back: deploy the stack again.",
)
BOUNDED = broken(
    "boundary-refuses",
    "The permissions boundary of a role does not allow what the role is for.",
    "Allow the action in the permissions boundary, or give the stack another boundary.",
)
EVERYBODY_REVOKED = warning(
    "everybody-revoked",
    "A revocation of everybody is on the minting role: nobody can launch.",
    "If that is over, lift it: studio-gate revoke --stack NAME --lift all.",
)
REVOKED = note(
    "revoked",
    "A revocation of a caller, or of sessions that had begun, is on the minting role.",
    "Nothing, if it is meant; studio-gate revoke --stack NAME --list says who, and --lift ends it.",
)
FAULTS = (
    *(MISSING, NOT_TRUSTED, TRUSTED_ELSEWHERE, MAY_NOT_ASSUME, REFUSED, ALLOWED_ELSEWHERE, BOUNDED),
    *(EVERYBODY_REVOKED, REVOKED),
)
# Somebody's, and no endpoint that anybody could have named.
_ELSEWHERE = "vpce-00000000000000000"


@dataclass(frozen=True, slots=True)
class _Role:
    """A role with its policies; what it may do is asked without its revocations."""

    name: str
    arn: str
    trust: Json
    policies: tuple[Json, ...]
    boundary: tuple[Json, ...]
    revocations: tuple[Found, ...]


def look(patient: Patient) -> Told:
    """Look at the roles that the function assumes, and at its own."""
    own = _read(patient, str(patient.deployed()["Role"]).rpartition("/")[2])
    if own is None:
        yield MISSING.at(str(patient.deployed()["Role"]).rpartition("/")[2], "the function's own role is not there")
    for variable in ("MINTING_ROLE_ARN", "DIRECTORY_ROLE_ARN"):
        name = patient.role(variable)
        role = _read(patient, name) if name else None
        if role is None:
            yield MISSING.at(name or variable, "the function assumes it, and it is not there")
            continue
        yield from _assumed(patient, role, own)
        yield from _may(patient, role, minting=variable == "MINTING_ROLE_ARN")
        for one in role.revocations:
            fault = EVERYBODY_REVOKED if one.name == "all" else REVOKED
            yield fault.at(role.name, f"{one.whom}, since {one.since or 'some time'}")


def _assumed(patient: Patient, role: _Role, own: _Role | None) -> Told:
    """Ask whether the function may become the role through the sts endpoint, and nowhere else."""
    function = str(patient.deployed()["Role"])
    for sts in patient.endpoint_ids("StsEndpointId"):
        context = known(patient, function) | {"aws:sourcevpce": sts, "sts:sourceidentity": "doctor-0123456789abcdef"}
        context |= {"lambda:sourcefunctionarn": patient.function_arn}
        trust = Ask("sts:AssumeRole", role.arn, function, context)
        trusted = answer([role.trust], trust)
        yield from _must_be(Answer.YES, trusted, NOT_TRUSTED.at(role.name, f"it refuses the function through {sts}"))
        elsewhere = replace(trust, context=_from_elsewhere(context))
        if trusted is Answer.YES and answer([role.trust], elsewhere) is Answer.YES:
            yield TRUSTED_ELSEWHERE.at(role.name, "it trusts the function from anywhere")
        if own is not None:
            asked = replace(trust, principal=None)
            found = MAY_NOT_ASSUME.at(own.name, f"sts:AssumeRole on {role.name} through {sts} is refused")
            yield from _must_be(Answer.YES, answer(own.policies, asked), found)
            yield from _bounded(own, asked)


def _may(patient: Patient, role: _Role, *, minting: bool) -> Told:
    """Ask whether the role may do what it is for, on each domain, through each endpoint and nowhere else."""
    through = patient.endpoint_ids("SageMakerApiEndpointId")
    action, names = "sagemaker:DescribeUserProfile", through
    if minting:
        action, names = "sagemaker:CreatePresignedDomainUrl", through + patient.endpoint_ids("StudioEndpointId")
    for profile in [arn.removesuffix("*") + "anybody" for arn in patient.listed("StudioProfileArns")]:
        asked = Ask(action, profile, None, known(patient, role.arn))
        where = profile.split("/")[1]
        for name in names:
            one = replace(asked, context={**asked.context, "aws:sourcevpce": name})
            found = REFUSED.at(role.name, f"{action} in {where} through {name} is refused")
            yield from _must_be(Answer.YES, answer(role.policies, one), found)
        yield from _bounded(
            role, replace(asked, context={**asked.context, "aws:sourcevpce": names[0] if names else None})
        )
        for context in (_from_elsewhere(asked.context), {**asked.context, "aws:sourcevpce": None}):
            if answer(role.policies, replace(asked, context=context)) is Answer.YES:
                yield ALLOWED_ELSEWHERE.at(role.name, f"{action} in {where} is allowed from anywhere")
                break


def _from_elsewhere(context: Mapping[str, str | None]) -> dict[str, str | None]:
    return {**context, "aws:sourcevpce": _ELSEWHERE, "aws:sourcevpc": "vpc-00000000000000000"}


def _bounded(role: _Role, asked: Ask) -> Told:
    if role.boundary:
        found = BOUNDED.at(role.name, f"its permissions boundary refuses {asked.action}")
        yield from _must_be(Answer.YES, answer(role.boundary, asked), found)


def _must_be(wanted: Answer, decided: Answer, found: Finding) -> Told:
    if decided is Answer.UNKNOWN:
        yield NotProven(found.about, f"there are conditions that are not known here: perhaps {found.found}")
    elif decided is not wanted:
        yield found


def _read(patient: Patient, name: str) -> _Role | None:
    """Return a role with every policy that it has; None if it is not there."""
    try:
        role = patient.ask("iam:GetRole", RoleName=name)["Role"]
    except MissingError:
        return None
    ask = partial(patient.ask, RoleName=name)
    inline = {
        one: ask("iam:GetRolePolicy", PolicyName=one)["PolicyDocument"]
        for one in ask("iam:ListRolePolicies")["PolicyNames"]
    }
    managed = [one["PolicyArn"] for one in ask("iam:ListAttachedRolePolicies")["AttachedPolicies"]]
    bounds = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    own = (document for policy, document in inline.items() if not policy.startswith(PREFIX))
    return _Role(
        name=name,
        arn=str(role["Arn"]),
        trust=role["AssumeRolePolicyDocument"],
        policies=(*own, *_managed(patient, managed)),
        boundary=(*_managed(patient, [bounds] if bounds else []),),
        revocations=tuple(
            Found(policy.removeprefix(PREFIX), document)
            for policy, document in inline.items()
            if policy.startswith(PREFIX)
        ),
    )


def _managed(patient: Patient, arns: list[str]) -> Iterator[Json]:
    for arn in arns:
        version = patient.ask("iam:GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document: Json = patient.ask("iam:GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"][
            "Document"
        ]
        yield document
