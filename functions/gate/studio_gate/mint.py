"""From a grant to a presigned URL: with `sessions`, the only place that holds the minting role.

Each grant is minted with a session of the minting role that may do this one thing for this one profile, from the listed
endpoints. There is one attempt, and another only after a denial: after a timeout it could leave a second live URL
behind.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

from studio_gate.authorise import Grant
from studio_gate.destination_config import AnyDestination
from studio_gate.errors import GateError, Problem
from studio_gate.sagemaker_api import Place
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline, call

# What the answer needs once there is a URL, in seconds.
_ANSWER_RESERVE = 0.5
# API Gateway takes at most 10,240 bytes of headers; the others are few and short.
_LONGEST_URL = 9000
# RFC 3986's characters and no other: nothing that could end a header line or be read as another host.
_URL = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
# Only ResourceNotFound is modelled; a domain that is not in service or not in IAM mode is a ValidationException.
_NOT_READY = frozenset({"ResourceNotFound", "ValidationException"})
_DENIED = {"AccessDenied", "AccessDeniedException"}


@dataclass(frozen=True, slots=True)
class MintedUrl:
    """A presigned URL, hidden from `repr` and `str`, with what it was minted for.

    Both expiries count from just before the call. `digest` is the URL's SHA-256, for the audit record.
    """

    grant: Grant
    url: SecretStr
    digest: str
    expires_at: datetime
    session_expires_at: datetime


def mint(grant: Grant, sessions: Sessions, deadline: Deadline) -> MintedUrl:
    """Mint the presigned URL of a grant by the operation of the destination's kind (SageMaker API reference).

    `GateError` 403 when AWS denies it, as after a revocation, 409 when what is to be opened is not ready, 429 when
    throttled, 502 for anything but a URL of the destination's own host, 503 when STS or SageMaker fails, 504 when time
    runs out.
    """
    target = grant.decision.target
    now = datetime.now(UTC)
    try:
        url = _ask(grant, sessions, deadline)
    except GateError as error:
        if not _is_denial(error):
            raise
        # Nothing was minted. All sessions up to a moment may have been revoked, and a new one not.
        url = _ask_again(grant, sessions, deadline)
    digest = hashlib.sha256(str(url).encode(errors="surrogatepass")).hexdigest()
    if not isinstance(url, str) or not _is_of(url, target.destination):
        # It may open something all the same, so the audit record has its digest.
        raise GateError(Problem.UPSTREAM_NONSENSE, "not-a-studio-url", url_sha256=digest if url else None)
    return MintedUrl(
        grant=grant,
        url=SecretStr(url),
        digest=digest,
        expires_at=now + timedelta(seconds=target.expires_in),
        session_expires_at=now + timedelta(seconds=target.session_expires_in),
    )


def _ask(grant: Grant, sessions: Sessions, deadline: Deadline) -> object:
    target, where = grant.decision.target, grant.decision.target.destination
    session = sessions.assume(grant, deadline)
    seconds = deadline.whole_seconds(_ANSWER_RESERVE)
    inputs: dict[str, object] = {**where.identifiers(target.profile)}
    if where.how.expires_in[0] != where.how.expires_in[1]:
        inputs["ExpiresInSeconds"] = target.expires_in
    inputs["SessionExpirationDurationInSeconds"] = target.session_expires_in
    landing = {"SpaceName": target.landing.space_name, "LandingUri": target.landing.landing_uri}
    inputs |= {name: value for name, value in landing.items() if value is not None}
    place, ask = Place(where.region, where.api_endpoint), sessions.sagemaker.ask

    def mint_it() -> object:
        return ask(place, where.how.operation, inputs, session.credentials, seconds).get(where.how.member)

    try:
        return call("sagemaker", seconds, mint_it, _NOT_READY)
    except GateError as error:
        if error.problem is Problem.UNAVAILABLE:
            sessions.forget(session)
        raise


def _is_denial(error: GateError) -> bool:
    """Tell whether it was SageMaker, and not STS, that denied."""
    return error.reason == "sagemaker-refused" and error.upstream in _DENIED


def _ask_again(grant: Grant, sessions: Sessions, deadline: Deadline) -> object:
    try:
        return _ask(grant, sessions, deadline)
    except GateError as error:
        if not _is_denial(error):
            raise
        raise GateError(Problem.REFUSED, "minting-denied", upstream=error.upstream) from error


def _is_of(url: str, destination: AnyDestination) -> bool:
    """Tell whether it is an https URL of the destination's host, with no user, no port and no odd character."""
    try:
        netloc = urlsplit(url).netloc
    except ValueError:  # an unclosed bracket
        return False
    return len(url) <= _LONGEST_URL and _URL.fullmatch(url) is not None and destination.is_host(netloc)
