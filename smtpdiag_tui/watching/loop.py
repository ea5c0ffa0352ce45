"""Runs again and again until the outcome is accepted. What is kept is the last report, and nothing else."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Protocol

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.watching.changes import Change, changes_between, first_line
from smtpdiag_tui.watching.schedule import wait_before_next
from smtpdiag_tui.watching.steps import steps_to_retry

Told = Callable[[tuple[Change, ...]], None]
Waiting = Callable[[float], None]


class Diagnose(Protocol):
    """The engine's entry, as `smtpdiag_tui.engine.diagnose`."""

    def __call__(
        self,
        settings: Settings,
        network: Network,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
    ) -> Awaitable[Report]:
        """Run, emit events, return their fold."""


class Watch:
    """One delivery that is watched; `report` is the last that came to an end, None before the first.

    `told` gets the changes of each attempt that has any, `waiting` the seconds to the next one. `view` makes of
    a report what is told of it.
    """

    def __init__(
        self, every: float, told: Told, waiting: Waiting, view: Callable[[Report], Report] = lambda report: report
    ) -> None:
        self.report: Report | None = None
        self._every = every
        self._told = told
        self._waiting = waiting
        self._view = view

    async def run(
        self, settings: Settings, network: Network, emit: Callable[[Event], None], diagnose: Diagnose
    ) -> Report:
        """Run until the outcome is accepted, and return that report; whoever tires of it cancels."""
        began = network.now()
        report = self.report = await diagnose(settings, network, emit)
        self._told((first_line(self._view(report), network.utc()),))
        while report.outcome is not Outcome.ACCEPTED:
            # The demo's minute is a second, by its clock too.
            watched = (network.now() - began) / max(network.pace(1.0), 1e-9)
            wait = wait_before_next(report, watched, self._every)
            self._waiting(network.pace(wait))
            await network.sleep(network.pace(wait))
            before = report
            report = self.report = await diagnose(settings, network, emit, steps_to_retry(before), before)
            self._compare(before, report, network.utc())
        return report

    def _compare(self, before: Report, after: Report, at: datetime) -> None:
        """Tell what has changed; masks may differ where nothing has."""
        if changes_between(before, after, at):
            self._told(changes_between(self._view(before), self._view(after), at))
