"""Runs made by hand, for what a bounce is set beside."""

from collections.abc import Iterable
from dataclasses import replace

from smtpdiag_tui.report.authentication import (
    Authentication,
    Dmarc,
    DmarcResult,
    Policy,
    Spf,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings

SENDER, RECIPIENT = "alice@sender.example", "bob@partner.example"
MX1, MX2 = "mx1.partner.example", "mx2.partner.example"
IP1, IP2, IP6 = "192.0.2.21", "192.0.2.22", "2001:db8::21"
SOURCE = "203.0.113.10"
PHASES = ("connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to")
Session = tuple[Step, ...]


def accepted(host: str = MX1, address: str = IP1, tls: str = "TLSv1.3") -> Session:
    return _session(host, address, SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5", tls), "rcpt-to", ())


def refused(
    reply: str,
    reason: Reason | None,
    host: str = MX1,
    address: str = IP1,
    phase: str = "rcpt-to",
) -> Session:
    end = SessionEnd.DEFERRED if reply.startswith("4") else SessionEnd.REJECTED
    if phase == "greeting":
        end = SessionEnd.GREETING_REFUSED
    found = Finding("recipient-rejected", Severity.FAILURE, "It was refused", reason=reason)
    return _session(host, address, SessionFacts(end, reply), phase, (found,))


def silent(end: SessionEnd, host: str = MX1, address: str = IP1, phase: str = "connect") -> Session:
    return _session(host, address, SessionFacts(end), phase, (finding("connection-timeout", "It timed out"),))


def untested(host: str = MX1, address: str = IP1) -> Session:
    return (Step(f"delivery/{host}/{address}", address, Status.SKIPPED, detail="IPv4 only"),)


def _session(host: str, address: str, facts: SessionFacts, last: str, found: tuple[Finding, ...]) -> Session:
    key = f"delivery/{host}/{address}"
    source = "2001:db8::10" if ":" in address else SOURCE
    connected = last != "connect" or facts.end is SessionEnd.ACCEPTED
    steps = [
        Step(key, address, Status.PASSED, facts=StepFacts(sources=(source,) if connected else (), session=facts))
    ]
    steps += [Step(f"{key}/{phase}", phase, Status.PASSED) for phase in PHASES[: PHASES.index(last)]]
    steps.append(Step(f"{key}/{last}", last, Status.FAILED if found else Status.PASSED, findings=found))
    steps += [Step(f"{key}/{phase}", phase, Status.SKIPPED) for phase in PHASES[PHASES.index(last) + 1 :]]
    return tuple(steps)


def run(
    *sessions: Session,
    outcome: Outcome | None = None,
    by: str = "",
    steps: Iterable[Step] = (),
    authentication: tuple[Authentication, ...] = (),
    settings: Settings | None = None,
    causes: tuple[Cause, ...] = (),
) -> Report:
    """Return a run of these sessions; the first decides, or the one of host `by`."""
    flat = [step for session in sessions for step in session]
    keys = [session[0].id for session in sessions]
    decided = next((key for key in keys if by and f"/{by}/" in key), keys[0] if keys else "")
    ends = {step.id: step.facts.session for step in flat if step.facts.session}
    end = ends[decided].end if decided in ends and ends[decided] is not None else None
    known = {
        SessionEnd.ACCEPTED: Outcome.ACCEPTED,
        SessionEnd.REJECTED: Outcome.BOUNCED,
        SessionEnd.GREETING_REFUSED: Outcome.BOUNCED,
    }
    found = outcome or (known.get(end, Outcome.DEFERRED) if end is not None else Outcome.UNKNOWN)
    _, host, address = decided.split("/") if decided else ("", "", "")
    attempts = (SenderAttempt(host, address, "accepted"),) if decided else ()
    made = Report(
        settings or Settings(SENDER, RECIPIENT),
        outcome=found,
        status=Status.PASSED,
        headline="What the run came to",
        senders=(SenderResult("standard", "standard", found, "", attempts),),
        authentication=authentication,
        steps={step.id: step for step in (*flat, *steps)},
    )
    if causes:
        return replace(made, causes=causes)
    if found is not Outcome.ACCEPTED and decided:
        return replace(made, causes=(Cause("x", Side.HERE, "why", evidence=(decided,), decides=True),))
    return made


def authenticated(
    spf: SpfResult = SpfResult.PASS,
    dmarc: DmarcResult = DmarcResult.PASS,
    address: str = SOURCE,
    ehlo: SpfResult = SpfResult.NONE,
) -> Authentication:
    return Authentication(
        address,
        Spf(SpfIdentity("sender.example", spf), SpfIdentity("mail.sender.example", ehlo)),
        (),
        Dmarc("sender.example", "sender.example", Policy.REJECT, dmarc, "because"),
    )


def source_step(*found: Finding, names: tuple[str, ...] = ()) -> Step:
    status = Status.WARNING if found else Status.PASSED
    return Step("identity/ipv4", "ipv4", status, findings=found, facts=StepFacts(sources=(SOURCE,), names=names))
