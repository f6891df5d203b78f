"""What the parts of the configuration must be to each other: each raises `ValueError` that says what does not fit."""

from collections.abc import Collection, Container, Iterable, Mapping

from studio_gate.destination_config import AnyDestination, StudioDestination
from studio_gate.fields import unique


def check_limits(destination: AnyDestination, groups: Collection[str]) -> None:
    """Pass when each limit is for a group that somebody can be in; one that is misspelt would limit nobody."""
    for limit in destination.limits:
        if limit.group not in groups:
            raise ValueError(
                f"{destination.name}: a limit is for the group {limit.group!r}, which nobody is given: the groups are "
                f"{', '.join(sorted(groups)) or 'none'}"
            )


def check_claims(where: StudioDestination, sources: Mapping[str, Container[str]]) -> None:
    """Pass when each provider of a claim is there and has it; `sources` are the claims of all there are, by name."""
    for field in ("profile_from", "profile_tagged", "owner_tag"):
        claim, entry = getattr(where, field), f"{where.name}: {field}"
        for provider in claim.providers if claim else ():
            if provider not in sources:
                raise ValueError(
                    f"{entry}: {provider!r} is no issuer, proxy, sign-in or role with trust_session_name, which are "
                    f"{', '.join(sorted(sources)) or 'none'}"
                )
            if claim.claim not in sources[provider]:
                raise ValueError(f"{entry}: {provider!r} says nothing of {claim.claim!r}: give it claims.{claim.claim}")
        unique(f"{entry}: providers", claim.providers if claim else ())


def check_making(where: StudioDestination) -> None:
    """Pass when a profile can be made as configured, and is its owner's then."""
    made = where.create_profile
    if made is None:
        return
    if (account := made.execution_role.split(":")[4]) != where.account:
        raise ValueError(f"{where.name}: create_profile: execution_role is of account {account}, not {where.account}")
    if where.owner_tag is not None and where.owner_tag.tag in made.tags:
        raise ValueError(
            f"{where.name}: create_profile: the tag {where.owner_tag.tag!r} is the owner's, not one for all"
        )


def no_role_for(
    destination: AnyDestination, region: str, directory_role: str | None, making_role: str | None
) -> str | None:
    """Say which role is missing, or of another account, of those that describe a domain and make its profiles.

    The stack's own are for its own `region` and endpoints.
    """
    domain, account = destination.domain, destination.account
    if domain is None:
        return None
    if domain.region != region:
        directory_role = making_role = None
    needed = domain.profile_tagged or domain.owner_tag or domain.create_profile
    role = domain.directory_role or directory_role
    if (domain.directory_role or needed) and not _is_of(role, account):
        return f"no role of account {account} can describe it: give directory_role, one of {account}"
    if domain.create_profile and not _is_of(making_role, account):
        return (
            f"create_profile: the stack has no role that makes profiles in account {account} and {domain.region}: "
            "ProfileExecutionRoleArns gives it one, in its own"
        )
    return None


def _is_of(role: str | None, account: str) -> bool:
    return role is not None and role.split(":")[4] == account


def wrong_endpoints(endpoint_ids: Iterable[str], others: Iterable[str]) -> str | None:
    """Say which endpoints of a destination are given twice, or are those that the gate itself is called through."""
    given = tuple(endpoint_ids)
    if both := sorted(set(given) & set(others)):
        return f"endpoint_ids must not be those of execute-api: {', '.join(both)}"
    if len(set(given)) < len(given):
        return "endpoint_ids must be of several services, and so differ from each other"
    return None
