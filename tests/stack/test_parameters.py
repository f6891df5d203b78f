"""What a deployment may be given: required parameters, refused values, rules, and what takes effect."""

import json
import re

import pytest

from localaws.parameters import RULE_FUNCTIONS, accepted, functions_of, refusals
from tests.stack.stacks import EMPTY, EXAMPLE, VPC, create, source

PARAMETERS = source()["Parameters"]
PROFILES = "arn:aws:sagemaker:eu-central-1:111122223333:user-profile"
SAGEMAKER = "arn:aws:sagemaker:eu-central-1:111122223333"
SSM = "arn:aws:ssm:eu-central-1:111122223333:parameter"
MANAGER = "arn:aws:secretsmanager:eu-central-1:111122223333:secret"
KMS = "arn:aws:kms:eu-central-1:111122223333"
ACCEPTED = {
    "a partition of its own": ("StudioProfileArns", PROFILES.replace("aws", "aws-us-gov", 1) + "/d-a1b2c3/*"),
    "two domains": ("StudioProfileArns", f"{PROFILES}/d-a1b2c3/*,{PROFILES}/d-d4e5f6/*"),
    "an organisation": ("TrustedOrganizationId", "o-a1b2c3d4e5"),
    "no organisation": ("TrustedOrganizationId", ""),
    "no principals": ("TrustedPrincipals", ""),
    "an account": ("TrustedPrincipals", "arn:aws:iam::111122223333:root"),
    "a role with a path": (
        "TrustedPrincipals",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/A_b+=.@-1",
    ),
    "roles of two partitions": (
        "TrustedPrincipals",
        "arn:aws-cn:iam::111122223333:role/x,arn:aws-us-gov:iam::111122223333:role/x",
    ),
    "two endpoints": ("ExecuteApiEndpointIds", "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d"),
    "a parameter in a folder": ("SecretArns", f"{SSM}/studio-gate/sealing-keys"),
    "a secret as Secrets Manager names it": ("SecretArns", f"{MANAGER}:studio-gate/client-AbC12d"),
    "a secret with any of the suffixes that Secrets Manager adds": ("SecretArns", f"{MANAGER}:client-??????"),
    "one in each store": ("SecretArns", f"{SSM}/keys,{MANAGER}:client-??????"),
    "no secret": ("SecretArns", ""),
    "a key": ("SecretsKeyArn", f"{KMS}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    "a key of several regions": ("SecretsKeyArn", f"{KMS}:key/mrk-1234abcd12ab34cd56ef1234567890ab"),
    "a configuration of AppConfig": ("ConfigSource", "appconfig:abc1234/d5e6f7/prof"),
    "the bundled configuration": ("ConfigSource", ""),
    "an age of a week": ("ConfigLongestAge", "604800"),
    "a notebook": ("NotebookArns", f"{SAGEMAKER}:notebook-instance/Team-a-1"),
    "two tracking servers": (
        "TrackingServerArns",
        f"{SAGEMAKER}:mlflow-tracking-server/a,{SAGEMAKER}:mlflow-tracking-server/b",
    ),
    "no further endpoints": ("UseEndpointIds", ""),
    "further endpoints": ("UseEndpointIds", "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d"),
    "roles of two other accounts": (
        "OtherRoleArns",
        "arn:aws:iam::444455556666:role/studio-gate-minting,arn:aws:iam::777788889999:role/gate/minting",
    ),
    "an execution role with a path": ("ProfileExecutionRoleArns", "arn:aws:iam::111122223333:role/studio/a_b+=.@-1"),
    "the other architecture": ("Architecture", "x86_64"),
    "a boundary with a path": ("PermissionsBoundaryArn", "arn:aws:iam::111122223333:policy/boundaries/tools"),
    "a boundary of AWS's own": ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/PowerUserAccess"),
    "a key for the environment": ("EnvironmentKeyArn", f"{KMS}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    "a key for the logs": ("LogsKeyArn", f"{KMS}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    "a deployment in steps": ("Deployment", "Linear10PercentEvery10Minutes"),
    "keys that last a year": ("SealingKeysDays", "365"),
}
REFUSED = {
    "every principal of every account": ("TrustedPrincipals", "*"),
    "every principal among others": ("TrustedPrincipals", "arn:aws:iam::111122223333:root,*"),
    "every account": ("TrustedPrincipals", "arn:aws:iam::*:root"),
    "every role": ("TrustedPrincipals", "arn:aws:iam::111122223333:role/*"),
    "a session, whose name is chosen by whoever assumes the role": (
        "TrustedPrincipals",
        "arn:aws:sts::111122223333:assumed-role/role/session",
    ),
    "every organisation": ("TrustedOrganizationId", "*"),
    "an organisation with something before it": ("TrustedOrganizationId", "xo-a1b2c3d4e5"),
    "every domain": ("StudioProfileArns", f"{PROFILES}/*/*"),
    "domains by pattern": ("StudioProfileArns", f"{PROFILES}/d-*/*"),
    "everything": ("StudioProfileArns", "*"),
    "every account's domain": ("StudioProfileArns", PROFILES.replace("111122223333", "*") + "/d-a1b2c3/*"),
    "something besides profiles": ("StudioProfileArns", f"{PROFILES}/d-a1b2c3/*,arn:aws:s3:::*"),
    "a domain instead of its profiles": ("StudioProfileArns", PROFILES.replace("user-profile", "domain") + "/d-a1"),
    "no domain": ("StudioProfileArns", ""),
    "an endpoint by pattern": ("SageMakerApiEndpointId", "vpce-*"),
    "two endpoints in the place of one": ("StudioEndpointId", "vpce-0a1b2c3d,vpce-0a1b2c3e"),
    "a VPC instead of an endpoint": ("StsEndpointId", "vpc-0a1b2c3d"),
    "execute-api endpoints by pattern": ("ExecuteApiEndpointIds", "vpce-*"),
    "an execute-api endpoint's name": ("ExecuteApiEndpointIds", "vpce-0a1b2c3d,com.amazonaws.execute-api"),
    "every parameter": ("SecretArns", f"{SSM}/*"),
    "every parameter of a folder, beside one": ("SecretArns", f"{SSM}/keys,{SSM}/studio-gate/*"),
    "every secret": ("SecretArns", f"{MANAGER}:*"),
    "secrets whose names begin alike": ("SecretArns", f"{MANAGER}:client*"),
    "a secret by fewer characters than AWS adds": ("SecretArns", f"{MANAGER}:client-?"),
    "a secret without its suffix, which would fit nothing": ("SecretArns", f"{MANAGER}:studio-gate"),
    "everything for a secret": ("SecretArns", "*"),
    "a secret of every account": ("SecretArns", SSM.replace("111122223333", "*") + "/keys"),
    "a secret by its name": ("SecretArns", "/studio-gate/sealing-keys"),
    "a bucket for a secret": ("SecretArns", "arn:aws:s3:::bucket/keys"),
    "every notebook": ("NotebookArns", f"{SAGEMAKER}:notebook-instance/*"),
    "notebooks by pattern, beside one": (
        "NotebookArns",
        f"{SAGEMAKER}:notebook-instance/a,{SAGEMAKER}:notebook-instance/a?",
    ),
    "a tracking server for a notebook": ("NotebookArns", f"{SAGEMAKER}:mlflow-tracking-server/a"),
    "every tracking server": ("TrackingServerArns", f"{SAGEMAKER}:mlflow-tracking-server/*"),
    "every region's tracking server": (
        "TrackingServerArns",
        "arn:aws:sagemaker:*:111122223333:mlflow-tracking-server/a",
    ),
    "further endpoints by pattern": ("UseEndpointIds", "vpce-*"),
    "any role at all": ("OtherRoleArns", "*"),
    "every role of another account": ("OtherRoleArns", "arn:aws:iam::444455556666:role/*"),
    "roles of every account": ("OtherRoleArns", "arn:aws:iam::*:role/studio-gate-minting"),
    "another account as a whole": ("OtherRoleArns", "arn:aws:iam::444455556666:root"),
    "a role by its name": ("OtherRoleArns", "studio-gate-minting"),
    "every execution role": ("ProfileExecutionRoleArns", "arn:aws:iam::111122223333:role/*"),
    "a session for an execution role": (
        "ProfileExecutionRoleArns",
        "arn:aws:sts::111122223333:assumed-role/execution/alice",
    ),
    "every key": ("SecretsKeyArn", f"{KMS}:key/*"),
    "an alias, which no policy can name": ("SecretsKeyArn", f"{KMS}:alias/secrets"),
    "two keys": ("SecretsKeyArn", f"{KMS}:key/1,{KMS}:key/2"),
    "every configuration": ("ConfigSource", "appconfig:abc1234/d5e6f7/*"),
    "a configuration by its name": ("ConfigSource", "appconfig:studio-gate/production/gate"),
    "a configuration of an environment without a profile": ("ConfigSource", "appconfig:abc1234/d5e6f7"),
    "a configuration in a bucket": ("ConfigSource", "s3:bucket/gate.toml"),
    "a configuration by its ARN": (
        "ConfigSource",
        "arn:aws:appconfig:eu-central-1:111122223333:application/abc1234/environment/d5e6f7/configuration/prof",
    ),
    "a configuration that never gets too old": ("ConfigLongestAge", "604801"),
    "a configuration that is too old at the first failure": ("ConfigLongestAge", "299"),
    "logs for ever": ("LogRetentionDays", "0"),
    "logs for a day": ("LogRetentionDays", "1"),
    "no throttling rate": ("ThrottlingRateLimit", "0"),
    "no limit, as API Gateway says it": ("ThrottlingRateLimit", "-1"),
    "no throttling burst": ("ThrottlingBurstLimit", "0"),
    "every boundary": ("PermissionsBoundaryArn", "arn:aws:iam::111122223333:policy/*"),
    "a role for a boundary": ("PermissionsBoundaryArn", "arn:aws:iam::111122223333:role/boundary"),
    "an alias for the environment": ("EnvironmentKeyArn", f"{KMS}:alias/gate"),
    "an alias for the logs": ("LogsKeyArn", f"{KMS}:alias/gate"),
    "a deployment that SAM does not know": ("Deployment", "Canary50Percent1Minute"),
    "two ways to start": ("Start", "snapstart,provisioned"),
    "fewer than no environments": ("ProvisionedConcurrency", "-1"),
    "keys of both": ("SealingKeys", "both"),
    "keys that are rotated all the time": ("SealingKeysDays", "0"),
    "an architecture that Lambda does not have": ("Architecture", "riscv64"),
}
ROLE = "arn:aws:iam::111122223333:role/launchers"
TRUST = {
    "principals alone": ({"TrustedPrincipals": ROLE}, True),
    "an organisation alone": ({"TrustedPrincipals": "", "TrustedOrganizationId": "o-a1b2c3d4e5"}, True),
    "both": ({"TrustedPrincipals": ROLE, "TrustedOrganizationId": "o-a1b2c3d4e5"}, True),
    "neither": ({"TrustedPrincipals": ""}, False),
    "neither, said twice": ({"TrustedPrincipals": "", "TrustedOrganizationId": ""}, False),
}
_SNAPSHOT = "Start=snapstart is for commercial regions; give Start=provisioned or plain."
_NUMBER = "Start=provisioned needs ProvisionedConcurrency, how many environments wait for requests."
STARTS: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "plain": ({}, "eu-central-1", []),
    "plain, everywhere": ({"Start": "plain"}, "cn-north-1", []),
    "a snapshot in a commercial region": ({"Start": "snapstart"}, "us-west-2", []),
    "a snapshot in GovCloud": ({"Start": "snapstart"}, "us-gov-west-1", [_SNAPSHOT]),
    "a snapshot in the other of GovCloud": ({"Start": "snapstart"}, "us-gov-east-1", [_SNAPSHOT]),
    "a snapshot in Beijing": ({"Start": "snapstart"}, "cn-north-1", [_SNAPSHOT]),
    "a snapshot in Ningxia": ({"Start": "snapstart"}, "cn-northwest-1", [_SNAPSHOT]),
    "provisioned with a number": ({"Start": "provisioned", "ProvisionedConcurrency": "1"}, "cn-north-1", []),
    "provisioned without": ({"Start": "provisioned"}, "eu-central-1", [_NUMBER]),
    "a number for nothing": (
        {"Start": "snapstart", "ProvisionedConcurrency": "1"},
        "eu-central-1",
        ["ProvisionedConcurrency goes with Start=provisioned."],
    ),
}
# API Gateway takes a changed body, resource policy included, into effect with a new deployment alone.
REDEPLOYED = {
    "another endpoint": {"ExecuteApiEndpointIds": "vpce-0fedcba9876543210"},
    "an endpoint more": {"ExecuteApiEndpointIds": f"{EXAMPLE['ExecuteApiEndpointIds']},vpce-0fedcba9876543210"},
    "other principals": {"TrustedPrincipals": ROLE},
    "a principal more": {"TrustedPrincipals": f"{EXAMPLE['TrustedPrincipals']},{ROLE}"},
    "an organisation": {"TrustedOrganizationId": "o-a1b2c3d4e5"},
    "an endpoint that is made": EMPTY | {"Network": "endpoints", "VpcId": "vpc-0a1b2c3d"},
    "a VPC that is made": VPC,
}


def test_the_template_names_no_network_account_or_domain_of_its_own() -> None:
    text = json.dumps({name: source()[name] for name in ("Resources", "Conditions", "Rules", "Outputs")})
    assert re.findall(r"\b(?:vpce?|subnet|sg|d|o)-[0-9a-f]{4,}|\b[0-9]{12}\b|arn:aws:", text) == []


@pytest.mark.parametrize(("name", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_sound_value_is_accepted(name: str, value: str) -> None:
    assert accepted(PARAMETERS[name], value)


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_an_unsound_value_is_refused(name: str, value: str) -> None:
    assert not accepted(PARAMETERS[name], value)


@pytest.mark.parametrize("name", [name for name, one in PARAMETERS.items() if "Default" in one])
def test_a_default_is_accepted_itself(name: str) -> None:
    assert accepted(PARAMETERS[name], str(PARAMETERS[name]["Default"]))


@pytest.mark.parametrize(("given", "sound"), TRUST.values(), ids=TRUST)
def test_a_stack_that_trusts_nobody_is_refused(given: dict[str, str], sound: bool) -> None:  # noqa: FBT001 - a column
    assert (refusals(source(), EXAMPLE | given) == []) is sound


@pytest.mark.parametrize(("given", "region", "said"), STARTS.values(), ids=STARTS)
def test_a_start_that_is_not_to_be_had_is_refused(given: dict[str, str], region: str, said: list[str]) -> None:
    assert refusals(source(), EXAMPLE | given, region) == said


def test_the_rules_use_the_functions_that_rules_may_use() -> None:
    assert functions_of(source()["Rules"]) - RULE_FUNCTIONS == set()


@pytest.mark.parametrize("given", REDEPLOYED.values(), ids=REDEPLOYED)
def test_a_change_of_the_resource_policy_makes_a_new_deployment(given: dict[str, str]) -> None:
    before, after = (create(source(), EXAMPLE | more).every("AWS::ApiGateway::Deployment") for more in ({}, given))
    assert before.keys().isdisjoint(after)
