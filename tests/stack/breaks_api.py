"""Ways to break who reaches the gate, by the guarantee of `test_api` that must notice."""

from tests.stack.mutations import Mutation, add, both, drop, put

POLICY = "Api/Auth/ResourcePolicy/CustomStatements"
OPEN = f"{POLICY}/AllowWhatTellsNothing"
PROVED = f"{POLICY}/AllowProofsThatTheGateChecks"
PEOPLE = f"{POLICY}/AllowPeopleWithABrowser"
MINTING_TRUST = "MintingRole/AssumeRolePolicyDocument/Statement/0"
UNSIGNED = [
    *("Health", "OpenApi"),
    *(f"{proof}{route}" for proof in ("Jwt", "Proxy") for route in ("Me", "Url", "UrlOf", "Open", "OpenOf")),
    *("Portal", "Me", "Open", "OpenOf", "OpenConfirmed", "SignIn", "SignInCode", "SignInForm", "SignOut"),
]
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/gate/GET/x"}

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "the API is private, and associated with the given endpoints": {
        "REGIONAL instead of PRIVATE": put("Api/EndpointConfiguration/Type", "REGIONAL"),
        "EDGE instead of PRIVATE": put("Api/EndpointConfiguration", {"Type": "EDGE"}),
        "another endpoint": put("Api/EndpointConfiguration/VPCEndpointIds", ["vpce-0fedcba9876543210"]),
    },
    "no other API, function URL, domain name or load balancer leads in": {
        "a function URL": put("Function/FunctionUrlConfig", {"AuthType": "NONE"}),
        "an HTTP API": put("Function/Events/Http", {"Type": "HttpApi", "Properties": {"Method": "get", "Path": "/x"}}),
    },
    "the API has one resource policy, of plain Allows and Denies": {
        "everything but one resource": both(drop(f"{OPEN}/Resource"), put(f"{OPEN}/NotResource", "execute-api:/x")),
    },
    "everything that came through no given endpoint is denied, by one Deny": {
        "the Deny dropped": drop(f"{POLICY}/DenyOutsideTheEndpoints"),
        "the Deny turned to Allow": put(f"{POLICY}/DenyOutsideTheEndpoints/Effect", "Allow"),
        "one endpoint of two forgotten": put(
            f"{POLICY}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce",
            [{"Fn::Select": [0, {"Ref": "ExecuteApiEndpointIds"}]}],
        ),
        "the Deny on one route alone": put(f"{POLICY}/DenyOutsideTheEndpoints/Resource", "execute-api:/gate/GET/iam/*"),
        "the Deny with IfExists": put(
            f"{POLICY}/DenyOutsideTheEndpoints/Condition",
            {"StringNotEqualsIfExists": {"aws:SourceVpce": {"Ref": "ExecuteApiEndpointIds"}}},
        ),
        "the Deny on ForAnyValue, which does not hold without the key": put(
            f"{POLICY}/DenyOutsideTheEndpoints/Condition",
            {"ForAnyValue:StringNotEquals": {"aws:SourceVpce": {"Ref": "ExecuteApiEndpointIds"}}},
        ),
        "the Deny with a second condition": put(
            f"{POLICY}/DenyOutsideTheEndpoints/Condition/Bool", {"aws:PrincipalIsAWSService": "false"}
        ),
        "the VPC instead of the endpoint": put(
            f"{POLICY}/DenyOutsideTheEndpoints/Condition", {"StringNotEquals": {"aws:SourceVpc": "vpc-0123"}}
        ),
    },
    "all are allowed what is unsigned, and the iam routes those whom the parameters name": {
        "a wildcard principal in the Allow for the iam routes": put(f"{POLICY}/AllowTrustedPrincipals/Principal", "*"),
        "the whole API in the Allow for what tells nothing": put(f"{OPEN}/Resource", "execute-api:/*"),
        "the whole API in the Allow for what the gate proves": put(f"{PROVED}/Resource", "execute-api:/*"),
        "the iam routes in the Allow for what the gate proves": add(
            f"{PROVED}/Resource", "execute-api:/gate/GET/iam/*"
        ),
        "POST allowed where the gate proves": put(
            f"{PROVED}/Resource", ["execute-api:/gate/*/jwt/*", "execute-api:/gate/*/proxy/*"]
        ),
        "the proxies forgotten": put(f"{PROVED}/Resource", "execute-api:/gate/GET/jwt/*"),
        "the Allow for what the gate proves turned to Deny": put(f"{PROVED}/Effect", "Deny"),
        "every method in the Allow for people": add(f"{PEOPLE}/Resource", "execute-api:/gate/*/open"),
        "a way back from signing in forgotten": put(
            f"{PEOPLE}/Resource", ["execute-api:/gate/GET/open", "execute-api:/gate/GET/open/*"]
        ),
        "the portal with what is below it in the Allow for people": add(
            f"{PEOPLE}/Resource", "execute-api:/gate/GET/*"
        ),
        "the iam routes in the Allow for people": add(f"{PEOPLE}/Resource", "execute-api:/gate/GET/iam/*"),
        "POST allowed too": put(f"{POLICY}/AllowTrustedPrincipals/Resource", "execute-api:/gate/*/iam/*"),
        "a second Allow": add(POLICY, EVERYBODY),
        "the organisation's condition dropped": drop(f"{POLICY}/AllowTrustedOrganization/Condition"),
        "the organisation allowed whether or not it is given": put(
            f"{POLICY}/AllowTrustedOrganization/Condition", {"StringLike": {"aws:PrincipalOrgID": "*"}}
        ),
    },
    "no Allow names everybody, but for what is unsigned and for the organisation": {
        "a wildcard principal in the Allow for the iam routes": put(
            f"{POLICY}/AllowTrustedPrincipals/Principal/AWS", ["*"]
        ),
        "the Allow for what the gate proves on everything": put(f"{PROVED}/Resource", "execute-api:/gate/GET/*"),
        "the Allow for people on everything": put(f"{PEOPLE}/Resource", "execute-api:/gate/*"),
        "a wildcard principal in the minting role's trust": put(f"{MINTING_TRUST}/Principal", {"AWS": "*"}),
        "the organisation's condition dropped": drop(f"{POLICY}/AllowTrustedOrganization/Condition"),
    },
    "each method is named by the Allows of its own kind of authorisation": {
        "the Allow for what tells nothing on everything": put(f"{OPEN}/Resource", "execute-api:/gate/GET/*"),
        "the Allow for what tells nothing dropped": drop(OPEN),
        "the document forgotten": put(f"{OPEN}/Resource", "execute-api:/gate/GET/health"),
        "the Allow for what the gate proves on the iam routes": add(
            f"{PROVED}/Resource", "execute-api:/gate/GET/iam/me"
        ),
        "the Allow for what the gate proves on two segments alone": put(
            f"{PROVED}/Resource", ["execute-api:/gate/GET/jwt/*/*", "execute-api:/gate/GET/proxy/*/*"]
        ),
        "the Allow for what the gate proves dropped": drop(PROVED),
        "the Allow for people dropped": drop(PEOPLE),
        "the Allow for people on GET alone": put(
            f"{PEOPLE}/Resource", ["execute-api:/gate/GET/open*", "execute-api:/gate/GET/sign*"]
        ),
        "another stage": put("Api/StageName", "live"),
    },
    "the resource policy fits API Gateway's limit": {
        "a hundred paths written out": put(
            f"{POLICY}/AllowTrustedPrincipals/Resource",
            [f"execute-api:/gate/GET/iam/{'x' * 60}/{n}" for n in range(100)],
        ),
    },
    "the routes are the handler's, each with its methods": {
        "POST": put("Function/Events/IamMe/Properties/Method", "post"),
        "GET where a form is posted": put("Function/Events/SignOut/Properties/Method", "get"),
        "any method": put("Function/Events/IamMe/Properties/Method", "any"),
        "a route that the handler does not know": put("Function/Events/IamMe/Properties/Path", "/iam/you"),
        "a route forgotten": drop("Function/Events/IamUrlOf"),
        "a method forgotten": drop("Function/Events/SignInForm"),
        "CORS, which adds OPTIONS without authorisation": put("Api/Cors", "'*'"),
    },
    "what people send as forms is posted, and nothing else": {
        "a launch by POST": put("Function/Events/JwtOpen/Properties/Method", "post"),
        "signing out by GET, which any page can make a browser do": put(
            "Function/Events/SignOut/Properties/Method", "get"
        ),
        "any method": put("Function/Events/OpenConfirmed/Properties/Method", "any"),
    },
    "the routes under /iam are authorised by IAM, and no others": {
        "no authorisation on a route under /iam": put("Function/Events/IamUrl/Properties/Auth", {"Authorizer": "NONE"}),
        "IAM on health": drop("Function/Events/Health/Properties/Auth"),
        "IAM on the document": drop("Function/Events/OpenApi/Properties/Auth"),
        "IAM on a route for bearer tokens": drop("Function/Events/JwtUrl/Properties/Auth"),
        "IAM on a route for proxies": drop("Function/Events/ProxyOpenOf/Properties/Auth"),
        "IAM on the way back from signing in": drop("Function/Events/SignInForm/Properties/Auth"),
    },
    "the methods without authorisation are those on the committed list": {
        "no authorisation on a route under /iam": put(
            "Function/Events/IamOpen/Properties/Auth", {"Authorizer": "NONE"}
        ),
        "a route for bearer tokens that nobody listed": put("Function/Events/JwtMe/Properties/Path", "/jwt/you"),
        "a method that nobody listed": put("Function/Events/SignIn/Properties/Method", "post"),
        "IAM no longer the default": both(
            # SAM takes NONE for an exception from a default only.
            drop("Api/Auth/DefaultAuthorizer"),
            *(drop(f"Function/Events/{name}/Properties/Auth") for name in UNSIGNED),
        ),
    },
    "API Gateway calls the one function, and not with the caller's credentials": {
        "InvokeRole removed": drop("Api/Auth/InvokeRole"),
        "InvokeRole of the caller": put("Api/Auth/InvokeRole", "CALLER_CREDENTIALS"),
    },
    "there is one stage, and none named Stage": {
        "OpenApiVersion removed": drop("Api/OpenApiVersion"),
        "another stage name": put("Api/StageName", "Stage"),
    },
}
