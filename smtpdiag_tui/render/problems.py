"""What a report's problems come down to: each said once, the worst first."""

from dataclasses import dataclass

from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId, within_any

_ORDER = {Severity.FAILURE: 0, Severity.UNKNOWN: 1, Severity.WARNING: 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """One problem: the finding as first seen, and the ids of all steps where its code was seen."""

    finding: Finding
    steps: tuple[str, ...]

    @property
    def where(self) -> str:
        """The first step, and how many more there are."""
        return f"{self.steps[0]}{self.more}"

    @property
    def more(self) -> str:
        """How many more steps there are than the first, in words; empty for none."""
        more = len(self.steps) - 1
        return f" and {more} more step{'' if more == 1 else 's'}" if more else ""


def reasons(report: Report) -> list[Reason]:
    """Return the report's failures, unknowns and warnings, one for each code, the worst first.

    What a cause explains wherever it was seen is left to the cause.
    """
    own = {cause.code for cause in report.causes}
    exactly = {key for cause in report.causes for key in cause.evidence}
    explained = [key for key in exactly if StepId(key).depth]
    return [
        item
        for item in _all(report)
        if item.finding.code not in own
        and not exactly.issuperset(item.steps)
        and not all(within_any(step, explained) for step in item.steps)
    ]


def _all(report: Report) -> list[Reason]:
    seen: dict[str, tuple[Finding, list[str]]] = {}
    for step in _in_tree_order(report):
        for item in step_findings(report, step):
            if item.severity in _ORDER:
                seen.setdefault(item.code, (item, []))[1].append(step)
    found = [Reason(item, tuple(dict.fromkeys(steps))) for item, steps in seen.values()]
    return sorted(found, key=lambda reason: _ORDER[reason.finding.severity])


def step_findings(report: Report, step_id: str) -> tuple[Finding, ...]:
    """Return the findings of one step; those of an earlier run do not count."""
    step = report.steps[step_id]
    return () if step.stale else step.findings


def _in_tree_order(report: Report) -> list[str]:
    tree = report.tree()
    ordered: list[str] = []

    def descend(parent: str | None) -> None:
        for step in tree.get(parent, ()):
            ordered.append(step.id)
            descend(step.id)

    descend(None)
    return ordered
