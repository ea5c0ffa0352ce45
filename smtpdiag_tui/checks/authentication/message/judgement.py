"""What servers and large receivers refuse, repair or frown at in a message, whoever it goes to. Pure."""

import re
from dataclasses import dataclass, field

from smtpdiag_tui.checks.authentication.message.from_field import FromField, read_from
from smtpdiag_tui.checks.authentication.message.reading import MAX_LINE, HeaderField, ReadMessage
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible

MAX_SHOWN = 5  # addresses or fields that are named
MAX_ADDRESS = 320  # characters of an address that are shown
MAX_NAME = 40  # characters of a field's name that are shown
USUAL_HEADER = 102_400  # octets: Postfix cuts a header off there, Sendmail refuses one of 32,768

# What stands once at most (RFC 5322 §3.6), and how it is written.
_ONCE = ("Date", "Message-ID", "Sender", "Reply-To", "To", "Cc", "Subject", "In-Reply-To", "References")
_EXPECTED = ("Date", "Message-ID")
_FORMS = {"Date": "'Fri, 27 Nov 2026 12:00:00 +0000'", "Message-ID": "'<unique@domain>'"}
_MAX_DATE = 200  # octets of a date that is looked at
_MESSAGE_ID = re.compile(rb"<[^<>@\s]{1,250}@[^<>@\s]{1,250}>")


@dataclass(frozen=True, slots=True)
class Examined:
    """A message with its From field taken apart; `origin` has no addresses where there is not one such field."""

    read: ReadMessage
    origin: FromField = field(default_factory=FromField)


def examine(read: ReadMessage) -> Examined:
    """Take the From field apart, where there is one."""
    fields = read.named(b"from")
    return Examined(read, read_from(fields[0].value) if len(fields) == 1 else FromField())


def judge_message(examined: Examined) -> list[Finding]:
    """Return what is wrong with a message, what is refused before what is repaired."""
    read = examined.read
    if not read.size:
        return [_malformed("Message is empty", "Give a file that holds a whole message.")]
    return [
        *_judge_header(read),
        *_judge_from(examined),
        *_judge_others(read),
        *_judge_line_ends(read),
        *_judge_octets(read),
    ]


def _malformed(message: str, advice: str, *evidence: str, meaning: str | None = None) -> Finding:
    return finding("message-malformed", message, advice=advice, evidence=evidence, meaning=meaning)


def _risky(message: str, meaning: str, advice: str, *evidence: str) -> Finding:
    return finding("message-risky", message, meaning=meaning, advice=advice, evidence=evidence)


def _judge_header(read: ReadMessage) -> list[Finding]:
    size = f"{read.header_size:,} bytes"
    advice = "Remove header fields until the header is shorter than 32 KiB."
    if read.header_cut:
        meaning = "Servers accept headers of 32 KiB to 256 KiB and reject a longer one."
        return [_malformed(f"Message header is {size} long", advice, meaning=meaning)]
    found = _judge_form(read)
    if read.header_size > USUAL_HEADER:
        fields = counted(len(read.fields), "header field")
        meaning = f"It has {fields}. Some servers truncate or reject a header of this size."
        found.append(_risky(f"Message header is {size} long", meaning, advice))
    loose = next((item for item in read.fields if item.loose), None)
    if loose is not None:
        meaning = (
            "RFC 5322 does not allow it in new messages. Servers remove the space, breaking some DKIM signatures."
        )
        advice = f"Remove the space after '{_name(loose)}'."
        found.append(_risky("Header field has a space before its colon", meaning, advice))
    return found


def _judge_form(read: ReadMessage) -> list[Finding]:
    """Judge where the header begins and ends, and whether there is a body."""
    found: list[Finding] = []
    if read.mailbox_line:
        meaning = "The line belongs to a mailbox file (mbox), not to a message. Some servers end the header at it."
        advice = "Remove the first line of the file."
        found.append(_risky("Message begins with an mbox 'From ' line", meaning, advice))
    if read.broken_line is not None:
        number = read.broken_line
        meaning = "Servers end the header at that line and insert a blank line; fields below it become body text."
        advice = f"Correct line {number:,}, or put a blank line between header and body."
        found.append(_risky(f"Line {number:,} of the header is not a header field", meaning, advice))
    elif not read.separated:
        meaning = "Servers add that line. Spam filters distrust a message without a body."
        found.append(_risky("Message has no blank line after the header", meaning, "Add a blank line and a body."))
    elif not read.body or read.body.isspace():
        meaning = "Servers accept it; spam filters distrust a message without text."
        found.append(_risky("Message has no body", meaning, "Add text to the message."))
    return found


def _name(item: HeaderField) -> str:
    return visible(item.name[:MAX_NAME])


def _judge_from(examined: Examined) -> list[Finding]:
    """Judge the field that receivers show, and DMARC goes by; they refuse a message without just one address.

    Only what is an address is shown of it: a report that is passed on is masked by that.
    """
    if examined.read.header_cut:
        return []
    fields, origin = examined.read.named(b"from"), examined.origin
    given = [*origin.addresses, *(item for item in origin.invalid if "@" in item.strip("@"))]
    lines = tuple(visible(item[:MAX_ADDRESS]) for item in given[:MAX_SHOWN])
    one = "Give the message one From field with one address."
    if not fields:
        return [_malformed("Message has no From field", one)]
    if len(fields) > 1:
        return [_malformed(f"Message has {len(fields):,} From fields", one)]
    if origin.problem:
        advice = "Write the From field as 'Name <local@domain>'."
        return [_malformed(f"From field {origin.problem}", advice, *lines)]
    if len(origin.addresses) > 1:
        meaning = "RFC 5322 allows several with the field Sender. Gmail and other large receivers reject it."
        number = counted(len(origin.addresses), "address")
        return [_malformed(f"From field holds {number}", one, *lines, meaning=meaning)]
    if origin.group:
        meaning = "RFC 6854 allows it. Large receivers reject or distrust it."
        return [_risky("From field holds a group", meaning, one, *lines)]
    return []


def _judge_others(read: ReadMessage) -> list[Finding]:
    """Judge the fields that stand once at most, and those that are expected."""
    found: list[Finding] = []
    for name in _ONCE:
        fields = read.named(name.lower().encode())
        if len(fields) > 1:
            meaning = f"RFC 5322 allows one. Large receivers reject a message with {len(fields):,}."
            advice = f"Remove all {name} fields but one."
            found.append(_risky(f"Message has {len(fields):,} {name} fields", meaning, advice))
        elif not fields and name in _EXPECTED and not read.header_cut:
            meaning = f"Mail servers add it for their own users. Receivers distrust or reject mail without {name}."
            found.append(_risky(f"Message has no {name} field", meaning, f"Add a {name} field."))
        elif fields and not _valid(name, fields[0].value):
            meaning = f"Receivers distrust or reject mail with an invalid {name} field."
            advice = f"Write the {name} field as {_FORMS[name]}."
            found.append(_risky(f"{name} field is invalid", meaning, advice))
    return found


def _valid(name: str, value: bytes) -> bool:
    if name == "Message-ID":
        return _MESSAGE_ID.fullmatch(value) is not None
    return name != "Date" or _is_date(value)


def _is_date(value: bytes) -> bool:
    # Whoever gives no message does not need it.
    from email.utils import parsedate_to_datetime

    if len(value) > _MAX_DATE:
        return False
    try:
        parsedate_to_datetime(value.decode("ascii"))
    except Exception:  # noqa: BLE001 - the library has been seen to fail in several ways on what is no date
        return False
    return True


def _judge_line_ends(read: ReadMessage) -> list[Finding]:
    found: list[Finding] = []
    ends = read.line_ends
    if ends.mixed:
        meaning = "Servers convert them, breaking DKIM signatures, or reject the message."
        message = f"{ends.lf:,} of {ends.lf + ends.crlf:,} lines end with LF, the others with CRLF"
        found.append(_risky(message, meaning, "Write the message with one kind of line end."))
    if ends.cr:
        meaning = "Servers convert or remove it, breaking DKIM signatures, or reject the message."
        advice = "Remove each CR that no LF follows, or encode the part as base64."
        found.append(_risky(f"Message contains {counted(ends.cr, 'bare CR')}", meaning, advice))
    return found


def _judge_octets(read: ReadMessage) -> list[Finding]:
    found: list[Finding] = []
    if read.long_lines:
        meaning = f"Servers cut such lines or reject the message. The longest has {read.longest:,} bytes."
        advice = "Encode the part as quoted-printable or base64, and fold long header fields."
        message = f"Message has {counted(read.long_lines, 'line')} longer than {MAX_LINE} bytes"
        found.append(_risky(message, meaning, advice))
    if read.nul:
        meaning = "Servers remove NUL, or reject the message."
        found.append(_risky("Message contains NUL", meaning, "Encode the part as base64."))
    if read.eight_bit_header and not read.header_is_utf8:
        meaning = "Receivers guess the character set or reject the message; SMTPUTF8 allows only UTF-8."
        names = dict.fromkeys(_name(item) for item in read.fields if not item.raw.isascii())
        advice = f"Encode {listed(list(names)[:MAX_SHOWN])} by RFC 2047 (=?utf-8?...?=)."
        found.append(_risky("Header field with 8-bit characters that are not UTF-8", meaning, advice))
    elif read.eight_bit and not read.named(b"mime-version"):
        meaning = "Without MIME no character set is declared; receivers guess it."
        advice = "Add MIME-Version, Content-Type and Content-Transfer-Encoding."
        found.append(_risky("8-bit body without a MIME-Version field", meaning, advice))
    return found
