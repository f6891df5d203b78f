"""Ways to break the roles of other accounts, by the guarantee of `test_account_roles` that must notice."""

from tests.stack.breaks_roles import allow
from tests.stack.mutations import Mutation, add, drop, new, put

MINT_THERE = "MintingRole/Policies/mint/PolicyDocument/Statement"
LOOK_THERE = "DirectoryRole/Policies/look/PolicyDocument/Statement"
MINTS_THERE, SAYS_THERE = (
    f"MintingRole/AssumeRolePolicyDocument/Statement/{one}"
    for one in ("TheGateThroughItsStsEndpoint", "WhichSaysForWhom")
)
LOOKS_THERE = "DirectoryRole/AssumeRolePolicyDocument/Statement/TheGateThroughItsStsEndpoint"
_API, _USE = {"Ref": "SageMakerApiEndpointId"}, {"Ref": "UseEndpointIds"}
_DENY = f"{MINT_THERE}/DenyOutsideTheEndpoints"

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "there are two roles and nothing else, within the given boundary": {
        "one without a boundary": drop("MintingRole/PermissionsBoundary"),
        "the other without a boundary": drop("DirectoryRole/PermissionsBoundary"),
        "a third role": new("Third", "AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}}),
        "a policy attached from outside": new("More", "AWS::IAM::Policy", {"Roles": [{"Ref": "MintingRole"}]}),
        "a managed policy": put("MintingRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        "twelve hours": put("DirectoryRole/MaxSessionDuration", 43200),
    },
    "the minting role trusts the gate alone, by its external id, for somebody": {
        "no external id": drop(f"{MINTS_THERE}/Condition/StringEquals/sts:ExternalId"),
        "from anywhere": drop(f"{MINTS_THERE}/Condition/StringEquals/aws:SourceVpce"),
        "for nobody": drop(f"{MINTS_THERE}/Condition/StringLike"),
        "the external id with IfExists": put(
            f"{MINTS_THERE}/Condition/StringEqualsIfExists", {"sts:ExternalId": {"Ref": "ExternalId"}}
        ),
        "its own account too": add(f"{MINTS_THERE}/Principal/AWS", "arn:aws:iam::444455556666:root"),
        "everybody": put(f"{SAYS_THERE}/Principal", "*"),
        "session tags": add(f"{SAYS_THERE}/Action", "sts:TagSession"),
        "a session without an external id": add(f"{SAYS_THERE}/Action", "sts:AssumeRole"),
    },
    "the directory role trusts the gate alone, by its external id": {
        "no external id": drop(f"{LOOKS_THERE}/Condition/StringEquals/sts:ExternalId"),
        "from anywhere": drop(f"{LOOKS_THERE}/Condition/StringEquals/aws:SourceVpce"),
        "its own account too": add(f"{LOOKS_THERE}/Principal/AWS", "arn:aws:iam::444455556666:root"),
    },
    "the roles may do what the gate's own may": {
        "a second action": add(f"{MINT_THERE}/PresignedUrlsForTheNotebooks/Action", "sagemaker:StartNotebookInstance"),
        "no user interface": put(f"{MINT_THERE}/TheUserInterfaceOfTheTrackingServers", {"Ref": "AWS::NoValue"}),
        "the Deny dropped": drop(_DENY),
        "the Deny an Allow": put(f"{_DENY}/Effect", "Allow"),
        "the directory's Deny dropped": drop(f"{LOOK_THERE}/NeverMint"),
        "a mint action for the directory": add(LOOK_THERE, allow("sagemaker:CreatePresignedDomainUrl")),
    },
    "the roles are for what is given": {
        "every domain": put(f"{MINT_THERE}/PresignedUrlsForTheProfilesOfTheDomains/Resource", "*"),
        "every space": put(f"{LOOK_THERE}/LookAtTheirSpaces/Resource", "*"),
        "notebooks for servers": put(
            f"{MINT_THERE}/PresignedUrlsForTheNotebooks/Resource", {"Ref": "TrackingServerArns"}
        ),
    },
    "the roles are of use through the endpoints there alone": {
        "minting taken out": put(f"{_DENY}/Condition/StringNotEquals/aws:SourceVpce", _USE),
        "use taken out": put(f"{_DENY}/Condition/StringNotEquals/aws:SourceVpce", _API),
        "the Deny without MLflow": put(f"{_DENY}/Action", "sagemaker:*"),
        "the directory through endpoints for use": put(
            f"{LOOK_THERE}/DenyOutsideTheEndpoint/Condition/StringNotEquals/aws:SourceVpce", _USE
        ),
    },
    "the policies there fit IAM's limits": {
        "a hundred and fifty domains": put(
            f"{MINT_THERE}/PresignedUrlsForTheProfilesOfTheDomains/Resource",
            [f"arn:{n:03}:{'x' * 70}" for n in range(150)],
        ),
    },
}
