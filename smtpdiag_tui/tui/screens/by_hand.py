"""The overlay with the commands that reproduce a step: each is explained, and can be copied."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList

from smtpdiag_tui.render.by_hand.command import Command, script
from smtpdiag_tui.render.by_hand.commands import MOST
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.tui.drawing.conversation_lines import hanging
from smtpdiag_tui.tui.drawing.glyphs import stroke
from smtpdiag_tui.tui.screens.lines import LinesScreen

_KEYS = ("Enter: copy", "C: copy all", "Esc: close")


class ByHandScreen(LinesScreen[None]):
    """Lists the commands for a step. `copy` is given a text, and in a word what it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,e,q", "dismiss(None)", "Close"),
        Binding("c", "copy", "Copy"),
        Binding("C", "copy_all", "Copy all"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def __init__(
        self, title: str, commands: Sequence[Command], copy: Callable[[str, str], None], remark: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._commands = tuple(commands)
        self._copy = copy
        self._remark = remark

    def compose(self) -> ComposeResult:
        """Lay out the list over the whole screen, below a remark if there is one."""
        with Vertical(id="by-hand", classes="whole") as box:
            box.border_title = Content(f"By hand: {visible(self._title)}" if self._title else "By hand")
            box.border_subtitle = f" {stroke('dot')} ".join(_KEYS)
            words = [self._remark] if self._remark else []
            if len(self._commands) >= MOST:
                words.append(f"The first {counted(MOST, 'command')}; select a step below for more")
            if words:
                yield Label("\n".join(words), classes="words", markup=False)
            yield OptionList(id="commands")

    def texts(self, width: int) -> Sequence[Text]:
        """Return the commands as they are listed."""
        return [command_text(command, width) for command in self._commands]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Copy the command."""
        event.stop()
        self.action_copy()

    def action_copy(self) -> None:
        """Copy the command that is selected, as one line."""
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None:
            self._copy(self._commands[chosen].line, "Command")

    def action_copy_all(self) -> None:
        """Copy all commands, each behind a remark on what it reproduces."""
        self._copy("\n".join(script(self._commands)) + "\n", counted(len(self._commands), "command"))


def command_text(command: Command, width: int) -> Text:
    """Return a command as it is listed: what it reproduces, and below it the line, broken to `width` columns."""
    text = hanging(Text(command.what, "dim"), Text(), Text("  "), width)
    text.append_text(hanging(Text(command.line), Text("  "), Text("  "), width))
    text.rstrip()
    return text
