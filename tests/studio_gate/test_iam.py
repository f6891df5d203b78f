"""A SigV4 signature proves an account, a role and a role id; a session name only where the configuration trusts it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.config import Config
from studio_gate.errors import GateError, Problem
from studio_gate.identity import iam

SSO = "AWSReservedSSO_DataScientist_0123456789abcdef"
STS = "arn:aws:sts::111122223333:assumed-role"
ALICE = iam.SignedIdentity("111122223333", f"{STS}/{SSO}/alice@example.com", "AROAEXAMPLESCIENTIST1:alice@example.com")
TOOL = iam.SignedIdentity("111122223333", f"{STS}/intranet-launcher/run-1", "AROAEXAMPLELAUNCHER01:run-1")


def test_a_trusted_session_name_is_part_of_who_the_caller_is(config: Config) -> None:
    caller = iam.identify(ALICE, config, "aws")
    assert caller.id == f"{STS}/{SSO}/alice@example.com"
    assert caller.subject == "AROAEXAMPLESCIENTIST1:alice@example.com"
    assert caller.issuer == "arn:aws:iam::111122223333:root"
    assert caller.label == "alice@example.com"
    assert caller.groups == {"data-science"}


def test_any_other_session_name_is_not(config: Config) -> None:
    caller = iam.identify(TOOL, config, "aws")
    assert caller.id == f"{STS}/intranet-launcher"
    assert caller.subject == "AROAEXAMPLELAUNCHER01"
    assert caller.label == "intranet-launcher"
    assert caller.groups == {"tools"}
    renamed = replace(TOOL, user_arn=f"{STS}/intranet-launcher/root", principal_id="AROAEXAMPLELAUNCHER01:root")
    assert iam.identify(renamed, config, "aws") == caller


def test_a_session_name_in_another_case_is_another_caller(config: Config) -> None:
    shouted = iam.SignedIdentity(
        "111122223333", f"{STS}/{SSO}/ALICE@example.com", "AROAEXAMPLESCIENTIST1:ALICE@example.com"
    )
    caller = iam.identify(shouted, config, "aws")
    assert caller.id == f"{STS}/{SSO}/ALICE@example.com"
    assert caller.subject == "AROAEXAMPLESCIENTIST1:ALICE@example.com"


def signed(principal_id: str) -> iam.SignedIdentity:
    """Alice's signer under another principal id."""
    return replace(ALICE, principal_id=principal_id)


def arn(text: str, session: str = "alice@example.com") -> iam.SignedIdentity:
    """Alice's signer under another ARN."""
    return replace(ALICE, user_arn=text, principal_id=f"AROAEXAMPLESCIENTIST1:{session}")


NOT_PROVED, REFUSED = Problem.NOT_PROVED, Problem.REFUSED
ATTEMPTS = {
    "nobody signed": (iam.SignedIdentity(None, None, None), NOT_PROVED, "no-signer"),
    "no account": (replace(ALICE, account_id=None), NOT_PROVED, "no-signer"),
    "no ARN": (replace(ALICE, user_arn=None), NOT_PROVED, "no-signer"),
    "an empty ARN": (replace(ALICE, user_arn=""), NOT_PROVED, "no-signer"),
    "no principal id": (replace(ALICE, principal_id=None), NOT_PROVED, "no-signer"),
    "the account is not the ARN's": (replace(ALICE, account_id="999988887777"), NOT_PROVED, "contradictory-signer"),
    "the principal id is of another session": (
        replace(ALICE, principal_id="AROAEXAMPLESCIENTIST1:bob@example.com"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id is a user's": (replace(ALICE, principal_id="AIDAEXAMPLE"), NOT_PROVED, "contradictory-signer"),
    "the principal id is a user's with a session": (
        signed("AIDAEXAMPLESCIENTIST1:alice@example.com"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id is in small letters": (
        signed("aroaexamplescientist1:alice@example.com"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id is of the session in another case": (
        signed("AROAEXAMPLESCIENTIST1:Alice@example.com"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id has a third part": (
        signed("AROAEXAMPLESCIENTIST1:alice@example.com:x"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id has no session": (signed("AROAEXAMPLESCIENTIST1"), NOT_PROVED, "contradictory-signer"),
    "the principal id begins with a blank": (
        signed(" AROAEXAMPLESCIENTIST1:alice@example.com"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the account ends with a blank": (
        replace(ALICE, account_id="111122223333 "),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "the principal id ends with a newline": (
        replace(ALICE, principal_id="AROAEXAMPLESCIENTIST1:alice@example.com\n"),
        NOT_PROVED,
        "contradictory-signer",
    ),
    "an IAM user": (arn("arn:aws:iam::111122223333:user/alice"), REFUSED, "not-an-assumed-role"),
    "the account's root": (arn("arn:aws:iam::111122223333:root"), REFUSED, "not-an-assumed-role"),
    "a federated user": (arn("arn:aws:sts::111122223333:federated-user/alice"), REFUSED, "not-an-assumed-role"),
    "an assumed role in capitals": (
        arn(f"arn:aws:sts::111122223333:Assumed-Role/{SSO}/alice@example.com"),
        REFUSED,
        "not-an-assumed-role",
    ),
    "a session name with a wide at sign": (
        arn(f"{STS}/{SSO}/alice\uff20example.com", "alice\uff20example.com"),
        REFUSED,
        "not-an-assumed-role",
    ),
    "a role without a session": (arn(f"{STS}/{SSO}"), REFUSED, "not-an-assumed-role"),
    "a role with its path": (arn(f"{STS}/aws-reserved/{SSO}/alice@example.com"), REFUSED, "not-an-assumed-role"),
    "an ARN that ends with a newline": (arn(f"{STS}/{SSO}/alice@example.com\n"), REFUSED, "not-an-assumed-role"),
    "an ARN with a blank before it": (arn(f" {STS}/{SSO}/alice@example.com"), REFUSED, "not-an-assumed-role"),
    "a partition that is none": (
        arn(f"arn:aws-evil:sts::111122223333:assumed-role/{SSO}/alice@example.com"),
        REFUSED,
        "not-an-assumed-role",
    ),
    "an account with other digits": (
        replace(
            ALICE,
            account_id="١١١١٢٢٢٢٣٣٣٣",
            user_arn=f"arn:aws:sts::١١١١٢٢٢٢٣٣٣٣:assumed-role/{SSO}/alice@example.com",
        ),
        REFUSED,
        "not-an-assumed-role",
    ),
    "the same role name in another account": (
        iam.SignedIdentity(
            "999988887777",
            f"arn:aws:sts::999988887777:assumed-role/{SSO}/alice@example.com",
            "AROAEXAMPLESCIENTIST1:alice@example.com",
        ),
        REFUSED,
        "role-not-trusted",
    ),
    "the same account id in another partition": (
        arn(f"arn:aws-us-gov:sts::111122223333:assumed-role/{SSO}/alice@example.com"),
        REFUSED,
        "role-not-trusted",
    ),
    "another role with alice's session name": (arn(f"{STS}/Sandbox/alice@example.com"), REFUSED, "role-not-trusted"),
    "the role in another case": (arn(f"{STS}/{SSO.lower()}/alice@example.com"), REFUSED, "role-not-trusted"),
    "a role that begins like a trusted one": (arn(f"{STS}/{SSO}x/alice@example.com"), REFUSED, "role-not-trusted"),
    "a role that ends like a trusted one": (arn(f"{STS}/x{SSO}/alice@example.com"), REFUSED, "role-not-trusted"),
    "a role made anew under the pinned name": (
        replace(TOOL, principal_id="AROAEXAMPLEMADEANEW01:run-1"),
        REFUSED,
        "role-re-created",
    ),
    "a role made anew whose id differs only at the end": (
        replace(TOOL, principal_id="AROAEXAMPLELAUNCHER02:run-1"),
        REFUSED,
        "role-re-created",
    ),
    "a role made anew whose id is longer": (
        replace(TOOL, principal_id="AROAEXAMPLELAUNCHER012:run-1"),
        REFUSED,
        "role-re-created",
    ),
}


@pytest.mark.parametrize(("identity", "problem", "reason"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_refused(config: Config, identity: iam.SignedIdentity, problem: Problem, reason: str) -> None:
    with pytest.raises(GateError) as caught:
        iam.identify(identity, config, "aws")
    assert (caught.value.problem, caught.value.reason) == (problem, reason)


@given(session=st.from_regex(r"[A-Za-z0-9_+=,.@-]{2,64}", fullmatch=True))
def test_no_session_name_turns_an_untrusted_session_into_another_caller(config: Config, session: str) -> None:
    identity = iam.SignedIdentity(
        "111122223333", f"{STS}/intranet-launcher/{session}", f"AROAEXAMPLELAUNCHER01:{session}"
    )
    assert iam.identify(identity, config, "aws") == iam.identify(TOOL, config, "aws")


@given(
    one=st.from_regex(r"[A-Za-z0-9_+=,.@-]{2,64}", fullmatch=True),
    other=st.from_regex(r"[A-Za-z0-9_+=,.@-]{2,64}", fullmatch=True),
)
def test_two_trusted_session_names_are_two_callers(config: Config, one: str, other: str) -> None:
    first, second = (
        iam.identify(
            iam.SignedIdentity("111122223333", f"{STS}/{SSO}/{name}", f"AROAEXAMPLESCIENTIST1:{name}"), config, "aws"
        )
        for name in (one, other)
    )
    assert (first.id == second.id) == (one == other)
