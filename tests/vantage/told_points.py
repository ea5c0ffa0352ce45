"""Vantage points that tell made-up events: no network at all."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage.errors import VantageError
from smtpdiag_tui.vantage.points import Point
from tests.tui.fake_engine import Story

LOCAL = Via("local")
SSH = Via("ssh", "mx2.far.example")


@dataclass
class ToldPoint:
    """A vantage point whose runs a story tells."""

    via: Via
    network: Network
    story: Story
    whole: bool = True

    async def diagnose(
        self,
        settings: Settings,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
    ) -> Report:
        """Tell the story."""
        return await self.story.diagnose(replace(settings, via=(self.via,)), self.network, emit, only, previous)


@dataclass
class ToldPoints:
    """Opens points with a story each; `local` is this host's, which is run by the interface's own engine."""

    local: Story
    stories: Mapping[str, Story]
    refused: Mapping[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, via: Via, *, local: Network) -> AsyncIterator[Point]:
        """Open a point."""
        if via.label in self.refused:
            raise VantageError(self.refused[via.label])
        self.log.append(f"open {via.label}")
        try:
            yield ToldPoint(via, local, self.stories[via.label])
        finally:
            self.log.append(f"close {via.label}")
