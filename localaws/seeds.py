"""What can be put into the stand-in before anything happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class UserProfile:
    """A user profile to seed; it is Pending for that many Describe calls before it has its status."""

    name: str
    status: str = "InService"
    tags: Mapping[str, str] = field(default_factory=dict)
    pending: int = 0


@dataclass(frozen=True)
class Space:
    """A space to seed: without an owner it is one of the old kind, open to the whole domain.

    The owner need not exist, as when a profile was deleted behind its space.
    """

    name: str
    owner: str | None = None
    sharing: str = "Private"
    status: str = "InService"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class App:
    """An app to seed, of a space or of a profile; it is Pending for that many Describe calls."""

    app_type: str
    space: str | None = None
    profile: str | None = None
    name: str = "default"
    status: str = "InService"
    pending: int = 0


@dataclass(frozen=True)
class Domain:
    """A Studio domain to seed, with the id chosen here; its name is the id without `d-`.

    Whatever is created in it later is Pending for the first `pends` Describe calls.
    """

    id: str
    auth_mode: str = "IAM"
    status: str = "InService"
    user_profiles: tuple[UserProfile, ...] = ()
    spaces: tuple[Space, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    apps: tuple[App, ...] = ()
    pends: int = 0


@dataclass(frozen=True)
class NotebookInstance:
    """A notebook instance to seed. `suffix` is what AWS sometimes puts after the name in its host, such as "d8ka"."""

    name: str
    status: str = "InService"
    tags: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True)
class TrackingServer:
    """An MLflow tracking server to seed; `id` is how its host begins, by default one made of its name.

    "t-" and twelve small letters and digits is what such hosts look like where others wrote them down.
    """

    name: str
    status: str = "Created"
    tags: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True)
class MlflowApp:
    """An MLflow app to seed: all that is known of it is that a URL can be minted."""

    arn: str


@dataclass(frozen=True)
class PartnerApp:
    """A partner app to seed: all that is known of it is that a URL can be minted."""

    arn: str


type Seed = Domain | NotebookInstance | TrackingServer | MlflowApp | PartnerApp
