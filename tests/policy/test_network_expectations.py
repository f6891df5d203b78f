"""The endpoints that the stack makes let through what was meant, and each expectation notices a mistake in them."""

import pytest

from localaws.policy import UnsupportedPolicyError
from tests.policy.network_cases import MINTED
from tests.policy.network_expectations import EXPECTATIONS
from tests.policy.networked import PARAMETERS, Networked, broken, networked
from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, drop, put

_OURS, _DENY = "OursOnWhatIsOurs", "MintingByTheGateAlone"
_ORGANISATION = {"Ref": "OrganizationId"}
_OF_MEMBERS = "a member's"


def _at(name: str, rest: str = "") -> str:
    return f"{name}Endpoint/PolicyDocument/Statement{rest and f'/{rest}'}"


def _mints(service: str, number: int = 0) -> str:
    return f"an execution role that may do everything mints nothing through {service}: {MINTED[number][0]}"


_EVERYTHING = allow("*") | {"Principal": "*"}
_BY_ANYBODY, _ON_ANYTHING = {"aws:ResourceOrgID": _ORGANISATION}, {"aws:PrincipalOrgID": _ORGANISATION}
BROKEN: dict[str, tuple[Mutation, str]] = {
    "the Deny of sagemaker.api dropped": (drop(_at("SageMakerApi", _DENY)), _mints("sagemaker.api")),
    "the Deny of Studio dropped": (drop(_at("Studio", _DENY)), _mints("studio")),
    "the Deny of notebooks dropped": (drop(_at("Notebook", _DENY)), _mints("notebook", 1)),
    "the Deny of experiments dropped": (drop(_at("Experiments", _DENY)), _mints("experiments", 2)),
    "the Deny of domains alone": (
        put(_at("SageMakerApi", f"{_DENY}/Action"), "sagemaker:CreatePresignedDomainUrl"),
        _mints("sagemaker.api", 3),
    ),
    "the Deny without partner apps": (
        put(_at("SageMakerApi", f"{_DENY}/Action"), "sagemaker:CreatePresigned*"),
        _mints("sagemaker.api", 4),
    ),
    "the Deny for everybody, the gate included": (
        drop(_at("SageMakerApi", f"{_DENY}/Condition")),
        "the gate mints through the endpoint of sagemaker.api",
    ),
    "the Deny of another role": (
        put(_at("Studio", f"{_DENY}/Condition/ArnNotEquals/aws:PrincipalArn"), "arn:aws:iam::111122223333:role/other"),
        "a URL is used through the endpoint of Studio",
    ),
    "a Deny on STS": (
        add(_at("Sts"), allow("sts:*") | {"Effect": "Deny", "Principal": "*"}),
        "an execution role assumes another",
    ),
    "everything through sagemaker.runtime": (add(_at("Runtime"), _EVERYTHING), _mints("sagemaker.runtime")),
    "everything through sts": (add(_at("Sts"), _EVERYTHING), _mints("sts")),
    "everything through sagemaker.api": (
        add(_at("SageMakerApi"), _EVERYTHING),
        "an endpoint serves no other service",
    ),
    "everybody through sts": (
        put(_at("Sts", f"{_OURS}/Condition/StringEquals"), _BY_ANYBODY | {"aws:ResourceOrgID": "o-another00000"}),
        "a stranger assumes nothing of its own",
    ),
    "everybody's roles": (
        put(_at("Sts", f"{_OURS}/Condition/StringEquals"), _ON_ANYTHING),
        "an execution role assumes no stranger's",
    ),
    "everybody's buckets": (
        put(_at("S3", f"{_OURS}/Condition/StringEquals"), _ON_ANYTHING),
        "a notebook writes to no stranger's bucket",
    ),
    "everybody to our buckets": (
        put(_at("S3", f"{_OURS}/Condition/StringEquals"), _BY_ANYBODY),
        "a stranger reads nothing of ours",
    ),
    "everybody's secrets": (
        put(_at("SecretsManager", f"{_OURS}/Condition/StringEquals"), _ON_ANYTHING),
        "a notebook reads no stranger's secret",
    ),
    "everybody's logs": (drop(_at("Logs", f"{_OURS}/Condition")), "a stranger writes no logs of its own"),
    "the account for the organisation": (
        put(
            _at("S3", f"{_OURS}/Condition/StringEquals"),
            {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333"},
        ),
        "a notebook reads a member's bucket",
    ),
    "every instance's channel": (
        drop(_at("SsmMessages", "OurInstances/Condition")),
        "a stranger's instance opens no channel",
    ),
    "every instance's messages": (
        drop(_at("Ec2Messages", "OurInstances/Condition")),
        "a stranger's instance asks for no messages",
    ),
    "everybody reads documents": (
        drop(_at("Ssm", "OursOnTheDocumentsThatAwsOffers/Condition")),
        "a stranger's instance reads no document",
    ),
    "documents run": (
        add(_at("Ssm", "OursOnTheDocumentsThatAwsOffers/Action"), "ssm:SendCommand"),
        "an instance runs no document of AWS's",
    ),
    "everybody's hub": (
        drop(_at("SageMakerApi", "OursOnTheModelsThatAwsOffers/Condition")),
        "a stranger reads no hub",
    ),
    "no hub": (drop(_at("SageMakerApi", "OursOnTheModelsThatAwsOffers")), "a notebook reads JumpStart's hub"),
    "no packages": (drop(_at("S3", "WhatAwsHandsOut")), "a host installs packages without signing"),
    "everybody's pages": (
        drop(_at("Experiments", "TheUserInterfaceOfMlflow/Condition")),
        "a stranger sees no pages of MLflow",
    ),
    "the API by principal": (
        put(_at("ExecuteApi", "TheseApis/Condition"), {"StringEquals": _ON_ANYTHING}),
        "a bearer of a token calls the API",
    ),
    "every API": (put(_at("ExecuteApi", "TheseApis/Resource"), "*"), "another API is not called"),
    "Studio without its apps": (
        put(_at("Studio", f"{_OURS}/Action"), "sagemaker:CreatePresignedDomainUrl"),
        "an app is started from Studio",
    ),
    "MLflow without its actions": (
        put(_at("Experiments", f"{_OURS}/Action"), "sagemaker:*"),
        "runs are searched through the endpoint of experiments",
    ),
}


def _met(said: str, where: Networked) -> bool:
    asked, allowed = EXPECTATIONS[said]
    try:
        return asked(where).verdict().allowed is allowed
    except UnsupportedPolicyError:
        return False


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("said", EXPECTATIONS)
def test_as_meant(said: str, parameters: str) -> None:
    asked, allowed = EXPECTATIONS[said]
    # An account by itself has no members.
    meant = allowed and (_OF_MEMBERS not in said or parameters != "in an account by itself")
    verdict = asked(networked(parameters)).verdict()
    assert verdict.allowed is meant, verdict.why


@pytest.mark.parametrize("change", BROKEN)
def test_a_mistake_in_the_network_is_noticed(change: str) -> None:
    mutation, said = BROKEN[change]
    assert not _met(said, broken(mutation))
