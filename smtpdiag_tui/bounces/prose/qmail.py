"""What qmail-send writes: an address, and the words of qmail-remote, with the server's behind `said:`. Pure."""

import re
from collections.abc import Iterator, Sequence

from smtpdiag_tui.bounces.cleaning import ip_address, mail_address
from smtpdiag_tui.bounces.prose.paragraphs import joined, paragraphs
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "qmail"
_SIGNS = ("qmail-send program", "i'm afraid i wasn't able to deliver", "remote host said:", "giving up on")
_ADDRESS = re.compile(r"<(?P<address>[^<>\s]{1,320})>:\s{0,8}\Z")
_SAID = re.compile(r"(?:Remote host said|remote host said|said): ?(?P<reply>[245]\d\d.*)", re.DOTALL)
_GIVING_UP = re.compile(r"Giving up on (?P<address>[0-9A-Fa-f.:]{2,45}?)\.?\s")
_BEGINS = re.compile(r"(?:Connected to )?(?P<address>[0-9A-Fa-f.:]{3,45}) (?:does|failed|but|sender|user|unable)")
_PHASES = (
    ("does not like recipient", ToldPhase.RCPT),
    ("but sender was rejected", ToldPhase.MAIL),
    ("but greeting failed", ToldPhase.GREETING),
    ("my name was rejected", ToldPhase.EHLO),
    ("failed on data command", ToldPhase.DATA),
    ("failed after i sent the message", ToldPhase.END_OF_DATA),
    ("connection died", ToldPhase.END_OF_DATA),
    ("unable to switch to tls", ToldPhase.STARTTLS),
    ("wasn't able to establish an smtp connection", ToldPhase.CONNECT),
)


def read(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what each paragraph about a recipient tells."""
    whole = "\n".join(lines).lower()
    if not any(sign in whole for sign in _SIGNS):
        return
    place = 1
    for block in _numbered(lines):
        place, texts = block
        found = _ADDRESS.match(texts[0].strip())
        if found is not None and len(texts) > 1:
            yield reported(mail_address(found["address"]), texts[1:], place)


def _numbered(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield paragraphs with the number of their first lines."""
    place = 0
    for block in paragraphs(lines):
        place = next(number for number in range(place, len(lines)) if lines[number].strip())
        yield place + 1, block
        place += len(block)


def reported(recipient: str | None, lines: Sequence[str], line: int) -> Told:
    """Return what the lines of a report of qmail-remote tell."""
    text = "\n".join(part.strip() for part in lines)
    said = _SAID.search(text)
    lower = text.lower()
    given_up = _GIVING_UP.search(f"{text}\n") or _BEGINS.match(text)
    reply = None
    if said is not None:
        ends = said["reply"].find("\nGiving up on")
        reply = reply_in(_in_lines(said["reply"] if ends < 0 else said["reply"][:ends]))
    return Told(
        recipient=recipient,
        address=ip_address(given_up["address"]) if given_up is not None else None,
        phase=next((phase for words, phase in _PHASES if words in lower), None),
        reply=reply,
        words="" if reply else own_words(joined(lines)),
        line=line,
        program=PROGRAM,
        outcome=Outcome.BOUNCED,
    )


def _in_lines(reply: str) -> str:
    """Return a reply whose lines are parted: one that has no code goes on with the line before."""
    return re.sub(r"\n(?!\d{3}[ -])", " ", reply)
