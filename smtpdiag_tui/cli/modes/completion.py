"""Completions for a shell, printed."""

from typing import TYPE_CHECKING

from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.streams import write

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def print_completion(arguments: "Arguments") -> int:
    """Print the script that completes the command in the shell that was named; raises UsageError for another."""
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.distribution.completions import SCRIPTS

    arguments.refuse_run("--completion prints completions and runs no tests")
    if arguments.report is not None:
        raise UsageError("--completion prints no report: omit --report")
    script = SCRIPTS.get(arguments.completion)
    if script is None:
        raise UsageError(f"unknown shell {arguments.completion!r}: must be one of {', '.join(SCRIPTS)}")
    write(script(), encoding="utf-8")
    return ExitStatus.ACCEPTED
