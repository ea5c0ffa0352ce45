"""A report as one JSON object: the interface for other programs, which changes by addition only."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from smtpdiag_tui import __version__
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Shape
from smtpdiag_tui.render.answer import Answer, answer_of
from smtpdiag_tui.render.authentication_json import authentication_value, beyond_value
from smtpdiag_tui.render.deciding import DecidingReply
from smtpdiag_tui.report.actions import YOU, Action
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Entry
from smtpdiag_tui.settings import Settings

SCHEMA = 1


def to_json(report: Report) -> str:
    """Return the report as JSON, in ASCII so that no locale can spoil it, with a line ending.

    Times: the top-level `started` is UTC, ISO 8601 with milliseconds; others are seconds, from the run's start.
    """
    tree = report.tree()
    return "".join([*_with_steps(run_value(report), tree.get(None, []), tree), "\n"])


def _with_steps(
    values: dict[str, Any], below: list[Step], tree: dict[str | None, list[Step]], prefix: str = ""
) -> Iterator[str]:
    """Yield an object in pieces, `steps` as its last key, its lines but the first behind `prefix`.

    One step after the other: all of them as plain values at once take several times the memory of the text.
    """
    text = json.dumps(values, indent=2).replace("\n", f"\n{prefix}")  # no string holds a line feed of its own
    closing = f"\n{prefix}}}"
    yield f'{text.removesuffix(closing)},\n{prefix}  "steps": ['
    inner = f"{prefix}    "
    for number, step in enumerate(below):
        yield f",\n{inner}" if number else f"\n{inner}"
        yield from _with_steps(step_value(step), tree.get(step.id, []), tree, inner)
    yield f"\n{prefix}  ]{closing}" if below else f"]{closing}"


def run_value(report: Report, answer: Answer | None = None) -> dict[str, Any]:
    """Return all of a report but its steps, as plain values; `answer` is the report's, where it is made."""
    answer = answer or answer_of(report)
    return {
        "schema": SCHEMA,
        "version": report.version or __version__,
        "sender": report.settings.sender,
        "recipient": report.settings.recipient,
        "settings": _settings(report.settings),
        "started": _utc(report.started),
        "seconds": _rounded(report.seconds),
        "status": report.status.value,
        "outcome": (report.outcome or Outcome.UNKNOWN).value,
        "summary": report.summary,
        "side": report.side.value if report.side else None,
        "headline": answer.headline,
        "delivery": answer.delivery,
        "retry": answer.retry.value if answer.retry else None,
        "responsible": answer.responsible,
        "advice": list(report.advice),
        "actions": _actions(report.actions),
        "reply": _reply(answer.reply),
        "causes": [_cause(item) for item in report.causes],
        "senders": [_sender(item) for item in report.senders],
        "authentication": [authentication_value(item) for item in report.authentication],
        "beyond": [beyond_value(item) for item in report.beyond],
        "facts": asdict(report.facts),
    }


def _reply(reply: DecidingReply | None) -> dict[str, str] | None:
    if reply is None:
        return None
    return {
        "command": reply.command,
        "host": reply.host,
        "address": reply.address,
        "source": reply.source,
        "at": _utc(reply.at),
        "text": reply.text,
        "step": reply.step,
    }


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _actions(actions: Iterable[Action]) -> list[dict[str, str]]:
    return [{"who": action.who or YOU, "what": action.what} for action in actions]


def _cause(item: Cause) -> dict[str, Any]:
    return {
        "code": item.code,
        "side": item.side.value,
        "message": item.message,
        "meaning": item.meaning,
        "advice": item.advice,
        "actions": _actions(item.actions),
        "reference": item.reference,
        "evidence": list(item.evidence),
        "decides": item.decides,
        "reason": item.reason.value if item.reason else None,
        "probable": item.probable,
        "contradicted": item.contradicted,
    }


def _sender(item: SenderResult) -> dict[str, Any]:
    return {
        "id": item.name,
        "name": item.name,
        "title": item.title,
        "outcome": item.outcome.value,
        "summary": item.summary,
        "attempts": [asdict(attempt) for attempt in item.attempts],
    }


def _settings(settings: Settings) -> dict[str, Any]:
    values = asdict(settings)
    del values["sender"], values["recipient"]
    for option in table.OPTIONS:
        if option.json.write is not None:
            values[option.name] = option.json.write(getattr(settings, option.name))
        elif option.json.shape is Shape.SECONDS and values[option.name] is not None:
            values[option.name] = float(values[option.name])
    return values


def step_value(step: Step) -> dict[str, Any]:
    """Return a step without those below it, as plain values."""
    return {
        "id": step.id,
        "title": step.title,
        "status": step.status.value,
        "detail": step.detail,
        "explanation": step.explanation,
        "kind": step.kind.value,
        "facts": {name: value for name, value in asdict(step.facts).items() if _tells(value)},
        "started": _rounded(step.started),
        "seconds": _rounded(step.seconds),
        "findings": [_finding(item) for item in step.findings],
        "transcript": [_entry(entry) for entry in step.transcript],
    }


def _tells(value: Any) -> bool:
    """Whether a fact is one: the preference 0 is."""
    return value is not None and value is not False and value not in ("", ())


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": item.severity.value,
        "message": item.message,
        "meaning": item.meaning,
        "side": item.side.value if item.side else None,
        "advice": item.advice or None,
        "actions": _actions(item.actions),
        "reference": item.reference,
        "evidence": list(item.evidence),
        "party": item.party.value if item.party else None,
        "reason": item.reason.value if item.reason else None,
        "probable": item.probable,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    line = {"at": _rounded(entry.at), "direction": entry.direction.value, "text": entry.text, "tls": entry.tls}
    if entry.raw is not None:
        line["raw"] = base64.b64encode(entry.raw).decode("ascii")
    return line


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
