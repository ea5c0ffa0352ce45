"""A delivery watched without the interface: each change a line on stderr, the last report on stdout."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.exit_status import exit_status
from smtpdiag_tui.cli.modes.one_run import ignore, opened_network, with_pair
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.cli.printing import print_report
from smtpdiag_tui.cli.streams import require_stdout
from smtpdiag_tui.report.report import Report

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments
    from smtpdiag_tui.watching.changes import Change
    from smtpdiag_tui.watching.loop import Watch

# The title of the terminal: kept before ours, and taken back (XTWINOPS 22 and 23).
_KEEP_TITLE, _GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"


def watch_headless(arguments: "Arguments") -> int:
    """Watch until the outcome is accepted or somebody ends it; the exit status is that of the last report.

    Ctrl-C and SIGTERM end a watch that has an answer as Escape does; before the first one they interrupt.
    """
    from smtpdiag_tui.watching.loop import Watch

    require_stdout()
    if any(via.kind != "local" for via in arguments.settings.via):
        raise UsageError("--watch runs from this host only: omit --via")
    arguments = with_pair(arguments)
    screen = _Screen()
    watch = Watch(arguments.watch or 0.0, screen.tell, screen.wait, _view(arguments))
    try:
        with screen.titled():
            interrupts.run(_watched(arguments, watch))
    except KeyboardInterrupt:
        if watch.report is None:
            raise
    report = watch.report
    assert report is not None  # noqa: S101 - a watch ends with a report, or is interrupted
    return _ended(report, arguments)


def _view(arguments: "Arguments") -> Callable[[Report], Report]:
    """Return what of a report is told: masked where that is wanted."""
    if not arguments.redact:
        return lambda report: report
    from smtpdiag_tui.masking.own import masked

    return masked


def _ended(report: Report, arguments: "Arguments") -> int:
    from smtpdiag_tui.cli.modes.saved import keep

    keep(report, arguments)  # once: a day of watching would push out all other runs
    print_report(_view(arguments)(report), arguments)
    return exit_status(report)


async def _watched(arguments: "Arguments", watch: "Watch") -> Report:
    """Watch over this host's network, or over the demo's; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    from smtpdiag_tui.engine import diagnose

    async with opened_network(arguments) as (settings, network):
        return await watch.run(settings, network, ignore, diagnose)


class _Screen:
    """What is shown of a watch on stderr: lines, and on a terminal its bell, its title and the time to wait."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr is not None and sys.stderr.isatty()

    def tell(self, changes: "tuple[Change, ...]") -> None:
        """Print the changes of one attempt; ring where the outcome is another one."""
        self._put("".join(f"{change.line}\n" for change in changes), wipe=True)
        outcome = next((change.outcome for change in changes if change.outcome is not None), None)
        if self._is_terminal and outcome is not None:
            self._put(f"\a\x1b]2;smtpdiag: {outcome}\x1b\\")

    def wait(self, seconds: float) -> None:
        """Say when the next attempt is."""
        if self._is_terminal:
            self._put(f"\rnext attempt in {seconds:.0f} s (Ctrl-C: end)\x1b[K")

    @contextlib.contextmanager
    def titled(self) -> Iterator[None]:
        """Keep the terminal's title, and give it back at the end."""
        if not self._is_terminal:
            yield
            return
        self._put(_KEEP_TITLE)
        try:
            yield
        finally:
            self._put(f"\r\x1b[K{_GIVE_TITLE_BACK}")

    def _put(self, text: str, *, wipe: bool = False) -> None:
        if sys.stderr is None or sys.stderr.closed:
            return
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\r\x1b[K{text}" if wipe and self._is_terminal else text)
            sys.stderr.flush()
