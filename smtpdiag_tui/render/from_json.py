"""A saved JSON report back into a report. The file is hostile until shown otherwise."""

import base64
import binascii
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Option, Shape
from smtpdiag_tui.render.as_json import SCHEMA
from smtpdiag_tui.render.authentication_json import authentication_in, beyond_in
from smtpdiag_tui.render.json_weight import too_heavy
from smtpdiag_tui.render.older_files import delivery_in, facts_in, local_hosts_in
from smtpdiag_tui.render.saved_values import (
    SavedReportError,
    cut,
    duration_in,
    enum_in,
    line_in,
    lines_in,
    list_in,
    number_in,
    object_in,
    optional_enum_in,
    optional_text_in,
    sentence_in,
    text_in,
    whole_in,
)
from smtpdiag_tui.report.actions import YOU, Action, actions_in
from smtpdiag_tui.report.conclusions import Cause, Retry, SenderAttempt, SenderResult
from smtpdiag_tui.report.facts import CertificateVerdict, Party, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import GivenMessage, Relay, Settings, SettingsError, parse_server

MAX_SIZE = 64 * 1024 * 1024  # octets
MAX_DEPTH = 12
# More than any run makes, and no more than can be drawn at once.
MAX_STEPS = 10_000
MAX_BELOW = 2_000  # steps directly below one
MAX_FINDINGS = 500  # at one step
MAX_EVIDENCE = 1_000  # lines of a finding; those beyond are in the conversation too
MAX_RELAYS = 100


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
    top = object_in(_loaded(text), "the report")
    del text
    if top.get("schema") != SCHEMA:
        raise SavedReportError(f"not a report of schema {SCHEMA}")
    steps: dict[str, Step] = {}
    for item in list_in(top, "steps", most=MAX_BELOW):
        _read_step(object_in(item, "a step"), None, steps, 0)
    status = enum_in(Status, top, "status")
    return Report(
        settings=_settings(top),
        version=text_in(top, "version", optional=True),
        started=_time(top),
        seconds=duration_in(top),
        status=Status.CANCELLED if not status.ended else status,
        outcome=enum_in(Outcome, top, "outcome"),
        summary=sentence_in(top, "summary"),
        side=optional_enum_in(Side, top, "side"),
        headline=sentence_in(top, "headline", optional=True),
        delivery=_delivery(top),
        retry=optional_enum_in(Retry, top, "retry"),
        actions=_actions(top),
        causes=tuple(
            _cause(object_in(item, "a cause")) for item in list_in(top, "causes", optional=True, most=MAX_FINDINGS)
        ),
        senders=tuple(
            _sender(object_in(item, "a sender profile"))
            for item in list_in(top, "senders", optional=True, most=MAX_FINDINGS)
        ),
        authentication=authentication_in(top),
        beyond=beyond_in(top),
        steps=steps,
    )


def _delivery(top: dict[str, Any]) -> str:
    """Return whether the message arrives; an earlier version says there what stands apart by now."""
    told = sentence_in(top, "delivery", optional=True)
    return told if "beyond" in top else delivery_in(told)


def _loaded(text: str | bytes) -> Any:
    """Return what the JSON text holds; raises SavedReportError for what is none, or would not fit into memory."""
    heavy = too_heavy(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    if heavy:
        raise SavedReportError(heavy)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SavedReportError("not a JSON file") from error


def _actions(found: dict[str, Any]) -> tuple[Action, ...]:
    """Return what is to be done; an earlier version tells the sentences alone."""
    if "actions" in found:
        items = (object_in(item, "an action") for item in list_in(found, "actions", most=MAX_FINDINGS))
        pairs = ((sentence_in(item, "who"), sentence_in(item, "what")) for item in items)
        return tuple(Action("" if who == YOU else who, what) for who, what in pairs)
    advice = found.get("advice")
    if advice is None:
        return ()
    lines = [advice] if isinstance(advice, str) else list_in(found, "advice", most=MAX_FINDINGS)
    return actions_in([cut(line_in(item, "advice")) for item in lines])


def _cause(found: dict[str, Any]) -> Cause:
    return Cause(
        code=text_in(found, "code"),
        side=enum_in(Side, found, "side"),
        message=sentence_in(found, "message"),
        meaning=sentence_in(found, "meaning", optional=True),
        actions=_actions(found),
        reference=optional_text_in(found, "reference"),
        evidence=tuple(line_in(item, "evidence") for item in list_in(found, "evidence", most=MAX_STEPS)),
        decides=found.get("decides") is True,
        reason=optional_enum_in(Reason, found, "reason"),
        probable=found.get("probable") is True,
        contradicted=found.get("contradicted") is True,
    )


def _sender(value: Any) -> SenderResult:
    found = object_in(value, "a sender profile")
    return SenderResult(
        name=text_in(found, "name"),
        title=text_in(found, "title"),
        outcome=enum_in(Outcome, found, "outcome"),
        summary=sentence_in(found, "summary"),
        attempts=tuple(
            _attempt(object_in(item, "an attempt")) for item in list_in(found, "attempts", most=MAX_STEPS)
        ),
    )


def _attempt(value: Any) -> SenderAttempt:
    found = object_in(value, "an attempt")
    return SenderAttempt(
        host=text_in(found, "host"),
        address=text_in(found, "address"),
        result=text_in(found, "result"),
        reply=sentence_in(found, "reply", optional=True),
    )


def _read_step(found: dict[str, Any], above: str | None, steps: dict[str, Step], depth: int) -> None:
    step_id = StepId(text_in(found, "id"))
    if step_id.parent != above or not step_id.name:
        raise SavedReportError(f"step {step_id!r} is not where its id says")
    if step_id in steps:
        raise SavedReportError(f"step {step_id!r} occurs twice")
    if depth > MAX_DEPTH or len(steps) >= MAX_STEPS:
        raise SavedReportError("more steps than a report can have")
    status = enum_in(Status, found, "status")
    step = Step(
        id=step_id,
        title=sentence_in(found, "title"),
        status=Status.CANCELLED if not status.ended else status,
        detail=sentence_in(found, "detail", optional=True),
        started=number_in(found, "started"),
        seconds=duration_in(found),
        findings=tuple(
            _finding(object_in(item, "a finding")) for item in list_in(found, "findings", most=MAX_FINDINGS)
        ),
        transcript=tuple(_entry(object_in(item, "a line")) for item in list_in(found, "transcript")),
        explanation=lines_in(found, "explanation"),
        kind=StepKind(text_in(found, "kind", optional=True)),
    )
    steps[step_id] = replace(step, facts=_facts(found, step))
    for item in list_in(found, "steps", most=MAX_BELOW):
        _read_step(object_in(item, "a step"), step_id, steps, depth + 1)


def _facts(found: dict[str, Any], step: Step) -> StepFacts:
    if "facts" not in found:
        return facts_in(step)
    facts = object_in(found["facts"], "what a step tells")

    def texts(key: str) -> tuple[str, ...]:
        return tuple(line_in(item, key) for item in list_in(facts, key, optional=True, most=MAX_STEPS))

    return StepFacts(
        host_name=text_in(facts, "host_name", optional=True),
        sources=texts("sources"),
        seen_as=texts("seen_as"),
        names=texts("names"),
        addresses=texts("addresses"),
        ehlo=text_in(facts, "ehlo", optional=True),
        said=text_in(facts, "said", optional=True),
        timed=facts.get("timed") is True,
        preference=whole_in(facts, "preference"),
        serial=_serial(facts),
        session=_session(object_in(facts["session"], "a session")) if facts.get("session") is not None else None,
    )


def _serial(facts: dict[str, Any]) -> int | None:
    """Return the serial of a zone, of 32 bits (RFC 1035 §3.3.13)."""
    value = facts.get("serial")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 32:
        raise SavedReportError("'serial' is not one of a zone")
    return value


def _session(found: dict[str, Any]) -> SessionFacts:
    verdicts = list_in(found, "certificate", optional=True, most=len(CertificateVerdict))
    return SessionFacts(
        end=enum_in(SessionEnd, found, "end"),
        reply=text_in(found, "reply", optional=True),
        tls=text_in(found, "tls", optional=True),
        certificate=tuple(enum_in(CertificateVerdict, {"certificate": item}, "certificate") for item in verdicts),
        days=whole_in(found, "days"),
        software=text_in(found, "software", optional=True),
        expires=text_in(found, "expires", optional=True),
        subject=sentence_in(found, "subject", optional=True),
        fingerprint=text_in(found, "fingerprint", optional=True),
    )


def _finding(value: Any) -> Finding:
    found = object_in(value, "a finding")
    return Finding(
        code=text_in(found, "code"),
        severity=enum_in(Severity, found, "severity"),
        message=sentence_in(found, "message"),
        meaning=sentence_in(found, "meaning", optional=True),
        side=optional_enum_in(Side, found, "side"),
        actions=_actions(found),
        reference=optional_text_in(found, "reference"),
        evidence=_evidence(found),
        party=optional_enum_in(Party, found, "party"),
        reason=optional_enum_in(Reason, found, "reason"),
        probable=found.get("probable") is True,
    )


def _evidence(found: dict[str, Any]) -> tuple[str, ...]:
    lines = [line_in(item, "evidence") for item in list_in(found, "evidence")]
    if len(lines) > MAX_EVIDENCE:
        lines = [*lines[:MAX_EVIDENCE], f"({len(lines) - MAX_EVIDENCE:,} more lines not shown)"]
    return tuple(lines)


def _entry(value: Any) -> Entry:
    found = object_in(value, "a line")
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
    return Entry(
        number_in(found, "at") or 0.0, enum_in(Direction, found, "direction"), text_in(found, "text"), tls, raw
    )


def _settings(top: dict[str, Any]) -> Settings:
    """Return the settings, judged as those of the command line are: a run may begin with them."""
    found = object_in(top.get("settings"), "the settings")
    values = {option.name: _setting(found, option) for option in table.OPTIONS}
    if "local_hosts" not in found:  # an earlier version tells of them in the lines alone
        values["local_hosts"] = local_hosts_in(values["local_facts"])
    return Settings(text_in(top, "sender"), text_in(top, "recipient"), **values)


def _setting(found: dict[str, Any], option: Option) -> Any:
    value = found.get(option.name)
    match option.json.shape:
        case Shape.SWITCH:
            return value is True
        case Shape.YES_NO:
            return value if isinstance(value, bool) else None
        case Shape.RELAYS:
            hosts = list_in(found, option.name, optional=True)
            return tuple(_relay(object_in(item, "a relay host")) for item in hosts[:MAX_RELAYS])
        case Shape.MESSAGE:
            return None if value is None else _message(object_in(value, "the message"))
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
            return str(number_in(found, option.name))
        case _:
            if option.json.wrong is not None and not isinstance(value, str):
                raise SavedReportError(option.json.wrong)
            return text_in(found, option.name)


def _setting_texts(found: dict[str, Any], option: Option) -> list[str]:
    most, too_many = option.json.most, option.json.too_many
    values = list_in(found, option.name, optional=not option.json.required, most=None if too_many else most)
    if too_many and most is not None and len(values) > most:
        raise SavedReportError(too_many)
    return [line_in(value, option.name) for value in values]


def _relay(found: dict[str, Any]) -> Relay:
    port = found.get("port")
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise SavedReportError("relay host without a port in its settings")
    try:
        host = parse_server(text_in(found, "host"))
    except SettingsError as error:
        raise SavedReportError("invalid relay host in its settings") from error
    return Relay(host, port, found.get("mx") is True)


def _message(found: dict[str, Any]) -> GivenMessage:
    """Return the message that a report names: its content is not there."""
    size = whole_in(found, "size")
    if size is None or size < 0:
        raise SavedReportError("message without a size in its settings")
    return GivenMessage(text_in(found, "name"), size)


def _time(top: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(text_in(top, "started")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SavedReportError("invalid 'started'") from error
