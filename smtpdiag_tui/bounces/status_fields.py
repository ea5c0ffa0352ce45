"""The fields of a delivery status notification (RFC 3464 §2, RFC 6533 §4): one block for each recipient. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from smtpdiag_tui.bounces.cleaning import HOST, host_name, ip_address, mail_address, mail_moment, sender_address
from smtpdiag_tui.bounces.server_words import MOST_WORDS, own_words, postfix_said
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.status import Outcome

MOST_RECIPIENTS = 500
_MOST_VALUE = 6000  # characters of one field
_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]{1,60})[ \t]?:(?:[ \t]|\Z)(?P<value>.*)")
_NAMES = frozenset(
    {
        "reporting-mta", "original-envelope-id", "received-from-mta", "arrival-date", "dsn-gateway",
        "original-recipient", "final-recipient", "action", "status", "remote-mta", "diagnostic-code",
        "last-attempt-date", "final-log-id", "will-retry-until", "localized-diagnostic",
    }
)  # fmt: skip
_ACTIONS = {
    "failed": Outcome.BOUNCED,
    "delayed": Outcome.DEFERRED,
    "delivered": Outcome.ACCEPTED,
    "relayed": Outcome.ACCEPTED,
    "expanded": Outcome.ACCEPTED,
}
_XTEXT = re.compile(r"\+(?P<hex>[0-9A-F]{2})")
_UNITEXT = re.compile(r"\\x\{(?P<hex>[0-9A-Fa-f]{2,6})\}")
_INSIDE = re.compile(r"[\[(](?P<address>(?:IPv6:)?[0-9A-Fa-f.:]{2,45})(?:[\])]|, )")
_NAME = re.compile(rf"{HOST}")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Status:
    """What the fields tell: the deliveries, the envelope's sender if Postfix names it, and who reports.

    `more` counts the recipients that are not among them.
    """

    told: tuple[Told, ...] = ()
    sender: str | None = None
    reporter: str | None = None
    more: int = 0


def fields_in(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the blocks of fields that lines hold, names in lower case, their folded lines joined."""
    block: dict[str, str] = {}
    name = ""
    for line in lines:
        found = _FIELD.match(line)
        if found is not None:
            name = found["name"].lower()
            if name == "final-recipient" and name in block:  # some leave the empty line between out
                yield block
                block = {}
            block.setdefault(name, found["value"][:_MOST_VALUE].strip())
        elif line[:1] in (" ", "\t") and name and line.strip():
            if len(block[name]) < _MOST_VALUE:
                block[name] = f"{block[name]}\n{line.strip()}"[:_MOST_VALUE]
        elif not line.strip():
            if block:
                yield block
            block, name = {}, ""
        else:
            name = ""
    if block:
        yield block


def has_fields(lines: Iterable[str]) -> bool:
    """Whether lines hold a block about a recipient, as a pasted report has it."""
    return any(line[:16].lower() == "final-recipient:" for line in lines)


def read_status(lines: Iterable[str]) -> Status:
    """Return what the fields of a notification tell."""
    told: list[Told] = []
    sender: str | None = None
    reporter: str | None = None
    more = 0
    for block in fields_in(lines):
        if not _NAMES.intersection(block):
            continue
        if "x-postfix-sender" in block:
            sender = sender_address(_typed(block["x-postfix-sender"]))
        if "reporting-mta" in block:
            reporter = host_name(_typed(block["reporting-mta"]))
        if "final-recipient" not in block and "original-recipient" not in block:
            continue
        if len(told) < MOST_RECIPIENTS:
            told.append(_told(block))
        else:
            more += 1
    return Status(tuple(told), sender, reporter, more)


def _typed(value: str) -> str:
    """Return the value of a field that has its type before it, `rfc822; bob@a.example`."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and len(kind) < 20 else value).strip()


def recipient_of(value: str) -> str | None:
    """Return the address of a recipient field, its escapes undone (RFC 3461 §4, RFC 6533 §3)."""
    kind = value.partition(";")[0].strip().lower()
    text = _typed(value)[:1000]
    if kind == "utf-8":
        text = _UNITEXT.sub(lambda found: _character(found["hex"]), text)
    elif "@" not in text:
        text = _XTEXT.sub(lambda found: chr(int(found["hex"], 16)), text)
    return mail_address(text)


def _character(digits: str) -> str:
    point = int(digits, 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


def _told(block: Mapping[str, str]) -> Told:
    recipient = recipient_of(block.get("final-recipient", ""))
    if recipient is None:
        recipient = recipient_of(block.get("original-recipient", ""))
    host, address = _remote(block.get("remote-mta", ""))
    told = Told(
        recipient=recipient,
        host=host,
        address=address,
        at=mail_moment(block.get("last-attempt-date")),
        outcome=_ACTIONS.get(block.get("action", "").split("(")[0].strip().lower()),
    )
    return _diagnosed(told, block)


def _diagnosed(told: Told, block: Mapping[str, str]) -> Told:
    """Return what is told with the diagnosis: a server's reply, or the words of the one that reports."""
    value = block.get("diagnostic-code", "")
    kind = value.partition(";")[0].strip().lower()
    text = _unwrapped(_typed(value))
    status = block.get("status", "").strip().split(" ")[0]
    said = postfix_said(text)
    if kind not in ("smtp", "lmtp") and said.host is None and said.reply is None:
        words = own_words(text) if text else _of_status(status)
        return replace(said.put_into(told), reply=None, words=words)
    if said.reply is None and told.reply is None and not text:
        return replace(told, words=_of_status(status))
    told = said.put_into(told)
    return replace(told, words=told.words or _otherwise(told.reply or "", status))


def _unwrapped(text: str) -> str:
    """Return the text of a folded field: the lines of a reply stay lines, what was folded within one is joined."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and not (line[:3].isascii() and line[:3].isdigit() and line[3:4] in ("-", " ")):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _of_status(status: str) -> str:
    return f"Status {status}" if _STATUS.fullmatch(status) else ""


def _otherwise(reply: str, status: str) -> str:
    """Return that the report's status is another than the reply's, "" where it is not."""
    if not _STATUS.fullmatch(status) or status in reply or status.endswith(".0.0"):
        return ""
    return f"Status {status}" if _STATUS.search(reply) else ""


def _remote(value: str) -> tuple[str | None, str | None]:
    """Return name and address of the field Remote-MTA: a name, an address, or both in one of several ways."""
    text = _typed(value)[:MOST_WORDS]
    inside = _INSIDE.search(text)
    address = ip_address(inside["address"]) if inside is not None else ip_address(text.split(" ")[0])
    name = _NAME.match(text)
    return host_name(name["host"]) if name is not None else None, address
