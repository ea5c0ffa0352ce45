"""A delivery watched over the demo's network while the world changes, by a clock that jumps over the waits."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import build_zones
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.watching.changes import Change
from smtpdiag_tui.watching.loop import Watch
from tests.engine.running import ignore

SENDER = "alice@sender.example"
ACCEPTS, DEFERS = b"250 2.1.5 Ok\r\n", b"451 4.3.0 Disk full\r\n"
Happening = Callable[[DemoNetwork], None]


class TrueTime(DemoNetwork):
    """A demo whose minutes are minutes."""

    def pace(self, seconds: float) -> float:
        return seconds


@dataclass
class Watched:
    """What a watch told, and the attempts that it made: when, and of which steps."""

    told: list[Change] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    asked: list[Collection[str] | None] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    last: Report | None = None

    @property
    def words(self) -> list[str]:
        return [change.words for change in self.told]


async def watched(world: DemoNetwork, recipient: str, happens: dict[int, Happening], most: int = 50) -> Watched:
    """Watch until it is accepted, `most` attempts at most; before attempt N (from 1) something may happen."""
    seen = Watched()

    async def attempt(
        settings: Settings,
        network: Network,
        emit: Callable[[Event], None],
        only: Collection[str] | None = None,
        previous: Report | None = None,
    ) -> Report:
        seen.asked.append(only)
        if len(seen.asked) > most:
            raise asyncio.CancelledError
        happening = happens.get(len(seen.asked))
        if happening is not None:
            happening(world)
        seen.last = await diagnose(settings, network, emit, only, previous)
        seen.sizes.append(len(to_json(seen.last)))
        return seen.last

    watch = Watch(60, seen.told.extend, seen.waits.append)
    with contextlib.suppress(asyncio.CancelledError):
        await watch.run(world.prepare(Settings(SENDER, recipient)), world, ignore, attempt)
    assert watch.report is seen.last
    return seen


def says(address: str, rcpt: bytes) -> Happening:
    """Return a happening: from now on, a host replies so to RCPT."""

    def change(network: DemoNetwork) -> None:
        network.hosts[address] = replace(network.hosts[address], rcpt=rcpt)
        if address in network.smtp:
            network.smtp[address].script = network.hosts[address]

    return change


def sessions(network: DemoNetwork, address: str) -> int:
    return len(network.smtp[address].sessions)


async def test_an_accepted_delivery_is_tried_once() -> None:
    async with TrueTime() as network:
        seen = await watched(network, "bob@partner.example", {})
    assert seen.waits == []
    assert seen.words == ["ACCEPTED: mx1.partner.example [192.0.2.21] accepted the recipient"]


async def test_it_goes_on_until_the_server_accepts_and_tells_each_change_once() -> None:
    async with TrueTime() as network:
        steps = {
            1: says("192.0.2.37", DEFERS),
            3: says("192.0.2.37", b"550 5.1.1 No\r\n"),
            4: says("192.0.2.37", ACCEPTS),
        }
        seen = await watched(network, "bob@expired.example", steps)
        assert sessions(network, "192.0.2.37") == 4
    assert seen.waits == [60, 60, 60]
    assert seen.last is not None
    assert seen.last.outcome is Outcome.ACCEPTED
    outcomes = [change.outcome for change in seen.told if change.outcome is not None]
    assert outcomes == [Outcome.DEFERRED, Outcome.BOUNCED, Outcome.ACCEPTED]
    assert "mx.expired.example [192.0.2.37]: 451 → 550" in seen.words
    assert "mx.expired.example [192.0.2.37]: 550 → 250" in seen.words
    assert any(words.endswith("(was bounced)") and words.startswith("ACCEPTED: ") for words in seen.words)


async def test_an_address_that_accepts_is_not_met_again() -> None:
    deferring = ("192.0.2.91", "192.0.2.92", "2001:db8::91")
    async with TrueTime() as network:
        for address in deferring:
            says(address, DEFERS)(network)

        def mended(network: DemoNetwork) -> None:
            for address in deferring:
                says(address, ACCEPTS)(network)

        seen = await watched(network, "bob@differ.example", {3: mended})
        assert [sessions(network, address) for address in deferring] == [3, 3, 3]
        assert sessions(network, "192.0.2.93") == 1
    assert seen.last is not None
    assert seen.last.outcome is Outcome.ACCEPTED


async def test_a_retry_meets_only_whom_it_has_to() -> None:
    def later(network: DemoNetwork) -> None:
        network.hosts["192.0.2.32"] = replace(network.hosts["192.0.2.32"], rcpt=DEFERS)

    async with TrueTime() as network:
        seen = await watched(network, "bob@dead.example", {1: later, 3: says("192.0.2.32", ACCEPTS)})
    assert seen.asked[0] is None
    for only in seen.asked[1:]:
        assert only is not None
        assert only[0] == "remote"  # type: ignore[index]
        assert not any(step.startswith(("syntax", "soa", "dns-servers", "local")) for step in only)


async def test_an_mx_record_that_moves_is_followed() -> None:
    new = build_zones({"timeout.example": "@ MX 10 new\nnew A 192.0.2.21"})
    async with TrueTime() as network:
        held = {address: dict(script.zones) for address, script in network.resolvers.items()}
        for address, script in network.resolvers.items():
            network.resolvers[address] = replace(script, zones=held[address])

        def moved(_network: DemoNetwork) -> None:
            for zones in held.values():
                zones.update(new)

        network.hosts["192.0.2.21"] = SmtpScript("new.timeout.example")
        seen = await watched(network, "bob@timeout.example", {3: moved})
    assert seen.last is not None
    assert seen.last.outcome is Outcome.ACCEPTED
    assert len(seen.asked) == 3
    assert any("new.timeout.example" in words and "new MX host" in words for words in seen.words)
    assert any(words.endswith("no longer an MX host") for words in seen.words)


async def test_a_day_of_it_grows_nothing() -> None:
    async with TrueTime() as network:
        seen = await watched(network, "bob@full.example", {}, most=40)
    assert [change.outcome for change in seen.told] == [Outcome.BOUNCED]
    assert max(seen.sizes[1:]) - min(seen.sizes[1:]) < 2_000  # times have more digits
    assert seen.waits == sorted(seen.waits)
    assert seen.waits[-1] > 2 * seen.waits[0]


async def test_the_demo_goes_quicker_but_by_the_same_rule() -> None:
    async with DemoNetwork() as network:
        seen = await watched(network, "bob@full.example", {}, most=21)
    assert seen.waits[0] == pytest.approx(1.0)
    assert seen.waits[-1] > 2 * seen.waits[0]


async def test_greylisting_that_names_a_time_ends_after_it() -> None:
    async with TrueTime() as network:
        network.hosts["192.0.2.33"] = replace(network.hosts["192.0.2.33"], greylist=290.0)
        seen = await watched(network, "bob@greylist.example", {}, most=5)
    assert seen.waits == [301]
    assert seen.told[-1].words or seen.told
    assert seen.last is not None
    assert seen.last.outcome is Outcome.ACCEPTED


async def test_a_run_that_is_cancelled_leaves_the_last_whole_report() -> None:
    async with TrueTime() as network:
        answered = asyncio.Event()
        watch = Watch(60, lambda _changes: answered.set(), lambda _seconds: None)
        task = asyncio.ensure_future(watch.run(Settings(SENDER, "bob@full.example"), network, ignore, diagnose))
        await answered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert watch.report is not None
    assert watch.report.outcome is Outcome.BOUNCED
