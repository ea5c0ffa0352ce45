"""An engine that tells made-up events: no DNS, no sockets. `Story` scripts it, and records what it was asked."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepPlanned,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, within
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.runner import RunNetwork

MX1 = "delivery/mx1.partner.example/192.0.2.25"
MX2 = "delivery/mx2.partner.example/2001:db8::25"
GREYLISTED = Finding(
    "greylisted",
    Severity.WARNING,
    "The server asks to try again later.",
    "Many servers defer the first attempt of a sender they do not know.",
    Side.RECIPIENT,
    (Action("", "Wait a quarter of an hour and try again."),),
    "RFC 6647",
    ("450 4.2.0 greylisted, try again",),
)
TITLES = {
    "syntax": "Address syntax",
    "dns-servers": "DNS servers",
    "dns-servers/192.0.2.53": "192.0.2.53",
    "dns-servers/192.0.2.53/udp": "UDP",
    "dns-servers/192.0.2.53/tcp": "TCP",
    "delivery": "Delivery",
    "delivery/mx1.partner.example": "mx1.partner.example",
    MX1: "192.0.2.25",
    f"{MX1}/greeting": "Greeting",
    f"{MX1}/rcpt-to": "RCPT TO",
    "delivery/mx2.partner.example": "mx2.partner.example",
    MX2: "2001:db8::25",
    f"{MX2}/greeting": "Greeting",
}
_runs = itertools.count(1)


@dataclass
class Story:
    """What the fake engine does: which steps do not pass, what the server says, and where it waits."""

    failing: dict[str, tuple[Status, tuple[Finding, ...]]] = field(
        default_factory=lambda: {f"{MX1}/rcpt-to": (Status.WARNING, (GREYLISTED,)), MX1: (Status.WARNING, ())}
    )
    outcome: Outcome = Outcome.DEFERRED
    banner: str = "220 mx1.partner.example ESMTP"
    titles: dict[str, str] = field(default_factory=lambda: dict(TITLES))
    hold: asyncio.Event | None = None
    slow_end: float = 0.0
    error: Exception | None = None
    calls: list[tuple[Settings, Collection[str] | None]] = field(default_factory=list)
    second_tries: list[bool] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def diagnose(
        self,
        settings: Settings,
        network: Network,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
        *,
        second_try: bool = False,
    ) -> Report:
        """As the engine's `diagnose`."""
        self.second_tries.append(second_try)
        self.calls.append((settings, only))
        self.log.append("begin")
        run = next(_runs)
        report = previous if only is not None and previous is not None else Report(settings)

        def tell(event: Event) -> None:
            nonlocal report
            report = report.apply(event)
            emit(event)

        tell(RunStarted(run, settings, datetime(2026, 11, 24, tzinfo=UTC), 0.0))
        wanted = [key for key in self.titles if only is None or any(within(key, name) for name in only)]
        try:
            await self._steps(run, wanted, tell)
        except asyncio.CancelledError:
            for key in wanted:
                if not report.steps[key].status.ended:
                    tell(StepFinished(run, key, 2.0, Status.CANCELLED))
            tell(RunFinished(run, 2.0, Status.CANCELLED, Outcome.UNKNOWN, "The run was cancelled."))
            await asyncio.sleep(self.slow_end)
            self.log.append("cancelled")
            raise
        status = Status.PASSED if self.outcome is Outcome.ACCEPTED else Status.WARNING
        summary = f"The mail would be {self.outcome}: {self.banner}"
        tell(RunFinished(run, 1.5, status, self.outcome, visible(summary), Side.RECIPIENT))
        self.log.append("end")
        return report

    async def _steps(self, run: int, wanted: list[str], tell: Callable[[Event], None]) -> None:
        for key in wanted:
            tell(StepPlanned(run, key, visible(self.titles[key]), f"Why {key} is tested."))
        for key in wanted:
            tell(StepStarted(run, key, 0.1, 60.0 if StepId(key).phase else None))
        if self.error is not None:
            raise self.error
        for key in (MX1, MX2):
            if key in wanted:
                tell(TranscriptGrew(run, key, self.entries(len(self.calls))))
        if self.hold is not None:
            await self.hold.wait()
        await asyncio.sleep(0)
        for key in wanted:
            status, findings = self.failing.get(key, (Status.PASSED, ()))
            tell(StepFinished(run, key, 1.2, status, findings, visible(self.banner) if findings else ""))

    def entries(self, number: int) -> tuple[Entry, ...]:
        """The lines of a session; `number` tells one run's from another's."""
        return (
            Entry(0.1, Direction.NOTE, f"Connected, run {number}."),
            Entry(0.2, Direction.RECEIVED, visible(self.banner)),
            Entry(0.3, Direction.SENT, "EHLO sender.example"),
            Entry(0.5, Direction.SENT, "MAIL FROM:<a@sender.example>", tls=True),
        )


@asynccontextmanager
async def nowhere() -> AsyncIterator[RunNetwork]:
    """A world without a network: the fake engine needs none."""
    network: Any = None
    yield RunNetwork(network, lambda settings: settings)
