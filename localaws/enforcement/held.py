"""The roles in moto's IAM, where their inline policies can be read and changed while they are enforced."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from moto.iam.models import IAMBackend, iam_backends
from moto.iam.models import Role as HeldRole

from localaws.enforcement.stack import Role
from localaws.policy import Document

_LONGEST_SESSION = "3600"


@contextmanager
def held(roles: Iterable[Role]) -> Iterator[None]:
    """Let IAM have these roles with their inline policies, in place of others of the same names, until the end."""
    put = [(_backend(role), *_put(role)) for role in roles]
    try:
        yield
    finally:
        for backend, made, before in put:
            # After a reset there is nothing to give back.
            if backend.roles.pop(made, None):
                backend.roles.update(before)


def policies_of(role: Role) -> tuple[Document, ...]:
    """Return a role's inline policies as IAM has them now; after a reset of moto, as they were at first."""
    found = next((one for one in list(_backend(role).roles.values()) if one.arn == role.arn), None)
    if found is None:
        return tuple(role.policies.values())
    return tuple(json.loads(document) for document in list(found.policies.values()))


def arn_of(name: str, account: str, partition: str) -> str:
    """Return the ARN of a role of an account, with its path if IAM has it."""
    found = (one.arn for one in list(iam_backends[account][partition].roles.values()) if one.name == name)
    return str(next(found, f"arn:{partition}:iam::{account}:role/{name}"))


def _backend(role: Role) -> IAMBackend:
    backend: IAMBackend = iam_backends[role.account][role.arn.split(":")[1]]
    return backend


def _put(role: Role) -> tuple[str, dict[str, HeldRole]]:
    """Return the id of the role that was made, and those that had its name before."""
    backend = _backend(role)
    before = {one: found for one, found in list(backend.roles.items()) if found.name == role.name}
    for one in before:
        del backend.roles[one]
    path = f"/{role.arn.split(':', 5)[5].removeprefix('role/').removesuffix(role.name)}"
    made = backend.create_role(
        role_name=role.name,
        assume_role_policy_document=json.dumps(role.trust),
        path=path,
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration=_LONGEST_SESSION,
    )
    for name, document in role.policies.items():
        made.put_policy(name, json.dumps(document))
    return made.id, before
