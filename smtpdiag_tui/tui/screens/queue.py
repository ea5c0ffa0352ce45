"""The overlay with the queue of this machine's mail server."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.queue import Queue, Queued, age

_MOST = 300  # characters of a reason


class QueueScreen(ModalScreen[Queued | None]):
    """Lists what waits, those with a reason first; returns the message picked, or None. Nothing is started."""

    CSS_PATH = "overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,u,q", "dismiss(None)", "Close")]

    def __init__(self, read: Callable[[], Awaitable[Queue]]) -> None:
        super().__init__()
        self._read = read
        self._entries: tuple[Queued, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list below one sentence."""
        with Vertical(id="queue") as box:
            box.border_title = "Queue"
            yield Label("Asking the local mail server…", classes="words", markup=False)
            yield OptionList(id="queued")

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
        self._entries = queue.entries
        if not queue.entries:
            self._say(queue.summary)
            return
        self._say(f"{queue.summary} Enter fills in sender and recipient, Escape closes.")
        listed = self.query_one(OptionList)
        listed.add_options([Option(queued_text(message)) for message in queue.entries])
        listed.highlighted = 0

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._entries[event.option_index])

    def _say(self, text: str) -> None:
        self.query_one(".words", Label).update(text)


def queued_text(message: Queued) -> Text:
    """Return one message: addresses and age, and below them why it waits."""
    text = Text.assemble((message.sender or "<>", "bold"), " to ", (message.recipient, "bold"))
    waited = f", {age(message.seconds)}" if message.seconds is not None else ""
    text.append(f"  {message.id}{waited}", "dim")
    reason = message.reason or "no reason is listed"
    if len(reason) > _MOST:
        reason = f"{reason[:_MOST]}…"
    text.append(f"\n  {reason}", "" if message.reason else "dim")
    return text
