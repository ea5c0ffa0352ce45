"""The SMTP sessions that a step's transcript tells of: to whom, from where, and what was said. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry

_CONNECTING = re.compile(
    r"connecting to (?P<address>[\w:][\w.:%@+~-]*) port (?P<port>\d{1,5})(?: from (?P<source>[\w:][\w.:%@+~-]*))?"
)
_KEYS = re.compile(r"session with (?P<keys>RSA|ECDSA) keys alone, TLS 1\.2")
_IN_CLEAR = "second session, unencrypted"
_ESTABLISHED = "TLS established: "
_FAILED = "TLS handshake failed: "
_MAIL, _RCPT = "MAIL FROM:<", "RCPT TO:<"


@dataclass(frozen=True, slots=True)
class Held:
    """One session as it was held. `source` is the local address that was asked for, "" for the system's choice.

    `ehlo` is what was said in EHLO or HELO. `sender` and `recipient` are the paths without their `<>`, None where
    MAIL or RCPT was not sent; `parameters` are MAIL's. `tls` is the protocol agreed on, `handshake_failed` whether
    none was; `in_clear` whether TLS was left alone on purpose, `keys` the one kind of key that was taken.
    """

    address: str
    port: str
    source: str = ""
    ehlo: str = ""
    sender: str | None = None
    parameters: str = ""
    recipient: str | None = None
    tls: str = ""
    handshake_failed: bool = False
    in_clear: bool = False
    keys: str = ""


def sessions(step: Step) -> tuple[Held, ...]:
    """Return the sessions of a transcript, each once: one held again after greylisting was the same."""
    return tuple(dict.fromkeys(_sessions(step.transcript)))


def _sessions(entries: Iterable[Entry]) -> list[Held]:
    found: list[Held] = []
    keys, in_clear = "", False
    for entry in entries:
        if entry.direction is Direction.SENT and found:
            found[-1] = _with_command(found[-1], _said(entry))
        elif entry.direction is Direction.NOTE:
            begun = _CONNECTING.fullmatch(entry.text)
            if begun is not None:
                place = begun["address"], begun["port"], begun["source"] or ""
                found.append(Held(*place, in_clear=in_clear, keys=keys))
                keys, in_clear = "", False
            elif (alone := _KEYS.fullmatch(entry.text)) is not None:
                keys = alone["keys"]
            elif entry.text.startswith(_IN_CLEAR):
                in_clear = True
            elif found:
                found[-1] = _with_note(found[-1], entry.text)
    return found


def _said(entry: Entry) -> str:
    """Return a line as it went out, as far as it prints: an address may hold what is shown escaped elsewhere."""
    if entry.raw is None:
        return entry.text
    text = entry.raw.decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else entry.text


def _with_command(held: Held, line: str) -> Held:
    verb, _, rest = line.partition(" ")
    if verb in ("EHLO", "HELO") and rest:
        return replace(held, ehlo=rest)
    if line.startswith(_MAIL):
        path, _, parameters = line.removeprefix(_MAIL).rpartition(">")
        return replace(held, sender=path, parameters=parameters.strip())
    if line.startswith(_RCPT):
        return replace(held, recipient=line.removeprefix(_RCPT).rpartition(">")[0])
    return held


def _with_note(held: Held, text: str) -> Held:
    if text.startswith(_ESTABLISHED):
        return replace(held, tls=text.removeprefix(_ESTABLISHED).partition(",")[0])
    return replace(held, handshake_failed=held.handshake_failed or text.startswith(_FAILED))
