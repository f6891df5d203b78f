"""What the fields of the configuration are made of: strict models, and texts with a grammar and a length."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

# CreatePresignedDomainUrl, SageMaker API reference: UserProfileName, whose published pattern alone admits names of any
# length.
PROFILE_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
PROFILE_NAME_LENGTH = 63
DESTINATION = re.compile(r"[a-z0-9](-?[a-z0-9])*")
DESTINATION_LENGTH = 32
# IAM user guide, "IAM identifiers": the ARN of a role session has no path. Without the session, it names a role.
ASSUMED_ROLE = re.compile(
    r"arn:(?P<partition>aws(?:-us-gov|-cn)?):sts::(?P<account>[0-9]{12}):assumed-role"
    r"/(?P<role>[A-Za-z0-9_+=,.@-]{1,64})(?:/(?P<session>[A-Za-z0-9_+=,.@-]{2,64}))?"
)
# OpenID Connect Core, section 2: a subject is at most 255 ASCII characters. Blanks and controls have no use in one.
SUBJECT = re.compile(r"[!-~]{1,255}")
_PROVIDER = r"[a-z0-9](-?[a-z0-9])*"
PROVIDED = re.compile(rf"(?P<provider>{_PROVIDER}):(?P<subject>{SUBJECT.pattern})")

_LONGEST_SHOWN = 200


def matches(pattern: re.Pattern[str], longest: int, value: str) -> bool:
    """Tell whether the whole of `value` is the pattern and no longer than `longest` characters."""
    return len(value) <= longest and pattern.fullmatch(value) is not None


def text(pattern: str | re.Pattern[str], longest: int, what: str) -> AfterValidator:
    """Make a validator for a text that is the whole of a pattern; `what` says what it must be."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not matches(compiled, longest, value):
            raise ValueError(f"is not {what}")
        return value

    return AfterValidator(check)


def unique(what: str, values: Iterable[str]) -> None:
    """Raise `ValueError` that names each value that is given more than once."""
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise ValueError(f"{what}: given twice: {', '.join(twice)}")


def every(checks: Iterable[Callable[[], object]]) -> None:
    """Make each check; one `ValueError` has all that they raised, joined by "; "."""
    found = []
    for check in checks:
        try:
            check()
        except ValueError as error:
            found.append(str(error))
    if found:
        raise ValueError("; ".join(dict.fromkeys(found)))


AccountId = Annotated[str, text(r"[0-9]{12}", 12, "an account id of 12 digits")]
Region = Annotated[str, text(r"[a-z]{2}(-[a-z]+)+-[0-9]", 32, "a region such as eu-central-1")]
RoleName = Annotated[str, text(r"[A-Za-z0-9_+=,.@-]+", 64, "a role name, without its path")]
RoleId = Annotated[str, text(r"AROA[A-Z0-9]{12,28}", 32, "a role id such as AROAEXAMPLEEXAMPLE01")]
RoleArn = Annotated[str, text(r"arn:aws(-us-gov|-cn)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+", 2048, "a role's ARN")]
EndpointId = Annotated[str, text(r"vpce-[0-9a-f]+", 22, "a VPC endpoint id such as vpce-0123456789abcdef0")]
Group = Annotated[str, text(r"[A-Za-z0-9][A-Za-z0-9._-]*", 128, "a group name")]
CallerId = Annotated[
    str,
    text(
        rf"{ASSUMED_ROLE.pattern}|(?!arn:){PROVIDED.pattern}",
        300,
        "the STS ARN of an assumed role, or the name of an issuer or proxy, a colon and a subject",
    ),
]
DestinationName = Annotated[str, text(DESTINATION, DESTINATION_LENGTH, "lower-case words joined by hyphens")]
DomainId = Annotated[str, text(r"d-[a-z0-9](-*[a-z0-9])*", 63, "a Studio domain id such as d-0123456789ab")]
# IAM user guide, "External ID": what AssumeRole takes.
ExternalId = Annotated[str, text(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", 1224, "an external id of 2 to 1224 characters")]
HttpsOrigin = Annotated[str, text(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?", 256, "https:// and a host")]
# CreatePresignedNotebookInstanceUrl and CreatePresignedMlflowTrackingServerUrl, SageMaker API reference.
NotebookName = Annotated[str, text(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", 63, "a notebook instance's name")]
TrackingServerName = Annotated[str, text(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", 256, "a tracking server's name")]
ProfileName = Annotated[str, text(PROFILE_NAME, PROFILE_NAME_LENGTH, "a user profile name")]
# AppConfig API reference: ids of an application, an environment and a configuration profile. Names are for people, and
# permissions know none of them.
ConfigSource = Annotated[
    str,
    text(r"appconfig:[a-z0-9]{4,7}(/[a-z0-9]{4,7}){2}", 40, "appconfig:{application}/{environment}/{profile}, as ids"),
]
# "arn:..." is how the ids of other callers begin.
ProviderName = Annotated[str, text(rf"(?!arn$){_PROVIDER}", 32, 'lower-case words joined by hyphens, and not "arn"')]


def _printable(value: str) -> str:
    """Return a text that can be shown: no controls, no line breaks, nothing that turns the direction of writing."""
    if len(value) > _LONGEST_SHOWN or not value.isprintable():
        raise ValueError(f"is not a line of at most {_LONGEST_SHOWN} characters that can be printed")
    return value


Shown = Annotated[str, AfterValidator(_printable)]


class Strict(BaseModel):
    """What the configuration is read into: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
