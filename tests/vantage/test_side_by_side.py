"""Runs from several vantage points at the same time: each one's failure is its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via
from smtpdiag_tui.vantage import side_by_side
from smtpdiag_tui.vantage.side_by_side import SideBySide
from tests.vantage.made_points import LOCAL, SOCKS, SSH, FarNetwork, Opener

if TYPE_CHECKING:
    from smtpdiag_tui.report.events import Event

SETTINGS = Settings("alice@sender.example", "bob@partner.example", timeout=2.0)
ONE_ADDRESS = Settings("alice@sender.example", "bob@[192.0.2.21]", timeout=2.0)
GONE = Via("ssh", "gone.example")
ALL_MX = ("192.0.2.21", "2001:db8::21", "192.0.2.22", "2001:db8::22", "192.0.2.23", "2001:db8::23")


@asynccontextmanager
async def beside(opener: Opener) -> AsyncIterator[SideBySide]:
    async with DemoNetwork() as network:
        yield SideBySide(network, opener)


async def run(opener: Opener, *points: Via) -> tuple[Vantage, ...]:
    async with beside(opener) as together:
        return await together.run(points, SETTINGS)


async def test_each_sees_what_it_sees() -> None:
    reply = b"550 5.7.1 Rejected: listed by bl.example, see https://bl.example/lookup\r\n"
    opener = Opener({SSH.label: FarNetwork(replies=dict.fromkeys(ALL_MX, reply))})
    local, ssh = await run(opener, LOCAL, SSH)
    assert local.report is not None
    assert ssh.report is not None
    assert (local.report.outcome, ssh.report.outcome) == (Outcome.ACCEPTED, Outcome.BOUNCED)
    assert ssh.report.settings.via == (SSH,)
    assert sorted(opener.log) == sorted(
        [f"{what} {point.label}" for point in (LOCAL, SSH) for what in ("open", "close")]
    )


async def test_one_that_is_refused_keeps_nobody() -> None:
    why = "ssh:gone.example refused the login"
    local, gone = await run(Opener(refused={GONE.label: why}), LOCAL, GONE)
    assert (gone.error, gone.report) == (why, None)
    assert local.report is not None
    assert local.report.outcome is Outcome.ACCEPTED


async def test_one_that_breaks_off_leaves_what_was_known() -> None:
    why = f"the connection to {SSH.label} was lost"
    opener = Opener({SSH.label: FarNetwork()}, breaking={SSH.label: (60, why)})
    local, ssh = await run(opener, LOCAL, SSH)
    assert ssh.error == why
    assert ssh.report is not None
    assert ssh.report.outcome is None
    assert ssh.report.status is Status.CANCELLED
    assert all(step.status.ended for step in ssh.report.steps.values())
    assert any(step.status is Status.PASSED for step in ssh.report.steps.values())
    assert agreement_of((local, ssh)).counted == ("local",)


async def test_one_that_breaks_off_at_once_leaves_nothing() -> None:
    opener = Opener({SSH.label: FarNetwork()}, breaking={SSH.label: (0, "lost")})
    _, ssh = await run(opener, LOCAL, SSH)
    assert (ssh.report, ssh.error) == (None, "lost")


async def test_a_mistake_of_ours_is_one_points_own() -> None:
    def opened(via: Via, *, local: object) -> NoReturn:
        raise ZeroDivisionError(via.label, local)

    async with DemoNetwork() as network:
        [gone] = await SideBySide(network, opened).run((SSH,), SETTINGS)
    assert gone.error.startswith("smtpdiag failed")


async def test_a_connection_that_breaks_while_it_is_closed_takes_no_report_away() -> None:
    opener = Opener()

    @asynccontextmanager
    async def opened(via: Via, *, local: DemoNetwork) -> AsyncIterator[object]:
        async with opener(via, local=local) as point:
            yield point
        raise ConnectionResetError

    async with DemoNetwork() as network:
        [local] = await SideBySide(network, opened).run((LOCAL,), SETTINGS)  # type: ignore[arg-type]
    assert local.error == ""
    assert local.report is not None


async def test_cancelling_closes_all() -> None:
    holds = {SSH.label: asyncio.Event(), SOCKS.label: asyncio.Event()}
    opener = Opener(holds=holds)
    async with beside(opener) as together:
        running = asyncio.ensure_future(together.run((LOCAL, SSH, SOCKS), SETTINGS))
        for _ in range(50):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert sum(line.startswith("close") for line in opener.log) == 3


async def test_a_few_at_a_time() -> None:
    points = [Via("ssh", f"h{number}.example") for number in range(side_by_side.AT_ONCE + 2)]
    holds = {point.label: asyncio.Event() for point in points}
    opener = Opener(holds=holds)
    async with beside(opener) as together:
        running = asyncio.ensure_future(together.run(points, ONE_ADDRESS))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(opener.log) == side_by_side.AT_ONCE
        for hold in holds.values():
            hold.set()
        assert len(await running) == len(points)


async def test_events_and_ends_are_told_with_their_point() -> None:
    told: dict[Via, list[Event]] = {LOCAL: [], SSH: []}
    ended: list[Via] = []
    opener = Opener({SSH.label: FarNetwork()})
    async with DemoNetwork() as network:
        together = SideBySide(
            network, opener, lambda via, event: told[via].append(event), lambda point: ended.append(point.via)
        )
        await together.run((LOCAL, SSH), SETTINGS)
    assert sorted(via.label for via in ended) == sorted(via.label for via in told)
    runs = {via: {event.run for event in events} for via, events in told.items()}
    assert all(len(numbers) == 1 for numbers in runs.values())
    assert runs[LOCAL] != runs[SSH]
