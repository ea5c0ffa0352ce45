"""A report in one line: what a log or a chat wants. Pure."""

from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible


def to_summary(report: Report) -> str:
    """Return outcome, addresses, headline, who is responsible and what fails after DATA, in one whole line."""
    answer = answer_of(report)
    responsible = f" [{answer.responsible}]" if answer.responsible else ""
    company = f" [{answer.company}]" if answer.company else ""
    return visible(f"{answer.word} {answer.parties}: {answer.headline}{responsible}{company}") + "\n"
