"""Reading a file that may be anything: bounded, and never waiting for somebody who writes to a pipe."""

import os
import stat
from pathlib import Path


def read_regular(path: Path, most: int) -> bytes:
    """Return at most `most` + 1 octets of a file; raises OSError, also for what is no regular file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is no regular file")
        return file.read(most + 1)
