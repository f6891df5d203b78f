"""How AWS refuses, for the calls that stand here in its place."""

import re
from collections.abc import Mapping

from moto.core.exceptions import ServiceException

from localaws import constraints

# Not in moto's own list of codes that every service answers although no service model names them.
COMMON_CODES = ("MissingAuthenticationTokenException", "SerializationException")

# moto's own reading knows only access keys of 20 capitals and digits, and calls every other "AKIAEXAMPLE".
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")


class Refusal(ServiceException):
    """What AWS answers in place of a result: its error code and message, with HTTP status 400."""

    def __init__(self, *, code: str, message: str) -> None:
        super().__init__(code, message)


def refuse_invalid(service: str, operation: str, parameters: Mapping[str, object], code: str) -> None:
    """Raise a Refusal with that code unless AWS's model allows these parameters."""
    try:
        message = constraints.problem(service, operation, parameters)
    except TypeError as error:
        raise Refusal(code="SerializationException", message=str(error)) from None
    if message:
        raise Refusal(code=code, message=message)


def signer(headers: Mapping[str, str]) -> str:
    """Read the access key id that the request names in its signature; an unsigned request is refused."""
    found = _CREDENTIAL.search(headers.get("Authorization", ""))
    if not found:
        raise Refusal(code="MissingAuthenticationTokenException", message="Missing Authentication Token")
    return found[1]
