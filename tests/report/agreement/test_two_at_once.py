"""Vantage points where two things are so at once: nobody is blamed for what one of them alone would explain."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.vantage import Vantage
from tests.report.agreement.made import (
    ACCEPTED,
    DEFERRED,
    LOCAL,
    MX1,
    MX2,
    OTHER,
    REJECTED,
    SOCKS,
    SSH,
    accepted,
    blocked,
    greylisted,
    made,
    rejected,
)

GONE = Vantage(OTHER, error="ssh:ops@third.far.example refused the login")


def test_one_could_not_be_used_and_the_others_disagree() -> None:
    found = agreement_of([GONE, accepted(LOCAL), rejected(SSH, Reason.NO_SUCH_MAILBOX)])
    assert not found.agree
    assert "agree" not in found.headline
    assert found.counted == ("local", "ssh:mx2.far.example")
    assert found.side is None


def test_one_could_not_be_used_and_the_others_agree_is_not_said_of_all() -> None:
    found = agreement_of([GONE, accepted(LOCAL), accepted(SSH)])
    assert found.headline.startswith("2 of 3 vantage points agree")


def test_one_is_blocked_one_deferred_and_one_rejected() -> None:
    found = agreement_of(
        [blocked(LOCAL), made(SSH, Outcome.DEFERRED, {MX1: DEFERRED}, Reason.MAILBOX_FULL), rejected(SOCKS, None)]
    )
    assert not found.agree
    assert found.side is None
    assert "blocked from local" in found.meaning
    assert "refused by the server" not in found.meaning


def test_one_is_blocked_and_the_other_found_no_mx_host_so_no_server_refused_it() -> None:
    lost = made(SSH, Outcome.UNKNOWN, {}, code="mx-lookup-failed")
    found = agreement_of([blocked(LOCAL), lost])
    assert found.side is None
    assert "server itself" not in found.meaning


def test_one_is_greylisted_and_the_other_rejected() -> None:
    found = agreement_of([greylisted(LOCAL), rejected(SSH, Reason.IP_BLOCKLIST)])
    assert not found.agree
    assert found.side is None
    assert "greylisted first" in found.meaning
    assert found.action == "Retry from local after the delay."


def test_one_is_greylisted_one_rejected_and_one_blocked() -> None:
    found = agreement_of([greylisted(LOCAL), rejected(SSH, Reason.REVERSE_DNS), blocked(SOCKS)])
    assert found.outcome is Outcome.BOUNCED
    assert found.side is None


def test_all_are_accepted_though_one_only_at_the_second_host() -> None:
    second = made(SSH, Outcome.ACCEPTED, {MX1: DEFERRED, MX2: ACCEPTED})
    found = agreement_of([accepted(LOCAL), second])
    assert found.agree
    assert found.differences
    assert "No vantage point is treated differently" not in found.meaning


@pytest.mark.parametrize("side", [Side.RECIPIENT, Side.HERE, None])
def test_all_are_listed_and_the_list_may_be_dead(side: Side | None) -> None:
    points = [rejected(via, Reason.IP_BLOCKLIST) for via in (LOCAL, SSH)]
    judged = [replace(item, report=replace(item.report, side=side)) for item in points if item.report is not None]
    found = agreement_of(judged)
    assert found.side is side
    assert "the recipient is not the cause" not in found.meaning


def test_one_could_not_tell_and_it_may_be_the_name_server_of_the_recipient() -> None:
    lost = made(SSH, Outcome.UNKNOWN, {}, code="dns-server-failure")
    assert agreement_of([accepted(LOCAL), lost]).side is None


def test_rejected_at_one_host_and_accepted_at_another_is_no_agreement_of_the_sessions() -> None:
    refusing = SessionFacts(SessionEnd.REJECTED, "550 5.1.1", "TLSv1.3")
    found = agreement_of(
        [
            made(LOCAL, Outcome.BOUNCED, {MX1: refusing, MX2: ACCEPTED}, Reason.NO_SUCH_MAILBOX),
            made(SSH, Outcome.BOUNCED, {MX1: REJECTED}, Reason.IP_BLOCKLIST),
        ]
    )
    assert found.agree
    assert "no single cause" in found.meaning
    assert found.side is None
