"""The kept runs: listed by the beginning of their files, and read by number, name or place."""

from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.kept_runs import number_of, runs
from smtpdiag_tui.files import read_regular
from smtpdiag_tui.render.report_head import HEAD, LONG_HEAD, head_of, is_whole
from smtpdiag_tui.report.kept_run import KeptRun

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report

LAST = "last"
MOST_DIGITS = 100


class RunError(Exception):
    """A run that cannot be shown; the text says why, in one sentence in lower case."""


def kept_runs() -> list[KeptRun]:
    """Return what is known of each kept run, the newest first. Raises RunError."""
    return [_listed(path) for path in reversed(_files())]


def _files() -> list[Path]:
    try:
        return runs()
    except OSError as error:
        raise RunError(f"cannot read the folder of saved runs: {error.strerror or error}") from error


def _listed(path: Path) -> KeptRun:
    number = number_of(path)
    try:
        data = read_regular(path, HEAD)
        if len(data) > HEAD and not is_whole(data):
            data = read_regular(path, LONG_HEAD)
    except OSError as error:
        return KeptRun(str(path), number, error=error.strerror or str(error))
    return head_of(data, str(path), number)


def file_of(name: str) -> Path:
    """Return the file of a run that is named by its number, by `last`, or by a path. Raises RunError."""
    if name == LAST:
        kept = _files()
        if not kept:
            raise RunError("no saved run yet: run a test first")
        return kept[-1]
    if name.isascii() and name.isdigit():
        found = [path for path in _files() if len(name) <= MOST_DIGITS and number_of(path) == int(name) > 0]
        if not found:
            raise RunError(f"no saved run {name[:20]} (see --history)")
        return found[0]
    return Path(name)


def read_run(path: Path) -> "Report":
    """Return the report of a file. Raises RunError."""
    from smtpdiag_tui.render.from_json import read_saved
    from smtpdiag_tui.render.saved_values import SavedReportError

    try:
        return read_saved(path)
    except SavedReportError as error:
        raise RunError(f"cannot read '{path}': {error}") from error
    except OSError as error:
        raise RunError(f"cannot read '{path}': {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise RunError(f"cannot read '{path}': {error}") from error


def of_same_pair(report: "Report", path: Path) -> Path | None:
    """Return the file of the newest kept run between the addresses of another, which `path` holds.

    A copy of that run is none. Raises RunError.
    """
    pair = (report.settings.sender, report.settings.recipient)
    for run in kept_runs():
        same = run.started == report.started or Path(run.key).absolute() == path.absolute()
        if run.pair == pair and not run.error and not same:
            return Path(run.key)
    return None
