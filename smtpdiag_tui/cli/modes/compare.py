"""Two runs compared, printed."""

import sys
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.exit_status import exit_status
from smtpdiag_tui.cli.streams import require_stdout, write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.comparison import Comparison
    from smtpdiag_tui.report.report import Report

_FORMATS = (None, "text", "markdown", "json", "summary")


def print_comparison(arguments: "Arguments") -> int:
    """Print what the newer run differs in from the older one; return what stands for the newer one's outcome.

    The newer one is the run that is named, one of the addresses that are given, held now, or the kept one of the
    same addresses that is next to the older in time: before it where none is behind, and the two change places.
    """
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.cli.run_list import RunError

    require_stdout()
    if arguments.report not in _FORMATS:
        formats = "text, markdown, json or summary"
        raise UsageError(f"--compare has no {arguments.report} report: must be one of {formats}")
    try:
        old, new = _runs(arguments)
    except RunError as error:
        raise UsageError(str(error)) from error
    write(comparison_text(old, new, arguments))
    return exit_status(new)


def _runs(arguments: "Arguments") -> "tuple[Report, Report]":
    """Return the older run and the newer one. Raises RunError, UsageError."""
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.cli.run_list import RunError, file_of, of_same_pair, read_run

    if "" in arguments.compare:
        raise UsageError("empty value for --compare: give a file, a number of --history, or last")
    runs_now = arguments.sender_given or arguments.demo
    if len(arguments.compare) > 1 and runs_now:
        raise UsageError("--compare with two saved runs runs no tests: omit addresses and --demo")
    if not runs_now:
        arguments.refuse_run("--compare of saved runs runs no tests without both addresses")
    paths = [file_of(name) for name in arguments.compare]
    old = read_run(paths[0])
    if len(paths) > 1:
        return old, read_run(paths[1])
    if runs_now:
        return old, _run_now(arguments)
    path = of_same_pair(old, paths[0])
    if path is None:
        sender, recipient = old.settings.sender or "<>", old.settings.recipient
        raise RunError(f"no other saved run from {sender} to {recipient}: give its file, or both addresses")
    new = read_run(path)
    return (old, new) if new.started >= old.started else (new, old)


def _run_now(arguments: "Arguments") -> "Report":
    from smtpdiag_tui.cli.modes.one_run import run_and_keep, with_pair
    from smtpdiag_tui.cli.parser import UsageError

    if arguments.settings.via:
        raise UsageError("--compare runs tests from this host alone: omit --via, or compare two saved runs")
    return run_and_keep(with_pair(arguments))


def comparison_text(old: "Report", new: "Report", arguments: "Arguments") -> str:
    """Return the comparison in the format that was asked for, masked if that was."""
    from smtpdiag_tui.cli.printing import coloured, plain
    from smtpdiag_tui.masking.compared import is_masked, masked_here
    from smtpdiag_tui.report.comparison import compare

    partial = is_masked(old) is not is_masked(new)
    if arguments.redact:
        old, new = masked_here(old, new)
    found = compare(old, new, partial=partial)
    if arguments.report not in (None, "text"):
        return _in_format(found, arguments)
    from smtpdiag_tui.render.comparison.text import to_text

    return to_text(
        found,
        colour=coloured(sys.stdout),
        verbose=arguments.settings.verbose,
        ascii_only=bool(arguments.ascii_only) or plain(sys.stdout),
    )


def _in_format(found: "Comparison", arguments: "Arguments") -> str:
    from smtpdiag_tui.render.comparison.as_json import to_json
    from smtpdiag_tui.render.comparison.markdown import to_markdown
    from smtpdiag_tui.render.comparison.summary import to_summary

    if arguments.report == "json":
        return to_json(found)
    if arguments.report == "summary":
        return to_summary(found)
    return to_markdown(found, verbose=arguments.settings.verbose)
