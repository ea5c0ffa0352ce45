"""What a text report begins with: outcome, causes, what senders would do, other findings, and what to do next."""

from collections.abc import Sequence

from smtpdiag_tui.render.answer import ADVICE_TITLE, SENDERS_TITLE, Answer, AnswerCause, causes_title, first_of
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import OUTCOMES, SIDES, with_reference
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report

_SHOWN_STEPS = 6  # of a cause; the tree below has them all


def conclusion(page: Page, answer: Answer, *, verbose: bool) -> None:
    """Add the answer whole; `verbose` adds what is for programs rather than people."""
    page.blank()
    outcome_heading(page, answer)
    page.wrapped(answer.sentence, 0)
    if answer.side:
        page.line(f"Whose side: {SIDES[answer.side]}")
    _causes(page, answer.causes, verbose=verbose)
    _senders(page, answer)
    _advice(page, list(map(str, answer.actions)))
    for aside in answer.asides:
        page.section(aside.title)
        for status, words in aside.lines:
            page.judged(status, words, 2)
    _problems(page, answer)


def outcome_heading(page: Page, answer: Answer) -> None:
    """Add the outcome in one line."""
    page.heading("Outcome", answer.status, "", word=OUTCOMES[answer.outcome])


def run_on(report: Report) -> str | None:
    """Return what the machine is called that the run was held on, None if that is not known."""
    return report.facts.host_name or None


def _causes(page: Page, causes: Sequence[AnswerCause], *, verbose: bool) -> None:
    if not causes:
        return
    page.section(causes_title(causes))
    for cause in causes:
        page.judged(cause.status, cause.message, 2)
        if cause.meaning:
            page.wrapped(cause.meaning, 4)
        page.wrapped(f"Whose side: {SIDES[cause.side]}", 4)
        reason = cause.reason if verbose else None
        page.grey(f"    ({with_reference(cause.code, cause.reference, reason)})")
        steps, more = first_of(cause.steps, _SHOWN_STEPS)
        for step_id in steps:
            page.grey(f"    {step_id}")
        if more:
            page.grey(f"    and {counted(more, 'more step')}")


def _senders(page: Page, answer: Answer) -> None:
    if not answer.senders:
        return
    page.section(SENDERS_TITLE)
    if answer.alike:
        first = answer.senders[0]
        page.wrapped(f"{page.glyphs[first.status]} All alike: {first.outcome.value}.", 2)
        return
    for sender in answer.senders:
        page.judged(sender.status, f"{sender.title}: {sender.outcome.value}: {sender.summary}", 2)


def _advice(page: Page, advice: Sequence[str]) -> None:
    if not advice:
        return
    page.section(ADVICE_TITLE)
    for number, text in enumerate(advice, 1):
        page.wrapped(f"{number}. {text}", 2, hang=3)


def _problems(page: Page, answer: Answer) -> None:
    if not answer.problems:
        return
    page.section(answer.problems_title)
    for problem in answer.problems:
        page.judged(problem.status, problem.finding.message, 2)
        page.grey(f"    {problem.where}")
