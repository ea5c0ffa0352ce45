"""Two runs, and how far they ask the same: a step that one lacks tells something only where it asked. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property

from smtpdiag_tui.report.comparison.places import Places, paired
from smtpdiag_tui.report.difference import was_tested
from smtpdiag_tui.report.facts import ReportFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import HOSTS_LEFT_OUT, StepId, StepKind, parent_id
from smtpdiag_tui.settings import Settings

# What a run is told that changes nothing in what it tests.
_NO_QUESTION = frozenset({"sender", "recipient", "verbose", "timeout", "via", "local_facts", "local_hosts"})
_OF_THIS_HOST = frozenset({"dns-servers", "identity", "authentication"})  # branches
_AT_RESOLVERS = (StepKind.SERVER, StepKind.TRANSPORT)


@dataclass
class Pair:
    """An earlier run and a later one. `partial`: one of them alone is masked, so that names cannot be compared."""

    old: Report
    new: Report
    partial: bool = False
    facts: tuple[ReportFacts, ReportFacts] = field(init=False)

    def __post_init__(self) -> None:
        self.facts = (self.old.facts, self.new.facts)

    @cached_property
    def same_destination(self) -> bool:
        """Whether both turn to the same domain, host or address."""
        first, second = self.facts
        kinds = first.destination_kind is second.destination_kind
        return kinds and (self.partial or first.destination.lower() == second.destination.lower())

    @cached_property
    def same_host(self) -> bool:
        """Whether both were held by the same machine, as far as is known, from the same vantage point."""
        first, second = (item.host_name.lower() for item in self.facts)
        apart = first != second and bool(first and second)
        return not self.partial and not apart and self.old.settings.via == self.new.settings.via

    @cached_property
    def same_settings(self) -> bool:
        """Whether both were told to test the same."""
        first, second = self.old.settings, self.new.settings
        return all(
            getattr(first, item.name) == getattr(second, item.name)
            for item in fields(Settings)
            if item.name not in _NO_QUESTION
        )

    @cached_property
    def places(self) -> Places:
        """Which step stands for which."""
        return paired(self.old, self.new, moves=self.same_destination)

    @cached_property
    def steps(self) -> list[tuple[Step | None, Step | None]]:
        """Each step of the later run with its earlier self, then those of the earlier run that are gone."""
        found: list[tuple[Step | None, Step | None]] = [
            (self.old.steps.get(self.places.earlier(key)), step) for key, step in self.new.steps.items()
        ]
        gone = (step for key, step in self.old.steps.items() if self.places.later(key) not in self.new.steps)
        return [*found, *((step, None) for step in gone)]

    def both(self) -> Iterator[tuple[Step, Step]]:
        """Yield the steps that both runs have, and that ended in both."""
        for before, after in self.steps:
            if before is not None and after is not None and told(before) and told(after):
                yield before, after

    def was_tested(self, step_id: str, *, later: bool) -> bool:
        """Whether a run got to a place of the other: to that itself, or it tells that the place is gone."""
        report = self.new if later else self.old
        place = self.places.later(step_id) if later else self.places.earlier(step_id)
        if place not in report.steps and not self._would_be_there(report, StepId(place)):
            return False
        return was_tested(report, place)

    def _would_be_there(self, report: Report, place: StepId) -> bool:
        """Whether a run that has no such step would have it if what it is about still were so."""
        if not self.same_settings or _left_out(report, place):
            return False
        return self.same_host if own(place) else self.same_destination


def own(place: StepId) -> bool:
    """Whether a step is about the host of the run, and so has another name on another host."""
    return place.branch in _OF_THIS_HOST or place.kind in _AT_RESOLVERS


def told(step: Step) -> bool:
    """Whether a step has ended, in this run."""
    return step.status.ended and not step.stale


def known(step: Step) -> bool:
    """Whether a step came to a result: it was neither left out nor called off."""
    return told(step) and step.status not in (Status.SKIPPED, Status.CANCELLED)


def route_known(report: Report) -> bool:
    """Whether a run knows all MX hosts: it found them, or that there are none."""
    step = report.steps.get("delivery")
    if step is None or not known(step):
        return False
    below = [child for child in report.steps.values() if child.parent == "delivery"]
    if any(child.kind is StepKind.REST for child in below):
        return False
    return bool(below) or step.status is not Status.UNKNOWN


def _left_out(report: Report, place: StepId) -> bool:
    """Whether a place may be one of those that a run left out as too many."""
    above = parent_id(place)
    while above is not None:
        if f"{above}/{HOSTS_LEFT_OUT}" in report.steps:
            return True
        above = parent_id(above)
    return False
