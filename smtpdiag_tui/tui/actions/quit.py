"""What the app does when it ends, in whatever way: the report is kept, the network closed, no process lingers."""

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.widgets import Input

from smtpdiag_tui import interrupts
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import Runner
from smtpdiag_tui.tui.terminal import hangup

if TYPE_CHECKING:
    from smtpdiag_tui.report.report import Report

AGAIN_WITHIN = 10.0  # seconds between the two Ctrl-C that exit


class QuitActions(AppBase):
    """The ways out."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", show=False, priority=True)]

    options: Options
    runner: Runner

    def __init__(self) -> None:
        super().__init__()
        self.terminal = hangup.Terminal()
        self._interrupted_at = -AGAIN_WITHIN

    async def action_leave(self, status: int = 0) -> None:
        """Cancel the run, close the network and leave. A Ctrl-C from here on leaves at once."""
        if not self.is_headless:
            interrupts.leaving()
            self.terminal.make_signals()
        await self.runner.close()
        self.exit(return_code=status)

    async def action_interrupt(self) -> None:
        """Copy what is selected; else say that a second Ctrl-C exits, and exit with the second."""
        field = self.focused
        if self.screen.get_selected_text() or (isinstance(field, Input) and field.selected_text):
            raise SkipAction
        now = time.monotonic()
        if now - self._interrupted_at < AGAIN_WITHIN:
            await self.action_leave(interrupts.STATUS)
        else:
            self._interrupted_at = now
            self.say("Ctrl-C again: exit")

    def watch_interrupts(self) -> None:
        """Leave in good order on a SIGINT from elsewhere. Must be called in the running loop."""
        loop = asyncio.get_running_loop()
        interrupts.watch(lambda: loop.call_soon_threadsafe(self._interrupted), self.terminal.put_back)

    def _interrupted(self) -> None:
        self.run_worker(self.action_leave(interrupts.STATUS), group="leave", exclusive=True, exit_on_error=False)

    def keep(self, report: "Report | None" = None) -> None:
        """Save a report, the one in view if none is given, beside the drawing."""
        keep, report = self.options.keep, report or self.live.report
        if self.options.history is None and report.steps:
            self.keep_in_session(report)
        if keep is not None and report.steps and self.options.replay is not report:
            self.run_worker(asyncio.to_thread(keep, report), group="keep", exit_on_error=False)

    def _keep_now(self) -> None:
        keep = self.options.keep
        if keep is not None:
            for live in self.points.running:
                keep(live.report)

    def _hung_up(self) -> None:
        self._keep_now()
        hangup.die_later(hangup.LAST_RESORT)
        if hangup.terminal_gone():
            hangup.die()
        self.run_worker(self.action_leave(), group="leave", exclusive=True, exit_on_error=False)

    def _check_terminal(self) -> None:
        if hangup.terminal_gone():
            self._keep_now()
            hangup.die()

    async def on_unmount(self) -> None:
        """Close the network also when the app ends in another way."""
        self._keep_now()
        await self.runner.close()
