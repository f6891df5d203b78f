"""The JSON that programs get, field by field: the answers are built from it, and so is the API's document."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

# RFC 3339, in UTC.
type Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
type Seconds = Annotated[int, Field(gt=0)]


class Health(TypedDict):
    """That the gate is there, and no more."""

    status: Literal["ok"]


class Launched(TypedDict):
    """A presigned URL, until when it can be opened, and what it opens until when."""

    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    expires_at: Moment
    session_expires_at: Moment
    destination: str
    profile: str | None
    space: str | None
    request_id: str


class Who(TypedDict):
    """Who is calling, as proved; groups have the names that the configuration gives them."""

    proof: Literal["sigv4", "bearer", "proxy", "session"]
    issuer: str
    subject: str
    name: str | None
    email: str | None
    groups: list[str]


class Limits(TypedDict):
    """How many seconds there are unless fewer are asked for, and the most that can be asked for."""

    default: Seconds
    maximum: Seconds


class Openable(TypedDict):
    """What the caller may open, with the profile where it has profiles; title and description are for people."""

    destination: str
    profile: str | None
    kind: Literal["studio", "notebook", "mlflow"]
    title: str
    description: str
    expires_in: Limits
    session_expires_in: Limits


class Me(TypedDict):
    """Who is calling, and what they may open; what they may not open is not listed."""

    caller: Who
    may_open: list[Openable]


class Parameter(TypedDict):
    """A parameter that was not accepted, and what would be."""

    name: str
    detail: str


class Details(TypedDict):
    """Problem details (RFC 9457): branch on `type`, which stays; `request_id` is what the platform team looks up."""

    type: str
    title: str
    status: int
    detail: str
    parameters: NotRequired[list[Parameter]]
    request_id: str
