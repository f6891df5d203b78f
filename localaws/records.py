"""What the stand-in holds and what it saw, kept in moto's own backends so that moto's reset empties both."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from moto.sagemaker.models import sagemaker_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition
from pydantic import SecretStr

# `BaseBackend.reset` replaces the instance's __dict__: what hangs there lives exactly as long as moto's data.
_ATTRIBUTE = "studio_gate_localaws"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Mint:
    """One presigned URL that was handed out: by which call, with which parameters, to which access key, and when.

    `parameters` holds what was sent and nothing else. Account and region are those of what the URL opens.
    """

    operation: str
    parameters: Mapping[str, object]
    access_key_id: str
    url: SecretStr
    minted_at: datetime = field(default_factory=_now, compare=False)
    account: str = field(default="", compare=False)
    region: str = field(default="", compare=False)


@dataclass(frozen=True)
class AssumedRole:
    """One AssumeRole that was granted: what was asked, the access key issued, the access key that asked, the end.

    `parameters` holds what was sent, under AWS's names; what was not sent is not there. `source_identity` is the
    session's, also where it came with the session that asked.
    """

    parameters: Mapping[str, object]
    access_key_id: str
    asked_with: str
    expires_at: datetime
    source_identity: str | None = None
    issued_at: datetime = field(default_factory=_now)


type Key = tuple[str, str, str]


@dataclass(frozen=True)
class Resource:
    """What moto does not hold, as its Describe call answers it, and its tags as ListTags answers them."""

    description: Mapping[str, object]
    tags: tuple[Mapping[str, str], ...]
    arn: str = ""


@dataclass
class StudioState:
    """What one account and region of SageMaker holds beyond moto.

    `resources` is keyed by word ("UserProfile", "Space", "App", "TrackingServer"), domain id (empty where there is
    none) and name; `presignable` holds pairs of a presigned operation and the ARN it may be called for;
    `notebook_hosts` has the hosts that differ from the instance's name. `pends` says, by domain, how many Describe
    calls find what is created there Pending, and `pending` how many are left. No page of a list is longer than
    `page_limit`.
    """

    resources: dict[Key, Resource] = field(default_factory=dict)
    presignable: set[tuple[str, str]] = field(default_factory=set)
    notebook_hosts: dict[str, str] = field(default_factory=dict)
    pends: dict[str, int] = field(default_factory=dict)
    pending: dict[Key, list[None]] = field(default_factory=dict)
    page_limit: int | None = None
    mints: list[Mint] = field(default_factory=list)

    def seen(self, key: Key) -> Mapping[str, object]:
        """Return what a list shows of a resource at this moment; `KeyError` if it is not there."""
        described = self.resources[key].description
        return {**described, "Status": "Pending"} if self.pending.get(key) else described

    def describe(self, key: Key) -> Mapping[str, object]:
        """Return the same and count it: a pending resource is in service after its last such call."""
        described = self.seen(key)
        # Of two threads that see the last one, one finds nothing left to take.
        with suppress(IndexError):
            self.pending.get(key, []).pop()
        return described


@dataclass
class _StsState:
    assumed_roles: list[AssumedRole] = field(default_factory=list)


def studio_state(account_id: str, region: str) -> StudioState:
    """Find the state of that account and region, made empty where there was none."""
    return _studio(sagemaker_backends[account_id][region])


def record_assumed_role(account_id: str, region: str, seen: AssumedRole) -> None:
    """Keep a granted AssumeRole with the account whose role it was, as moto does."""
    _sts(sts_backends[account_id][get_partition(region)]).assumed_roles.append(seen)


def mints(account_id: str | None = None, region: str | None = None) -> tuple[Mint, ...]:
    """List every URL minted since the last reset, oldest first.

    Everywhere unless narrowed, so that "no mints" cannot be true only because it looked in the wrong account.
    """
    found = (mint for backend in _existing(sagemaker_backends, account_id, region) for mint in _studio(backend).mints)
    return tuple(sorted(found, key=lambda mint: mint.minted_at))


def clear_mints(account_id: str | None = None, region: str | None = None) -> None:
    """Forget the mints that the same call of `mints` would list; everything else stays."""
    for backend in _existing(sagemaker_backends, account_id, region):
        _studio(backend).mints.clear()


def assumed_roles(account_id: str | None = None) -> tuple[AssumedRole, ...]:
    """List every AssumeRole granted since the last reset, oldest first, of all accounts' roles or of one's."""
    return tuple(seen for backend in _existing(sts_backends, account_id, None) for seen in _sts(backend).assumed_roles)


def _existing[B: BaseBackend](
    backends: BackendDict[B], account_id: str | None, region: str | None
) -> Iterator[BaseBackend]:
    # A server's threads may be adding a region at this moment.
    with backend_lock:
        found = list(backends.iter_backends())
    for account, place, backend in found:
        if account_id in {None, account} and region in {None, place}:
            yield backend


# setdefault is atomic: two threads that come first together get one state.
def _studio(backend: BaseBackend) -> StudioState:
    return cast("StudioState", vars(backend).setdefault(_ATTRIBUTE, StudioState()))


def _sts(backend: BaseBackend) -> _StsState:
    return cast("_StsState", vars(backend).setdefault(_ATTRIBUTE, _StsState()))
