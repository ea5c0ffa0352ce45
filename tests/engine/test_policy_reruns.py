"""Steps of authentication and TLS policy run again one at a time, and runs cancelled at any moment."""

import asyncio
import random
from dataclasses import replace

import dns.message
import dns.rdatatype
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.events import Event, StepPlanned, StepStarted
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import within
from smtpdiag_tui.settings import DnsServer, Settings
from tests.engine.authenticating import Publishing
from tests.engine.policies import publish
from tests.engine.running import ignore, open_files, others

SENDER = "alice@sender.example"
SPF, DMARC, KEY = (
    ("sender.example", "mail.sender.example"),
    ("_dmarc.sender.example", "_dmarc.example"),
    "_domainkey",
)
# What may be asked for the sake of each step: the beginnings of names.
ASKED = {
    "authentication/spf": SPF,
    "authentication/spf/192.0.2.10": SPF,
    "authentication/spf/192.0.2.10/mail-from": SPF,
    "authentication/spf/192.0.2.10/ehlo": SPF,
    "authentication/dmarc": DMARC,
    "authentication/dkim": ("mail._domainkey",),
    "authentication/dkim/mail@sender.example": ("mail._domainkey",),
    "authentication/message": (),
    "authentication/receivers": (),
    "tls-policy/dnssec": (),
    "tls-policy/mta-sts": ("_mta-sts.",),
    "tls-policy/tls-rpt": ("_smtp._tls.",),
    "tls-policy/dane": ("_25._tcp.",),
    "tls-policy/dane/mx1.dane.example": ("_25._tcp.mx1",),
    "delivery/mx1.dane.example": (),
    "delivery": (),
    "identity": (),
}


class Counting(DemoNetwork):
    """The demo's network; `asked` holds the names that TXT and TLSA records are asked for at."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        if question.rdtype in (dns.rdatatype.TXT, dns.rdatatype.TLSA):
            self.asked.add(question.name.to_text(omit_final_dot=True))
        return await super().exchange(query, server, transport, limit)


def held(step: Step) -> tuple[object, ...]:
    """Return what a step tells but for its times."""
    findings = [(item.code, item.message, item.advice) for item in step.findings]
    return (step.title, step.status, step.detail, findings, [entry.text for entry in step.transcript])


def told(report: Report) -> tuple[object, ...]:
    senders = [(item.name, item.outcome, item.summary) for item in report.senders]
    return (report.outcome, report.headline, report.authentication, report.beyond, senders)


async def test_each_step_runs_again_alone_and_the_others_keep_what_they_held() -> None:
    async with Counting() as network:
        publish(network, "dane.example")
        settings = network.prepare(Settings(SENDER, "bob@dane.example"))
        report = await diagnose(settings, network, ignore)
        for step, names in ASKED.items():
            events: list[Event] = []
            network.asked.clear()
            again = await diagnose(settings, network, events.append, [step], report)
            begun = {event.id for event in events if isinstance(event, StepPlanned | StepStarted)}
            assert step in begun
            assert list(again.steps) == list(report.steps)
            assert told(again) == told(report), step
            assert [name for name in network.asked if not name.startswith(names or ("-",))] == [], step
            for key, kept in report.steps.items():
                if key not in begun and not within(step, key):
                    assert held(again.steps[key]) == held(kept), (step, key)
            branch = step.split("/", maxsplit=1)[0]
            beside = ("delivery", "tls-policy", "senders", branch)
            assert [key for key in begun if not key.startswith(beside)] == []


async def test_what_a_step_comes_to_now_is_told_of_the_run() -> None:
    async with Publishing() as network:
        settings = network.prepare(Settings(SENDER, "bob@dead.example"))
        report = await diagnose(settings, network, ignore)
        network.failing = ("sender.example",)
        again = await diagnose(settings, network, ignore, ["authentication/spf/192.0.2.10/mail-from"], report)
    (now,), (before,) = again.authentication, report.authentication
    assert now.spf.mail_from is not None
    assert now.spf.mail_from.result == "temperror"
    assert now == replace(
        before, spf=replace(before.spf, mail_from=now.spf.mail_from), results_header=now.results_header
    )
    assert now.results_header.startswith("mx2.dead.example; spf=temperror smtp.mailfrom=")
    assert (again.beyond[0].name, again.beyond[0].verdict) == ("spf", "unknown")
    assert again.beyond[1:] == report.beyond[1:]


async def cancelled(settings: Settings, network: DemoNetwork, due: int) -> Report | None:
    """Cancel a run at its event of this number, and return what it told; None if it had ended by then."""
    seen = [Report(settings)]

    def emit(event: Event) -> None:
        seen.append(seen[-1].apply(event))
        if len(seen) == due:
            task.cancel()

    task = asyncio.create_task(diagnose(settings, network, emit))
    await asyncio.wait([task])
    return seen[-1] if task.cancelled() else None


@pytest.mark.parametrize("story", ["dane", "sts", "dkim", "large-receiver"])
async def test_cancelled_at_any_moment_it_leaves_nothing(story: str) -> None:
    chance, ended = random.Random(story), 0
    for _ in range(13):
        files = open_files()
        async with DemoNetwork() as network:
            settings = network.prepare(Settings(SENDER, f"bob@{story}.example"))
            report = await cancelled(settings, network, chance.randrange(2, 300))
        assert others() == set()
        assert open_files() <= files + 1  # the loop's own
        if report is not None:
            ended += 1
            assert report.status is Status.CANCELLED
            assert all(step.status.ended for step in report.steps.values())
    assert ended > 5
