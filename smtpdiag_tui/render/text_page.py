"""Lines of a text report, with or without colour: action white, information grey, success green, failure red."""

import re
import textwrap
from typing import Final

from smtpdiag_tui.render.words import ARROWS, ASCII_ARROWS, ASCII_GLYPHS, GLYPHS
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import Status

HEADLINE = 80  # columns
WIDTH = 79  # our own sentences are wrapped to it; what a server said is never broken
_WORD = 8
_LABEL = 14  # columns of a label with the blanks behind it
_UNIT = re.compile(r"(?<=\d) (m?s\b|minutes?\b|UTC\b)")
_HARD_BLANK = "\0"  # no text holds it
_ASCII = str.maketrans({"§": "section ", "…": "...", "×": "x", "–": "-"})


class Page:
    """Collects the lines of a report."""

    action_code = "1"
    grey_code = "90"
    codes: Final = {
        Status.PENDING: "90",
        Status.RUNNING: "36",
        Status.PASSED: "32",
        Status.WARNING: "33",
        Status.FAILED: "31",
        Status.UNKNOWN: "35",
        Status.SKIPPED: "90",
        Status.CANCELLED: "90",
    }

    def __init__(self, *, colour: bool, ascii_only: bool) -> None:
        self._colour = colour
        self._ascii_only = ascii_only
        self._lines: list[str] = []
        self.glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
        self.arrows = ASCII_ARROWS if ascii_only else ARROWS

    def __len__(self) -> int:
        return len(self._lines)

    def another(self) -> "Page":
        """Return an empty page that is drawn alike."""
        return Page(colour=self._colour, ascii_only=self._ascii_only)

    def extend(self, other: "Page") -> None:
        """Add the lines of another page."""
        self._lines.extend(other._lines)

    def text(self) -> str:
        """Return all lines, each with its line ending."""
        return "\n".join(self._lines) + "\n"

    def blank(self) -> None:
        """Add an empty line."""
        self._lines.append("")

    def line(self, text: str, code: str = "") -> None:
        """Add a line as it is."""
        self._lines.append(self._painted(text, code))

    def action(self, text: str) -> None:
        """Add a line that says what is being done."""
        self.line(text, self.action_code)

    def section(self, title: str) -> None:
        """Add an empty line and a title."""
        self.blank()
        self.action(title)

    def grey(self, text: str) -> None:
        """Add a line of information."""
        self.line(text, self.grey_code)

    def outcome(self, status: Status, word: str, parties: str, company: str) -> None:
        """Add the line that a report begins with; `company` is what fails beside the outcome, "" for nothing."""
        result = self._painted(f"{self.glyphs[status]} {word}", self.codes[status])
        if company:
            failed = self._painted(f"{self.glyphs[Status.FAILED]} {company}", self.codes[Status.FAILED])
            result = f"{result}  {failed}"
        self._lines.append(f"{result}  {self._painted(parties, self.action_code)}")

    def change(self, old: tuple[Status, str], new: tuple[Status, str], arrow: str, parties: str) -> None:
        """Add the line that a comparison begins with: the outcome then and now, once where it is the same."""
        words = [self._painted(f"{self.glyphs[status]} {word}", self.codes[status]) for status, word in (old, new)]
        told = words[1] if old == new else f"{words[0]} {arrow} {words[1]}"
        self._lines.append(f"{told}  {self._painted(parties, self.action_code)}")

    def headline(self, text: str) -> None:
        """Add the line that tells the outcome in one fact; a longer text, as older reports have, is wrapped."""
        self.wrapped(text, 0, self.action_code, width=HEADLINE)

    def labelled(
        self, label: str, text: str, hang: int = 0, *, whole: bool = False, most: int | None = None
    ) -> None:
        """Add a sentence of ours behind its label, in a column of its own; nothing for no text.

        It is wrapped, into `most` lines at most, unless it is to be copied `whole`.
        """
        if not text:
            return
        column = f"{label}:" if label else ""
        lines = [text] if whole else _wrapped(text, WIDTH - _LABEL, hang)
        if most is not None and len(lines) > most:
            lines = [*lines[: most - 1], f"… {counted(len(lines) - most + 1, 'more line')} (-v)"]
        for number, line in enumerate(lines):
            head = f"{column:<{_LABEL}}" if number == 0 else " " * _LABEL
            self.line(f"{head}{line}")

    def row(self, status: Status, text: str) -> None:
        """Add a line of a table with the glyph of a status, which is never wrapped."""
        self.line(f"  {self._painted(self.glyphs[status], self.codes[status])} {text}")

    def heading(self, text: str, status: Status, detail: str, word: str = "") -> None:
        """Add a line that says what was done and what became of it."""
        result = self._painted(f"{self.glyphs[status]} {word or status.value}", self.codes[status])
        self._lines.append(f"{self._painted(text, self.action_code)}  {result}{self._painted(detail, '')}")

    def status(self, status: Status, text: str, took: str) -> None:
        """Add a step's line: its status in a column of its own, then its text."""
        result = self._painted(f"{self.glyphs[status]} {status.value:<{_WORD}}", self.codes[status])
        self._lines.append(f"{result} {self._painted(text, '')}{self._painted(took, self.grey_code)}")

    def wrapped(self, text: str, left: int, code: str = "", hang: int = 0, width: int = WIDTH) -> None:
        """Add a sentence of ours, indented by `left` columns and wrapped; later lines hang by `hang` more."""
        for paragraph in text.split("\n"):
            for line in _wrapped(paragraph, max(width - left, 40), hang):
                self.line(f"{' ' * left}{line}", code)

    def painted(self, text: str, status: Status) -> str:
        """Return a text in the colour of a status, to stand in a line of its own making."""
        return self._painted(text, self.codes[status])

    def judged(self, status: Status, text: str, left: int, hang: int = 0) -> None:
        """Add a sentence of ours with the glyph and in the colour of a status."""
        self.wrapped(f"{self.glyphs[status]} {text}", left, self.codes[status], hang=2 + hang)

    def _painted(self, text: str, code: str) -> str:
        if self._ascii_only:
            text = text.translate(_ASCII)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code and text else text


def _wrapped(text: str, width: int, hang: int) -> list[str]:
    """Return a sentence in lines; what has to be copied is not broken, nor is a number parted from its unit."""
    kept = _UNIT.sub(f"{_HARD_BLANK}\\1", text)
    hanging = " " * hang
    lines = textwrap.wrap(kept, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_HARD_BLANK, " ") for line in lines]
