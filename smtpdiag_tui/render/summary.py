"""A report in one line: what a log or a chat wants. Pure."""

from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible


def to_summary(report: Report) -> str:
    """Return outcome, addresses, headline and who is responsible in one line, with its line ending."""
    answer = answer_of(report)
    responsible = f" [{answer.responsible}]" if answer.responsible else ""
    return visible(f"{answer.word} {answer.parties}: {answer.headline}{responsible}") + "\n"
