"""What the app does about running parts again: a step, what did not pass, what was greylisted."""

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.model.navigation import failed_steps, greylisted, runnable
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class RerunActions(AppBase):
    """The actions of running parts of the tests again."""

    _tree: StepTree
    _jump: bool

    def action_rerun(self) -> None:
        """Run the step under the cursor again."""
        if self._tree.selected is None or not self.live.report.steps:
            self.say("Nothing has run yet.")
        else:
            self._rerun([runnable(self._tree.selected)])

    def action_rerun_failed(self) -> None:
        """Run again what did not pass."""
        steps = failed_steps(self.live.report)
        if steps:
            self._rerun(steps)
        else:
            self.say_there_is_none("Nothing to run again: all passed.")

    def action_retry_greylisted(self) -> None:
        """Wait until greylisting is over at the session under the cursor, or at all, and try the same again.

        Where nothing was greylisted, the key is one that moves.
        """
        steps = greylisted(self.live.report, self._tree.selected)
        if not steps:
            self.go_to_top()
        elif not self.live.report.run:
            self.say("This is a saved report, which cannot go on: F5 runs the same tests now.")
        elif self._rerun(steps, second_try=True):
            self._tree.go_to(steps[0])  # where the wait is counted
            number = counted(len(steps), "address")
            self.say(f"Tried again once the time has come: {number}. Escape calls it off.")

    def _rerun(self, steps: list[str], *, second_try: bool = False) -> bool:
        """Run steps of the run that is shown again, with its settings, whatever the fields say by now."""
        if self.live.running:
            self.say("A run is under way: Escape cancels it.")
            return False
        self.tell_changed()
        self._go(self.live.report.settings, steps, second_try=second_try)
        return True

    def go_to_top(self) -> None:
        """Go to the first row of the focused pane."""
        raise NotImplementedError

    def tell_changed(self) -> None:
        """Say once that what runs is not what the fields say."""
        raise NotImplementedError

    def _go(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        """Run, once the side probes among it are confirmed."""
        from smtpdiag_tui.tui.screens.probes import ProbesScreen, sends_probes

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin(settings, only, second_try=second_try)
            else:
                self._jump = False
                self.say("Nothing was run; o changes which side probes are held.")

        if isinstance(self.screen, ProbesScreen):
            return  # F5 reaches the app through the question: one is enough
        if sends_probes(settings, only, self.live.report):
            self.push_screen(ProbesScreen(settings, only), answered)
        else:
            self._begin(settings, only, second_try=second_try)

    def _begin(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        raise NotImplementedError
