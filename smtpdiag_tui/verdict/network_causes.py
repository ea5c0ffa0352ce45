"""Causes that lie between this host and the MX hosts. Pure."""

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.step_id import StepId, within_any
from smtpdiag_tui.verdict.case import INSIDE, Case, cause_of
from smtpdiag_tui.verdict.outcome import nobody_answered


def egress_blocked(case: Case) -> Cause | None:
    """Nobody outside answers on the SMTP port: that was judged of all sessions together."""
    blocked = [item for step, item in case.having("smtp-egress-blocked") if step.id == "delivery"]
    if not blocked:
        return None
    evidence = ["delivery", *_unanswered(case)]
    decides = nobody_answered(case.verdict) and case.verdict.step == "delivery"
    return cause_of(case, "egress-blocked", blocked[0].message, evidence, decides=decides)


def _unanswered(case: Case) -> list[str]:
    """Return the sessions that nobody answered; those with inner addresses only where there are no others."""
    inside = [step.id for step, _ in case.having(INSIDE)]
    unanswered = [step.id for step, _ in case.having("connection-timeout", "network-unreachable")]
    outside = [step_id for step_id in unanswered if not within_any(step_id, inside)]
    return outside or unanswered


def no_ipv6(case: Case) -> Cause | None:
    """This host has no IPv6: addresses were skipped."""
    found = case.having("no-ipv6-route")
    if not found:
        return None
    number = len({StepId(step.id).address for step, _ in found} - {""})
    skipped = f"{counted(number, 'IPv6 address')} {'was' if number == 1 else 'were'} skipped"
    message = f"This host has no IPv6 route; {skipped}"
    way = case.verdict.walk
    nowhere_else = way is not None and bool(way.tries)
    only = way is not None and all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries)
    return cause_of(case, "no-ipv6-here", message, [step.id for step, _ in found], decides=nowhere_else and only)
