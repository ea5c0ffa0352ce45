"""What Gmail, Exchange and Microsoft 365 write to people. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, mail_address
from smtpdiag_tui.bounces.logs.exchange import LastError, last_error, quoted
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.status import Outcome

_GMAIL_SIGN = re.compile(r"the response (?:from the remote server )?was:\s{0,8}", re.IGNORECASE)
_GMAIL_TO = re.compile(
    r"(?:delivered to|delivering your message to|deliver your message to|your message to|message to) "
    r"(?P<address>[^\s<>]{1,256}@[\w.-]{1,255}\w)"
)
_GMAIL_NEVER = ("wasn't delivered", "not delivered", "not found", "blocked", "too large", "failed", "rejected")
_GMAIL_LATER = ("will be retried", "will retry", "gmail will", "delivery incomplete", "temporary problem")
_SERVER = r"(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})(?: \((?P<address>[0-9A-Fa-f.:]{2,45})\))?"
_RETURNED = re.compile(
    rf"Remote [Ss]erver(?: at {_SERVER})? (?:returned|said|gave this error):?\s{{0,4}}"
    r"['\"#]?(?P<reply>.{1,3000})"
)
_MOMENT = r"\d{1,2}[/.]\d{1,2}[/.]\d{4} \d{1,2}:\d\d:\d\d"
_ATTEMPT = re.compile(rf"\s{{0,8}}{_MOMENT}")  # begins a line about an earlier attempt for the same recipient
_ANOTHER = re.compile(rf"['\"]\s{{1,8}}{_MOMENT}")
_GAVE = re.compile(rf"(?<![\w.-]){_SERVER} gave this error:")
_BARE = re.compile(r"\s{0,8}<?(?P<address>[^\s<>:;,'\"]{1,256}@[\w.-]{1,255}\w)>?(?:<mailto:\S{1,400}>)?\s{0,8}\Z")
_HOST_ALONE = re.compile(r"\s{0,8}(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})\s{0,8}(?:#<.{0,2000})?\Z")
_HASH_FIRST = re.compile(r"#(?P<reply>[45]\d\d [45]\.\d\.\d{1,3} .{1,2000}?)#{1,2}(?:\Z|\s)")
_ENDS = ("'", '"', "##")
_DELAYED = ("message delayed", "delivery of the message", "delayed", "you do not need to resend")


def read_gmail(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what Gmail tells: the reply stands below a line that announces it."""
    for number, line in enumerate(lines):
        sign = _GMAIL_SIGN.search(line)
        if sign is None:
            continue
        below = [line[sign.end() :], *lines[number + 1 : number + 40]]
        text = _first_block(below)
        reply = reply_in(text)
        above = " ".join(part.strip() for part in lines[max(0, number - 30) : number])
        found = _GMAIL_TO.search(above[:8000])
        later = any(words in above.lower() for words in _GMAIL_LATER)
        never = any(words in above.lower() for words in _GMAIL_NEVER) or not (reply or "5").startswith("4")
        yield Told(
            recipient=mail_address(found["address"]) if found is not None else None,
            reply=reply,
            words="" if reply else own_words(text),
            line=number + 1,
            program="Gmail",
            # An excerpt with a 4xx reply does not say whether Gmail still retries.
            outcome=Outcome.DEFERRED if later else Outcome.BOUNCED if never else None,
        )
        return


def _first_block(lines: Sequence[str]) -> str:
    found: list[str] = []
    for line in lines:
        if line.strip().lower() == "learn more":  # the label of a link
            continue
        if line.strip():
            found.append(line.strip())
        elif found:
            break
    text = found[0] if found else ""
    for line in found[1:]:
        text += f"\n{line}" if re.match(r"[245]\d\d[ -]", line) else f" {line}"
    return text


def read_exchange(lines: Sequence[str]) -> Iterator[Told]:
    """Yield what Exchange and Microsoft 365 tell: a reply that is quoted, or the last error in braces."""
    found = _exchange(lines)
    # What is said again for administrators has the code that the first words lack.
    quoting = [told for told in found if told.reply is not None]
    named = {told.recipient for told in quoting}
    others = [told for told in found if told.reply is None and told.recipient not in named]
    yield from sorted([*quoting, *(others if any(told.recipient for told in quoting) else ())], key=_line) or found


def _exchange(lines: Sequence[str]) -> list[Told]:
    done: list[Told] = []
    recipient: str | None = None
    host: str | None = None
    head = "\n".join(lines[:60])
    delayed = any(words in head.lower() for words in _DELAYED)
    sentence = _GMAIL_TO.search(head[:8000])
    anybody = mail_address(sentence["address"]) if sentence is not None else None
    for number, line in enumerate(lines):
        bare, named = _BARE.match(line), _HOST_ALONE.match(line)
        if bare is not None:
            recipient, host = mail_address(bare["address"]), None
            continue
        if named is not None and recipient is not None:
            host = host_name(named["host"])
        told = _of_line(lines, number)
        if told is not None and recipient is None and done and _ATTEMPT.match(line):
            done[-1] = _with_attempt(done[-1], told)
        elif told is not None:
            outcome = Outcome.DEFERRED if delayed or (told.reply or "").startswith("4") else Outcome.BOUNCED
            done.append(
                replace(
                    told,
                    recipient=recipient or anybody,
                    host=told.host or host,
                    line=number + 1,
                    program="Exchange",
                    outcome=outcome,
                )
            )
            recipient = host = None
    return done


def _with_attempt(told: Told, attempt: Told) -> Told:
    """Return a delivery with the attempt that stands below it: that the time was up says less."""
    if told.reply is not None or (attempt.reply is None and not attempt.words):
        return told
    return replace(
        told,
        host=attempt.host or told.host,
        address=attempt.address or told.address,
        phase=attempt.phase,
        reply=attempt.reply,
        words=attempt.words,
    )


def _of_line(lines: Sequence[str], number: int) -> Told | None:
    line = lines[number]
    if "{LED=" in line or "{LRT=" in line or (" smtp;" in line.lower() and "#<" in line):
        error = last_error(" ".join(part.strip() for part in lines[number : number + 6]))
        if error is not None:
            return _of_error(error)
    wrapped = " ".join(part.strip() for part in _block(lines, number))
    returned = _RETURNED.search(wrapped) if "emote" in line and "erver" in line else None
    if returned is not None:
        text = returned["reply"]
        inner = last_error(text)
        if inner is not None and (inner.reply or inner.words):
            return _of_error(inner)
        reply, words, phase = quoted(_unquoted(_ANOTHER.split(text)[0]))
        return Told(
            host=host_name(returned["host"]),
            address=ip_address(returned["address"]),
            phase=phase,
            reply=reply,
            words=words,
        )
    return _gave(lines, number) or _hashed(line)


def _of_error(error: LastError) -> Told:
    return Told(host=error.host, address=error.address, phase=error.phase, reply=error.reply, words=error.words)


def _line(told: Told) -> int:
    return told.line or 0


def _gave(lines: Sequence[str], number: int) -> Told | None:
    found = _GAVE.search(lines[number])
    if found is None:
        return None
    rest = lines[number][found.end() :].strip()
    text = rest or _first_block(lines[number + 1 : number + 12])
    reply = reply_in(text)
    return Told(
        host=host_name(found["host"]),
        address=ip_address(found["address"]),
        reply=reply,
        words="" if reply else own_words(text),
    )


def _hashed(line: str) -> Told | None:
    found = _HASH_FIRST.search(line) if "#" in line else None
    if found is None:
        return None
    reply, words, phase = quoted(found["reply"])
    return Told(phase=phase, reply=reply, words=words)


def _block(lines: Sequence[str], number: int) -> list[str]:
    """Return a line with those that follow it, up to an empty one."""
    found: list[str] = []
    for line in lines[number : number + 12]:
        if not line.strip() or (found and _BARE.match(line)):
            break
        found.append(line)
    return found


def _unquoted(text: str) -> str:
    """Return a reply without the quote that ends it."""
    for sign in _ENDS:
        place = text.rfind(sign)
        if place > 3:
            return text[:place]
    return text
