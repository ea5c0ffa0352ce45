"""What all parts of the app need: telling the user something, and drawing anew."""

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.drawing.themes import ThemedApp
from smtpdiag_tui.tui.model.live_report import LiveReport
from smtpdiag_tui.tui.model.points import Points
from smtpdiag_tui.tui.model.request import Request

_SECONDS = 4
_READ = 20  # characters a second: what is long stays longer


class AppBase(ThemedApp):
    """An app that says one thing at a time, and can be drawn anew."""

    points: Points

    @property
    def live(self) -> LiveReport:
        """The report in view, of one vantage point."""
        return self.points.live

    def say(self, text: str) -> None:
        """Tell something above the footer, for some seconds; what was told before goes."""
        self.clear_notifications()
        self.notify(text, markup=False, timeout=max(_SECONDS, len(text) / _READ))

    def say_there_is_none(self, text: str) -> None:
        """Say that the report has nothing of what is wanted; where there is no report yet, say that."""
        self.say(text if self.live.report.steps else "No run yet")

    def _draw(self) -> None:
        """Draw all that may have changed."""
        raise NotImplementedError

    def begin_with(self, request: Request, settings: Settings) -> None:
        """Take notice that a run of these fields and settings is what is shown from now on."""
        raise NotImplementedError

    def finished(self) -> None:
        """Show how a run ended."""
        raise NotImplementedError

    def keep_in_session(self, report: Report) -> None:
        """Keep a report until the app ends."""
        raise NotImplementedError
