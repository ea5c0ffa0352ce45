"""A step as the tree draws it: one line, fitted to its room. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from smtpdiag_tui.render.waits import WAIT_SHOWN, wait_words
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.tui.drawing.glyphs import COLOURS, GLYPHS, PROBLEMS, seconds, stroke
from smtpdiag_tui.tui.model.navigation import waits_for_second_try

_SHOWN_TIME = 0.0005  # seconds; what took less took no time
_LEAST_DETAIL = 4  # columns
_FADED = frozenset({Status.PENDING, Status.SKIPPED, Status.CANCELLED})
_SAID_BY_GLYPH = frozenset({Status.PASSED, Status.PENDING, Status.RUNNING})
_FOUND = "reverse"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a label shows beside its step: how its UDP and TCP `halves` stand, what it waits for, its glyph.

    `places` is at how many places the problem stands that is met here first, 0 for none; `words` are looked for.
    """

    halves: Sequence[Step] = ()
    waiting: str = ""
    glyph: str = ""
    places: int = 0
    words: str = ""


def step_label(step: Step, marks: Marks, room: int) -> Text:
    """Return glyph, title, telling detail and time; DNS servers show UDP and TCP side by side.

    What does not fit in `room` columns is cut from the detail, then from the title: the findings pane shows both.
    What is of the earlier run is dimmed.
    """
    colour = COLOURS[step.status]
    if step.stale and step.status is not Status.RUNNING:
        colour = f"dim {colour}"
    text = Text(no_wrap=True)
    text.append(f"{marks.glyph} ", colour)
    tail = _tail(step)
    sign = 1 if step.detail or tail else 0  # a column that tells of what follows, where there is no room for it
    title_room = max(_LEAST_DETAIL, room - text.cell_len - sign)
    text.append(_fitting(step.title, title_room), _title_style(step.status, colour))
    if marks.places > 1:
        _append_whole(text, f"  {stroke('times')}{marks.places}", f"bold {colour}", room)
    for half in marks.halves:
        if cell_len(half.title) + 4 <= room - text.cell_len:
            text.append(f"  {half.title} ", "dim")
            text.append(GLYPHS[half.status], COLOURS[half.status])
    if marks.waiting and room - text.cell_len > _LEAST_DETAIL:
        text.append(f"  {_fitting(marks.waiting, room - text.cell_len - 2)}", "cyan")
    if not _append_detail(text, step, colour, room - text.cell_len - len(tail) - 2):
        _mark_cut(text, room)
    if not _append_whole(text, tail, "dim", room):
        _mark_cut(text, room)
    if marks.words:
        text.highlight_words([marks.words], _FOUND, case_sensitive=False)
    return text


def _append_whole(text: Text, words: str, style: str, room: int) -> bool:
    """Append words where they fit whole: half a number is another one. Return whether they did."""
    fits = cell_len(words) <= room - text.cell_len
    if fits:
        text.append(words, style)
    return fits


def _mark_cut(text: Text, room: int) -> None:
    """Show that something was left out, where there is a column for it and nothing says so already."""
    sign = stroke("more")
    if not text.plain.endswith(sign) and text.cell_len + 1 + cell_len(sign) <= room:
        text.append(f" {sign}", "dim")
    elif not text.plain.endswith(sign) and text.cell_len + cell_len(sign) <= room:
        text.append(sign, "dim")


def _title_style(status: Status, colour: str) -> str:
    if status in PROBLEMS or status is Status.PASSED:
        return colour
    return "dim" if status in _FADED else ""


def _append_detail(text: Text, step: Step, colour: str, room: int) -> bool:
    """Append the detail where it fits; without one, the status where the glyph alone does not say it.

    Return whether it is there, if only in part with the sign of that.
    """
    if step.detail:
        if room < min(_LEAST_DETAIL, cell_len(step.detail)):
            return False
        dim = step.stale or step.status in _FADED
        text.append(f"  {_fitting(step.detail, room)}", "dim" if dim else "")
    elif step.status not in _SAID_BY_GLYPH and len(step.status) <= room:
        text.append(f"  {step.status}", colour)
    return True


def _fitting(words: str, room: int) -> str:
    """Return what fits of some words in so many columns."""
    if cell_len(words) <= room:
        return words
    sign = stroke("more")
    return set_cell_size(words, max(0, room - len(sign))) + sign


def _tail(step: Step) -> str:
    if step.stale:
        return "  (earlier)"
    if step.facts.timed:
        return ""
    if step.seconds is None or step.seconds < _SHOWN_TIME:
        return ""
    return f"  {seconds(step.seconds)}"


def waiting(step: Step, children: Sequence[Step], now: float) -> str:
    """Say what a step waits for and how long, against its limit, once that is worth telling.

    A session waits for its phase, or until it is tried again, which is told at once. (DNS servers show their
    transports anyway.)
    """
    if step.status is not Status.RUNNING:
        return ""
    second_try = waits_for_second_try(step)
    phase = next((child for child in children if _is_phase_under_way(child)), None)
    if phase is not None:
        title = phase.title if phase.title.isupper() else phase.title.lower()
        awaited, name = phase, f"{title} "
    else:
        awaited, name = step, "waiting " if second_try else ""
    waited = now - awaited.started if awaited.started is not None else 0.0
    if awaited.limit is None or (waited < WAIT_SHOWN and not second_try):
        return "running"
    return f"{name}{wait_words(waited, awaited.limit)}"


def _is_phase_under_way(step: Step) -> bool:
    return step.status is Status.RUNNING and step.limit is not None and step.kind is not StepKind.TRANSPORT
