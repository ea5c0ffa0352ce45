"""What the app does about the answer and about the worst problem: showing it, and going to where it is told."""

from smtpdiag_tui.tui.actions.bounce import BounceActions
from smtpdiag_tui.tui.widgets.step_tree import StepTree


class AnswerActions(BounceActions):
    """The actions that lead from what is told to where it was seen."""

    _tree: StepTree

    def action_answer(self) -> None:
        """Show the answer whole."""
        from smtpdiag_tui.tui.screens.answer import AnswerScreen

        def go(step: str | None) -> None:
            if step is not None:
                self._go_to(step)

        report, saved = self.live.report, self.live.saved
        if report.outcome is None:
            self.say("No answer yet")
        elif not isinstance(self.screen, AnswerScreen):
            self.push_screen(AnswerScreen(report, self._copy_answer_line, saved=saved, beside=self.beside()), go)

    def action_worst(self) -> None:
        """Go to the worst problem below the step under the cursor."""
        from smtpdiag_tui.tui.model.below import problems_below

        here = self._tree.selected
        below = problems_below(self.live.report, here, self.live.earlier) if here is not None else ()
        if below:
            self._go_to(below[0].step)
        else:
            self.say_there_is_none("No problem below this step; n: next problem")

    def _go_to(self, step: str) -> None:
        self._tree.touched = True
        self._tree.go_to(step)
        self._tree.focus()

    def _copy_answer_line(self, number: int) -> None:
        """Copy one line of the answer; masked as all that is taken away where that is wanted."""
        report, saved, redacted = self.live.report, self.live.saved, self.masking
        beside = self.beside()

        def text() -> str:
            from smtpdiag_tui.tui.drawing.answer_text import answer_lines

            if not redacted:
                return answer_lines(report, 0, saved=saved, beside=beside)[number].copy
            from smtpdiag_tui.masking.own import masked, masked_beside

            told = None if beside is None else masked_beside(beside, report)
            return answer_lines(masked(report), 0, saved=saved, beside=told)[number].copy

        self._copy(text)
