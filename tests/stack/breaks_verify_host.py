"""Ways to break the host to verify with, by the guarantee of `test_verify_host` that must notice."""

from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, both, drop, new, put

_NIC = "Host/NetworkInterfaces/0"
_DISK = "Host/BlockDeviceMappings/0"
_OUT = "HostGroup/SecurityGroupEgress"
_OWN = "HostRole/Policies"
_DENY = f"{_OWN}/read-no-parameter/PolicyDocument/Statement/NoParameterOfTheAccount"
_TRUST = "HostRole/AssumeRolePolicyDocument/Statement/0/Principal"
_RULE = {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "CidrIp": "10.0.0.0/8"}


def _may(action: str) -> dict[str, object]:
    return {"PolicyName": "more", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow(action)]}}


def _attached(name: str) -> Mutation:
    return add("HostRole/ManagedPolicyArns", f"arn:aws:iam::aws:policy/{name}")


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "there is the host, its role and its group, and nothing else": {
        "an address": new("Address", "AWS::EC2::EIP", {"InstanceId": {"Ref": "Host"}}),
        "a policy attached from outside": new("More", "AWS::IAM::Policy", {"Roles": [{"Ref": "HostRole"}]}),
        "a second rule": new("Rule", "AWS::EC2::SecurityGroupIngress", {"GroupId": {"Ref": "EndpointSecurityGroupId"}}),
    },
    "nothing can connect to the host": {
        "the remote desktop from the office": put("HostGroup/SecurityGroupIngress", [_RULE]),
        "a rule beside": new(
            "Rule", "AWS::EC2::SecurityGroupIngress", _RULE | {"GroupId": {"Fn::GetAtt": "HostGroup.GroupId"}}
        ),
        "the endpoints' group, whose rules are for others": add(
            f"{_NIC}/GroupSet/Fn::If/1", {"Ref": "EndpointSecurityGroupId"}
        ),
        "no group of its own": put(f"{_NIC}/GroupSet", [{"Ref": "EndpointSecurityGroupId"}]),
    },
    "the host reaches the endpoints alone, on 443": {
        "everything out": put(_OUT, [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]),
        "everywhere on 443": put(_OUT, [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}]),
        "port 80 too": put(f"{_OUT}/0/FromPort", 80),
        "a second rule": add(_OUT, {"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}),
        "everybody into the endpoints": put("HostIntoTheEndpoints/SourceSecurityGroupId", "sg-0a"),
        "every port of the endpoints": put("HostIntoTheEndpoints/ToPort", 65535),
    },
    "the host has no public address and no key": {
        "a public address": put(f"{_NIC}/AssociatePublicIpAddress", "true"),
        "whatever the subnet says": drop(f"{_NIC}/AssociatePublicIpAddress"),
        "an IPv6 address": put(f"{_NIC}/Ipv6AddressCount", 1),
        "a key": put("Host/KeyName", "admin"),
        "a script": put("Host/UserData", "IyEvYmluL3No"),
        "another subnet": put(f"{_NIC}/SubnetId", {"Fn::Select": [1, {"Ref": "SubnetIds"}]}),
    },
    "its credentials are for who holds a session token on it": {
        "without a token": put("Host/MetadataOptions/HttpTokens", "optional"),
        "through a proxy": put("Host/MetadataOptions/HttpPutResponseHopLimit", 2),
        "as the account says": drop("Host/MetadataOptions/HttpTokens"),
    },
    "its volume is encrypted and goes with it": {
        "as the account says": drop(f"{_DISK}/Ebs/Encrypted"),
        "in the clear": put(f"{_DISK}/Ebs/Encrypted", "false"),
        "under another key": drop(f"{_DISK}/Ebs/KmsKeyId"),
        "kept": put(f"{_DISK}/Ebs/DeleteOnTermination", "false"),
    },
    "it is what was asked for": {
        "Linux for Windows": put("Host/ImageId", {"Ref": "LinuxImage"}),
        "a second disk for the first": put(f"{_DISK}/DeviceName", "/dev/xvda"),
        "another type": put("Host/InstanceType", "t3.medium"),
        "no boundary": drop("HostRole/PermissionsBoundary"),
    },
    "Systems Manager reaches it": {
        "no policy": put("HostRole/ManagedPolicyArns", []),
        "no parameter at all": put(f"{_DENY}/Resource", "*"),
        "no profile": put("Host/IamInstanceProfile", "default"),
        "another role": put("HostProfile/Roles", ["admin"]),
        "a Deny of all": both(put(f"{_DENY}/Action", ["ssm:*", "ssmmessages:*"]), put(f"{_DENY}/Resource", "*")),
    },
    "its role may do nothing besides": {
        "sessions on other hosts": add(_OWN, _may("ssm:StartSession")),
        "the older policy": _attached("AmazonEC2RoleforSSM"),
        "another role": add(_OWN, _may("sts:AssumeRole")),
        "URLs": add(_OWN, _may("sagemaker:*")),
        "the gate": add(_OWN, _may("execute-api:Invoke")),
        "secrets": add(_OWN, _may("secretsmanager:GetSecretValue")),
        "administration": _attached("AdministratorAccess"),
    },
    "its role reads no parameter of the account": {
        "the managed policy alone": put(_OWN, []),
        "the Deny an Allow": put(f"{_DENY}/Effect", "Allow"),
        "one of the two actions": put(f"{_DENY}/Action", "ssm:GetParameter"),
        "one folder": put(f"{_DENY}/Resource", "arn:aws:ssm:*:111122223333:parameter/studio-gate/*"),
        "one region": put(f"{_DENY}/Resource", "arn:aws:ssm:eu-central-1:111122223333:parameter/*"),
    },
    "EC2 alone has its role": {
        "Lambda too": put(_TRUST, {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
        "the account": put(_TRUST, {"AWS": "arn:aws:iam::111122223333:role/other"}),
        "everybody": put(_TRUST, "*"),
    },
}
