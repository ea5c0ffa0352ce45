"""Root causes: which single thing explains what many steps found. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind, ReportFacts
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.verdict.case import INSIDE, Case, deciding_findings
from smtpdiag_tui.verdict.contacts import GIVEN_HERE, HOSTMASTERS
from smtpdiag_tui.verdict.dns_causes import no_network, one_transport, resolver_broken, stale_resolver
from smtpdiag_tui.verdict.network_causes import egress_blocked, no_ipv6
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.refusal_causes import blocklisted, rate_limited, reverse_name

ROOT_CAUSES = frozenset(
    {
        "blocklisted-here",
        "egress-blocked",
        "no-ipv6-here",
        "no-network-here",
        "rate-limited-here",
        "resolver-broken",
        "reverse-name-here",
        "stale-resolver",
    }
)
# What the first words of the answer are, where the cause is plain.
LEADS = {
    "greylisted": "This is greylisting.",
    "greylisting-persists": "This is greylisting.",
}
_UNREACHED = frozenset({"connection-refused", "connection-reset", "connection-timeout", "network-unreachable"})


def find_causes(report: Report, verdict: Verdict) -> tuple[Cause, ...]:
    """Return the causes of a run, those first that decide its outcome.

    Where no known cause decides, the gravest finding at the step that did stands for it.
    """
    case = Case(report, verdict)
    found = [cause for look in _LOOKS if (cause := look(case)) is not None]
    if not any(cause.decides for cause in found):
        found = [*_plain(case), *found]
    return tuple(sorted(found, key=lambda cause: not cause.decides))


def _plain(case: Case) -> list[Cause]:
    """Return the gravest finding at the step that decided, with all steps that found the same."""
    if case.verdict.outcome is Outcome.ACCEPTED or case.verdict.step is None:
        return []
    found = deciding_findings(case.report, case.verdict.step)
    if not found:
        return []
    facts = case.report.facts
    decisive = _decisive(found, facts)
    return [
        Cause(
            code=decisive.code,
            side=case.verdict.side or decisive.side or Side.RECIPIENT,
            message=decisive.message,
            meaning=decisive.meaning,
            advice=_advice(decisive, facts),
            reference=decisive.reference,
            evidence=tuple(step.id for step in case.report.steps.values() if _tells(step, decisive.code)),
            decides=True,
        )
    ]


def _decisive(found: Sequence[Finding], facts: ReportFacts) -> Finding:
    """Return the gravest finding; where the address that an MX names lies inside some network, that it does."""
    inside = next((item for item in found if item.code == INSIDE), None)
    by_mx = facts.destination_kind is DestinationKind.DOMAIN
    if inside is None or not by_mx or found[0].code not in _UNREACHED:
        return found[0]
    return replace(
        inside,
        meaning="Only hosts inside the same network can reach it. This says nothing about outbound port 25.",
        advice=f"DNS administrator of {facts.destination}: give the MX hosts public addresses.",
    )


def _advice(decisive: Finding, facts: ReportFacts) -> str:
    """Return what to do about a finding; the name of a host that is given here is no affair of the domain's."""
    if facts.destination_kind in GIVEN_HERE and decisive.code in HOSTMASTERS:
        return "Check the name: it is given here, not by the recipient's domain, and must have an address."
    return decisive.advice or ""


def _tells(step: Step, code: str) -> bool:
    """Whether a step of this run has a finding of a code."""
    return not step.stale and any(item.code == code for item in step.findings)


_LOOKS: tuple[Callable[[Case], Cause | None], ...] = (
    no_network,
    resolver_broken,
    egress_blocked,
    blocklisted,
    reverse_name,
    rate_limited,
    stale_resolver,
    one_transport,
    no_ipv6,
)
