"""What the app does about a run: beginning it, following it to where something happens, and its end."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.tui.actions.fields import FieldActions
from smtpdiag_tui.tui.actions.quit import QuitActions
from smtpdiag_tui.tui.actions.rerun import RerunActions
from smtpdiag_tui.tui.actions.vantage import VantageActions
from smtpdiag_tui.tui.messages import RunRequested
from smtpdiag_tui.tui.model.navigation import landing, talking
from smtpdiag_tui.tui.model.points import LOCAL

if TYPE_CHECKING:  # events come with a run: not before the first frame
    from smtpdiag_tui.report.events import Event


class RunActions(FieldActions, RerunActions, VantageActions, QuitActions):
    """Runs the tests. `_jump`: the cursor goes where there is something to see; `_error`: why a run broke off."""

    _error: str | None
    _emitting: Via = LOCAL  # the vantage point whose report a run from this host goes into

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
        if not self.points.under_way:
            return self._run_all()
        if self._checked() is None:
            return False
        words = "A run is under way. Starting again cancels it."
        self.ask("Run all tests", words, ("Enter: cancel it and start again", "Esc: let it finish"), self._run_all)
        return True

    async def action_leave_asked(self) -> None:
        """Leave; while a run is under way, once that is confirmed. The key that acts everywhere asks nothing."""
        if not self.points.under_way:
            await self.action_leave()
            return
        words = "A run is under way. Quitting cancels it."
        keys = ("Enter: cancel it and quit", "Esc: let it finish")
        self.ask("Quit", words, keys, lambda: self.run_worker(self.action_leave(), group="leave", exclusive=True))

    def _run_all(self) -> bool:
        settings = self._checked()
        if settings is None or not self.usable_from(settings):
            return False
        if settings.via == (LOCAL,):
            settings = replace(settings, via=())  # which is the same, and what its report says
        self._jump = True
        if settings != self.settings:
            self._tree.touched = False
        self._go(settings, None)
        return True

    def _begin(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        self._error = None
        request = self._inputs.request
        part_of = self.points.in_view
        begun: list[int] = []
        self.run_begins(settings)

        def begin() -> Report | None:
            if only is None:
                self.points.begin(settings.via, settings)
                self.begin_with(request, settings)
            elif settings.via:
                self.points.begin_part(part_of)
            begun.append(self.points.begun)
            self._emitting = self.points.in_view if only is None else part_of
            return None if settings.via else expect(self._emitting)

        def expect(via: Via) -> Report | None:
            return self.points.live_of(via).expect(partial=only is not None, second_try=second_try)

        if only is None:
            self.settings = settings
            if self.options.remember is not None:
                self.options.remember(settings)
        # Not exclusive: the runner cancels the run before, once, and waits until its sockets are closed.
        running = self._run(settings, only, begin, expect, begun, second_try=second_try)
        self.run_worker(running, group="run", exit_on_error=False)

    async def _run(
        self,
        settings: Settings,
        only: list[str] | None,
        begin: Callable[[], Report | None],
        expect: Callable[[Via], Report | None],
        begun: Sequence[int],
        *,
        second_try: bool,
    ) -> None:
        try:
            await self.runner.run(settings, only, begin, second_try=second_try, previous=expect)
            if second_try:
                self.clear_notifications()  # that it will be tried again is no longer so
        except asyncio.CancelledError:
            pass
        except LocalMtaError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface stays and tells it
            self._error = f"smtpdiag failed, and the run ended: {error!r:.200}"
            self.points.abandon(self._emitting)
        self.points.settle(begun)
        if self._error is not None:
            self.run_ended()
        self._draw()

    def run_begins(self, settings: Settings) -> None:
        """Take notice that a run begins; whoever follows runs says what that means."""

    def run_ended(self) -> None:
        """Take notice that a run has ended, or broke off."""

    def _emit(self, event: "Event") -> None:
        """Take in an event of a run from this host, or from the only vantage point."""
        self.emit_from(self._emitting, event)

    def emit_from(self, via: Via, event: "Event") -> None:
        """Take in an event of a run from a vantage point; the main screen shows one of them."""
        running = self.points.live_of(via).running
        live = self.points.apply(via, event)
        if running and live.ended:
            if live is self.live:
                self._draw()
                self.finished()
                self.run_ended()
            self.keep(live.report)

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
