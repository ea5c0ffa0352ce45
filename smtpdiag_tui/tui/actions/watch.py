"""What the app does about a watch: attempts go on until the outcome is accepted, or Escape."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.actions.run import RunActions
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.watch import WatchState
from smtpdiag_tui.tui.terminal import title

if TYPE_CHECKING:
    from textual.timer import Timer

    from smtpdiag_tui.report.report import Report

_EVERY = 60.0  # seconds


class WatchActions(RunActions):
    """Tries again what did not pass, at least a minute apart, and says what has changed."""

    options: Options
    watched: WatchState | None = None
    _due: "Timer | None" = None
    _titled = False

    @property
    def watching(self) -> bool:
        """Whether a watch is under way."""
        return self.watched is not None and not self.watched.ended

    def action_watch(self) -> None:
        """Begin a watch; while there is one, or after it, show what has changed."""
        if self._from_several():
            return
        report = self.live.report
        seen = self.watched is not None and self.watched.settings == report.settings
        if self.watching or (seen and _is_good(report)):
            self._show_watch()
        elif not self.points.under_way and _is_good(report) and not self.live.saved:
            self.say("Already accepted: nothing to watch")
        elif self.points.under_way:
            self._begin_watch(report.settings)
            self.say("Watching from the end of this run on; Esc: end")
        elif report.outcome is None or self.live.saved:
            if self.action_run():
                self._begin_watch(None)
        else:
            self._begin_watch(report.settings)
            self._after_attempt()

    def begin_watch(self) -> None:
        """Watch the run that begins with the interface."""
        if not self._from_several():
            self._begin_watch(None)

    def _from_several(self) -> bool:
        """Whether there are several vantage points, which is said then: a watch compares one with itself."""
        several = self.points.several or len(self.settings.via) > 1
        if several:
            self.say("A watch is from one vantage point; o: choose it")
        return several

    def _begin_watch(self, settings: Settings | None) -> None:
        """Take notice of a watch; None: of the settings that the next run has."""
        every = self.options.watch or _EVERY
        self.watched = WatchState(settings or self.settings, every, time.monotonic())
        self._title("watching")

    def run_begins(self, settings: Settings) -> None:
        """Forget the time of the next attempt: one begins now, or a run of something else."""
        super().run_begins(settings)
        if self._due is not None:
            self._due.stop()
        if self.watched is None or self.watched.ended:
            return
        self.watched.due = None
        if self.watched.before is None:
            self.watched.settings = settings
        elif settings != self.watched.settings:
            self._end_watch("Watch ended: another delivery is tested")

    def run_ended(self) -> None:
        """Compare the attempt with the one before, and set the time of the next."""
        super().run_ended()
        if self.watching and not self.points.under_way:
            self._after_attempt()

    def _after_attempt(self) -> None:
        watched, report = self.watched, self.live.report
        if watched is None:
            return
        if report.outcome is not None and report.status is not Status.CANCELLED:
            self._compare(watched, report)
        if _is_good(report) and not self.live.saved:
            self._end_watch(f"Accepted after {counted(watched.attempts, 'attempt')}")
            return
        from smtpdiag_tui.watching.schedule import wait_before_next

        pace = self.runner.pace
        gone_by = (time.monotonic() - watched.began) / max(pace(1.0), 1e-9)  # the demo's minute is a second
        wait = pace(wait_before_next(report, gone_by, watched.every))
        if self._due is not None:
            self._due.stop()
        watched.due = time.monotonic() + wait
        self._due = self.set_timer(wait, self._try_again)
        self._draw()

    def _compare(self, watched: WatchState, report: "Report") -> None:
        """Tell what has changed since the attempt before; the terminal rings where the outcome has."""
        from smtpdiag_tui.watching.changes import changes_between, first_line

        at = datetime.now(UTC)
        watched.attempts += 1
        before, watched.before = watched.before, _without_transcripts(report)
        if before is None:
            watched.add((first_line(report, at),))
            self._title((report.outcome or Outcome.UNKNOWN).value)
            return
        changes = changes_between(before, report, at)
        watched.add(changes)
        if changes:
            self.say(f"{changes[0].line[11:19]} {changes[0].words}")
        if any(change.outcome is not None for change in changes):
            self.bell()
            self._title((report.outcome or Outcome.UNKNOWN).value)

    def _try_again(self) -> None:
        from smtpdiag_tui.watching.steps import steps_to_retry

        report = self.live.report
        if not self.watching or self.points.under_way:
            return
        # A run that broke off, or was cancelled before its end, has nothing to go on from.
        whole = report.outcome is not None and report.status is not Status.CANCELLED
        steps = steps_to_retry(report) if whole else None
        self._begin(report.settings, steps)

    def end_watch(self) -> bool:
        """End the watch as Escape does; return whether there was one."""
        if not self.watching:
            return False
        self._end_watch("Watch ended")
        if not self.points.under_way:
            self.keep()  # else that is done at the end of the attempt under way
        return True

    def _end_watch(self, words: str) -> None:
        if self._due is not None:
            self._due.stop()
        if self.watched is not None:
            self.watched.ended, self.watched.due = True, None
        self.say(words)
        if self.live.report.outcome is Outcome.ACCEPTED:
            self.bell()
        self._draw()

    def keep(self, report: "Report | None" = None) -> None:
        """Save the report; of a watch the first and the last one, since a day of it would push out all others."""
        watched = self.watched
        if watched is None or watched.ended or watched.attempts <= 1:
            super().keep(report)

    def watch_words(self) -> tuple[str, ...]:
        """Return what the first row says of the watch, the longest form first."""
        return self.watched.words(time.monotonic()) if self.watched is not None else ()

    def _show_watch(self) -> None:
        from smtpdiag_tui.tui.screens.watch import WatchScreen

        if self.watched is not None and not isinstance(self.screen, WatchScreen):
            self.push_screen(WatchScreen(lambda: self.watched, self._copy_changes), self._watch_closed)

    def _watch_closed(self, wanted: str | None) -> None:
        if wanted == "end":
            self.end_watch()
        elif wanted == "now" and self.watching and not self.points.under_way:
            self._try_again()

    def _copy_changes(self) -> None:
        watched = self.watched
        if watched is None:
            return
        lines, redacted, report = [change.line for change in watched.changes], self.masking, self.live.report

        def text() -> str:
            if not redacted:
                return "\n".join(lines)
            from smtpdiag_tui.masking.own import masked_lines

            return "\n".join(masked_lines(report, lines))

        self._copy(text)

    def _title(self, words: str) -> None:
        """Have the terminal's title say how it stands."""
        if not self._titled:
            self._titled = True
            self._to_terminal(title.KEEP)
        self._to_terminal(title.saying(f"smtpdiag: {words}"))

    async def action_leave(self, status: int = 0) -> None:
        """Leave, and give the terminal's title back."""
        if self._titled:
            self._to_terminal(title.GIVE_BACK)
        await super().action_leave(status)


def _is_good(report: "Report") -> bool:
    return report.outcome is Outcome.ACCEPTED and report.status is not Status.CANCELLED


def _without_transcripts(report: "Report") -> "Report":
    """Return a report with what is compared of it: transcripts are what is large."""
    steps = {key: replace(step, transcript=(), observation=None) for key, step in report.steps.items()}
    return replace(report, steps=steps)
