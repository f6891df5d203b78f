"""A new version is published when the function is another one, and never when it is not.

API Gateway calls the last version. A change that publishes none has no effect; one that is like the last one cannot be
published, and the deployment fails.
"""

import copy
import itertools
import re
from typing import Any

import pytest

from tests.stack.given import KEYS, MADE, PROVISIONED, SNAPSHOT
from tests.stack.mutations import Mutation, put
from tests.stack.stacks import EXAMPLE, FURTHER, LIVE, VPC, Json, create, source

# Another value for each parameter, alone.
CHANGED: dict[str, str] = {
    "SubnetIds": "subnet-0fedcba9876543210,subnet-0fedcba9876543211",
    "SecurityGroupIds": "sg-0fedcba9876543210",
    "ExecuteApiEndpointIds": f"{EXAMPLE['ExecuteApiEndpointIds']},vpce-01111111111111111",
    "SageMakerApiEndpointId": "vpce-03333333333333333",
    "StudioEndpointId": "vpce-04444444444444444",
    "StsEndpointId": "vpce-05555555555555555",
    "TrustedPrincipals": "arn:aws:iam::111122223333:role/launchers",
    "TrustedOrganizationId": "o-exampleorgid",
    "StudioProfileArns": "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-other/*",
    **dict.fromkeys(("NotebookArns", "TrackingServerArns", "OtherRoleArns", "ProfileExecutionRoleArns"), ""),
    "UseEndpointIds": "vpce-06666666666666666",
    "SecretArns": "arn:aws:ssm:eu-central-1:111122223333:parameter/other",
    "SecretsKeyArn": KEYS["LogsKeyArn"],
    **LIVE,
    **KEYS,
    **MADE,
    "Start": "snapstart",
    "ReservedConcurrency": "20",
    "Deployment": "AllAtOnce",
    "Architecture": "x86_64",
    "LogRetentionDays": "30",
    "ThrottlingRateLimit": "7",
    "ThrottlingBurstLimit": "8",
}
# What only goes with something else.
TOGETHER: dict[str, dict[str, str]] = {
    "environments that wait": PROVISIONED,
    "a snapshot of another configuration": SNAPSHOT | LIVE,
    "a VPC of its own": VPC,
    "a VPC of its own in three zones": VPC | {"Zones": "3"},
    "one execution role less": {"ProfileExecutionRoleArns": FURTHER["ProfileExecutionRoleArns"].split(",")[0]},
}
STACKS = {"nothing": {}} | {name: {name: value} for name, value in CHANGED.items()} | TOGETHER
# Lambda keeps it beside the versions, not in them ("Function scaling" has an API of its own).
NOT_VERSIONED = {"ReservedConcurrentExecutions"}
WITH_OTHERS = {"ProvisionedConcurrency", "Network", "Zones", "VpcId", "CorporateCidrs"}


def _published(parameters: dict[str, str]) -> tuple[str, str]:
    """The function as it is published, and the version's logical id: another one is another version."""
    stack = create(source(), EXAMPLE | FURTHER | parameters)
    (version,) = stack.every("AWS::Lambda::Version")
    return str({name: value for name, value in stack.function.items() if name not in NOT_VERSIONED}), version


def _reached(value: object) -> set[str]:
    """The names that something refers to, in conditions of theirs too."""
    if isinstance(value, list):
        return set().union(*map(_reached, value))
    if not isinstance(value, dict):
        return set()
    own = {value["Ref"]} if "Ref" in value else set(re.findall(r"\$\{([A-Za-z]+)\}", str(value.get("Fn::Sub", ""))))
    conditions = [value["Fn::If"][0]] if "Fn::If" in value else [value.get("Condition")]
    behind = [source()["Conditions"][name] for name in conditions if isinstance(name, str)]
    return own.union(*map(_reached, [*behind, *value.values()]))


def test_every_parameter_that_the_function_gets_is_changed() -> None:
    function = source()["Resources"]["Function"]["Properties"]
    reached = _reached([value for name, value in function.items() if name != "Events"])
    assert "ConfigLongestAge" in reached
    assert reached & source()["Parameters"].keys() <= CHANGED.keys() | WITH_OTHERS
    assert CHANGED.keys() <= source()["Parameters"].keys()


def test_a_version_is_published_when_the_function_is_another_one_and_only_then() -> None:
    published = {name: _published(given) for name, given in STACKS.items()}
    wrong = [
        f"{one} -> {other}"
        for one, other in itertools.combinations(published, 2)
        if (published[one][0] == published[other][0]) != (published[one][1] == published[other][1])
    ]
    assert wrong == []
    # Both happen.
    assert 10 < len({version for _, version in published.values()}) < len(published)


def _version_of(change: Mutation) -> str:
    broken: Json = copy.deepcopy(source())
    change(broken)
    return next(iter(create(broken, EXAMPLE).every("AWS::Lambda::Version")))


PROPERTIES: dict[str, tuple[str, Any]] = {
    "its environment": ("Function/Environment/Variables/PYDANTIC_DISABLE_PLUGINS", ""),
    "its memory": ("Function/MemorySize", 512),
}


@pytest.mark.parametrize(("path", "value"), PROPERTIES.values(), ids=PROPERTIES)
def test_the_template_publishes_what_it_says_otherwise_of(path: str, value: object) -> None:
    assert _version_of(put(path, value)) != _version_of(put("FunctionLogs/RetentionInDays", 30))
