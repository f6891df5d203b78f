"""What stacks are given: how the function starts and is replaced, keys of one's own, and other places."""

from localaws import example, template

HERE = example.ACCOUNT
ELSEWHERE = template.Account("999988887777", "us-gov-west-1", "aws-us-gov", "launchpad")
IN_CHINA = template.Account("999988887777", "cn-north-1", "aws-cn", "launchpad")
_HERE = f"{HERE.region}:{HERE.id}"
# How the function starts and is replaced, and keys of one's own.
SNAPSHOT = {"Start": "snapstart", "Deployment": "AllAtOnce"}
PROVISIONED = {"Start": "provisioned", "ProvisionedConcurrency": "5", "ReservedConcurrency": "20"}
KEYS = {
    "EnvironmentKeyArn": f"arn:aws:kms:{_HERE}:key/mrk-0123456789abcdef0123456789abcdef",
    "LogsKeyArn": f"arn:aws:kms:{_HERE}:key/4321dcba-12ab-34cd-56ef-1234567890ab",
    "PermissionsBoundaryArn": f"arn:aws:iam::{HERE.id}:policy/boundaries/tools",
}
TRIAL = {"VerifyHost": "linux", "SampleDomain": "yes", "FurtherEndpoints": "ssm,ssmmessages,ec2messages"}
MADE = {"SealingKeys": "made", "SealingKeysDays": "7"}
OTHER_IDS = {
    "SubnetIds": "subnet-0fedcba9876543210,subnet-0fedcba9876543211",
    "SecurityGroupIds": "sg-0fedcba9876543210",
    "ExecuteApiEndpointIds": "vpce-01111111111111111,vpce-02222222222222222",
    "SageMakerApiEndpointId": "vpce-03333333333333333",
    "StudioEndpointId": "vpce-04444444444444444",
    "StsEndpointId": "vpce-05555555555555555",
    "TrustedPrincipals": "arn:aws-us-gov:iam::999988887777:role/launchers",
    "StudioProfileArns": "arn:aws-us-gov:sagemaker:us-gov-west-1:999988887777:user-profile/d-other/*",
    "SecretArns": "arn:aws-us-gov:ssm:us-gov-west-1:999988887777:parameter/door/keys",
    "ConfigSource": "appconfig:zyx9876/wvu5432/tsr1098",
    "TrackingServerArns": "",
    "NotebookArns": "arn:aws-us-gov:sagemaker:us-gov-west-1:999988887777:notebook-instance/other",
    "UseEndpointIds": "vpce-06666666666666666",
    "OtherRoleArns": "arn:aws-us-gov:iam::444455556666:role/door-minting",
    "ProfileExecutionRoleArns": "arn:aws-us-gov:iam::999988887777:role/execution",
}


def in_china(text: str) -> str:
    """Return what an ARN or a region of the other place is there."""
    return text.replace(ELSEWHERE.partition, IN_CHINA.partition).replace(ELSEWHERE.region, IN_CHINA.region)
