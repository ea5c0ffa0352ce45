"""Hosts' steps told anew: in reruns, with other destinations, behind an interception, and called off."""

import asyncio
from dataclasses import replace

import dns.flags
import dns.message
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.report.events import Event, StepFinished
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer, Settings
from tests.engine.bending import bend, say
from tests.engine.running import at, codes, ignore, others, run

RESOLVER, SECOND = "192.0.2.53", "192.0.2.54"
HOST = "delivery/mx.expired.example"


def old(name: str, rdtype: str, reply: dns.message.Message) -> None:
    """Give the mail host an address where nobody listens."""
    if (name, rdtype) == ("mx.expired.example", "A"):
        say(reply, "192.0.2.31")


async def test_a_rerun_of_the_host_tells_it_once_and_takes_it_back_when_it_is_mended() -> None:
    async with DemoNetwork() as network:
        script = network.resolvers[RESOLVER]
        await bend(network, RESOLVER, old)
        first = await run(network, "bob@expired.example")
        again = await run(network, "bob@expired.example", only=[HOST], previous=first)
        told = [item.code for item in at(again, HOST).findings]
        assert told.count("stale-resolver") == 1
        await network.dns.pop(RESOLVER).stop()
        network.resolvers[RESOLVER] = script
        mended = await run(network, "bob@expired.example", only=["remote", "delivery"], previous=again)
    assert "stale-resolver" not in codes(mended)
    assert mended.outcome is Outcome.ACCEPTED
    assert not mended.causes or mended.causes[0].code != "stale-resolver"


async def test_a_rerun_of_the_resolvers_answer_alone_sees_that_the_cache_was_flushed() -> None:
    async with DemoNetwork() as network:
        script = network.resolvers[RESOLVER]
        first = await run(network, "bob@forgotten.example")
        assert first.outcome is Outcome.BOUNCED
        await network.dns.pop(RESOLVER).stop()
        network.resolvers[RESOLVER] = replace(script, forgotten=frozenset())
        again = await run(network, "bob@forgotten.example", only=["remote", "delivery"], previous=first)
    assert "stale-resolver" not in codes(again)
    assert "delivery/mx.forgotten.example" in again.steps


@pytest.mark.parametrize("given", ["192.0.2.22", "mx2.partner.example"])
async def test_a_server_that_was_given_has_nothing_to_do_with_the_domains_answers(given: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@forgotten.example", server=given)
    assert report.outcome is Outcome.ACCEPTED
    assert "stale-resolver" in codes(report, "remote")


async def test_behind_an_interception_nobody_is_judged_by_an_authority() -> None:
    def recursive(_name: str, _rdtype: str, reply: dns.message.Message) -> None:
        reply.flags |= dns.flags.RA
        reply.flags &= ~dns.flags.AA

    async with DemoNetwork() as network:
        everything = replace(network.resolvers[SECOND], recursive=True)
        for address in ("192.0.2.50", "192.0.2.51", "2001:db8::51", "192.0.2.52", "2001:db8::52"):
            network.resolvers[address] = everything
            await bend(network, address, recursive)
        report = await run(network, "bob@stale.example")
    assert "dns-intercepted" in codes(report, "soa")
    assert not codes(report) & {"stale-resolver", "answer-filtered", "nxdomain-rewritten", "answers-contradict"}


async def test_a_skipped_family_is_no_evidence_of_an_outdated_address() -> None:
    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        report = await run(network, "bob@expired.example", family=6)
    assert at(report, HOST).status is Status.SKIPPED
    assert "stale-resolver" not in codes(report)


async def test_two_resolvers_that_are_wrong_each_in_its_way() -> None:
    async with DemoNetwork() as network:
        await bend(network, SECOND, _other_mx)
        report = await run(network, "bob@filtered.example", dns=(DnsServer(SECOND),))
    told = {item.code: item for item in at(report, "remote").findings}
    assert {"stale-resolver", "answer-filtered"} <= set(told)
    assert told["answer-filtered"].severity == "warning"  # it is not the one that is followed


def _other_mx(name: str, rdtype: str, reply: dns.message.Message) -> None:
    if (name, rdtype) == ("filtered.example", "MX"):
        say(reply, "10 mx1.partner.example.")


async def test_called_off_while_the_authority_is_asked_nothing_is_left() -> None:
    async with DemoNetwork() as network:
        await bend(network, RESOLVER, old)
        settings = network.prepare(Settings("alice@sender.example", "bob@expired.example"))
        ended = asyncio.Event()

        def watch(event: Event) -> None:
            if isinstance(event, StepFinished) and event.id == f"remote/{RESOLVER}":
                ended.set()

        task = asyncio.create_task(diagnose(settings, network, watch))
        await ended.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        report = await diagnose(settings, network, ignore)
    assert report.outcome is Outcome.DEFERRED
    assert others() == set()
