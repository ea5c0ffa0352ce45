"""A saved JSON report back into a report. The file is hostile until shown otherwise."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from smtpdiag_tui.engine.judgement import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.engine.report import Report, Step, parent_id
from smtpdiag_tui.engine.status import Outcome, Status
from smtpdiag_tui.findings import Finding, Severity, Side
from smtpdiag_tui.render.as_json import SCHEMA
from smtpdiag_tui.settings import (
    GREYLIST_LEAST,
    GREYLIST_MOST,
    MAX_BLOCKLISTS,
    DnsServer,
    Relay,
    Settings,
    SettingsError,
    TlsPolicy,
    parse_blocklist,
    parse_dns_server,
    parse_ip,
    parse_server,
)
from smtpdiag_tui.transcript import Direction, Entry, visible

MAX_SIZE = 64 * 1024 * 1024  # octets
MAX_DEPTH = 12
MAX_STEPS = 20_000
MAX_RELAYS = 100
_MASKED = re.compile(r"own-ipv[46]-\d+")  # as a report that was redacted has it
E = TypeVar("E", bound=StrEnum)


class SavedReportError(ValueError):
    """The file is no saved report; the text is one sentence."""


def read_saved(path: Path) -> Report:
    """Read a saved report; raises SavedReportError, OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise SavedReportError(f"it is larger than {MAX_SIZE // 1024 // 1024} MiB.")
    return from_json(data)


def from_json(text: str | bytes) -> Report:
    """Return the report that `text` holds; raises SavedReportError for anything else.

    All of its text is made printable again; what has no place in a report is refused.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SavedReportError("it is no JSON.") from error
    top = _dict(found, "the report")
    if top.get("schema") != SCHEMA:
        raise SavedReportError(f"it is no report of schema {SCHEMA}.")
    steps: dict[str, Step] = {}
    for item in _list(top, "steps"):
        _read_step(_dict(item, "a step"), None, steps, 0)
    status = _enum(Status, top, "status")
    return Report(
        settings=_settings(top),
        started=_time(top),
        seconds=_number(top, "seconds"),
        status=Status.CANCELLED if not status.ended else status,
        outcome=_enum(Outcome, top, "outcome"),
        summary=_text(top, "summary"),
        side=_optional_enum(Side, top, "side"),
        advice=tuple(_line(item, "advice") for item in _list(top, "advice", optional=True)),
        causes=tuple(_cause(_dict(item, "a cause")) for item in _list(top, "causes", optional=True)),
        senders=tuple(_sender(_dict(item, "a sender")) for item in _list(top, "senders", optional=True)),
        steps=steps,
    )


def _cause(found: dict[str, Any]) -> Cause:
    return Cause(
        code=_text(found, "code"),
        side=_enum(Side, found, "side"),
        message=_text(found, "message"),
        meaning=_text(found, "meaning", optional=True),
        advice=_text(found, "advice", optional=True),
        reference=_optional_text(found, "reference"),
        evidence=tuple(_line(item, "evidence") for item in _list(found, "evidence")),
        decides=found.get("decides") is True,
    )


def _sender(found: dict[str, Any]) -> SenderResult:
    return SenderResult(
        name=_text(found, "name"),
        title=_text(found, "title"),
        outcome=_enum(Outcome, found, "outcome"),
        summary=_text(found, "summary"),
        attempts=tuple(_attempt(_dict(item, "an attempt")) for item in _list(found, "attempts")),
    )


def _attempt(found: dict[str, Any]) -> SenderAttempt:
    return SenderAttempt(
        host=_text(found, "host"),
        address=_text(found, "address"),
        result=_text(found, "result"),
        reply=_text(found, "reply", optional=True),
    )


def _read_step(found: dict[str, Any], above: str | None, steps: dict[str, Step], depth: int) -> None:
    step_id = _text(found, "id")
    if parent_id(step_id) != above or not step_id.rpartition("/")[2]:
        raise SavedReportError(f"the step {step_id!r} does not stand where its id says.")
    if step_id in steps:
        raise SavedReportError(f"the step {step_id!r} stands there twice.")
    if depth > MAX_DEPTH or len(steps) >= MAX_STEPS:
        raise SavedReportError("it has more steps than a report can have.")
    status = _enum(Status, found, "status")
    steps[step_id] = Step(
        id=step_id,
        title=_text(found, "title"),
        status=Status.CANCELLED if not status.ended else status,
        detail=_text(found, "detail", optional=True),
        started=_number(found, "started"),
        seconds=_number(found, "seconds"),
        findings=tuple(_finding(_dict(item, "a finding")) for item in _list(found, "findings")),
        transcript=tuple(_entry(_dict(item, "a line")) for item in _list(found, "transcript")),
        explanation=_lines(found, "explanation"),
    )
    for item in _list(found, "steps"):
        _read_step(_dict(item, "a step"), step_id, steps, depth + 1)


def _finding(found: dict[str, Any]) -> Finding:
    return Finding(
        code=_text(found, "code"),
        severity=_enum(Severity, found, "severity"),
        message=_text(found, "message"),
        meaning=_text(found, "meaning", optional=True),
        side=_optional_enum(Side, found, "side"),
        advice=_optional_text(found, "advice"),
        reference=_optional_text(found, "reference"),
        evidence=tuple(_line(item, "evidence") for item in _list(found, "evidence")),
    )


def _entry(found: dict[str, Any]) -> Entry:
    raw = found.get("raw")
    if raw is not None:
        if not isinstance(raw, str):
            raise SavedReportError("the exact bytes of a line are no text in base64.")
        try:
            raw = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError) as error:
            raise SavedReportError("the exact bytes of a line are no base64.") from error
    tls = found.get("tls")
    if not isinstance(tls, bool):
        raise SavedReportError("a line does not say whether it was under TLS.")
    return Entry(_number(found, "at") or 0.0, _enum(Direction, found, "direction"), _text(found, "text"), tls, raw)


def _settings(top: dict[str, Any]) -> Settings:
    found = _dict(top.get("settings"), "the settings")
    family = found.get("family")
    port = found.get("port")
    if family not in (None, 4, 6) or not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise SavedReportError("its settings are none.")
    timeout = _number(found, "timeout")
    if timeout is not None and timeout <= 0:
        raise SavedReportError("its settings are none.")
    return Settings(
        sender=_text(top, "sender"),
        recipient=_text(top, "recipient"),
        dns=tuple(_server(item) for item in _list(found, "dns")),
        port=port,
        timeout=timeout,
        ehlo=_optional_text(found, "ehlo"),
        source=_optional_text(found, "source"),
        family=family,
        tls=_enum(TlsPolicy, found, "tls"),
        server=_optional_text(found, "server"),
        all_addresses=found.get("all_addresses") is True,
        verbose=found.get("verbose") is True,
        dnsbl=_blocklists(found),
        as_local_mta=_optional_text(found, "as_local_mta"),
        source4=_optional_address(found, "source4"),
        source6=_optional_address(found, "source6"),
        relay=tuple(
            _relay(_dict(item, "a relay host")) for item in _list(found, "relay", optional=True)[:MAX_RELAYS]
        ),
        relay_auth=auth if isinstance(auth := found.get("relay_auth"), bool) else None,
        local_facts=tuple(_line(item, "local_facts") for item in _list(found, "local_facts", optional=True)),
        retry_greylisted=_wait(found),
    )


def _optional_address(found: dict[str, Any], key: str) -> str | None:
    text = _optional_text(found, key)
    if text is not None and parse_ip(text) is None and not _MASKED.fullmatch(text):
        raise SavedReportError(f"its setting {key!r} is no address.")
    return text


def _relay(found: dict[str, Any]) -> Relay:
    port = found.get("port")
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise SavedReportError("its settings name a relay host without a port.")
    try:
        host = parse_server(_text(found, "host"))
    except SettingsError as error:
        raise SavedReportError("its settings name a relay host that is none.") from error
    return Relay(host, port, found.get("mx") is True)


def _wait(found: dict[str, Any]) -> float | None:
    value = _number(found, "retry_greylisted")
    if value is not None and not GREYLIST_LEAST <= value <= GREYLIST_MOST:
        raise SavedReportError("its settings are none.")
    return value


def _server(found: Any) -> DnsServer:
    try:
        return parse_dns_server(_line(found, "dns"))
    except ValueError as error:
        raise SavedReportError("its settings name a DNS server that is no address.") from error


def _blocklists(found: dict[str, Any]) -> tuple[str, ...]:
    given = _list(found, "dnsbl", optional=True)
    if len(given) > MAX_BLOCKLISTS:
        raise SavedReportError("its settings name more blocklists than a run asks.")
    try:
        return tuple(parse_blocklist(_line(item, "dnsbl")) for item in given)
    except SettingsError as error:
        raise SavedReportError("its settings name a blocklist that is no domain name.") from error


def _time(top: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(_text(top, "started")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SavedReportError("its time is none.") from error


def _dict(found: Any, what: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise SavedReportError(f"{what} is no JSON object.")
    return found


def _list(found: dict[str, Any], key: str, *, optional: bool = False) -> list[Any]:
    value = found.get(key, [] if optional else None)
    if not isinstance(value, list):
        raise SavedReportError(f"{key!r} is no list.")
    return value


def _line(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is no text.")
    return visible(value)


def _text(found: dict[str, Any], key: str, *, optional: bool = False) -> str:
    return _line(found.get(key, "" if optional else None), key)


def _optional_text(found: dict[str, Any], key: str) -> str | None:
    return None if found.get(key) is None else _text(found, key)


def _lines(found: dict[str, Any], key: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is no text.")
    return "\n".join(visible(line) for line in value.split("\n"))


def _number(found: dict[str, Any], key: str) -> float | None:
    value = found.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > 1e9
    ):
        raise SavedReportError(f"{key!r} is no number of seconds.")
    return float(value)


def _enum(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E:
    try:
        return kind(_text(found, key))
    except ValueError as error:
        raise SavedReportError(f"{key!r} has no value that a report knows.") from error


def _optional_enum(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E | None:
    return None if found.get(key) is None else _enum(kind, found, key)
