"""What an emulated account holds, asked of its services as anybody would ask AWS."""

from typing import Any

import boto3

from localaws import example
from localaws.deploying.checks import Deployed

type Json = dict[str, Any]


class Account:
    """The operations that read and delete, on the services at one address."""

    def __init__(self, endpoint: str) -> None:
        session = boto3.Session("testing", "testing", region_name=example.ACCOUNT.region)
        # By name alone: the stubs know the clients that the function uses.
        self._client: Any = lambda service: session.client(service, endpoint_url=endpoint)

    def deployed(self, name: str) -> Deployed:
        """Return all that is told of a stack and of what it made."""
        formation = self._client("cloudformation")
        (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
        found = [
            (one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"], one["ResourceStatus"])
            for page in formation.get_paginator("list_stack_resources").paginate(StackName=name)
            for one in page["StackResourceSummaries"]
        ]
        ids = {(kind, logical): physical for logical, kind, physical, _ in found}
        api = next(physical for (kind, _), physical in ids.items() if kind == "AWS::ApiGateway::RestApi")
        return Deployed(
            status=stack["StackStatus"],
            resources=tuple(found),
            outputs={one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
            function=self._client("lambda").get_function_configuration(FunctionName=name),
            methods=self._methods(api),
            stage=self._stage(api),
            roles={
                logical: self._role(physical) for (kind, logical), physical in ids.items() if kind == "AWS::IAM::Role"
            },
            nested={
                logical: formation.describe_stacks(StackName=physical)["Stacks"][0]["StackStatus"]
                for (kind, logical), physical in ids.items()
                if kind == "AWS::CloudFormation::Stack"
            },
        )

    def retention(self, group: str) -> object:
        """Return for how many days a log group keeps what is in it; None if there is no such group."""
        groups = self._client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return next((one.get("retentionInDays") for one in groups if one["logGroupName"] == group), None)

    def delete(self, name: str) -> None:
        """Delete a stack, and return when it is gone."""
        formation = self._client("cloudformation")
        formation.delete_stack(StackName=name)
        formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def create(self, name: str, body: str, parameters: dict[str, str]) -> str:
        """Create a stack of a template without a transform, and return its state."""
        formation = self._client("cloudformation")
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        formation.create_stack(
            StackName=name, TemplateBody=body, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        waiter = formation.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        state: str = formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return state

    def left(self) -> list[str]:
        """Return what is there of the kinds that a stack of the gate makes; SAM's own bucket is none of them."""
        ec2 = self._client("ec2")
        names = {
            "endpoint": [one["VpcEndpointId"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]],
            "VPC": [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]],
            "API": [one["name"] for one in self._client("apigateway").get_rest_apis()["items"]],
            "function": [one["FunctionName"] for one in self._client("lambda").list_functions()["Functions"]],
            "layer": [one["LayerName"] for one in self._client("lambda").list_layers()["Layers"]],
            "log group": [one["logGroupName"] for one in self._client("logs").describe_log_groups()["logGroups"]],
            "role": [one["RoleName"] for one in self._client("iam").list_roles()["Roles"]],
        }
        return sorted(f"{kind} {name}" for kind, found in names.items() for name in found)

    def _methods(self, api: str) -> dict[str, str]:
        pages = self._client("apigateway").get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
        return {
            f"{method} {one['path']}": definition.get("authorizationType", "NONE")
            for page in pages
            for one in page["items"]
            for method, definition in one.get("resourceMethods", {}).items()
        }

    def _stage(self, api: str) -> Json:
        (stage,) = self._client("apigateway").get_stages(restApiId=api)["item"]
        made: Json = stage
        return made

    def _role(self, name: str) -> Json:
        iam = self._client("iam")
        inline = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
        return {"trust": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]} | inline
