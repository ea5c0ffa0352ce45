"""The command's interface over an engine that no cancelling ends: for the tests of how it is left."""

import asyncio
import contextlib
import os
import sys
from typing import Any

from smtpdiag_tui.cli import main as cli
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.tui import runner


async def stuck(*_arguments: Any, **_options: Any) -> Report:
    os.write(2, b"\x1b]0;stuck\x07")
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


if __name__ == "__main__":
    runner._engine = lambda: stuck
    sys.argv[1:] = ["--no-history", "--demo"]
    cli.entry()
