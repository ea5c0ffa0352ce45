"""The deciding session in as many lines as a ticket holds: capability lists are folded and counted. Pure."""

import re
from collections.abc import Mapping, Sequence

from smtpdiag_tui.render.exchanges import last_session
from smtpdiag_tui.render.room import LEAST_SESSION
from smtpdiag_tui.render.transcript import entry_margin
from smtpdiag_tui.render.words import ARROWS
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.transcript import Direction, Entry

MOST_LINES = 22
MOST_CHARACTERS = 1_000  # of a line; a server's may have half as many (RFC 5321 §4.5.3.1.5)
_CONTINUED = re.compile(r"250[- ]")


def session_lines(
    entries: Sequence[Entry], arrows: Mapping[Direction, str] = ARROWS, most: int = MOST_LINES
) -> list[str]:
    """Return a session's lines, of several sessions the last one's; the replies to EHLO in one line each.

    Beyond `most` lines the middle is counted: how it ends tells more than how it begins.
    """
    begins = last_session(entries)
    earlier = [_left_out(begins, " of an earlier session")] if begins else []
    most = max(most, LEAST_SESSION) - len(earlier)
    lines = [f"{entry_margin(entry, arrows)}{shortened(text)}" for entry, text in _folded(entries[begins:])]
    if len(lines) <= most:
        return [*earlier, *lines]
    head = most // 3
    tail = most - head - 1
    return [*earlier, *lines[:head], _left_out(len(lines) - head - tail), *lines[len(lines) - tail :]]


def shortened(line: str) -> str:
    """Return a line of a session without what no server has to say in one."""
    excess = len(line) - MOST_CHARACTERS
    return line if excess <= 0 else f"{line[:MOST_CHARACTERS]} … ({excess:,} more characters, -v has them)"


def _left_out(number: int, of: str = "") -> str:
    return f"         … {counted(number, 'line')}{of} left out (-v has them)"


def _folded(entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Return the entries with their texts, each accepted EHLO's further lines counted behind its first."""
    folded: list[tuple[Entry, str]] = []
    command = ""
    place = 0
    while place < len(entries):
        entry = entries[place]
        if entry.direction is Direction.SENT:
            command = entry.text[:5].upper()
        end = _end_of_capabilities(entries, place) if command == "EHLO " else place + 1
        extensions = end - place - 1
        more = f" ({counted(extensions, 'extension')})" if extensions else ""
        text = entry.text
        if extensions:
            text = f"250 {entry.text[4:]}"  # the first line stands for all of them
        folded.append((entry, f"{text}{more}"))
        place = end
    return folded


def _end_of_capabilities(entries: Sequence[Entry], start: int) -> int:
    """Return where the lines end that begin at `start` and are one reply to EHLO."""
    end = start
    while end < len(entries) and _is_capability(entries[end]):
        end += 1
        if entries[end - 1].text[3:4] != "-":
            break
    return max(end, start + 1)


def _is_capability(entry: Entry) -> bool:
    return entry.direction is Direction.RECEIVED and _CONTINUED.match(entry.text) is not None
