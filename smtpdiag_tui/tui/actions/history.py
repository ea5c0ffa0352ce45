"""What the app does about earlier runs: listing them, showing one, comparing one with what is shown."""

import asyncio
from typing import TYPE_CHECKING

from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.actions.copy_save import CopySaveActions
from smtpdiag_tui.tui.model.live_report import LiveReport
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.points import Points
from smtpdiag_tui.tui.model.request import Request
from smtpdiag_tui.tui.widgets.step_tree import StepTree

if TYPE_CHECKING:  # all of it is read when it is first asked for
    from smtpdiag_tui.report.comparison import Comparison
    from smtpdiag_tui.report.report import Report
    from smtpdiag_tui.settings import Settings
    from smtpdiag_tui.tui.model.history import SessionHistory, WithShown
    from smtpdiag_tui.tui.screens.history import Opened
    from smtpdiag_tui.tui.widgets.inputs import Inputs


class HistoryActions(CopySaveActions):
    """The actions with earlier runs. `session` keeps those of a session that keeps nothing on disk."""

    options: Options
    settings: "Settings"
    _tree: StepTree
    _inputs: "Inputs"
    _jump: bool
    _session: "SessionHistory | None" = None
    _history: "WithShown | None" = None
    _opened: "Opened | None" = None

    @property
    def session(self) -> "SessionHistory":
        """The runs of this session; made when the first one ends."""
        if self._session is None:
            from smtpdiag_tui.tui.model.history import SessionHistory

            self._session = SessionHistory()
        return self._session

    @property
    def history(self) -> "WithShown":
        """All runs that can be shown again."""
        if self._history is None:
            from smtpdiag_tui.tui.model.history import WithShown

            self._history = WithShown(self.options.history or self.session)
        return self._history

    def action_history(self) -> None:
        """List the kept runs; one that is picked is shown, one that is compared is set beside what is shown."""
        from smtpdiag_tui.tui.screens.history import HistoryScreen

        def take(picked: "Opened | str | None") -> None:
            if isinstance(picked, str):
                self._tree.touched = True
                self._tree.go_to(picked)
                self._tree.focus()
            elif picked is not None:
                self._show_kept(picked)

        if isinstance(self.screen, HistoryScreen):
            return
        report = self.live.report
        shown = report if report.outcome is not None and report.status is not Status.RUNNING else None
        if shown is not None:
            self.history.keep(shown)  # one can come back to it, wherever it is from
        opened = self._opened
        key = opened.key if opened is not None and opened.report is report else ""
        self.push_screen(HistoryScreen(self.history, shown, self.copy_comparison, key), take)

    def _show_kept(self, opened: "Opened") -> None:
        """Show an earlier run in the place of what is shown, as a saved one."""
        from smtpdiag_tui.masking.redact import without_masks

        report = opened.report
        if self.points.under_way:
            self.say("A run is under way; Escape: cancel it first")
            return
        self._opened = opened
        self.settings = without_masks(report.settings)
        self.points = Points(LiveReport(self.settings))
        self.live.replay(report)
        request = Request.of(self.settings)
        self._inputs.fill(request)
        self.begin_with(request, self.settings)
        self._tree.touched = False
        self._jump = True
        self._draw()
        self.finished()
        self._tree.focus()
        self.say("Saved report; F5: run all tests now")

    def copy_comparison(self, found: "Comparison") -> None:
        """Copy a comparison as Markdown; masked as all that is taken away where that is wanted."""
        redacted = self.masking

        def text() -> str:
            from smtpdiag_tui.masking.compared import masked_here
            from smtpdiag_tui.render.comparison.markdown import to_markdown
            from smtpdiag_tui.report.comparison import compare

            if not redacted:
                return to_markdown(found)
            return to_markdown(compare(*masked_here(found.old, found.new), partial=found.partial))

        self._copy(text, what="Comparison")

    def keep_in_session(self, report: "Report") -> None:
        """Keep the report until the app ends."""
        self.session.keep(report)


async def compared(shown: "Report", other: "Report") -> "Comparison":
    """Compare what is shown with another run, the earlier one as the old one; beside the drawing."""
    from smtpdiag_tui.masking.compared import is_masked
    from smtpdiag_tui.report.comparison import compare

    old, new = sorted((other, shown), key=lambda report: report.started)
    partial = is_masked(old) is not is_masked(new)
    return await asyncio.to_thread(compare, old, new, partial=partial)
