"""What Sendmail writes: reasons for each address, and the transcript of the session. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import host_name, mail_address
from smtpdiag_tui.bounces.reply_text import phase_of, reply_in
from smtpdiag_tui.bounces.server_words import CONNECTING, own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Sendmail"
_HEADING = re.compile(r"\s{0,8}-{3,8} (?P<title>[A-Za-z -]{5,80}?) -{3,8}")
_ADDRESS = re.compile(r"\s{0,8}<?(?P<address>[^\s<>]{1,320}@[^\s<>]{1,255}?)>?\Z")
_REASON = re.compile(r"\s{1,12}\(reason: (?P<reason>.{1,3000}?)\)?\Z")
_TALKING = re.compile(r"\.{2,4} while talking to (?P<host>[\w.-]{1,255}?)\.?:")
_LOCAL = re.compile(
    r"(?:[45]\d\d (?:[45]\.\d\.\d{1,3} )?)?<?(?P<address>[^\s<>]{1,320}@[^\s<>]{1,255}?)>?\.\.\. (?P<words>.+)"
)
_BY = re.compile(r"(?:by|with|from) (?P<host>[\w.-]{1,255}?)\.?(?:\Z|\s)")
_RCPT = re.compile(r"rcpt to: ?<(?P<address>[^<>\s]{1,320})>", re.IGNORECASE)


def read(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what the addresses that failed and the transcript tell."""
    begins = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    if not any("transcript of session" in lines[place].lower() for place in begins):
        return
    failed, transcript = _failed(lines, begins), _transcript(lines, begins)
    delayed = any("transient non-fatal" in lines[place].lower() for place in begins)
    outcome = Outcome.DEFERRED if delayed else Outcome.BOUNCED
    if not failed:
        for told in transcript:
            yield replace(told, outcome=outcome)
        return
    for told in failed:
        yield replace(_merged(told, transcript), outcome=outcome)


def _section(lines: Sequence[str], begins: Sequence[int], words: str) -> Iterator[tuple[int, str]]:
    """Yield the lines below the heading that holds some words, with their numbers."""
    place = next((place for place in begins if words in lines[place].lower()), None)
    if place is None:
        return
    ends = next((other for other in begins if other > place), len(lines))
    yield from ((number, lines[number]) for number in range(place + 1, ends))


def _failed(lines: Sequence[str], begins: Sequence[int]) -> list[Told]:
    """Return the addresses of the section that lists them, each with its reason if one is given."""
    found: list[Told] = []
    for number, line in _section(lines, begins, "the following addresses had"):
        address, reason = _ADDRESS.match(line), _REASON.match(line)
        if reason is not None and found:
            reply = reply_in(reason["reason"])
            found[-1] = replace(found[-1], reply=reply, words="" if reply else own_words(reason["reason"]))
        elif address is not None:
            told = Told(recipient=mail_address(address["address"]), line=number + 1, program=PROGRAM)
            found.append(told)
    return found


def _transcript(lines: Sequence[str], begins: Sequence[int]) -> list[Told]:
    """Return what the transcript tells: replies with the host that was talked to and the command before them."""
    host, command, replies, recipient = None, "", list[str](), None
    found: list[Told] = []
    place = 0
    for number, line in _section(lines, begins, "transcript of session"):
        text = line.strip()
        talking, local = _TALKING.match(text), _LOCAL.match(text)
        if not text.startswith("<<<") and replies:
            found.append(_replied(host, command, replies, recipient, place))
            replies = []
        if talking is not None:
            host = host_name(talking["host"])
        elif text.startswith(">>>"):
            command = text[3:].strip()
            named = _RCPT.match(command)
            recipient = mail_address(named["address"]) if named is not None else recipient
        elif text.startswith("<<<"):
            place = place if replies else number + 1
            replies.append(text[3:].strip())
        elif local is not None:
            found.append(_local(local, number + 1))
    if replies:
        found.append(_replied(host, command, replies, recipient, place))
    return [told for told in found if told.reply or told.words]


def _replied(host: str | None, command: str, replies: Sequence[str], recipient: str | None, line: int) -> Told:
    return Told(
        recipient=recipient,
        host=host,
        phase=phase_of(command),
        reply=reply_in("\n".join(replies)),
        line=line,
        program=PROGRAM,
    )


def _local(found: re.Match[str], line: int) -> Told:
    """Return what Sendmail says itself of an address; a host that it names is the one that it turned to."""
    by = _BY.search(found["words"]) if "onnection" in found["words"] else None
    words = found["words"].removeprefix("Deferred: ")
    return Told(
        recipient=mail_address(found["address"]),
        host=host_name(by["host"]) if by is not None else None,
        phase=ToldPhase.CONNECT if words.lower().startswith(CONNECTING) else None,
        words=own_words(words),
        line=line,
        program=PROGRAM,
    )


def _merged(told: Told, transcript: Sequence[Told]) -> Told:
    """Return an address that failed with what the transcript tells of it."""
    refused = [item for item in transcript if item.reply is not None and item.reply[0] in "45"]
    own = [item for item in refused if item.recipient == told.recipient] or (refused if len(refused) == 1 else [])
    if not own:
        own = [item for item in transcript if item.recipient == told.recipient and item.reply is None]
    if not own:
        return told
    return replace(
        told,
        host=own[0].host,
        phase=own[0].phase,
        reply=own[0].reply or told.reply,
        words="" if own[0].reply or told.reply else told.words or own[0].words,
    )
