"""Which problems lie below a step, the gravest first. Pure: reads reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.tui.drawing.glyphs import PROBLEMS, in_view
from smtpdiag_tui.tui.model.navigation import has_problem

if TYPE_CHECKING:
    from smtpdiag_tui.report.reasons import Reason


@dataclass(frozen=True, slots=True)
class Below:
    """One problem below a step: the finding as it was first seen, in which step, and in how many steps in all.

    `place` holds the titles of the steps on the way down to it. `stale`: it was seen by the earlier run.
    """

    finding: Finding
    step: str
    place: tuple[str, ...]
    stale: bool
    places: int = 1


def problems_below(report: Report, step_id: str, earlier: Mapping[str, Step]) -> tuple[Below, ...]:
    """Return the problems below a step, each code and reason once, the gravest first, then in tree order.

    `earlier` holds what became, in the run before, of the steps that run again.
    """
    first: dict[tuple[str, Reason | None], tuple[Finding, Step]] = {}
    steps: dict[tuple[str, Reason | None], set[str]] = {}
    for lower in report.descendants(step_id):
        step = in_view(lower, earlier)
        if not (step.status in PROBLEMS or step.stale) or not has_problem(step):
            continue
        for finding in step.findings:
            if finding.is_problem:
                kind = (finding.code, finding.reason)
                if kind not in first or finding.gravity < first[kind][0].gravity:
                    first[kind] = (finding, step)
                steps.setdefault(kind, set()).add(step.id)
    found = [
        Below(finding, step.id, _place(report, step_id, step.id), step.stale, len(steps[kind]))
        for kind, (finding, step) in first.items()
    ]
    return tuple(sorted(found, key=lambda item: item.finding.gravity))


def _place(report: Report, top: str, step_id: str) -> tuple[str, ...]:
    way = (*StepId(step_id).above, StepId(step_id))
    return tuple(report.steps[key].title for key in way if len(key) > len(top) and key in report.steps)
