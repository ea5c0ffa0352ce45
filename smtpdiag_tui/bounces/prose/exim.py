"""What Exim writes: an address, and below it, indented by more, host, phase and reply. Pure."""

import re
from collections.abc import Iterator, Sequence

from smtpdiag_tui.bounces.cleaning import mail_address
from smtpdiag_tui.bounces.prose.paragraphs import indent_of
from smtpdiag_tui.bounces.server_words import exim_said
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Exim"
_SIGNS = ("created automatically by mail delivery software", "smtp error from remote mail", "exim")
_ADDRESS = re.compile(r"\s{0,8}(?P<address>[^\s<>:]{1,256}@[^\s<>:@]{1,255})(?: \(.{0,600}\))?:?\Z")
_ASIDE = ("(generated from", "(ultimately generated from", "This message has been rejected because")
_DELAYED = ("has not yet been delivered", "delivery attempts will continue", "no action is required on your part")
_CODE = re.compile(r"\d{3}[ -]")
_MOST = 40  # lines below one address


def read(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what stands below each address."""
    whole = "\n".join(lines).lower()
    if not any(sign in whole for sign in _SIGNS):
        return
    outcome = Outcome.DEFERRED if any(sign in whole for sign in _DELAYED) else Outcome.BOUNCED
    place = 0
    while place < len(lines):
        found = _ADDRESS.match(lines[place])
        if found is None:
            place += 1
            continue
        below = _below(lines, place)
        recipient = mail_address(found["address"])
        if below and recipient:
            told = Told(recipient=recipient, line=place + 1, program=PROGRAM, outcome=outcome)
            yield exim_said(_text(below)).put_into(told)
        place += 1 + len(below)


def _below(lines: Sequence[str], place: int) -> list[str]:
    """Return the lines below an address that are indented by more."""
    left, found = indent_of(lines[place]), []
    for line in lines[place + 1 : place + 1 + _MOST]:
        if not line.strip() or indent_of(line) <= left:
            break
        found.append(line.strip())
    return found


def _text(lines: Sequence[str]) -> str:
    """Return the lines as one text; a code at the beginning of one makes it a line of the reply."""
    text = ""
    for part in lines:
        if part.startswith(_ASIDE):
            continue
        line = part.removeprefix("Delay reason: ")
        text += f"\n{line}" if _CODE.match(line) and _CODE.search(text) else f" {line}"
    return text.strip()
