"""What the app does about running parts again: a step, what did not pass, what was greylisted."""

from collections.abc import Callable

from smtpdiag_tui.render.words import moment
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.reruns import failed_steps, runnable
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.base import AppBase
from smtpdiag_tui.tui.model.navigation import greylisted
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class RerunActions(AppBase):
    """The actions of running parts of the tests again."""

    _tree: StepTree
    _jump: bool

    def action_rerun(self) -> None:
        """Rerun the step under the cursor."""
        if self._tree.selected is None or not self.live.report.steps:
            self.say("No run yet")
        else:
            self._rerun([runnable(self._tree.selected)])

    def action_rerun_failed(self, warnings: bool = False) -> None:
        """Rerun what failed or could not be determined; with `warnings`, also what passed with a warning."""
        steps = failed_steps(self.live.report, warnings=warnings)
        if steps:
            self._rerun(steps)
        elif not warnings and failed_steps(self.live.report, warnings=True):
            self.say("Nothing failed; F: rerun warnings")
        else:
            self.say_there_is_none("Nothing to rerun; all steps passed")

    def action_retry_greylisted(self) -> None:
        """Wait until greylisting is over at the session under the cursor, or at all, and try the same again.

        Where nothing was greylisted, the key is one that moves.
        """
        steps = greylisted(self.live.report, self._tree.selected)
        if not steps:
            self.go_to_top()
        elif any(point.kind != "local" for point in self.live.report.settings.via):
            self.say("Not from another vantage point; r: rerun after the delay")
        elif not self.live.report.run:
            self.say("A saved report cannot be continued; F5: run all tests")
        elif self._rerun(steps, second_try=True):
            self._tree.go_to(steps[0])  # where the wait is counted
            number = counted(len(steps), "greylisted address")
            self.say(f"{number}: retry when the delay is over; Esc: cancel")

    def _rerun(self, steps: list[str], *, second_try: bool = False) -> bool:
        """Rerun steps of the run that is shown, with its settings, whatever the fields say by now."""
        if self.points.under_way:
            self.say("A run is under way; Esc: cancel it")
            return False
        if self.live.saved:
            self._rerun_saved()
            return False
        self.tell_changed()
        self._go(self.live.report.settings, steps, second_try=second_try)
        return True

    def go_to_top(self) -> None:
        """Go to the first row of the focused pane."""
        raise NotImplementedError

    def _rerun_saved(self) -> None:
        """Run all tests of a saved report once that is confirmed: it cannot be continued, and servers are met."""
        report = self.live.report
        host = f" by {report.facts.host_name}" if report.facts.host_name else ""
        words = (
            f"This report was saved {moment(report.started)}{host}.\n"
            "A rerun connects to the MX hosts now, from this host, and runs all tests."
        )
        self.ask("Saved report", words, ("Enter: run all tests", "Esc: cancel"), self._run_all)

    def ask(self, title: str, words: str, keys: tuple[str, ...], then: Callable[[], object]) -> None:
        """Do something once the user has confirmed it."""
        from smtpdiag_tui.tui.screens.confirm import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.push_screen(ConfirmScreen(title, words, keys), answered)

    def asking(self) -> bool:
        """Whether a question is open: keys that act everywhere reach the app through it, and one is enough."""
        from smtpdiag_tui.tui.screens.confirm import ConfirmScreen

        return isinstance(self.screen, ConfirmScreen)

    def tell_changed(self) -> None:
        """Say once that what runs is not what the fields say."""
        raise NotImplementedError

    def _run_all(self) -> bool:
        raise NotImplementedError

    def _go(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        """Run, once the extra probes among it are confirmed."""
        from smtpdiag_tui.tui.screens.probes import ProbesScreen, sends_probes

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin(settings, only, second_try=second_try)
            else:
                self._jump = False
                self.say("Not run; o: choose the extra probes")

        if sends_probes(settings, only, self.live.report):
            self.push_screen(ProbesScreen(settings, only), answered)
        else:
            self._begin(settings, only, second_try=second_try)

    def _begin(self, settings: Settings, only: list[str] | None, *, second_try: bool = False) -> None:
        raise NotImplementedError
