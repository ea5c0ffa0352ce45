"""Whether requirements are met: a table, the words, and what is told of several at once."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.authentication.receivers.judgement import detail, judge, notes, receivers_beyond
from smtpdiag_tui.checks.authentication.receivers.known import (
    Receiver,
    Required,
    Requirement,
    receiver_of,
    receivers,
)
from smtpdiag_tui.checks.authentication.receivers.requirements import (
    Form,
    Passage,
    Reverse,
    SenderFacts,
    Signed,
    State,
    outcomes,
)
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import BeyondVerdict, DmarcResult, SpfResult
from smtpdiag_tui.report.findings import Severity

V4, V6 = "192.0.2.10", "2001:db8::10"
GOOD = Passage(V4, Reverse.CONFIRMED, spf=SpfResult.PASS, dmarc=DmarcResult.PASS)
GOOD6 = replace(GOOD, address=V6)
KNOWN = SenderFacts(
    (GOOD, GOOD6),
    header_from="sender.example",
    ehlo="mail.sender.example",
    signed=Signed.VERIFIED,
    published=True,
    tls=True,
    form=Form.GOOD,
)
NOTHING = SenderFacts((Passage(None),))


def google() -> Receiver:
    found = receiver_of("aspmx.l.google.com")
    assert found is not None
    return found


def one(what: Requirement, family: int | None = None, code: str = "") -> Receiver:
    required = Required(what, "https://a.example/", family=family, code=code)
    return Receiver("a", "Receiver", ("*.a.example",), "mx.a.example", "https://a.example/", (required,))


def states(receiver: Receiver, facts: SenderFacts) -> list[State]:
    return [item.state for item in outcomes(receiver, facts)]


MET, UNMET, RISK, UNKNOWN = State.MET, State.UNMET, State.AT_RISK, State.UNKNOWN
R = Requirement


@pytest.mark.parametrize(
    ("what", "passage", "more", "state"),
    [
        (R.PTR, {"reverse": Reverse.CONFIRMED}, {}, MET),
        (R.PTR, {"reverse": Reverse.MISSING}, {}, UNMET),
        (R.PTR, {"reverse": Reverse.CONTRADICTED}, {}, UNMET),
        (R.PTR, {}, {}, UNKNOWN),
        (R.OWN_PTR, {"reverse": Reverse.CONFIRMED}, {}, MET),
        (R.OWN_PTR, {"reverse": Reverse.CONFIRMED, "generic": True}, {}, RISK),
        (R.OWN_PTR, {"reverse": Reverse.MISSING}, {}, UNKNOWN),
        (R.EHLO, {}, {"ehlo": "mail.sender.example"}, MET),
        (R.EHLO, {}, {"ehlo": "localhost"}, UNMET),
        (R.EHLO, {}, {"ehlo": "[192.0.2.10]"}, UNMET),
        (R.EHLO, {}, {}, UNKNOWN),
        (R.SPF, {"spf": SpfResult.PASS}, {}, MET),
        (R.SPF, {"spf": SpfResult.SOFTFAIL}, {}, UNMET),
        (R.SPF, {"spf": SpfResult.NONE}, {}, UNMET),
        (R.SPF, {"spf": SpfResult.TEMPERROR}, {}, UNKNOWN),
        (R.SPF, {}, {}, UNKNOWN),
        (R.DKIM, {}, {"signed": Signed.VERIFIED}, MET),
        (R.DKIM, {}, {"signed": Signed.NOT}, UNMET),
        (R.DKIM, {}, {"signed": Signed.BAD_KEYS}, RISK),
        (R.DKIM, {}, {}, UNKNOWN),
        (R.SPF_OR_DKIM, {"spf": SpfResult.PASS}, {"signed": Signed.NOT}, MET),
        (R.SPF_OR_DKIM, {"spf": SpfResult.FAIL}, {"signed": Signed.VERIFIED}, MET),
        (R.SPF_OR_DKIM, {"spf": SpfResult.FAIL}, {"signed": Signed.NOT}, UNMET),
        # Something speaks against it, and the message is not known.
        (R.SPF_OR_DKIM, {"spf": SpfResult.FAIL}, {}, RISK),
        (R.SPF_OR_DKIM, {"spf": SpfResult.TEMPERROR}, {}, UNKNOWN),
        (R.SPF_OR_DKIM, {}, {}, UNKNOWN),
        (R.SPF_OR_DKIM, {}, {"signed": Signed.NOT}, UNKNOWN),
        (R.DMARC, {}, {"published": True}, MET),
        (R.DMARC, {}, {"published": False}, UNMET),
        (R.DMARC, {}, {}, UNKNOWN),
        (R.DMARC_PASS, {"dmarc": DmarcResult.PASS}, {}, MET),
        (R.DMARC_PASS, {"dmarc": DmarcResult.FAIL}, {}, UNMET),
        (R.DMARC_PASS, {"dmarc": DmarcResult.NONE}, {}, UNMET),
        (R.DMARC_PASS, {"dmarc": DmarcResult.UNKNOWN, "spf": SpfResult.FAIL}, {}, RISK),
        (R.DMARC_PASS, {"dmarc": DmarcResult.UNKNOWN}, {}, UNKNOWN),
        (R.DMARC_PASS, {"dmarc": DmarcResult.TEMPERROR}, {}, UNKNOWN),
        (R.TLS, {}, {"tls": True}, MET),
        (R.TLS, {}, {"tls": False}, RISK),
        (R.TLS, {}, {}, UNKNOWN),
        (R.FORMAT, {}, {"form": Form.GOOD}, MET),
        (R.FORMAT, {}, {"form": Form.RISKY}, RISK),
        (R.FORMAT, {}, {"form": Form.MALFORMED}, UNMET),
        (R.FORMAT, {}, {}, UNKNOWN),
        (R.IMPRINT, {}, {}, UNKNOWN),
    ],
)
def test_states(what: Requirement, passage: dict[str, object], more: dict[str, object], state: State) -> None:
    facts = SenderFacts((Passage(V4, **passage),), **more)  # type: ignore[arg-type]
    assert states(one(what), facts) == [state]


def test_a_family_is_asked_of_its_addresses_alone() -> None:
    receiver = one(R.PTR, family=6)
    assert [item.passage.address for item in outcomes(receiver, KNOWN)] == [V6]
    assert outcomes(receiver, SenderFacts((GOOD,))) == ()
    assert outcomes(receiver, NOTHING) == ()


def test_all_met() -> None:
    found = judge(google(), KNOWN)
    assert [(item.code, item.severity, item.message) for item in found] == [
        (
            "receiver-requirements-met",
            Severity.INFO,
            "Published requirements of Google that could be checked are met",
        )
    ]
    assert detail(google(), KNOWN) == "Google (8 met)"
    beyond = receivers_beyond([(google(), KNOWN)])
    assert beyond is not None
    assert (beyond.verdict, beyond.message) == (
        BeyondVerdict.PASS,
        "Published requirements of Google that could be checked are met",
    )


def test_a_missing_ptr_over_ipv6_is_a_failure_with_its_code() -> None:
    made_up = receiver_of("mx.large-receiver.example")
    assert made_up is not None
    facts = replace(KNOWN, passages=(GOOD, replace(GOOD6, reverse=Reverse.MISSING)))
    [found] = judge(made_up, facts)
    message = "No PTR for 2001:db8::10: Large Receiver rejects mail over IPv6, 550 5.7.25"
    assert (found.code, found.severity, found.message) == ("receiver-requirement-unmet", Severity.FAILURE, message)
    assert len(message) <= 80
    assert [str(action) for action in found.actions] == [
        "Provider of 2001:db8::10: set the PTR of 2001:db8::10 to mail.sender.example.",
        "Make mail.sender.example resolve to 2001:db8::10.",
        "Until the PTR of 2001:db8::10 is set, send to Large Receiver over IPv4 only.",
    ]
    assert found.reference == made_up.page
    beyond = receivers_beyond([(made_up, facts)])
    assert beyond is not None
    assert (beyond.verdict, beyond.message) == (BeyondVerdict.FAIL, message)
    assert detail(made_up, facts) == "Large Receiver (1 not met, 3 met)"


def test_addresses_with_the_same_fault_share_a_finding() -> None:
    bad = [replace(item, reverse=Reverse.CONTRADICTED) for item in (GOOD, GOOD6)]
    [found] = judge(one(R.PTR), replace(KNOWN, passages=tuple(bad)))
    assert found.message == ("PTR of 2 addresses does not resolve back: Receiver requires a confirmed PTR")
    assert "Until then" not in found.advice


def test_without_a_message_spf_alone_decides_what_is_at_risk() -> None:
    facts = replace(
        KNOWN,
        passages=(replace(GOOD, spf=SpfResult.FAIL, dmarc=DmarcResult.UNKNOWN),),
        signed=Signed.UNKNOWN,
        form=Form.UNKNOWN,
    )
    of_all, of_bulk = judge(google(), facts)
    assert (of_all.code, of_all.message) == (
        "receiver-requirement-at-risk",
        "SPF fails for 192.0.2.10: Google requires SPF or DKIM, 550 5.7.26",
    )
    assert (of_bulk.code, of_bulk.message) == (
        "receiver-requirement-at-risk",
        "Google requires SPF and a DMARC pass of bulk mail",
    )
    assert of_bulk.evidence[:2] == (
        "SPF: SPF fails for 192.0.2.10 (550 5.7.27)",
        "a DMARC pass: DMARC for 192.0.2.10 depends on DKIM (421 4.7.32)",
    )
    beyond = receivers_beyond([(google(), facts)])
    assert beyond is not None
    assert beyond.verdict is BeyondVerdict.UNKNOWN


def test_what_bulk_mail_alone_lacks_does_not_stop_other_mail() -> None:
    publish = Action("", 'Publish the TXT record "v=DMARC1; p=none" at _dmarc.sender.example.')
    facts = replace(KNOWN, published=False, publish=(publish,))
    [found] = judge(google(), facts)
    assert (found.severity, found.message) == (Severity.WARNING, "Google requires a DMARC record of bulk mail")
    assert found.advice == 'Publish the TXT record "v=DMARC1; p=none" at _dmarc.sender.example.'
    beyond = receivers_beyond([(google(), facts)])
    assert beyond is not None
    assert beyond.verdict is BeyondVerdict.PASS


@pytest.mark.parametrize("receiver", receivers(), ids=lambda item: item.id)
def test_what_is_not_known_is_never_a_fault(receiver: Receiver) -> None:
    assert judge(receiver, NOTHING) == ()
    assert receivers_beyond([(receiver, NOTHING)]) is None
    assert set(states(receiver, NOTHING)) <= {State.UNKNOWN}


@pytest.mark.parametrize("receiver", receivers(), ids=lambda item: item.id)
def test_a_good_sender_meets_everything(receiver: Receiver) -> None:
    assert [item.code for item in judge(receiver, KNOWN)] == ["receiver-requirements-met"]
    assert set(states(receiver, KNOWN)) <= {State.MET, State.UNKNOWN}
    assert notes(receiver, KNOWN)[-1] == f"published at {receiver.page}"


@pytest.mark.parametrize("receiver", receivers(), ids=lambda item: item.id)
def test_headlines_fit(receiver: Receiver) -> None:
    bad = Passage(V4, Reverse.MISSING, spf=SpfResult.FAIL, dmarc=DmarcResult.FAIL)
    facts = SenderFacts((bad, replace(bad, address=V6)), "sender.example", "mail.sender.example")
    for found in judge(receiver, replace(facts, signed=Signed.NOT, published=False)):
        assert len(found.message) <= 80
        assert found.code.startswith("receiver-requirement-")
        assert not found.message.endswith(".")
        assert found.actions
