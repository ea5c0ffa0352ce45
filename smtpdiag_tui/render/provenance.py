"""Where a report comes from: program, host, time and duration in a line. Pure."""

from smtpdiag_tui import __version__
from smtpdiag_tui.render.words import moment, seconds
from smtpdiag_tui.report.report import Report


def provenance(report: Report) -> str:
    """Return program and version, the host of the run, its begin (UTC) and duration."""
    host = f" on {report.facts.host_name}" if report.facts.host_name else ""
    took = "" if report.seconds is None else f", {seconds(report.seconds)}"
    return f"smtpdiag {__version__}{host}, {moment(report.started)}{took}"
