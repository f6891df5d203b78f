"""Every check, in the order in which they are made, and what they need to be allowed."""

from studio_gate_cli.doctor import (
    api,
    basics,
    domains,
    endpoints,
    function,
    groups,
    kept,
    live,
    minting,
    names,
    passing,
    services,
)
from studio_gate_cli.doctor.findings import Check

CHECKS = (
    Check("clock", "this host's clock against AWS's", basics.CLOCK_FAULTS, basics.look_at_clock),
    Check("stack", "the status of the stack", basics.STACK_FAULTS, basics.look_at_stack),
    Check(
        "function",
        "the function's state, network, environment, layer and concurrency against the stack; its log group, and what "
        "failed within the last hours",
        function.FAULTS,
        function.look,
    ),
    Check(
        "endpoints",
        "each VPC endpoint of the parameters: service, state, VPC, zones and private DNS; the DNS settings of its VPC",
        endpoints.FAULTS,
        endpoints.look,
    ),
    Check(
        "services",
        "the function's VPC for an endpoint of each service that it reads secrets or live configuration from",
        services.FAULTS,
        services.look,
    ),
    Check(
        "security groups",
        "443 from the function to each endpoint that it uses, at both ends",
        groups.FAULTS,
        groups.look,
    ),
    Check(
        "people's networks",
        "443 from the networks of `--from`, else of CorporateCidrs, into the endpoints that browsers use",
        groups.PEOPLES_FAULTS,
        groups.look_for_people,
        only="--from",
    ),
    Check(
        "endpoint policies",
        "the policy of each endpoint, with each request that must pass it",
        passing.FAULTS,
        passing.look,
    ),
    Check(
        "roles",
        "the trust of the minting and directory roles, what they may do through which endpoint and from elsewhere, "
        "permissions boundaries and revocations",
        minting.FAULTS,
        minting.look,
    ),
    Check(
        "api",
        "the API's type, endpoints, resource policy and stage, and whether it may call the function",
        api.FAULTS,
        api.look,
    ),
    Check("domains", "each Studio domain: status, sign-in mode and network", domains.FAULTS, domains.look),
    Check(
        "profiles",
        "the profiles and owner tags that the gate.toml of `--config` names",
        domains.CONFIGURED_FAULTS,
        domains.look_at_profiles,
        only="--config",
    ),
    Check("secrets", "what is known of each secret of sign-in without reading it", kept.FAULTS, kept.look),
    Check(
        "sealing keys",
        "the form of the sealing keys that the gate.toml of `--config` names; they are not printed",
        kept.READ_FAULTS,
        kept.look_within,
        only="--read-secrets",
    ),
    Check("live configuration", "AppConfig for what ConfigSource names", live.FAULTS, live.look),
    Check(
        "names",
        "where the names of API, SageMaker, STS and Studio lead from this host, and whether the endpoints answer it",
        names.FAULTS,
        names.look,
    ),
)
# Every call that is made, by its IAM action; API Gateway has one for all of its.
ACTIONS = (
    "apigateway:GET",
    "appconfig:GetApplication",
    "appconfig:GetConfigurationProfile",
    "appconfig:GetEnvironment",
    "appconfig:ListDeployments",
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "logs:DescribeLogGroups",
    "logs:FilterLogEvents",
    "sagemaker:DescribeDomain",
    "sagemaker:DescribeUserProfile",
    "sagemaker:ListTags",
    "sagemaker:ListUserProfiles",
    "secretsmanager:DescribeSecret",
    "ssm:DescribeParameters",
)
# With --read-secrets alone.
READING_ACTIONS = ("secretsmanager:GetSecretValue", "ssm:GetParameter")
