"""What a name of its own may be given: refused values, what must not be missing, and one form in both templates."""

from collections.abc import Mapping

import pytest

from localaws.parameters import RULE_FUNCTIONS, accepted, functions_of, refusals
from tests.stack.stacks import DOMAIN_NAME, EXAMPLE, VPC, source
from tests.stack.test_domain_name import GIVEN, NAMES, committed

REFUSED = {
    "a wildcard": ("DomainName", "*.corp.example"),
    "capitals": ("DomainName", "Studio.corp.example"),
    "one label": ("DomainName", "studio"),
    "a dot at the end": ("DomainName", "studio.corp.example."),
    "an address": ("DomainName", "10.0.0.1"),
    "a URL": ("DomainName", "https://studio.corp.example"),
    "a label that begins with a hyphen": ("DomainName", "-studio.corp.example"),
    "a label that is too long": ("DomainName", f"{'x' * 64}.example"),
    "a certificate of IAM": ("CertificateArn", "arn:aws:iam::111122223333:server-certificate/x"),
    "any certificate": ("CertificateArn", "arn:aws:acm:eu-central-1:111122223333:certificate/*"),
    "a zone by its name": ("PrivateHostedZoneId", "corp.example"),
    "a zone by its path": ("PrivateHostedZoneId", "/hostedzone/Z0ANOTHERZONE"),
    "an endpoint's name of somebody else": ("ExecuteApiDnsName", "internal-lb.eu-central-1.elb.amazonaws.com"),
    "another owner": ("ExecuteApiEndpointOwner", "111122223333"),
}
MISSING = {
    "the certificate": {"CertificateArn": ""},
    "where the records lead": {"ExecuteApiDnsName": ""},
    "in which zone that name is": {"ExecuteApiHostedZoneId": ""},
    "the network of a zone that is made": {"VpcId": ""},
}


@pytest.mark.parametrize("which", REFUSED)
def test_an_unsound_value_is_refused(which: str) -> None:
    parameter, value = REFUSED[which]
    assert not accepted(source()["Parameters"][parameter], value)
    assert not accepted(committed()["Parameters"][parameter], value)


@pytest.mark.parametrize("which", NAMES)
def test_sound_parameters_are_accepted(which: str) -> None:
    given = GIVEN | NAMES[which][0]
    for document in (committed(), source()):
        known = {one: value for one, value in given.items() if one in document["Parameters"]}
        assert [one for one, value in known.items() if not accepted(document["Parameters"][one], value)] == []
        assert refusals(document, EXAMPLE | known if document is source() else known) == []


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING)
def test_a_name_without_what_it_needs_is_refused(missing: Mapping[str, str]) -> None:
    (said,) = refusals(source(), EXAMPLE | DOMAIN_NAME | missing)
    assert all(one in said for one in missing)
    assert refusals(source(), EXAMPLE | DOMAIN_NAME | missing | {"DomainName": ""}) == []
    if "CertificateArn" not in missing:
        assert len(refusals(committed(), GIVEN | missing)) == 1


@pytest.mark.parametrize("more", [{}, {"CertificateArn": ""}], ids=["whole", "without a certificate"])
def test_what_a_network_that_is_made_says_itself_is_not_asked_for(more: Mapping[str, str]) -> None:
    made = dict.fromkeys(("ExecuteApiDnsName", "ExecuteApiHostedZoneId", "VpcId"), "")
    assert len(refusals(source(), EXAMPLE | DOMAIN_NAME | VPC | made | more)) == len(more)


def test_the_rules_use_the_functions_that_rules_may_use() -> None:
    assert functions_of(committed()["Rules"]) - RULE_FUNCTIONS == set()


def test_what_both_templates_take_has_the_same_form() -> None:
    here, there = source()["Parameters"], committed()["Parameters"]
    for one in there.keys() & here.keys():
        may_be_empty = one in {"DomainName", "CertificateArn", "ExecuteApiEndpointIds"}
        pattern = there[one].get("AllowedPattern")
        assert here[one].get("AllowedPattern") == (f"({pattern})?" if may_be_empty else pattern)
        assert here[one].get("AllowedValues") == there[one].get("AllowedValues")
