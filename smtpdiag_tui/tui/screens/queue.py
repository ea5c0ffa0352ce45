"""The overlay with the queue of this host's mail server: filtered, grouped, and each reason explained."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.queue import Queue, Queued, age
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.queue_view import Group, Grouping, Waiting, explained, groups

_FRAME = 8  # columns that border, padding, margin and scrollbar take
_MOST_OTHERS = 3  # destinations of a reason, or reasons of a destination
_KEYS = ("Enter: fill in", "/: filter", "Tab: group", "Esc: close")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the list: a group's heading, or a message."""

    group: Group | None = None
    waiting: Waiting | None = None


class QueueScreen(ModalScreen[Queued | None]):
    """Lists what waits, those with a reason first; returns the message picked, or None. Nothing is started."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_out", "Close"),
        Binding("u,q", "dismiss(None)", "Close", show=False),
        Binding("slash", "filter", "Filter"),
        Binding("tab", "group", "Group", priority=True),
    ]

    def __init__(self, read: Callable[[], Awaitable[Queue]]) -> None:
        super().__init__()
        self._read = read
        self._queue: Queue | None = None
        self._waiting: tuple[Waiting, ...] = ()
        self._grouping = Grouping.MESSAGES
        self._open: set[str] = set()
        self._rows: list[_Row] = []

    def compose(self) -> ComposeResult:
        """Lay out the list below one sentence, and below it what the selected message waits for."""
        with Vertical(id="queue", classes="whole") as box:
            box.border_title = "Queue"
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            yield Label(
                f"Reading the queue of the local mail server{stroke('cut')}", classes="words", markup=False
            )
            yield Input(placeholder="filter", id="queue-filter", classes="filter", compact=True)
            yield OptionList(id="queued")
            with VerticalScroll(id="queue-reason", can_focus=False):
                yield Static("", markup=False)

    def on_mount(self) -> None:
        """Ask for the queue; it may take some seconds."""
        self.query_one(OptionList).focus()
        self.run_worker(self._load(), exit_on_error=False)

    async def _load(self) -> None:
        try:
            queue = await self._read()
        except LocalMtaError as error:
            self._say(str(error))
            return
        # The knowledge of replies is read from files, and a thousand reasons take a while.
        self._waiting = tuple(await asyncio.to_thread(lambda: list(map(explained, queue.entries))))
        self._queue = queue
        self._show()

    def _show(self) -> None:
        """List what there is, as it is filtered and grouped; what was selected stays so, as far as it is there."""
        if self._queue is None:
            return
        listed = self.query_one(OptionList)
        before = self._selected()
        words = self.query_one("#queue-filter", Input).value
        shown = groups(self._waiting, self._grouping, words)
        self._rows = [row for group in shown for row in self._rows_of(group)]
        listed.clear_options()
        listed.add_options([Option(self._row_text(row)) for row in self._rows])
        if self._rows:
            listed.highlighted = self._rows.index(before) if before in self._rows else 0
        self._tell(sum(len(group.waiting) for group in shown), filtered=bool(words.strip()))

    def _rows_of(self, group: Group) -> list[_Row]:
        messages = [_Row(waiting=item) for item in group.waiting]
        if not group.name:
            return messages
        return [_Row(group=group), *(messages if group.name in self._open else ())]

    @property
    def _width(self) -> int:
        return self.app.size.width - _FRAME

    def _row_text(self, row: _Row) -> Text:
        if row.group is None:
            return queued_text(row.waiting, self._width) if row.waiting is not None else Text()
        group = row.group
        others = group.titles if self._grouping is Grouping.DESTINATION else group.domains
        return _group_text(group, others, opened=group.name in self._open)

    def on_resize(self) -> None:
        """Fit the rows to another width."""
        self._show()

    def _tell(self, number: int, *, filtered: bool) -> None:
        """Say how much there is, and how it is listed."""
        if self._queue is None:
            return
        words = self._queue.summary
        if filtered:
            words = f"{number:,} of {len(self._waiting):,} match"
        if self._grouping is not Grouping.MESSAGES:
            words = f"{words.rstrip('.')}, grouped by {self._grouping}"
        self._say(words)
        if not self._rows:
            self.query_one("#queue-reason Static", Static).update("")

    def _selected(self) -> _Row | None:
        place = self.query_one(OptionList).highlighted
        return self._rows[place] if place is not None and place < len(self._rows) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        row = self._selected()
        if row is not None:
            self.query_one("#queue-reason Static", Static).update(_reason_text(row, self._width))
            self.query_one("#queue-reason", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        """Return a message; open or close a group."""
        event.stop()
        row = self._rows[event.option_index]
        if row.waiting is not None:
            self.dismiss(row.waiting.message)
        elif row.group is not None:
            self._open ^= {row.group.name}
            self._show()

    @on(Input.Changed)
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted)
    def _kept(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    def action_filter(self) -> None:
        """Type what the messages must hold."""
        field = self.query_one("#queue-filter", Input)
        field.add_class("open")
        field.focus()

    def action_group(self) -> None:
        """Group by destination, by reason, or not."""
        self._grouping, self._open = self._grouping.next, set()
        self._show()

    def action_step_out(self) -> None:
        """Drop the filter; without one, close."""
        field = self.query_one("#queue-filter", Input)
        if not (field.value or field.has_class("open")):
            self.dismiss(None)
            return
        field.value = ""
        field.remove_class("open")
        self.query_one(OptionList).focus()

    def _say(self, text: str) -> None:
        self.query_one(".words", Label).update(text)


def queued_text(waiting: Waiting, width: int) -> Text:
    """Return one message: addresses and age, and below them why it waits, cut to `width` columns."""
    message = waiting.message
    text = Text.assemble((message.sender or "<>", "bold"), " to ", (message.recipient, "bold"))
    waited = f", {age(message.seconds)}" if message.seconds is not None else ""
    text.append(f"  {message.id}{waited}", "dim")
    reason = f"{waiting.title}: {message.reason}" if message.reason else waiting.title
    if cell_len(reason) > width:
        reason = set_cell_size(reason, max(1, width - 1)) + stroke("more")
    text.append(f"\n  {reason}", "" if message.reason else "dim")
    return text


def _group_text(group: Group, others: Sequence[str], *, opened: bool) -> Text:
    """Return a group's heading: its name, how many wait how long, and what else they have."""
    text = Text(f"{'v' if opened else '>'} {group.name}", "bold")
    oldest = f", oldest {age(group.oldest)}" if group.oldest is not None else ""
    text.append(f"  {counted(len(group.waiting), 'message')}{oldest}", "dim not bold")
    more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
    return text.append(f"\n  {', '.join(others[:_MOST_OTHERS])}{more}", "not bold")


def _reason_text(row: _Row, width: int) -> Text:
    """Return what is known of a reason: in a few words, its meaning, what to do, and the words themselves."""
    waiting = row.waiting
    if waiting is None:
        alike = row.group is not None and len(row.group.titles) == 1
        waiting = row.group.waiting[0] if row.group is not None and alike else None
    if waiting is None:
        return Text("Enter: show the messages", "dim")
    text = Text(waiting.title[:1].upper() + waiting.title[1:], "bold")
    for words in (waiting.meaning, *(f"Action: {action}" for action in waiting.actions)):
        if words:
            text.append(f"\n{words}")
    if row.waiting is not None and waiting.message.reason:
        bar = Text(f"{stroke('pipe')} ", "dim")
        text.append("\n").append_text(hanging(Text(waiting.message.reason, "cyan"), bar, bar, width))
        text.rstrip()
    return text
