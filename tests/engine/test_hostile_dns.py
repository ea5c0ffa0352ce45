"""DNS servers that misbehave: each ends within its limit with its own finding."""

import os

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.hostile import Respond, put_dns
from tests.engine.running import at, codes, others, run

TARGET = "192.0.2.99"


def silence(_: bytes) -> list[bytes]:
    return []


def wrong_id(query: bytes) -> list[bytes]:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.id = (reply.id + 1) % 65536
    return [reply.to_wire()]


def truncated(query: bytes) -> list[bytes]:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.flags |= dns.flags.TC
    return [reply.to_wire()]


def malformed(query: bytes) -> list[bytes]:
    return [query[:2] + b"\x84\x00\x00\x01\xff\xff\xff\xff\xff\xff" + b"\xc0\x0c" * 20]


def noise(query: bytes) -> list[bytes]:
    return [os.urandom(40) for _ in range(50)]


def servfail(query: bytes) -> list[bytes]:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.set_rcode(dns.rcode.SERVFAIL)
    return [reply.to_wire()]


def circle(query: bytes) -> list[bytes]:
    reply = dns.message.make_response(dns.message.from_wire(query))
    name = reply.question[0].name
    reply.answer = [
        dns.rrset.from_text(name, 60, "IN", "CNAME", "circle.example."),
        dns.rrset.from_text("circle.example.", 60, "IN", "CNAME", name.to_text()),
    ]
    return [reply.to_wire()]


def no_edns(query: bytes) -> list[bytes]:
    asked = dns.message.from_wire(query)
    reply = dns.message.make_response(asked)
    if asked.edns >= 0:
        reply = dns.message.Message(asked.id)
        reply.flags |= dns.flags.QR
        reply.question = asked.question
        reply.set_rcode(dns.rcode.FORMERR)
        return [reply.to_wire()]
    if asked.question[0].rdtype == dns.rdatatype.MX:
        reply.answer = [dns.rrset.from_text(asked.question[0].name, 60, "IN", "MX", "10 mx1.partner.example.")]
    return [reply.to_wire()]


async def against(udp: Respond, tcp: Respond | None) -> Report:
    """Run with a target DNS server that answers so."""
    async with DemoNetwork() as network:
        await put_dns(network, TARGET, udp, tcp)
        report = await run(network, "bob@partner.example", timeout=0.3, dns=(DnsServer(TARGET),))
    assert others() == set()
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    assert at(report, "dns-servers/192.0.2.53").status is Status.PASSED
    return report


@pytest.mark.parametrize(
    ("udp", "tcp", "code"),
    [
        (silence, None, "dns-unreachable"),
        (silence, silence, "dns-unreachable"),
        (wrong_id, None, "dns-malformed"),
        (noise, None, "dns-malformed"),
        (truncated, None, "dns-truncated"),
        (malformed, malformed, "dns-malformed"),
        (no_edns, no_edns, "dns-edns-refused"),
    ],
    ids=["silence", "silence on both", "wrong id", "noise", "truncated, TCP refused", "malformed", "no EDNS"],
)
async def test_misbehaviour_has_its_finding(udp: Respond, tcp: Respond | None, code: str) -> None:
    assert code in codes(await against(udp, tcp))


@pytest.mark.parametrize("udp", [silence, wrong_id, noise, malformed])
async def test_a_broken_target_is_no_verdict_on_the_recipient(udp: Respond) -> None:
    report = await against(udp, None)
    assert report.outcome is Outcome.UNKNOWN
    assert at(report, "delivery").status is Status.UNKNOWN


async def test_a_resolver_that_fails_every_question_is_the_one_cause() -> None:
    report = await against(servfail, servfail)
    assert report.outcome is Outcome.UNKNOWN
    assert "dns-resolver-broken" in codes(report, "dns-servers")
    assert "dns-server-failure" not in codes(report, "remote")


async def test_a_circle_of_cnames_ends() -> None:
    report = await against(circle, circle)
    assert "cname-loop" in codes(report)
    assert report.outcome is Outcome.DEFERRED


async def test_truncated_and_no_tcp_means_nothing_is_known_of_the_answer() -> None:
    report = await against(truncated, None)
    assert report.outcome in (Outcome.UNKNOWN, Outcome.DEFERRED)
    assert at(report, f"remote/{TARGET}").status in (Status.FAILED, Status.UNKNOWN)
