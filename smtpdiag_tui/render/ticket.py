"""What a ticket needs of a report: the answer, the session that decided, and where it was held from. Pure.

It is the text report's answer and session, without the hosts, profiles and checks that a stranger does not read.
"""

from smtpdiag_tui.render.answer import Answer, answer_of
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.room import LEAST_SESSION
from smtpdiag_tui.render.text import NO_MESSAGE, list_of_troubles, session, top
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.render.words import moment
from smtpdiag_tui.report.report import Report

MOST_LINES = 59
_MOST_TROUBLES = 10  # lines


def to_ticket(report: Report, *, ascii_only: bool = False) -> str:
    """Return the ticket as text of fewer than 60 lines; `ascii_only` keeps to ASCII for signs of our own."""
    page = Page(colour=False, ascii_only=ascii_only)
    answer = answer_of(report)
    top(page, answer, verbose=False)
    page.labelled("Source", _source(report, answer))
    ending = page.another()
    ending.blank()
    ending.wrapped(provenance(report), 0)
    ending.line(NO_MESSAGE)
    held = answer.session is not None and bool(answer.session.transcript)
    room = MOST_LINES - len(page) - len(ending)
    list_of_troubles(page, answer.troubles, min(_MOST_TROUBLES, room - (LEAST_SESSION + 3 if held else 0)))
    if held:
        session(page, answer, MOST_LINES - len(page) - len(ending) - 3)
        page.line(f"Seconds since {moment(report.started)}.")
    page.extend(ending)
    return page.text()


def _source(report: Report, answer: Answer) -> str:
    """Return the address and the EHLO name of the deciding session, else those of the run, as far as known."""
    of_session = answer.session.facts if answer.session is not None else None
    sources = of_session.sources if of_session is not None and of_session.sources else report.facts.sources
    ehlo = (of_session.ehlo if of_session is not None else "") or report.facts.ehlo
    return ", ".join(part for part in (", ".join(sources), f"EHLO {ehlo}" if ehlo else "") if part)
