"""Reports of vantage points, made up: what each saw, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Severity, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via

LOCAL = Via("local")
SSH = Via("ssh", "mx2.far.example")
SOCKS = Via("socks5", "proxy.far.example", 1080)
OTHER = Via("ssh", "third.far.example", user="ops")
MX1, MX2 = ("mx1.partner.example", "192.0.2.21"), ("mx2.partner.example", "192.0.2.22")
V6 = ("mx1.partner.example", "2001:db8::21")
SETTINGS = Settings("alice@sender.example", "bob@partner.example")
ACCEPTED = SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90)
DEFERRED = SessionFacts(SessionEnd.DEFERRED, "450 4.2.0", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90)
REJECTED = SessionFacts(SessionEnd.REJECTED, "550 5.7.1", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90)
TIMED_OUT = SessionFacts(SessionEnd.TIMEOUT)
NO_ROUTE = SessionFacts(SessionEnd.NO_ROUTE)
SOURCES = {LOCAL: "198.51.100.1", SSH: "203.0.113.2", SOCKS: "203.0.113.3", OTHER: "203.0.113.4"}
_SIDES = {
    Reason.GREYLISTING: Side.POLICY,
    Reason.NO_SUCH_MAILBOX: Side.RECIPIENT,
    Reason.SERVER_TROUBLE: Side.RECIPIENT,
    Reason.REVERSE_DNS: Side.HERE,
}
Sessions = Mapping[tuple[str, str], SessionFacts]


def made(
    via: Via,
    outcome: Outcome | None,
    sessions: Sessions,
    reason: Reason | None = None,
    *,
    code: str = "recipient-rejected",
    seen_as: tuple[str, ...] | None = None,
    sources: tuple[str, ...] = (),
    preferences: Mapping[str, int] | None = None,
    serial: int | None = 7,
    ehlo: str = "",
    plaintext: frozenset[tuple[str, str]] = frozenset(),
    status: Status | None = None,
    error: str = "",
    settings: Settings = SETTINGS,
) -> Vantage:
    """Return a vantage point with a report of these sessions; `plaintext` are those without STARTTLS."""
    steps = [Step("delivery", "SMTP sessions", status=Status.PASSED)]
    for host in dict.fromkeys(host for host, _ in sessions):
        preference = (preferences or {}).get(host, 10)
        steps.append(Step(f"delivery/{host}", host, facts=StepFacts(preference=preference)))
        steps += [
            step
            for place, facts in sessions.items()
            if place[0] == host
            for step in _session(place, facts, ehlo, lacking=place in plaintext)
        ]
    known = (SOURCES[via],) if via in SOURCES else ()
    seen = known if seen_as is None else seen_as
    steps.append(Step("identity", "Sending host", facts=StepFacts(seen_as=seen, sources=sources, ehlo=ehlo)))
    if serial is not None:
        steps.append(Step("soa/ns1.dns.example/192.0.2.51", "192.0.2.51", detail=f"serial {serial}, 1 MX"))
    cause = Cause(code, _SIDES.get(reason, Side.RECIPIENT) if reason else Side.RECIPIENT, "why", decides=True)
    failed = outcome not in (Outcome.ACCEPTED, None)
    report = Report(
        replace(settings, via=() if via == LOCAL else (via,)),
        run=1,
        status=status or (OUTCOME_STATUS[outcome] if outcome else Status.RUNNING),
        outcome=outcome,
        headline=f"{outcome} from {via.label}",
        side=cause.side if failed else None,
        causes=(replace(cause, reason=reason),) if failed else (),
        steps={step.id: replace(step, status=Status.PASSED) for step in steps},
    )
    return Vantage(via, report, error, whole=via.kind != "socks5")


def _session(place: tuple[str, str], facts: SessionFacts, ehlo: str, *, lacking: bool) -> list[Step]:
    key = f"delivery/{place[0]}/{place[1]}"
    found = finding("starttls-not-offered", "no STARTTLS", severity=Severity.WARNING)
    return [
        Step(key, place[1], facts=StepFacts(session=facts, ehlo=ehlo)),
        Step(f"{key}/starttls", "STARTTLS", findings=(found,) if lacking else ()),
    ]


def accepted(via: Via, **more: object) -> Vantage:
    """Return a vantage point that both MX addresses accept the recipient from."""
    return made(via, Outcome.ACCEPTED, {MX1: ACCEPTED, MX2: ACCEPTED}, **more)  # type: ignore[arg-type]


def greylisted(via: Via, **more: object) -> Vantage:
    """Return a vantage point that is greylisted."""
    sessions = {MX1: DEFERRED, MX2: DEFERRED}
    return made(via, Outcome.DEFERRED, sessions, Reason.GREYLISTING, code="greylisted", **more)  # type: ignore[arg-type]


def rejected(via: Via, reason: Reason | None, **more: object) -> Vantage:
    """Return a vantage point whose recipient is rejected for a reason."""
    return made(via, Outcome.BOUNCED, {MX1: REJECTED, MX2: REJECTED}, reason, **more)  # type: ignore[arg-type]


def blocked(via: Via, **more: object) -> Vantage:
    """Return a vantage point that no MX host answers."""
    sessions = {MX1: TIMED_OUT, MX2: TIMED_OUT}
    more = {"seen_as": (), **more}
    return made(via, Outcome.DEFERRED, sessions, code="connection-timeout", **more)  # type: ignore[arg-type]
