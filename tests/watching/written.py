"""What is written: the metrics of the line, of the metric filters and of AWS, and the fields that queries may name."""

import re

from studio_gate.audit import _FIELDS, _METRICS
from tests.stack.stacks import Stack

# "Amazon API Gateway dimensions and metrics" and "Types of metrics for Lambda functions": what this template names.
OF_AWS = {
    ("AWS/ApiGateway", name, frozenset({"ApiName", "Stage"})) for name in ("5XXError", "4XXError", "Count", "Latency")
} | {("AWS/Lambda", name, frozenset({"FunctionName"})) for name in ("Errors", "Throttles", "Invocations")}
RECORD = {f"audit.{name}" for name in _FIELDS}
TRAILED = {f"mint.{name}" for name in ("event", "source_identity", "domain", "profile", "space", "endpoint", "id")}


def written_metrics(stack: Stack) -> set[tuple[str, str, frozenset[str]]]:
    """Return the metrics that the function's lines and the metric filters make, with the names of their dimensions."""
    (embedded,) = _METRICS
    lines = {
        (str(embedded["Namespace"]), str(one["Name"]), frozenset(names))  # type: ignore[index]
        for names in embedded["Dimensions"]
        for one in embedded["Metrics"]
    }
    filtered = {
        (made["MetricNamespace"], made["MetricName"], frozenset(one["Key"] for one in made.get("Dimensions", [])))
        for one in stack.every("AWS::Logs::MetricFilter").values()
        for made in one["MetricTransformations"]
    }
    assert not filtered & lines
    return lines | filtered


def fields(query: str) -> set[str]:
    """Return the fields of the log that a query names."""
    bare = re.sub(r'"[^"]*"|/[^/]*/', "", query)
    return set(re.findall(r"\b(?:audit|mint)\.[\w.]+", bare)) | set(re.findall(r"\b[A-Z]\w*\b", bare)) - {"PUT", "THE"}
