"""Root causes: which single thing explains what many steps found. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.verdict.case import INSIDE, Case, deciding_findings
from smtpdiag_tui.verdict.dns_causes import no_network, one_transport, resolver_broken
from smtpdiag_tui.verdict.network_causes import egress_blocked, no_ipv6
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.refusal_causes import cause_of_end, joined_causes, plain
from smtpdiag_tui.verdict.resolver_causes import filtered_answers, made_up_answers, stale_resolver
from smtpdiag_tui.verdict.session_end import SessionEnd, session_ends

ROOT_CAUSES = frozenset(
    {
        "answer-filtered",
        "blocklisted-here",
        "egress-blocked",
        "no-ipv6-here",
        "no-network-here",
        "nxdomain-rewritten",
        "rate-limited-here",
        "resolver-broken",
        "reverse-name-here",
        "stale-resolver",
    }
)
_UNREACHED = frozenset({"connection-refused", "connection-reset", "connection-timeout", "network-unreachable"})
# What the same fault looks like where the resolver does not say why.
_SAME_FAULT = {"dnssec-bogus": ("dns-server-failure",)}
_NO_FAILURE = frozenset({AttemptResult.ACCEPTED, AttemptResult.NO_ROUTE})
# Why an address is never talked to, or nobody at a host: found at the step itself.
_NOT_TALKED_TO = ("mx-is-this-machine", "mx-address-unusable", "mx-none-usable", "mx-unresolvable")


def find_causes(report: Report, verdict: Verdict) -> tuple[Cause, ...]:
    """Return the causes of a run, those first that decide its outcome.

    Where no fault of the DNS or the way decides, the exchange does that ended the deciding session; what other
    addresses of the walk said comes behind it. Warnings beside an exchange are no cause, however grave.
    """
    case = Case(report, verdict)
    roots = [cause for look in _LOOKS if (cause := look(case)) is not None]
    if any(cause.decides for cause in roots):
        return _with_note(verdict, sorted(roots, key=lambda cause: not cause.decides))
    ends = _ends(case)
    causes = _of_walk(case, ends) or _of_place(case)
    if verdict.outcome is Outcome.ACCEPTED:
        causes = joined_causes(case, list(ends.values()))
    return _with_note(verdict, [*causes, *roots])


def _with_note(verdict: Verdict, causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Return the causes, the one that decides with what else is to be known of the outcome."""
    if not verdict.note or not causes or not causes[0].decides:
        return tuple(causes)
    first = replace(causes[0], meaning=f"{causes[0].meaning} {verdict.note}".strip())
    return (first, *causes[1:])


def _ends(case: Case) -> Mapping[str, SessionEnd]:
    """Return how all sessions ended, address step to end; where nobody could reach an inner address, as that."""
    ends = session_ends(case.report)
    inside = {item.address.step for item in case.tries if item.address.inside}
    by_mx = case.report.destination_kind is DestinationKind.DOMAIN
    # Where an outer address is tried too, what came of that one tells more.
    if by_mx and case.verdict.step in inside:
        return {address: _as_inside(case, end) if address in inside else end for address, end in ends.items()}
    return ends


def _as_inside(case: Case, end: SessionEnd) -> SessionEnd:
    """Return the end of a session with an inner address: where that was not reached, that it is one."""
    step = case.report.steps.get(end.address)
    found = step.findings if step is not None else ()
    inside = next((item for item in found if item.code == INSIDE), None)
    if inside is None or end.finding.code not in _UNREACHED:
        return end
    if inside.side is Side.HERE:  # the resolver of this host gives it, the domain did not publish it
        return SessionEnd(end.address, end.address, inside)
    told = replace(
        inside,
        meaning="Only hosts inside the same network can reach it. This says nothing about outbound port 25.",
        actions=(
            Action(f"DNS administrator of {case.report.destination}", "give the MX hosts public addresses."),
        ),
    )
    return SessionEnd(end.address, end.address, told)


def _of_walk(case: Case, ends: Mapping[str, SessionEnd]) -> list[Cause]:
    """Return the cause of the session that decided, then those of the other addresses that a sender came to.

    What is returned comes of one session alone; mail waits because of all of them.
    """
    place, outcome = case.verdict.step, case.verdict.outcome
    if outcome is Outcome.ACCEPTED or place is None or place not in ends:
        return []
    if case.verdict.walk is not None and not case.tries:
        return []  # a sender turns to nobody: a session that was held all the same tells nothing of it
    causes: list[Cause] = []
    for address in dict.fromkeys([place, *_failed_tries(case)]):
        end = ends.get(address)
        if end is not None and not _covered(end, causes):
            causes.append(cause_of_end(case, end, list(ends.values()), decides=not causes))
    return causes


def _failed_tries(case: Case) -> list[str]:
    """Return the addresses that a sender came to in vain, in its order; none where the mail is returned."""
    if case.verdict.outcome is Outcome.BOUNCED:
        return []
    return [item.address.step for item in case.tries if item.attempt.result not in _NO_FAILURE]


def _covered(end: SessionEnd, causes: Sequence[Cause]) -> bool:
    """Whether one of the causes stands for the end of a session already."""
    return any(end.step in cause.evidence for cause in causes)


def _of_place(case: Case) -> list[Cause]:
    """Return the gravest finding at the step that decided, where no session did, with all steps that found it."""
    place = case.verdict.step
    if case.verdict.outcome is Outcome.ACCEPTED or place is None:
        return []
    if StepId(place).is_session and case.tries:
        return []  # what is wrong beside an exchange is no cause of it
    found = deciding_findings(case.report, place)
    if not found:
        return []
    decisive = _decisive(case, place, found)
    told = (decisive.code, *_SAME_FAULT.get(decisive.code, ()))
    steps = [step.id for step in case.report.steps.values() if any(_tells(step, code) for code in told)]
    end = SessionEnd(place, steps[0], decisive)
    return [replace(plain(case, end, (end,), decides=True), evidence=tuple(steps))]


def _decisive(case: Case, place: str, found: Sequence[Finding]) -> Finding:
    """Return the gravest of the findings; why a host or address is never talked to counts before all others."""
    if StepId(place).kind in (StepKind.HOST, StepKind.ADDRESS):
        for code in _NOT_TALKED_TO:
            for item in found:
                if item.code == code:
                    return item
    return _with_the_way(case, found[0])


def _with_the_way(case: Case, decisive: Finding) -> Finding:
    """Return a failed lookup as the zone's own check tells it, if that went the way from the parent zone down."""
    zone = case.report.steps.get("soa")
    if decisive.code != "dns-server-failure" or zone is None or zone.stale:
        return decisive
    told = next((item for item in zone.findings if item.code == decisive.code), decisive)
    return replace(told, message=decisive.message)  # the question for the MX is what the message waits for


def _tells(step: Step, code: str) -> bool:
    """Whether a step of this run has a finding of a code."""
    return not step.stale and any(item.code == code for item in step.findings)


_LOOKS: tuple[Callable[[Case], Cause | None], ...] = (
    no_network,
    resolver_broken,
    egress_blocked,
    made_up_answers,
    filtered_answers,
    stale_resolver,
    one_transport,
    no_ipv6,
)
