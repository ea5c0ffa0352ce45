"""What a report's problems come down to: each said once, the gravest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from smtpdiag_tui.report.actions import Action, each_once
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import SEVERITY_STATUS, Status
from smtpdiag_tui.report.step_id import StepId, within_any

_EACH = "authentication"
_KEYS = "dkim-key-"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: the finding as first seen, and the ids of all steps where its code and reason were seen.

    `actions` are those of all these places, each once.
    """

    finding: Finding
    steps: tuple[str, ...]
    actions: tuple[Action, ...] = ()

    @property
    def kind(self) -> tuple[str, Reason | None]:
        """What it has in common with the same seen elsewhere."""
        return self.finding.code, self.finding.reason

    @property
    def status(self) -> Status:
        """What it looks like."""
        return SEVERITY_STATUS[self.finding.severity]

    @property
    def where(self) -> str:
        """The first step, and how many more there are."""
        return f"{self.steps[0]}{self.more}"

    @property
    def more(self) -> str:
        """How many more steps there are than the first, in words; empty for none."""
        more = len(self.steps) - 1
        return f" and {counted(more, 'more step')}" if more else ""


def problems(report: Report) -> tuple[Problem, ...]:
    """Return the report's failures, unknowns and warnings, one for each code and reason, the gravest first.

    Of authentication each headline is one: every address, key and requirement has a change of its own.
    What an earlier run found does not count, nor what is unknown of authentication and TLS policy: mostly it is.
    What a cause explains wherever it was seen is left to the cause: a refusal for another reason is not explained.
    """
    causes = {(cause.code, cause.reason) for cause in report.causes}
    evidence = {key for cause in report.causes for key in cause.evidence}
    # A whole branch explains nothing that was seen below it.
    below = [key for key in evidence if StepId(key).depth]
    found = _all(report)
    keys = any(problem.finding.code.startswith(_KEYS) for problem in found)
    return tuple(
        problem
        for problem in found
        if problem.kind not in causes
        and not _explained(problem, evidence, below)
        and not (keys and _follows_from_key(problem))
    )


def _follows_from_key(problem: Problem) -> bool:
    """Whether a signature is invalid for its key alone, which is a problem that tells what to do."""
    return problem.finding.code == "dkim-signature-invalid" and not problem.actions


def _explained(problem: Problem, evidence: Collection[str], below: Collection[str]) -> bool:
    """Whether causes rest on all the steps where a problem was seen, or on steps above them."""
    if all(step in evidence for step in problem.steps):
        return True
    return all(within_any(step, below) for step in problem.steps)


def _all(report: Report) -> list[Problem]:
    by_kind: dict[tuple[str, Reason | None, str], list[tuple[Finding, str]]] = {}
    for step_id in _in_tree_order(report):
        step = report.steps[step_id]
        if step.stale:
            continue
        for finding in step.problems:
            headline = finding.message if StepId(step_id).branch == _EACH else ""
            by_kind.setdefault((finding.code, finding.reason, headline), []).append((finding, step_id))
    return sorted(map(_problem, by_kind.values()), key=lambda problem: problem.finding.gravity)


def _problem(places: Sequence[tuple[Finding, str]]) -> Problem:
    actions = each_once(action for finding, _ in places for action in finding.actions)
    return Problem(places[0][0], tuple(dict.fromkeys(step for _, step in places)), actions)


def _in_tree_order(report: Report) -> list[str]:
    tree = report.tree()
    ordered: list[str] = []

    def descend(parent: str | None) -> None:
        for step in tree.get(parent, ()):
            ordered.append(step.id)
            descend(step.id)

    descend(None)
    return ordered
