"""The outcome line: always in view, the answer at once."""

from rich.text import Text
from textual.widgets import Static

from smtpdiag_tui.engine.report import Report, Step
from smtpdiag_tui.engine.status import Status
from smtpdiag_tui.tui.look import GLYPHS, SIDES, bar, outcome_look, seconds

_BAR = 10


class OutcomeLine(Static):
    """Outcome word with glyph and colour, the sentence that explains it, whose side; or what is awaited."""

    def __init__(self) -> None:
        super().__init__("", id="outcome", markup=False)
        self.text = Text()
        self.problem: str | None = None

    def show(self, report: Report, now: float, elapsed: float) -> None:
        """Show how the run stands; a problem with the input comes first, until it is mended."""
        if self.problem is not None:
            text = Text.assemble((f"{GLYPHS[Status.FAILED]} ", "bold red"), (self.problem, "red"))
        elif report.status is Status.RUNNING:
            text = _running(report, now, elapsed)
        elif report.outcome is not None:
            text = _ended(report)
        else:
            text = Text("Ready: two addresses, then Enter.", "dim")
        if text != self.text:
            self.text = text
            self.update(text)


def _ended(report: Report) -> Text:
    glyph, word, colour = outcome_look(report.outcome) if report.outcome else ("", "", "")
    if report.status is Status.CANCELLED:
        glyph, word, colour = GLYPHS[Status.CANCELLED], "CANCELLED", "yellow"
    text = Text.assemble((f" {glyph} {word} ", f"bold reverse {colour}"), " ")
    if report.side:
        text.append(f"[{SIDES[report.side]}] ", colour)
    text.append(report.summary)
    if report.seconds is not None:
        text.append(f" {seconds(report.seconds)}", "dim")
    return text


def _running(report: Report, now: float, elapsed: float) -> Text:
    steps = report.steps.values()
    done = sum(step.status.ended for step in steps)
    ready, to_come = bar(_BAR * done // max(1, len(report.steps)), _BAR)
    text = Text.assemble(
        (f" {GLYPHS[Status.RUNNING]} RUNNING ", "bold reverse cyan"),
        f" {done} of {len(report.steps)} steps, {elapsed:.0f} s ",
        (ready, "cyan"),
        (to_come, "dim"),
    )
    awaited = _awaited(report)
    if awaited is not None:
        waited = now - awaited.started if awaited.started is not None else 0.0
        limit = f" of {awaited.limit:g} s" if awaited.limit else ""
        text.append(f"  {_named(report, awaited)}:")
        text.append(f" {max(0.0, waited):.0f} s{limit}", "dim")
    return text


def _awaited(report: Report) -> Step | None:
    """Return the wait that has lasted longest, among the steps with a limit of their own."""
    waits = [step for step in report.steps.values() if step.status is Status.RUNNING and step.limit is not None]
    return min(waits, key=lambda step: step.started or 0.0, default=None)


def _named(report: Report, step: Step) -> str:
    above = report.steps.get(step.parent or "")
    return f"{step.title}, {above.title}" if above is not None else step.title
