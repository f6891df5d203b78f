"""The Studio domains, and the profiles that a gate.toml names."""

from collections.abc import Iterator
from typing import Any

from studio_gate_cli.doctor.asking import Json, MissingError
from studio_gate_cli.doctor.findings import Finding, Told, broken, warning
from studio_gate_cli.doctor.patient import Patient

MISSING = broken(
    "domain-missing",
    "A domain of StudioProfileArns is not in this account and region.",
    "Give StudioProfileArns the id of a domain that is there (aws sagemaker list-domains), and deploy.",
)
NOT_IN_SERVICE = broken(
    "domain-not-in-service",
    "The domain is not in service.",
    "Wait for it, or mend it: FailureReason of aws sagemaker describe-domain says why.",
)
NOT_IAM = broken(
    "domain-not-iam",
    "The domain signs people in with IAM Identity Center; URLs can be presigned in IAM mode alone.",
    "Make another domain with AuthMode IAM: a domain's mode cannot be changed.",
)
INTERNET = warning(
    "domain-uses-internet",
    "What runs in the domain goes out by SageMaker's own internet access, past the VPC.",
    "Set AppNetworkAccessType to VpcOnly: aws sagemaker update-domain, with the endpoints there that its apps need.",
)
NOT_LISTED = broken(
    "domain-not-in-stack",
    "The configuration has a destination whose domain is not in StudioProfileArns: nothing can be minted for it.",
    "Add the domain's profiles to StudioProfileArns, and deploy.",
)
NO_PROFILE = broken(
    "profile-missing",
    "A profile that the configuration lists is not in its domain.",
    "Make the profile (aws sagemaker create-user-profile), or correct its name in gate.toml.",
)
PROFILE_NOT_READY = broken(
    "profile-not-in-service",
    "A profile that the configuration lists is not in service.",
    "Wait for it, or make it anew: FailureReason of aws sagemaker describe-user-profile says why.",
)
NO_TAG = warning(
    "owner-tag-missing",
    "A profile of a domain with owner_tag has no such tag, so that nobody opens it.",
    "Tag the profile with whose it is: aws sagemaker add-tags.",
)
FAULTS = (MISSING, NOT_IN_SERVICE, NOT_IAM, INTERNET)
CONFIGURED_FAULTS = (NOT_LISTED, NO_PROFILE, PROFILE_NOT_READY, NO_TAG)
_MOST_TAGS = 200  # profiles whose tags are read, a call each


def look(patient: Patient) -> Told:
    """Look at each domain that URLs can be minted for."""
    for region, domain in patient.domains:
        try:
            found = patient.ask("sagemaker:DescribeDomain", region=region, DomainId=domain)
        except MissingError:
            yield MISSING.at(domain, f"it is not in {region}")
            continue
        if found["Status"] != "InService":
            yield NOT_IN_SERVICE.at(domain, f"its status is {found['Status']}")
        if found["AuthMode"] != "IAM":
            yield NOT_IAM.at(domain, f"its AuthMode is {found['AuthMode']}")
        if found.get("AppNetworkAccessType") != "VpcOnly":
            yield INTERNET.at(domain, f"its AppNetworkAccessType is {found.get('AppNetworkAccessType')}")


def look_at_profiles(patient: Patient) -> Told:
    """Look for what the configuration's destinations in the stack's own account name."""
    for one in _destinations(patient):
        place = (one.get("region", patient.region), one["domain_id"])
        if place not in patient.domains:
            yield NOT_LISTED.at(one["domain_id"], f"the destination {one.get('name')} is not in StudioProfileArns")
            continue
        for profile in one.get("profiles", []):
            yield from _profile(patient, place, profile["name"])
        if tag := one.get("owner_tag", {}).get("tag"):
            yield from _tags(patient, place, tag)


def _destinations(patient: Patient) -> Iterator[Json]:
    for one in (patient.given.config or {}).get("destinations", []):
        if one.get("kind") == "studio" and "minting_role" not in one and "domain_id" in one:
            yield one


def _profile(patient: Patient, place: tuple[str, str], name: str) -> Iterator[Finding]:
    region, domain = place
    try:
        found = patient.ask("sagemaker:DescribeUserProfile", region=region, DomainId=domain, UserProfileName=name)
    except MissingError:
        yield NO_PROFILE.at(name, f"it is not in {domain}")
        return
    if found["Status"] != "InService":
        yield PROFILE_NOT_READY.at(name, f"its status in {domain} is {found['Status']}")


def _tags(patient: Patient, place: tuple[str, str], tag: str) -> Iterator[Finding]:
    region, domain = place
    listed: list[Any] = patient.ask("sagemaker:ListUserProfiles", region=region, DomainIdEquals=domain)["UserProfiles"]
    for one in listed[:_MOST_TAGS]:
        name = one["UserProfileName"]
        arn = f"arn:{patient.partition}:sagemaker:{region}:{patient.account}:user-profile/{domain}/{name}"
        tags = patient.ask("sagemaker:ListTags", region=region, ResourceArn=arn)["Tags"]
        if tag not in {each["Key"] for each in tags}:
            yield NO_TAG.at(name, f"it has no tag {tag}, in {domain}")
