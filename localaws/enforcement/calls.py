"""What a call needs: its actions, the resource of each, and what the request says about it.

Source: Service Authorization Reference, "Actions defined by Amazon SageMaker" and by "AWS Identity and Access
Management (IAM)". A call that is not here is refused whatever the policies say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.enforcement.held import arn_of
from localaws.policy import UnsupportedPolicyError
from localaws.records import Mint
from localaws.resources import tags_of

MINT = "CreatePresignedDomainUrl"
MINT_NOTEBOOK = "CreatePresignedNotebookInstanceUrl"
MINT_TRACKING_SERVER = "CreatePresignedMlflowTrackingServerUrl"

_PROFILE, _SPACE = "user-profile/{DomainId}/{UserProfileName}", "space/{DomainId}/{SpaceName}"
_APP = "app/{DomainId}/{owner}/{type}/{AppName}"
_NOTEBOOK, _SERVER = "notebook-instance/{NotebookInstanceName}", "mlflow-tracking-server/{TrackingServerName}"
_EVERYTHING = "*"
# The resource of each call, with the parameters that name it. Lists know no resource.
_SAGEMAKER: Mapping[str, str] = {
    MINT: _PROFILE,
    MINT_NOTEBOOK: _NOTEBOOK,
    MINT_TRACKING_SERVER: _SERVER,
    "CreateApp": _APP,
    "CreateUserProfile": _PROFILE,
    "DeleteApp": _APP,
    "DescribeApp": _APP,
    "DescribeDomain": "domain/{DomainId}",
    "DescribeMlflowTrackingServer": _SERVER,
    "DescribeNotebookInstance": _NOTEBOOK,
    "DescribeSpace": _SPACE,
    "DescribeUserProfile": _PROFILE,
    "ListApps": _EVERYTHING,
    "ListMlflowTrackingServers": _EVERYTHING,
    "ListNotebookInstances": _EVERYTHING,
    "ListSpaces": _EVERYTHING,
    "ListUserProfiles": _EVERYTHING,
}
_OF_AN_ARN = ("AddTags", "DeleteTags", "ListTags")
_OF_A_ROLE = ("DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListRolePolicies", "PutRolePolicy")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made: its account is the caller's."""

    partition: str
    region: str
    account: str

    def sagemaker(self, name: str) -> str:
        """Return the ARN of a resource of SageMaker."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:{name}"


@dataclass(frozen=True, slots=True)
class Need:
    """One action that has to be allowed, its resource, and the condition keys that come with it."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def needs(service: str, operation: str, asked: Mapping[str, Any], place: Place) -> tuple[Need, ...]:
    """Return everything that a call needs, the call itself first; none where that is not known here."""
    if service == "iam" and operation in _OF_A_ROLE:
        return (Need(f"iam:{operation}", arn_of(asked["RoleName"], place.account, place.partition)),)
    if service == "sagemaker" and operation in _OF_AN_ARN:
        arn = str(asked["ResourceArn"])
        return (Need(f"sagemaker:{operation}", arn, _tagged(arn) | _tagging(asked)),)
    if service == "sagemaker" and operation in _SAGEMAKER:
        arn = _arn(operation, asked, place)
        return (Need(f"sagemaker:{operation}", arn, _tagged(arn) | _tagging(asked)), *_also(operation, asked, arn))
    return ()


def use(mint: Mint, partition: str) -> Need:
    """Return what every request with a presigned URL needs.

    SageMaker enforces the policies for the minting call of Studio and notebook instances "for every HTTP request and
    WebSocket frame" (API reference). MLflow's pages have an action of their own (developer guide, "Set up IAM
    permissions for MLflow"), and whether its resource is the tracking server, as there, or none, as in the Service
    Authorization Reference, is not known. `UnsupportedPolicyError` for other URLs: what they need is not known here.
    """
    if mint.operation not in {MINT, MINT_NOTEBOOK, MINT_TRACKING_SERVER}:
        raise UnsupportedPolicyError(f"the use of a URL of {mint.operation}")
    arn = _arn(mint.operation, mint.parameters, Place(partition, mint.region, mint.account))
    action = "sagemaker-mlflow:AccessUI" if mint.operation == MINT_TRACKING_SERVER else f"sagemaker:{mint.operation}"
    return Need(action, arn, _tagged(arn))


def _arn(operation: str, asked: Mapping[str, Any], place: Place) -> str:
    form = _SAGEMAKER[operation]
    if form == _EVERYTHING:
        return form
    owner = asked.get("SpaceName") or asked.get("UserProfileName")
    return place.sagemaker(form.format(**{**asked, "owner": owner, "type": str(asked.get("AppType")).lower()}))


def _also(operation: str, asked: Mapping[str, Any], arn: str) -> Iterator[Need]:
    """Yield what creating needs besides: the tags given along, and the role that is handed over."""
    if operation.startswith("Create") and asked.get("Tags"):
        yield Need("sagemaker:AddTags", arn, {"sagemaker:TaggingAction": operation} | _tagging(asked))
    if role := asked.get("UserSettings", {}).get("ExecutionRole"):
        yield Need("iam:PassRole", str(role), {"iam:PassedToService": "sagemaker.amazonaws.com"})


def _tagging(asked: Mapping[str, Any]) -> dict[str, str]:
    return {f"aws:RequestTag/{one['Key']}": one["Value"] for one in asked.get("Tags", ())}


def _tagged(arn: str) -> dict[str, str]:
    tags = (tags_of(arn) if arn != _EVERYTHING else None) or ()
    return {f"{service}:ResourceTag/{one['Key']}": one["Value"] for one in tags for service in ("aws", "sagemaker")}
