"""A report of 300 addresses and 100,000 lines, as a large provider's would be."""

from datetime import UTC, datetime

from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings

ADDRESSES = 300
LINES = 100_000
PHASES = ("connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to", "quit")
REFUSED = Finding("recipient-rejected", Severity.FAILURE, "mx rejected the recipient", side=Side.RECIPIENT)


def big_report() -> Report:
    """Return a bounced run; every third address rejects the recipient."""
    lines = tuple(
        Entry(0.01 * number, Direction.RECEIVED, f"250-line {number}", tls=True)
        for number in range(LINES // ADDRESSES + 1)
    )
    steps = {"delivery": Step("delivery", "SMTP sessions", Status.FAILED, "100 hosts, 300 addresses", 0.0, 9.0)}
    for number in range(ADDRESSES):
        host = f"delivery/mx{number // 3:03}.big.example"
        if host not in steps:
            facts = StepFacts(preference=number // 3)
            steps[host] = Step(host, host[9:], Status.WARNING, "3 addresses", 0.0, 3.0, facts=facts)
        _add_address(steps, f"{host}/2001:db8::{number:x}", lines, bad=number % 3 == 0)
    return Report(
        Settings("alice@sender.example", "bob@big.example"),
        run=1,
        started=datetime(2026, 11, 24, 4, 20, tzinfo=UTC),
        seconds=9.0,
        status=Status.FAILED,
        outcome=Outcome.BOUNCED,
        summary="mx000.big.example rejected the recipient",
        steps=steps,
    )


def _add_address(steps: dict[str, Step], key: str, lines: tuple[Entry, ...], *, bad: bool) -> None:
    status = Status.FAILED if bad else Status.PASSED
    end = SessionEnd.REJECTED if bad else SessionEnd.ACCEPTED
    reply = "550 5.1.1" if bad else "250 2.1.5"
    told = SessionFacts(end, reply, "TLSv1.3", (CertificateVerdict.VERIFIED,), 90, "Postfix")
    facts = StepFacts(session=told)
    steps[key] = Step(key, key.rpartition("/")[2], status, reply, 0.0, 3.3, transcript=lines, facts=facts)
    for place, phase in enumerate(PHASES):
        found = (REFUSED,) if bad and phase == "rcpt-to" else ()
        name = f"{key}/{phase}"
        shown = status if found else Status.PASSED
        steps[name] = Step(name, phase, shown, "250 ok", 0.4 * place, 0.4, findings=found)
