"""Ways to break the sample domain, by the guarantee of `test_sample_domain` or `test_sample_roles` that must notice."""

from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, both, drop, new, put, put_beside

_USER = "Domain/DefaultUserSettings"
_SHARED = "StudioPolicy/PolicyDocument/Statement"
_OWN = "{}Role/Policies/own/PolicyDocument/Statement"
_ALICE, _BOB = (_OWN.format(name) for name in ("Alice", "Bob"))
_TRUST = "{}Role/AssumeRolePolicyDocument/Statement/0"
_IDLE = f"{_USER}/JupyterLabAppSettings/AppLifecycleManagement"
_RULE = {"IpProtocol": "tcp", "FromPort": 8192, "ToPort": 65535, "CidrIp": "10.0.0.0/8"}
_BY_OWNER = "Condition/ArnEquals/sagemaker:OwnerUserProfileArn"
_ANY_OWNER = "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/*"

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the domain is for the gate's URLs, and all its traffic is in the VPC": {
        "Identity Center": put("Domain/AuthMode", "SSO"),
        "the internet": put("Domain/AppNetworkAccessType", "PublicInternetOnly"),
        "as AWS has it": drop("Domain/AppNetworkAccessType"),
        "one subnet": put("Domain/SubnetIds", [{"Fn::Select": [0, {"Ref": "SubnetIds"}]}]),
    },
    "each profile says whose it is": {
        "nobody's": drop("Alice/Tags"),
        "another tag": put("Alice/Tags/0/Key", "Owner"),
        "the other's": put("Bob/Tags/0/Value", {"Ref": "AliceOwner"}),
        "a third": new("Carol", "AWS::SageMaker::UserProfile", {"DomainId": "d-a", "UserProfileName": "carol"}),
    },
    "each person has a space that is private": {
        "shared": put("AliceSpace/SpaceSharingSettings/SharingType", "Shared"),
        "the other's": put("BobSpace/OwnershipSettings/OwnerUserProfileName", "alice"),
        "another app": put("BobSpace/SpaceSettings/AppType", "JupyterServer"),
    },
    "whoever does something is named by it": {
        "left out": drop("Domain/DomainSettings/ExecutionRoleIdentityConfig"),
        "turned off": put("Domain/DomainSettings/ExecutionRoleIdentityConfig", "DISABLED"),
        "a role that may not be told": put(f"{_TRUST.format('Bob')}/Action", "sts:AssumeRole"),
        "a role for one profile, which AWS does not take": put(
            f"{_TRUST.format('Nobody')}/Condition/ArnEquals/aws:SourceArn",
            "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-a/bob",
        ),
    },
    "Studio in this account alone has the execution roles": {
        "Studio of every account": drop(f"{_TRUST.format('Alice')}/Condition"),
        "EC2 too": put(f"{_TRUST.format('Bob')}/Principal/Service", ["sagemaker.amazonaws.com", "ec2.amazonaws.com"]),
        "the account": put(f"{_TRUST.format('Nobody')}/Principal", {"AWS": "arn:aws:iam::111122223333:role/other"}),
        "every account's": put(
            f"{_TRUST.format('Alice')}/Condition/ArnEquals/aws:SourceArn", "arn:aws:sagemaker:eu-central-1:*:*"
        ),
    },
    "each person has an execution role of their own": {
        "one for both": put("Bob/UserSettings/ExecutionRole", {"Fn::GetAtt": "AliceRole.Arn"}),
        "a role without a boundary": drop("NobodyRole/PermissionsBoundary"),
        "a policy attached from outside": new("More", "AWS::IAM::Policy", {"Roles": [{"Ref": "BobRole"}]}),
    },
    "one opens JupyterLab in what is one's own": {
        "no tags": put(f"{_SHARED}/TagAppsWhileTheyAreMade/Action", "sagemaker:ListTags"),
        "apps of profiles alone": drop(f"{_ALICE}/StartAndStopOwnApps"),
        "a space that cannot be changed": drop(f"{_BOB}/ChangeOwnSpace"),
        "no lists": put(f"{_SHARED}/ListWhatIsInDomains/Action", "sagemaker:ListApps"),
        "no spaces to look at": drop(f"{_SHARED}/LookAtWhatIsInTheDomain/Resource/2"),
        "without what everybody needs": put("BobRole/ManagedPolicyArns", []),
        "no logs": drop(f"{_SHARED}/WriteTheLogsOfApps"),
        "a Deny of all": put(f"{_SHARED}/NeverMint/Action", "sagemaker:Create*"),
    },
    "nobody touches what is somebody else's": {
        "every owner's apps": put(f"{_ALICE}/StartAndStopOwnApps/{_BY_OWNER}", _ANY_OWNER),
        "without an owner": drop(f"{_BOB}/StartAndStopOwnApps/Condition"),
        "spaces that are shared": put(
            f"{_BOB}/StartAndStopOwnApps/Condition/StringEquals/sagemaker:SpaceSharingType", ["Private", "Shared"]
        ),
        "every space": put(f"{_ALICE}/ChangeOwnSpace/Resource", "*"),
        "apps of profiles": add(_SHARED, allow("sagemaker:DeleteApp")),
    },
    "nobody may do anything besides": {
        "spaces of one's own": add(f"{_ALICE}/ChangeOwnSpace/Action", "sagemaker:CreateSpace"),
        "tags at any time": drop(f"{_SHARED}/TagAppsWhileTheyAreMade/Condition"),
        "tags on profiles": put(f"{_SHARED}/TagAppsWhileTheyAreMade/Resource", "*"),
        "looking everywhere": put(f"{_SHARED}/LookAtWhatIsInTheDomain/Resource", "*"),
        "the gate": add(_SHARED, allow("execute-api:Invoke")),
        "another role": add(_SHARED, allow("sts:AssumeRole")),
        "what AWS gives": add("BobRole/ManagedPolicyArns", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
        "every list": put(f"{_SHARED}/ListWhatIsInDomains/Action", "sagemaker:List*"),
        "training": add(_BOB, allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/*")),
    },
    "nobody mints a URL from inside": {
        "not denied": drop(f"{_SHARED}/NeverMint"),
        "domains alone": put(f"{_SHARED}/NeverMint/Action", "sagemaker:CreatePresigned*"),
        "one profile": put(f"{_SHARED}/NeverMint/Resource", _ANY_OWNER),
        "for one of them": put("AliceRole/ManagedPolicyArns", []),
    },
    "a profile without a role of its own may do nothing": {
        "somebody's role": put(f"{_USER}/ExecutionRole", {"Fn::GetAtt": "AliceRole.Arn"}),
        "what everybody may": put("NobodyRole/ManagedPolicyArns", [{"Ref": "StudioPolicy"}]),
    },
    "nothing connects to apps, and they reach the endpoints alone": {
        "as Studio Classic has it": put("AppGroup/SecurityGroupIngress", [_RULE]),
        "a rule beside": new(
            "Rule", "AWS::EC2::SecurityGroupIngress", _RULE | {"GroupId": {"Fn::GetAtt": "AppGroup.GroupId"}}
        ),
        "everything out": put("AppGroup/SecurityGroupEgress", [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]),
        "the endpoints' group": put(f"{_USER}/SecurityGroups", [{"Ref": "EndpointSecurityGroupId"}]),
        "every port of the endpoints": put("AppsIntoTheEndpoints/FromPort", 0),
    },
    "nothing is left behind that was not asked for": {
        "a file system, as AWS has it": drop("Domain/HomeEfsFileSystemCreation"),
        "one that is not there mounted": put(f"{_USER}/AutoMountHomeEFS", "Disabled"),
        "a domain that stays": put_beside("Domain", "DeletionPolicy", "Retain"),
        "a domain that stays when it is replaced": put_beside("Domain", "UpdateReplacePolicy", "Retain"),
        "apps that run on": put(f"{_IDLE}/IdleSettings/LifecycleManagement", "DISABLED"),
    },
    "volumes are under the key that is given": {
        "AWS's key": drop("Domain/KmsKeyId"),
        "every key": put(f"{_SHARED}/UseTheKeyOfTheDomain/Resource", "*"),
        "for whatever": drop(f"{_SHARED}/UseTheKeyOfTheDomain/Condition"),
        "a key that nobody may use": both(
            put(f"{_SHARED}/UseTheKeyOfTheDomain/Action", "kms:Decrypt"),
            add(_SHARED, allow("kms:DescribeKey", {"Ref": "KmsKeyArn"})),
        ),
    },
}
