"""Causes that lie between this machine and the mail hosts. Pure."""

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.step_id import StepId, within
from smtpdiag_tui.verdict.case import INSIDE, Case, cause_of
from smtpdiag_tui.verdict.outcome import nobody_answered


def egress_blocked(case: Case) -> Cause | None:
    """Nobody outside answers on the SMTP port."""
    blocked = case.having("smtp-egress-blocked")
    if not blocked:
        return None
    inside = [step.id for step, _ in case.having(INSIDE)]
    ids = [step.id for step, _ in case.having("connection-timeout", "network-unreachable")]
    ids = [key for key in ids if not any(within(key, place) for place in inside)] or ids
    evidence = [*(step.id for step, _ in blocked), *ids]
    decides = nobody_answered(case.verdict)
    return cause_of(case, "egress-blocked", blocked[0][1].message, evidence, decides=decides)


def no_ipv6(case: Case) -> Cause | None:
    """This machine has no IPv6: addresses were left out."""
    found = case.having("no-ipv6-route")
    if not found:
        return None
    number = len({StepId(step.id).address for step, _ in found} - {""})
    plural = f"{number} IPv6 addresses are" if number != 1 else "one IPv6 address is"
    message = f"This machine has no route to the IPv6 internet: {plural} left out."
    way = case.verdict.walk
    nowhere_else = way is not None and bool(way.tries)
    only = way is not None and all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries)
    return cause_of(case, "no-ipv6-here", message, [step.id for step, _ in found], decides=nowhere_else and only)
