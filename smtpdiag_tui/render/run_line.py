"""Which program held a run, when, and how long that took, in a line. Pure."""

from smtpdiag_tui import __version__
from smtpdiag_tui.render.words import moment, seconds
from smtpdiag_tui.report.report import Report


def run_line(report: Report) -> str:
    """Return program, version, begin and duration; of a run that goes on, no duration."""
    took = "" if report.seconds is None else f", {seconds(report.seconds)}"
    return f"smtpdiag {__version__}, {moment(report.started)}{took}"
