"""What only the session around a reply tells: who greeted, and whether a sender was named."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from tests.checks.making import exchange, session


def at(phase: Phase, line: str, greeting: str = "220 mx.partner.example", sender: str = "a@b.example") -> Finding:
    refusing = exchange(phase, line)
    seen = session(exchange(Phase.GREETING, greeting), refusing, source="203.0.113.10")
    seen = replace(seen, envelope=replace(seen.envelope, sender=sender))
    [found] = judge_refusal(seen, refusing)
    return found


def test_spamd_greylists_whatever_it_says() -> None:
    spamd = "220 mx.partner.example ESMTP spamd IP-based SPAM blocker; Fri Nov 27 12:00:00 2026"
    assert at(Phase.RCPT, "451 Temporary failure", spamd).reason is Reason.GREYLISTING
    assert at(Phase.RCPT, "451 4.3.0 Temporary failure", spamd).code == "greylisted"
    assert at(Phase.RCPT, "450 4.3.0 Temporary failure").reason is Reason.SERVER_TROUBLE
    assert at(Phase.RCPT, "550 5.1.1 user unknown", spamd).reason is Reason.NO_SUCH_MAILBOX


def test_a_provider_s_proxy_answers_in_the_server_s_place() -> None:
    line = "550 5.7.1 Authentication required - please use your ISP's outgoing mail server"
    assert at(Phase.RCPT, line, "220 smtp-out.isp.example ESMTP proxy").reason is Reason.PATH_INTERFERENCE
    assert at(Phase.RCPT, line, "220 smtp.isp.example ESMTP").reason is Reason.PATH_INTERFERENCE
    assert at(Phase.RCPT, line).reason is not Reason.PATH_INTERFERENCE


@pytest.mark.parametrize(
    "line",
    [
        "550 5.7.1 Use the SMTP server of your ISP",
        "530 5.7.0 Authentication required",
        "554 5.7.1 Relay access denied",
        "554 5.7.1 dynamic addresses must use the relay of their provider",
    ],
)
def test_what_a_proxy_wants_of_its_clients_is_no_word_of_the_server(line: str) -> None:
    proxied = "220 smtp-out.isp.example ESMTP proxy for customers"
    assert (found := at(Phase.RCPT, line, proxied)).reason is Reason.PATH_INTERFERENCE
    assert found.side is Side.PATH
    assert at(Phase.RCPT, line, "220 mx.partner.example ESMTP proxy").reason is not Reason.PATH_INTERFERENCE
    assert at(Phase.RCPT, "550 5.1.1 user unknown", proxied).reason is Reason.NO_SUCH_MAILBOX


def test_a_refused_null_sender_is_that() -> None:
    for line in ("550 5.7.1 <>: Sender address rejected: Access denied", "550 no", "550 policy"):
        assert at(Phase.MAIL, line, sender="").reason is Reason.NULL_SENDER
    assert at(Phase.RCPT, "550 5.7.1 sender rejected", sender="").reason is Reason.NULL_SENDER
    assert at(Phase.RCPT, "550 5.1.1 user unknown", sender="").reason is Reason.NO_SUCH_MAILBOX
    assert at(Phase.MAIL, "550 your IP has no PTR", sender="").reason is Reason.REVERSE_DNS
    assert at(Phase.MAIL, "451 4.3.0 disk full", sender="").reason is Reason.SERVER_TROUBLE
    assert at(Phase.RCPT, "550 no", sender="").reason is Reason.UNEXPLAINED
    assert at(Phase.MAIL, "550 5.7.1 Sender address rejected: Access denied").reason is Reason.SENDER_POLICY
