"""What was said in a transcript, command by command, however many sessions it holds. Pure.

A transcript has no marks: that another session began shows by a reply that answers no command (RFC 5321 §3.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.report.transcript import Direction, Entry

GREETING = "connect"  # what a greeting answers: the connection itself
_GAP = "…"  # stands in a reply for lines that were counted and not kept


@dataclass(slots=True)
class Exchange:
    """A command ("connect" for a greeting) and the lines of the reply that came back, `whole` with its last one.

    `begins` is the place of the first entry that belongs to it: of a greeting, the first remark before it, without
    those that ended an earlier session.
    """

    command: str
    begins: int
    lines: list[Entry] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def is_quit(self) -> bool:
        """Whether the session ends here, whatever came back."""
        return self.command.upper().startswith("QUIT")

    def add(self, entry: Entry, *, gap: bool) -> None:
        """Add a line of the reply; `gap`: lines before it were counted alone."""
        if gap and self.lines:
            self.texts.append(_GAP)
        self.lines.append(entry)
        self.texts.append(entry.text)
        self.whole = entry.text[:3].isdigit() and entry.text[3:4] != "-"


def exchanges(entries: Sequence[Entry]) -> Iterator[Exchange]:
    """Yield the exchanges in their order; what came unasked behind a whole reply belongs to none."""
    current = Exchange(GREETING, 0)
    remarks = 0  # since the last line
    for place, entry in enumerate(entries):
        if entry.direction is Direction.NOTE:
            remarks += 1
            continue
        if entry.direction is Direction.SENT:
            yield current
            current = Exchange(entry.text, place)
        elif current.whole and remarks:
            yield current
            current = Exchange(GREETING, _beginning(entries, place - remarks, place))
        if entry.direction is Direction.RECEIVED and not current.whole:
            current.add(entry, gap=remarks > 0)
        remarks = 0
    yield current


def _beginning(entries: Sequence[Entry], first: int, greeting: int) -> int:
    """Return where a session begins among the remarks before its greeting: behind the longest pause."""
    longest, begins = 0.0, first
    for place in range(first + 1, greeting):
        pause = entries[place].at - entries[place - 1].at
        if pause > longest:
            longest, begins = pause, place
    return begins


def last_session(entries: Sequence[Entry]) -> int:
    """Return the place where the last session of a transcript begins."""
    return max(item.begins for item in exchanges(entries) if item.command == GREETING)
