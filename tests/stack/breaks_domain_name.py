"""Ways to break a name of its own, by the guarantee of `test_domain_name` that must notice."""

from tests.stack.mutations import Mutation, add, both, drop, new, put

_STATEMENTS = "Name/Policy/Statement"
_ALLOW, _DENY = f"{_STATEMENTS}/AllowThroughTheEndpoints", f"{_STATEMENTS}/DenyOutsideTheEndpoints"
_ENDPOINTS = {"Ref": "ExecuteApiEndpointIds"}
_NESTED = "DomainNameStack/Parameters"

OF_THE_NAME_BROKEN: dict[str, dict[str, Mutation]] = {
    "nothing is made but the name, its mapping, its associations and its records": {
        "a second mapping": new("Second", "AWS::ApiGateway::BasePathMappingV2", {"BasePath": "x"}),
        "a public name besides": new("Public", "AWS::ApiGateway::DomainName", {"DomainName": {"Ref": "DomainName"}}),
        "a certificate": new("Certificate", "AWS::CertificateManager::Certificate", {}),
        "a public record": new("Record", "AWS::Route53::RecordSet", {"HostedZoneName": "corp.example."}),
    },
    "the name is private, under its certificate": {
        "REGIONAL instead of PRIVATE": put("Name/EndpointConfiguration/Types", ["REGIONAL"]),
        "no type": drop("Name/EndpointConfiguration"),
        "another certificate": put("Name/CertificateArn", "arn:aws:acm:eu-central-1:1:certificate/x"),
        "TLS 1.0": put("Name/SecurityPolicy", "TLS_1_0"),
        "routing rules": put("Name/RoutingMode", "ROUTING_RULE_ONLY"),
    },
    "the name is of use through the given endpoints alone, whoever calls": {
        "denied to all, as AWS makes it": drop("Name/Policy"),
        "the Allow dropped": drop(_ALLOW),
        "the Deny for all endpoints": drop(f"{_DENY}/Condition"),
        "both without a condition": both(drop(f"{_ALLOW}/Condition"), drop(_DENY)),
        "one endpoint forgotten": put(
            f"{_ALLOW}/Condition/StringEquals/aws:SourceVpce", {"Fn::Select": [0, _ENDPOINTS]}
        ),
        "an endpoint more": both(
            put(f"{_ALLOW}/Condition/StringEquals/aws:SourceVpce", ["vpce-0fedcba9876543210"]), drop(_DENY)
        ),
        "another resource": put(f"{_ALLOW}/Resource", "execute-api:/gate/GET/health"),
    },
    "what allows it allows no other endpoint": {
        "the Allow without a condition": drop(f"{_ALLOW}/Condition"),
        "any endpoint": put(f"{_ALLOW}/Condition", {"StringLike": {"aws:SourceVpce": "vpce-*"}}),
        "an Allow more": add(
            _STATEMENTS,
            {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
        ),
    },
    "whatever is allowed later, other endpoints are denied": {
        "the Deny dropped": drop(_DENY),
        "the Deny turned to Allow": put(f"{_DENY}/Effect", "Allow"),
        "another endpoint let through": put(
            f"{_DENY}/Condition/StringNotEquals/aws:SourceVpce", ["vpce-0fedcba9876543210"]
        ),
    },
    "the name denies what the API denies": {
        "the Deny dropped": drop(_DENY),
        "the Deny with IfExists": put(
            f"{_DENY}/Condition", {"StringNotEqualsIfExists": {"aws:SourceVpce": _ENDPOINTS}}
        ),
    },
    "the name leads to the stage, without a path": {
        "a path": put("Mapping/BasePath", "gate"),
        "the stage in the path": drop("Mapping/Stage"),
        "another stage": put("Mapping/Stage", "live"),
        "another API": put("Mapping/RestApiId", "0000000000"),
    },
    "the first four endpoints are associated with the name, where they are this account's": {
        "the second twice": put("ThirdAccess/AccessAssociationSource", {"Fn::Select": [1, _ENDPOINTS]}),
        "the last one forgotten": put("FourthAccess/AccessAssociationSourceType", "VPC"),
        "another name": put("FirstAccess/DomainNameArn", "arn:aws:apigateway:eu-central-1:1:/domainnames/x+1"),
    },
    "the records lead to the endpoint, in the zone that is given or made for the very name": {
        "another target": put("Ipv4Record/AliasTarget/DNSName", "gate.example"),
        "an address instead": both(drop("Ipv4Record/AliasTarget"), put("Ipv4Record/ResourceRecords", ["10.0.0.1"])),
        "two of the one kind": put("Ipv6Record/Type", "A"),
        "a public zone": drop("Zone/VPCs"),
        "a zone of all that is above": put("Zone/Name", "corp.example"),
        "another zone for the record": put("Ipv6Record/HostedZoneId", "Z0ANOTHERZONE"),
    },
}
MUTATIONS: dict[str, dict[str, Mutation]] = {
    "a name of its own is nested where it is given, for the API's own stage and endpoints": {
        "another stage": put(f"{_NESTED}/StageName", "live"),
        "another API": put(f"{_NESTED}/ApiId", "0000000000"),
        "another endpoint": put(f"{_NESTED}/ExecuteApiEndpointIds", "vpce-0fedcba9876543210"),
        "another certificate": put(f"{_NESTED}/CertificateArn", {"Ref": "SecretsKeyArn"}),
        "the zone forgotten": drop(f"{_NESTED}/PrivateHostedZoneId"),
        "the owner forgotten": drop(f"{_NESTED}/ExecuteApiEndpointOwner"),
    },
    "the address under a name of its own has no path": {
        "a name below another": put(f"{_NESTED}/DomainName", {"Fn::Sub": "gate.${DomainName}"}),
    },
}
