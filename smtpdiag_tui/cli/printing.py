"""A report on stdout, in the format that was asked for."""

import os
import sys
from typing import TYPE_CHECKING, TextIO

from smtpdiag_tui.cli.exit_status import exit_status
from smtpdiag_tui.cli.streams import write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.report import Report


def print_report(report: "Report", arguments: "Arguments") -> None:
    """Print a report, masked already if that is wanted; of the formats, the one asked for alone is loaded."""
    text = _rendered(report, arguments)
    if arguments.report == "prometheus":
        write(text, encoding="utf-8")
    else:
        write(text)


def _rendered(report: "Report", arguments: "Arguments") -> str:
    match arguments.report:
        case "json":
            from smtpdiag_tui.render.as_json import to_json

            return to_json(report)
        case "jsonl":
            from smtpdiag_tui.render.as_line import to_line

            return to_line(report)
        case "markdown":
            from smtpdiag_tui.render.markdown import to_markdown

            return to_markdown(report, verbose=arguments.settings.verbose)
        case "summary":
            from smtpdiag_tui.render.summary import to_summary

            return to_summary(report)
        case "nagios":
            from smtpdiag_tui.render.monitors.nagios import to_nagios

            return to_nagios(report)
        case "prometheus":
            from smtpdiag_tui.render.monitors.prometheus import to_prometheus

            return to_prometheus(report)
    from smtpdiag_tui.render.text import to_text

    return to_text(
        report,
        colour=coloured(sys.stdout),
        verbose=arguments.settings.verbose,
        ascii_only=bool(arguments.ascii_only) or plain(sys.stdout),
    )


def printed_status(report: "Report", form: str | None) -> int:
    """Return the exit status of a run whose report is printed in that form: a monitor's plug-in has its own."""
    if form != "nagios":
        return exit_status(report)
    from smtpdiag_tui.render.monitors.nagios import plugin_state

    return plugin_state(report)


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that shows colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in ("", "dumb")


def plain(stream: TextIO) -> bool:
    """Whether to keep to ASCII: on a terminal of such a locale, or where the encoding has no more."""
    from smtpdiag_tui.cli.character_set import ascii_alone

    try:
        "✓✗→".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return True
    return stream.isatty() and ascii_alone()
