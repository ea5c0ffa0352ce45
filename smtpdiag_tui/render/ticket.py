"""What a ticket needs of a report: the answer, the session that decided, and where it was held from. Pure.

It is the text report's answer and session, without the hosts, profiles and checks that a stranger does not read.
Of a message that is accepted, and of what receivers or strict sending servers find, it has the evidence instead.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from smtpdiag_tui.render.answer import AUTHENTICATION, TLS_POLICY, Answer, answer_of, first_of
from smtpdiag_tui.render.bounces.beside import beside_fields
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.room import LEAST_SESSION
from smtpdiag_tui.render.text import NO_MESSAGE, list_of_troubles, session, top
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import moment
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId

if TYPE_CHECKING:
    from smtpdiag_tui.bounces.then_and_now import Beside

MOST_LINES = 59
_MOST_TROUBLES = 10  # lines
_MOST_EVIDENCE = 12  # lines


def to_ticket(
    report: Report,
    *,
    ascii_only: bool = False,
    beside: "Beside | None" = None,
    at: datetime | None = None,
) -> str:
    """Return the ticket as text of fewer than 60 lines; `ascii_only` keeps to ASCII for signs of our own.

    `beside` is the bounce that the run is compared with, `at` when that happened.
    """
    page = Page(colour=False, ascii_only=ascii_only)
    answer = answer_of(report)
    top(page, answer, verbose=False)
    page.labelled("Source", _source(report, answer))
    if beside is not None:
        for label, words in beside_fields(beside, at):
            page.labelled(label, words)
    ending = page.another()
    ending.blank()
    ending.wrapped(provenance(report), 0)
    ending.line(NO_MESSAGE)
    proof = _proof(answer)
    held = not proof and answer.session is not None and bool(answer.session.transcript)
    room = MOST_LINES - len(page) - len(ending)
    list_of_troubles(page, answer.troubles, min(_MOST_TROUBLES, room - (LEAST_SESSION + 3 if held else 0)))
    if proof:
        _evidence(page, proof, MOST_LINES - len(page) - len(ending) - 3)
    if held:
        session(page, answer, MOST_LINES - len(page) - len(ending) - 3)
        page.line(f"Seconds since {moment(report.started)}.")
    page.extend(ending)
    return page.text()


def _proof(answer: Answer) -> tuple[str, ...]:
    """Return what the first problem of authentication or TLS policy rests on; () where the session is what counts.

    A session that was accepted shows nothing of it.
    """
    if answer.outcome is not Outcome.ACCEPTED:
        return ()
    later = (
        trouble.evidence
        for trouble in answer.troubles
        if any(StepId(step).branch in (AUTHENTICATION, TLS_POLICY) for step in trouble.steps)
    )
    return next(filter(None, later), ())


def _evidence(page: Page, proof: Sequence[str], room: int) -> None:
    """Add the evidence, each line whole, in so many lines."""
    page.section("Evidence")
    told, more = first_of(proof, min(_MOST_EVIDENCE, max(1, room)))
    for line in told:
        page.line(f"  {line}")
    if more:
        page.line(f"    … {counted(more, 'more line')} (-v)")


def _source(report: Report, answer: Answer) -> str:
    """Return the address and the EHLO name of the deciding session, else those of the run, as far as known."""
    of_session = answer.session.facts if answer.session is not None else None
    sources = of_session.sources if of_session is not None and of_session.sources else report.facts.sources
    ehlo = (of_session.ehlo if of_session is not None else "") or report.facts.ehlo
    return ", ".join(part for part in (", ".join(sources), f"EHLO {ehlo}" if ehlo else "") if part)
