"""Sessions of minting roles: one for each caller and profile, short, few, and kept only as long as useful."""

import hashlib
import json
import logging
import os
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.credentials import ReadOnlyCredentials

from studio_gate.authorise import Grant
from studio_gate.config import Deployment
from studio_gate.destination_config import AnyDestination
from studio_gate.destinations import Target
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller
from studio_gate.kinds import Kind
from studio_gate.sagemaker_api import SageMaker
from studio_gate.upstream import Clients, Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

# AssumeRole, STS API reference: the shortest duration there is, in seconds, and what session names are made of.
_DURATION = 900
_NOT_IN_SESSION_NAME = re.compile(r"[^A-Za-z0-9_+=,.@-]")
# A session must outlive the URL that it mints, and the difference between two clocks.
_CLOCK_SKEW = 60
_MOST_SESSIONS = 256
# What minting and the answer need once there is a session, in seconds.
_MINT_RESERVE = 2.5
_KEYS = {"AccessKeyId", "SecretAccessKey", "SessionToken"}


@lru_cache(_MOST_SESSIONS)
def session_name(caller: Caller) -> str:
    """Return a caller's SourceIdentity and RoleSessionName: readable, and different for different callers.

    It is at most 64 characters of STS's alphabet and ends with the first 16 hex digits of the SHA-256 of the caller's
    id, so that no two callers share one by truncation or replacement.
    """
    label = _NOT_IN_SESSION_NAME.sub("-", caller.label)[:47]
    return f"{label}-{hashlib.sha256(caller.id.encode()).hexdigest()[:16]}"


def session_policy(target: Target, deployment: Deployment) -> str:
    """Return the session policy that leaves of the minting role what one launch needs, from its endpoints.

    Where the destination binds its URLs, they can be used from the caller's own address alone.
    """
    where = target.destination
    endpoints = where.endpoint_ids or deployment.minting_endpoint_ids
    return _policy(where.arn(deployment.partition, target.profile), where.how, endpoints, target.source_ip)


@lru_cache(_MOST_SESSIONS)
def _policy(arn: str, how: Kind, endpoints: tuple[str, ...], source_ip: str | None) -> str:
    minting, (mint_at, *use_at) = f"sagemaker:{how.operation}", endpoints
    if how.use_actions == (minting,) and source_ip is None:
        return _document(_allow(minting, arn, {"StringEquals": {"aws:SourceVpce": endpoints}}))
    used: dict[str, object] = {"StringEquals": {"aws:SourceVpce": use_at}}
    if source_ip is not None:
        used["IpAddress"] = {"aws:VpcSourceIp": source_ip}
    anywhere = [_allow(how.use_anywhere, "*", used)] if how.use_anywhere else []
    minted = {"StringEquals": {"aws:SourceVpce": mint_at}}
    return _document(_allow(minting, arn, minted), _allow(how.use_actions, arn, used), *anywhere)


def _allow(action: object, resource: str, condition: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


def _document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _making_policy(profile: str, execution_role: str, endpoint: str) -> str:
    made_at = {"StringEquals": {"aws:SourceVpce": endpoint}}
    give = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": execution_role}
    return _document(_allow(["sagemaker:CreateUserProfile", "sagemaker:AddTags"], profile, made_at), give)


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials of a role for one purpose, and when they expire."""

    key: tuple[object, ...] = field(repr=False)
    credentials: ReadOnlyCredentials = field(repr=False)
    expiration: datetime

    def outlives(self, seconds: int) -> bool:
        """Tell whether the credentials are good for that long and the clocks' difference."""
        return self.expiration - datetime.now(UTC) >= timedelta(seconds=seconds + _CLOCK_SKEW)


class Sessions:
    """The sessions of roles in one warm function environment: those that mint, and those that describe or make.

    A session is found again by every input of AssumeRole and nothing less, so that it never serves another caller or
    profile. At most 256 are kept; the least recently used goes first.
    """

    def __init__(self, deployment: Deployment) -> None:
        # At DEBUG they write headers and bodies, and so credentials and URLs.
        for name in ("boto3", "botocore", "urllib3"):
            logging.getLogger(name).setLevel(logging.INFO)
        self._deployment = deployment
        boto = boto3.Session(region_name=deployment.region)
        self._sts: Clients[STSClient] = Clients(lambda settings: boto.client("sts", config=settings))
        self.sagemaker = SageMaker(os.environ)
        self._kept: OrderedDict[tuple[object, ...], RoleSession] = OrderedDict()

    @property
    def partition(self) -> str:
        """The AWS partition of the deployment."""
        return self._deployment.partition

    def assume(self, grant: Grant, deadline: Deadline) -> RoleSession:
        """Return a session that may mint this grant and outlives its URL, kept or new.

        `GateError` 429, 503 or 504 as AssumeRole fails, 502 when STS answers without usable credentials.
        """
        target = grant.decision.target
        role = target.destination.minting_role or self._deployment.minting_role_arn
        inputs = self._inputs(role, session_name(grant.decision.caller), target.destination)
        inputs["Policy"] = session_policy(target, self._deployment)
        return self._session(inputs, target.expires_in, deadline)

    def making(self, grant: Grant, role: str, deadline: Deadline) -> RoleSession:
        """Return a session that may make this grant's profile and give it that execution role.

        Errors as `assume`, and 503 where the gate has no role for it.
        """
        name, target = session_name(grant.decision.caller), grant.decision.target
        inputs = self._inputs(self._deployment.making_role_arn, name, target.destination)
        endpoint, *_ = target.destination.endpoint_ids or self._deployment.minting_endpoint_ids
        inputs["Policy"] = _making_policy(target.destination.arn(self.partition, target.profile), role, endpoint)
        return self._session(inputs, 0, deadline)

    def describing(self, destination: AnyDestination, deadline: Deadline) -> RoleSession:
        """Return a session that may describe what is in a destination; errors as `making`."""
        role = destination.directory_role or self._deployment.directory_role_arn
        inputs = self._inputs(role, "directory", destination)
        # Nobody's in particular: it is kept for all callers.
        inputs.pop("SourceIdentity")
        return self._session(inputs, 0, deadline)

    def _inputs(self, role: str | None, name: str, destination: AnyDestination) -> "AssumeRoleRequestTypeDef":
        # With a role of another account, SageMaker would tell of that account's.
        if role is None or role.split(":")[4] != destination.account:
            raise GateError(Problem.UNAVAILABLE, "no-role-for-it")
        inputs: AssumeRoleRequestTypeDef = {
            "RoleArn": role,
            "RoleSessionName": name,
            "SourceIdentity": name,
            "DurationSeconds": _DURATION,
        }
        if destination.external_id is not None:
            inputs["ExternalId"] = destination.external_id
        return inputs

    def _session(self, inputs: "AssumeRoleRequestTypeDef", lasting: int, deadline: Deadline) -> RoleSession:
        key = tuple(sorted(inputs.items()))
        session = self._kept.get(key)
        if session is None or not session.outlives(lasting):
            session = self._kept[key] = self._assume_role(key, inputs, deadline)
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_SESSIONS:
            self._kept.popitem(last=False)
        return session

    def forget(self, session: RoleSession) -> None:
        """Drop a session that AWS did not accept, so that the next launch begins with a new one."""
        self._kept.pop(session.key, None)

    def _assume_role(
        self, key: tuple[object, ...], inputs: "AssumeRoleRequestTypeDef", deadline: Deadline
    ) -> RoleSession:
        seconds = deadline.whole_seconds(_MINT_RESERVE)
        answer = call("sts", seconds, lambda: self._sts.within(seconds).assume_role(**inputs))
        # What is missing, botocore leaves out without a word; and a moment without a zone compares with nothing.
        given = answer.get("Credentials", {})
        expiration: object = given.get("Expiration")
        if not (isinstance(expiration, datetime) and expiration.tzinfo and given.keys() >= _KEYS):
            raise GateError(Problem.UPSTREAM_NONSENSE, "sts-without-credentials")
        keys = ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return RoleSession(key, keys, expiration)
