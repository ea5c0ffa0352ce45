"""Files: any file is read bounded and without waiting, one of ours is private and written whole."""

import os
import stat
from collections.abc import Callable
from pathlib import Path


def read_regular(path: Path, most: int) -> bytes:
    """Return at most `most` + 1 octets of a file; raises OSError, also for what is no regular file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not a regular file")
        return file.read(most + 1)


def write_private(
    data: bytes,
    folder: Path | None = None,
    *,
    prefix: str,
    suffix: str = "",
    opened: Callable[[int], object] | None = None,
) -> Path:
    """Write a new file that its owner alone reads, from its beginning on, and return its path.

    Without a folder it stands where temporary files do. `opened` is given the handle before anything is written.
    Raises OSError, and leaves nothing behind then.
    """
    import tempfile  # a quick answer writes nothing

    handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            if opened is not None:
                opened(handle)
            file.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def replace_private(
    path: Path, data: bytes, *, prefix: str, opened: Callable[[int], object] | None = None
) -> None:
    """Put a file that its owner alone reads in the place of what is at `path`, whole or not at all.

    Until it is whole it stands beside it, with a name that begins with `prefix`; `opened` as in `write_private`.
    Raises OSError.
    """
    new = write_private(data, path.parent, prefix=prefix, opened=opened)
    try:
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
