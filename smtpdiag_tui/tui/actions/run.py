"""What the app does about a run: beginning it, following it to where something happens, and its end."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.fields import FieldActions
from smtpdiag_tui.tui.actions.quit import QuitActions
from smtpdiag_tui.tui.actions.rerun import RerunActions
from smtpdiag_tui.tui.messages import RunRequested
from smtpdiag_tui.tui.model.navigation import landing, talking

if TYPE_CHECKING:  # events come with a run: not before the first frame
    from smtpdiag_tui.report.events import Event


class RunActions(FieldActions, RerunActions, QuitActions):
    """Runs the tests. `_jump`: the cursor goes where there is something to see; `_error`: why a run broke off."""

    _error: str | None

    @on(RunRequested)
    def _run_requested(self) -> None:
        self.action_run()

    def action_run(self) -> bool:
        """Run all tests with what stands in the fields; return whether that could be begun, or is asked first.

        A field is left then, by whichever key it was: what is pressed next is meant for the panes.
        """
        in_field = isinstance(self.screen_stack[0].focused, Input)
        begun = self._run_or_ask()
        if begun and in_field:
            self._pane = self._tree
            self.to_panes()
        return begun

    def _run_or_ask(self) -> bool:
        if self.asking():
            return False
        if not self.live.running:
            return self._run_all()
        if self._checked() is None:
            return False
        words = "A run is under way. Starting again cancels it."
        self.ask("Run all tests", words, ("Enter: cancel it and start again", "Esc: let it finish"), self._run_all)
        return True

    async def action_leave_asked(self) -> None:
        """Leave; while a run is under way, once that is confirmed. The key that acts everywhere asks nothing."""
        if not self.live.running:
            await self.action_leave()
            return
        words = "A run is under way. Quitting cancels it."
        keys = ("Enter: cancel it and quit", "Esc: let it finish")
        self.ask("Quit", words, keys, lambda: self.run_worker(self.action_leave(), group="leave", exclusive=True))

    def _run_all(self) -> bool:
        settings = self._checked()
        if settings is None:
            return False
        self._jump = True
        if settings != self.settings:
            self._tree.touched = False
        self._go(settings, None)
        return True

    def _begin(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        self._error = None
        request = self._inputs.request
        self.run_begins(settings)

        def begin() -> Report | None:
            if only is None:
                self.begin_with(request, settings)
            return self.live.expect(partial=only is not None, second_try=second_try)

        if only is None:
            self.settings = settings
            if self.options.remember is not None:
                self.options.remember(settings)
        # Not exclusive: the runner cancels the run before, once, and waits until its sockets are closed.
        self.run_worker(self._run(settings, only, begin, second_try=second_try), group="run", exit_on_error=False)

    async def _run(
        self,
        settings: Settings,
        only: list[str] | None,
        begin: Callable[[], Report | None],
        *,
        second_try: bool,
    ) -> None:
        try:
            await self.runner.run(settings, only, begin, second_try=second_try)
            if second_try:
                self.clear_notifications()  # that it will be tried again is no longer so
        except asyncio.CancelledError:
            pass
        except LocalMtaError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface stays and tells it
            self._error = f"smtpdiag failed, and the run ended: {error!r:.200}"
            self.live.abandon()
        if self._error is not None:
            self.run_ended()
        self._draw()

    def run_begins(self, settings: Settings) -> None:
        """Take notice that a run begins; whoever follows runs says what that means."""

    def run_ended(self) -> None:
        """Take notice that a run has ended, or broke off."""

    def _emit(self, event: "Event") -> None:
        running = self.live.running
        self.live.apply(event)
        if running and self.live.ended:
            self._draw()
            self.finished()
            self.run_ended()
            self.keep()

    def finished(self) -> None:
        """Show how the run ended; what the user opened or closed stays so when a part runs again."""
        partial = self.live.took is not None or self.live.second_try
        if not partial:
            self._tree.fold(self.live.report)
        if self._jump and not self._tree.touched:
            place = landing(self.live.report)
            if place is not None:
                self._tree.go_to(place)
        self._jump = False

    def _follow(self) -> None:
        """Go to the first conversation that begins, unless the user has gone somewhere."""
        if self._tree.touched or not (self._jump and self.live.running):
            return
        place = talking(self.live.report)
        here = StepId(self._tree.selected or "")
        if place is not None and not (here.depth and here.branch == "delivery"):
            self._tree.go_to(place)
