"""What Postfix writes: `<bob@a.example>: host mx.a.example[192.0.2.1] said: 550 ...`, wrapped. Pure."""

import re
from collections.abc import Iterator, Sequence

from smtpdiag_tui.bounces.cleaning import mail_address
from smtpdiag_tui.bounces.prose.paragraphs import joined
from smtpdiag_tui.bounces.server_words import postfix_said
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Postfix"
_BEGINS = re.compile(
    r"<(?P<address>[^<>\s]{1,320})>(?: \(expanded from\s{1,8}<?[^<>\s]{1,320}>?\))?:(?: |\Z)(?P<rest>.*)"
)
_EXPANDED = re.compile(r"<(?P<address>[^<>\s]{1,320})> \(expanded from\Z")
_MARKS = (
    "this is the mail system at host",
    "postfix program",
    "[",
    "host ",
    "connect to",
    "name service error",
    '"',
    "mail for ",
    "unknown user",
)
_DELAYED = "you do not need to resend your message"


def read(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what each paragraph about a recipient tells; its lines are wrapped, all but the first indented."""
    whole = "\n".join(lines[:60]).lower()
    delayed = _DELAYED in whole or "this is a warning only" in whole
    begun: list[str] = []
    place = 0
    for number, line in enumerate([*lines, ""], 1):
        starts = line.startswith("<") and (_BEGINS.match(line) or _EXPANDED.search(line))
        if begun and (starts or not line.strip()):
            yield from _told(joined(begun), place, delayed=delayed)
            begun = []
        if starts:
            begun, place = [line], number
        elif begun:
            begun.append(line)


def _told(text: str, line: int, *, delayed: bool) -> Iterator[Told]:
    found = _BEGINS.match(text)
    if found is None:
        return
    said = postfix_said(found["rest"])
    lower = found["rest"].lower()
    if said.host is None and said.reply is None and not any(mark in lower for mark in _MARKS):
        return
    outcome = Outcome.DEFERRED if delayed else Outcome.BOUNCED
    yield said.put_into(
        Told(recipient=mail_address(found["address"]), line=line, program=PROGRAM, outcome=outcome)
    )
