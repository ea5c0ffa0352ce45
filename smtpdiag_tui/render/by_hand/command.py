"""One command, quoted for a POSIX shell. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.report.visible import visible

PACE = 2  # seconds between two lines that are typed: some servers reject who does not wait for a reply


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments, and in a few words what they reproduce.

    `typed` are lines that go to the program's standard input, one after the other: an SMTP client's own commands,
    where no option says them. All texts are printable: a control character would be the terminal's, quoted or not.
    """

    program: str
    words: tuple[str, ...]
    what: str = ""
    typed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("words", "typed"):
            object.__setattr__(self, name, tuple(map(_printable, getattr(self, name))))
        object.__setattr__(self, "what", visible(self.what))

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments as one list."""
        return (self.program, *self.words)

    @property
    def line(self) -> str:
        """The command as it is given to a shell; `shlex.split` reads the same words again if nothing is typed."""
        command = shlex.join(self.argv)
        if not self.typed:
            return command
        lines = shlex.join(self.typed)
        return f"for line in {lines}; do sleep {PACE}; printf '%s\\r\\n' \"$line\"; done | {command}"


def script(commands: Sequence[Command]) -> list[str]:
    """Return commands as lines for a shell, each behind a remark on what it reproduces."""
    lines: list[str] = []
    for number, command in enumerate(commands):
        if number == 0 or command.what != commands[number - 1].what:
            lines.append(f"# {command.what}")
        lines.append(command.line)
    return lines


def _printable(text: str) -> str:
    return text if text.isprintable() else visible(text)
