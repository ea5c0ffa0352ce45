"""A report made by hand, with a peer's worst words in it."""

from dataclasses import replace
from datetime import UTC, datetime

from smtpdiag_tui.report.actions import Action
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
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepPlanned,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.facts import SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS, Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import DnsServer, Settings

SETTINGS = Settings(
    "alice@sender.example", "bob@partner.example", dns=(DnsServer("192.0.2.53", 5353),), timeout=2.5
)
SESSION = "delivery/mx.partner.example/192.0.2.25"
WORDS = "550 5.1.1 `rm` <b>*no*</b> [x](http://evil.example) | @all ```"
RAW = b"220 \x1b[31m\xff"

SPF_FAILS = (
    "SPF of sender.example fails for 203.0.113.10 and sender.example publishes p=reject: unless the message is"
    " signed for"
    " sender.example, receivers that enforce DMARC reject it after DATA"
)
AUTHENTICATION = (
    Authentication(
        "203.0.113.10",
        Spf(
            SpfIdentity("sender.example", SpfResult.FAIL, "See https://sender.example/why", 7, 1),
            SpfIdentity("mail.sender.example", SpfResult.NONE),
        ),
        (Dkim("s1", "sender.example", DkimResult.KEY),),
        Dmarc("sender.example", "sender.example", Policy.REJECT, DmarcResult.FAIL, "SPF fails"),
        "mx.partner.example; spf=fail smtp.mailfrom=sender.example",
    ),
    Authentication(None, Spf()),
)


def made(lines: int = 1) -> Report:
    """Return a bounced run with one session; its reply has so many lines."""
    greeting = Entry(0.2, Direction.RECEIVED, r"220 \x1b[31m\xff", raw=RAW)
    named = Entry(0.22, Direction.SENT, "RCPT TO:<bob@partner.example>", tls=True)
    told = tuple(Entry(0.25, Direction.RECEIVED, f"550-{number}", tls=True) for number in range(lines - 1))
    last = Entry(0.25, Direction.RECEIVED, WORDS, tls=True)
    found = finding("recipient-rejected", f"The server says {WORDS}", evidence=(WORDS,))
    events: list[Event] = [
        RunStarted(1, SETTINGS, datetime(2026, 11, 24, 4, 20, 0, 123456, tzinfo=UTC), 50.0),
        StepPlanned(1, "syntax", "Address syntax", "Why syntax matters."),
        StepFinished(1, "syntax", 0.0, Status.PASSED, (finding("address-literal", "A remark."),)),
        StepPlanned(1, "delivery", "Delivery"),
        StepPlanned(1, "delivery/mx.partner.example", "mx.partner.example (preference 10)"),
        StepPlanned(1, SESSION, "192.0.2.25"),
        StepPlanned(1, f"{SESSION}/rcpt-to", "RCPT TO"),
        StepPlanned(1, f"{SESSION}/quit", "QUIT"),
        StepStarted(1, SESSION, 0.2),
        TranscriptGrew(1, SESSION, (greeting, named, *told, last)),
        StepFinished(1, f"{SESSION}/rcpt-to", 0.3, Status.FAILED, (found,), WORDS),
        StepFinished(1, f"{SESSION}/quit", 0.3, Status.SKIPPED, (), "the session ended"),
        StepFinished(1, SESSION, 2.3, Status.FAILED, (), "550"),
        StepFinished(1, "delivery/mx.partner.example", 2.3, Status.FAILED),
        StepFinished(1, "delivery", 2.3, Status.FAILED, (), "1 host"),
        RunFinished(
            1,
            2.4,
            Status.FAILED,
            Outcome.BOUNCED,
            f"Returned: {WORDS}. No.",
            Side.RECIPIENT,
            f"Returned: {WORDS}",
            "no; the message is returned",
            None,
            (Action("", "Check bob@partner.example."),),
        ),
    ]
    report = Report(SETTINGS)
    for event in events:
        report = report.apply(event)
    return report


def deciding(report: Report, *evidence: str, code: str = "recipient-rejected") -> Report:
    """Return the report with a cause that decides, seen at these steps."""
    cause = Cause(code, Side.RECIPIENT, "It is so", "It is why.", evidence=evidence, decides=True)
    return replace(report, causes=(cause,))


def session_step(
    *lines: tuple[Direction, str],
    facts: SessionFacts | None = None,
    step_id: str = SESSION,
    source: str = "192.0.2.10",
) -> Step:
    """Return the step of a session that holds these lines, a hundredth of a second after each other."""
    entries = tuple(Entry(number / 100, way, text) for number, (way, text) in enumerate(lines))
    status = Status.WARNING if facts is None else Status.FAILED
    told = StepFacts(sources=(source,), session=facts)
    return Step(step_id, step_id.rpartition("/")[2], status, transcript=entries, facts=told)


def with_session(step: Step, outcome: Outcome = Outcome.DEFERRED) -> Report:
    """Return a report of that one session, which decides."""
    parts = step.id.split("/")
    above = ("delivery", "/".join(parts[:2]))
    steps = {key: Step(key, key, step.status) for key in above} | {step.id: step}
    started = datetime(2026, 11, 24, 4, 20, 0, 123456, tzinfo=UTC)
    report = Report(SETTINGS, started=started, outcome=outcome, status=step.status, steps=steps)
    return deciding(report, f"{step.id}/rcpt-to")


def report_of(text: str) -> Report:
    """Return a bounced run that says `text` wherever a report can say something, as it is."""
    advice = text.replace("https://", "")  # what is to be done is ours, and a web address in it is a link
    found = tuple(
        Finding(
            "internal-error", severity, text, text, Side.RECIPIENT, (Action(advice, advice),), text, (text,) * 2
        )
        for severity in (Severity.FAILURE, Severity.INFO)
    )
    ids = ("delivery", "delivery/mx.partner.example", SESSION, f"{SESSION}/rcpt-to")
    step = Step("", text, Status.FAILED, text, 0.1, 1.0, findings=found, explanation=text)
    steps = {key: replace(step, id=key) for key in ids}
    steps[SESSION] = replace(
        steps[SESSION], transcript=tuple(Entry(0.25, way, text, tls=True) for way in Direction)
    )
    steps["delivery"] = replace(steps["delivery"], findings=(), status=Status.WARNING)
    return Report(
        Settings("alice@sender.example", "bob@partner.example", server="mx.example"),
        run=1,
        started=datetime(2026, 11, 24, 4, 20, tzinfo=UTC),
        seconds=2.5,
        status=Status.FAILED,
        outcome=Outcome.BOUNCED,
        summary=text,
        side=Side.RECIPIENT,
        headline=text,
        delivery=text,
        actions=(Action("", advice), Action(advice, advice)),
        causes=(
            Cause("recipient-rejected", Side.RECIPIENT, text, text, (), text, (SESSION,), decides=True),
            Cause("egress-blocked", Side.PATH, text, text, (Action("", advice),), text, (text,)),
        ),
        senders=(SenderResult("standard", text, Outcome.BOUNCED, text, (SenderAttempt(text, text, text, text),)),),
        steps=steps,
    )


def beyond(**verdicts: str) -> tuple[Beyond, ...]:
    """Return what RCPT does not cover; a failing DMARC says why in many words."""
    told = ((BeyondName(name), BeyondVerdict(verdict)) for name, verdict in verdicts.items())
    words = {(BeyondName.DMARC, BeyondVerdict.FAIL): SPF_FAILS}
    return tuple(Beyond(name, verdict, words.get((name, verdict), f"It is {name}")) for name, verdict in told)


def accepted(**verdicts: str) -> Report:
    """Return an accepted run of which that much is known beyond RCPT."""
    started = datetime(2026, 11, 24, 4, 20, 0, 123456, tzinfo=UTC)
    report = Report(SETTINGS, run=1, started=started, seconds=2.5, status=Status.PASSED, outcome=Outcome.ACCEPTED)
    headline = "mx.partner.example [192.0.2.25] accepted the recipient"
    return replace(report, headline=headline, delivery="yes, up to RCPT TO", beyond=beyond(**verdicts))


STANDARDS = {
    "authentication/spf/203.0.113.10/mail-from": ("MAIL FROM sender.example", "spf-fail", Severity.FAILURE),
    "authentication/spf/203.0.113.10/ehlo": ("EHLO mail.sender.example", "spf-pass", Severity.INFO),
    "authentication/dmarc": ("DMARC", "dmarc-would-fail", Severity.FAILURE),
    "authentication/dkim/s1@sender.example": ("s1._domainkey.sender.example", "dkim-key-valid", Severity.INFO),
    "authentication/message": ("Message", "message-fits", Severity.INFO),
    "authentication/receivers": ("Receivers", "receiver-requirement-unmet", Severity.FAILURE),
    "tls-policy/dnssec": ("DNSSEC", "dnssec-unknown", Severity.UNKNOWN),
    "tls-policy/mta-sts": ("MTA-STS", "mta-sts-mx-mismatch", Severity.WARNING),
    "tls-policy/tls-rpt": ("TLS-RPT", "tls-rpt-none", Severity.INFO),
    "tls-policy/dane/mx.partner.example": ("mx.partner.example", "dane-mismatch", Severity.WARNING),
}
_ABOVE = {"spf": "SPF", "203.0.113.10": "203.0.113.10", "dkim": "DKIM", "dane": "DANE"}


def with_standards(report: Report) -> Report:
    """Return the report with steps of sender authentication and TLS policy, each with one finding and a note."""
    steps: dict[str, Step] = {
        "authentication": Step(
            "authentication", "Authentication", Status.WARNING, "SPF fail, DMARC fail (policy reject)"
        ),
        "tls-policy": Step(
            "tls-policy",
            "TLS policy",
            Status.WARNING,
            "DNSSEC unknown, DANE mismatch, MTA-STS mismatch, no TLS-RPT",
        ),
    }
    for key, (title, code, severity) in STANDARDS.items():
        for above in StepId(key).above[1:]:
            steps.setdefault(above, Step(above, _ABOVE[above.name], Status.WARNING, kind=above.kind))
        found = Finding(code, severity, f"It is {code}", f"Why {code}.", Side.HERE, (Action("", f"Mend {code}."),))
        status = SEVERITY_STATUS[severity]
        note = Entry(0.3, Direction.NOTE, f"note of {code}")
        detail = code.replace("-", " ")
        step = Step(key, title, status, detail, 0.1, 0.2, findings=(found,), transcript=(note,))
        steps[key] = replace(step, explanation=f"Why {title} is tested.", kind=StepId(key).kind)
    kept = {key: step for key, step in report.steps.items() if StepId(key).branch not in steps}
    order = [key for key in kept if StepId(key).branch != "senders"]
    return replace(report, steps={**{key: kept[key] for key in order}, **steps, **kept})
