"""What the app does when it ends, in whatever way: the report is kept, the network closed, no process lingers."""

import asyncio

from textual.app import App

from smtpdiag_tui.tui import lifeline
from smtpdiag_tui.tui.live import LiveReport
from smtpdiag_tui.tui.options import Options
from smtpdiag_tui.tui.runner import Runner


class Leaving(App[None]):
    """The ways out."""

    live: LiveReport
    options: Options
    runner: Runner

    async def action_leave(self) -> None:
        """Cancel the run, close the network and leave."""
        await self.runner.close()
        self.exit()

    def keep(self) -> None:
        """Save the report, beside the drawing."""
        keep, report = self.options.keep, self.live.report
        if keep is not None and report.steps and self.options.replay is not report:
            self.run_worker(asyncio.to_thread(keep, report), group="keep", exit_on_error=False)

    def _keep_now(self) -> None:
        if self.options.keep is not None and self.live.running:
            self.options.keep(self.live.report)

    def _hung_up(self) -> None:
        self._keep_now()
        lifeline.die_later(lifeline.LAST_RESORT)
        if lifeline.terminal_gone():
            lifeline.die()
        self.run_worker(self.action_leave(), group="leave", exclusive=True, exit_on_error=False)

    def _check_terminal(self) -> None:
        if lifeline.terminal_gone():
            self._keep_now()
            lifeline.die()

    async def on_unmount(self) -> None:
        """Close the network also when the app ends in another way."""
        self._keep_now()
        await self.runner.close()
