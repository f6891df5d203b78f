"""SageMaker Studio and STS on a laptop: install it into moto, seed it, and read what was minted.

Every name the rest of the project needs is importable from here.
"""

from typing import assert_never

from moto.appconfig import urls as appconfig_urls
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam import urls as iam_urls
from moto.sagemaker import urls as sagemaker_urls
from moto.sts import urls as sts_urls

from localaws import appconfig_api
from localaws.errors import COMMON_CODES
from localaws.iam_api import GuardedIamResponse
from localaws.records import AssumedRole, Mint, assumed_roles, clear_mints, mints, studio_state
from localaws.seeding import seed_domain, seed_notebook, seed_presignable, seed_tracking_server
from localaws.seeds import (
    App,
    Domain,
    MlflowApp,
    NotebookInstance,
    PartnerApp,
    Seed,
    Space,
    TrackingServer,
    UserProfile,
)
from localaws.sts_api import RecordingTokenResponse
from localaws.studio_api import StudioResponse

__all__ = [
    "DEFAULT_ACCOUNT_ID",
    "DEFAULT_REGION",
    "App",
    "AssumedRole",
    "Domain",
    "Mint",
    "MlflowApp",
    "NotebookInstance",
    "PartnerApp",
    "Space",
    "TrackingServer",
    "UserProfile",
    "assumed_roles",
    "clear_mints",
    "install",
    "limit_pages",
    "mints",
    "seed",
]

DEFAULT_REGION = "us-east-1"

# The one path of the three services' APIs; moto's `urls` modules have no other.
_PATH = "{0}/$"


def install() -> None:
    """Let moto, in this process, answer Studio's calls and record AssumeRole; a second time changes nothing.

    A server that has already answered SageMaker, STS or IAM keeps the handlers it looked up then: install first.
    """
    sagemaker_urls.url_paths[_PATH] = StudioResponse.dispatch
    sts_urls.url_paths[_PATH] = RecordingTokenResponse.dispatch
    iam_urls.url_paths[_PATH] = GuardedIamResponse.dispatch
    for path in (*appconfig_api.PATHS, *appconfig_urls.url_paths):
        appconfig_urls.url_paths[path] = appconfig_api.DeployingResponse.dispatch
    # moto warns of any other code that it does not find in the service model.
    COMMON_ERROR_CODES.extend(set(COMMON_CODES) - set(COMMON_ERROR_CODES))


def seed(*seeds: Seed, account_id: str = DEFAULT_ACCOUNT_ID, region: str = DEFAULT_REGION) -> None:
    """Put everything given into that account and region, as if it had been created there; moto sees it too.

    Raises ValueError for what AWS could not hold: a name, id, status or tag outside the service model, a
    duplicate, an app of nobody or an ARN of another account or region.
    """
    place = (account_id, region)
    for each in seeds:
        match each:
            case Domain():
                seed_domain(each, place)
            case NotebookInstance():
                seed_notebook(each, place)
            case TrackingServer():
                seed_tracking_server(each, place)
            case MlflowApp(arn):
                seed_presignable("CreatePresignedMlflowAppUrl", arn, place)
            case PartnerApp(arn):
                seed_presignable("CreatePartnerAppPresignedUrl", arn, place)
            case _:
                assert_never(each)


def limit_pages(limit: int | None, *, account_id: str = DEFAULT_ACCOUNT_ID, region: str = DEFAULT_REGION) -> None:
    """Let no page of a list there be longer, whatever is asked: AWS may answer fewer than MaxResults at any time."""
    studio_state(account_id, region).page_limit = limit
