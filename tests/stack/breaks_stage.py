"""Ways to break what the stage does with every request, by the guarantee of `test_stage` that must notice."""

from tests.stack.mutations import Mutation, add, both, drop, new, put
from tests.stack.stacks import Json

ALL, PORTAL, HEALTH = (f"Api/MethodSettings/{index}" for index in (0, 1, 3))
RESPONSES = "Api/GatewayResponses"
LOG = "Api/AccessLogSetting"


def _said(**changes: object) -> Json:
    """Settings of one method that launches, of which one change is unsound; None takes a setting out."""
    sound: Json = {
        "ResourcePath": "/~1iam~1url",
        "HttpMethod": "GET",
        "CachingEnabled": False,
        "DataTraceEnabled": False,
        "LoggingLevel": "OFF",
        "MetricsEnabled": True,
        "ThrottlingRateLimit": {"Ref": "LaunchRateLimit"},
        "ThrottlingBurstLimit": {"Ref": "LaunchBurstLimit"},
    }
    return {name: value for name, value in (sound | changes).items() if value is not None}


def _method(**changes: object) -> Mutation:
    return add("Api/MethodSettings", _said(**changes))


def _logs(value: str) -> Mutation:
    return put(f"{LOG}/Format", f'{{"request_id": "$context.requestId", "more": "{value}"}}')


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "nothing is cached": {
        "a cache cluster": put("Api/CacheClusterEnabled", value=True),
        "a size given": put("Api/CacheClusterSize", "0.5"),
        "caching on": put(f"{ALL}/CachingEnabled", value=True),
        "caching not said": drop(f"{ALL}/CachingEnabled"),
        "caching on for a page": put(f"{PORTAL}/CachingEnabled", value=True),
        "caching on for one more method": _method(CachingEnabled=True),
        "caching not said for one more method": _method(CachingEnabled=None),
    },
    "bodies and headers are not logged": {
        "data trace on": put(f"{ALL}/DataTraceEnabled", value=True),
        "data trace not said": drop(f"{ALL}/DataTraceEnabled"),
        "data trace on for a page": put(f"{PORTAL}/DataTraceEnabled", value=True),
        "data trace on for one more method": _method(DataTraceEnabled=True),
        "execution logs": put(f"{ALL}/LoggingLevel", "INFO"),
        "execution logs of a page": put(f"{PORTAL}/LoggingLevel", "ERROR"),
        "execution logs of one more method, not said": _method(LoggingLevel=None),
    },
    "every method is counted": {
        "none": put(f"{ALL}/MetricsEnabled", value=False),
        "not health": drop(f"{HEALTH}/MetricsEnabled"),
    },
    "every method is throttled at the stage, those that launch by limits of their own": {
        "the rate removed": drop(f"{ALL}/ThrottlingRateLimit"),
        "the burst removed": drop(f"{ALL}/ThrottlingBurstLimit"),
        "a page without a rate": drop(f"{PORTAL}/ThrottlingRateLimit"),
        "one path alone": put(f"{ALL}/ResourcePath", "/~1iam~1open"),
        "a path that is none of the API's": _method(ResourcePath="/~1iam~1you"),
        "a path whose slashes are not encoded": _method(ResourcePath="/iam/url"),
        "the same method twice": both(_method(), _method()),
        "a launch as a page": _method(ThrottlingRateLimit={"Ref": "ThrottlingRateLimit"}),
        "a launch without limits": _method(ThrottlingRateLimit=None, ThrottlingBurstLimit=None),
        "a rate of its own": put(f"{ALL}/ThrottlingRateLimit", 10000),
        "launches with the limits of pages": put(f"{ALL}/ThrottlingBurstLimit", {"Ref": "ThrottlingBurstLimit"}),
    },
    "each request is a line of JSON in the access log": {
        "no log": drop(LOG),
        "as a web server writes it": put(f"{LOG}/Format", "$context.requestId $context.identity.sourceIp"),
        "a number without quotes, which is a dash at times": put(f"{LOG}/Format", '{"status": $context.status}'),
        "two values in a text": _logs("$context.httpMethod $context.resourcePath"),
        "no source address": put(f"{LOG}/Format", '{"request_id": "$context.requestId"}'),
        "a line for each member": put(f"{LOG}/Format", '{"request_id":\n"$context.requestId"}'),
    },
    "the access log can hold no URL, token, header or error text": {
        "the path as sent": _logs("$context.path"),
        "the path within other words": _logs("GET $context.path HTTP/1.1"),
        "the path in braces": _logs("${context.path}"),
        "the path said quietly": _logs("$!context.path"),
        "the name asked for, which is a header": _logs("$context.domainName"),
        "the user agent": _logs("$context.identity.userAgent"),
        "an error's words": _logs("$context.error.message"),
        "an error's words in quotes": _logs("$context.error.messageString"),
        "the integration's error": _logs("$context.integrationErrorMessage"),
        "the same by its newer name": _logs("$context.integration.error"),
        "the trace id, which is a header": _logs("$context.xrayTraceId"),
        "the access key": _logs("$context.identity.accessKey"),
        "a header": _logs("$input.params('Authorization')"),
        "the body": _logs("$input.body"),
        "a variable that looks like a known one": _logs("$context.requestIdentity"),
        "below a known one": _logs("$context.status.text"),
    },
    "the access log has a group of its own": {
        "the function's": put(f"{LOG}/DestinationArn", {"Fn::GetAtt": ["FunctionLogs", "Arn"]}),
        "a stream somewhere else": put(f"{LOG}/DestinationArn", "arn:aws:firehose:eu-central-1:1:deliverystream/x"),
        "the same group": put("AccessLogs/LogGroupName", {"Fn::Sub": "/aws/lambda/${AWS::StackName}"}),
    },
    "the stack changes no setting of the whole account": {
        "the role of API Gateway's logs": new("Account", "AWS::ApiGateway::Account", {"CloudWatchRoleArn": "arn:x"}),
    },
    "gateway responses agree word for word with the gate's problems": {
        "a header less": drop(f"{RESPONSES}/DEFAULT_4XX/ResponseParameters/Headers/Cache-Control"),
        "another status": put(f"{RESPONSES}/THROTTLED/StatusCode", 503),
        "another wait": put(f"{RESPONSES}/THROTTLED/ResponseParameters/Headers/Retry-After", "'60'"),
        "another word": put(f"{RESPONSES}/DEFAULT_5XX/ResponseTemplates", {"application/json": '{"message": "x"}'}),
        "one response left to AWS": drop(f"{RESPONSES}/INTEGRATION_TIMEOUT"),
    },
    "every type of gateway response comes to the right problem": {
        "a quota left to the refusals": drop(f"{RESPONSES}/QUOTA_EXCEEDED"),
        "a timeout left to what is down": drop(f"{RESPONSES}/INTEGRATION_TIMEOUT"),
        "what is down left to AWS": drop(f"{RESPONSES}/DEFAULT_5XX"),
        "a missing token told from a refusal": put(f"{RESPONSES}/MISSING_AUTHENTICATION_TOKEN", {"StatusCode": 404}),
    },
    "where waiting helps, gateway responses say how long": {
        f"not for {name}": drop(f"{RESPONSES}/{name}/ResponseParameters/Headers/Retry-After")
        for name in ("THROTTLED", "QUOTA_EXCEEDED", "DEFAULT_5XX", "INTEGRATION_TIMEOUT")
    }
    | {"also for a refusal": put(f"{RESPONSES}/DEFAULT_4XX/ResponseParameters/Headers/Retry-After", "'5'")},
}
