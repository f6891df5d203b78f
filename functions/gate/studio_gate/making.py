"""The user profile of a caller who has none yet: made once, as the configuration says, before it can be opened."""

from studio_gate.authorise import Grant
from studio_gate.destination_config import StudioDestination
from studio_gate.directory import Directory
from studio_gate.errors import GateError, Problem
from studio_gate.profile_config import CreateProfile
from studio_gate.sagemaker_api import Place
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline, call

_RESERVE = 0.5
# CreateUserProfile: of two requests for one name the second is told so, and the profile is there all the same.
_MADE_ALREADY = "ResourceInUse"
_UNDER_WAY = {"Pending", "Updating"}


def make_ready(grant: Grant, sessions: Sessions, directory: Directory, deadline: Deadline) -> GateError | None:
    """Make the grant's profile if the destination has profiles made and it is not there.

    Return what to tell the caller: to come back soon while it is being prepared, or `None` where it is none of this.
    `GateError` as `upstream.call`.
    """
    profile, domain = grant.decision.target.profile, grant.decision.target.destination.domain
    if domain is None or domain.create_profile is None or profile is None:
        return None
    status = directory.status(domain, profile, deadline)
    if status is None:
        _make(domain, domain.create_profile, profile, grant, sessions, deadline)
    elif status not in _UNDER_WAY:
        return None
    return GateError(Problem.PREPARING, "profile-made" if status is None else "profile-in-the-making")


def _make(  # noqa: PLR0913, PLR0917 - all that a profile is made of
    where: StudioDestination,
    template: CreateProfile,
    profile: str,
    grant: Grant,
    sessions: Sessions,
    deadline: Deadline,
) -> None:
    tags = dict(template.tags)
    if where.owner_tag is not None and (value := where.owner_tag.value_of(grant.decision.caller)) is not None:
        tags[where.owner_tag.tag] = value
    inputs = {
        "DomainId": where.domain_id,
        "UserProfileName": profile,
        "UserSettings": {"ExecutionRole": template.execution_role},
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    }
    session = sessions.making(grant, template.execution_role, deadline)
    seconds = deadline.whole_seconds(_RESERVE)
    place, ask = Place(where.region, where.api_endpoint), sessions.sagemaker.ask
    try:
        call("sagemaker", seconds, lambda: ask(place, "CreateUserProfile", inputs, session.credentials, seconds))
    except GateError as error:
        if error.upstream != _MADE_ALREADY:
            raise
