"""What a change of the template does to the gateway: seen from outside, as a person would see it."""

import pytest

from localaws.gateway.serving import Addresses
from tests.gateway.clients import Reply, get, send
from tests.gateway.conftest import Calls, Serve, changed
from tests.stack.breaks_api import POLICY
from tests.stack.mutations import Mutation, both, drop, put

REGIONAL = put("Api/EndpointConfiguration/Type", "REGIONAL")
OPEN_ROUTE = put("Function/Events/IamMe/Properties/Auth", {"Authorizer": "NONE"})
WILDCARD = put(f"{POLICY}/AllowTrustedPrincipals/Principal", "*")
NO_DENY = drop(f"{POLICY}/DenyOutsideTheEndpoints")


def unsigned(gate: Addresses) -> Reply:
    return send(f"{gate.endpoint}/iam/me")


def test_a_regional_api_answers_the_internet(serve: Serve, calls: Calls) -> None:
    with serve(changed(REGIONAL)) as gate:
        outside, inside = send(f"{gate.internet}/health"), send(f"{gate.endpoint}/health")
    # It is the API that answers now, by its resource policy; from inside, private DNS finds no public API.
    assert (outside.status, outside.by_gateway, outside.decoded["title"]) == (403, "AccessDeniedException", "Refused")
    assert (inside.status, inside.by_gateway, calls.events) == (403, "ForbiddenException", [])


def test_a_regional_api_without_the_deny_serves_the_internet(serve: Serve, calls: Calls) -> None:
    with serve(changed(both(REGIONAL, NO_DENY))) as gate:
        reply = get(f"{gate.internet}/iam/me")
    # The handler has a check of its own, and refuses.
    assert (reply.status, reply.by_gateway, len(calls.events)) == (403, None, 1)
    identity = calls.events[0]["requestContext"]["identity"]
    assert identity["sourceIp"] == "203.0.113.10"
    assert not {"vpceId", "vpcId"} & identity.keys()
    assert not [name for name in calls.events[0]["headers"] if name.startswith("x-amzn-vpc")]


def test_no_authorisation_on_an_iam_route_shuts_out_who_signs(serve: Serve, calls: Calls) -> None:
    with serve(changed(OPEN_ROUTE)) as gate:
        replies = [get(f"{gate.endpoint}/iam/me"), unsigned(gate)]
    # Nobody is known any more, and the resource policy names who may come.
    assert {reply.by_gateway for reply in replies} == {"AccessDeniedException"}
    assert calls.events == []


def test_no_authorisation_and_a_wildcard_let_the_unsigned_through_to_the_handlers_401(serve: Serve) -> None:
    with serve(changed(both(OPEN_ROUTE, WILDCARD))) as gate:
        reply = unsigned(gate)
    assert (reply.status, reply.by_gateway) == (401, None)
    assert reply.headers["x-amzn-remapped-www-authenticate"] == "AWS4-HMAC-SHA256"


def test_a_wildcard_alone_still_wants_a_signature(serve: Serve) -> None:
    with serve(changed(WILDCARD)) as gate:
        assert unsigned(gate).by_gateway == "MissingAuthenticationTokenException"


DENIES = {
    "dropped": NO_DENY,
    "turned to Allow": put(f"{POLICY}/DenyOutsideTheEndpoints/Effect", "Allow"),
    "with another endpoint": put(
        f"{POLICY}/DenyOutsideTheEndpoints/Condition/StringNotEquals/aws:SourceVpce", "vpce-0fedcba9876543210"
    ),
}


@pytest.mark.parametrize("change", DENIES.values(), ids=DENIES.keys())
def test_without_the_deny_another_endpoint_leads_to_the_handler(serve: Serve, calls: Calls, change: Mutation) -> None:
    with serve(changed(change)) as gate:
        reply = get(f"{gate.other_endpoint}/iam/me")
    assert (reply.status, reply.by_gateway, len(calls.events)) == (403, None, 1)


def test_with_the_deny_for_another_endpoint_the_own_one_is_shut(serve: Serve, calls: Calls) -> None:
    with serve(changed(DENIES["with another endpoint"])) as gate:
        assert get(f"{gate.endpoint}/iam/me").by_gateway == "AccessDeniedException"
    assert calls.events == []
