"""The kept runs, listed."""

import sys
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.streams import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.kept_run import KeptRun

_FORMATS = (None, "text", "json")


def print_history(arguments: "Arguments") -> int:
    """List the kept runs, the newest last, where a terminal shows it."""
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.cli.printing import coloured, plain
    from smtpdiag_tui.cli.run_list import RunError, kept_runs
    from smtpdiag_tui.render.history import history_json, history_text

    if arguments.report not in _FORMATS:
        raise UsageError(f"--history has no {arguments.report} report: give --report text or --report json")
    arguments.refuse_run("--history lists all saved runs and runs no tests")
    if arguments.demo:
        raise UsageError("--history lists the runs of the real network: omit --demo")
    try:
        listed: Sequence[KeptRun] = kept_runs()[::-1]
    except RunError as error:
        raise UsageError(str(error)) from error
    if arguments.redact:
        from smtpdiag_tui.masking.history import masked_history
        from smtpdiag_tui.network.machine import own_names

        listed = masked_history(listed, own_names())
    if arguments.report == "json":
        write(history_json(listed))
    else:
        ascii_only = bool(arguments.ascii_only) or plain(sys.stdout)
        write(history_text(listed, colour=coloured(sys.stdout), ascii_only=ascii_only))
    return ExitStatus.ACCEPTED
