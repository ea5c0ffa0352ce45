"""Reports made by hand, to be compared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smtpdiag_tui.report.comparison import Comparison, compare
from smtpdiag_tui.report.comparison.problems import ProblemChange, Problems
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings

SETTINGS = Settings("alice@sender.example", "bob@partner.example")
MX = "delivery/mx.partner.example"
V4 = f"{MX}/192.0.2.25"
STARTED = datetime(2026, 11, 24, 4, 20, tzinfo=UTC)
GREY = finding("greylisted", "Greylisted by mx.partner.example", reason=Reason.GREYLISTING)
EXPIRED = finding("certificate-expired", "Certificate of mx.partner.example expired 3 days ago")
REFUSED = finding("connection-refused", "mx.partner.example refused the connection")
TEXTS = ("450 4.2.0 queue id 4XyZ at 04:20:01", "450 4.2.0 queue id 9aBc at 05:00:00")


def report(*steps: Step, outcome: Outcome | None = Outcome.ACCEPTED, **more: object) -> Report:
    given = {"settings": SETTINGS, "started": STARTED, "status": Status.PASSED, "outcome": outcome, **more}
    return Report(steps={step.id: step for step in steps}, **given)  # type: ignore[arg-type]


def step(
    key: str,
    status: Status = Status.PASSED,
    detail: str = "",
    *findings: Finding,
    facts: StepFacts = StepFacts(),  # noqa: B008 - frozen
) -> Step:
    return Step(key, key, status, detail, findings=findings, facts=facts)


def session(
    key: str = V4,
    end: SessionEnd = SessionEnd.ACCEPTED,
    reply: str = "250 2.1.5",
    *findings: Finding,
    status: Status = Status.PASSED,
    **more: object,
) -> list[Step]:
    """Return an address with the phases that its facts tell of; `findings` are those of RCPT TO."""
    facts = SessionFacts(end, reply, **more)  # type: ignore[arg-type]
    return [
        step(key, status, reply, facts=StepFacts(session=facts)),
        step(f"{key}/starttls"),
        step(f"{key}/rcpt-to", status, reply, *findings),
    ]


def routed(
    *sessions: list[Step], host: str = MX, preference: int = 10, outcome: Outcome = Outcome.ACCEPTED
) -> Report:
    """Return a report of one MX host with these addresses."""
    above = [step("delivery"), step(host, facts=StepFacts(preference=preference))]
    return report(*above, *(item for steps in sessions for item in steps), outcome=outcome)


def from_host(found: Report, name: str) -> Report:
    """Return the report as of a run on another host."""
    own = step("dns-servers", facts=StepFacts(host_name=name))
    return replace(found, steps={"dns-servers": own, **found.steps})


def certified(days: int, fingerprint: str = "", *verdicts: CertificateVerdict) -> dict[str, object]:
    """Return what a session tells of a certificate that expires so many days after the run began."""
    return {
        "tls": "TLSv1.3",
        "certificate": verdicts or (CertificateVerdict.VERIFIED,),
        "days": days,
        "expires": f"{STARTED + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" if fingerprint else "",
        "subject": "CN=mx.partner.example" if fingerprint else "",
        "fingerprint": fingerprint,
    }


CAUSE = Cause("greylisted", Side.POLICY, "It is so", decides=True, reason=Reason.GREYLISTING)
DEFERRED = replace(
    routed(session(V4, SessionEnd.DEFERRED, "450 4.2.0", GREY, status=Status.WARNING), outcome=Outcome.DEFERRED),
    causes=(CAUSE,),
    headline="Greylisted by mx.partner.example [192.0.2.25]",
)
ACCEPTED = replace(routed(session()), headline="mx.partner.example [192.0.2.25] accepted the recipient")


def facts_of(found: Comparison) -> list[tuple[str, str, str, str]]:
    return [(fact.kind.value, fact.about, fact.old, fact.new) for fact in found.facts]


def codes(changes: tuple[ProblemChange, ...]) -> list[str]:
    return [change.either.finding.code for change in changes]


def mirrored(found: Comparison) -> tuple[object, ...]:
    """Return what a comparison says, its ends swapped."""
    swapped = Problems(
        fixed=found.problems.new,
        new=found.problems.fixed,
        changed=found.problems.changed,
        unchanged=found.problems.unchanged,
        untested=found.problems.untested,
    )
    return _said(found, swapped, swap=True)


def said(found: Comparison) -> tuple[object, ...]:
    """Return what a comparison says, in no order: that of its steps follows the later run."""
    return _said(found, found.problems, swap=False)


def _said(found: Comparison, problems: Problems, *, swap: bool) -> tuple[object, ...]:
    def ends(*both: object) -> tuple[object, ...]:
        return both[::-1] if swap else both

    facts = {
        (fact.kind, *ends(fact.old, fact.new), *ends(fact.old_step, fact.new_step))
        for fact in (*found.facts, *found.questions)
    }
    steps = {
        (*ends(item.old_id, item.new_id), *ends(item.old, item.new), *ends(item.old_code, item.new_code))
        for item in found.steps
    }
    changes = [
        {ends(change.old and change.old.key, change.new and change.new.key) for change in group}
        for group in (problems.fixed, problems.new, problems.changed, problems.unchanged, problems.untested)
    ]
    outcome = ends(found.outcome.before, found.outcome.after)
    return outcome, ends(*found.reasons), ends(*found.names), facts, steps, changes


def assert_symmetric(old: Report, new: Report, *, partial: bool = False) -> Comparison:
    """Compare both ways, and return one of them."""
    there, back = compare(old, new, partial=partial), compare(new, old, partial=partial)
    assert mirrored(there) == said(back)
    return there
