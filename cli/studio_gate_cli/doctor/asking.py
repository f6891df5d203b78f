"""AWS, asked with the operator's own credentials, for what can be read and nothing else."""

import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import exceptions as aws
from botocore import xform_name

from studio_gate_cli import credentials
from studio_gate_cli.doctor.findings import NotLookedError
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.roles import SETTINGS, STATUS

# Each service has words of its own for what is not there.
_MISSING = ("NotFound", "NotFoundException", "NoSuchEntity", "ResourceNotFoundFault")

type Json = Mapping[str, Any]


class MissingError(Exception):
    """What was asked about is not there."""


class Asked:
    """AWS in one region. Whatever is asked twice is asked once, and what could not be had stays so."""

    def __init__(self, aws_profile: str | None, region: str | None) -> None:
        self._session, found = credentials.find(aws_profile)
        with credentials.asked_for(aws_profile):
            found.get_frozen_credentials()
        self.region = region or self._session.get_config_variable("region")
        if not self.region:
            raise Failure(Exit.USAGE, "which region is the stack in? Give --region, as in eu-central-1")
        self._clients: dict[tuple[str, str], Any] = {}
        self._answers: dict[str, Json | Exception] = {}
        # How much later it is here than at AWS, in seconds, by the first answer that says what time it is.
        self.skew: float | None = None

    def ask(self, action: str, region: str | None = None, **inputs: object) -> Json:
        """Return the answer to one call, named by its IAM action; `MissingError`, `NotLookedError` if there is none.

        Lists are whole: every page is asked for.
        """
        key = repr((action, region, sorted(inputs.items())))
        if key not in self._answers:
            self._answers[key] = self._asked(action, region or self.region, inputs)
        answer = self._answers[key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _asked(self, action: str, region: str, inputs: Json) -> Json | Exception:
        service, _, operation = action.partition(":")
        client, method = self._client(service, region), xform_name(operation)
        try:
            if not client.can_paginate(method):
                return self._heard(getattr(client, method)(**inputs))
            pages = [*client.get_paginator(method).paginate(**inputs)]
        except aws.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if code.endswith(_MISSING):
                return MissingError(code)
            return Refused(action, code)
        except aws.BotoCoreError as error:
            return NotLookedError(f"{action} did not get through ({type(error).__name__})")
        whole: dict[str, Any] = dict(self._heard(pages[0]))
        for page in pages[1:]:
            whole |= {name: whole[name] + value for name, value in page.items() if isinstance(value, list)}
        return whole

    def _heard(self, answer: Json) -> Json:
        if self.skew is None:
            with suppress(KeyError, ValueError):
                date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
                self.skew = time.time() - parsedate_to_datetime(date).timestamp()
        return answer

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients' methods as it goes
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.create_client(service, region_name=region, config=SETTINGS)
        return self._clients[key]


class Refused(NotLookedError):  # noqa: N818 - as the one that it is
    """AWS refused the call; `code` is its word for why."""

    def __init__(self, action: str, code: str) -> None:
        super().__init__(f"AWS refused {action} ({readable(code)})")
        self.code = code


def begin(asked: Asked, stack: str) -> Json:
    """Return the stack as CloudFormation describes it; `Failure` 2 to 6 where nothing can be looked at at all."""
    try:
        found: Json = asked.ask("cloudformation:DescribeStacks", StackName=stack)["Stacks"][0]
    except Refused as refused:
        if refused.code == "ValidationError":
            raise Failure(Exit.USAGE, f"the stack {readable(stack)} is not there, in {asked.region}") from refused
        line = credentials.EXPIRED if refused.code.startswith("ExpiredToken") else refused.why
        raise Failure(STATUS.get(refused.code, Exit.REFUSED), line) from refused
    except NotLookedError as failed:
        raise Failure(Exit.UNREACHABLE, failed.why) from failed
    return found
