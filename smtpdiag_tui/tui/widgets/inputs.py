"""The input panes: sender, recipient, target DNS servers."""

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Input, Label, Static

from smtpdiag_tui.tui.messages import RunRequested
from smtpdiag_tui.tui.model.request import Request
from smtpdiag_tui.tui.widgets.plain_input import PlainInput

_SYSTEM = "the system's servers"
_FIELDS = (
    ("sender", "Sender", "you@your-domain", "The reverse-path; empty for the null one that bounces have"),
    ("recipient", "Recipient", "them@their-domain", "The forward-path: whom the mail is for"),
    ("dns", "DNS", _SYSTEM, "Target DNS servers: IP, IP:PORT or [IPv6]:PORT; several by blanks"),
)


class AddressInput(PlainInput):
    """An input that says in the footer how to run and how to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Run and go to the steps"),
        Binding("escape", "app.step_out", "Leave the field"),
    ]


class Field(Horizontal):
    """One labelled field."""

    def __init__(
        self, name: str, label: str, value: str, placeholder: str, tooltip: str, suggester: Suggester | None
    ) -> None:
        super().__init__(classes="field", id=f"{name}-field")
        self._parts = (name, label, value, placeholder, tooltip)
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        """Lay out the label and the field."""
        name, label, value, placeholder, tooltip = self._parts
        yield Label(label, markup=False)
        field = AddressInput(
            value,
            placeholder=placeholder,
            id=name,
            compact=True,
            select_on_focus=True,  # what is typed then replaces what was there
            suggester=self._suggester,
        )
        # A blinking cursor writes 2 kB a second to a link that may be slow.
        field.cursor_blink = False
        field.tooltip = tooltip
        yield field


class Inputs(Horizontal):
    """The three fields, always in view."""

    def __init__(self, request: Request, senders: tuple[str, ...] = (), recipients: tuple[str, ...] = ()) -> None:
        super().__init__(id="inputs")
        self._first = request
        self._known = {"sender": senders, "recipient": recipients}

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        values = (self._first.sender, self._first.recipient, self._first.dns)
        for (name, label, placeholder, tooltip), value in zip(_FIELDS, values, strict=True):
            known = self._known.get(name, ())
            suggester = SuggestFromList(known, case_sensitive=False) if known else None
            yield Field(name, label, value, placeholder, tooltip, suggester)
        yield Static("", id="in-force", markup=False)

    @property
    def request(self) -> Request:
        """What stands in the fields."""
        return Request(*(self.field(name).value for name, *_ in _FIELDS))

    def field(self, name: str) -> Input:
        """Return one field by its name."""
        return self.query_one(f"#{name}", Input)

    def swap(self) -> None:
        """Let sender and recipient change places."""
        sender, recipient = self.field("sender"), self.field("recipient")
        sender.value, recipient.value = recipient.value, sender.value
        for field in (sender, recipient):
            field.cursor_position = len(field.value)

    def mark(self, bad: Collection[str]) -> None:
        """Mark the fields that cannot be used."""
        for name, *_ in _FIELDS:
            self.field(name).set_class(name in bad, "bad")

    def tell(self, in_force: str, servers: str) -> None:
        """Tell what else is in force for a run, and which DNS servers are asked where the field is empty."""
        self.set_class(bool(in_force), "more")
        self.query_one("#in-force", Static).update(in_force)
        self.field("dns").placeholder = servers or _SYSTEM

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(RunRequested())
