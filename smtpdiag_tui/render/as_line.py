"""A report as one line of JSON: the object of `--report json`, and in short what a list of many reports needs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from smtpdiag_tui.render.answer import Answer, answer_of
from smtpdiag_tui.render.as_json import run_value, step_value
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId


def to_line(report: Report) -> str:
    """Return the whole report as JSON in one line, in ASCII, with a line ending."""
    return "".join(_whole({}, report))


def to_long_line(report: Report, head: Mapping[str, Any]) -> str:
    """Return the whole report in one line, behind the keys of `head`, `reason` and `cause` as in a short one."""
    reason, cause = decided_by(answer_of(report))
    return "".join(_whole({**head, "reason": reason, "cause": cause}, report))


def to_short_line(report: Report, head: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """Return a report without its steps in one line, behind the keys of `head`, and the reason and cause in it.

    `reason` and `cause` name what decided: the reason of a reply, and the code of the cause, either may be null.
    In the place of steps and settings, `addresses` tells what became of each address of an MX host: host, address,
    status, the deciding reply or what else the step says, seconds, the codes of the problems there, and the facts
    of the session. Each session stands there once for each host that names the address.
    """
    answer = answer_of(report)
    reason, cause = decided_by(answer)
    values = run_value(report, answer)
    del values["settings"]  # the same in each line of a list
    values |= {"reason": reason, "cause": cause}
    line = json.dumps({**head, **values, "addresses": list(_addresses(report.steps.values()))}) + "\n"
    return line, reason, cause


def decided_by(answer: Answer) -> tuple[str | None, str | None]:
    """Return the reason that decided the outcome and the code of the cause; None where there is none."""
    if not answer.deciding:
        return None, None
    trouble = answer.deciding[0]
    return trouble.reason.value if trouble.reason else None, trouble.code


def _addresses(steps: Iterable[Step]) -> Iterator[dict[str, Any]]:
    problems: dict[str, list[str]] = {}
    sessions = []
    for step in steps:
        place = StepId(step.id)
        if place.branch != "delivery" or len(place.parts) < 3 or step.stale:
            continue
        found = problems.setdefault("/".join(place.parts[:3]), [])
        found += [item.code for item in step.findings if item.is_problem and item.code not in found]
        if step.is_session:
            sessions.append(step)
    for step in sessions:
        place, facts = StepId(step.id), step.facts.session
        yield {
            "host": place.parts[1],
            "address": place.address,
            "status": step.status.value,
            "detail": step.detail,
            "seconds": None if step.seconds is None else round(step.seconds, 4),
            "codes": problems[step.id],
            "session": None if facts is None else asdict(facts),
        }


def _whole(head: Mapping[str, Any], report: Report) -> Iterator[str]:
    tree = report.tree()
    values = run_value(report)
    yield from _with_steps({**head, **values}, tree.get(None, []), tree)
    yield "\n"


def _with_steps(values: dict[str, Any], below: list[Step], tree: dict[str | None, list[Step]]) -> Iterator[str]:
    """Yield an object in pieces, `steps` as its last key: all of them as plain values take far more memory."""
    yield json.dumps(values)[:-1] + ', "steps": ['
    for number, step in enumerate(below):
        if number:
            yield ", "
        yield from _with_steps(step_value(step), tree.get(step.id, []), tree)
    yield "]}"
