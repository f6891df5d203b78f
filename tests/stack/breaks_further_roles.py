"""Ways to break what the gate may look at and make, by the guarantee of `test_further_roles` that must notice."""

from tests.stack.breaks_roles import SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT, allow
from tests.stack.mutations import Mutation, add, drop, put

_STATEMENT = "AssumeRolePolicyDocument/Statement/TheFunctionThroughTheStsEndpoint"
LOOK = "DirectoryRole/Policies/look/PolicyDocument/Statement"
LOOKS_TRUST = f"DirectoryRole/{_STATEMENT}"
MAKE = "ProfileMakingRole/Policies/make/PolicyDocument/Statement"
MAKES_TRUST = f"ProfileMakingRole/{_STATEMENT}"
NEVER = f"{LOOK}/NeverMint"
LOOKS_DENY, MAKES_DENY = f"{LOOK}/DenyOutsideTheEndpoint", f"{MAKE}/DenyOutsideTheEndpoint"
TAG, PASS = f"{MAKE}/TagThemWhileTheyAreMade", f"{MAKE}/GiveThemTheseExecutionRoles"
ACCOUNT = "arn:aws:iam::111122223333:root"


def _deny_changes(deny: str) -> dict[str, Mutation]:
    return {
        "the Deny dropped": drop(deny),
        "the Deny an Allow": put(f"{deny}/Effect", "Allow"),
        "the Deny for some actions alone": put(f"{deny}/Action", "sagemaker:Describe*"),
        "another endpoint too": put(
            f"{deny}/Condition/StringNotEquals/aws:SourceVpce", [SAGEMAKER_ENDPOINT, STUDIO_ENDPOINT]
        ),
        "the Deny only where the key is present": put(f"{deny}/Condition/Null", {"aws:SourceVpce": "false"}),
    }


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the directory role trusts the function, through the STS endpoint": {
        "from anywhere": drop(f"{LOOKS_TRUST}/Condition"),
        "through another endpoint": put(
            f"{LOOKS_TRUST}/Condition/StringEquals", {"aws:SourceVpce": SAGEMAKER_ENDPOINT}
        ),
        "the account too": add(f"{LOOKS_TRUST}/Principal/AWS", ACCOUNT),
        "for somebody": add(f"{LOOKS_TRUST}/Action", "sts:SetSourceIdentity"),
    },
    "the directory role looks at what is given, and does nothing else": {
        "minting, too": add(LOOK, allow("sagemaker:CreatePresignedDomainUrl", {"Ref": "StudioProfileArns"})),
        "profiles made": add(f"{LOOK}/LookAtTheProfilesOfTheDomains/Action", "sagemaker:CreateUserProfile"),
        "every profile": put(f"{LOOK}/LookAtTheProfilesOfTheDomains/Resource", "*"),
        "every space": put(f"{LOOK}/LookAtTheirSpaces/Resource", "arn:aws:sagemaker:eu-central-1:111122223333:space/*"),
        "apps of profiles": put(f"{LOOK}/LookAtTheirApps/Resource", {"Ref": "StudioProfileArns"}),
        "one list more": add(f"{LOOK}/ListWhatIsInDomains/Action", "sagemaker:ListDomains"),
        "notebooks started": add(f"{LOOK}/LookAtTheNotebooks/Action", "sagemaker:StartNotebookInstance"),
        "every tracking server": put(f"{LOOK}/LookAtTheTrackingServers/Resource", "*"),
        "a statement less": drop(f"{LOOK}/LookAtTheirSpaces"),
    },
    "the directory role never mints, whatever else is allowed": {
        "the Deny dropped": drop(NEVER),
        "the Deny an Allow": put(f"{NEVER}/Effect", "Allow"),
        "the Deny for Studio alone": put(f"{NEVER}/Action", "sagemaker:CreatePresignedDomainUrl"),
        "the Deny for some domains alone": put(f"{NEVER}/Resource", {"Ref": "StudioProfileArns"}),
        "the Deny under a condition": put(
            f"{NEVER}/Condition", {"StringNotEquals": {"aws:SourceVpce": SAGEMAKER_ENDPOINT}}
        ),
    },
    "the directory role is denied SageMaker but through the endpoint for minting": _deny_changes(LOOKS_DENY),
    "the role that makes profiles trusts the function, through the STS endpoint, for somebody": {
        "from anywhere": drop(f"{MAKES_TRUST}/Condition/StringEquals"),
        "for nobody": drop(f"{MAKES_TRUST}/Condition/StringLike"),
        "the account too": add(f"{MAKES_TRUST}/Principal/AWS", ACCOUNT),
        "session tags": add(f"{MAKES_TRUST}/Action", "sts:TagSession"),
    },
    "the role that makes profiles makes them in the domains, with the given execution roles": {
        "every domain": put(f"{MAKE}/MakeProfilesInTheDomains/Resource", "*"),
        "profiles changed": add(f"{MAKE}/MakeProfilesInTheDomains/Action", "sagemaker:UpdateUserProfile"),
        "profiles deleted": add(MAKE, allow("sagemaker:DeleteUserProfile", {"Ref": "StudioProfileArns"})),
        "tags at any time": drop(f"{TAG}/Condition"),
        "tags on everything": put(f"{TAG}/Resource", "*"),
        "tags taken off": add(f"{TAG}/Action", "sagemaker:DeleteTags"),
        "any execution role": put(f"{PASS}/Resource", "*"),
        "execution roles by pattern": put(f"{PASS}/Resource", "arn:aws:iam::111122223333:role/*"),
        "roles for any service": drop(f"{PASS}/Condition"),
        "roles for another service": put(
            f"{PASS}/Condition/StringEquals", {"iam:PassedToService": "ec2.amazonaws.com"}
        ),
        "made although nobody gave an execution role": lambda source: source["Conditions"].update(
            MakesProfiles={"Fn::Not": [{"Condition": "OpensNotebooks"}]}
        ),
    },
    "the role that makes profiles is denied SageMaker but through the endpoint for minting": _deny_changes(MAKES_DENY),
}
