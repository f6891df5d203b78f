"""Ways to break what runs, by the guarantee of `test_function` that must notice."""

from tests.stack.breaks_operation import UNPUBLISHED
from tests.stack.mutations import Mutation, drop, new, put, put_beside

MORE = {"RestApiId": {"Ref": "Api"}, "Method": "get", "Path": "/iam/more"}

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the function runs in the given subnets and security groups": {
        "no VPC": drop("Function/VpcConfig"),
        "one subnet": put("Function/VpcConfig/SubnetIds", ["subnet-0123456789abcdef0"]),
    },
    "the environment is what the gate reads, and nothing of AWS's own": {
        "another STS": put("Function/Environment/Variables/AWS_ENDPOINT_URL_STS", "https://example.com"),
        "whatever plugin is there": put("Function/Environment/Variables/PYDANTIC_DISABLE_PLUGINS", ""),
        "the minting role for the directory": put(
            "Function/Environment/Variables/DIRECTORY_ROLE_ARN", {"Fn::GetAtt": ["MintingRole", "Arn"]}
        ),
        "no role that makes profiles": drop("Function/Environment/Variables/PROFILE_MAKING_ROLE_ARN"),
        "nothing of what it is published with": drop("Function/Environment/Variables/PUBLISHED_WITH"),
        "a variable that nobody reads": put("Function/Environment/Variables/DEBUG", "1"),
        "a source of the configuration that nobody gave": put(
            "Function/Environment/Variables/CONFIG_SOURCE", "appconfig:abcd/efgh/ijkl"
        ),
        "an age that nobody gave": put("Function/Environment/Variables/CONFIG_LONGEST_AGE", "604800"),
        "the two kinds of endpoint swapped": put(
            "Function/Environment/Variables/MINTING_ENDPOINT_IDS", {"Fn::Join": [",", {"Ref": "ExecuteApiEndpointIds"}]}
        ),
    },
    "the function outlasts the gate's budget, and API Gateway outlasts the function": {
        "as long as the budget": put("Function/Timeout", 8),
        "longer than API Gateway waits": put("Function/Timeout", 60),
    },
    "the log group is the one that Lambda writes to": {
        "another name": put("FunctionLogs/LogGroupName", "/gate"),
        "the function not told": drop("Function/LoggingConfig"),
    },
    "the logs are kept for the given days": {
        "for ever": drop("FunctionLogs/RetentionInDays"),
        "access logs for ever": drop("AccessLogs/RetentionInDays"),
        "those of the rotation for ever": drop("RotationLogs/RetentionInDays"),
    },
    "the logs outlive the stack": {
        "deleted with it": put_beside("FunctionLogs", "DeletionPolicy", "Delete"),
        "deleted when replaced": put_beside("FunctionLogs", "UpdateReplacePolicy", "Delete"),
        "access logs deleted with it": put_beside("AccessLogs", "DeletionPolicy", "Delete"),
    },
    "the function gets the layer of its own architecture and runtime": {
        "the other layer": put("Function/Layers", [{"Ref": "DependenciesX8664"}]),
        "both": put("Function/Layers", [{"Ref": "DependenciesX8664"}, {"Ref": "DependenciesArm64"}]),
        "none": put("Function/Layers", []),
        "another runtime": put("Function/Runtime", "python3.12"),
    },
    "each layer is built by make, for the architecture it names": {
        "by plain sam build, which checks no hash": put_beside(
            "DependenciesArm64", "Metadata", {"BuildMethod": "python3.13", "BuildArchitecture": "arm64"}
        ),
        "for the other": put("DependenciesArm64/CompatibleArchitectures", ["x86_64"]),
    },
    "the function is invoked by this API's own routes alone": {
        "what nobody published": UNPUBLISHED,
        "another account": new(
            "Other",
            "AWS::Lambda::Permission",
            {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Function"}, "Principal": "444455556666"},
        ),
        "API Gateway for any API": new(
            "Other",
            "AWS::Lambda::Permission",
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Function"},
                "Principal": "apigateway.amazonaws.com",
            },
        ),
        "a route more": put("Function/Events/More", {"Type": "Api", "Properties": MORE}),
        "another method": put("Function/Events/SignOut/Properties/Method", "get"),
    },
    "function and stage are traced, where there is X-Ray": {
        "not the function": drop("Function/Tracing"),
        "not the stage": drop("Api/TracingEnabled"),
    },
    "each handler is a function of the shipped code, run by its own Python": {
        "a rotation that is not there": put("Rotation/Handler", "studio_gate.rotation.main"),
        "a function that is not there": put("Function/Handler", "studio_gate.handler.main"),
        "code that does not ship": put("Function/CodeUri", "cli"),
        "an older Python": put("Function/Runtime", "python3.12"),
    },
}
