"""Ways to break what watches the gate, by the story that must end otherwise then."""

from tests.stack.mutations import Mutation, both, drop, put

_GATE, _STAGE = {"Ref": "Gate"}, {"Ref": "Stage"}
_DIMENSIONS = "MetricStat/Metric/Dimensions"
_AUDITED = "AuditedMints/FilterPattern"
_DETAIL = "MintEvents/EventPattern/detail"
_FILTERED = "MetricTransformations/0"

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "nobody comes at night": {
        "silence at any hour": put("Silence/Metrics/0/Expression", "requests + 0"),
        "silence that the night is part of": put(
            "Silence/Metrics/0/Expression", "IF(DAY(requests) < 6 AND HOUR(requests) >= 7, requests, 1)"
        ),
        "errors that are missing": put("ServerErrors/TreatMissingData", "breaching"),
        "refusals that are missing": put("Refusals/TreatMissingData", "breaching"),
        "profiles that are missing": put("SeveralProfilesOpened/TreatMissingData", "breaching"),
        "a configuration that is missing": put("StaleConfiguration/TreatMissingData", "breaching"),
        "a difference that is at least nothing": put(
            "MintWithoutAudit/ComparisonOperator", "GreaterThanOrEqualToThreshold"
        ),
    },
    "nobody comes on a Saturday": {
        "silence on any day": put(
            "Silence/Metrics/0/Expression", "IF(HOUR(requests) >= 7 AND HOUR(requests) < 16, requests, 1)"
        ),
    },
    "nobody comes all morning": {
        "no alarm": put("Silence/Threshold", 0),
        "after longer than a morning": put("Silence/EvaluationPeriods", 12),
    },
    "somebody comes every hour": {
        "another metric": put("Silence/Metrics/1/MetricStat/Metric/MetricName", "Request"),
        "silence of launches alone": put("Silence/Metrics/1/MetricStat/Metric/MetricName", "Minted"),
        "silence of another gate": put(f"Silence/Metrics/1/{_DIMENSIONS}/0/Value", "another"),
    },
    "a busy day": {
        "one error": put("ServerErrors/Threshold", 1),
        "errors of an hour": put("ServerErrors/Period", 3600),
        "any refusal": put("Refusals/Metrics/0/Expression", "100 * (refused + unproved) / refused"),
        "another value": put(_AUDITED, "{ $.Minted = 2 }"),
        "a member that no record has": put(_AUDITED, '{ $.Minted = 1 && $.audit.domain != "marketing" }'),
    },
    "one launch, and nothing else all night": {
        "any launch a break of the glass": put("BreakGlassUses/FilterPattern", '{ $.audit.policies[*] = "*" }'),
        "any quarter of an hour": put("SlowLaunches/Metrics/0/Expression", "5000 + 0 * FILL(launches, 0)"),
        "minted and not audited": put("AuditedMints/MetricTransformations/0/MetricName", "Minting"),
    },
    "an audit record that is written in the period after CloudTrail's": {
        "each period alone": put("MintWithoutAudit/DatapointsToAlarm", 1),
    },
    "CloudTrail tells of a launch twenty minutes late": {
        "once suffices": put("MintWithoutAudit/DatapointsToAlarm", 1),
    },
    "a URL of another account, of which CloudTrail knows nothing here": {
        "the other way round, and elsewhere counted here": both(
            put("MintWithoutAudit/Metrics/1/Expression", "FILL(audited - trailed, 0)"),
            put(_AUDITED, "{ $.Minted = 1 }"),
        ),
    },
    "a URL without a record": {
        "another metric": put("TrailedMints/MetricTransformations/0/MetricName", "Trail"),
        "another member": put("TrailedMints/FilterPattern", '{ $.detail.eventName = "*" }'),
        "another log group": put("TrailedMints/LogGroupName", {"Ref": "LogGroup"}),
        "another role": put(f"{_DETAIL}/userIdentity/sessionContext/sessionIssuer/arn", ["arn:aws:iam::1:role/x"]),
        "another source": put("MintEvents/EventPattern/source", ["aws.sts"]),
        "another name of the gate": put("MintWithoutAudit/Metrics/2/MetricStat/Metric/Dimensions/0/Name", "Gate"),
        "no dimension": put("MintWithoutAudit/Metrics/2/MetricStat/Metric/Dimensions", []),
        "more than one": put("MintWithoutAudit/Threshold", 1),
        "each period alone": put("MintWithoutAudit/Metrics/0/Expression", "apart + 0"),
        "three in an hour": put("MintWithoutAudit/DatapointsToAlarm", 3),
        "no value for what is missing": put("MintWithoutAudit/Metrics/1/Expression", "trailed - audited"),
        "no value for the gate": put(f"TrailedMints/{_FILTERED}/Dimensions/0/Value", "$.mint.gate"),
    },
    "a notebook's URL without a record": {
        "Studio alone": put(f"{_DETAIL}/eventName", ["CreatePresignedDomainUrl"]),
    },
    "a URL without a record, while launches elsewhere go on": {
        "elsewhere counted here": put(_AUDITED, "{ $.Minted = 1 }"),
        "one of two elsewhere": put(_AUDITED, '{ $.Minted = 1 && $.audit.destination != "lab-two" }'),
    },
    "SageMaker refused to mint": {
        "errors too": drop(f"{_DETAIL}/errorCode"),
        "errors alone": put(f"{_DETAIL}/errorCode", [{"exists": True}]),
    },
    "somebody minted with a role of their own": {
        "every role": drop(f"{_DETAIL}/userIdentity"),
    },
    "three errors": {
        "four": put("ServerErrors/Threshold", 4),
        "another metric": put("ServerErrors/MetricName", "5XX"),
        "another namespace": put("ServerErrors/Namespace", "AWS/APIGateway"),
        "no stage": put("ServerErrors/Dimensions", [{"Name": "ApiName", "Value": _GATE}]),
        "the API by another name": put(
            "ServerErrors/Dimensions", [{"Name": "ApiId", "Value": _GATE}, {"Name": "Stage", "Value": _STAGE}]
        ),
    },
    "two errors": {"one": put("ServerErrors/Threshold", 1)},
    "the function times out": {
        "two": put("FunctionErrors/Threshold", 2),
        "another metric": put("FunctionErrors/MetricName", "Error"),
        "another function": put("FunctionErrors/Dimensions/0/Value", {"Fn::Sub": "${Gate}-function"}),
        "another statistic's name for the dimension": put("FunctionErrors/Dimensions/0/Name", "Function"),
    },
    "nineteen refusals at night": {
        "any": put("Refusals/Metrics/0/Expression", "100 * (refused + unproved) / requests"),
    },
    "twenty refusals at night": {
        "another outcome": put(f"Refusals/Metrics/1/{_DIMENSIONS}/1/Value", "refusal"),
        "dimensions that nothing has": put(f"Refusals/Metrics/3/{_DIMENSIONS}", [{"Name": "function", "Value": _GATE}]),
    },
    "as many who prove nothing": {"refused alone": put(f"Refusals/Metrics/2/{_DIMENSIONS}/1/Value", "unproved")},
    "as many refusals as others": {
        "half": put("Refusals/ComparisonOperator", "GreaterThanOrEqualToThreshold"),
        "no outcome": put(f"Refusals/Metrics/1/{_DIMENSIONS}", [{"Name": "gate", "Value": _GATE}]),
    },
    "more refusals than others": {"sixty percent": put("Refusals/Threshold", 60)},
    "two profiles of one caller in an hour": {
        "a minute": put("SeveralProfilesOpened/Metrics/0/Period", 60),
        "two more": put("SeveralProfilesOpened/Threshold", 1),
        "the same rule twice": put(
            "SeveralProfilesOpened/Metrics/0/Expression",
            'INSIGHT_RULE_METRIC("studio-gate-opened-domains", "UniqueContributors")'
            ' - INSIGHT_RULE_METRIC("studio-gate-opened-domains", "UniqueContributors")',
        ),
        "rules that look at another log": put(
            "OpenedProfiles/RuleBody",
            '{"LogGroupNames": ["other"], "Contribution": {"Keys": ["$.audit.caller"], "Filters": []}}',
        ),
    },
    "two profiles of one caller, beside a notebook and other people": {
        "notebooks in one rule": put(
            "OpenedDomains/RuleBody",
            {
                "Fn::Sub": '{"LogGroupNames": ["${LogGroup}"], "Contribution": {"Keys": ["$.audit.caller",'
                ' "$.audit.destination"], "Filters": [{"Match": "$.audit.outcome", "In": ["minted"]}]}}'
            },
        ),
    },
    "one profile of one caller, twice, and a refusal of another's": {
        "refusals too": put(
            "OpenedProfiles/RuleBody",
            {
                "Fn::Sub": '{"LogGroupNames": ["${LogGroup}"], "Contribution": {"Keys": ["$.audit.caller",'
                ' "$.audit.destination", "$.audit.profile"], "Filters": []}}'
            },
        ),
    },
    "the configuration is stale": {
        "another metric": put("StaleConfiguration/MetricName", "Staleness"),
        "two": put("StaleConfiguration/Threshold", 2),
        "dimensions of an outcome": put("StaleConfiguration/Dimensions/0/Name", "outcome"),
    },
    "nineteen slow launches": {"ten": put("SlowLaunches/Metrics/0/Expression", "IF(launches >= 10, slowest, 0)")},
    "twenty slow launches, and twenty more": {
        "another outcome": put(f"SlowLaunches/Metrics/1/{_DIMENSIONS}/1/Value", "answered"),
        "seconds": put("SlowLaunches/Metrics/1/MetricStat/Metric/MetricName", "Seconds"),
        "slower": put("SlowLaunches/Threshold", 30000),
        "more launches": put("SlowLaunches/Metrics/0/Expression", "IF(launches >= 200, slowest, 0)"),
    },
    "twenty slow launches in one quarter of an hour": {"once": put("SlowLaunches/EvaluationPeriods", 1)},
    "slow answers that are no launches": {
        "any answer": put(
            "SlowLaunches/Metrics",
            [
                {
                    "Id": "slow",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "StudioGate",
                            "MetricName": "Duration",
                            "Dimensions": [{"Name": "gate", "Value": _GATE}],
                        },
                        "Stat": "p99",
                        "Period": 900,
                    },
                }
            ],
        ),
    },
    "the function is throttled": {
        "another metric": put("Throttles/Metrics/2/MetricStat/Metric/MetricName", "Throttled"),
        "six": put("Throttles/Threshold", 6),
    },
    "SageMaker throttles": {"another outcome": put(f"Throttles/Metrics/3/{_DIMENSIONS}/1/Value", "throttle")},
    "both do, a little": {"either": put("Throttles/Metrics/0/Expression", "asking + running + 0 * upstream")},
    "a throttle or two": {"any": put("Throttles/Threshold", 1)},
    "the API throttles": {
        "another member": put("ApiThrottles/FilterPattern", '{ $.error = "THROTTLED" }'),
        "another namespace": put("Throttles/Metrics/1/MetricStat/Metric/Namespace", "StudioGate"),
        "another log": put("ApiThrottles/LogGroupName", {"Ref": "LogGroup"}),
    },
    "the API refuses otherwise": {"any status": put("ApiThrottles/FilterPattern", '{ $.status = "*" }')},
    "a break-glass policy": {
        "another member": put("BreakGlassUses/FilterPattern", '{ $.audit.policy[*] = "alarm-break-glass*" }'),
        "the id alone": put("BreakGlassUses/FilterPattern", '{ $.audit.policies[*] = "alarm-break-glass" }'),
        "another metric": put("BreakGlass/MetricName", "BreakGlassUses"),
        "another namespace": put(f"BreakGlassUses/{_FILTERED}/MetricNamespace", "Studio"),
        "no value for the gate": put(f"BreakGlassUses/{_FILTERED}/Dimensions/0/Value", "$.audit.gate"),
        "two": put("BreakGlass/Threshold", 2),
    },
    "one among others": {
        "the first alone": put("BreakGlassUses/FilterPattern", '{ $.audit.policies[0] = "alarm-break-glass*" }'),
    },
    "somebody asks for a profile of that name": {
        "anywhere in the line": put("BreakGlassUses/FilterPattern", '{ $.audit.profile = "alarm-break-glass*" }'),
    },
    "another gate of the account is in trouble": {
        "every gate": put("StaleConfiguration/Dimensions/0/Value", "another"),
    },
}
