"""The beginning of a saved report: enough to list it, whatever its size. The file is hostile.

A report is written with its steps last (`as_json`), so that its first part tells all that a list does. Pure.
"""

import json
from datetime import UTC, datetime
from typing import Any

from smtpdiag_tui.options.vantage_values import parse_vantage_points
from smtpdiag_tui.render.as_json import SCHEMA
from smtpdiag_tui.render.saved_values import SavedReportError, object_in, optional_enum_in, text_in
from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import SettingsError

HEAD = 64 * 1024  # octets: what a usual run has before its steps
LONG_HEAD = 512 * 1024  # of one with hundreds of addresses for each kind of sender
_LONGEST = 320  # characters of what stands in a row
_MOST_OWN = 64  # names and addresses of a host
_STOP = "steps"
_decoder = json.JSONDecoder()


def is_whole(data: bytes) -> bool:
    """Whether the beginning of a file reaches as far as to the steps of its report."""
    return _values(data)[1]


def head_of(data: bytes, key: str, number: int = 0) -> KeptRun:
    """Return what the beginning of a saved report tells of it; what cannot be read is told as an error."""
    found, _ = _values(data)
    try:
        return _told(found, key, number)
    except SavedReportError as error:
        return KeptRun(key, number, error=str(error))


def _told(found: dict[str, Any], key: str, number: int) -> KeptRun:
    if not found:
        raise SavedReportError("not a JSON file")
    if found.get("schema") != SCHEMA or "recipient" not in found:
        raise SavedReportError(f"not a report of schema {SCHEMA}")
    facts = object_in(found.get("facts", {}), "what a run tells")
    return KeptRun(
        key,
        number,
        started=_time(found),
        sender=_row(text_in(found, "sender")),
        recipient=_row(text_in(found, "recipient")),
        outcome=optional_enum_in(Outcome, found, "outcome"),
        reason=_reason(found),
        headline=_row(text_in(found, "headline", optional=True) or text_in(found, "summary", optional=True)),
        where=_where(found, facts),
        own=_own(facts),
        cancelled=found.get("status") == Status.CANCELLED.value,
    )


def _values(data: bytes) -> tuple[dict[str, Any], bool]:
    """Return the values of an object up to its steps, or to where the text ends; whether it came that far."""
    text = data.decode("utf-8", "replace")
    found: dict[str, Any] = {}
    place = _past_blanks(text, 0)
    if text[place : place + 1] != "{":
        return {}, True
    try:
        while text[place] in "{,":
            key, place = _decoder.raw_decode(text, _past_blanks(text, place + 1))
            place = _past_blanks(text, place)
            if not isinstance(key, str) or text[place] != ":":
                return found, True
            if key == _STOP:
                return found, True
            found[key], place = _decoder.raw_decode(text, _past_blanks(text, place + 1))
            place = _past_blanks(text, place)
    except (ValueError, IndexError, RecursionError):
        return found, False
    return found, True


def _past_blanks(text: str, place: int) -> int:
    while text[place : place + 1] in (" ", "\n", "\r", "\t"):
        place += 1
    return place


def _row(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _time(found: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(text_in(found, "started")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _reason(found: dict[str, Any]) -> str:
    """Return the reason of the cause that decides, else its code."""
    causes = found.get("causes")
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, dict) and cause.get("decides") is True:
            told = cause.get("reason") or cause.get("code")
            return _row(visible(told)) if isinstance(told, str) else ""
    return ""


def _where(found: dict[str, Any], facts: dict[str, Any]) -> str:
    """Return from where a run was held: its vantage point, else its host; "" where neither is known."""
    settings = found.get("settings")
    points = settings.get("via") if isinstance(settings, dict) else None
    if isinstance(points, list) and len(points) == 1 and isinstance(points[0], str):
        try:
            label = parse_vantage_points(points)[0].label
        except SettingsError:
            label = "local"
        if label != "local":
            return _row(visible(label))
    name = facts.get("host_name")
    return _row(visible(name)) if isinstance(name, str) else ""


def _own(facts: dict[str, Any]) -> tuple[str, ...]:
    names = [facts.get("host_name"), facts.get("ehlo")]
    for key in ("sources", "seen_as", "names", "addresses"):
        values = facts.get(key)
        names += values[:_MOST_OWN] if isinstance(values, list) else []
    return tuple(dict.fromkeys(visible(name) for name in names if isinstance(name, str) and name))[:_MOST_OWN]
