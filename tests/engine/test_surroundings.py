"""Every reply that is easily read wrongly, through the whole engine, beside other things that are wrong at once.

What decides is the exchange that ended the session (RFC 5321 §4.2.1), whatever else the run finds around it.
"""

import re

import pytest

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from tests.checks.session.reason_cases import Case, cases
from tests.engine.surroundings import CASES, SURROUNDINGS, Surrounding, played

# The reply itself speaks of the PTR, and what this run finds of that is the cause's.
_OF_THE_PTR = frozenset({"no-ptr", "generic-ptr"})
# Two tests read the reports of the tidy surrounding: they are run by one worker, and the second needs no runs.
TIDY = pytest.mark.xdist_group("tidy surroundings")
TIDY_REPORTS: dict[int, Report] = {}


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


@pytest.mark.parametrize(
    "surrounding",
    [pytest.param(item, marks=[TIDY] if item.name == "tidy" else []) for item in SURROUNDINGS],
    ids=lambda item: item.name,
)
async def test_a_reply_decides_with_its_reason_and_side_whatever_else_is_wrong(surrounding: Surrounding) -> None:
    chosen = [(number, case) for number, case in enumerate(CASES) if concerned(surrounding, number, case)]
    told = {}
    async for number, case, report in played(surrounding, chosen):
        if surrounding.name == "tidy" and case.first:
            TIDY_REPORTS[number] = report
        if faults := wrong(report, case):
            told[number, *case.lines] = faults
    assert len(chosen) > 15
    assert told == {}


def kept(report: Report) -> list[tuple[object, ...]]:
    """Return what neither masking nor a file may change of a report's causes and findings."""
    causes = [(item.code, item.reason, item.side, item.decides) for item in report.causes]
    found = [(item.code, item.reason, item.side) for step in report.steps.values() for item in step.findings]
    # A file holds the steps in the order of the tree, a run in that in which they began.
    return [*causes, *sorted(found, key=str), (report.outcome, report.side, len(report.advice))]


@TIDY
@pytest.mark.timeout(150)  # all replies, each masked and written in every form
async def test_masking_and_a_file_keep_the_reasons_and_masking_leaves_nothing_private() -> None:
    secrets = re.compile(r"alice|bob|192\.0\.2\.10(?!\d)|2001:db8::10\b|mail\.sender\.example", re.IGNORECASE)
    seen = {}
    firsts = [item for item in enumerate(CASES) if item[1].first]
    if not TIDY_REPORTS.keys() >= {number for number, _ in firsts}:  # as where this test is run alone
        TIDY_REPORTS.update({number: report async for number, _, report in played(SURROUNDINGS[0], firsts)})
    for number, _ in firsts:
        report = TIDY_REPORTS[number]
        masked, saved = redact(report), from_json(to_json(report))
        assert kept(masked) == kept(saved) == kept(report)
        assert (saved.causes, saved.advice) == (report.causes, report.advice)
        shown = " ".join((to_text(masked, verbose=True), to_markdown(masked), to_json(masked)))
        if left := secrets.search(" ".join(shown.split())):
            seen[number] = left[0]
    assert seen == {}


def test_all_cases_are_played() -> None:
    assert cases() == CASES
