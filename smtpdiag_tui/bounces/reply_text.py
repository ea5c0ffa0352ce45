"""A reply as a text quotes it: its code, its lines, and what stands behind it. Pure."""

import re

from smtpdiag_tui.bounces.cleaning import mail_address
from smtpdiag_tui.bounces.told import ToldPhase
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

MOST_LINES = 60  # of one reply
LONGEST = 4000  # characters of one reply
_CODE = re.compile(r"[245][0-5]\d(?=[ -]|$)")
_LINE = re.compile(r"(?P<code>[2-5][0-5]\d)(?:(?P<more>[ -])(?P<text>.*))?$")
_ANOTHER = re.compile(r" (?=(?P<code>[45][0-5]\d)[ -])")
_STATUS = re.compile(r"#?(?P<status>[245]\.\d{1,3}\.\d{1,3})(?=[\s:;,-]|$)")
_IN_REPLY = re.compile(r"\(in reply to (?P<command>[A-Za-z ()]{1,40}?)(?: command)?\)\s{0,3}$")

_NAMED = re.compile(
    r"<(?P<address>[^<>\s]{1,256}@[^<>\s]{1,255})>(?::|\.\.\.)? (?P<what>sender|recipient) address rejected",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"<(?P<address>[^<>\s]{1,256}@[^<>\s]{1,255})>(?::|\.\.\.)? "
    r"(?:user unknown|mailbox full|no such user|mailbox unavailable)",
    re.IGNORECASE,
)

PHASES = {
    "RCPT TO": ToldPhase.RCPT,
    "MAIL FROM": ToldPhase.MAIL,
    "EHLO": ToldPhase.EHLO,
    "HELO": ToldPhase.EHLO,
    "LHLO": ToldPhase.EHLO,
    "STARTTLS": ToldPhase.STARTTLS,
    "AUTH": ToldPhase.AUTH,
    "DATA": ToldPhase.DATA,
    "END OF DATA": ToldPhase.END_OF_DATA,
    "BDAT": ToldPhase.END_OF_DATA,
    "QUIT": ToldPhase.QUIT,
}


def phase_of(command: str) -> ToldPhase | None:
    """Return what a command, as mail servers name it, is in a session; None for one that is not known."""
    words = " ".join(command.upper().replace(":", " ").split())
    return next((phase for name, phase in PHASES.items() if words.startswith(name)), None)


def reply_in(text: str) -> str | None:
    """Return the reply that a text is, its lines joined by a line feed, or None if it does not begin with one.

    Where mail servers put several lines into one, `550-5.1.1 a 550 5.1.1 b`, they are parted again.
    """
    text = text[:LONGEST].strip()
    if not _CODE.match(text):
        return None
    return "\n".join(visible(line.strip()) for line in _parted(text)[:MOST_LINES])


def _parted(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip():
            lines += _parted_line(line.strip())
    return lines


def _parted_line(line: str) -> list[str]:
    """Return the lines of a reply that stand in one: each but the last has a hyphen behind its code."""
    if line[3:4] != "-":
        return [line]
    code, done, begins = line[:3], [], 0
    for found in _ANOTHER.finditer(line):
        if found["code"] != code:
            continue
        done.append(line[begins : found.start()])
        begins = found.end()
        if line[begins + 3 : begins + 4] == " ":
            break
    return [*done, line[begins:]]


def named_in(reply: str) -> tuple[str | None, str | None]:
    """Return the addresses that a reply calls sender and recipient, None for each that it does not name."""
    found = _NAMED.search(reply)
    if found is not None:
        address = mail_address(found["address"])
        return (address, None) if found["what"].lower() == "sender" else (None, address)
    unknown = _UNKNOWN.search(reply)
    return None, mail_address(unknown["address"]) if unknown is not None else None


def without_command(text: str) -> tuple[str, ToldPhase | None]:
    """Return a text without the words that name the command at its end, `(in reply to RCPT TO command)`."""
    tail = text[-80:]
    found = _IN_REPLY.search(tail)
    if found is None:
        return text, None
    return text[: len(text) - len(tail) + found.start()].rstrip(), phase_of(found["command"])


def as_reply(text: str) -> Reply:
    """Return a reply, as `Told.reply` has it, as one that was read in a session; its last line's code counts."""
    lines = tuple(line.encode("utf-8", "backslashreplace") for line in text.split("\n"))
    codes = [int(line[:3]) for line in text.split("\n") if _LINE.match(line)]
    return Reply(codes[-1] if codes else 0, lines)
