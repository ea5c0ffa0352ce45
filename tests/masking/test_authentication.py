"""Masking of what a report tells of sender authentication: every new field, with made-up reports."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.masking.redact import redact, without_masks
from smtpdiag_tui.report.authentication import (
    Authentication,
    Beyond,
    BeyondName,
    BeyondVerdict,
    Dkim,
    DkimResult,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import DkimSelector, GivenMessage, Settings
from tests.masking.written import everything
from tests.private import found, notations

HOST = "vaultq7.intern.example"
LOCALS = ["quetzalq", "newsq.voss"]
FILE = "/home/quetzalq/mails/annaq.eml"


def identity(domain: str, result: SpfResult, explanation: str = "") -> SpfIdentity:
    return SpfIdentity(domain, result, explanation, 7, 1)


def judged(address: str, *, told: str) -> Authentication:
    """Return what receivers find for an address; `told` are words of the sender's domain."""
    header = (
        f"mx.partner.example; spf=fail smtp.mailfrom={LOCALS[0]}@sender.example; spf=none smtp.helo={HOST};"
        f" dkim=pass header.d=sender.example header.s=s1; iprev=pass policy.iprev={address}"
    )
    because = f"SPF of sender.example fails for {address}, and the EHLO name {HOST} is not aligned"
    return Authentication(
        address,
        Spf(identity("sender.example", SpfResult.FAIL, told), identity(HOST, SpfResult.NONE)),
        (Dkim("s1", "sender.example", DkimResult.PASS), Dkim("k", HOST, DkimResult.KEY)),
        Dmarc("sender.example", "sender.example", Policy.REJECT, DmarcResult.FAIL, because),
        header,
    )


def steps(address: str) -> list[Step]:
    """Return the steps of a branch with private things in id, title, detail, findings and notes."""
    spf = f"authentication/spf/{address}"
    message = f"SPF does not allow {address} to send for sender.example"
    told = finding("ptr-missing", message, advice=f"Add ip4:{address} to the SPF record of sender.example.")
    notes = (
        Entry(0.1, Direction.NOTE, f"MAIL FROM {LOCALS[0]}@sender.example, EHLO {HOST}, from {address}"),
        Entry(0.1, Direction.NOTE, f"message {FILE}, From {LOCALS[1]}@list.example"),
    )
    return [
        Step("authentication", "Sender authentication", Status.FAILED),
        Step("authentication/spf", "SPF", Status.FAILED, detail=f"fails for {address}"),
        Step(spf, address, Status.FAILED, findings=(told,), transcript=notes),
        Step(f"{spf}/ehlo", f"EHLO name {HOST}", Status.PASSED, detail=HOST),
        Step("authentication/dkim", "DKIM", Status.PASSED),
        Step("authentication/dkim/s1@sender.example", "s1@sender.example", Status.PASSED, detail="RSA, 2048 bits"),
        Step(f"authentication/dkim/k@{HOST}", f"k@{HOST}", Status.PASSED),
        Step("authentication/message", "Message", Status.PASSED, detail="annaq.eml, 22 bytes"),
    ]


def whole(addresses: list[str], told: str = "") -> Report:
    """Return a report that has all new fields, for these addresses."""
    given_settings = Settings(
        f"{LOCALS[0]}@sender.example",
        "bob@partner.example",
        as_addresses=tuple(addresses),
        header_from=f"{LOCALS[1]}@list.example",
        dkim_selectors=(DkimSelector("s1"), DkimSelector("k", HOST)),
        message=GivenMessage(FILE, 22, b"Subject: quetzalq\r\n\r\n"),
    )
    text = f"SPF fails for {addresses[0]}: receivers that enforce DMARC reject mail of {LOCALS[1]}@list.example"
    return Report(
        settings=given_settings,
        authentication=tuple(judged(address, told=told) for address in addresses),
        beyond=(Beyond(BeyondName.SPF, BeyondVerdict.FAIL, text),),
        steps={step.id: step for address in addresses for step in steps(address)},
    )


def written(report: Report) -> str:
    """Return all that is written of a report, and what it holds of authentication as it stands there."""
    held = [*map(asdict, report.authentication), *map(asdict, report.beyond)]
    return f"{everything(report)}\n{json.dumps(held).lower()}"


ADDRESS = st.one_of(
    st.ip_addresses(v=4, network="198.18.0.0/15").map(str),
    st.ip_addresses(v=6, network="2001:db8:7::/48").map(str),
)
CASES = st.lists(ADDRESS, min_size=1, max_size=3, unique=True).flatmap(
    lambda addresses: st.tuples(
        st.just(addresses),
        st.lists(
            st.sampled_from([*LOCALS, HOST, "vaultq7", *(form for item in addresses for form in notations(item))]),
            min_size=1,
            max_size=4,
        ).map(" ; ".join),
    )
)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_nothing_of_this_host_is_left_in_any_new_field(case: tuple[list[str], str]) -> None:
    addresses, told = case
    masked = redact(whole(addresses, told))
    private = [HOST, "vaultq7", *LOCALS, "annaq"]
    assert found(written(masked), private, addresses) == []
    assert redact(masked) == masked


def test_ids_stay_ids_and_selectors_are_no_mail_addresses() -> None:
    masked = redact(whole(["203.0.113.10", "2001:db8::10"]))
    assert list(masked.steps) == [
        "authentication",
        "authentication/spf",
        "authentication/spf/own-ipv4-1",
        "authentication/spf/own-ipv4-1/ehlo",
        "authentication/dkim",
        "authentication/dkim/s1@sender.example",
        "authentication/dkim/k@host1.masked",
        "authentication/message",
        "authentication/spf/own-ipv6-1",
        "authentication/spf/own-ipv6-1/ehlo",
    ]
    assert masked.steps["authentication/dkim/s1@sender.example"].title == "s1@sender.example"
    assert masked.steps["authentication/dkim/k@host1.masked"].title == "k@host1.masked"
    assert [one.domain for one in masked.authentication[0].dkim] == ["sender.example", "host1.masked"]


def test_what_the_diagnosis_needs_is_left() -> None:
    masked = redact(whole(["203.0.113.10"]))
    seen = masked.authentication[0]
    assert (seen.address, seen.dmarc and seen.dmarc.domain) == ("own-ipv4-1", "sender.example")
    assert seen.results_header == (
        "mx.partner.example; spf=fail smtp.mailfrom=user1@sender.example; spf=none smtp.helo=host1.masked;"
        " dkim=pass header.d=sender.example header.s=s1; iprev=pass policy.iprev=own-ipv4-1"
    )
    assert masked.beyond[0].message == (
        "SPF fails for own-ipv4-1: receivers that enforce DMARC reject mail of user3@list.example"
    )
    assert masked.steps["authentication/message"].detail == "file1, 22 bytes"


def test_settings_are_masked_and_no_run_begins_with_a_mask() -> None:
    masked = redact(whole(["203.0.113.10", "2001:db8::10"])).settings
    assert masked.as_addresses == ("own-ipv4-1", "own-ipv6-1")
    assert masked.header_from == "user3@list.example"
    assert masked.dkim_selectors == (DkimSelector("s1"), DkimSelector("k", "host1.masked"))
    assert masked.message is not None
    assert masked.message.name == "file1"
    runnable = without_masks(masked)
    assert (runnable.as_addresses, runnable.header_from, runnable.message) == ((), None, None)
    assert runnable.dkim_selectors == (DkimSelector("s1"),)


def test_an_address_that_a_peer_calls_ours_is_masked_though_a_step_is_named_by_it() -> None:
    report = whole(["203.0.113.10"])
    bare = replace(report, settings=Settings("a@sender.example", "b@partner.example"), authentication=())
    assert "203.0.113.10" not in written(redact(bare))


def test_a_selector_that_is_the_senders_local_part_is_masked_and_its_id_stays_one() -> None:
    report = Report(
        settings=Settings("alice@sender.example", "b@partner.example"),
        steps={"authentication/dkim/alice@sender.example": Step("authentication/dkim/alice@sender.example", "x")},
    )
    assert list(redact(report).steps) == ["authentication/dkim/user1@sender.example"]


@pytest.mark.parametrize("name", ["-", "message", "m.eml", "../m.eml", "file1"])
def test_the_names_of_messages(name: str) -> None:
    report = Report(
        settings=Settings("a@sender.example", "b@partner.example", message=GivenMessage(name, 1)),
        summary=f"The message is in {name}.",
    )
    masked = redact(report)
    assert masked.settings.message is not None
    assert masked.settings.message.name == ("-" if name == "-" else "file1")
    told = name if name in ("-", "message") else "file1"
    assert masked.summary == f"The message is in {told}."
