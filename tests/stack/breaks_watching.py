"""Ways to break what watches the gate, by the guarantee of `test_watching` that must notice."""

from collections.abc import Callable

from tests.stack.mutations import Mutation, add, both, drop, new, put, put_beside
from tests.stack.stacks import Json

_TARGETS = "MintEvents/Targets"
_DIMENSIONS = "Dimensions/0/Name"


def _text(resource: str, name: str, change: Callable[[str], str]) -> Mutation:
    """Change a text, which may be of a Sub that has variables of its own."""

    def mutate(source: Json) -> None:
        properties = source["Resources"][resource]["Properties"]
        held = properties[name]
        if isinstance(held, str):
            properties[name] = change(held)
        elif isinstance(held["Fn::Sub"], str):
            held["Fn::Sub"] = change(held["Fn::Sub"])
        else:
            held["Fn::Sub"][0] = change(held["Fn::Sub"][0])

    return mutate


def _instead(resource: str, name: str, old: str, new_text: str) -> Mutation:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new_text)

    return _text(resource, name, change)


def _dashboard(old: str, new_text: str) -> Mutation:
    return _instead("Dashboard", "DashboardBody", old, new_text)


def _query(name: str, old: str, new_text: str) -> Mutation:
    return _instead(name, "QueryString", old, new_text)


def _policy(old: str, new_text: str) -> Mutation:
    return _instead("EventsMayBeWritten", "PolicyDocument", old, new_text)


def _template(index: int, old: str, new_text: str) -> Mutation:
    def mutate(source: Json) -> None:
        target = source["Resources"]["MintEvents"]["Properties"]["Targets"][index]
        target = target["Fn::If"][1] if "Fn::If" in target else target
        template = target["InputTransformer"]["InputTemplate"]
        assert old in template["Fn::Sub"], old
        template["Fn::Sub"] = template["Fn::Sub"].replace(old, new_text)

    return mutate


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "each alarm links to a runbook page, and each page is an alarm's": {
        "no link": put("Throttles/AlarmDescription", "AWS throttles the gate"),
        "another alarm's page": _instead("Throttles", "AlarmDescription", "/throttles.md", "/silence.md"),
        "a page that is not there": put("Throttles/AlarmName", {"Fn::Sub": "${Gate}-throttled"}),
        "a page elsewhere": _instead("Refusals", "AlarmDescription", "${Runbooks}", "docs/runbooks"),
        "an alarm without a page": new(
            "More", "AWS::CloudWatch::Alarm", {"AlarmName": "studio-gate-more", "AlarmDescription": "x"}
        ),
        "a page without an alarm": both(
            put("Throttles/AlarmName", {"Fn::Sub": "${Gate}-refusals"}),
            _instead("Throttles", "AlarmDescription", "/throttles.md", "/refusals.md"),
        ),
    },
    "everything is named after the gate": {
        "an alarm": put("Refusals/AlarmName", "refusals"),
        "a query": put("OneUrl/Name", "one-url"),
        "two rules alike": put("OpenedDomains/RuleName", {"Fn::Sub": "${Gate}-opened-profiles"}),
        "the dashboard": put("Dashboard/DashboardName", "gate"),
        "the policy": put("EventsMayBeWritten/PolicyName", "mints"),
    },
    "the topics hear of an alarm, and of its end": {
        "no action": drop("BreakGlass/AlarmActions"),
        "no end": drop("ServerErrors/OKActions"),
        "another topic": put("Silence/AlarmActions", ["arn:aws:sns:eu-central-1:111122223333:other"]),
        "actions that are off": put("FunctionErrors/ActionsEnabled", value=False),
    },
    "alarms are on metrics that are written": {
        "a metric of the line": put("StaleConfiguration/MetricName", "Staleness"),
        "a filter's metric": put("BreakGlassUses/MetricTransformations/0/MetricName", "Broken"),
        "a filter without its dimension": put("TrailedMints/MetricTransformations/0/Dimensions", []),
        "a metric of AWS": put("FunctionErrors/MetricName", "Failures"),
        "a dimension": put(f"StaleConfiguration/{_DIMENSIONS}", "Gate"),
        "a dimension of AWS": put(f"FunctionErrors/{_DIMENSIONS}", "Function"),
        "a namespace": put("SlowLaunches/Metrics/1/MetricStat/Metric/Namespace", "studio-gate"),
        "the line's own name for a filter's": put("BreakGlassUses/MetricTransformations/0/MetricName", "Stale"),
    },
    "alarms, rules and filters keep AWS's limits": {
        "a day and an hour": put("Silence/EvaluationPeriods", 25),
        "two periods": put("Refusals/Metrics/1/MetricStat/Period", 60),
        "missing data left to chance": drop("Throttles/TreatMissingData"),
        "a rule that is off": put("OpenedDomains/RuleState", "DISABLED"),
        "a rule of sums": _instead("OpenedProfiles", "RuleBody", '"Count"', '"Sum"'),
        "five keys": _instead("OpenedProfiles", "RuleBody", '"$.audit.caller"', '"$.a", "$.b", "$.audit.caller"'),
        "a pattern that is too long": put("TrailedMints/FilterPattern", "x" * 1025),
        "a default beside a dimension": put("TrailedMints/MetricTransformations/0/DefaultValue", 0),
        "eleven metrics": add("Refusals/Metrics", *({"Id": f"m{n}"} for n in range(7))),
    },
    "the dashboard shows every alarm, and metrics that are written": {
        "an alarm left out": _dashboard('"${Refusals.Arn}", ', ""),
        "an alarm twice": _dashboard('"${Refusals.Arn}"', '"${Throttles.Arn}"'),
        "a metric that is not written": _dashboard('"Audited"', '"Audit"'),
        "a metric left out": _dashboard('["StudioGate", "BreakGlass", ', '["StudioGate", "Stale", '),
        "another dimension": _dashboard('"FunctionName"', '"Function"'),
        "another gate": _dashboard('"FunctionName", "${Gate}"', '"FunctionName", "gate-two"'),
        "another region": _dashboard("${AWS::Region}", "us-east-1"),
        "a search for other dimensions": _dashboard("{StudioGate,gate,outcome}", "{StudioGate,outcome}"),
        "a search for other gates": _dashboard('gate=\\"${Gate}\\"', 'gate=\\"g\\"'),
    },
    "queries ask for what is written": {
        "a field that no record has": _query("WhoOpenedWhat", "audit.source_ip", "audit.address"),
        "a field outside the record": _query("OneUrl", "audit.signer", "audit.signer.arn"),
        "a field of the trail that is not asked": _query("RefusalsByReason", "audit.reason", "mint.id"),
        "a field that the trail has not": _query("WhatCloudTrailKnows", "mint.source_identity", "mint.identity"),
        "a metric that the line has not": _query("WhatCloudTrailKnows", "sum(Minted)", "sum(Audited)"),
        "the join of one log": put("WhatCloudTrailKnows/LogGroupNames", [{"Ref": "LogGroup"}]),
        "another log": put("OneUrl/LogGroupNames", ["/aws/lambda/other"]),
        "a widget's field": _dashboard("by audit.destination", "by audit.target"),
        "a widget of another log": _dashboard("SOURCE '${LogGroup}'", "SOURCE '/other'"),
    },
    "CloudTrail's record has what is asked of it": {
        "another member": _template(0, '\\"event\\"', '\\"name\\"'),
        "another path": put(
            f"{_TARGETS}/0/InputTransformer/InputPathsMap/identity", "$.detail.userIdentity.sourceIdentity"
        ),
        "the time as something else": _template(0, '"timestamp": <time>', '"timestamp": "<time>"'),
        "no gate": _template(0, '\\"gate\\": \\"${Gate}\\", ', ""),
        "another time": put(f"{_TARGETS}/0/InputTransformer/InputPathsMap/time", "$.detail.eventTime"),
    },
    "no URL is passed on": {
        "the answer": put(f"{_TARGETS}/0/InputTransformer/InputPathsMap/space", "$.detail.responseElements"),
        "the whole event": drop(f"{_TARGETS}/0/InputTransformer"),
        "the whole event in words": _template(0, "<space>", "<aws.events.event>"),
        "the answer, to the topic": put(
            f"{_TARGETS}/1/Fn::If/1/InputTransformer/InputPathsMap/space", "$.detail.responseElements.authorizedUrl"
        ),
        "the whole event besides": put(f"{_TARGETS}/0/InputPath", "$"),
    },
    "launches are told where that was asked for": {
        "to another queue": put(f"{_TARGETS}/1/Fn::If/1/Arn", "arn:aws:sqs:eu-central-1:111122223333:other"),
        "to the log alone": drop(f"{_TARGETS}/1"),
        "to another log": put(f"{_TARGETS}/0/Arn", "arn:aws:logs:eu-central-1:111122223333:log-group:/other"),
        "nothing": put("MintEvents/State", "DISABLED"),
        "as another type": _template(1, "studio-gate:launch", "launch"),
        "without whom": _template(1, "<identity>", ""),
    },
    "the log group is written by the rule alone": {
        "by any rule": _policy('"Condition": {"ArnEquals": {', '"Condition": {"ArnLike": {'),
        "into every log": _policy("/aws/events/${Gate}-mints:*", "*"),
        "by everybody": _policy(
            '"Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}', '"Principal": "*"'
        ),
        "and read": _policy('"logs:PutLogEvents"', '"logs:*"'),
        "for another rule": _policy("rule/${Gate}-mints", "rule/${Gate}"),
    },
    "CloudTrail's record outlives the stack": {
        "deleted with it": put_beside("Mints", "DeletionPolicy", "Delete"),
        "deleted when replaced": put_beside("Mints", "UpdateReplacePolicy", "Delete"),
        "kept for ever": drop("Mints/RetentionInDays"),
        "kept for a day": put("Mints/RetentionInDays", 1),
    },
    "what is chosen takes effect": {
        "one profile more": put("SeveralProfilesOpened/Threshold", 1),
        "a second": put("SlowLaunches/Threshold", 1000),
        "an hour of silence": put("Silence/EvaluationPeriods", 1),
        "hours of its own": put("Silence/Metrics/0/Expression", "IF(HOUR(requests) >= 7, requests, 1)"),
        "a pattern of its own": put("BreakGlassUses/FilterPattern", '{ $.audit.policies[*] = "break*" }'),
    },
    "there is nothing that could stop a request": {
        "a subscription": new("More", "AWS::Logs::SubscriptionFilter", {"LogGroupName": {"Ref": "LogGroup"}}),
        "a role": new("More", "AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}}),
    },
}
