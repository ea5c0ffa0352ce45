"""What each standard found is put together for each address."""

from smtpdiag_tui.checks.authentication.per_address import authentication_of, authentication_words
from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, KeyState, MessageSeen, Signature
from smtpdiag_tui.report.authentication import (
    Authentication,
    Dkim,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)

OWN, SIX, DOMAIN = "192.0.2.10", "2001:db8::10", "sender.example"
PASSING = Spf(SpfIdentity(DOMAIN, SpfResult.PASS))
FAILING = Spf(SpfIdentity(DOMAIN, SpfResult.FAIL))
UNKNOWN = Dmarc(DOMAIN, DOMAIN, Policy.REJECT, DmarcResult.UNKNOWN, "")
KEYS = (DkimKey("mail", DOMAIN, KeyState.VALID), DkimKey("old", DOMAIN, KeyState.MISSING))


def test_each_address_gets_its_own_spf_and_dmarc_and_all_keys_that_are_there() -> None:
    dmarc = Dmarc(DOMAIN, DOMAIN, Policy.REJECT, DmarcResult.PASS, "SPF passes and is aligned")
    spf = [AddressSpf(OWN, PASSING), AddressSpf(SIX, FAILING), AddressSpf(None, Spf())]
    keys = (Dkim("mail", DOMAIN, DkimResult.KEY),)
    assert authentication_of(spf, KEYS, None, [(SIX, UNKNOWN), (OWN, dmarc)]) == (
        Authentication(OWN, PASSING, keys, dmarc),
        Authentication(SIX, FAILING, keys, UNKNOWN),
        Authentication(None, Spf(), keys, None),
    )


def test_signatures_of_the_message_stand_instead_of_keys() -> None:
    signature = Signature("s1", DOMAIN, DkimResult.FAIL, "the body was changed")
    [found] = authentication_of([AddressSpf(OWN, PASSING)], KEYS, MessageSeen(9, signatures=(signature,)), [])
    assert found.dkim == (Dkim("s1", DOMAIN, DkimResult.FAIL),)
    [unsigned] = authentication_of([AddressSpf(OWN, PASSING)], KEYS, MessageSeen(9), [])
    assert unsigned.dkim == ()
    [unreadable] = authentication_of([AddressSpf(OWN, PASSING)], KEYS, MessageSeen(9, readable=False), [])
    assert unreadable.dkim == (Dkim("mail", DOMAIN, DkimResult.KEY),)


def test_the_line_of_the_branch_tells_the_worst_of_each_standard() -> None:
    passing = Dmarc(DOMAIN, DOMAIN, Policy.REJECT, DmarcResult.PASS, "")
    found = authentication_of([AddressSpf(OWN, PASSING)], KEYS[:1], None, [(OWN, passing)])
    assert authentication_words(found, KEYS[:1]) == "SPF pass, DMARC pass (policy reject), DKIM key valid"
    spf = [AddressSpf(OWN, PASSING), AddressSpf(SIX, FAILING)]
    found = authentication_of(spf, KEYS, None, [(OWN, passing), (SIX, UNKNOWN)])
    assert authentication_words(found, KEYS) == "SPF fail, DMARC depends on DKIM (policy reject), DKIM key missing"
    found = authentication_of([AddressSpf(None, Spf())], (), None, [])
    assert authentication_words(found, ()) == "SPF not evaluated (public IP address unknown)"
    assert authentication_words((), ()) == ""


def test_one_signature_that_verifies_is_enough() -> None:
    results = (DkimResult.FAIL, DkimResult.PASS)
    message = MessageSeen(9, signatures=tuple(Signature("s", DOMAIN, result) for result in results))
    found = authentication_of([AddressSpf(OWN, PASSING)], KEYS, message, [])
    assert authentication_words(found, KEYS) == "SPF pass, DKIM pass"
