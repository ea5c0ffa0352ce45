"""Greylisting waited out: the same once more, in the same transcript, and nothing lost if it is called off."""

import asyncio
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.report.events import Event, RunFinished, StepFinished, StepPlanned, StepStarted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from tests.engine.running import at, codes, ignore, open_files, others, run

LATER = "delivery/mx.greylisted.example/192.0.2.94"
NEVER = "delivery/mx.greylist.example/192.0.2.33"
TUPLE = ("EHLO", "MAIL", "RCPT")


class Quick(DemoNetwork):
    """A demo whose greylisting is over after a moment."""

    def __init__(self, hour: float = 0.1) -> None:
        super().__init__()
        self._hour = hour
        self.waits: list[float] = []
        self.sources: list[str | None] = []
        self.hosts["192.0.2.94"] = replace(self.hosts["192.0.2.94"], greylist=0.01)

    def prepare(self, settings: Settings) -> Settings:
        return settings

    def pace(self, seconds: float) -> float:
        self.waits.append(seconds)
        return seconds / 3600 * self._hour

    async def connect(self, address, port, *, source, limit):  # type: ignore[no-untyped-def]
        self.sources.append(source)
        return await super().connect(address, port, source=source, limit=limit)


def said(network: DemoNetwork, address: str) -> list[list[str]]:
    """Return the lines of each session that tell who asks for what."""
    return [
        [line for line, _ in session.commands if line.split()[0] in TUPLE]
        for session in network.smtp[address].sessions
    ]


async def test_it_is_not_tried_again_unasked() -> None:
    async with Quick() as network:
        report = await run(network, "bob@greylisted.example")
        assert len(network.smtp["192.0.2.94"].sessions) == 1
    assert report.outcome is Outcome.DEFERRED


async def test_the_same_is_tried_again_and_turns_green() -> None:
    async with Quick() as network:
        report = await run(network, "bob@greylisted.example", retry_greylisted=300.0)
        first, second = said(network, "192.0.2.94")
        assert first == second
        assert network.sources[-2:] == [None, "192.0.2.10"]
        assert set(network.waits) == {300.0}
    step = at(report, LATER)
    assert (report.outcome, step.status, report.status) == (Outcome.ACCEPTED, Status.PASSED, Status.PASSED)
    assert "greylisting-passed" in codes(report)
    assert "greylisted" not in codes(report)
    texts = [entry.text for entry in step.transcript]
    assert [text[:3] for text in texts if text[:3] in ("450", "221")] == ["450", "221", "221"]
    notes = [text for text in texts if text.startswith(("greylisted;", "retry with"))]
    assert notes[0].startswith("greylisted; retry after 300 s (the server's own number)")
    assert notes[1:] == ["retry with the same source address, EHLO name, sender and recipient"]
    ended = next(entry.at for entry in step.transcript if entry.text == "connection closed")
    begun = [entry.at for entry in step.transcript if entry.text.startswith("connecting to")][1]
    assert begun - ended >= 0.99


async def test_still_greylisted_keeps_it_deferred_and_asks_no_third_time() -> None:
    async with Quick() as network:
        report = await run(network, "bob@greylist.example", retry_greylisted=300.0)
        assert len(network.smtp["192.0.2.33"].sessions) == 2
    assert report.outcome is Outcome.DEFERRED
    assert {"greylisted", "greylisting-persists"} <= codes(report, NEVER)


async def test_a_second_try_goes_on_where_an_earlier_run_ended() -> None:
    events: list[Event] = []
    async with Quick() as network:
        first = await run(network, "bob@greylisted.example")
        settings = network.prepare(first.settings)
        report = await diagnose(settings, network, events.append, {LATER}, first, second_try=True)
        assert len(network.smtp["192.0.2.94"].sessions) == 2
    assert report.outcome is Outcome.ACCEPTED
    before, after = at(first, LATER).transcript, at(report, LATER).transcript
    assert after[: len(before)] == before
    assert {StepId(event.id).branch for event in events if isinstance(event, StepFinished)} == {
        "delivery",
        "tls-policy",
        "senders",
    }
    planned = {StepId(event.id).branch for event in events if isinstance(event, StepPlanned)}
    assert planned <= {"tls-policy", "senders"}  # these are judged anew in every run
    wait = next(event for event in events if isinstance(event, StepStarted) and event.id == LATER)
    assert wait.limit is not None


async def test_the_wait_counts_from_the_end_of_the_first_session() -> None:
    events: list[Event] = []
    async with Quick(hour=12 * 60) as network:  # 300 s become 60
        first = await run(network, "bob@greylisted.example")
        await asyncio.sleep(1.2)
        task = asyncio.create_task(
            diagnose(first.settings, network, events.append, {LATER}, first, second_try=True)
        )
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    wait = next(event for event in events if isinstance(event, StepStarted) and event.id == LATER)
    assert wait.limit in range(50, 60)


async def test_a_second_try_that_is_called_off_takes_nothing_away() -> None:
    before, events = open_files(), list[Event]()
    async with Quick(hour=1e6) as network:
        first = await run(network, "bob@greylisted.example")
        task = asyncio.create_task(
            diagnose(first.settings, network, events.append, {LATER}, first, second_try=True)
        )
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    report = first
    for event in events:
        report = report.apply(event)
    assert all(step.status is first.steps[key].status for key, step in report.steps.items())
    assert (report.outcome, report.summary) == (first.outcome, first.summary)
    assert (report.causes, report.senders) == (first.causes, first.senders)
    assert report.steps[LATER].transcript[-1].text == "cancelled; no retry"
    assert codes(report) == codes(first)
    assert others() == set()
    assert open_files() == before


async def test_a_whole_run_that_is_cancelled_while_it_waits_leaves_nothing_open() -> None:
    before, events = open_files(), list[Event]()
    async with Quick(hour=1e6) as network:
        asked = Settings("alice@sender.example", "bob@greylisted.example", retry_greylisted=300)
        task = asyncio.create_task(diagnose(asked, network, events.append))
        await asyncio.sleep(1)
        waiting = [event for event in events if isinstance(event, StepStarted) and event.id == LATER]
        assert len(waiting) == 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert others() == set()
    assert open_files() == before
    assert isinstance(events[-1], RunFinished)
    ended = [event for event in events if isinstance(event, StepFinished) and event.id == LATER]
    assert ended[-1].status is Status.WARNING  # what was found stays


def shared(network: DemoNetwork) -> None:
    """Give greylisted.example a second MX host with the same address, as everybody sees it."""
    zones = build_zones({"two.example": "@ MX 10 a\n@ MX 20 b\na A 192.0.2.94\nb A 192.0.2.94"})
    for key, script in list(network.resolvers.items()):
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)
    network.hosts["192.0.2.94"] = SmtpScript("a.two.example", rcpt=network.hosts["192.0.2.94"].rcpt, greylist=0.01)


async def test_a_shared_address_shows_both_conversations_once_in_each_place() -> None:
    async with Quick() as network:
        shared(network)
        report = await run(network, "bob@two.example", retry_greylisted=300.0)
        assert len(network.smtp["192.0.2.94"].sessions) == 2
    first, second = (at(report, f"delivery/{name}.two.example/192.0.2.94") for name in "ab")
    assert first.transcript == second.transcript
    assert (first.status, second.status) == (Status.PASSED, Status.PASSED)


async def test_without_anything_observed_a_second_try_is_a_first_one() -> None:
    async with Quick() as network:
        first = await run(network, "bob@greylisted.example")
        blind = {key: replace(step, observation=None) for key, step in first.steps.items()}
        previous = replace(first, steps=blind)
        report = await diagnose(first.settings, network, ignore, {LATER}, previous, second_try=True)
    assert report.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("second_try", [True, False])
async def test_what_is_run_again_after_a_cancelled_run_counts(second_try: bool) -> None:
    async with Quick() as network:
        cut = await _cut_off(network, "bob@greylisted.example")
        assert (cut.status, at(cut, LATER).status) == (Status.CANCELLED, Status.WARNING)
        events: list[Event] = []
        report = await diagnose(cut.settings, network, events.append, {LATER}, cut, second_try=second_try)
    assert at(report, LATER).status is Status.PASSED
    assert report.outcome is Outcome.ACCEPTED
    ended = [event.status for event in events if isinstance(event, RunFinished)]
    assert ended == [report.status]
    assert report.status in (Status.PASSED, Status.WARNING)


async def _cut_off(network: Quick, recipient: str) -> Report:
    """Run, and cancel as soon as the session was greylisted; return what there is."""
    settings = network.prepare(Settings("alice@sender.example", recipient))
    folded = Report(settings)

    def emit(event: Event) -> None:
        nonlocal folded
        folded = folded.apply(event)
        if isinstance(event, StepFinished) and event.id == LATER:
            task.cancel()

    task = asyncio.ensure_future(diagnose(settings, network, emit))
    await asyncio.gather(task, return_exceptions=True)
    return folded
