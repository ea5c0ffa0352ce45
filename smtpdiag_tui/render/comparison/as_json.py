"""A comparison of two runs as one JSON object, which changes by addition only. Pure."""

import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from smtpdiag_tui import __version__
from smtpdiag_tui.render.comparison.words import headline
from smtpdiag_tui.report.comparison import Comparison, Fact
from smtpdiag_tui.report.comparison.compare import ComparedStep, run_host
from smtpdiag_tui.report.comparison.problems import ProblemChange
from smtpdiag_tui.report.difference import PlacedProblem
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status

SCHEMA = 1


def to_json(found: Comparison) -> str:
    """Return the comparison as JSON, in ASCII, with a line ending. `started` are UTC, ISO 8601."""
    problems = found.problems
    values = {
        "schema": SCHEMA,
        "kind": "comparison",
        "version": __version__,
        "headline": headline(found),
        "changed": not found.is_none,
        "partial": found.partial,
        "old": _run(found.old),
        "new": _run(found.new),
        "outcome": {"old": _outcome(found.old), "new": _outcome(found.new)},
        "reason": {"old": found.reasons[0] or None, "new": found.reasons[1] or None},
        "questions": _facts(found.questions),
        "facts": _facts(found.facts),
        "problems": {
            "fixed": [_problem(item) for item in problems.fixed],
            "new": [_problem(item) for item in problems.new],
            "changed": [_problem(item) for item in problems.changed],
            "unchanged": [_problem(item) for item in problems.unchanged],
            "untested": [_problem(item) for item in problems.untested],
        },
        "steps": [_step(item) for item in found.steps],
    }
    return json.dumps(values, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    """Return where a run comes from, and what it says."""
    return {
        "version": report.version or __version__,
        "host": run_host(report) or None,
        "started": report.started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sender": report.settings.sender,
        "recipient": report.settings.recipient,
        "cancelled": report.status is Status.CANCELLED,
        "headline": report.headline or report.summary,
    }


def _outcome(report: Report) -> str:
    return (report.outcome or Outcome.UNKNOWN).value


def _facts(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    return [
        {
            "kind": fact.kind.value,
            "about": fact.about,
            "old": fact.old or None,
            "new": fact.new or None,
            "old_step": fact.old_step or None,
            "new_step": fact.new_step or None,
        }
        for fact in facts
    ]


def _problem(change: ProblemChange) -> dict[str, Any]:
    return {"code": change.either.finding.code, "old": _placed(change.old), "new": _placed(change.new)}


def _placed(problem: PlacedProblem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    found = problem.finding
    return {
        "step": problem.step,
        "code": found.code,
        "severity": found.severity.value,
        "reason": found.reason.value if found.reason else None,
        "message": found.message,
    }


def _step(step: ComparedStep) -> dict[str, Any]:
    return {
        "id": step.id,
        "old_id": step.old_id,
        "new_id": step.new_id,
        "old": step.old.value if step.old else None,
        "new": step.new.value if step.new else None,
        "old_code": step.old_code or None,
        "new_code": step.new_code or None,
    }
