"""What the app does about vantage points: comparing them, and having another one's report in view."""

from typing import TYPE_CHECKING

from smtpdiag_tui.tui.actions.copy_save import CopySaveActions
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.widgets.step_tree import StepTree

if TYPE_CHECKING:
    from smtpdiag_tui.report.vantage import Vantage
    from smtpdiag_tui.settings import Settings, Via


class VantageActions(CopySaveActions):
    """The actions with vantage points."""

    options: Options
    demo: bool
    _tree: StepTree
    _error: str | None

    def action_vantage_points(self) -> None:
        """Show the vantage points in columns; one that is picked there is gone to."""
        from smtpdiag_tui.tui.screens.vantage import VantageScreen

        def go(picked: "tuple[Via, str] | None") -> None:
            if picked is not None:
                self.show_point(*picked)

        if isinstance(self.screen, VantageScreen):
            return
        if not self.points.several:
            self.say("Only one vantage point; o: add others, F5: run from all")
            return
        at = (self.points.in_view, self._tree.selected or "")
        self.push_screen(VantageScreen(self.points.vantages, at, self._copy_comparison), go)

    def show_point(self, via: "Via", step: str = "") -> None:
        """Have the report of a vantage point in the main screen, and the cursor at a step of it."""
        self.points.show(via)
        self._draw()
        self._tree.touched = True
        if step in self.live.report.steps:
            self._tree.go_to(step)
        self._tree.focus()

    def usable_from(self, settings: "Settings") -> bool:
        """Whether a run can be made from its vantage points; where not, say why."""
        from smtpdiag_tui.options.vantage_values import vantage_problem

        problem = vantage_problem(settings, demo=self.demo and self.options.opened is None)
        if problem:
            self._error = f"{problem[:1].upper()}{problem[1:]}"
            self._draw()
        return not problem

    def point_ended(self, vantage: "Vantage") -> None:
        """Take in what came of a vantage point."""
        self.points.end(vantage)
        self._draw()

    def _copy_comparison(self) -> None:
        """Copy what the vantage points come to, masked as all that is taken away where that is wanted."""
        points, settings, redacted = self.points.vantages(), self.live.report.settings, self.masking

        def text() -> str:
            from smtpdiag_tui.render.vantage.markdown import vantage_markdown
            from smtpdiag_tui.report.agreement.together import agreement_of

            told = points
            if redacted:
                from smtpdiag_tui.masking.own import masked_points

                told = masked_points(points, settings)
            return vantage_markdown(told, agreement_of(told))

        self._copy(text, what="Comparison")
