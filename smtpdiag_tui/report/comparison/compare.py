"""One run compared with another. Pure."""

from dataclasses import dataclass
from itertools import starmap

from smtpdiag_tui.report.comparison.destination_facts import destination_facts
from smtpdiag_tui.report.comparison.facts import ORDER, QUESTIONS, Fact
from smtpdiag_tui.report.comparison.other_facts import deciding, other_facts, questions
from smtpdiag_tui.report.comparison.pair import Pair, told
from smtpdiag_tui.report.comparison.problems import Problems, problems_of
from smtpdiag_tui.report.difference import OutcomeChange, reply_code
from smtpdiag_tui.report.facts import ReportFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """One step then and now: its ids, statuses and reply codes, None and "" on a side that does not have it."""

    old_id: str | None
    new_id: str | None
    old: Status | None
    new: Status | None
    old_code: str = ""
    new_code: str = ""

    @property
    def id(self) -> str:
        """The id in the later run, else in the earlier one."""
        return self.new_id or self.old_id or ""

    @property
    def changed(self) -> bool:
        """Whether the status or the reply code is another one."""
        return self.old is not self.new or self.old_code != self.new_code


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run (`new`) differs in from another (`old`).

    `names` are how the runs are told apart: by host where these differ, else "". `reasons` are why each came to
    its outcome, in a word. `questions` hold what they were asked otherwise, `facts` what else is otherwise, the
    most important first, `steps` what has another status or reply code. `partial`: one run alone is masked, so
    that names and addresses are not compared.
    """

    old: Report
    new: Report
    names: tuple[str, str]
    outcome: OutcomeChange
    reasons: tuple[str, str]
    questions: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    steps: tuple[ComparedStep, ...]
    problems: Problems
    partial: bool = False

    @property
    def is_none(self) -> bool:
        """Whether nothing is otherwise."""
        found = self.problems
        return not (
            self.outcome.changed
            or self.questions
            or self.facts
            or self.steps
            or found.fixed
            or found.new
            or found.changed
            or found.untested
        )


def compare(old: Report, new: Report, *, partial: bool = False) -> Comparison:
    """Compare two runs, of whichever hosts and questions; `partial`: one of them alone is masked.

    It is symmetric: what is fixed one way is new the other way, and a run with itself has no difference. Times,
    ports, and what a server words otherwise each time count for nothing.
    """
    pair = Pair(old, new, partial)
    facts = [*other_facts(pair), *destination_facts(pair)]
    return Comparison(
        old=old,
        new=new,
        names=_names(pair),
        outcome=OutcomeChange("", old.outcome, new.outcome),
        reasons=(deciding(old), deciding(new)),
        questions=tuple(item for item in questions(pair) if item.kind in QUESTIONS),
        facts=tuple(sorted(dict.fromkeys(facts), key=lambda item: ORDER[item.kind])),
        steps=tuple(step for step in starmap(_step, pair.steps) if step.changed),
        problems=problems_of(pair),
        partial=partial,
    )


def run_host(report: Report) -> str:
    """Return from where a run was held: its vantage point, else its host, "" where neither is known."""
    return _host(report, report.facts)


def _host(report: Report, facts: ReportFacts) -> str:
    points = [point for point in report.settings.via if point.kind != "local"]
    return points[0].label if len(points) == 1 else facts.host_name


def _names(pair: Pair) -> tuple[str, str]:
    first, second = _host(pair.old, pair.facts[0]), _host(pair.new, pair.facts[1])
    apart = bool(first and second) and first != second and not pair.partial
    return (first, second) if apart else ("", "")


def _step(before: Step | None, after: Step | None) -> ComparedStep:
    counts = [step if step is not None and told(step) else None for step in (before, after)]
    return ComparedStep(
        before.id if before is not None else None,
        after.id if after is not None else None,
        counts[0].status if counts[0] is not None else None,
        counts[1].status if counts[1] is not None else None,
        reply_code(counts[0]),
        reply_code(counts[1]),
    )
