"""Every reply that is easily read wrongly, through the whole engine, beside other things that are wrong at once.

What decides is the exchange that ended the session (RFC 5321 §4.2.1), whatever else the run finds around it.
"""

import pytest

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from tests.checks.session.reason_cases import Case, cases
from tests.engine.surroundings import CASES, SURROUNDINGS, Surrounding, played

# The reply itself speaks of the PTR, and what this run finds of that is the cause's.
_OF_THE_PTR = frozenset({"no-ptr", "generic-ptr"})


def expected(case: Case) -> Outcome:
    """Return what a sending server does about a reply (RFC 5321 §4.2.1)."""
    for_good = case.lines[-1].startswith("5") and case.phase is not Phase.GREETING
    return Outcome.BOUNCED if for_good else Outcome.DEFERRED


def concerned(surrounding: Surrounding, number: int, case: Case) -> bool:
    """Whether a reply is played: all in the tidy surrounding, the first of each case that defers in all others.

    The first replies of the cases that are rejections are played in one more.
    """
    if surrounding.name == "tidy":
        return True
    if (surrounding.name in _OF_THE_PTR and "reverse-dns" in case.reasons) or not case.first:
        return False
    if expected(case) is Outcome.DEFERRED:
        return True
    return SURROUNDINGS[1 + number % (len(SURROUNDINGS) - 1)] is surrounding


def wrong(report: Report, case: Case) -> list[str]:
    """Return what a report says otherwise than a postmaster would."""
    if not report.causes:
        return [f"no cause: {report.summary}"]
    first, found = report.causes[0], []
    if first.reason is None or first.reason not in map(Reason, case.reasons):
        found.append(f"reason {first.reason}, not {case.reasons}")
    if case.sides and (first.side is None or first.side.value not in case.sides):
        found.append(f"side {first.side}, not {case.sides}")
    if not first.decides:
        found.append("does not decide")
    if report.side is not first.side:
        found.append(f"headline on {report.side}, cause on {first.side}")
    if report.outcome is not expected(case):
        found.append(f"outcome {report.outcome}")
    if not any(key.endswith(f"/{case.phase}") for key in first.evidence):
        found.append(f"evidence {first.evidence}")
    return found


@pytest.mark.parametrize("surrounding", SURROUNDINGS, ids=lambda item: item.name)
async def test_a_reply_decides_with_its_reason_and_side_whatever_else_is_wrong(surrounding: Surrounding) -> None:
    chosen = [(number, case) for number, case in enumerate(CASES) if concerned(surrounding, number, case)]
    told = {}
    async for number, case, report in played(surrounding, chosen):
        if faults := wrong(report, case):
            told[number, *case.lines] = faults
    assert len(chosen) > 15
    assert told == {}


def test_all_cases_are_played() -> None:
    assert cases() == CASES
