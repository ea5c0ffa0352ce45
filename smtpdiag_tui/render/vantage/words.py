"""What stands in every report from several vantage points, however it is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.render.answer import NULL_SENDER, answer_of
from smtpdiag_tui.render.words import SIDES, seconds
from smtpdiag_tui.report.agreement.model import Agreement, Disagreement, Topic, Uncounted
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status
from smtpdiag_tui.report.vantage import Vantage

MIXED = "MIXED"
_OF_WHOLE = {True: "smtpdiag ran on that host", False: "connected through that host, UDP not tested"}


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """What one vantage point comes to: a word, and up to three lines."""

    label: str
    status: Status
    word: str
    lines: tuple[str, ...]


def word_of(agreement: Agreement) -> tuple[Status, str]:
    """Return the word that stands first, with its look: the outcome, or that there are several."""
    outcome = agreement.outcome or Outcome.UNKNOWN
    mixed = agreement.outcome is not None and not agreement.agree
    return OUTCOME_STATUS[outcome], MIXED if mixed else outcome.value.upper()


def parties_of(points: Sequence[Vantage]) -> tuple[str, str]:
    """Return sender and recipient."""
    report = first_report(points)
    return (report.settings.sender or NULL_SENDER, report.settings.recipient) if report is not None else ("", "")


def first_report(points: Sequence[Vantage]) -> Report | None:
    """Return a report that there is."""
    return next((point.report for point in points if point.report is not None), None)


def labelled_of(agreement: Agreement) -> list[tuple[str, str]]:
    """Return what stands below the headline: label and text, in their order."""
    lines = [("Meaning", agreement.meaning)]
    if agreement.side is not None:
        lines.append(("Responsible", SIDES[agreement.side]))
    lines.append(("Action", agreement.action))
    lines += [("Same IP", sentence) for sentence in agreement.shared]
    lines += [("Not counted", _why_not(item)) for item in agreement.uncounted if not item.pending]
    return [(label, text) for label, text in lines if text]


def _why_not(item: Uncounted) -> str:
    return item.why if item.why.startswith(item.point) else f"{item.point}; {item.why}"


def told_differences(agreement: Agreement) -> list[Disagreement]:
    """Return the differences that neither the headline nor the columns tell; those of several addresses as one."""
    told: dict[tuple[object, ...], list[Disagreement]] = {}
    for item in agreement.differences:
        if item.topic not in (Topic.OUTCOME, Topic.SESSION):
            same = (item.topic, item.views, item.note) if item.address else (item,)
            told.setdefault(same, []).append(item)
    return [
        replace(first, headline=f"{first.headline} (also {counted(len(others), 'more address')})")
        if others
        else first
        for first, *others in told.values()
    ]


def views_of(item: Disagreement) -> list[str]:
    """Return what was seen, with those who saw it, a line each."""
    return [f"{view.what} (from {listed(view.points)})" for view in item.views]


def point_answer(point: Vantage) -> PointAnswer:
    """Return what one vantage point comes to. What its report calls this host is called by its name."""
    label, report = point.via.label, point.report
    if report is None or (report.outcome is None and point.error):
        lines = () if report is None else (f"cut short after {counted(_ended(report), 'step')}",)
        return PointAnswer(label, Status.UNKNOWN, "not counted", lines)
    answer = answer_of(report)
    told = [answer.headline, f"Delivery: {answer.delivery}" if answer.delivery else ""]
    if point.via.kind != "local":
        told = [line.replace("this host", label) for line in told]
    return PointAnswer(
        label, answer.status, answer.outcome.value, tuple(filter(None, (*told, _origin(point, report))))
    )


def _ended(report: Report) -> int:
    return sum(step.status.ended and step.status is not Status.CANCELLED for step in report.steps.values())


def _origin(point: Vantage, report: Report) -> str:
    """Return from where the run was held, in a line."""
    facts = report.facts
    parts = [facts.host_name] if facts.host_name else []
    if facts.sources:
        parts.append(f"from {listed(facts.sources)}")
    if report.seconds is not None:
        parts.append(seconds(report.seconds))
    if point.via.kind != "local":
        parts.append(_OF_WHOLE[point.whole])
    return ", ".join(parts)
