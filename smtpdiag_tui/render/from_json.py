"""A saved JSON report back into a report. The file is hostile until shown otherwise."""

import base64
import binascii
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Option, Shape
from smtpdiag_tui.render.as_json import SCHEMA
from smtpdiag_tui.render.json_weight import too_heavy
from smtpdiag_tui.render.older_files import facts_in, local_hosts_in
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.facts import Party, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Relay, Settings, SettingsError, parse_server

MAX_SIZE = 64 * 1024 * 1024  # octets
MAX_DEPTH = 12
# More than any run makes, and no more than can be drawn at once.
MAX_STEPS = 10_000
MAX_BELOW = 2_000  # steps directly below one
MAX_FINDINGS = 500  # at one step
MAX_EVIDENCE = 1_000  # lines of a finding; those beyond are in the conversation too
MAX_TEXT = 5_000  # characters of a sentence
MAX_RELAYS = 100
E = TypeVar("E", bound=StrEnum)


class SavedReportError(ValueError):
    """The file is not a saved report; the text says why, in one line."""


def read_saved(path: Path) -> Report:
    """Read a saved report; raises SavedReportError, OSError."""
    data = read_regular(path, MAX_SIZE)
    if len(data) > MAX_SIZE:
        raise SavedReportError(f"larger than {MAX_SIZE // 1024 // 1024} MiB")
    return from_json(data)


def from_json(text: str | bytes) -> Report:
    """Return the report that `text` holds; raises SavedReportError for anything else.

    All of its text is made printable again; what has no place in a report is refused.
    """
    top = _dict(_loaded(text), "the report")
    del text
    if top.get("schema") != SCHEMA:
        raise SavedReportError(f"not a report of schema {SCHEMA}")
    steps: dict[str, Step] = {}
    for item in _list(top, "steps", most=MAX_BELOW):
        _read_step(_dict(item, "a step"), None, steps, 0)
    status = _enum(Status, top, "status")
    return Report(
        settings=_settings(top),
        started=_time(top),
        seconds=_duration(top),
        status=Status.CANCELLED if not status.ended else status,
        outcome=_enum(Outcome, top, "outcome"),
        summary=_sentence(top, "summary"),
        side=_optional_enum(Side, top, "side"),
        advice=tuple(
            _cut(_line(item, "advice")) for item in _list(top, "advice", optional=True, most=MAX_FINDINGS)
        ),
        causes=tuple(
            _cause(_dict(item, "a cause")) for item in _list(top, "causes", optional=True, most=MAX_FINDINGS)
        ),
        senders=tuple(
            _sender(_dict(item, "a sender profile")) for item in _list(top, "senders", optional=True, most=MAX_FINDINGS)
        ),
        steps=steps,
    )


def _loaded(text: str | bytes) -> Any:
    """Return what the JSON text holds; raises SavedReportError for what is none, or would not fit into memory."""
    heavy = too_heavy(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    if heavy:
        raise SavedReportError(heavy)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SavedReportError("not a JSON file") from error


def _cause(found: dict[str, Any]) -> Cause:
    return Cause(
        code=_text(found, "code"),
        side=_enum(Side, found, "side"),
        message=_sentence(found, "message"),
        meaning=_sentence(found, "meaning", optional=True),
        advice=_sentence(found, "advice", optional=True),
        reference=_optional_text(found, "reference"),
        evidence=tuple(_line(item, "evidence") for item in _list(found, "evidence", most=MAX_STEPS)),
        decides=found.get("decides") is True,
        reason=_optional_enum(Reason, found, "reason"),
    )


def _sender(found: dict[str, Any]) -> SenderResult:
    return SenderResult(
        name=_text(found, "name"),
        title=_text(found, "title"),
        outcome=_enum(Outcome, found, "outcome"),
        summary=_sentence(found, "summary"),
        attempts=tuple(_attempt(_dict(item, "an attempt")) for item in _list(found, "attempts", most=MAX_STEPS)),
    )


def _attempt(found: dict[str, Any]) -> SenderAttempt:
    return SenderAttempt(
        host=_text(found, "host"),
        address=_text(found, "address"),
        result=_text(found, "result"),
        reply=_sentence(found, "reply", optional=True),
    )


def _read_step(found: dict[str, Any], above: str | None, steps: dict[str, Step], depth: int) -> None:
    step_id = StepId(_text(found, "id"))
    if step_id.parent != above or not step_id.name:
        raise SavedReportError(f"step {step_id!r} is not where its id says")
    if step_id in steps:
        raise SavedReportError(f"step {step_id!r} occurs twice")
    if depth > MAX_DEPTH or len(steps) >= MAX_STEPS:
        raise SavedReportError("more steps than a report can have")
    status = _enum(Status, found, "status")
    step = Step(
        id=step_id,
        title=_sentence(found, "title"),
        status=Status.CANCELLED if not status.ended else status,
        detail=_sentence(found, "detail", optional=True),
        started=_number(found, "started"),
        seconds=_duration(found),
        findings=tuple(_finding(_dict(item, "a finding")) for item in _list(found, "findings", most=MAX_FINDINGS)),
        transcript=tuple(_entry(_dict(item, "a line")) for item in _list(found, "transcript")),
        explanation=_lines(found, "explanation"),
        kind=StepKind(_text(found, "kind", optional=True)),
    )
    steps[step_id] = replace(step, facts=_facts(found, step))
    for item in _list(found, "steps", most=MAX_BELOW):
        _read_step(_dict(item, "a step"), step_id, steps, depth + 1)


def _facts(found: dict[str, Any], step: Step) -> StepFacts:
    if "facts" not in found:
        return facts_in(step)
    facts = _dict(found["facts"], "what a step tells")

    def texts(key: str) -> tuple[str, ...]:
        return tuple(_line(item, key) for item in _list(facts, key, optional=True, most=MAX_STEPS))

    return StepFacts(
        host_name=_text(facts, "host_name", optional=True),
        sources=texts("sources"),
        seen_as=texts("seen_as"),
        names=texts("names"),
        addresses=texts("addresses"),
        ehlo=_text(facts, "ehlo", optional=True),
        said=_text(facts, "said", optional=True),
        timed=facts.get("timed") is True,
    )


def _finding(found: dict[str, Any]) -> Finding:
    return Finding(
        code=_text(found, "code"),
        severity=_enum(Severity, found, "severity"),
        message=_sentence(found, "message"),
        meaning=_sentence(found, "meaning", optional=True),
        side=_optional_enum(Side, found, "side"),
        advice=_optional_text(found, "advice"),
        reference=_optional_text(found, "reference"),
        evidence=_evidence(found),
        party=_optional_enum(Party, found, "party"),
        reason=_optional_enum(Reason, found, "reason"),
    )


def _evidence(found: dict[str, Any]) -> tuple[str, ...]:
    lines = [_line(item, "evidence") for item in _list(found, "evidence")]
    if len(lines) > MAX_EVIDENCE:
        lines = [*lines[:MAX_EVIDENCE], f"({len(lines) - MAX_EVIDENCE:,} more lines not shown)"]
    return tuple(lines)


def _entry(found: dict[str, Any]) -> Entry:
    raw = found.get("raw")
    if raw is not None:
        if not isinstance(raw, str):
            raise SavedReportError("the exact bytes of a line are not base64 text")
        try:
            raw = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError) as error:
            raise SavedReportError("the exact bytes of a line are not valid base64") from error
    tls = found.get("tls")
    if not isinstance(tls, bool):
        raise SavedReportError("a line does not say whether it was under TLS")
    return Entry(_number(found, "at") or 0.0, _enum(Direction, found, "direction"), _text(found, "text"), tls, raw)


def _settings(top: dict[str, Any]) -> Settings:
    """Return the settings, judged as those of the command line are: a run may begin with them."""
    found = _dict(top.get("settings"), "the settings")
    values = {option.name: _setting(found, option) for option in table.OPTIONS}
    if "local_hosts" not in found:  # an earlier version tells of them in the lines alone
        values["local_hosts"] = local_hosts_in(values["local_facts"])
    return Settings(_text(top, "sender"), _text(top, "recipient"), **values)


def _setting(found: dict[str, Any], option: Option) -> Any:
    value = found.get(option.name)
    match option.json.shape:
        case Shape.SWITCH:
            return value is True
        case Shape.YES_NO:
            return value if isinstance(value, bool) else None
        case Shape.RELAYS:
            hosts = _list(found, option.name, optional=True)
            return tuple(_relay(_dict(item, "a relay host")) for item in hosts[:MAX_RELAYS])
        case Shape.TEXTS:
            return _parsed(option, _setting_texts(found, option))
    if value is None and not option.json.required:
        return None
    return _parsed(option, _setting_text(found, option))


def _parsed(option: Option, text: str | list[str]) -> Any:
    """Return the value that the text of a setting, or all texts in its list, stand for."""
    parse = option.json.parse or option.parse
    try:
        return parse(text)
    except SettingsError as error:
        wrong = option.json.wrong or f"{visible(str(error))} (in its settings)"
        raise SavedReportError(wrong) from error


def _setting_text(found: dict[str, Any], option: Option) -> str:
    """Return a text or a number as the command line would have it."""
    value = found.get(option.name)
    match option.json.shape:
        case Shape.WHOLE_NUMBER:
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                raise SavedReportError(f"invalid {option.name!r} in its settings")
            return str(value)
        case Shape.SECONDS:
            return str(_number(found, option.name))
        case _:
            if option.json.wrong is not None and not isinstance(value, str):
                raise SavedReportError(option.json.wrong)
            return _text(found, option.name)


def _setting_texts(found: dict[str, Any], option: Option) -> list[str]:
    most, too_many = option.json.most, option.json.too_many
    values = _list(found, option.name, optional=not option.json.required, most=None if too_many else most)
    if too_many and most is not None and len(values) > most:
        raise SavedReportError(too_many)
    return [_line(value, option.name) for value in values]


def _relay(found: dict[str, Any]) -> Relay:
    port = found.get("port")
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise SavedReportError("relay host without a port in its settings")
    try:
        host = parse_server(_text(found, "host"))
    except SettingsError as error:
        raise SavedReportError("invalid relay host in its settings") from error
    return Relay(host, port, found.get("mx") is True)


def _time(top: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(_text(top, "started")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SavedReportError("invalid 'started'") from error


def _dict(found: Any, what: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise SavedReportError(f"{what} is not a JSON object")
    return found


def _list(found: dict[str, Any], key: str, *, optional: bool = False, most: int | None = None) -> list[Any]:
    value = found.get(key, [] if optional else None)
    if not isinstance(value, list):
        raise SavedReportError(f"{key!r} is not a list")
    if most is not None and len(value) > most:
        raise SavedReportError(f"{len(value):,} {key} in one place, more than a report can have")
    return value


def _line(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is not text")
    return visible(value)


def _text(found: dict[str, Any], key: str, *, optional: bool = False) -> str:
    return _line(found.get(key, "" if optional else None), key)


def _sentence(found: dict[str, Any], key: str, *, optional: bool = False) -> str:
    return _cut(_text(found, key, optional=optional))


def _cut(text: str) -> str:
    """Return a text that is laid out at once; a peer's line in it, of 64 KiB at most, stands elsewhere whole."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _optional_text(found: dict[str, Any], key: str) -> str | None:
    return None if found.get(key) is None else _text(found, key)


def _lines(found: dict[str, Any], key: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise SavedReportError(f"{key!r} is not text")
    return "\n".join(visible(line) for line in value.split("\n"))


def _number(found: dict[str, Any], key: str) -> float | None:
    value = found.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 1e9  # first: a whole number may be too great for what follows
        or not math.isfinite(value)
    ):
        raise SavedReportError(f"{key!r} is not a number of seconds")
    return float(value)


def _duration(found: dict[str, Any]) -> float | None:
    value = _number(found, "seconds")
    if value is not None and value < 0:
        raise SavedReportError("'seconds' is negative")
    return value


def _enum(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E:
    try:
        return kind(_text(found, key))
    except ValueError as error:
        raise SavedReportError(f"invalid {key!r}") from error


def _optional_enum(kind: Callable[[str], E], found: dict[str, Any], key: str) -> E | None:
    return None if found.get(key) is None else _enum(kind, found, key)
