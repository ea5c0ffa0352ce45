"""Exchange's message tracking log (CSV), and what `LED=` says in it and in the reports of Microsoft 365. Pure."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.bounces.cleaning import host_name, ip_address, iso_moment, mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.server_words import own_words
from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome

PROGRAM = "Exchange"
_OUTCOMES = {
    "FAIL": Outcome.BOUNCED,
    "DEFER": Outcome.DEFERRED,
    "SEND": Outcome.ACCEPTED,
    "SENDEXTERNAL": Outcome.ACCEPTED,
    "DELIVER": Outcome.ACCEPTED,
}
_COLUMNS = {
    "date-time": "at", "timestamp": "at", "event-id": "event", "eventid": "event",
    "recipient-address": "recipients", "recipients": "recipients",
    "recipient-status": "status", "recipientstatus": "status",
    "sender-address": "sender", "sender": "sender", "server-hostname": "host", "serverhostname": "host",
    "server-ip": "address", "serverip": "address", "message-id": "id", "messageid": "id",
    "internal-message-id": "id", "internalmessageid": "id",
}  # fmt: skip
_NEEDED = {"event", "recipients", "status"}
_PART = re.compile(r"\{(?P<key>LRT|LED|FQDN|IP|MSG)=(?P<value>[^{}]{0,2000})\}")
_OLDER = re.compile(
    r"#?<(?P<host>[\w.-]{0,255}) #[245]\.\d{1,3}\.\d{1,3} (?:smtp|SMTP); ?"
    r"(?P<reply>.{3,2000}?)>(?=\s{0,4}(?:#|\Z))"
)
# Codes in which Exchange tells of its own attempts: no server has replied so.
_OWN = re.compile(
    r"[45]\d\d [#]?(?:[45]\.4\.(?:1 error encountered|7\b|8\b|3\d\d\b)|[45]\.7\.32[0-5]\b)|.{0,40}smtpsend\.dns\.",
    re.IGNORECASE,
)
_NO_CONNECTION = ("failed to connect", "connection refused", "connection timed out", "connect to remote server")
_MOST = 500  # recipients of one line
LONGEST_FIELD = 100_000


def quoted(text: str) -> tuple[str | None, str, ToldPhase | None]:
    """Return what Exchange quotes: the server's reply, or words of its own, and where the session was then."""
    reply = reply_in(text)
    if reply is not None and not _OWN.match(reply):
        return reply, "", None
    lower = text.lower()
    connecting = reply is not None and any(words in lower for words in _NO_CONNECTION)
    return None, own_words(text), ToldPhase.CONNECT if connecting else None


@dataclass(frozen=True, slots=True)
class LastError:
    """What `[{LRT=...};{LED=...};{FQDN=...};{IP=...}]` says: the last error, and of whom."""

    reply: str | None
    words: str
    host: str | None
    address: str | None
    phase: ToldPhase | None = None


def last_error(text: str) -> LastError | None:
    """Return the last error that a text tells of in braces, or as Exchange of old had it; None for neither."""
    parts = {found["key"]: found["value"].strip() for found in _PART.finditer(text[:LONGEST_FIELD])}
    if "LED" in parts:
        reply, words, phase = quoted(parts["LED"])
        return LastError(reply, words, host_name(parts.get("FQDN")), ip_address(parts.get("IP")), phase)
    older = _OLDER.search(text[:LONGEST_FIELD])
    if older is not None:
        return LastError(reply_in(older["reply"].strip()), "", host_name(older["host"]), None)
    return None


def looks_like_csv(lines: Sequence[str]) -> bool:
    """Whether a text begins as a tracking log, or as the table that Get-MessageTrackingLog exports."""
    return any(_columns(line) is not None for line in lines[:20])


def _columns(line: str) -> list[str] | None:
    """Return what each column holds, None if a line is no heading."""
    if "," not in line or len(line) > 4000:
        return None
    names = next(csv.reader([line.removeprefix("#Fields:").strip()]), [])
    known = [_COLUMNS.get(name.strip().strip('"').lower(), "") for name in names]
    return known if set(known) >= _NEEDED else None


def read_csv(lines: Sequence[str], into: Collected) -> None:
    """Take what a tracking log tells."""
    columns: list[str] | None = None
    for number, row in _rows(lines):
        heading = _columns(",".join(row)) if columns is None else None
        if heading is not None:
            columns = heading
        elif columns is not None and not row[0].startswith("#"):
            # Of two columns with the same meaning, the first that says something.
            cells: dict[str, str] = {}
            for key, value in zip(columns, row, strict=False):
                if key and value and key not in cells:
                    cells[key] = value
            _take(number, cells, into)


def _rows(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        try:
            row = next(csv.reader([line[:LONGEST_FIELD]]), [])
        except csv.Error:  # a field that is too long
            continue
        if row:
            yield number, row


def _take(number: int, cells: Mapping[str, str], into: Collected) -> None:
    outcome = _OUTCOMES.get(cells.get("event", "").strip().upper())
    if outcome is None:
        return
    recipients = cells.get("recipients", "").strip("{}").split(";")[:_MOST]
    statuses = _statuses(cells.get("status", ""), len(recipients))
    for recipient, status in zip(recipients, statuses, strict=True):
        error = last_error(status)
        reply, words, phase = quoted(status.strip("{}' "))
        if error is not None:
            reply, words, phase = error.reply, error.words, error.phase
        accepted = outcome is Outcome.ACCEPTED
        told = Told(
            sender=sender_address(cells["sender"]) if "sender" in cells else None,
            recipient=mail_address(recipient),
            host=(error.host if error else None) or (host_name(cells.get("host")) if accepted else None),
            address=(error.address if error else None) or (ip_address(cells.get("address")) if accepted else None),
            at=iso_moment(cells.get("at", "")),
            reply=reply,
            words="" if reply else words,
            line=number,
            program=PROGRAM,
            outcome=outcome,
            phase=phase,
        )
        into.add((cells.get("id", ""), recipient.strip()), told)


def _statuses(text: str, number: int) -> list[str]:
    """Return the status of each recipient: one for all, or one for each, divided by semicolons."""
    if number == 1:
        return [text]
    parts = text.split("];[") if "];[" in text else text.split(";") if "{" not in text else [text]
    return parts if len(parts) == number else [text] * number
