"""The overlay that explains a bounce, a log line or a reply as it is pasted, and runs the hop that failed."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from smtpdiag_tui.bounces.explaining import Explained
from smtpdiag_tui.tui.drawing.explained_text import explained_text, listed_text
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.model.bounce import Understood, understand
from smtpdiag_tui.tui.widgets.paste_area import PasteArea

if TYPE_CHECKING:
    from textual.timer import Timer

PROMPT = "Paste a bounce, a log line or a reply, or type the path of a file"
_SETTLED = 0.2  # seconds without a change before a text is read
_FRAME = 5  # columns that border, padding and scrollbar take
_IN_TEXT = ("Tab: explanation", "F5: run", "Esc: close")
_IN_LIST = ("Enter: run", "Up/Down: choose", "c: copy", "Tab: text", "Esc: close")
_LEAST = ("Tab: text", "Up/Down: choose")  # of these keys, left out where there is no room


class _Deliveries(OptionList):
    """The deliveries; a page up or down is one of what the selected one means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "screen.scroll(1)", "Scroll", show=False),
        Binding("pageup", "screen.scroll(-1)", "Scroll", show=False),
    ]


class BounceScreen(ModalScreen[Explained | None]):
    """Reads what is pasted, and says what it means; returns the delivery that is to be run, or None.

    `keep` is told the text when the overlay closes, `copy` a delivery to copy. `at_once`: a text that tells of one
    delivery is run without being asked for.
    """

    CSS_PATH = "bounce.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("f5,ctrl+r", "run", "Run", priority=True),
        Binding("b,q", "close", "Close", show=False),
        Binding("c,y", "copy", "Copy"),
        Binding("p", "app.mask", "Mask", show=False),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(
        self, text: str, keep: Callable[[str], None], copy: Callable[[Explained], None], *, at_once: bool = False
    ) -> None:
        super().__init__()
        self._text = text
        self._keep = keep
        self._copy = copy
        self._at_once = at_once
        self._settling: Timer | None = None
        self._read: str | None = None
        self._pasted = False
        self._understood = Understood()
        self._early: list[events.Key | events.Paste] = []
        self._begun = False

    def compose(self) -> ComposeResult:
        """Lay out the text above what it tells of, and what the selected delivery means."""
        with Vertical(id="bounce") as box:
            box.border_title = "Explain a bounce"
            yield Label(PROMPT, classes="words", markup=False)
            yield PasteArea(self._text)
            yield _Deliveries(id="bounce-list")
            with VerticalScroll(id="bounce-meaning", can_focus=False):
                yield Static("", markup=False)

    def on_mount(self) -> None:
        """Begin in the text where there is none yet; else with what it tells of, which keys pressed early miss."""
        if self._text:
            self._pasted = True
            self._begin()
        else:
            self.set_focus(self._area)  # at once: keys that wait already are meant for it
        self._tell_keys()
        self._take_all()

    def _take_all(self) -> None:
        """Take what was typed before there was anything to type into."""
        self._begun = True
        early, self._early = self._early, []
        for event in early:
            if not self.take_early(event) and isinstance(event, events.Key) and event.key == "escape":
                self.action_close()
                return

    @property
    def _area(self) -> PasteArea:
        return self.query_one(PasteArea)

    @property
    def _list(self) -> OptionList:
        return self.query_one("#bounce-list", OptionList)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        """Read the text once it stands still for a moment."""
        event.stop()
        if self._area.whole == self._read:
            return
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_SETTLED, self._begin)

    def _begin(self) -> None:
        self.run_worker(self._explain(self._area.whole), group="bounce", exclusive=True, exit_on_error=False)

    async def _explain(self, text: str) -> None:
        """Read a text beside all else: a bounce may be large."""
        self._read = text
        understood = Understood()
        if text.strip():
            try:
                understood = await asyncio.to_thread(understand, text)
            except Exception as error:  # noqa: BLE001 - whatever the text holds, the overlay stays and tells it
                understood = Understood(words=f"smtpdiag failed to read this: {error!r:.200}")
        self._understood = understood
        self._fill()
        if self._at_once and len(understood.explained) == 1:
            self.action_run()
        self._at_once = False

    def _fill(self) -> None:
        """Show what a text tells of."""
        hidden = self._area.hidden
        more = f" ({hidden:,} more characters not shown)" if hidden else ""
        self.query_one(".words", Label).update(f"{self._understood.words or PROMPT}{more}")
        listed, found = self._list, self._understood.explained
        here = listed.highlighted or 0
        listed.clear_options()
        listed.add_options([Option(listed_text(item, self._width)) for item in found])
        listed.set_class(bool(found), "some")
        if found:
            listed.highlighted = min(here, len(found) - 1)
            if self._pasted:
                listed.focus()
        else:
            self._area.focus()
        self._mean()
        self._pasted = False
        self._tell_keys()

    def take_early(self, event: events.Key | events.Paste) -> bool:
        """Take what was meant for the text, and went past it since it came before the overlay; whether it was."""
        if not self._begun:
            self._early.append(event)
            return True
        if not self._area.has_focus:
            return False
        if isinstance(event, events.Paste):
            self.on_paste(event)
        elif event.is_printable and event.character is not None:
            self._area.insert(event.character)
        else:
            return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste outside of the text as another text: it replaces what is there."""
        event.stop()
        self._pasted = True
        self._area.put(event.text)

    @on(PasteArea.Pasted)
    def _noticed(self) -> None:
        """Take notice of a paste: what comes next is meant for what it tells of."""
        self._pasted = True

    def on_resize(self) -> None:
        """Break the lines for another width."""
        if self._understood.explained:
            self._fill()

    def on_descendant_focus(self) -> None:
        """Name the keys of the part that has the focus."""
        self._tell_keys()

    def _tell_keys(self) -> None:
        keys = list(_IN_LIST if self._list.has_focus else _IN_TEXT)
        if len(self._understood.explained) == 1 and "Up/Down: choose" in keys:
            keys.remove("Up/Down: choose")
        for key in _LEAST:
            if key in keys and len("   ".join(keys)) > self._width - 2:
                keys.remove(key)
        self.query_one("#bounce", Vertical).border_subtitle = f" {stroke('dot')} ".join(keys)

    @property
    def _width(self) -> int:
        return max(20, self.app.size.width - _FRAME)

    @property
    def _chosen(self) -> Explained | None:
        place, found = self._list.highlighted, self._understood.explained
        return found[place] if place is not None and place < len(found) else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._mean()

    def _mean(self) -> None:
        chosen = self._chosen
        text = "" if chosen is None else explained_text(chosen, self._width)
        self.query_one("#bounce-meaning Static", Static).update(text)
        self.query_one("#bounce-meaning", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_run()

    def action_run(self) -> None:
        """Return the delivery that is selected, to be run; not before what is typed has been read."""
        if self._area.whole != (self._read or ""):
            self._begin()
            return
        chosen = self._chosen
        if chosen is None:
            self.notify("No delivery to run", markup=False)
            return
        self._keep(self._area.whole)
        self.dismiss(chosen)

    def action_copy(self) -> None:
        """Copy what the selected delivery means."""
        if self._chosen is not None:
            self._copy(self._chosen)

    def action_scroll(self, direction: int) -> None:
        """Go on in the explanation by a page, or back."""
        meaning = self.query_one("#bounce-meaning", VerticalScroll)
        if direction > 0:
            meaning.scroll_page_down(animate=False)
        else:
            meaning.scroll_page_up(animate=False)

    def action_close(self) -> None:
        """Close; the text is there when the overlay is opened again."""
        self._keep(self._area.whole)
        self.dismiss(None)
