"""The Studio domain to try the gate with: private, of two people, and of no use to anybody else."""

from pathlib import Path

import pytest

from localaws import example, template
from localaws.parameters import RULE_FUNCTIONS, accepted, functions_of, refusals
from studio_gate.config import read_config, read_deployment
from studio_gate.destination_config import StudioDestination
from tests.stack.sample import GIVEN, PEOPLE, VARIANTS, WHERE, committed, domain_id, the_domain
from tests.stack.stacks import ROOT, Guarantee, Stack


def private(stack: Stack) -> None:
    domain = the_domain(stack)
    assert (domain["AuthMode"], domain.get("AppNetworkAccessType")) == ("IAM", "VpcOnly")
    assert (domain["VpcId"], domain["SubnetIds"]) == (stack.parameters["VpcId"], stack.listed("SubnetIds"))


def owned(stack: Stack) -> None:
    found = {
        one["UserProfileName"]: {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}
        for one in stack.every("AWS::SageMaker::UserProfile").values()
    }
    alice, bob = ({"owner": stack.parameters[name]} for name in ("AliceOwner", "BobOwner"))
    assert found == {"alice": alice, "bob": bob}


def spaces(stack: Stack) -> None:
    found = {
        (
            one["SpaceName"],
            one["DomainId"],
            one["OwnershipSettings"]["OwnerUserProfileName"],
            one["SpaceSharingSettings"]["SharingType"],
            one["SpaceSettings"]["AppType"],
        )
        for one in stack.every("AWS::SageMaker::Space").values()
    }
    assert found == {(f"{name}-lab", domain_id(stack), name, "Private", "JupyterLab") for name in PEOPLE}


def alone(stack: Stack) -> None:
    groups, given = the_domain(stack)["DefaultUserSettings"]["SecurityGroups"], stack.listed("SecurityGroupIds")
    if given:
        assert groups == given
        assert not {one["Type"] for one in stack.resources.values() if "SecurityGroup" in one["Type"]}
        return
    endpoints = stack.parameters["EndpointSecurityGroupId"]
    group, rules = stack.only("AWS::EC2::SecurityGroup"), stack.every("AWS::EC2::SecurityGroupIngress").values()
    https, said = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, {"Description": ""}
    assert [one | said for one in group["SecurityGroupEgress"]] == [
        https | said | {"DestinationSecurityGroupId": endpoints}
    ]
    assert "SecurityGroupIngress" not in group
    assert len(groups) == 1
    assert [one | said for one in rules] == [https | said | {"GroupId": endpoints, "SourceSecurityGroupId": groups[0]}]
    assert groups[0] != endpoints


def leaves_nothing(stack: Stack) -> None:
    domain, asked = the_domain(stack), stack.parameters["HomeFileSystem"]
    assert domain.get("HomeEfsFileSystemCreation") == asked == domain["DefaultUserSettings"].get("AutoMountHomeEFS")
    assert committed()["Parameters"]["HomeFileSystem"]["Default"] == "Disabled"
    source = stack.source["Resources"]["Domain"]
    assert (source.get("DeletionPolicy"), source.get("UpdateReplacePolicy")) == ("Delete", "Delete")
    idle = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert idle == {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}


GUARANTEES: dict[str, Guarantee] = {
    "the domain is for the gate's URLs, and all its traffic is in the VPC": private,
    "each profile says whose it is": owned,
    "each person has a space that is private": spaces,
    "nothing connects to apps, and they reach the endpoints alone": alone,
    "nothing is left behind that was not asked for": leaves_nothing,
}


@pytest.mark.parametrize("name", VARIANTS)
def test_sound_parameters_are_accepted(name: str) -> None:
    given = VARIANTS[name][0]
    assert [one for one, value in given.items() if not accepted(committed()["Parameters"][one], value)] == []
    assert refusals(committed(), given) == []
    assert functions_of(committed()["Rules"]) - RULE_FUNCTIONS == set()


REFUSED = {
    "no way to the endpoints": {"EndpointSecurityGroupId": ""},
    "two ways to the endpoints": {"SecurityGroupIds": "sg-0123456789abcdef0"},
    "one person twice": {"BobOwner": "alice@example.com"},
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_together_is_refused(given: dict[str, str]) -> None:
    assert len(refusals(committed(), GIVEN | given)) == 1


@pytest.mark.parametrize("name", ["as it comes", "with everything"])
def test_what_it_tells_is_a_gate_toml_and_a_parameter_of_the_gate(name: str, tmp_path: Path) -> None:
    parameters, account = VARIANTS[name]
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": WHERE, "Parameters": parameters}}
    outputs = template.create({"Resources": {"Sample": nested}}, {}, account)["Sample"]["Outputs"]
    path = tmp_path / "gate.toml"
    path.write_text(outputs["GateToml"], encoding="utf-8")
    gate = read_config(path, read_deployment(example.environment()))
    (domain,) = gate.destinations
    assert isinstance(domain, StudioDestination)
    assert (domain.domain_id, domain.arn("aws", "*")) == (outputs["DomainId"], outputs["StudioProfileArns"])
    asked = template.load(ROOT / "template.yaml")["Parameters"]["StudioProfileArns"]
    assert accepted(asked, outputs["StudioProfileArns"])
    assert domain.profile_tagged is not None
    assert domain.profile_tagged.tag == "owner"
    assert ("HomeFileSystemId" in outputs) is (name == "with everything")
