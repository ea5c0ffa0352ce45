"""The input panes: sender, recipient, target DNS servers."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from smtpdiag_tui.tui.messages import FieldsPasted, RunRequested
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.model.request import NULL, Request
from smtpdiag_tui.tui.widgets.plain_input import PlainInput

if TYPE_CHECKING:  # what is needed once somebody types or pastes is not loaded before the first frame
    from smtpdiag_tui.tui.model.pasted import Pasted
    from smtpdiag_tui.tui.widgets.completions import Completions

_SYSTEM = "servers of this host"
_FIELDS = (
    ("sender", "Sender", "you@your-domain", f"MAIL FROM address; {NULL} is the null sender of bounces"),
    ("recipient", "Recipient", "them@their-domain", "RCPT TO address"),
    ("dns", "DNS", _SYSTEM, "Resolvers to query: IP, IP:PORT or [IPv6]:PORT, separated by blanks"),
)
_NULL_NOTE = {NULL: "null sender, as bounces have"}


class AddressInput(PlainInput):
    """A field of the main screen: it completes, understands what is pasted, and can be left as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Run"),
        Binding("escape", "close_or_leave", "Leave"),
        Binding("down", "choose(1)", "Earlier addresses", show=False),
        Binding("up", "choose(-1)", "Earlier addresses", show=False),
        Binding("tab", "take", "Complete", show=False),
    ]

    def __init__(
        self, value: str, *, name: str, placeholder: str, known: tuple[str, ...], notes: Mapping[str, str]
    ):
        super().__init__(
            value,
            placeholder=placeholder,
            id=name,
            select_on_focus=True,  # what is typed then replaces what was there
        )
        self.begin_compact()
        self._known = known
        self._notes = notes
        self._put: str | None = None  # a text that was not typed: it opens no list
        self.before = value
        # A blinking cursor writes 2 kB a second to a link that may be slow.
        self.cursor_blink = False

    def on_focus(self, event: events.Focus) -> None:
        """Remember what Escape brings back."""
        if not event.from_app_focus:
            self.before = self.value

    def on_blur(self) -> None:
        """Take the list away."""
        self.close_list()

    def on_resize(self) -> None:
        """Take the list away: the field is elsewhere now."""
        self.close_list()

    def close_list(self) -> None:
        """Take the list away, if there is one."""
        if (shown := self._shown()) is not None:
            shown.close()

    def put(self, text: str) -> None:
        """Fill in a text that needs no completion."""
        self._put = text
        self.value = text
        self.cursor_position = len(self.value)

    async def on_key(self, event: events.Key) -> None:
        """Open the help by `?` where no address can be meant: none begins so that anybody uses."""
        whole = abs(self.selection.end - self.selection.start) == len(self.value)
        if event.character == "?" and (whole or self.id == "dns"):
            event.stop()
            event.prevent_default()
            await self.app.run_action("help")

    def on_paste(self, event: events.Paste) -> None:
        """Understand more than a bare address."""
        if self._understood(event.text):
            event.stop()
            event.prevent_default()

    def action_paste(self) -> None:
        """Paste what was cut or copied here."""
        if not self._understood(self.app.clipboard):
            super().action_paste()

    def _understood(self, text: str) -> bool:
        from smtpdiag_tui.tui.model.pasted import read_pasted, servers_in

        name = self.id or ""
        if name == "dns":
            servers = servers_in(text)
            if servers and servers != text.strip():
                self.put(servers)
                return True
            return False
        pasted = read_pasted(text, name)
        if pasted is not None:
            self.post_message(FieldsPasted(pasted))
        return pasted is not None

    def complete(self) -> None:
        """Offer what may be meant by what was typed."""
        typed, self._put = self._put != self.value, None
        if typed and self.has_focus and self.value.strip():
            self._offer(self.value)
        else:
            self.close_list()

    def _offer(self, typed: str) -> None:
        from smtpdiag_tui.tui.model.completion import finished, matching

        entries = matching(typed, self._known)
        shown = self._shown(needed=bool(entries))
        if shown is not None:
            shown.tab_takes = bool(typed.strip()) and not finished(typed)
            shown.show(entries, self._notes, self.region, self.app.size)

    def _shown(self, *, needed: bool = False) -> "Completions | None":
        """Return the list, which is made when it is first needed."""
        found = next(iter(self.screen.query("Completions")), None)
        if found is None and not needed:
            return None
        from smtpdiag_tui.tui.widgets.completions import Completions

        if not isinstance(found, Completions):
            found = Completions()
            self.screen.mount(found)
        return found

    def action_choose(self, direction: int) -> None:
        """Go through the list; Down opens it where it is not, with all addresses if the text stands as it was."""
        shown = self._shown()
        if shown is not None and shown.open:
            shown.move(direction)
        elif direction > 0:
            self._offer("" if self.value == self.before else self.value)
            shown = self._shown()
            if shown is not None and shown.open:
                shown.move(1)

    def action_take(self) -> None:
        """Take from the list what is chosen, or the first where what is typed is not finished."""
        shown = self._shown()
        if shown is None or not shown.open or (shown.chosen is None and not shown.tab_takes):
            raise SkipAction
        self.take(shown.entries[shown.chosen or 0])

    def take(self, entry: str) -> None:
        """Fill in an entry of the list."""
        self.put(entry)
        self.close_list()

    async def action_submit(self) -> None:
        """Take what is chosen in the list; else run."""
        shown = self._shown()
        if shown is not None and shown.open and shown.chosen is not None:
            self.take(shown.entries[shown.chosen])
            return
        self.close_list()
        await super().action_submit()

    async def action_close_or_leave(self) -> None:
        """Close the list; else leave the field as it was before."""
        shown = self._shown()
        if shown is not None and shown.open:
            shown.close()
        else:
            await self.app.run_action("step_out")

    def restore(self) -> bool:
        """Bring back what stood here when the field was come to; return whether that was something else."""
        if self.value == self.before:
            return False
        self.put(self.before)
        return True


class Field(Horizontal):
    """One labelled field."""

    def __init__(self, label: str, field: AddressInput) -> None:
        super().__init__(classes="field", id=f"{field.id}-field")
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        """Lay out the label and the field."""
        yield Label(self._label, markup=False)
        yield self._field


class Inputs(Horizontal):
    """The three fields, always in view."""

    def __init__(self, request: Request, options: Options) -> None:
        super().__init__(id="inputs")
        self._first = request
        self._known = {"sender": (*options.senders, NULL), "recipient": options.recipients}
        self._notes = {**options.notes, **_NULL_NOTE}
        self._in_force = ""

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        values = (self._first.sender, self._first.recipient, self._first.dns)
        for (name, label, placeholder, tooltip), value in zip(_FIELDS, values, strict=True):
            known = tuple(dict.fromkeys(self._known.get(name, ())))
            field = AddressInput(value, name=name, placeholder=placeholder, known=known, notes=self._notes)
            field.tooltip = tooltip
            yield Field(label, field)
        yield Static("", id="in-force", markup=False)

    @property
    def request(self) -> Request:
        """What stands in the fields."""
        return Request(*(self.field(name).value for name, *_ in _FIELDS))

    def field(self, name: str) -> AddressInput:
        """Return one field by its name."""
        return self.query_one(f"#{name}", AddressInput)

    def fill(self, request: Request) -> None:
        """Put a request into the fields, where it is another."""
        for name, *_ in _FIELDS:
            field, text = self.field(name), getattr(request, name)
            if field.value != text:
                field.put(text)

    def take(self, pasted: "Pasted") -> None:
        """Put what was pasted into the fields that it is for."""
        for name, address in (("sender", pasted.sender), ("recipient", pasted.recipient)):
            if address is not None:
                self.field(name).put(address)

    def keep(self) -> None:
        """Let what stands in the fields be what Escape brings back; nothing of it needs completion."""
        for name, *_ in _FIELDS:
            self.field(name).before = self.field(name).value
            self.field(name).close_list()

    def swap(self) -> None:
        """Let sender and recipient change places."""
        sender, recipient = self.field("sender"), self.field("recipient")
        texts = sender.value, recipient.value
        recipient.put(texts[0])
        sender.put(texts[1])

    def mark(self, bad: Collection[str]) -> None:
        """Mark the fields that cannot be used."""
        for name, *_ in _FIELDS:
            self.field(name).set_class(name in bad, "bad")

    def tell(self, in_force: str, servers: str) -> None:
        """Tell what else is in force for a run, and which DNS servers are asked where the field is empty."""
        self.set_class(bool(in_force), "more")
        if in_force != self._in_force:
            self._in_force = in_force
            self.query_one("#in-force", Static).update(in_force)
        self.field("dns").placeholder = servers or _SYSTEM

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if isinstance(event.input, AddressInput):
            event.input.complete()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(RunRequested())
