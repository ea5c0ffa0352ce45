"""Which exchange ended a session, and which finding was made from it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.session import (
    ConnectError,
    Ending,
    Envelope,
    Exchange,
    Phase,
    SessionObservation,
    Target,
)
from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.smtp_server import Session, SmtpServer
from smtpdiag_tui.render.deciding import deciding_reply
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.smtp.reply import Reply
from smtpdiag_tui.verdict.session_end import SessionEnd, session_end, session_ends
from tests.engine.running import codes, run
from tests.verdict.making import MX1, MX2, refusal, report, session, step

SEEN = SessionObservation(
    Target("mx1.partner.example", "192.0.2.21", 25, "mx1.partner.example"),
    Envelope("mail.sender.example", "alice@sender.example", "bob@partner.example"),
    Settings("alice@sender.example", "bob@partner.example"),
)


def exchange(phase: Phase, *, ending: Ending | None = None, **more: object) -> Exchange:
    return Exchange(phase, b"X", None if ending else Reply(450, (b"450 no",)), ending, 0.0, 60.0, **more)  # type: ignore[arg-type]


def observed(seen: SessionObservation, found: dict[Phase, Sequence[Finding]]) -> SessionEnd | None:
    """Return the end of a session that was seen so, with findings at all its phases."""
    steps = [step(f"{MX1}/{phase}", *found.get(phase, ())) for phase in Phase]
    return session_end(report(step(MX1, observation=seen), steps), MX1)


def code_of(end: SessionEnd | None) -> str:
    return end.finding.code if end is not None else ""


WARNED = {
    Phase.STARTTLS: (finding("certificate-expired", "x"), finding("tls-handshake-failed", "x")),
    Phase.MAIL: (finding("sender-deferred", "x", party=Party.SENDER),),
}


@pytest.mark.parametrize(
    ("seen", "phase", "code"),
    [
        (replace(SEEN, connect_error=ConnectError.TIMEOUT), Phase.CONNECT, "connection-timeout"),
        (replace(SEEN, smtputf8_missing=True), Phase.MAIL, "smtputf8-not-offered"),
        (replace(SEEN, tls_missing=True), Phase.STARTTLS, "starttls-not-offered"),
        (replace(SEEN, exchanges=(exchange(Phase.GREETING),)), Phase.GREETING, "greeting-rejected"),
        (replace(SEEN, exchanges=(exchange(Phase.EHLO),)), Phase.EHLO, "helo-rejected"),
        (replace(SEEN, exchanges=(exchange(Phase.EHLO, tls=True),)), Phase.STARTTLS, "helo-rejected"),
        (replace(SEEN, exchanges=(exchange(Phase.EHLO, tls=True),)), Phase.EHLO, "helo-rejected"),
        (replace(SEEN, exchanges=(exchange(Phase.RCPT), exchange(Phase.QUIT))), Phase.RCPT, "recipient-deferred"),
        (replace(SEEN, exchanges=(exchange(Phase.RCPT, ending=Ending.CLOSED),)), Phase.RCPT, "closed-early"),
        (replace(SEEN, exchanges=(exchange(Phase.GREETING, session=1),)), Phase.GREETING, "connection-reset"),
        (SEEN, Phase.GREETING, "closed-early"),
    ],
)
def test_the_finding_of_the_phase_that_ended_the_session(
    seen: SessionObservation, phase: Phase, code: str
) -> None:
    before = {key: found for key, found in WARNED.items() if key is not phase and phase is not Phase.EHLO}
    if phase in (Phase.EHLO, Phase.GREETING):
        before.pop(Phase.STARTTLS, None)  # where the end may stand in either, nothing else stands in the first
    end = observed(seen, {**before, phase: (finding(code, "it ended"),)})
    assert (code_of(end), end.step if end else "") == (code, f"{MX1}/{phase}")


def test_what_was_made_from_the_reply_comes_before_what_stands_beside_it() -> None:
    reply = refusal(Reason.RATE_LIMIT, "421 too many", code="rate-limited")
    beside = [
        finding("reply-codes-differ", "x"),
        finding("reply-unexpected", "x"),
        finding("bare-line-feed", "x"),
        finding("internal-error", "x"),
    ]
    for found in ((reply, *beside), (*beside, reply)):
        assert session_ends(report(session(MX1, *found, phase="greeting")))[MX1].finding is reply


@pytest.mark.parametrize("code", ["closed-early", "reply-malformed", "reply-too-long", "reply-timeout"])
def test_an_exchange_without_a_reply_has_its_own_finding(code: str) -> None:
    ended = finding(code, "it ended")
    beside = finding("starttls-refused", "x", strict=True)
    assert session_ends(report(session(MX1, beside, ended)))[MX1].finding is ended


def test_steps_alone_tell_the_last_phase_that_was_come_to() -> None:
    skipped = replace(step(f"{MX1}/rcpt-to", finding("recipient-rejected", "x")), status=Status.SKIPPED)
    steps = [step(f"{MX1}/mail-from", refusal(None, code="sender-rejected")), skipped, step(f"{MX1}/quit")]
    assert code_of(session_end(report(steps), MX1)) == "sender-rejected"


def test_stale_steps_and_accepted_sessions_have_no_end() -> None:
    item = refusal(None)
    stale = [replace(one, stale=True) for one in session(MX1, item)]
    accepted = session(MX2, finding("recipient-accepted", "x"))
    assert session_ends(report(stale, accepted)) == {}


def test_what_no_reason_is_given_for_goes_by_its_code() -> None:
    for code, reason in (
        ("greylisted", Reason.GREYLISTING),
        ("rate-limited", Reason.RATE_LIMIT),
        ("blocklisted", Reason.IP_BLOCKLIST),
        ("recipient-rejected", None),
    ):
        assert session_ends(report(session(MX1, finding(code, "x"))))[MX1].reason is reason
    of_domain = finding("blocklisted", "x", party=Party.SENDER)
    assert session_ends(report(session(MX1, of_domain)))[MX1].reason is Reason.DOMAIN_BLOCKLIST


async def test_greylisted_again_is_told_of_the_second_try() -> None:
    async with DemoNetwork() as network:
        made = await run(network, "bob@greylist.example", retry_greylisted=61.0)
    first = made.causes[0]
    assert (first.code, first.reason, first.decides) == ("greylisting-persists", Reason.GREYLISTING, True)
    assert made.outcome is Outcome.DEFERRED


class Closing(SmtpServer):
    """A server whose handshake fails, and that says 421 to whoever connects again."""

    async def _talk(self, session: Session, reader, writer) -> None:  # type: ignore[no-untyped-def]
        if len(self.sessions) > 1:
            writer.write(b"421 4.3.2 mx.handshake.example closing\r\n")
            await writer.drain()
            return
        await super()._talk(session, reader, writer)


class ClosingNetwork(DemoNetwork):
    async def _serve_smtp(self, address: str) -> None:
        if address == "192.0.2.47" and address not in self.smtp:
            self.smtp[address] = Closing(self.hosts[address], self._authority.context)
            await self.smtp[address].start()
        await super()._serve_smtp(address)


async def test_the_second_session_in_clear_decides_where_it_was_held() -> None:
    async with ClosingNetwork() as network:
        assert network.hosts["192.0.2.47"].tls is Tls.GARBAGE
        made = await run(network, "bob@handshake.example")
    assert made.outcome is Outcome.DEFERRED
    assert {"tls-handshake-failed", "service-unavailable"} <= codes(made, "delivery")
    assert made.causes[0].code == "service-unavailable"
    reply = deciding_reply(made)
    assert reply is not None
    assert reply.text.startswith("421 4.3.2")
    assert made.headline == made.causes[0].message
