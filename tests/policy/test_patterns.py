"""Addresses and moments as IAM compares them, and what is neither."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.policy.patterns import earlier, within

WITHIN: dict[str, tuple[str, str, bool]] = {
    "an address is itself": ("10.0.0.1", "10.0.0.1", True),
    "an address is no other": ("10.0.0.1", "10.0.0.2", False),
    "the first of a block": ("10.0.0.0/30", "10.0.0.0", True),
    "the last of a block": ("10.0.0.0/30", "10.0.0.3", True),
    "the next after a block": ("10.0.0.0/30", "10.0.0.4", False),
    "every address": ("0.0.0.0/0", "203.0.113.9", True),
    "every IPv4 address, but it is an IPv6 address": ("0.0.0.0/0", "2001:db8::1", False),
    "every IPv6 address, but it is an IPv4 address": ("::/0", "10.0.0.1", False),
    "an IPv6 address written otherwise": ("2001:db8::/32", "2001:0DB8:0:0:0:0:0:1", True),
    "an address in IPv6's clothes": ("10.0.0.0/8", "::ffff:10.0.0.1", False),
    "no address": ("10.0.0.0/8", "alice", False),
    "an empty text": ("10.0.0.0/8", "", False),
    "an address with a zero before": ("10.0.0.0/8", "010.0.0.1", False),
    "an address with a line's end": ("10.0.0.0/8", "10.0.0.1\n", False),
}


@pytest.mark.parametrize(("block", "address", "expected"), WITHIN.values(), ids=WITHIN.keys())
def test_within(block: str, address: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert within(block, address) is expected


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_a_block_holds_what_begins_alike(one: IPv4Address, other: IPv4Address, bits: int) -> None:
    shift = 32 - bits
    block = f"{IPv4Address(int(one) >> shift << shift)}/{bits}"
    assert within(block, str(other)) is (int(one) >> shift == int(other) >> shift)


EARLIER: dict[str, tuple[str, str, bool]] = {
    "a second before": ("2026-03-01T12:00:00Z", "2026-03-01T11:59:59Z", True),
    "at the moment": ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", False),
    "before, in another zone": ("2026-03-01T12:00:00Z", "2026-03-01T12:30:00+01:00", True),
    "no moment": ("2026-03-01T12:00:00Z", "yesterday", False),
    "a moment without a zone": ("2026-03-01T12:00:00Z", "2026-02-01T12:00:00", False),
}


@pytest.mark.parametrize(("limit", "when", "expected"), EARLIER.values(), ids=EARLIER.keys())
def test_earlier(limit: str, when: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert earlier(limit, when) is expected


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(MOMENTS, MOMENTS)
def test_of_two_moments_one_is_earlier_at_most(one: datetime, other: datetime) -> None:
    first, second = one.isoformat(), other.isoformat()
    assert earlier(first, second) is (other < one)
    assert earlier((one + timedelta(hours=1)).isoformat(), first)
