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
    """Print a report, masked already if that is wanted."""
    from smtpdiag_tui.render.as_json import to_json
    from smtpdiag_tui.render.markdown import to_markdown
    from smtpdiag_tui.render.monitors.nagios import to_nagios
    from smtpdiag_tui.render.monitors.prometheus import to_prometheus
    from smtpdiag_tui.render.summary import to_summary
    from smtpdiag_tui.render.text import to_text

    if arguments.report == "json":
        text = to_json(report)
    elif arguments.report == "jsonl":
        from smtpdiag_tui.render.as_line import to_line

        text = to_line(report)
    elif arguments.report == "markdown":
        text = to_markdown(report, verbose=arguments.settings.verbose)
    elif arguments.report == "summary":
        text = to_summary(report)
    elif arguments.report == "nagios":
        text = to_nagios(report)
    elif arguments.report == "prometheus":
        write(to_prometheus(report), encoding="utf-8")
        return
    else:
        text = to_text(
            report,
            colour=coloured(sys.stdout),
            verbose=arguments.settings.verbose,
            ascii_only=bool(arguments.ascii_only) or plain(sys.stdout),
        )
    write(text)


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
