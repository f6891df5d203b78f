"""A deployed gate in the stand-in: what template.yaml makes, with the network that it is deployed into.

Roles, policies, environment and settings are those of the template, resolved with the ids that the stand-in gave.
"""

import io
import json
import time
import tomllib
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from localaws import example, signed_in, studio, template
from localaws.physical import Made
from tests.doctor.nets import ACCOUNT, REGION, STACK, Json, World, client

_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT.id}:secret:studio-gate/client-??????"
_API = Made(ACCOUNT, "Api", "AWS::ApiGateway::RestApi", lambda _: None).id
_NETWORK_URL = f"https://s3.{REGION}.amazonaws.com/templates/network.yaml"
# What Network=vpc makes and says as outputs of its stack.
OF_NETWORK = (
    *("SubnetIds", "SecurityGroupIds", "ExecuteApiEndpointIds", "SageMakerApiEndpointId", "StudioEndpointId"),
    *("StsEndpointId", "UseEndpointIds"),
)


@cache
def _resolved(given: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(template.create(_template(), dict(given), ACCOUNT))


@cache
def _template() -> Json:
    return template.load(example.ROOT / "template.yaml")


def parameters(world: World) -> dict[str, str]:
    """Return the example's parameters, with the network's ids and the stand-in's account."""
    ids = world.endpoints
    given = {
        key: value.replace(example.ACCOUNT.id, ACCOUNT.id)
        for key, value in example.parameters().items()
        if key != "OtherRoleArns"
    }
    return given | {
        "SubnetIds": ",".join(world.subnets),
        "SecurityGroupIds": world.groups["function"],
        "ExecuteApiEndpointIds": ids["execute-api"],
        "SageMakerApiEndpointId": ids["sagemaker.api"],
        "StudioEndpointId": ids["studio"],
        "StsEndpointId": ids["sts"],
        "UseEndpointIds": f"{ids['notebook']},{ids['experiments']}",
        "SecretArns": f"{given['SecretArns']},{_SECRET}",
    }


def deploy(world: World, given: Mapping[str, str], folder: Path) -> World:
    """Make what the template makes with these parameters, and what the gate is for."""
    world.parameters = dict(given)
    settings = {"types": ["PRIVATE"], "vpcEndpointIds": given["ExecuteApiEndpointIds"].split(",")}
    world.api = client("apigateway").create_rest_api(name=STACK, endpointConfiguration=settings)["id"]
    # What the template calls the API, where it is named.
    world.resources = json.loads(_resolved(tuple(sorted(given.items()))).replace(_API, world.api))
    _roles(world)
    _api(world)
    _function(world)
    _logs(world)
    _studio(world, folder)
    _secrets()
    _stack(world)
    world.dns = {
        f"{world.api}.execute-api.{REGION}.amazonaws.com": world.addresses("execute-api"),
        f"api.sagemaker.{REGION}.amazonaws.com": world.addresses("sagemaker.api"),
        f"sts.{REGION}.amazonaws.com": world.addresses("sts"),
    }
    world.dns |= {f"{one}.studio.{REGION}.sagemaker.aws": world.addresses("studio") for one in domains(given)}
    return world


def domains(given: Mapping[str, str]) -> list[str]:
    """Return the ids of the stack's domains."""
    return [arn.split("/")[1] for arn in given["StudioProfileArns"].split(",")]


def every(world: World, kind: str) -> dict[str, Json]:
    """Return the properties of the stack's resources of a type."""
    return {name: one["Properties"] for name, one in world.resources.items() if one["Type"] == kind}


def role_name(world: World, logical: str) -> str:
    """Return what a role of the template is called."""
    return str(world.resources[logical]["Properties"].get("RoleName", f"{STACK}-{logical}"))


def _roles(world: World) -> None:
    iam = client("iam")
    for logical, one in every(world, "AWS::IAM::Role").items():
        name, trust = role_name(world, logical), json.dumps(one["AssumeRolePolicyDocument"])
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        for policy in one.get("Policies", []):
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)


def policy_of(world: World) -> str:
    """Return the API's resource policy as API Gateway returns it: its own ARNs in full."""
    (api,) = every(world, "AWS::ApiGateway::RestApi").values()
    full = f"arn:aws:execute-api:{REGION}:{ACCOUNT.id}:{world.api}/"
    return json.dumps(api["Body"]["x-amazon-apigateway-policy"]).replace("execute-api:/", full)


def put_policy(world: World, policy: str) -> None:
    """Give the API a resource policy."""
    change = [{"op": "replace", "path": "/policy", "value": policy}]
    client("apigateway").update_rest_api(restApiId=world.api, patchOperations=change)


def _api(world: World) -> None:
    gateway = client("apigateway")
    put_policy(world, policy_of(world))
    root = gateway.get_resources(restApiId=world.api)["items"][0]["id"]
    place = {"restApiId": world.api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_integration(**place, type="MOCK")
    gateway.create_deployment(restApiId=world.api, stageName="gate")


def _function(world: World) -> None:
    functions = client("lambda")
    (one,) = [each for each in every(world, "AWS::Lambda::Function").values() if each["FunctionName"] == STACK]
    layer = functions.publish_layer_version(LayerName=f"{STACK}-dependencies-arm64", Content={"ZipFile": _zip()})
    functions.create_function(
        FunctionName=STACK,
        Runtime=one["Runtime"],
        Role=f"arn:aws:iam::{ACCOUNT.id}:role/{role_name(world, 'FunctionRole')}",
        Handler=one["Handler"],
        Code={"ZipFile": _zip()},
        Architectures=one["Architectures"],
        Layers=[layer["LayerVersionArn"]],
        VpcConfig=one["VpcConfig"],
        Environment=one["Environment"],
    )
    aliases = every(world, "AWS::Lambda::Alias")
    for alias in aliases.values():
        version = functions.publish_version(FunctionName=STACK)["Version"]
        functions.create_alias(FunctionName=STACK, Name=alias["Name"], FunctionVersion=version)
    allowed = [one for one in every(world, "AWS::Lambda::Permission").values() if "/GET/health" in one["SourceArn"]]
    for number, permission in enumerate(allowed):
        functions.add_permission(
            **{"FunctionName": STACK} | ({"Qualifier": "live"} if aliases else {}),
            StatementId=f"p{number}",
            Action=permission["Action"],
            Principal=permission["Principal"],
            SourceArn=permission["SourceArn"],
        )


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("studio_gate/handler.py", "")
    return held.getvalue()


def _logs(world: World) -> None:
    logs = client("logs")
    for one in every(world, "AWS::Logs::LogGroup").values():
        logs.create_log_group(logGroupName=one["LogGroupName"])
    logs.create_log_stream(logGroupName=f"/aws/lambda/{STACK}", logStreamName="s")
    log(world, '{"audit": {"status": 302, "outcome": "minted", "reason": null}}')
    log(world, '{"audit": {"status": 403, "outcome": "refused", "reason": "no-permit"}}')


def log(_: World, text: str) -> None:
    """Write a line into the function's log, now."""
    event = {"timestamp": int(time.time() * 1000), "message": text}
    client("logs").put_log_events(logGroupName=f"/aws/lambda/{STACK}", logStreamName="s", logEvents=[event])


def _studio(world: World, folder: Path) -> None:
    written = (example.CONFIG / "gate.toml").read_text(encoding="utf-8").replace(example.ACCOUNT.id, ACCOUNT.id)
    world.config = folder / "gate.toml"
    world.config.write_text(written, encoding="utf-8")
    config = tomllib.loads(written)
    listed = {one["domain_id"]: one for one in config["destinations"] if one["kind"] == "studio"}
    for domain in domains(world.parameters):
        names = [one["name"] for one in listed[domain].get("profiles", [])] or ["dinah"]
        profiles = tuple(studio.UserProfile(name, tags={"owner": f"{name}@example.com"}) for name in names)
        studio.seed(studio.Domain(domain, user_profiles=profiles), region=REGION)


def _secrets() -> None:
    ssm = {"Name": "/studio-gate/sealing-keys", "Value": signed_in.SEALING_KEYS, "Type": "SecureString"}
    client("ssm").put_parameter(**ssm, Overwrite=True)
    client("secretsmanager").create_secret(Name="studio-gate/client", SecretString="secret-canary")


def _stack(world: World) -> None:
    """Have CloudFormation say what it was given and what came out; the resources are there already."""
    declared = _template()["Parameters"]
    defaults = {key: str(one["Default"]) for key, one in declared.items() if "Default" in one}
    stack(STACK, defaults | world.parameters, _outputs(world))


def _outputs(world: World) -> dict[str, str]:
    return {
        "Url": f"https://{world.api}.execute-api.{REGION}.amazonaws.com/gate",
        "MintingRoleArn": f"arn:aws:iam::{ACCOUNT.id}:role/{role_name(world, 'MintingRole')}",
        "FunctionRoleArn": f"arn:aws:iam::{ACCOUNT.id}:role/{role_name(world, 'FunctionRole')}",
        "FunctionName": STACK,
    }


def stack_with_network(world: World, given: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Have CloudFormation say that the gate's stack made its network, in a nested stack with these outputs."""
    client("cloudformation").delete_stack(StackName=STACK)
    client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3").put_object(Bucket="templates", Key="network.yaml", Body=_document({}, outputs, {}).encode())
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": _NETWORK_URL}}
    stack(STACK, given, _outputs(world), {"MadeNetwork": nested})


def stack(
    name: str, given: Mapping[str, str], outputs: Mapping[str, str], resources: Mapping[str, Json] | None = None
) -> None:
    """Make a stack that has these parameters and outputs."""
    listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    document = _document({key: {"Type": "String"} for key in given}, outputs, resources or {})
    client("cloudformation").create_stack(StackName=name, TemplateBody=document, Parameters=listed)


def _document(declared: Mapping[str, Json], outputs: Mapping[str, str], resources: Mapping[str, Json]) -> str:
    nothing = {"Nothing": {"Type": "AWS::SNS::Topic"}}
    came_out = {key: {"Value": value} for key, value in outputs.items()}
    return json.dumps({"Parameters": declared, "Resources": nothing | dict(resources), "Outputs": came_out})
