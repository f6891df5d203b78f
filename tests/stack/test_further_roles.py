"""What the gate may look at, and the profiles it may make: the directory role and the role that makes profiles."""

import pytest

from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, inline, statements, variant
from tests.stack.test_roles import ASSUME_ACTIONS, STAR_RESOURCE_ACTIONS, role, sts_endpoint

LISTS = sorted(STAR_RESOURCE_ACTIONS["DirectoryRole"])


def _function(stack: Stack) -> dict[str, list[str]]:
    return {"AWS": [stack.function["Role"]]}


def _denied_but_through(stack: Stack) -> Json:
    """StringNotEquals also holds when the key is absent."""
    return {
        "Effect": "Deny",
        "Action": ["sagemaker-mlflow:*", "sagemaker:*"],
        "Resource": ["*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": [stack.parameters["SageMakerApiEndpointId"]]}},
    }


def directory_trusts_the_function(stack: Stack) -> None:
    assert statements(role(stack, "DirectoryRole")["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": _function(stack),
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": sts_endpoint(stack)},
        }
    ]


def looks_at_what_is_given(stack: Stack) -> None:
    profiles = stack.listed("StudioProfileArns")
    spaces, apps = ([arn.replace("user-profile/", f"{word}/") for arn in profiles] for word in ("space", "app"))
    expected = [
        (["sagemaker:DescribeUserProfile", "sagemaker:ListTags"], profiles),
        (["sagemaker:DescribeSpace"], spaces),
        (["sagemaker:DescribeApp"], apps),
        (LISTS, ["*"]),
        (["sagemaker:DescribeNotebookInstance"], stack.listed("NotebookArns")),
        (["sagemaker:DescribeMlflowTrackingServer"], stack.listed("TrackingServerArns")),
    ]
    assert inline(role(stack, "DirectoryRole"), "Allow") == [
        {"Effect": "Allow", "Action": actions, "Resource": sorted(arns)} for actions, arns in expected if arns
    ]


def directory_never_mints(stack: Stack) -> None:
    """Every operation that mints has these words in its name; the matrix of tests/policy tries each."""
    never = {"Effect": "Deny", "Action": ["sagemaker:Create*Presigned*"], "Resource": ["*"]}
    assert never in inline(role(stack, "DirectoryRole"), "Deny")


def directory_denied_elsewhere(stack: Stack) -> None:
    conditional = [one for one in inline(role(stack, "DirectoryRole"), "Deny") if "Condition" in one]
    assert conditional == [_denied_but_through(stack)]


def _maker(stack: Stack) -> Json | None:
    found: Json | None = stack.every("AWS::IAM::Role").get("ProfileMakingRole")
    assert (found is not None) == bool(stack.listed("ProfileExecutionRoleArns"))
    return found


def maker_trusts_the_function(stack: Stack) -> None:
    maker = _maker(stack)
    assert maker is None or statements(maker["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": _function(stack),
            "Action": sorted(ASSUME_ACTIONS),
            "Condition": {"StringEquals": sts_endpoint(stack), "StringLike": {"sts:SourceIdentity": ["?*"]}},
        }
    ]


def makes_profiles_alone(stack: Stack) -> None:
    maker, profiles = _maker(stack), sorted(stack.listed("StudioProfileArns"))
    assert maker is None or inline(maker, "Allow") == [
        {"Effect": "Allow", "Action": ["sagemaker:CreateUserProfile"], "Resource": profiles},
        {
            "Effect": "Allow",
            "Action": ["sagemaker:AddTags"],
            "Resource": profiles,
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": ["CreateUserProfile"]}},
        },
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": sorted(stack.listed("ProfileExecutionRoleArns")),
            "Condition": {"StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com"]}},
        },
    ]


def maker_denied_elsewhere(stack: Stack) -> None:
    maker = _maker(stack)
    assert maker is None or inline(maker, "Deny") == [_denied_but_through(stack)]


GUARANTEES: dict[str, Guarantee] = {
    "the directory role trusts the function, through the STS endpoint": directory_trusts_the_function,
    "the directory role looks at what is given, and does nothing else": looks_at_what_is_given,
    "the directory role never mints, whatever else is allowed": directory_never_mints,
    "the directory role is denied SageMaker but through the endpoint for minting": directory_denied_elsewhere,
    "the role that makes profiles trusts the function, through the STS endpoint, for somebody": (
        maker_trusts_the_function
    ),
    "the role that makes profiles makes them in the domains, with the given execution roles": makes_profiles_alone,
    "the role that makes profiles is denied SageMaker but through the endpoint for minting": maker_denied_elsewhere,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_further_roles(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
