"""What holds for every request of the matrix, whatever is changed in its policies."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from localaws.policy import Document, Policies
from tests.policy.cases import everything, of_the_template
from tests.policy.expectations import GATE, SAGEMAKER, STUDIO
from tests.policy.further import API_THERE, EXPERIMENTS, NOTEBOOK, NOTEBOOK_THERE, STUDIO_THERE
from tests.policy.world import OTHER_ENDPOINT, Case
from tests.stack.stacks import EXAMPLE

ENDPOINT = "aws:SourceVpce"
# What the Denies let through, here and there, and the conditions on the STS endpoint.
KNOWN = {GATE, SAGEMAKER, STUDIO, EXAMPLE["StsEndpointId"], NOTEBOOK, EXPERIMENTS}
KNOWN |= {API_THERE, STUDIO_THERE, NOTEBOOK_THERE}
LAYERS = ("identity", "session", "resource", "endpoint")


@cache
def _cases() -> list[Case]:
    return list(everything().values())


cases = st.deferred(lambda: st.sampled_from(_cases()))
allowed = st.deferred(lambda: st.sampled_from([one for one in of_the_template() if one.verdict().allowed]))
endpoints = st.sampled_from([*sorted(KNOWN), OTHER_ENDPOINT]) | st.from_regex(r"vpce-[0-9a-f]{17}", fullmatch=True)
conditions = st.just({}) | st.builds(
    lambda operator, values: {operator: {ENDPOINT: values}},
    st.sampled_from(("StringEquals", "StringNotEquals", "StringLike")),
    st.lists(endpoints, min_size=1, max_size=3),
)


@st.composite
def statements(draw: st.DrawFn, case: Case, layer: str, effect: str) -> dict[str, Any]:
    """A statement that may be about a case, of a layer's kind."""
    ask = case.ask
    action = draw(st.sampled_from([ask.action, f"{ask.action.split(':', maxsplit=1)[0]}:*", "*", "s3:GetObject"]))
    made = {"Effect": effect, "Action": action, "Condition": draw(conditions)}
    if layer in {"resource", "endpoint"}:
        made["Principal"] = "*"
    if layer != "resource" or not ask.action.startswith("sts:"):
        made["Resource"] = draw(st.sampled_from(["*", ask.resource, "arn:aws:s3:::bucket/*"]))
    return made


def _documents(policies: Policies, layer: str) -> tuple[Document, ...]:
    if layer == "identity":
        return policies.identity
    one = getattr(policies, layer)
    return () if one is None else (one,)


def _free(case: Case) -> list[str]:
    return [one for one in ("session", "endpoint") if not _documents(case.policies, one)]


def _changed(case: Case, layer: str, document: Mapping[str, Any], at: int) -> Case:
    given_ = case.policies.identity
    identity = (*given_[:at], document, *given_[at + 1 :])
    change: dict[str, Any] = {"identity": identity} if layer == "identity" else {layer: document}
    return replace(case, policies=replace(case.policies, **change))


@given(st.data())
def test_one_more_deny_never_allows_more(data: st.DataObject) -> None:
    case = data.draw(cases)
    layer = data.draw(st.sampled_from([one for one in LAYERS if _documents(case.policies, one)]))
    at = data.draw(st.integers(0, len(_documents(case.policies, layer)) - 1))
    document = _documents(case.policies, layer)[at]
    more = [*document["Statement"], data.draw(statements(case, layer, "Deny"))]
    assert _changed(case, layer, {**document, "Statement": more}, at).verdict().allowed <= case.verdict().allowed


@given(st.data())
def test_one_allow_less_never_allows_more(data: st.DataObject) -> None:
    case = data.draw(cases)
    layer = data.draw(st.sampled_from([one for one in LAYERS if _documents(case.policies, one)]))
    at = data.draw(st.integers(0, len(_documents(case.policies, layer)) - 1))
    document = _documents(case.policies, layer)[at]
    allows = [one for one in document["Statement"] if one["Effect"] == "Allow"]
    assume(allows and len(document["Statement"]) > 1)
    lost = data.draw(st.sampled_from(allows))
    less = [one for one in document["Statement"] if one is not lost]
    assert _changed(case, layer, {**document, "Statement": less}, at).verdict().allowed <= case.verdict().allowed


@given(st.data())
def test_the_order_of_statements_does_not_matter(data: st.DataObject) -> None:
    case = data.draw(cases)
    layer = data.draw(st.sampled_from([one for one in LAYERS if _documents(case.policies, one)]))
    document = _documents(case.policies, layer)[0]
    shuffled = {**document, "Statement": data.draw(st.permutations(document["Statement"]))}
    assert _changed(case, layer, shuffled, 0).verdict().allowed is case.verdict().allowed


@given(st.data())
def test_a_session_or_an_endpoint_policy_never_allows_more(data: st.DataObject) -> None:
    case = data.draw(cases.filter(lambda one: ":assumed-role/" in (one.ask.principal or "") and bool(_free(one))))
    layer = data.draw(st.sampled_from(_free(case)))
    document = {"Version": "2012-10-17", "Statement": [data.draw(statements(case, layer, "Allow"))]}
    assert _changed(case, layer, document, 0).verdict().allowed <= case.verdict().allowed


@given(cases)
def test_a_request_through_no_endpoint_is_never_allowed_more(case: Case) -> None:
    without = {key: value for key, value in case.ask.context.items() if key != ENDPOINT}
    assert replace(case, ask=replace(case.ask, context=without)).verdict().allowed <= case.verdict().allowed


@given(allowed, endpoints | st.none())
def test_what_is_bound_to_endpoints_is_allowed_through_those_alone(case: Case, endpoint: str | None) -> None:
    assume(ENDPOINT in case.ask.context and endpoint not in KNOWN)
    context = {**case.ask.context, ENDPOINT: endpoint} if endpoint else {}
    assert not replace(case, ask=replace(case.ask, context=context)).verdict().allowed
