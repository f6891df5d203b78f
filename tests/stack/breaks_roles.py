"""Ways to break what the gate and its URLs may do, by the guarantee of `test_roles` that must notice."""

from tests.stack.mutations import Mutation, add, both, drop, new, put

GATE = "FunctionRole/Policies/gate/PolicyDocument/Statement"
MINT = "MintingRole/Policies/mint/PolicyDocument/Statement"
TRUST = "MintingRole/AssumeRolePolicyDocument/Statement/TheFunctionThroughTheStsEndpoint"
MINTS = f"{MINT}/PresignedUrlsForTheProfilesOfTheDomains"
DENY = f"{MINT}/DenyOutsideTheEndpoints"
ALONE = f"{GATE}/MintingByThisFunctionAlone"
READS, DECRYPTS = f"{GATE}/ReadTheSecretsOfSignIn", f"{GATE}/DecryptTheSecretsOfSignIn"
READS_MADE = f"{GATE}/ReadTheSealingKeysOfTheStack"
CONFIGURES = f"{GATE}/ReadTheLiveConfiguration"
SOURCE = "lambda:SourceFunctionArn"
FUNCTION_ARN = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}"}
SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT = {"Ref": "SageMakerApiEndpointId"}, {"Ref": "StudioEndpointId"}
NOTEBOOKS, SERVERS = f"{MINT}/PresignedUrlsForTheNotebooks", f"{MINT}/PresignedUrlsForTheTrackingServersAndTheirUse"
NOTHING = {"Ref": "AWS::NoValue"}
OTHERS = f"{GATE}/AssumeTheRolesOfOtherAccounts"


def allow(action: str, resource: object = "*") -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def _deny_through(endpoint: object) -> dict[str, object]:
    condition = {"StringNotEquals": {"aws:SourceVpce": endpoint}}
    return {"Effect": "Deny", "Action": ["sagemaker:*", "sagemaker-mlflow:*"], "Resource": "*", "Condition": condition}


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the stack's identities are its own roles, with inline policies alone": {
        "a managed policy": put("FunctionRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        "one role more": new("More", "AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}, "Policies": []}),
        "a policy attached from outside": new("More", "AWS::IAM::Policy", {"Roles": [{"Ref": "FunctionRole"}]}),
        "the function under the minting role": put("Function/Role", {"Fn::GetAtt": ["MintingRole", "Arn"]}),
    },
    "no policy allows by exception, or by wildcard action but MLflow's": {
        "all of SageMaker": add(f"{SERVERS}/Action", "sagemaker:*"),
        "all of STS": put(f"{GATE}/AssumeTheMintingRole/Action", "sts:*"),
        "every action but one": both(
            drop(f"{GATE}/Trace/Action"),
            put(f"{GATE}/Trace/NotAction", ["iam:CreateUser"]),
            drop(f"{GATE}/Trace/Resource"),
        ),
    },
    "Resource * goes with the committed list of actions alone": {
        "a new action on *": add(f"{GATE}/DescribeForTheVpc/Action", "ec2:DescribeInstances"),
        "a new statement on *": add(GATE, allow("secretsmanager:GetSecretValue")),
        "an old action on *": put(f"{GATE}/WriteItsLogs/Resource", "*"),
        "* beside an ARN": add(f"{GATE}/WriteItsLogs/Resource", "*"),
        "an action of another role": add(f"{GATE}/DescribeForTheVpc/Action", "sagemaker:ListApps"),
        "all of MLflow on every server": put(f"{SERVERS}/Resource", "*"),
        "an action less": put(f"{GATE}/Trace/Action", "xray:PutTraceSegments"),
    },
    "the function may attach to the VPC, log, trace, assume and read what it is given, and nothing else": {
        "SageMaker by itself": add(GATE, allow("sagemaker:CreatePresignedDomainUrl", "arn:aws:sagemaker:*")),
        "whole folders of parameters": add(f"{READS}/Action", "ssm:GetParametersByPath"),
        "a second log action": add(f"{GATE}/WriteItsLogs/Action", "logs:GetLogEvents"),
    },
    "the function can assume the given roles alone, through the STS endpoint alone": {
        "the STS condition removed": drop(f"{GATE}/AssumeTheMintingRole/Condition"),
        "another endpoint": put(
            f"{GATE}/AssumeTheMintingRole/Condition/StringEquals", {"aws:SourceVpce": SAGEMAKER_ENDPOINT}
        ),
        "the STS condition with IfExists": put(
            f"{GATE}/AssumeTheMintingRole/Condition",
            {"StringEqualsIfExists": {"aws:SourceVpce": {"Ref": "StsEndpointId"}}},
        ),
        "any role": put(f"{GATE}/AssumeTheMintingRole/Resource", "*"),
        "a second role": add(f"{GATE}/AssumeTheMintingRole/Resource", "arn:aws:iam::111122223333:role/admin"),
        "session tags": add(f"{GATE}/AssumeTheMintingRole/Action", "sts:TagSession"),
        "a second Allow": add(GATE, allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/studio-gate-minting")),
        "the directory for somebody": add(f"{GATE}/AssumeTheDirectoryRole/Action", "sts:SetSourceIdentity"),
        "the directory from anywhere": drop(f"{GATE}/AssumeTheDirectoryRole/Condition"),
        "every role of the stack's name": put(
            f"{GATE}/AssumeTheDirectoryRole/Resource", "arn:aws:iam::111122223333:role/studio-gate-*"
        ),
        "no role that makes profiles": put(f"{GATE}/AssumeTheProfileMakingRole", NOTHING),
        "other accounts' roles from anywhere": drop(f"{OTHERS}/Condition"),
        "other accounts' roles by pattern": put(f"{OTHERS}/Resource", "arn:aws:iam::444455556666:role/*"),
        "every account's roles": put(f"{OTHERS}/Resource", "arn:aws:iam::*:role/studio-gate-roles-minting"),
        "a role of another account that nobody gave": put(f"{OTHERS}/Resource", "arn:aws:iam::444455556666:role/x"),
    },
    "the function's own code reads the given secrets and those of the stack, and no others": {
        "every version of the stack's own name": put(f"{READS_MADE}/Resource", {"Fn::Sub": "${SealingKeysSecret}*"}),
        "the stack's own by whoever has the role": drop(f"{READS_MADE}/Condition"),
        "every secret": put(f"{READS}/Resource", "*"),
        "every parameter": put(f"{READS}/Resource", "arn:aws:ssm:eu-central-1:111122223333:parameter/*"),
        "whoever has the role": drop(f"{READS}/Condition"),
        "another function": put(f"{READS}/Condition/ArnEquals", {SOURCE: f"{FUNCTION_ARN['Fn::Sub']}-2"}),
        "the condition with IfExists": put(f"{READS}/Condition", {"ArnEqualsIfExists": {SOURCE: FUNCTION_ARN}}),
        "a second Allow": add(GATE, allow("ssm:GetParameter", "arn:aws:ssm:eu-central-1:111122223333:parameter/x")),
        "writing, too": add(f"{READS}/Action", "ssm:PutParameter"),
        "the function renamed": put("Function/FunctionName", "another"),
    },
    "the function's own code reads the given configuration, and no other": {
        "every configuration": put(f"{CONFIGURES}/Resource", "*"),
        "every profile of the application": put(
            f"{CONFIGURES}/Resource/Fn::Sub/0",
            "arn:${AWS::Partition}:appconfig:${AWS::Region}:${AWS::AccountId}:application/${Application}/*",
        ),
        "another environment": put(f"{CONFIGURES}/Resource/Fn::Sub/1/Environment", "other12"),
        "another account": put(
            f"{CONFIGURES}/Resource",
            "arn:aws:appconfig:eu-central-1:444455556666:application/abc1234/environment/d5e6f7/configuration/prof",
        ),
        "whoever has the role": drop(f"{CONFIGURES}/Condition"),
        "the condition with IfExists": put(f"{CONFIGURES}/Condition", {"ArnEqualsIfExists": {SOURCE: FUNCTION_ARN}}),
        "writing, too": add(f"{CONFIGURES}/Action", "appconfig:CreateHostedConfigurationVersion"),
        "deploying, too": add(GATE, allow("appconfig:StartDeployment", "arn:aws:appconfig:eu-central-1:1:x/y")),
        "whether or not it is live": put(f"{GATE}/AssumeTheMintingRole/Action", ["appconfig:GetLatestConfiguration"]),
    },
    "the function decrypts with the given key alone, what holds secrets": {
        "every key": put(f"{DECRYPTS}/Resource", "*"),
        "whatever it encrypts": drop(f"{DECRYPTS}/Condition"),
        "through any service": put(f"{DECRYPTS}/Condition", {"StringLike": {"kms:ViaService": "*"}}),
        "through another service": add(
            f"{DECRYPTS}/Condition/StringEquals/kms:ViaService", {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}
        ),
        "encrypting, too": add(f"{DECRYPTS}/Action", "kms:Encrypt"),
        "a second Allow": add(GATE, allow("kms:Decrypt")),
    },
    "network interfaces are made in the stack's own account and region": {
        "anywhere": put(f"{GATE}/AttachToTheVpc/Resource", "*"),
        "every kind of resource": put(f"{GATE}/AttachToTheVpc/Resource", "arn:aws:ec2:eu-central-1:111122223333:*"),
    },
    "the function writes to its own log group alone": {
        "any log group": put(f"{GATE}/WriteItsLogs/Resource", "arn:aws:logs:eu-central-1:111122223333:log-group:*"),
    },
    "what Lambda may do with EC2 is denied to the function's own code": {
        "the Deny dropped": drop(f"{GATE}/NotByTheCodeItself"),
        "the Deny for one action alone": put(f"{GATE}/NotByTheCodeItself/Action", "ec2:CreateNetworkInterface"),
        "another function": put(
            f"{GATE}/NotByTheCodeItself/Condition/ArnEquals",
            {SOURCE: "arn:aws:lambda:eu-central-1:111122223333:function:another"},
        ),
        "the function renamed": put("Function/FunctionName", "another"),
        "the Deny for Lambda too": drop(f"{GATE}/NotByTheCodeItself/Condition"),
        "the Deny on STS for EC2 too": add(f"{ALONE}/Action", "ec2:*"),
        "the Deny on STS for everything": put(f"{ALONE}/Action", "*"),
        "a third Deny": add(GATE, {"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "*"}),
    },
    "STS is denied to whatever has the function's role and is not the function's own code": {
        "the Deny dropped": drop(ALONE),
        "the Deny turned to Allow": put(f"{ALONE}/Effect", "Allow"),
        "the Deny for one action alone": put(f"{ALONE}/Action", "sts:AssumeRole"),
        "the Deny for one role alone": put(f"{ALONE}/Resource", "arn:aws:iam::111122223333:role/studio-gate-minting"),
        "the Deny for everything": put(f"{ALONE}/Action", "*"),
        "the Deny for the function too": drop(f"{ALONE}/Condition"),
        "the Deny turned round": put(f"{ALONE}/Condition", {"ArnEquals": {SOURCE: FUNCTION_ARN}}),
        "the Deny with IfExists": put(f"{ALONE}/Condition", {"ArnNotEqualsIfExists": {SOURCE: FUNCTION_ARN}}),
        "the Deny only where the key is present": put(f"{ALONE}/Condition/Null", {SOURCE: "false"}),
        "the Deny only through an endpoint": put(
            f"{ALONE}/Condition/StringEquals", {"aws:SourceVpce": {"Ref": "StsEndpointId"}}
        ),
        "another function too": add(
            f"{ALONE}/Condition/ArnNotEquals/{SOURCE}", "arn:aws:lambda:eu-central-1:111122223333:function:another"
        ),
        "every function": put(
            f"{ALONE}/Condition/ArnNotEquals/{SOURCE}", "arn:aws:lambda:eu-central-1:111122223333:function:*"
        ),
        "another key": put(f"{ALONE}/Condition/ArnNotEquals", {"aws:SourceArn": FUNCTION_ARN}),
        "the function renamed": put("Function/FunctionName", "another"),
    },
    "Lambda alone may use the function's role": {
        "the account too": put(
            "FunctionRole/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "arn:aws:iam::111122223333:root"}
        ),
    },
    "the minting role trusts the function, through the STS endpoint, for somebody": {
        "the STS condition removed": drop(f"{TRUST}/Condition/StringEquals"),
        "the source identity no longer required": drop(f"{TRUST}/Condition/StringLike"),
        "the account too": add(f"{TRUST}/Principal/AWS", "arn:aws:iam::111122223333:root"),
        "session tags": add(f"{TRUST}/Action", "sts:TagSession"),
    },
    "the minting role may create presigned URLs for what is given, and nothing else": {
        "a second action": add(f"{MINTS}/Action", "sagemaker:DescribeDomain"),
        "a second Allow": add(MINT, allow("sagemaker:ListDomains")),
        "Resource *": put(f"{MINTS}/Resource", "*"),
        "another domain too": put(f"{MINTS}/Resource", ["arn:aws:sagemaker:eu-central-1:111122223333:user-profile/*"]),
        "apps of MLflow": add(f"{SERVERS}/Action", "sagemaker:CreatePresignedMlflowAppUrl"),
        "notebooks for servers": put(f"{NOTEBOOKS}/Resource", {"Ref": "TrackingServerArns"}),
        "no user interface": put(f"{MINT}/TheUserInterfaceOfTheTrackingServers", NOTHING),
        "a notebook started": add(f"{NOTEBOOKS}/Action", "sagemaker:StartNotebookInstance"),
    },
    "the minting role names each domain, notebook and tracking server in full": {
        "every notebook": put(
            f"{NOTEBOOKS}/Resource", "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/*"
        ),
        "another region's server": put(
            f"{SERVERS}/Resource", "arn:aws:sagemaker:us-east-1:111122223333:mlflow-tracking-server/experiments"
        ),
        "Resource *": put(f"{MINTS}/Resource", "*"),
        "every domain": put(f"{MINTS}/Resource", "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-*/*"),
        "another account's": put(f"{MINTS}/Resource", "arn:aws:sagemaker:eu-central-1:999988887777:user-profile/d-a/*"),
    },
    "the minting role is denied SageMaker and MLflow but through its endpoints, by one Deny": {
        "the Deny dropped": drop(DENY),
        "the Deny turned to Allow": put(f"{DENY}/Effect", "Allow"),
        "the endpoint for minting taken out": put(
            f"{DENY}/Condition/StringNotEquals", {"aws:SourceVpce": [STUDIO_ENDPOINT]}
        ),
        "the endpoint for use taken out": put(
            f"{DENY}/Condition/StringNotEquals", {"aws:SourceVpce": [SAGEMAKER_ENDPOINT]}
        ),
        "two Denies, one for each endpoint": put(
            MINT, [allow("sagemaker:X"), _deny_through(SAGEMAKER_ENDPOINT), _deny_through(STUDIO_ENDPOINT)]
        ),
        "the further endpoints taken out": put(
            f"{DENY}/Condition/StringNotEquals", {"aws:SourceVpce": [SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT]}
        ),
        "the further endpoints alone": put(
            f"{DENY}/Condition/StringNotEquals", {"aws:SourceVpce": {"Ref": "UseEndpointIds"}}
        ),
        "the Deny for minting alone": put(f"{DENY}/Action", "sagemaker:CreatePresignedDomainUrl"),
        "the Deny without MLflow": put(f"{DENY}/Action", "sagemaker:*"),
        "the Deny only where the key is present": put(
            f"{DENY}/Condition",
            {
                "StringNotEquals": {"aws:SourceVpce": [SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT]},
                "Null": {"aws:SourceVpce": "false"},
            },
        ),
    },
    "no session lasts longer than role chaining allows": {
        "the directory's": put("DirectoryRole/MaxSessionDuration", 43200),
        "the maker's": drop("ProfileMakingRole/MaxSessionDuration"),
        "twelve hours": put("MintingRole/MaxSessionDuration", 43200),
    },
    "the policies fit IAM's limits": {
        "a hundred and fifty domains": put(f"{MINTS}/Resource", [f"arn:{n:03}:{'x' * 70}" for n in range(150)]),
    },
}
