"""What is kept between runs in the user's state folder: the last reports, and the addresses typed."""

import contextlib
import errno
import fcntl
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from smtpdiag_tui.files import read_regular, replace_private, write_private
from smtpdiag_tui.report.report import Report

MAX_RUNS = 100
MAX_TOTAL = 200_000_000  # bytes of all kept runs, of which the newest stays whatever its size
MAX_RUN_SIZE = 48 * 1024 * 1024  # bytes of one kept run: well within what a saved report may have to be read again
_SHORTER = (200, 30, 2)  # lines of each transcript and of each finding, where a run is larger than that
MAX_ADDRESSES = 200
MAX_HISTORY_SIZE = 256 * 1024
NEW = ".new-"  # begins the name of a file that is being written
LOCK_WAIT = 2.0  # seconds
_LOOK_EVERY = 0.01  # seconds
_RUN = re.compile(r"run-([0-9]{8,100})\.json")
_EARLIER_RUN = re.compile(r"run-[0-9]{8}-[0-9]{6}-[0-9]{6}\.json")


def state_folder() -> Path:
    """Return the folder, made with mode 0700 if it was not there. Raises OSError."""
    import platformdirs

    folder = Path(platformdirs.user_state_dir("smtpdiag-tui", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def save_run(report: Report) -> Path:
    """Keep a report as JSON, beside at most 99 earlier ones; return the file. Raises OSError.

    What is too large to be kept whole is cut, and says so where it is cut.
    """
    return _keep(state_folder(), _within_limit(report))


def _within_limit(report: Report) -> str:
    from smtpdiag_tui.render.as_json import to_json
    from smtpdiag_tui.report.shortened import shortened

    text = to_json(report)
    for lines in _SHORTER:
        if len(text) <= MAX_RUN_SIZE:
            return text
        text = to_json(shortened(report, lines))
    if len(text) > MAX_RUN_SIZE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return text


def _keep(folder: Path, text: str) -> Path:
    """Write a run into the folder as the newest, and take the oldest away; return its file. Raises OSError."""
    with locked(folder):
        new = write_private(text.encode(), folder, prefix=NEW, opened=_claim)
        try:
            path = _placed(new, folder)
        finally:
            new.unlink(missing_ok=True)
        _remove(_surplus(runs(folder)))
    return path


def _surplus(kept: list[Path]) -> list[Path]:
    """Return the oldest of the runs: those that are too many, or too large together."""
    room = MAX_TOTAL
    for place in range(len(kept) - 1, -1, -1):
        with contextlib.suppress(OSError):
            room -= kept[place].lstat().st_size
        if len(kept) - place > MAX_RUNS or (room < 0 and place < len(kept) - 1):
            return kept[: place + 1]
    return []


def _placed(new: Path, folder: Path) -> Path:
    """Give a file the number behind the newest run's; one that is there is never replaced. Raises OSError."""
    number = max((number_of(path) for path in runs(folder)), default=0)
    while True:
        number += 1
        path = folder / f"run-{number:08}.json"
        try:
            os.link(new, path)
        except FileExistsError:
            continue  # somebody was quicker, where the folder cannot be locked
        except OSError:  # a file system without hard links
            new.replace(path)
        return path


def runs(folder: Path | None = None) -> list[Path]:
    """Return the files of the runs that are kept, the oldest first, whatever the clock said. Raises OSError."""
    folder = folder or state_folder()
    kept = (path for path in folder.iterdir() if _RUN.fullmatch(path.name) or _EARLIER_RUN.fullmatch(path.name))
    return sorted(kept, key=lambda path: (number_of(path), path.name))


def number_of(path: Path) -> int:
    """Return which run of all it was, 0 for those of earlier versions, which are named by their time."""
    numbered = _RUN.fullmatch(path.name)
    return int(numbered[1]) if numbered else 0


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
    folder = state_folder()
    with locked(folder):
        kept = [address for address in history() if address not in new] + new
        lines = "\n".join(kept[-MAX_ADDRESSES:]) + "\n"
        replace_private(folder / "addresses", lines.encode(), prefix=NEW, opened=_claim)


def _claim(handle: int) -> None:
    """Lock a file while it is written: nobody takes it for one that was left."""
    _lock(handle, 0)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Write in the folder alone, and first remove what others left who were killed while they wrote.

    Who is stopped in the middle is waited for a moment, and where nothing can be locked nobody is. Then nothing is
    removed, and the block runs all the same.
    """
    handle = -1
    with contextlib.suppress(OSError):
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        handle = os.open(folder / ".lock", flags, 0o600)
    try:
        if handle >= 0 and _lock(handle, LOCK_WAIT):
            _remove(path for path in folder.glob(f"{NEW}*") if not _being_written(path))
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _being_written(path: Path) -> bool:
    """Whether somebody writes a file who waits no longer for the folder, or has no regard for it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(handle, 0)
    finally:
        os.close(handle)


def _lock(handle: int, wait: float) -> bool:
    """Lock a file; return whether that was done within `wait` seconds."""
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOOK_EVERY)
        except OSError:
            return False
        else:
            return True
