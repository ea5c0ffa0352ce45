"""Reports of earlier runs: showing one, and keeping the one that ended."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.report.report import Report


def saved_report(arguments: "Arguments") -> "Report | None":
    """Return the saved report that is to be shown, if one is."""
    if arguments.replay is None and not arguments.last:
        return None
    from pathlib import Path

    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.render.from_json import read_saved
    from smtpdiag_tui.render.saved_values import SavedReportError

    if arguments.replay is None:
        return _last()
    path = Path(arguments.replay)
    try:
        return read_saved(path)
    except SavedReportError as error:
        raise UsageError(f"cannot show '{path}': {error}") from error
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise UsageError(f"cannot read '{path}': {error}") from error


def _last() -> "Report":
    """Return the newest of the kept runs. Raises UsageError where it cannot be shown: no older one is instead."""
    from smtpdiag_tui.cli.kept_runs import runs
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.render.from_json import read_saved
    from smtpdiag_tui.render.saved_values import SavedReportError

    try:
        kept = runs()
    except OSError as error:
        raise UsageError(f"cannot read the folder of saved runs: {error.strerror or error}") from error
    if not kept:
        raise UsageError("no saved run yet: run a test first")
    try:
        return read_saved(kept[-1])
    except SavedReportError as error:
        words = str(error)
    except OSError as error:
        words = error.strerror or str(error)
    earlier = "; show an earlier one with --replay FILE" if len(kept) > 1 else ""
    raise UsageError(f"cannot show the last run '{kept[-1]}': {words}{earlier}")


def keep(report: "Report", arguments: "Arguments") -> None:
    """Keep a run for --last, unless it was of the demo; where it cannot be kept, that is no matter."""
    if arguments.demo:
        return
    from contextlib import suppress

    from smtpdiag_tui.cli.kept_runs import save_run

    with suppress(OSError):
        save_run(report)
