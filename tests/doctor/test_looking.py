"""What the doctor says where it cannot look, before it can begin, and to people."""

import re
import socket
from contextlib import closing
from pathlib import Path

import pytest
from moto.ec2.models import ec2_backends

from studio_gate_cli.doctor import here
from studio_gate_cli.doctor.checks import CHECKS
from tests.doctor import world as worlds
from tests.doctor.conftest import Doctor
from tests.doctor.nets import ACCOUNT, REGION, STACK, World

UNSEEN = {
    "ec2:DescribeVpcEndpoints": {"endpoints", "services", "security groups", "endpoint policies", "names"},
    "ec2:DescribeSecurityGroups": {"security groups"},
    "ec2:DescribeNetworkInterfaces": {"security groups", "names"},
    "iam:GetRole": {"roles"},
    "apigateway:GetStage": {"api"},
    "lambda:GetPolicy": {"api"},
    "logs:FilterLogEvents": {"function"},
    "sagemaker:DescribeDomain": {"domains"},
    "ssm:DescribeParameters": {"secrets"},
}


@pytest.mark.parametrize(("action", "checks"), UNSEEN.items(), ids=UNSEEN.keys())
def test_what_one_may_not_look_at_is_not_proven(healthy: World, doctor: Doctor, action: str, checks: set[str]) -> None:
    healthy.refused.add(action)
    visit = doctor(healthy)
    assert {one["check"] for one in visit.told["not_proven"]} == checks
    assert (visit.status, visit.told["findings"]) == (9, [])
    assert {name for name, state in visit.told["checks"].items() if state == "NOT PROVEN"} == checks
    assert all(action in one["why"] and "AccessDenied" in one["why"] for one in visit.told["not_proven"])


def test_something_is_wrong_though_not_everything_could_be_looked_at(healthy: World, doctor: Doctor) -> None:
    healthy.refused.add("iam:GetRole")
    healthy.held("studio").private_dns_enabled = False
    visit = doctor(healthy)
    assert (visit.status, visit.names, len(visit.told["not_proven"])) == (1, ["private-dns-off"], 1)


def test_elsewhere_names_are_not_proven(healthy: World, doctor: Doctor) -> None:
    healthy.silent = {address for name in healthy.endpoints for address in healthy.addresses(name)}
    healthy.dns = dict.fromkeys(healthy.dns, ("52.94.1.2",))
    visit = doctor(healthy)
    assert (visit.status, visit.names) == (9, [])
    assert [one["check"] for one in visit.told["not_proven"]] == ["names"]
    assert "--inside" in visit.told["not_proven"][0]["why"]


def test_who_is_said_to_be_inside_is_told_all_of_it(healthy: World, doctor: Doctor) -> None:
    healthy.silent = {address for name in healthy.endpoints for address in healthy.addresses(name)}
    healthy.dns = dict.fromkeys(healthy.dns, ("52.94.1.2",))
    visit = doctor(healthy, "--inside")
    assert (visit.status, visit.names) == (1, ["dns-public", "dns-public-for-function", "endpoint-unreachable"])


def test_conditions_that_nobody_here_knows_are_not_guessed(healthy: World, doctor: Doctor) -> None:
    statement = '{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": %s}'
    condition = '{"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}'
    healthy.held("sts").policy_document = f'{{"Statement": [{statement % condition}]}}'
    visit = doctor(healthy)
    assert (visit.status, visit.names) == (9, [])
    assert {(one["check"], one["about"]) for one in visit.told["not_proven"]} == {
        ("endpoint policies", healthy.endpoints["sts"])
    }


def test_a_prefix_list_is_not_guessed(healthy: World, doctor: Doctor) -> None:
    ec2, group = healthy.client("ec2"), healthy.groups["function"]
    (had,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=had["IpPermissionsEgress"])
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    visit = doctor(healthy)
    assert (visit.status, {one["check"] for one in visit.told["not_proven"]}) == (9, {"security groups"})


def test_of_shared_subnets_the_owner_alone_sees_the_endpoints(healthy: World, doctor: Doctor) -> None:
    for name in ("sts", "studio", "ssm"):
        del ec2_backends[ACCOUNT.id][REGION].vpc_end_points[healthy.endpoints[name]]
    healthy.says["ec2:DescribeSubnets"] = lambda told: [one.update(OwnerId="999988887777") for one in told["Subnets"]]
    visit = doctor(healthy)
    assert (visit.status, visit.names) == (9, [])
    unseen = {healthy.endpoints["sts"], healthy.endpoints["studio"], "ssm"}
    assert {one["about"] for one in visit.told["not_proven"]} == unseen
    assert all("999988887777" in one["why"] for one in visit.told["not_proven"])


def test_options_that_are_not_given_are_no_lack(healthy: World, doctor: Doctor) -> None:
    visit = doctor(healthy)
    asked = {check.name: f"not asked ({check.only})" if check.only else "well" for check in CHECKS}
    assert (visit.status, visit.told["checks"]) == (0, asked)
    assert "ssm:GetParameter" not in healthy.calls


def test_what_people_read(healthy: World, doctor: Doctor) -> None:
    healthy.held("studio").private_dns_enabled = False
    healthy.held("sts").subnet_ids.pop()
    healthy.refused.add("iam:GetRole")
    visit = doctor(healthy, as_json=False)
    table, first, second, last = visit.out.rstrip().split("\n\n")
    assert re.search(r"^endpoints +1 broken, 1 warning$", table, re.MULTILINE)
    assert re.search(r"^roles +NOT PROVEN$", table, re.MULTILINE)
    assert first.startswith(f"broken: private-dns-off, {healthy.endpoints['studio']}: the studio endpoint")
    assert "\n  what to do: Turn it on: aws ec2 modify-vpc-endpoint" in first
    assert second.startswith("warning: endpoint-in-one-zone")
    assert last == "NOT PROVEN: roles: AWS refused iam:GetRole (AccessDenied)"
    assert "looking at endpoints" in visit.err
    assert visit.err.splitlines()[-1] == "studio-gate: 2 found wrong, 1 not proven"


BEGINNINGS: dict[str, tuple[list[str], str | None, int, str]] = {
    "no such stack": (["--stack", "other"], None, 2, "the stack other is not there, in eu-central-1"),
    "no stack": ([], None, 2, "required: --stack"),
    "no network": (["--stack", STACK, "--from", "10.0.0.1/8"], None, 2, "must be a network such as 10.0.0.0/8"),
    "no hours": (["--stack", STACK, "--hours", "0"], None, 2, "must be a number of hours"),
    "secrets of nobody": (["--stack", STACK, "--read-secrets"], None, 2, "--read-secrets goes with --config"),
    "no configuration": (["--stack", STACK, "--config", "nowhere"], None, 2, "cannot be read: No such file"),
    "nothing allowed": (
        ["--stack", STACK],
        "cloudformation:DescribeStacks",
        5,
        "refused cloudformation:DescribeStacks",
    ),
}


@pytest.mark.parametrize(("given", "refused", "status", "said"), BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_it_does_not_even_begin(
    network: World, doctor: Doctor, given: list[str], refused: str | None, status: int, said: str
) -> None:
    network.refused = {refused} if refused else set()
    visit = doctor(network, *given, stack=False)
    assert (visit.status, visit.out) == (status, "")
    assert said in visit.err


def test_a_gate_toml_that_is_none(network: World, doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("version = ", encoding="utf-8")
    visit = doctor(network, "--config", str(tmp_path))
    assert (visit.status, "is no TOML" in visit.err) == (2, True)


def test_the_stack_of_somebody_else(aws: None, doctor: Doctor, network: World) -> None:
    worlds.stack(STACK, {"Size": "3"}, {"Name": "x"})
    visit = doctor(network)
    assert (visit.status, visit.names) == (9, [])
    assert "the stack has no output FunctionName; is it the gate's?" in {one["why"] for one in visit.told["not_proven"]}


def test_a_network_that_the_stack_made(network: World, tmp_path: Path, doctor: Doctor) -> None:
    """Its ids are the nested stack's outputs; the parameters are empty."""
    made = worlds.parameters(network)
    worlds.deploy(network, made, tmp_path)
    renamed = {"SecurityGroupIds": "FunctionSecurityGroupIds"}
    outputs = {renamed.get(name, name): made[name] for name in worlds.OF_NETWORK}
    empty = made | dict.fromkeys(worlds.OF_NETWORK, "") | {"Network": "vpc"}
    worlds.stack_with_network(network, empty, outputs)
    visit = doctor(network)
    assert (visit.status, visit.told["findings"], visit.told["not_proven"]) == (0, [], [])
    assert "cloudformation:ListStackResources" in network.calls


def test_the_alias_is_what_counts(healthy: World, doctor: Doctor) -> None:
    """Requests go to its version, and not to the newest code."""
    functions = healthy.client("lambda")
    if not functions.list_aliases(FunctionName=STACK)["Aliases"]:
        version = functions.publish_version(FunctionName=STACK)["Version"]
        functions.create_alias(FunctionName=STACK, Name="live", FunctionVersion=version)
    functions.update_function_configuration(FunctionName=STACK, Layers=[])
    assert doctor(healthy).names == []
    version = functions.publish_version(FunctionName=STACK)["Version"]
    functions.update_alias(FunctionName=STACK, Name="live", FunctionVersion=version)
    assert doctor(healthy).names == ["layer-missing"]


def test_this_host_resolves_and_connects() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        assert here.connects("127.0.0.1", port)
    assert not here.connects("127.0.0.1", port)
    assert here.this_host().resolve("localhost") == ("127.0.0.1",)
    assert here.this_host().resolve("nowhere.invalid") == ()
