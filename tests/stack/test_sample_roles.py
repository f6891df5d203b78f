"""What one may do in the sample domain, by execution role: everything at home, nothing at others', and never a URL."""

import copy
from itertools import permutations

from tests.stack.permissions import assumes, decide, documents, role
from tests.stack.sample import PEOPLE, domain_id, suffix, the_domain
from tests.stack.stacks import Guarantee, Stack, as_list

# Everything that mints, of each kind; MLflow's apps and partners' too.
MINTS = {
    "sagemaker:CreatePresignedDomainUrl": "user-profile/{domain}/{name}",
    "sagemaker:CreatePresignedNotebookInstanceUrl": "notebook-instance/a",
    "sagemaker:CreatePresignedMlflowTrackingServerUrl": "mlflow-tracking-server/a",
    "sagemaker:CreatePartnerAppPresignedUrl": "partner-app/app-a",
}
# They know no resource (Service Authorization Reference, SageMaker); the Deny is of everything.
STAR_ACTIONS = {f"sagemaker:List{what}" for what in ("Apps", "Domains", "Spaces", "UserProfiles")}


def named(stack: Stack) -> None:
    assert the_domain(stack)["DomainSettings"].get("ExecutionRoleIdentityConfig") == "USER_PROFILE_NAME"
    for name in stack.every("AWS::IAM::Role"):
        source = {"aws__SourceArn": stack.arn("sagemaker", f"domain/{domain_id(stack)}")}
        for action in ("sts:AssumeRole", "sts:SetSourceIdentity"):
            assert assumes(stack, name, f"sagemaker.{suffix(stack)}", action, **source).allowed, (name, action)


def for_studio_here(stack: Stack) -> None:
    here = stack.arn("sagemaker", f"domain/{domain_id(stack)}")
    for name in stack.every("AWS::IAM::Role"):
        for who in (f"ec2.{suffix(stack)}", stack.role_arn("other"), None):
            assert not assumes(stack, name, who, aws__SourceArn=here).allowed
        elsewhere = here.replace(stack.account.id, "444455556666")
        assert not assumes(stack, name, f"sagemaker.{suffix(stack)}", aws__SourceArn=elsewhere).allowed
        assert not assumes(stack, name, f"sagemaker.{suffix(stack)}").allowed


def roles_of_their_own(stack: Stack) -> None:
    profiles = stack.every("AWS::SageMaker::UserProfile").values()
    found = {one["UserProfileName"]: one["UserSettings"]["ExecutionRole"] for one in profiles}
    assert found == {name: stack.role_arn(f"sample-{own}") for name, own in PEOPLE.items()}
    boundary = {one.get("PermissionsBoundary", "") for one in stack.every("AWS::IAM::Role").values()}
    assert boundary == {stack.parameters["PermissionsBoundaryArn"]}
    assert {one["Type"] for one in stack.resources.values() if one["Type"].startswith("AWS::IAM::")} == {
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
    }


def _of(stack: Stack, name: str, sharing: str = "Private") -> dict[str, str]:
    owner = stack.arn("sagemaker", f"user-profile/{domain_id(stack)}/{name}")
    return {"sagemaker__OwnerUserProfileArn": owner, "sagemaker__SpaceSharingType": sharing}


def at_home(stack: Stack) -> None:
    """What Studio's pages ask for with the role of somebody who opens JupyterLab in the space that is theirs."""
    for name, own in PEOPLE.items():
        app = stack.arn("sagemaker", f"app/{domain_id(stack)}/{name}-lab/JupyterLab/default")
        for action in ("sagemaker:CreateApp", "sagemaker:DeleteApp"):
            assert decide(stack, own, action, app, **_of(stack, name)).allowed
        assert decide(stack, own, "sagemaker:AddTags", app, sagemaker__TaggingAction="CreateApp").allowed
        assert decide(stack, own, "sagemaker:UpdateSpace", _space(stack, name), **_of(stack, name)).allowed
        looks = {
            "App": app,
            "Domain": stack.arn("sagemaker", f"domain/{domain_id(stack)}"),
            "Space": _space(stack, name),
            "UserProfile": stack.arn("sagemaker", f"user-profile/{domain_id(stack)}/{name}"),
        }
        for what, resource in looks.items():
            assert decide(stack, own, f"sagemaker:Describe{what}", resource).allowed
        for action in STAR_ACTIONS:
            assert decide(stack, own, action, "*").allowed
        stream = stack.arn("logs", "log-group:/aws/sagemaker/studio:log-stream:a/b")
        assert decide(stack, own, "logs:PutLogEvents", stream).allowed


def _space(stack: Stack, name: str) -> str:
    return stack.arn("sagemaker", f"space/{domain_id(stack)}/{name}-lab")


def not_at_others(stack: Stack) -> None:
    for (name, own), (other, _) in permutations(PEOPLE.items()):
        theirs = stack.arn("sagemaker", f"app/{domain_id(stack)}/{other}-lab/JupyterLab/default")
        for action in ("sagemaker:CreateApp", "sagemaker:DeleteApp"):
            assert not decide(stack, own, action, theirs, **_of(stack, other)).allowed
            # Without an owner it is an app of a profile; a shared space is everybody's.
            assert not decide(stack, own, action, theirs).allowed
            assert not decide(stack, own, action, theirs, **_of(stack, name, "Shared")).allowed
        assert not decide(stack, own, "sagemaker:UpdateSpace", _space(stack, other), **_of(stack, other)).allowed


def nothing_besides(stack: Stack) -> None:
    domain = domain_id(stack)
    for name, own in PEOPLE.items():
        profile = stack.arn("sagemaker", f"user-profile/{domain}/{name}")
        app = stack.arn("sagemaker", f"app/{domain}/{name}-lab/JupyterLab/default")
        denied = {
            "sagemaker:CreateSpace": _space(stack, name),
            "sagemaker:DeleteSpace": _space(stack, name),
            "sagemaker:UpdateUserProfile": profile,
            "sagemaker:UpdateDomain": stack.arn("sagemaker", f"domain/{domain}"),
            "sagemaker:CreateTrainingJob": stack.arn("sagemaker", "training-job/a"),
            "sagemaker:DescribeSpace": stack.arn("sagemaker", "space/d-other/alice-lab"),
            "execute-api:Invoke": stack.arn("execute-api", "a1b2c3/gate/GET/iam/me"),
            "iam:PassRole": stack.role_arn("any"),
            "sts:AssumeRole": stack.role_arn("studio-gate-minting"),
            "s3:GetObject": f"arn:{stack.account.partition}:s3:::bucket/key",
        }
        for action, resource in denied.items():
            assert not decide(stack, own, action, resource, **_of(stack, name)).allowed, action
        # A tag says whose a profile is: none is put after the making, and none on a profile.
        for resource, doing in ((app, {}), (profile, {}), (profile, {"sagemaker__TaggingAction": "CreateApp"})):
            assert not decide(stack, own, "sagemaker:AddTags", resource, **doing).allowed
        allowed = [one for policy in documents(stack, own) for one in policy["Statement"] if one["Effect"] == "Allow"]
        everything = [one for one in allowed if "*" in as_list(one["Resource"])]
        assert {action for one in everything for action in as_list(one["Action"])} <= STAR_ACTIONS
        assert not [action for one in allowed for action in as_list(one["Action"]) if "*" in action]


def never_mints(stack: Stack) -> None:
    """Also where somebody attaches a policy that would let it."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
    generous = copy.deepcopy(stack)
    for own in PEOPLE.values():
        role(generous, own)["Policies"].append({"PolicyName": "more", "PolicyDocument": everything})
    for (name, own), (action, resource) in ((one, mint) for one in PEOPLE.items() for mint in MINTS.items()):
        arn = stack.arn("sagemaker", resource.format(domain=domain_id(stack), name=name))
        assert decide(generous, own, action, arn).why == "explicit deny by NeverMint"


def nobody(stack: Stack) -> None:
    assert the_domain(stack)["DefaultUserSettings"]["ExecutionRole"] == stack.role_arn("sample-NobodyRole")
    assert documents(stack, "NobodyRole") == ()


def under_the_key(stack: Stack) -> None:
    key = stack.parameters["KmsKeyArn"]
    assert the_domain(stack).get("KmsKeyId", "") == key
    other = stack.arn("kms", "key/other")
    uses = [f"kms:{use}" for use in ("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext")]
    via = [{"kms__ViaService": f"{one}.{stack.account.region}.{suffix(stack)}"} for one in ("ec2", "sagemaker", "s3")]
    for own, use in ((one, use) for one in PEOPLE.values() for use in uses):
        decided = [decide(stack, own, use, key or other, **one).allowed for one in (*via, {})]
        assert decided == [bool(key), bool(key), False, False]
        assert not decide(stack, own, use, other, **via[0]).allowed


GUARANTEES: dict[str, Guarantee] = {
    "whoever does something is named by it": named,
    "Studio in this account alone has the execution roles": for_studio_here,
    "each person has an execution role of their own": roles_of_their_own,
    "one opens JupyterLab in what is one's own": at_home,
    "nobody touches what is somebody else's": not_at_others,
    "nobody may do anything besides": nothing_besides,
    "nobody mints a URL from inside": never_mints,
    "a profile without a role of its own may do nothing": nobody,
    "volumes are under the key that is given": under_the_key,
}
