"""Ways to break what the endpoints let through, by the guarantee of `test_endpoint_policies` that must notice."""

from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, drop, put

_ENDPOINTS = (
    *("ExecuteApi", "Studio", "Notebook", "Experiments", "SageMakerApi", "Runtime", "Sts", "Logs", "SecretsManager"),
    *("AppConfigData", "Ssm", "SsmMessages", "Ec2Messages", "S3"),
)
_SAGEMAKER = ("Studio", "Notebook", "Experiments", "SageMakerApi")
_EVERYTHING = allow("*") | {"Sid": "Everything", "Principal": "*"}


def _policy(name: str, rest: str = "") -> str:
    return f"{name}Endpoint/PolicyDocument/Statement{rest and f'/{rest}'}"


_DENY = "MintingByTheGateAlone"

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "every endpoint has a policy of the committed statements": {
        f"everything through {name}": add(_policy(name), _EVERYTHING) for name in _ENDPOINTS
    }
    | {
        "AWS's own policy, which is none": put(
            "LogsEndpoint/PolicyDocument", {"Version": "2012-10-17", "Statement": []}
        )
    }
    | {
        "a principal of one account, which pages of AWS's read differently": put(
            _policy("Sts", "OursOnWhatIsOurs/Principal"), {"AWS": "arn:aws:iam::111122223333:root"}
        )
    },
    "an endpoint lets our principals reach what is ours, by its own service's actions": {
        "every principal": put(
            _policy("Sts", "OursOnWhatIsOurs/Condition/StringEquals"), {"aws:ResourceOrgID": {"Ref": "OrganizationId"}}
        ),
        "every resource": put(
            _policy("S3", "OursOnWhatIsOurs/Condition/StringEquals"), {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}
        ),
        "whoever has no organisation, too": put(
            _policy("Logs", "OursOnWhatIsOurs/Condition"),
            {
                "StringEqualsIfExists": {
                    "aws:PrincipalOrgID": {"Ref": "OrganizationId"},
                    "aws:ResourceOrgID": {"Ref": "OrganizationId"},
                }
            },
        ),
        "everything": put(_policy("Studio", "OursOnWhatIsOurs/Action"), "*"),
        "no app": put(_policy("Studio", "OursOnWhatIsOurs/Action"), "sagemaker:CreatePresignedDomainUrl"),
        "no condition": drop(_policy("SageMakerApi", "OursOnWhatIsOurs/Condition")),
    },
    "an exception is of whom or on what": {
        "every instance": drop(_policy("SsmMessages", "OurInstances/Condition")),
        "every instance's messages": drop(_policy("Ec2Messages", "OurInstances/Condition")),
        "every role": drop(_policy("Sts", "FederationIntoOurRoles/Condition")),
        "every call of STS": add(_policy("Sts", "FederationIntoOurRoles/Action"), "sts:AssumeRole"),
        "everybody's MLflow": drop(_policy("Experiments", "TheUserInterfaceOfMlflow/Condition")),
        "all of MLflow": put(_policy("Experiments", "TheUserInterfaceOfMlflow/Action"), "sagemaker-mlflow:*"),
    },
    "what belongs to AWS is named, and can be read alone": {
        "every bucket": add(_policy("S3", "WhatAwsHandsOut/Resource"), "arn:aws:s3:::*"),
        "every object": put(_policy("S3", "WhatAwsHandsOut/Resource"), "*"),
        "writing": add(_policy("S3", "WhatAwsHandsOut/Action"), "s3:PutObject"),
        "everybody's hub": drop(_policy("SageMakerApi", "OursOnTheModelsThatAwsOffers/Condition")),
        "every hub": add(_policy("SageMakerApi", "OursOnTheModelsThatAwsOffers/Resource"), "*"),
        "commands": add(_policy("Ssm", "OursOnTheDocumentsThatAwsOffers/Action"), "ssm:SendCommand"),
        "everybody's documents": put(
            _policy("Ssm", "OursOnTheDocumentsThatAwsOffers/Resource"),
            "arn:aws:ssm:eu-central-1:999900001111:document/x",
        ),
    },
    "minting is denied to all but the minting roles, at each endpoint of SageMaker and nowhere else": {
        **{f"not at {name}": put(_policy(name, f"{_DENY}/Effect"), "Allow") for name in _SAGEMAKER},
        "not for nobody": put(
            _policy("Studio", f"{_DENY}/Condition"),
            {"ArnNotEqualsIfExists": {"aws:PrincipalArn": {"Ref": "MintingRoleArns"}}},
        ),
        "to the minting roles": put(
            _policy("Studio", f"{_DENY}/Condition"), {"ArnEquals": {"aws:PrincipalArn": {"Ref": "MintingRoleArns"}}}
        ),
        "every role of a name": put(
            _policy("SageMakerApi", f"{_DENY}/Condition/ArnNotEquals/aws:PrincipalArn"), "arn:aws:iam::*:role/*"
        ),
        "not partner apps": put(_policy("SageMakerApi", f"{_DENY}/Action"), "sagemaker:CreatePresigned*"),
        "domains alone": put(_policy("SageMakerApi", f"{_DENY}/Action"), "sagemaker:CreatePresignedDomainUrl"),
        "some domains": put(_policy("SageMakerApi", f"{_DENY}/Resource"), "arn:aws:sagemaker:*:*:user-profile/d-1/*"),
        "a Deny on STS, which would stop Studio's own roles": add(
            _policy("Sts"), allow("sts:*") | {"Effect": "Deny", "Principal": "*"}
        ),
    },
    "the API is reached by its id, whoever calls": {
        "every API of every account": put(_policy("ExecuteApi", "TheseApis/Resource"), "*"),
        "every API of the account": add(
            _policy("ExecuteApi", "TheseApis/Resource"),
            {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/*"},
        ),
        "the first API alone": put(
            _policy("ExecuteApi", "TheseApis/Resource"),
            [{"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:a1b2c3d4e5/*"}],
        ),
        "every name of the account": add(
            _policy("ExecuteApi", "TheseApis/Resource"),
            {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:/domainnames/*"},
        ),
        "its name forgotten": drop(_policy("ExecuteApi", "TheseApis/Resource/5")),
        "by principal, which stops whoever has a token": put(
            _policy("ExecuteApi", "TheseApis/Condition"),
            {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}}},
        ),
        "everything with an API": put(_policy("ExecuteApi", "TheseApis/Action"), "execute-api:*"),
    },
    "the policies fit the limit of an endpoint": {
        "three hundred buckets": put(
            _policy("S3", "WhatAwsHandsOut/Resource"), [f"arn:aws:s3:::{'x' * 63}-{n:03}/*" for n in range(300)]
        ),
    },
}
