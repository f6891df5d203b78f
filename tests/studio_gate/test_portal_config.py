"""What a company may say on the portal."""

import json

import pytest

from studio_gate.portal_config import Portal

GOOD = {
    "an address": {"contact": "mailto:ml-platform@example.com"},
    "a page with a query": {"contact": "https://tickets.example.com/new?queue=ml&type=access"},
    "Japanese": {"title": "機械学習ポータル", "help": ["研究基盤チームに、ID を添えて申し込んでください。"]},
    "nothing": {},
}
BAD = {
    "a script": {"contact": "javascript:alert(1)"},
    "plain http": {"contact": "http://example.com"},
    "data": {"contact": "data:text/html,x"},
    "no scheme": {"contact": "//evil.example"},
    "a user before the host": {"contact": "https://a@evil.example"},
    "a blank before": {"contact": " https://example.com"},
    "a new line behind": {"contact": "https://example.com\n"},
    "an address with a subject": {"contact": "mailto:a@example.com?subject=x"},
    "two addresses": {"contact": "mailto:a@example.com,b@example.com"},
    "an address without a host": {"contact": "mailto:a"},
    "an address with a blank": {"contact": "mailto:a b@example.com"},
    "a quote": {"contact": 'https://example.com/"'},
    "a title that is too long": {"title": "x" * 201},
    "help that is too long": {"help": ["x" * 201]},
    "help that turns the text around": {"help": ["\u202eabc"]},
    "help on two lines": {"help": ["a\nb"]},
    "a key that is not there": {"logo": "https://example.com/logo.png"},
}


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD.keys())
def test_a_company_says_it_in_its_own_words(said: dict[str, object]) -> None:
    made = Portal.model_validate_json(json.dumps(said))
    assert json.loads(made.model_dump_json(exclude_defaults=True)) == said


@pytest.mark.parametrize("said", BAD.values(), ids=BAD.keys())
def test_what_could_mislead_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(said))):
        Portal.model_validate_json(json.dumps(said))
