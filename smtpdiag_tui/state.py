"""What is kept between runs in the user's state folder: the last reports, and the addresses typed."""

import os
import re
import tempfile
from pathlib import Path

from smtpdiag_tui.engine.report import Report
from smtpdiag_tui.files import read_regular

MAX_RUNS = 20
MAX_ADDRESSES = 200
MAX_HISTORY_SIZE = 256 * 1024
_RUN = re.compile(r"run-\d{8}-\d{6}-\d{6}\.json")


def state_folder() -> Path:
    """Return the folder, made with mode 0700 if it was not there. Raises OSError."""
    import platformdirs

    folder = Path(platformdirs.user_state_dir("smtpdiag-tui", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def save_run(report: Report) -> Path:
    """Keep a report as JSON, beside at most 19 earlier ones; return the file. Raises OSError."""
    from smtpdiag_tui.render.as_json import to_json

    folder = state_folder()
    path = folder / f"run-{report.started:%Y%m%d-%H%M%S-%f}.json"
    _write(path, to_json(report))
    for old in runs(folder)[:-MAX_RUNS]:
        old.unlink(missing_ok=True)
    return path


def runs(folder: Path | None = None) -> list[Path]:
    """Return the files of the runs that are kept, the oldest first. Raises OSError."""
    folder = folder or state_folder()
    return sorted(path for path in folder.iterdir() if _RUN.fullmatch(path.name))


def history() -> list[str]:
    """Return the addresses that were typed, the newest last; what is no printable line is left out."""
    path = state_folder() / "addresses"
    try:
        text = read_regular(path, MAX_HISTORY_SIZE).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line for line in text.split("\n") if line and line.isprintable()][-MAX_ADDRESSES:]


def remember(*addresses: str) -> None:
    """Add addresses to those that were typed. Raises OSError."""
    new = [address for address in addresses if address and address.isprintable()]
    kept = [address for address in history() if address not in new] + new
    _write(state_folder() / "addresses", "\n".join(kept[-MAX_ADDRESSES:]) + "\n")


def _write(path: Path, text: str) -> None:
    """Replace a file whole or not at all; the new one is the owner's alone from its beginning."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
