"""The deployed gate as it is looked at: what its stack was given, and what is there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from studio_gate_cli.doctor.asking import Asked, Json, MissingError
from studio_gate_cli.doctor.findings import NotLookedError
from studio_gate_cli.doctor.here import Here

# The parameters that name endpoints, with the services of which each must be, as their names end behind the region.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "ExecuteApiEndpointIds": ("execute-api",),
    "SageMakerApiEndpointId": ("sagemaker.api",),
    "StudioEndpointId": ("studio",),
    "StsEndpointId": ("sts",),
    "UseEndpointIds": ("studio", "notebook", "experiments"),
}
# Those that the function itself uses; people's browsers use the others.
OF_FUNCTION = ("SageMakerApiEndpointId", "StsEndpointId")
_NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint of the gate: the parameter that it stands in, and what EC2 says of it, if it is there."""

    parameter: str
    id: str
    region: str
    described: Json | None = field(repr=False, compare=False)

    @property
    def service(self) -> str:
        """The service's name without what stands before and of the region, as in `sagemaker.api`."""
        name = str((self.described or {}).get("ServiceName", ""))
        return name.partition(f".{self.region}.")[2] or name

    @property
    def is_right(self) -> bool:
        """Whether it is there, and of a service that belongs in its place."""
        return self.service in SERVICES[self.parameter]


@dataclass(frozen=True, slots=True)
class Given:
    """What the person at the terminal gave: networks of people, what gate.toml says, that this host is in the VPC."""

    networks: tuple[IPv4Network, ...] = ()
    inside: bool = False
    config: Json | None = None
    read_secrets: bool = False
    hours: int = 24


class Patient:
    """A stack of the gate. What is looked at by several checks is looked at once, and raises the same each time."""

    def __init__(self, asked: Asked, stack: Json, here: Here, given: Given) -> None:
        self.asked, self.stack, self.here, self.given = asked, stack, here, given
        _, self.partition, _, self.region, self.account, _ = stack["StackId"].split(":", 5)
        self.suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        self._parameters = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}

    def ask(self, action: str, region: str | None = None, **inputs: object) -> Json:
        """Ask AWS, in the stack's region unless another is named."""
        return self.asked.ask(action, region, **inputs)

    def declared(self, parameter: str) -> str:
        """Return what the stack was given for a parameter or, of a network that it made, what that stack says."""
        return str(self._nested.get(parameter, self._parameters.get(parameter, "")))

    def listed(self, parameter: str) -> list[str]:
        """Return the members of a list parameter."""
        return members(self.declared(parameter))

    @cached_property
    def _nested(self) -> Json:
        if not self._parameters.get("Network", "existing").removeprefix("existing"):
            return {}
        resources = self.ask("cloudformation:ListStackResources", StackName=self.stack["StackName"])
        # Which knows the ids that were given, too.
        wanted = {_OUTPUTS.get(one, one): one for one in (*SERVICES, "SubnetIds", "SecurityGroupIds")}
        found: dict[str, str] = {}
        for one in resources["StackResourceSummaries"]:
            if one["ResourceType"] == _NESTED and "PhysicalResourceId" in one:
                nested = self.ask("cloudformation:DescribeStacks", StackName=one["PhysicalResourceId"])["Stacks"][0]
                outputs = {each["OutputKey"]: each["OutputValue"] for each in nested.get("Outputs", [])}
                found |= {wanted[name]: value for name, value in outputs.items() if name in wanted}
        return found

    @cached_property
    def function(self) -> Json | None:
        """The function as Lambda has it where requests go; None if it is gone."""
        try:
            return self.ask("lambda:GetFunctionConfiguration", FunctionName=self.function_name, **self.qualifier)
        except MissingError:
            return None

    @cached_property
    def qualifier(self) -> dict[str, str]:
        """How Lambda is asked for what requests go to: the function's alias `live`, where there is one."""
        aliases = self.ask("lambda:ListAliases", FunctionName=self.function_name)["Aliases"]
        return {"Qualifier": "live"} if any(one["Name"] == "live" for one in aliases) else {}

    @property
    def function_arn(self) -> str:
        """The function's ARN without a version or alias."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.function_name}"

    @property
    def function_name(self) -> str:
        """The function's name; `NotLookedError` where the stack has none."""
        if "FunctionName" not in self.outputs:
            raise NotLookedError("the stack has no output FunctionName; is it the gate's?")
        return str(self.outputs["FunctionName"])

    def deployed(self) -> Json:
        """Return the function; `NotLookedError` if it is not there."""
        if self.function is None:
            raise NotLookedError("there is no function")
        return self.function

    @property
    def environment(self) -> Json:
        """What the function reads of its environment."""
        found: Json = self.deployed().get("Environment", {}).get("Variables", {})
        return found

    def endpoint_ids(self, parameter: str) -> list[str]:
        """Return the endpoints of a parameter: those that the function knows, where it knows any."""
        environment = (self.function or {}).get("Environment", {}).get("Variables", {})
        minting = members(environment.get("MINTING_ENDPOINT_IDS", ""))
        known = {
            "ExecuteApiEndpointIds": members(environment.get("EXECUTE_API_ENDPOINT_IDS", "")),
            "SageMakerApiEndpointId": minting[:1],
            "StudioEndpointId": minting[1:2],
        }
        return known.get(parameter) or self.listed(parameter)

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint of the gate, in the order of their parameters."""
        found = {one["VpcEndpointId"]: one for one in self.ask("ec2:DescribeVpcEndpoints")["VpcEndpoints"]}
        return tuple(
            Endpoint(parameter, one, self.region, found.get(one))
            for parameter in SERVICES
            for one in self.endpoint_ids(parameter)
        )

    def right(self, *parameters: str) -> Iterator[tuple[Endpoint, Json]]:
        """Yield the endpoints that are what they must be, of these parameters or of all; the others are told once."""
        for one in self.endpoints:
            if one.described is not None and one.is_right and (not parameters or one.parameter in parameters):
                yield one, one.described

    def addresses(self, described: Json) -> set[str]:
        """Return the addresses of an endpoint's network interfaces; `NotLookedError` if they cannot be read."""
        ids = described.get("NetworkInterfaceIds", [])
        if not ids:
            return set()
        try:
            found = self.ask("ec2:DescribeNetworkInterfaces", NetworkInterfaceIds=ids)["NetworkInterfaces"]
        except MissingError as missing:
            raise NotLookedError("the endpoint's network interfaces are not to be seen") from missing
        return {one["PrivateIpAddress"] for one in found}

    @cached_property
    def subnets(self) -> list[Any]:
        """The function's subnets as EC2 describes them."""
        ids = self.deployed().get("VpcConfig", {}).get("SubnetIds", [])
        try:
            found: list[Any] = self.ask("ec2:DescribeSubnets", SubnetIds=ids)["Subnets"] if ids else []
        except MissingError as missing:
            raise NotLookedError("the function's subnets are not to be seen") from missing
        return found

    @property
    def owner(self) -> str | None:
        """The account that owns the function's subnets, where it is another one: it alone sees their endpoints."""
        return next((one["OwnerId"] for one in self.subnets if one.get("OwnerId", self.account) != self.account), None)

    @property
    def networks(self) -> tuple[IPv4Network, ...]:
        """The networks of people: those that were said, else those that the stack was given."""
        return self.given.networks or tuple(IPv4Network(one) for one in self.listed("CorporateCidrs"))

    @property
    def vpc_id(self) -> str:
        """The VPC that the function is in; `NotLookedError` if it is in none."""
        if not self.subnets:
            raise NotLookedError("the function is in no VPC")
        return str(self.subnets[0]["VpcId"])

    @cached_property
    def api_id(self) -> str:
        """The id of the API, by its address or, where that is of another form, by the stack's resources."""
        if (found := _API.match(self.outputs.get("Url", ""))) is not None:
            return found[1]
        resources = self.ask("cloudformation:ListStackResources", StackName=self.stack["StackName"])
        for one in resources["StackResourceSummaries"]:
            if one["ResourceType"] == "AWS::ApiGateway::RestApi" and "PhysicalResourceId" in one:
                return str(one["PhysicalResourceId"])
        raise NotLookedError("the stack has no API; is it the gate's?")

    def role(self, name: str) -> str | None:
        """Return the name of a role that the function's environment has by its ARN."""
        return self.environment.get(name, "").rpartition("/")[2] or None

    @property
    def domains(self) -> list[tuple[str, str]]:
        """The region and id of each Studio domain whose profiles URLs can be minted for."""
        arns = [one.split(":", 5) for one in self.listed("StudioProfileArns")]
        return [(one[3], one[5].split("/")[1]) for one in arns]

    @cached_property
    def reaches(self) -> bool:
        """Whether this host is in the VPC or joined to it: it was said, or an endpoint's interface answers."""
        if self.given.inside:
            return True
        return any(
            self.here.connects(address) for _, described in self.right() for address in self.addresses(described)
        )


_API = re.compile(r"https://([a-z0-9]+)\.execute-api\.")
# The network stack calls some of what it makes otherwise than the parameter that it stands for.
_OUTPUTS = {"SecurityGroupIds": "FunctionSecurityGroupIds"}


def members(text: str) -> list[str]:
    """Return the members of a text that lists them with commas."""
    return [one.strip() for one in text.split(",") if one.strip()]
