"""Ways to break how the function starts and is replaced, by the guarantee of `test_operation` that must notice."""

from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, both, drop, put

DEPLOY = "DeploymentRole/Policies/deploy/PolicyDocument/Statement"
PREFERENCE = "Function/DeploymentPreference"
# Without an alias SAM makes no version, and deploys nothing step by step.
_ALIAS = ("AutoPublishAlias", "VersionDeletionPolicy", "DeploymentPreference", "ProvisionedConcurrencyConfig")
UNPUBLISHED = both(
    *(drop(f"Function/{name}") for name in _ALIAS),
    *(put(f"{name}/Dimensions", []) for name in ("VersionErrors", "VersionSlow")),
)

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the function starts as chosen, from a snapshot in commercial regions alone": {
        "never from a snapshot": drop("Function/SnapStart"),
        "nothing done ahead": put("Function/Handler", "studio_gate.handler.handler"),
        "environments that wait beside the snapshot": put(
            "Function/ProvisionedConcurrencyConfig", {"ProvisionedConcurrentExecutions": 1}
        ),
    },
    "the function has the concurrency that is reserved for it": {
        "none reserved": drop("Function/ReservedConcurrentExecutions"),
        "another number": put("Function/ReservedConcurrentExecutions", 1),
    },
    "the alias is at a published version": {
        "no alias": UNPUBLISHED,
        "another alias": put("Function/AutoPublishAlias", "prod"),
    },
    "every route leads to the alias": {
        "to what nobody published": UNPUBLISHED,
        "to another alias": put("Function/AutoPublishAlias", "prod"),
        "a route less": drop("Function/Events/SignOut"),
    },
    "other wheels make another version": {
        "a fixed description": put("Function/VersionDescription", "the gate"),
        "none": drop("Function/VersionDescription"),
        "those of the other architecture": put("Function/VersionDescription", {"Ref": "DependenciesX8664"}),
    },
    "what tells SAM of a new version is no key": {
        "a key after all": put("Function/SourceKMSKeyArn", {"Ref": "EnvironmentKeyArn"}),
        "under another condition": put("Function/SourceKMSKeyArn/Fn::If/0", "IsArm"),
    },
    "requests are moved to a new version as chosen": {
        "all at once": put(f"{PREFERENCE}/Type", "AllAtOnce"),
        "with a role of SAM's own, without a boundary": drop(f"{PREFERENCE}/Role"),
    },
    "an alarm takes a new version back, and silence does not": {
        "no alarm": drop(f"{PREFERENCE}/Alarms"),
        "one alarm": put(f"{PREFERENCE}/Alarms", [{"Ref": "ApiFaults"}]),
        "silence": put("VersionErrors/TreatMissingData", "breaching"),
        "an alarm that comes too late": put("ApiFaults/EvaluationPeriods", 10),
        "turned round": put("VersionSlow/ComparisonOperator", "LessThanThreshold"),
    },
    "a new version is watched for crashes and slowness": {
        "every version": drop("VersionErrors/Dimensions/2"),
        "another function": put("VersionErrors/Dimensions/0/Value", "another"),
        "a fixed version": put("VersionSlow/Dimensions/2/Value", "7"),
        "crashes by the thousand": put("VersionErrors/Threshold", 1000),
        "the mean": put("VersionSlow/ExtendedStatistic", "p50"),
        "longer than it can last": put("VersionSlow/Threshold", 20_000),
    },
    "while it is deployed, the API is watched for 5xx": {
        "another API": put("ApiFaults/Dimensions/0/Value", "another"),
        "every stage": drop("ApiFaults/Dimensions/1"),
        "4xx": put("ApiFaults/MetricName", "4XXError"),
        "every request": put("ApiFaults/Threshold", 1),
    },
    "CodeDeploy may move this alias and look at alarms, for this account alone": {
        "every function": put(f"{DEPLOY}/MoveTheAlias/Resource", "*"),
        "every version": put(
            f"{DEPLOY}/MoveTheAlias/Resource/1", "arn:aws:lambda:eu-central-1:1:function:studio-gate:*"
        ),
        "code, too": add(f"{DEPLOY}/MoveTheAlias/Action", "lambda:UpdateFunctionCode"),
        "invoking, too": add(DEPLOY, allow("lambda:InvokeFunction")),
        "for another account": drop("DeploymentRole/AssumeRolePolicyDocument/Statement/0/Condition"),
        "for another service": put(
            "DeploymentRole/AssumeRolePolicyDocument/Statement/0/Principal", {"Service": "lambda.amazonaws.com"}
        ),
    },
    "every role has the given boundary": {
        **{
            f"none for {name}": drop(f"{name}/PermissionsBoundary")
            for name in (
                "FunctionRole",
                "MintingRole",
                "DirectoryRole",
                "ProfileMakingRole",
                "DeploymentRole",
                "RotationRole",
            )
        },
        "a role of SAM's own for deployments": drop(f"{PREFERENCE}/Role"),
    },
    "environment and logs are encrypted with the given keys": {
        "not what is watched": drop("WatchingStack/Parameters/LogsKeyArn"),
        "not the access logs": drop("AccessLogs/KmsKeyId"),
        "not the environment": drop("Function/KmsKeyArn"),
        "not the logs": drop("FunctionLogs/KmsKeyId"),
        "not the rotation's logs": drop("RotationLogs/KmsKeyId"),
        "both keys swapped": put("Function/KmsKeyArn", {"Ref": "LogsKeyArn"}),
    },
}
