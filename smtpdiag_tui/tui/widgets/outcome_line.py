"""The outcome line: always in view, the answer at once."""

import math

from rich.text import Text
from textual.widgets import Static

from smtpdiag_tui.render.waits import wait_words
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.conversation_lines import row_ends
from smtpdiag_tui.tui.drawing.glyphs import GLYPHS, SIDES, bar, run_look, seconds, stroke
from smtpdiag_tui.tui.model.navigation import waits_for_second_try

_BAR = 10
_ROWS = 2  # always: what stands below must not jump
_FADED = "dim"


class OutcomeLine(Static):
    """Outcome word with glyph and colour, the sentence that explains it, whose side; or what is awaited."""

    def __init__(self, whole_key: str = "a") -> None:
        super().__init__("", id="outcome", markup=False)
        self.text = Text()
        self.problem: str | None = None
        self.second_try = False
        self._whole_key = whole_key
        self._fitted = Text()

    def show(
        self, report: Report, now: float, elapsed: float, *, took: float | None = None, about: str = ""
    ) -> None:
        """Show how the run stands; a problem comes first, until it is mended or put aside.

        `took` is how long the last run took, where only a part ran again. `about` says what the run
        is for where the fields say something else by now: then the answer is drawn as one of the past. While the
        run waits for a second try alone, as `second_try` tells, the way to leave all as it was is named.
        """
        if self.problem is not None:
            text = Text.assemble((f"{GLYPHS[Status.FAILED]} ", "bold red"), (self.problem, "red"))
        elif report.status is Status.RUNNING:
            text = _running(report, now, elapsed, about, second_try=self.second_try)
        elif report.outcome is not None:
            text = _ended(report, took, about)
        else:
            text = Text("Ready: two addresses, then Enter.", "dim")
        self.text = text
        self._fit()

    def on_resize(self) -> None:
        """Cut the text for another width."""
        self._fit()

    def _fit(self) -> None:
        fitted = _cut(self.text, self.size.width, f"{stroke('cut')} ({self._whole_key}: whole)")
        if fitted != self._fitted:
            self._fitted = fitted
            self.update(fitted)


def _cut(text: Text, width: int, hint: str) -> Text:
    """Return what fits, with a mark and the way to the rest where something does not."""
    rows = text.divide(row_ends(text.plain, width)) if width > 0 else [text]
    if len(rows) > _ROWS:
        last = rows[_ROWS - 1]
        last.truncate(max(0, width - len(hint)))
        last.rstrip()
        last.append(hint, "dim")
    for row in rows:
        row.rstrip()
    return Text("\n").join(rows[:_ROWS])


def _ended(report: Report, took: float | None, about: str) -> Text:
    glyph, word, colour = run_look(report)
    text = Text()
    if about:
        text.append(f" {glyph} {word} {about}: ", "bold")
    else:
        text.append(f" {glyph} {word} ", f"bold reverse {colour}").append(" ")
    if took is not None:  # before the sentence, which may be cut
        text.append(f"{stroke('dot')} rerun {seconds(took)} ", "dim")
    elif report.seconds is not None:
        text.append(f"{seconds(report.seconds)} ", "dim")
    if report.side:
        text.append(f"[{SIDES[report.side]}] ", _FADED if about else colour)
    text.append(report.summary, _FADED if about else "")
    return text


def _running(report: Report, now: float, elapsed: float, about: str, *, second_try: bool) -> Text:
    done = len([step for step in report.steps.values() if step.status.ended])
    ready, to_come = bar(_BAR * done // max(1, len(report.steps)), _BAR)
    text = Text.assemble(
        (f" {GLYPHS[Status.RUNNING]} RUNNING ", "bold reverse cyan"),
        f" {about}: " if about else " ",
        f"{done} of {len(report.steps)} steps, {elapsed:.0f} s ",
        (ready, "cyan"),
        (to_come, "dim"),
    )
    awaited = _awaited(report)
    if awaited is None:
        return text
    waited = now - awaited.started if awaited.started is not None else 0.0
    if waits_for_second_try(awaited):
        left = max(0, math.ceil((awaited.limit or 0.0) - waited))
        how = "Escape calls it off" if second_try else "Escape cancels the run"
        text.append(f"  {awaited.title} greylisted: tried again in {left} s").append(f" ({how})", "dim")
    else:
        text.append(f"  {_named(report, awaited)}:")
        text.append(f" {wait_words(waited, awaited.limit)}", "dim")
    return text


def _awaited(report: Report) -> Step | None:
    """Return the wait that has lasted longest, among the steps with a limit of their own.

    What waits for a second try comes last: by itself, the limit of another says nothing about it.
    """
    waits = [step for step in report.steps.values() if step.status is Status.RUNNING and step.limit is not None]
    return min(waits, key=lambda step: (waits_for_second_try(step), step.started or 0.0), default=None)


def _named(report: Report, step: Step) -> str:
    above = report.steps.get(step.parent or "")
    return f"{step.title}, {above.title}" if above is not None else step.title
