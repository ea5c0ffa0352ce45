"""The parts of a bounce that is a whole message: its fields, its prose, and whose message it returns. Pure."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses

from smtpdiag_tui.bounces.cleaning import mail_address, sender_address
from smtpdiag_tui.bounces.decoding import text_of
from smtpdiag_tui.bounces.html_text import text_of_html

MOST_TEXT = 1_000_000  # bytes of one part
_MOST_PARTS = 200
_DEEPEST = 12
_MOST_BOUNDARIES = 100
_MOST_HEADER = 4000  # characters of one field
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]?[^\r\n]{0,2000}")
_KNOWN = re.compile(
    rb"(?:from|to|subject|date|return-path|received|mime-version|content-type|message-id|delivered-to|x-[a-z-]{1,40}"
    rb"|auto-submitted|arc-[a-z-]{1,40}|authentication-results|dkim-signature|reply-to|sender|cc|references):",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(rb">?From [^\r\n]{1,300}\r?\n")
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADERS = frozenset({"text/rfc822-headers", "message/global-headers"})
_ORIGINALS = frozenset({"message/rfc822", "message/global", "message/rfc822-headers"})
_NO_BOUNCES = {
    "feedback-report": "an abuse report (ARF), not a bounce",
    "disposition-notification": "a read receipt (MDN), not a bounce",
    "tlsrpt": "a TLS report (TLSRPT), not a bounce",
}
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system|microsoft outlook", re.IGNORECASE)
# What the library is known to raise, of what no grammar allows.
_FAILURES = (RecursionError, ValueError, LookupError, AssertionError, AttributeError, TypeError)


@dataclass(slots=True)
class Parts:
    """What a message has: `status` the lines of its fields, `prose` and `html` its texts.

    `sender` is the envelope's as the returned message or the bounce's own address has it, None if neither tells.
    `failed` are the recipients that the header names. `report`: it says of itself that it is a bounce.
    `no_bounce` is what it says that it is instead, "" for nothing; `automatic`: a mailbox's automatic reply.
    """

    status: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    sender: str | None = None
    failed: tuple[str, ...] = ()
    report: bool = False
    no_bounce: str = ""
    automatic: bool = False
    seen: int = 0

    @property
    def text(self) -> str:
        """All that a reader sees; the HTML only where there is nothing else."""
        return "\n\n".join(self.prose or [text_of_html(html) for html in self.html])


def looks_like_message(data: bytes) -> bool:
    """Whether bytes begin with the header of a message, a line of an mbox before it or not."""
    start = data[:20_000].lstrip(b"\r\n \t\xef\xbb\xbf")
    if _FROM_LINE.match(start):
        return True
    lines = start.split(b"\n", 40)[:40]
    known = 0
    for line in lines:
        if not line.strip():
            break
        if _KNOWN.match(line):
            known += 1
        elif not (line[:1] in b" \t" or _HEADER.match(line)):
            return False
    return known >= 2


def parts_of(data: bytes) -> Parts | None:
    """Return the parts of a message, None for one that cannot be taken apart."""
    data = data.lstrip(b"\r\n \t\xef\xbb\xbf")
    found = _FROM_LINE.match(data)
    data = data[found.end() :] if found is not None else data
    if data.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        return None
    parts = Parts()
    try:
        _bounce(message_from_bytes(data), parts, 0)
    except _FAILURES:
        return parts if parts.status or parts.prose else None
    return parts


def _bounce(message: Message, parts: Parts, depth: int) -> None:
    """Take the parts of a message that may be a bounce."""
    parts.report = parts.report or _is_bounce(message)
    parts.no_bounce = parts.no_bounce or _NO_BOUNCES.get(_report_type(message), "")
    parts.automatic = parts.automatic or _is_automatic(message)
    failed = (mail_address(address) for _, address in _addresses(message, "X-Failed-Recipients"))
    parts.failed = parts.failed or tuple(address for address in failed if address)
    if _is_bounce(message) and parts.sender is None:
        # A bounce goes to the sender of the envelope (RFC 3464 §2, RFC 5321 §3.6.3), and to nobody else.
        to = _addresses(message, "To")
        parts.sender = mail_address(to[0][1]) if len(to) == 1 else None
    _part(message, parts, depth, of_report=_type(message) == "multipart/report")


def _part(part: Message, parts: Parts, depth: int, *, of_report: bool) -> None:
    parts.seen += 1
    if depth > _DEEPEST or parts.seen > _MOST_PARTS:
        return
    kind = _type(part)
    if kind in _STATUS:
        parts.status += [*_status_lines(part), ""]
    elif kind in _HEADERS:
        _returned_headers(part, parts)
    elif kind in _ORIGINALS:
        _inner(part, parts, depth, of_report=of_report)
    elif part.is_multipart():
        for inner in part.get_payload():
            if isinstance(inner, Message):
                _part(inner, parts, depth + 1, of_report=of_report or _type(inner) == "multipart/report")
    elif (part.get_filename() or "").lower().endswith(".eml"):
        _attached(part, parts, depth)
    elif kind == "text/html":
        parts.html.append(_text(part))
    elif kind.startswith("text/"):
        parts.prose.append(_text(part))


def _type(part: Message) -> str:
    return part.get_content_type().lower()


def _is_bounce(message: Message) -> bool:
    """Whether a message says of itself that it is a bounce."""
    if _type(message) == "multipart/report":
        return _report_type(message) == "delivery-status"
    if message.get("X-Failed-Recipients") is not None:
        return True
    return bool(_DAEMON.search(_field(message, "From"))) or _field(message, "Return-Path").strip() == "<>"


def _is_automatic(message: Message) -> bool:
    """Whether a person's mailbox has replied by itself (RFC 3834 §5), as in an absence."""
    automatic = _field(message, "Auto-Submitted").strip().lower().startswith("auto-replied")
    by_server = message.get("X-Failed-Recipients") is not None or bool(_DAEMON.search(_field(message, "From")))
    return automatic and not by_server and _type(message) != "multipart/report"


def _report_type(message: Message) -> str:
    """Return the kind of report that a message is (RFC 6522 §3), "" for none."""
    if _type(message) != "multipart/report":
        return ""
    given = message.get_param("report-type")
    return given.strip().lower() if isinstance(given, str) and given.strip() else "delivery-status"


def _field(message: Message, name: str) -> str:
    return str(message.get(name, ""))[:_MOST_HEADER]


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    text = _field(message, name)
    return getaddresses([text]) if text else []


def _inner(part: Message, parts: Parts, depth: int, *, of_report: bool) -> None:
    """Take a message within one: what a bounce returns, or a bounce that somebody has forwarded."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return
    if not of_report and not parts.status and _is_bounce(inner):
        parts.sender = None
        parts.prose, parts.html = [], []
        _bounce(inner, parts, depth + 1)
        return
    _returned(inner, parts)


def _attached(part: Message, parts: Parts, depth: int) -> None:
    """Take a file that holds a message."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or parts.status:
        return
    if looks_like_message(content) and content.lower().count(b"boundary=") <= _MOST_BOUNDARIES:
        inner = message_from_bytes(content.lstrip())
        if _is_bounce(inner):
            parts.sender = None
            _bounce(inner, parts, depth + 1)


def _returned(original: Message, parts: Parts) -> None:
    """Take who sent the message that is returned: its Return-Path is the envelope's, any other field is not."""
    path = original.get("Return-Path")
    if path is not None:
        sender = sender_address(str(path)[:_MOST_HEADER])
        parts.sender = sender or parts.sender or sender


def _returned_headers(part: Message, parts: Parts) -> None:
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
    else:
        inner = message_from_bytes(_text(part)[:100_000].encode("utf-8", "replace"))
    if isinstance(inner, Message):
        _returned(inner, parts)


def _status_lines(part: Message) -> list[str]:
    """Return the fields as lines: the library has made messages of their blocks, each of them one or the first."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _text(part).splitlines()
    lines: list[str] = []
    for block in payload:
        if not isinstance(block, Message):
            continue
        for name, value in block.items():
            lines += f"{name}: {value}"[:20_000].splitlines()
        lines.append("")
        rest = block.get_payload()
        if isinstance(rest, str) and rest.strip():
            lines += [*_text(_like(block, part)).splitlines(), ""]
    return lines


def _like(block: Message, part: Message) -> Message:
    """Return a block whose text is encoded as the part that it stands in says."""
    encoding = part.get("Content-Transfer-Encoding")
    if encoding is not None and "Content-Transfer-Encoding" not in block:
        block["Content-Transfer-Encoding"] = str(encoding)[:40]
    return block


def _text(part: Message) -> str:
    """Return the text of a part, as far as it is read."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return text_of(content[:MOST_TEXT], part.get_content_charset("") or "")
