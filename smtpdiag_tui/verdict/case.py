"""What causes are found in, and how one is made. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from smtpdiag_tui.report.actions import Advice
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.filling import filled_at
from smtpdiag_tui.report.findings import Finding, Side, finding, gravest_first
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import within
from smtpdiag_tui.verdict.outcome import Verdict
from smtpdiag_tui.verdict.walk import Try

INSIDE = "mx-address-not-public"
SHOWN = 3  # hosts or records that a sentence names
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """What causes are found in: the steps so far, and the outcome."""

    report: Report
    verdict: Verdict

    def having(self, *codes: str) -> list[tuple[Step, Finding]]:
        """Return the findings of some codes with their steps, in tree order."""
        return [
            (step, item)
            for step in self.report.steps.values()
            for item in step.findings
            if item.code in codes and not step.stale and not within(step.id, "senders")
        ]

    def observed(self, step_id: str, kind: type[T]) -> T | None:
        """Return what the check of a step saw, None where it saw nothing of that kind."""
        step = self.report.steps.get(step_id)
        if step is None or step.stale or not isinstance(step.observation, kind):
            return None
        return step.observation

    @property
    def tries(self) -> tuple[Try, ...]:
        """The addresses that a standard sender comes to, in its order; none where no walk led to the outcome."""
        return self.verdict.walk.tries if self.verdict.walk is not None else ()

    def decides(self, ids: Iterable[str]) -> bool:
        """Whether the outcome comes of one of these steps, or of what lies above one; an accept has no cause."""
        place = self.verdict.step
        if place is None or self.verdict.outcome is Outcome.ACCEPTED:
            return False
        return any(within(key, place) for key in ids)


def cause_of(
    case: Case,
    code: str,
    message: str,
    ids: Sequence[str],
    *,
    advice: Advice = None,
    decides: bool | None = None,
) -> Cause:
    """Return the cause that a code of the catalogue stands for, seen at the steps `ids`.

    Whether it decides follows from these steps where `decides` does not say it.
    """
    known = finding(code, message, advice=advice)
    kind = filled_at(next(iter(ids), ""), case.report.settings, known)
    return Cause(
        code=code,
        side=kind.side or Side.HERE,
        message=message,
        meaning=kind.meaning,
        actions=kind.actions,
        reference=kind.reference,
        evidence=tuple(dict.fromkeys(ids)),
        decides=case.decides(ids) if decides is None else decides,
    )


def deciding_findings(report: Report, branch: str | None, but: Collection[str] = ()) -> list[Finding]:
    """Return the problems found at a step and below it, or anywhere for None, the gravest first.

    Those of the steps in `but` are left out.
    """
    steps = [step for step in report.steps.values() if branch is None or within(step.id, branch)]
    steps = [step for step in steps if not step.stale and step.id not in but]
    return gravest_first(item for step in steps for item in step.findings if item.is_problem)
