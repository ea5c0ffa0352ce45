"""What the app does about running parts again: a step, what did not pass, what was greylisted."""

from textual.app import App

from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.live import LiveReport
from smtpdiag_tui.tui.navigation import failed_steps, greylisted, runnable
from smtpdiag_tui.tui.widgets.step_tree import StepTree

WAIT_OUT = "Wait out greylisting, and try again"


class Again(App[None]):
    """The actions of running parts of the tests again."""

    live: LiveReport
    settings: Settings
    _tree: StepTree

    def action_rerun(self) -> None:
        """Run the step under the cursor again."""
        if self._tree.selected is not None:
            self._again([runnable(self._tree.selected)])

    def action_rerun_failed(self) -> None:
        """Run again what did not pass."""
        steps = failed_steps(self.live.report)
        if steps:
            self._again(steps)
        else:
            self.say("Nothing to run again: all passed." if self.live.report.steps else "Nothing has run yet.")

    def action_retry_greylisted(self) -> None:
        """Wait until greylisting is over at the session under the cursor, or at all, and try the same again."""
        steps = greylisted(self.live.report, self._tree.selected)
        if not steps:
            self.say("Nothing was greylisted." if self.live.report.steps else "Nothing has run yet.")
        elif not self.live.report.run:
            self.say("This is a saved report, which cannot go on: F5 runs the same tests now.")
        elif self._again(steps, second_try=True):
            self._tree.go_to(steps[0])  # where the wait is counted
            number = f"{len(steps)} address{'' if len(steps) == 1 else 'es'}"
            self.say(f"Tried again once the time has come: {number}. Escape calls it off.")

    def _again(self, steps: list[str], *, second_try: bool = False) -> bool:
        """Run some steps again, or all of them if the fields say something else now; return whether any run."""
        if self.live.running:
            self.say("A run is under way: Escape cancels it.")
            return False
        settings = self._checked()
        if settings is None:
            return False
        if settings != self.settings:
            self._go(settings, None)
        else:
            self._go(settings, steps, second_try=second_try)
        return True

    def say(self, text: str) -> None:
        """Tell something in a corner, for some seconds."""
        raise NotImplementedError

    def _checked(self) -> Settings | None:
        raise NotImplementedError

    def _go(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        raise NotImplementedError
