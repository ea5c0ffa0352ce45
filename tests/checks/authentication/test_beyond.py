"""What RCPT does not cover is told in one sentence a standard, the worst first."""

import pytest

from smtpdiag_tui.checks.authentication.beyond import beside_spf, dkim_beyond, in_order, spf_beyond
from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, KeyState, MessageSeen, Signature
from smtpdiag_tui.report.authentication import (
    Beyond,
    BeyondName,
    BeyondVerdict,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)

OWN, OTHER, SIX = "192.0.2.10", "203.0.113.10", "2001:db8::10"
PUBLISHES = "sender.example publishes p=reject"
DOMAIN, NAME = "sender.example", "mail.sender.example"


def spf(address: str | None, result: SpfResult | None, ehlo: SpfResult = SpfResult.NONE) -> AddressSpf:
    mail_from = None if result is None else SpfIdentity(DOMAIN, result)
    return AddressSpf(address, Spf(mail_from, SpfIdentity(NAME, ehlo)))


def dmarc(
    result: DmarcResult, policy: Policy | None = None, because: str = "", organization: str = DOMAIN
) -> Dmarc:
    return Dmarc(DOMAIN, organization, policy, result, because)


def key(state: KeyState, selector: str = "mail") -> DkimKey:
    return DkimKey(selector, DOMAIN, state)


def told(found: Beyond | None) -> tuple[str, str]:
    assert found is not None
    assert not found.message.endswith(".")
    return found.verdict.value, found.message


def test_what_spf_allows_is_told_with_all_addresses() -> None:
    seen = [spf(OWN, SpfResult.PASS), spf(SIX, SpfResult.PASS)]
    assert told(spf_beyond(seen)) == (
        "pass",
        "SPF of sender.example passes for 192.0.2.10 and 2001:db8::10",
    )


def test_a_fail_under_p_reject_says_when_the_message_is_refused() -> None:
    seen = [spf(OWN, SpfResult.PASS), spf(OTHER, SpfResult.FAIL)]
    unknown = dmarc(DmarcResult.UNKNOWN, Policy.REJECT)
    by_dmarc = [(OWN, dmarc(DmarcResult.PASS, Policy.REJECT)), (OTHER, unknown)]
    assert told(spf_beyond(seen, by_dmarc, PUBLISHES)) == (
        "fail",
        "SPF of sender.example fails for 203.0.113.10 and sender.example publishes p=reject: unless the message"
        " is signed for"
        " sender.example, receivers that enforce DMARC reject it after DATA",
    )


def test_a_message_that_is_known_not_to_be_signed_leaves_no_way_out() -> None:
    seen = [(OTHER, dmarc(DmarcResult.FAIL, Policy.REJECT))]
    assert told(spf_beyond([spf(OTHER, SpfResult.FAIL)], seen, PUBLISHES)) == (
        "fail",
        "SPF of sender.example fails for 203.0.113.10 and sender.example publishes p=reject: receivers that"
        " enforce DMARC reject the"
        " message after DATA",
    )


@pytest.mark.parametrize("policy", [Policy.QUARANTINE, Policy.REJECT])
def test_a_policy_is_not_told_as_p_where_who_publishes_it_is_not_known(policy: Policy) -> None:
    seen = [(OTHER, dmarc(DmarcResult.UNKNOWN, policy))]
    verdict, message = told(spf_beyond([spf(OTHER, SpfResult.FAIL)], seen))
    assert verdict == "fail"
    assert f"and the DMARC policy of sender.example is {policy}: unless" in message


@pytest.mark.parametrize(
    ("result", "verdict", "message"),
    [
        (SpfResult.FAIL, "fail", "SPF of sender.example fails for 203.0.113.10"),
        (SpfResult.SOFTFAIL, "unknown", "SPF of sender.example is softfail for 203.0.113.10"),
        (SpfResult.NONE, "unknown", "sender.example has no SPF record"),
    ],
)
def test_a_signature_that_makes_dmarc_pass_stands_beside_spf(
    result: SpfResult, verdict: str, message: str
) -> None:
    seen = [(OTHER, dmarc(DmarcResult.PASS, Policy.REJECT))]
    expected = f"{message}, but a DKIM signature of sender.example makes DMARC pass"
    assert told(spf_beyond([spf(OTHER, result)], seen)) == (verdict, expected)


@pytest.mark.parametrize(
    ("result", "verdict", "message"),
    [
        (
            SpfResult.FAIL,
            "fail",
            "SPF of sender.example fails for 203.0.113.10: receivers that check SPF reject the message",
        ),
        (
            SpfResult.PERMERROR,
            "fail",
            "SPF of sender.example is permerror for 203.0.113.10: receivers that check SPF reject the message",
        ),
        (
            SpfResult.SOFTFAIL,
            "unknown",
            "SPF of sender.example is softfail for 203.0.113.10: receivers decide by their own rules",
        ),
        (
            SpfResult.NEUTRAL,
            "unknown",
            "SPF of sender.example is neutral for 203.0.113.10: receivers decide by their own rules",
        ),
        (
            SpfResult.NONE,
            "unknown",
            "sender.example has no SPF record: receivers decide by their own rules",
        ),
        (
            SpfResult.TEMPERROR,
            "unknown",
            "SPF of sender.example could not be evaluated for 203.0.113.10: a DNS query failed",
        ),
    ],
)
def test_without_a_policy_spf_stands_alone(result: SpfResult, verdict: str, message: str) -> None:
    for policies in ([], [(OTHER, dmarc(DmarcResult.NONE))], [(OTHER, dmarc(DmarcResult.FAIL, Policy.NONE))]):
        assert told(spf_beyond([spf(OTHER, result)], policies)) == (verdict, message)


def test_a_softfail_under_a_policy_is_as_bad_as_a_fail() -> None:
    seen = [(OTHER, dmarc(DmarcResult.UNKNOWN, Policy.REJECT))]
    assert told(spf_beyond([spf(OTHER, SpfResult.SOFTFAIL)], seen, PUBLISHES)) == (
        "fail",
        "SPF of sender.example is softfail for 203.0.113.10 and sender.example publishes p=reject: unless the"
        " message is signed for sender.example, receivers that enforce DMARC reject it after DATA",
    )


def test_an_ehlo_name_that_fails_is_told_where_the_sender_passes() -> None:
    assert told(spf_beyond([spf(OWN, SpfResult.PASS, SpfResult.FAIL)])) == (
        "fail",
        "SPF of EHLO name mail.sender.example fails for 192.0.2.10: receivers that check it reject the message",
    )


def test_an_address_that_is_unknown_does_not_hide_one_that_fails() -> None:
    unknown = AddressSpf(None, Spf())
    assert told(spf_beyond([unknown]))[0] == "unknown"
    assert told(spf_beyond([spf(SIX, SpfResult.PASS), unknown])) == (
        "unknown",
        "Whether SPF passes is unknown: the public IP address that receivers see is unknown",
    )
    assert told(spf_beyond([spf(SIX, SpfResult.FAIL), unknown]))[0] == "fail"
    assert spf_beyond([]) is None
    assert spf_beyond([spf(OWN, None)]) is None  # the sender's domain is an address literal


def test_a_record_that_is_wrong_for_every_address_is_told_where_the_address_is_unknown() -> None:
    unknown = AddressSpf(None, Spf(SpfIdentity(DOMAIN, SpfResult.PERMERROR)))
    assert told(spf_beyond([unknown])) == (
        "fail",
        "SPF of sender.example is permerror for this host: receivers that check SPF reject the message",
    )


def test_signatures_count_before_keys() -> None:
    passing = Signature("mail", DOMAIN, DkimResult.PASS)
    broken = Signature("old", DOMAIN, DkimResult.FAIL, "the body was changed")
    keys = [key(KeyState.MISSING)]
    assert told(dkim_beyond(keys, MessageSeen(9, signatures=(broken, passing)))) == (
        "pass",
        "DKIM signature of sender.example verifies",
    )
    assert told(dkim_beyond(keys, MessageSeen(9, signatures=(broken,)))) == (
        "fail",
        "DKIM signature of sender.example does not verify: the body was changed",
    )
    later = Signature("mail", DOMAIN, DkimResult.TEMPERROR)
    assert told(dkim_beyond(keys, MessageSeen(9, signatures=(later,)))) == (
        "unknown",
        "DKIM key of sender.example could not be looked up",
    )


def test_an_unsigned_message_fails_only_where_dmarc_does_for_it() -> None:
    message = MessageSeen(9)
    words = "The message has no DKIM signature"
    assert told(dkim_beyond([], message)) == ("unknown", words)
    assert told(dkim_beyond([], message, [(OWN, dmarc(DmarcResult.PASS))])) == ("unknown", words)
    assert told(dkim_beyond([], message, [(OWN, dmarc(DmarcResult.FAIL))])) == ("fail", words)


@pytest.mark.parametrize("message", [None, MessageSeen(9, readable=False)])
def test_without_a_message_the_worst_key_counts(message: MessageSeen | None) -> None:
    assert told(dkim_beyond([key(KeyState.VALID), key(KeyState.MISSING, "old")], message)) == (
        "fail",
        "DKIM key at old._domainkey.sender.example does not exist: receivers cannot verify signatures with it",
    )
    assert told(dkim_beyond([key(KeyState.VALID)], message)) == (
        "unknown",
        "DKIM key at mail._domainkey.sender.example is valid; whether messages are signed is unknown",
    )
    assert told(dkim_beyond([key(KeyState.VALID), key(KeyState.UNKNOWN, "b")], message)) == (
        "unknown",
        "DKIM key at b._domainkey.sender.example could not be looked up",
    )
    assert told(dkim_beyond([], message))[0] == "unknown"


def test_the_standards_stand_in_their_order() -> None:
    items = [Beyond(name, BeyondVerdict.PASS, name) for name in reversed(BeyondName)]
    assert [item.name for item in in_order([*items, None])] == list(BeyondName)


def test_what_spf_says_is_not_said_again_for_dmarc() -> None:
    long = Beyond(BeyondName.DMARC, BeyondVerdict.UNKNOWN, "SPF fails and so on")
    fails = Beyond(BeyondName.SPF, BeyondVerdict.FAIL, "SPF fails")
    hanging = [(OWN, dmarc(DmarcResult.PASS)), (OTHER, dmarc(DmarcResult.UNKNOWN, Policy.REJECT))]
    assert told(beside_spf(long, fails, hanging)) == ("unknown", "Whether DMARC passes depends on DKIM")
    unknown = Beyond(BeyondName.SPF, BeyondVerdict.UNKNOWN, "SPF is unknown")
    assert beside_spf(long, unknown, hanging) == long
    assert beside_spf(long, None, hanging) == long
    assert beside_spf(None, fails, hanging) is None
    for result in (DmarcResult.TEMPERROR, DmarcResult.FAIL):
        assert beside_spf(long, fails, [*hanging, (SIX, dmarc(result))]) == long


def test_names_from_the_message_are_made_printable() -> None:
    odd = Dmarc("a\x1b.example", "a\x1b.example", Policy.REJECT, DmarcResult.UNKNOWN, "")
    found = spf_beyond([spf(OTHER, SpfResult.FAIL)], [(OTHER, odd)])
    assert found is not None
    assert "\x1b" not in found.message
    broken = Signature("s", "a\x1b.example", DkimResult.FAIL)
    assert "\x1b" not in dkim_beyond([], MessageSeen(9, signatures=(broken,))).message
