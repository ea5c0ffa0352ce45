"""What a run measured, as numbers for monitors: phases, addresses, certificates. Pure.

It is read from the steps alone, so that a saved report gives the same numbers. What an earlier run measured, and
is in view until the new one comes to it, does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from smtpdiag_tui.report.facts import SessionEnd, SessionFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepId, StepKind

QUIT = "quit"
# What says nothing of the address: this host could not connect to it at all.
_NOT_ITS_FAULT = frozenset({SessionEnd.NO_ROUTE, SessionEnd.NO_SOCKET})
_MEASURED = frozenset({Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Tested:
    """One address of an MX host that was tested, as the step of that id tells of it.

    `facts` is None where nothing came of it: the run was cancelled, or the address left out.
    """

    step: str
    host: str
    address: str
    status: Status
    facts: SessionFacts | None

    @property
    def accepted(self) -> bool:
        """Whether the recipient was accepted."""
        return self.facts is not None and self.facts.end is SessionEnd.ACCEPTED

    @property
    def days(self) -> int | None:
        """The days until its certificate expires, less than 0 for one that has; None where that is not known."""
        return None if self.facts is None else self.facts.days

    @property
    def failed(self) -> bool:
        """Whether the address did not accept, and not for want of a way to it from this host."""
        return self.facts is not None and not self.accepted and self.facts.end not in _NOT_ITS_FAULT


def tested(report: Report) -> tuple[Tested, ...]:
    """Return the addresses of all MX hosts in the order of the tree; one that hosts share stands at each."""
    return tuple(_tested(report))


def _tested(report: Report) -> Iterator[Tested]:
    for step in report.steps.values():
        if step.is_session and not step.stale:
            place = StepId(step.id)
            facts = step.facts.session if step.status.ended and step.status is not Status.CANCELLED else None
            yield Tested(step.id, place.host, place.address, step.status, facts)


def phases(report: Report, session: str) -> tuple[tuple[str, float], ...]:
    """Return the phases of a session that were gone through, connect to RCPT TO, each with its seconds."""
    found = []
    for step in report.children(session):
        name = StepId(step.id).name
        of_session = step.kind is StepKind.PHASE and name != QUIT and not step.stale
        if of_session and step.status in _MEASURED and step.seconds is not None:
            found.append((name, step.seconds))
    return tuple(found)


def known_addresses(report: Report) -> tuple[Tested, ...]:
    """Return each address of which something is known once: hosts may share one, which is tested once."""
    first: dict[str, Tested] = {}
    for item in _tested(report):
        if item.facts is not None:
            first.setdefault(item.address, item)
    return tuple(first.values())
