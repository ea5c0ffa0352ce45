"""Reading what a text tells of deliveries: a reply, lines of a log, or a whole bounce. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import host_name, mail_address, sender_address
from smtpdiag_tui.bounces.decoding import text_of
from smtpdiag_tui.bounces.logs.reading import read_log
from smtpdiag_tui.bounces.message import Parts, looks_like_message, parts_of
from smtpdiag_tui.bounces.prose.paragraphs import joined, prose_lines, unquoted, without_original
from smtpdiag_tui.bounces.prose.reading import read_prose
from smtpdiag_tui.bounces.reply_text import named_in, phase_of, reply_in
from smtpdiag_tui.bounces.server_words import exim_said, postfix_said
from smtpdiag_tui.bounces.status_fields import has_fields, read_status
from smtpdiag_tui.bounces.told import Reading, Told, UnreadableError
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import Outcome

MOST = 30_000_000  # bytes that are read
BOUNCE, LOG, REPLY = "bounce", "log", "reply"
_AUTOMATIC = "the text is an automatic reply, not a bounce"
_NOTHING = "no reply, log line or bounce found in the text"
_CUT = "Only the first 30 MB were read."
_IN_TEXT = re.compile(r"[\s<>~*|:#=-]{0,12}(?:S: ?|[<-]{1,3} ?)?(?P<reply>[45][0-5]\d[ -]\S.*)")
_WITH_STATUS = re.compile(r"(?<![\d.])(?P<reply>[45][0-5]\d[ -]#?[45]\.\d{1,3}\.\d{1,3}[ :;,-].{1,2000})")
_COMMAND = re.compile(
    r"[^A-Za-z]{0,12}(?:C: ?)?(?P<command>(?:RCPT TO|MAIL FROM|DATA\b|EHLO|HELO|STARTTLS))", re.IGNORECASE
)
_ENVELOPE = re.compile(
    r"[^A-Za-z]{0,12}(?:C: ?)?(?P<command>MAIL FROM|RCPT TO): ?<(?P<address>[^<>\s]{0,320})>", re.IGNORECASE
)
_GREETING = re.compile(r"[\s<>~*|:#=-]{0,12}(?:S: ?)?220[ -](?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})(?:\s|\Z)")
_LONGEST_SESSION = 200  # lines
_LOOKED_BACK = 6  # lines
_PROGRAMS = (
    ("x-postfix-", "Postfix"),
    ("this is the mail system at host", "Postfix"),
    ("created automatically by mail delivery software", "Exim"),
    ("qmail-send program", "qmail"),
    ("googlemail.com", "Gmail"),
    ("transcript of session follows", "Sendmail"),
    ("generating server:", "Exchange"),
    ("prod.outlook.com", "Exchange"),
    ("stalwart", "Stalwart"),
)


def read(data: bytes) -> Reading:
    """Return each delivery that a text tells of; raises UnreadableError where it tells of none."""
    cut = len(data) > MOST
    data = data[:MOST]
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("the text is empty")
    found = _message(data) or _text(text_of(data))
    if found is None:
        raise UnreadableError(f"{_NOTHING} (the first 30 MB of it)" if cut else _NOTHING)
    found = replace(found, told=tuple(map(_with_named, found.told)))
    note = " ".join(part for part in (found.note, _CUT if cut else "") if part)
    return replace(found, note=note)


def _with_named(told: Told) -> Told:
    """Return a delivery with the address that its reply calls the sender or the recipient."""
    sender, recipient = named_in(told.reply or "")
    return replace(
        told,
        sender=sender if told.sender is None else told.sender,
        recipient=recipient if told.recipient is None else told.recipient,
    )


def _message(data: bytes) -> Reading | None:
    """Return what a whole message tells, None for a text that is none, or tells nothing as one."""
    text = data
    if data[:1] == b">" or data[:200].count(b"\n>") > 2:
        text = unquoted(text_of(data)).encode("utf-8", "replace")
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        text = text_of(data).encode("utf-8", "replace")
    if not looks_like_message(text):
        return None
    parts = parts_of(text)
    if parts is None:
        return None
    if parts.no_bounce and not parts.status:
        raise UnreadableError(f"the text is {parts.no_bounce}")
    if parts.status:
        return _bounce(parts)
    if not parts.text.strip():
        return None
    found = _text(parts.text)
    if parts.automatic and (found is None or not _is_certain(found)):
        raise UnreadableError(_AUTOMATIC)
    if found is None:
        return None
    return replace(found, told=tuple(_completed(told, parts, found) for told in found.told))


def _is_certain(found: Reading) -> bool:
    """Whether it is more than a number that begins a line: a form of a mail server's, or a status code."""
    return found.form != REPLY or any(_WITH_STATUS.search(told.reply or "") for told in found.told)


def _completed(told: Told, parts: Parts, found: Reading) -> Told:
    """Return a delivery of a bounce's prose with what its header tells."""
    if not parts.report or found.form == LOG or told.ours:
        return told
    recipient = told.recipient
    if recipient is None and len(found.told) == len(parts.failed) == 1:
        recipient = parts.failed[0]
    return replace(
        told, recipient=recipient, sender=parts.sender if told.sender is None else told.sender, line=None
    )


def _bounce(parts: Parts) -> Reading | None:
    """Return what the fields of a report tell, and its prose where they do not."""
    return _told_in(parts.status, prose_lines(parts.text), parts.sender)


def _told_in(fields: Sequence[str], lines: Sequence[str], sender: str | None) -> Reading | None:
    status, prose = read_status(fields), read_prose(lines)
    program = _program("\n".join([*fields[:200], *lines[:200]]).lower())
    merged = [_merged(told, prose, alone=len(status.told) == 1) for told in status.told]
    known = {(told.recipient or "").lower() for told in merged}
    merged += [told for told in prose if told.recipient and told.recipient.lower() not in known]
    if not merged:
        return None
    sender = sender if status.sender is None else status.sender
    done = tuple(
        replace(told, sender=sender, line=None, program=told.program or program, reporter=status.reporter)
        for told in merged
    )
    note = f"{counted(status.more, 'more recipient')} not read." if status.more else ""
    return Reading(done, BOUNCE, note)


def _program(text: str) -> str:
    return next((name for sign, name in _PROGRAMS if sign in text), "")


def _merged(told: Told, prose: Sequence[Told], *, alone: bool) -> Told:
    """Return what fields tell of a recipient with what the prose says beyond that."""
    own = [item for item in prose if item.recipient and told.recipient and _same(item.recipient, told.recipient)]
    if not own and alone and len(prose) == 1:
        own = list(prose)
    if not own:
        return told
    said = own[0]
    same_host = told.host is None or said.host is None or told.host == said.host
    same_reply = told.reply is None or said.reply is None or told.reply[:3] == said.reply[:3]
    reply = told.reply or said.reply
    return replace(
        told,
        host=told.host or said.host,
        address=told.address or (said.address if same_host else None),
        phase=told.phase or (said.phase if same_reply else None),
        reply=reply,
        words=told.words if told.reply or not said.reply else "",
        program=said.program,
        outcome=told.outcome or said.outcome,
    )


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _text(text: str) -> Reading | None:
    """Return what a text tells that is no message, or a message's own."""
    text = unquoted(text)
    lines = prose_lines(text)
    if any(line[:12].lower() == "disposition:" for line in lines) and has_fields(lines):
        raise UnreadableError("the text is a read receipt (MDN), not a bounce")
    if has_fields(lines):
        found = _told_in(lines, lines, None)
        if found is not None:
            return found
    told, note = read_log(list(without_original(text.splitlines())))
    if told:
        return Reading(told, LOG, note)
    prose = read_prose(lines)
    if prose:
        return Reading(prose, BOUNCE)
    replied = _reply(lines)
    if replied is not None and (replied.told[0].reply or "")[:1] in "45":
        return replied
    return _somewhere(lines) or replied


def _reply(lines: Sequence[str]) -> Reading | None:
    """Return the reply that a text begins with, up to an empty line; one that is wrapped is joined."""
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None or reply_in(lines[first]) is None:
        return None
    return Reading((_with_phase(_block(lines, first), first),), REPLY)


def _block(lines: Sequence[str], first: int) -> str:
    parts: list[str] = []
    for line in lines[first : first + 100]:
        text = line.strip()
        if not text:
            break
        same = parts and text[:3] == parts[0][:3] and text[3:4] in (" ", "-", "")
        if not parts or same:
            parts.append(text)
        elif re.match(r"[2-5]\d\d[ -]", text):
            break
        else:
            parts[-1] = f"{parts[-1]} {text}"
    return "\n".join(parts)


def _with_phase(text: str, line: int) -> Told:
    said = postfix_said(text)
    told = said.put_into(Told(line=line + 1))
    return replace(told, words="") if told.reply else told


def _somewhere(lines: Sequence[str]) -> Reading | None:
    """Return the last reply that defers or rejects in a text that is none of the known ones."""
    whole = joined(lines[:200])
    if " said: " in whole or "refused to talk to me: " in whole:
        told = postfix_said(whole).put_into(Told(line=1))
        if told.reply is not None:
            return Reading((replace(told, words=""),), REPLY)
    if "SMTP error from remote" in whole:
        told = exim_said(whole).put_into(Told(line=1))
        if told.reply is not None:
            return Reading((replace(told, words=""),), REPLY)
    for number in range(len(lines) - 1, -1, -1):
        found = _IN_TEXT.match(lines[number]) or _WITH_STATUS.search(lines[number])
        if found is not None:
            return Reading((_of_session(lines, number, found["reply"]),), REPLY)
    return _without_reply(whole)


def _of_session(lines: Sequence[str], number: int, text: str) -> Told:
    """Return a reply that stands in a transcript, with the command above it."""
    phase = None
    for line in reversed(lines[max(0, number - _LOOKED_BACK) : number]):
        command = _COMMAND.match(line)
        if command is not None:
            phase = phase_of(command["command"])
            break
    sender, recipient, host = _before(lines[:number])
    first = number
    while first > 0:
        above = _IN_TEXT.match(lines[first - 1])
        if above is None or above["reply"][:4] != f"{text[:3]}-":
            break
        first -= 1
        text = f"{above['reply']}\n{text}"
    return Told(sender=sender, recipient=recipient, host=host, phase=phase, reply=reply_in(text), line=number + 1)


def _before(lines: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """Return sender, recipient and greeting host of a transcript, from the commands and the greeting in it."""
    found: dict[str, str] = {}
    for line in lines[-_LONGEST_SESSION:]:
        address, greeting = _ENVELOPE.match(line), _GREETING.match(line)
        if address is not None:
            found[address["command"][:4].upper()] = address["address"]
        elif greeting is not None:  # another session begins
            found = {"220": greeting["host"]}
    sender = sender_address(found["MAIL"]) if "MAIL" in found else None
    return sender, mail_address(found.get("RCPT")), host_name(found.get("220"))


def _without_reply(text: str) -> Reading | None:
    """Return the words of a mail server about a connection, the DNS or TLS, where they are all there is."""
    said = postfix_said(text)
    if said.host is None and said.phase is None:
        return None
    return Reading((said.put_into(Told(line=1, outcome=Outcome.DEFERRED)),), LOG)
