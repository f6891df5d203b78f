"""Ways to break what makes and rotates sealing keys, by the guarantee of `test_rotation_stack` that must notice."""

from tests.stack.breaks_roles import SOURCE, allow
from tests.stack.mutations import Mutation, add, drop, put, put_beside

ROTATE = "RotationRole/Policies/rotate/PolicyDocument/Statement"
READS, ENCRYPTS, NETWORK = (
    f"{ROTATE}/RotateTheSealingKeys",
    f"{ROTATE}/EncryptTheSealingKeys",
    f"{ROTATE}/AttachToTheVpc",
)
DENY = f"{ROTATE}/NotByTheCodeItself"
_ANY_OTHER = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:*"
GATES_OWN = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}"}

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "what makes and rotates sealing keys is there where it is wanted, and nowhere else": {
        "no schedule": put_beside("SealingKeysRotation", "Condition", "IsPlain"),
        "nobody may invoke it": put_beside("RotationPermission", "Condition", "IsPlain"),
    },
    "the keys are made at once and rotated on the given days": {
        "not before the first of the days": drop("SealingKeysRotation/RotateImmediatelyOnUpdate"),
        "other days": put("SealingKeysRotation/RotationRules", {"AutomaticallyAfterDays": 1000}),
        "another function": put("SealingKeysRotation/RotationLambdaARN", {"Fn::GetAtt": ["Function", "Arn"]}),
        "before it may": put_beside("SealingKeysRotation", "DependsOn", ["RotationLogs"]),
    },
    "the keys are a secret of the stack's name, under the given key": {
        "another key": drop("SealingKeysSecret/KmsKeyId"),
        "another name": put("SealingKeysSecret/Name", "sealing-keys"),
        "keys in the template": put("SealingKeysSecret/SecretString", "a:AAAA"),
    },
    "the rotation is a second function beside the gate's, with a role and logs of its own": {
        "with the gate's role": put("Rotation/Role", {"Fn::GetAtt": ["FunctionRole", "Arn"]}),
        "outside the VPC": drop("Rotation/VpcConfig"),
        "into the gate's logs": put("Rotation/LoggingConfig", {"LogGroup": {"Ref": "FunctionLogs"}}),
        "with other wheels": put("Rotation/Layers", [{"Ref": "DependenciesX8664"}]),
        "less time than a step takes": put("Rotation/Timeout", 10),
        "another STS": put("Rotation/Environment", {"Variables": {"AWS_ENDPOINT_URL_STS": "https://example.com"}}),
    },
    "Secrets Manager alone invokes the rotation, for this account": {
        "for every account": drop("RotationPermission/SourceAccount"),
        "somebody else": put("RotationPermission/Principal", "444455556666"),
        "the gate's function": put("RotationPermission/FunctionName", {"Ref": "Function"}),
        "more than invoking": put("RotationPermission/Action", "lambda:*"),
    },
    "the rotation's own code reads and writes this secret, and nothing else": {
        "every secret": put(f"{READS}/Resource", _ANY_OTHER),
        "whoever has the role": drop(f"{READS}/Condition"),
        "the gate's code": put(f"{READS}/Condition/ArnEquals", {SOURCE: GATES_OWN}),
        "deleting, too": add(f"{READS}/Action", "secretsmanager:DeleteSecret"),
        "a second Allow": add(ROTATE, allow("secretsmanager:GetSecretValue", _ANY_OTHER)),
        "every KMS key": put(f"{ENCRYPTS}/Resource", "*"),
        "whatever is encrypted": drop(f"{ENCRYPTS}/Condition"),
        "minting": add(ROTATE, allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/studio-gate-minting")),
        "the gate's logs": put(f"{ROTATE}/WriteItsLogs/Resource", {"Fn::GetAtt": ["FunctionLogs", "Arn"]}),
        "the function renamed": put("RotationLogs/LogGroupName", "/aws/lambda/another"),
    },
    "what Lambda may do with EC2 is denied to the rotation's own code": {
        "the Deny dropped": drop(DENY),
        "the Deny for one action alone": put(f"{DENY}/Action", "ec2:CreateNetworkInterface"),
        "the gate's code": put(f"{DENY}/Condition/ArnEquals", {SOURCE: GATES_OWN}),
        "interfaces anywhere": put(f"{NETWORK}/Resource", "*"),
    },
    "Lambda alone may use the rotation's role": {
        "Secrets Manager, too": put(
            "RotationRole/AssumeRolePolicyDocument/Statement/0/Principal",
            {"Service": ["lambda.amazonaws.com", "secretsmanager.amazonaws.com"]},
        ),
    },
}
