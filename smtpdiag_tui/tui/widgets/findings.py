"""The findings of the selected step in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from smtpdiag_tui.render.words import paragraphs, with_reference
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, gravest_first
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, SIDES, in_view, severity_look, spelt, stroke
from smtpdiag_tui.tui.model.navigation import SENDERS, has_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.report.conclusions import SenderResult
    from smtpdiag_tui.tui.model.below import Below

_EMPTY = """\
Enter sender and recipient, then press Enter.
The tests run from this host, as a sending server would connect. No message is sent.
Leave DNS empty to use the DNS servers of this host. Press F1 for the keys.
Other ways to begin: Escape, then b to explain a bounce, h for earlier runs."""

_NONE: Mapping[str, Step] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a text is made of."""

    step: Step
    below: "tuple[Below, ...]"
    why: Step | None
    senders: "tuple[SenderResult, ...]" = ()


class Findings(VerticalScroll, can_focus=True):
    """What was seen, what to do, what it means, who is responsible, and the server's own words.

    `worst_key` is the key that leads to the worst problem below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "to_worst", "Go to step")]

    def __init__(self, worst_key: str = "b") -> None:
        super().__init__(id="findings")
        self._worst_key = worst_key
        self.border_title = "Findings"
        self._shown: _Shown | None = None
        self._width = 0
        self.text = Text(_EMPTY, "dim")
        self._body = Static(self.text, markup=False)
        self._why = Static("", markup=False)
        self._why.display = False

    def compose(self) -> ComposeResult:
        """Hold one text, whose end may have to be scrolled to."""
        yield self._body
        yield self._why

    def show(
        self, report: Report, step_id: str | None, *, explain: bool, earlier: Mapping[str, Step] = _NONE
    ) -> None:
        """Show a step's findings, with `explain` also why the test is made.

        `earlier` holds what became, in the run before, of the steps that run again.
        """
        step = report.steps.get(step_id) if step_id else None
        if step is None:
            return
        shown = _shown(report, step, earlier, explain=explain)
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        if self.has_focus and bool(shown.below) is not (before is not None and bool(before.below)):
            self.refresh_bindings()
        self.border_title = Content(f"Findings {stroke('dot')} {step.title}")
        self._draw()
        if before is None or before.step.id != step.id:
            self.scroll_home(animate=False)
        elif explain and before.why is None:
            self.call_after_refresh(self._to_why)
        elif not explain and before.why is not None:
            self.scroll_home(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to go to the worst problem below only where there is one."""
        if action == "to_worst":
            return self._shown is not None and bool(self._shown.below)
        return super().check_action(action, parameters)

    async def action_to_worst(self) -> None:
        """Go to the worst problem below the step."""
        await self.app.run_action("worst")

    def _to_why(self) -> None:
        """Go to the explanation, which may lie below what fits; its first row is blank."""
        if self.max_scroll_y:
            self.scroll_to(y=self._why.virtual_region.y + 1, animate=False)

    def redraw(self) -> None:
        """Draw the text anew: statuses have other colours."""
        self._draw()

    def on_resize(self) -> None:
        """Break quoted lines for another width."""
        if self._shown is not None and self._width != self.scrollable_content_region.width:
            self._draw()

    def _draw(self) -> None:
        if self._shown is not None:
            self._width = self.scrollable_content_region.width
            text, why = _text(self._shown, self._width, self._worst_key), _why(self._shown)
            self._body.update(text)
            self._why.update(why)
            self._why.display = self._shown.why is not None
            self.text = text + why


def _shown(report: Report, step: Step, earlier: Mapping[str, Step], *, explain: bool) -> _Shown:
    from smtpdiag_tui.tui.model.below import problems_below  # not before the first frame

    step = in_view(step, earlier)
    below = problems_below(report, step.id, earlier)
    why = _explained(report, step) if explain else None
    return _Shown(step, below, why, report.senders if step.id == SENDERS else ())


def _text(shown: _Shown, width: int, key: str) -> Text:
    step = shown.step
    text = Text()
    own_first = _is_graver(shown)
    if shown.below and not own_first:
        _add_worst(text, shown, width, key)
    if step.stale or not has_problem(step):  # else the finding says it, and whole
        text.append("\n" if text else "")
        _add_status(text, step)
    for finding in gravest_first(step.findings):
        text.append("\n" if text else "")
        _add_finding(text, finding, width)
    if shown.below and own_first:
        text.append("\n")
        _add_worst(text, shown, width, key)
    if shown.senders:
        _add_senders(text, shown.senders)
    if step.status is Status.PASSED and not (step.findings or shown.below or shown.senders):
        text.append("No problems.\n", "dim")
    _add_others(text, shown.below[1:])
    text.rstrip()
    return text


def _is_graver(shown: _Shown) -> bool:
    """Whether the step's own worst finding is graver than all below it: the worst stands first."""
    own = [finding.gravity for finding in shown.step.findings if finding.is_problem]
    return bool(own and shown.below) and min(own) < shown.below[0].finding.gravity


def _add_worst(text: Text, shown: _Shown, width: int, key: str) -> None:
    """Add the worst problem below, and where it is: whole where the step has none as grave of its own to tell."""
    worst = shown.below[0]
    own = [finding.gravity for finding in shown.step.findings if finding.is_problem]
    if has_problem(shown.step) and own and min(own) <= worst.finding.gravity:
        _add_headline(text, worst.finding)
        _add_actions(text, worst.finding)
    else:
        _add_finding(text, worst.finding, width)
    more = f" and {counted(worst.places - 1, 'more step')}" if worst.places > 1 else ""
    text.append(f"At {' / '.join(worst.place)}{more}", "dim")
    text.append(f"  {key}: go to step\n", "dim bold")
    if worst.stale:
        text.append("(earlier run)\n", "dim")


def _add_status(text: Text, step: Step) -> None:
    weight = "dim" if step.stale else "bold"
    text.append(f"{GLYPHS[step.status]} {step.status}", f"{weight} {COLOURS[step.status]}")
    text.append(f"  {step.detail}\n" if step.detail else "\n")
    if step.stale:
        text.append("(earlier run)\n", "dim")


def _add_others(text: Text, below: "Sequence[Below]") -> None:
    """Add the other problems of the steps below, a line each."""
    if below:
        text.append("\nAlso below this step\n", "bold")
    for item in below:
        glyph, _, colour = severity_look(item.finding.severity)
        times = f" ({stroke('times')}{item.places})" if item.places > 1 else ""
        text.append(f"{glyph} ", f"bold {colour}").append(f"{item.finding.message}{times}\n")
        text.append(f"  {' / '.join(item.place)}\n", "dim")


def _why(shown: _Shown) -> Text:
    text = Text()
    if shown.why is not None:
        text.append("\nAbout this test\n", "bold")
        if shown.why.id != shown.step.id:
            text.append(f"Part of: {shown.why.title}\n", "dim")
        text.append(spelt(paragraphs(shown.why.explanation)))
    text.rstrip()
    return text


def _explained(report: Report, step: Step) -> Step:
    """Return the step itself or the nearest one above it that says why it is made."""
    nearest = step
    while not nearest.explanation and nearest.parent is not None and nearest.parent in report.steps:
        nearest = report.steps[nearest.parent]
    return nearest


def _add_senders(text: Text, senders: "Sequence[SenderResult]") -> None:
    from smtpdiag_tui.render.answer import answer_senders  # not before the first frame
    from smtpdiag_tui.tui.drawing.answer_text import add_senders

    text.append("\n" if text else "")
    add_senders(text, answer_senders(senders))


def _add_headline(text: Text, finding: Finding) -> None:
    glyph, word, colour = severity_look(finding.severity)
    text.append(f"{glyph} {word} ", f"bold {colour}")
    text.append(f"{finding.message}\n", "bold")


def _add_actions(text: Text, finding: Finding) -> None:
    """Add what to do, before what it means: a small pane shows the first lines."""
    for action in finding.actions:
        text.append("Action: ", "dim").append(f"{spelt(str(action))}\n")


def _add_finding(text: Text, finding: Finding, width: int) -> None:
    _add_headline(text, finding)
    _add_actions(text, finding)
    if finding.meaning:
        text.append(f"{spelt(finding.meaning)}\n")
    if finding.side and finding.is_problem:
        text.append("Responsible: ", "dim").append(f"{SIDES[finding.side]}\n")
    bar = Text(f"{stroke('pipe')} ", "dim")
    for line in finding.evidence:
        if line not in finding.message:  # it would only be said twice
            text.append_text(hanging(Text(line, "cyan"), bar, bar, width))
    reference = spelt(with_reference(finding.code, finding.reference, finding.reason))
    text.append("Reference: ", "dim").append(reference, "dim").append("\n")
