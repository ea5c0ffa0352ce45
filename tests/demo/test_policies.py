"""What the demo publishes about senders and for strict senders: it is what its servers then do."""

import hashlib

import dkim
import dns.flags
import dns.message
import dns.rdatatype
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtpdiag_tui.demo.authentication import DKIM_KEY, SECOND_UPLINK, signed_message
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.facts import together
from smtpdiag_tui.settings import DnsServer, Settings
from tests.engine.running import at, run

RESOLVER = DnsServer("192.0.2.53")


async def asked(network: DemoNetwork, name: str, rdtype: str, *, ad: bool = True) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, use_edns=0)
    if ad:
        query.flags |= dns.flags.AD
    return (await network.exchange(query, RESOLVER, Transport.UDP, 2)).message


@pytest.mark.parametrize(
    ("name", "secure"),
    [
        (".", True),
        ("dane.example", True),
        ("mx1.dane.example", True),
        ("missing.dane.example", True),
        ("partner.example", False),
        ("sender.example", False),
    ],
)
async def test_the_resolver_tells_secure_answers_to_who_asks_for_that(name: str, secure: bool) -> None:
    async with DemoNetwork() as network:
        told = await asked(network, name, "SOA")
        untold = await asked(network, name, "SOA", ad=False)
    assert bool(told.flags & dns.flags.AD) is secure
    assert not untold.flags & dns.flags.AD


@pytest.mark.parametrize(
    ("host", "address", "place", "fits"),
    [
        ("mx1.dane.example", "192.0.2.173", 0, True),
        ("mx1.dane.example", "2001:db8::173", 0, True),
        ("mx2.dane.example", "192.0.2.174", 1, True),
        ("mx.rollover.example", "192.0.2.175", 0, False),
    ],
)
async def test_tlsa_records_are_those_of_the_certificates_but_for_the_renewed_one(
    host: str, address: str, place: int, fits: bool
) -> None:
    async with DemoNetwork() as network:
        records = (await asked(network, f"_25._tcp.{host}", "TLSA")).answer[0]
        stream = await network.connect(address, 25, source=None, limit=2)
        await stream.receive()
        for command in (b"EHLO a.example\r\n", b"STARTTLS\r\n"):
            await stream.send(command)
            await stream.receive()
        await stream.start_tls(host, 2)
        assert stream.tls is not None
        chain = stream.tls.chain
        stream.abort()
    key = x509.load_der_x509_certificate(chain[place]).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    assert len(records) == 1
    assert (records[0].cert == digest) is fits


async def test_the_signed_message_verifies_with_the_key_that_is_published() -> None:
    async with DemoNetwork() as network:
        answer = await asked(network, "mail._domainkey.sender.example", "TXT")
    text = b"".join(answer.answer[0][0].strings)
    assert DKIM_KEY.encode() in text
    message = signed_message().replace(b"\n", b"\r\n")
    assert dkim.verify(message, dnsfunc=lambda _name, timeout=5: text)
    assert not dkim.verify(message.replace(b"Friday", b"Monday"), dnsfunc=lambda _name, timeout=5: text)


async def test_the_second_uplink_is_seen_where_the_way_leads_over_it() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@uplink.example")
    facts = together(step.facts for step in report.steps.values())
    assert facts.sources == (SECOND_UPLINK[0],)
    assert at(report, "identity/ipv4").status == "passed"


def test_a_story_of_another_sender_leaves_one_that_was_given_alone() -> None:
    network = DemoNetwork()
    usual = network.prepare(Settings(DEFAULT_SENDER, "bob@lookups.example"))
    assert usual.sender == "alice@includes.example"
    assert network.prepare(Settings("eve@partner.example", "bob@lookups.example")).sender == "eve@partner.example"
    given = network.prepare(Settings(DEFAULT_SENDER, "bob@dkim.example")).message
    assert given is not None
    assert (given.name, given.content) == ("message.eml", signed_message())


async def test_the_sender_of_many_services_needs_twelve_lookups() -> None:
    async with DemoNetwork() as network:
        answer = await asked(network, "includes.example", "TXT")
    record = b"".join(answer.answer[0][0].strings).decode()
    assert sum(term.startswith(("include:", "a:", "mx")) for term in record.split()) == 12
