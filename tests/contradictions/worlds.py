"""Worlds by chance, each the same for the same seed, and their runs."""

import json
import random
import re
from collections.abc import Callable, Iterator

from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.findings import catalogue
from smtpdiag_tui.settings import DkimSelector, GivenMessage
from tests.checks.fake_network import run as on_virtual_clock
from tests.checks.session.reply_samples import SAMPLES
from tests.contradictions.checker import contradictions
from tests.contradictions.made_network import MadeNetwork
from tests.contradictions.seen import Json
from tests.contradictions.world import (
    HOSTS,
    LISTS,
    NS1,
    NS1_V6,
    NS2,
    OTHER_RESOLVER,
    OUTER_PARENT,
    PARENT,
    RESOLVER,
    SERIAL,
    SOA,
    Answer,
    Fault,
    Host,
    Record,
    Setting,
    World,
)

MOST_FAULTS = 5
_SPF: tuple[tuple[str, ...], ...] = (
    ('"v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"',),
    ('"v=spf1 ip4:192.0.2.10 -all"',),
    ('"v=spf1 -all"',),
    ('"v=spf1 ip4:192.0.2.10 ~all"',),
    ('"v=spf1 +all"',),
    ('"v=spf1 a:mail.sender.example ?all"',),
    ('"v=spf1 include:partner.example -all"',),
    ('"v=spf1 redirect=mail.sender.example"',),
    ('"v=spf1 foo -all"',),
    ('"v=spf1 -all"', '"v=spf1 mx -all"'),
    ('"v=spf1include:x -all"',),
)
_DMARC: tuple[tuple[str, ...], ...] = (
    ('"v=DMARC1; p=reject"',),
    ('"v=DMARC1; p=quarantine; rua=mailto:a@partner.example"',),
    ('"v=DMARC1; p=reject; t=y"',),
    ('"v=DMARC1; p=none"',),
    ('"v=DMARC1; p=reject; psd=y"',),
    ('"v=DMARC1; p=rejct"',),
    ('"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'),
)
_KEYS: tuple[tuple[str, ...], ...] = (
    ('"v=DKIM1; p="',),
    ('"v=DKIM1; k=RSA; p=AAAA"',),
    ('"v=spf1 -all"',),
    ('"v=DKIM1; k=ed25519; p=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="',),
)
_SIGNATURE = b"DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n"
_MESSAGES = (
    b"From: alice@sender.example\r\n\r\nHello\r\n",
    _SIGNATURE + b"From: alice@sender.example\r\n\r\nHello\r\n",
    b"From: carol@partner.example\r\n\r\nHello\r\n",
)
_WORD = re.compile(r"[a-z0-9-]{4,60}")
_DOMAINS = ("partner.example", "partner.example", "partner.example", "sender.example", ".")
_SERVERS: tuple[str, ...] = (RESOLVER, RESOLVER, RESOLVER, OTHER_RESOLVER, "resolvers", "authorities")
_SERVERS += (NS1, NS2, NS1_V6, PARENT, OUTER_PARENT, "")
_HOW: tuple[str, ...] = ("SERVFAIL", "SERVFAIL 6", "SERVFAIL 22", "REFUSED", "NXDOMAIN", "NOTIMP", "silent")
_HOW += ("silent", "refused", "malformed", "truncated", "no authority", "referral", "filtered", "stub")
_HOW += ("rewritten", "no edns")
_MX = (
    ("10 mx2.partner.example.",),
    ("10 old.partner.example.",),
    ("10 mx1.partner.example.", "10 mx2.partner.example."),
    ("0 .",),
    ("0 .", "10 mx1.partner.example."),
    ("10 192.0.2.21.",),
    ("10 nowhere.partner.example.",),
    ("10 mx1.partner.example.partner.example.",),
    ("10 partner.example.",),
    (),
)
_A = (("10.0.0.25",), ("127.0.0.1",), ("0.0.0.0",), ("192.0.2.10",), ("192.0.2.22",), ())
_NAMES: tuple[str, ...] = (
    "mx1.partner.example",
    "mx2.partner.example",
    "partner.example",
    "mail.sender.example",
    "ns1.dns.example",
)
_NS = (("ns3.dns.example.",), ("ns1.dns.example.", "ns3.dns.example."), ("gone.dns.example.",))
_SETTINGS: tuple[tuple[str, object], ...] = (
    ("dns", OTHER_RESOLVER),
    ("dns", RESOLVER),
    ("family", 4),
    ("family", 6),
    ("tls", "off"),
    ("tls", "require"),
    ("server", "192.0.2.21"),
    ("server", "mx2.partner.example"),
    ("sender", ""),
    ("sender", "carol@partner.example"),
    ("recipient", "bob@[192.0.2.21]"),
    ("recipient", "bob@mx1.partner.example"),
    ("dnsbl", (LISTS,)),
    ("dnsbl", (LISTS,)),
    ("timeout", 3.0),
    ("ehlo", "mail.sender.example"),
    ("ehlo", "nowhere.example"),
    ("as_addresses", ("198.51.100.7", "2001:db8:1::7")),
    ("header_from", "carol@news.sender.example"),
    ("dkim_selectors", (DkimSelector("s1"),)),
    ("machine name", ""),
    ("machine resolvers", "2"),
    ("machine resolvers", "2"),
    ("machine address", "192.0.2.21"),
    ("machine use-vc", "yes"),
)
_CONNECT = ("refused", "silent", "unreachable", "no route", "no route")
_TLS = ("not offered", "broken", "expired", "other name", "untrusted", "454 4.7.0 TLS not available")
_INSTEAD = ("silent", "closed", "reset", "garbage", "slow")
_PLACES = ("greeting", "ehlo", "mail", "rcpt")
_OF_SAMPLE = {"greeting", "ehlo", "mail", "rcpt", "starttls"}


def world_of(seed: int) -> World:
    """Return the world of a seed, with one to five faults."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    for _ in range(chance.randint(1, MOST_FAULTS)):
        faults.extend(chance.choice(_MAKERS)(chance))
    return World(tuple(faults))


def told(world: World) -> Json:
    """Run a world, and return the report as JSON has it."""
    network = MadeNetwork(world)
    report = on_virtual_clock(diagnose(world.settings, network.as_network(), lambda _: None))
    whole: Json = json.loads(to_json(report))
    return whole


def contradictions_of(world: World) -> list[str]:
    """Return the contradictions in the report on a world, each with the rule's name before it."""
    return contradictions(told(world))


def kind_of(text: str) -> str:
    """Return a contradiction's rule with the codes that its words hold: of one kind, one case is enough."""
    rule, _, words = text.partition(":")
    codes = dict.fromkeys(word for word in _WORD.findall(words) if word in catalogue())
    return f"{rule}: {', '.join(codes)}"


def smallest(world: World, kind: str) -> World:
    """Return a world with as few faults as still show a kind of contradiction."""
    shrinking = True
    while shrinking:
        shrinking = False
        for fault in world.faults:
            less = world.without(fault)
            if kind in map(kind_of, contradictions_of(less)):
                world, shrinking = less, True
                break
    return world


def _dns_answer(chance: random.Random) -> Iterator[Fault]:
    server = chance.choice(_SERVERS)
    name = chance.choice(_DOMAINS)
    rdtype = chance.choice(("", "", "", "MX", "A", "AAAA", "SOA", "NS"))
    transport = chance.choice(("", "", "", "udp", "tcp"))
    how = chance.choice(_HOW)
    if how in ("NXDOMAIN", "filtered") and name == ".":
        name = "partner.example"
    yield Answer(server, name, rdtype, transport, how)


def _intercepted(_: random.Random) -> Iterator[Fault]:
    yield Answer("authorities", ".", "", "", "stub")


def _silence(chance: random.Random) -> Iterator[Fault]:
    yield Answer(
        chance.choice(_SERVERS), ".", "", chance.choice(("", "udp", "tcp")), chance.choice(("silent", "refused"))
    )


def _mx(chance: random.Random) -> Iterator[Fault]:
    domain = chance.choice(("partner.example", "partner.example", "sender.example"))
    yield Record(chance.choice(_SERVERS), domain, "MX", chance.choice(_MX))
    if chance.random() < 0.3:
        yield Record("", domain, "A", ("192.0.2.22",))


def _address(chance: random.Random) -> Iterator[Fault]:
    yield Record(chance.choice(("", "", *_SERVERS)), chance.choice(_NAMES), "A", chance.choice(_A))


def _serial(chance: random.Random) -> Iterator[Fault]:
    serial = SERIAL + chance.choice((-95, -1, 1))
    text = SOA.format(zone="partner.example", serial=serial)
    yield Record(chance.choice(_SERVERS[:-1]), "partner.example", "SOA", (text,))


def _authentication(chance: random.Random) -> Iterator[Fault]:
    """Publish what receivers check, in one way or another; a message may be given beside it."""
    if chance.random() < 0.8:
        yield Record("", "sender.example", "TXT", chance.choice(_SPF))
    if chance.random() < 0.3:
        yield Record("", "mail.sender.example", "TXT", chance.choice(_SPF[:-4]))
    if chance.random() < 0.8:
        yield Record("", "_dmarc.sender.example", "TXT", chance.choice(_DMARC))
    if chance.random() < 0.4:
        yield Record("", "s1._domainkey.sender.example", "TXT", chance.choice(_KEYS))
    if chance.random() < 0.4:
        content = chance.choice(_MESSAGES)
        yield Setting("message", GivenMessage("m.eml", len(content), content))
    if chance.random() < 0.2:
        name = chance.choice(("sender.example", "_dmarc.sender.example", "s1._domainkey.sender.example"))
        yield Answer("resolvers", name, "TXT", "", chance.choice(("SERVFAIL", "silent", "NXDOMAIN")))


def _delegation(chance: random.Random) -> Iterator[Fault]:
    place = chance.choice(("delegation of partner.example", "partner.example"))
    yield Record(chance.choice((PARENT, RESOLVER, "authorities", "")), place, "NS", chance.choice(_NS))


def _alias(chance: random.Random) -> Iterator[Fault]:
    name = chance.choice(("partner.example", "mx1.partner.example"))
    yield Record(
        chance.choice(("", RESOLVER)), name, "CNAME", (chance.choice(("mx2.partner.example.", "sender.example.")),)
    )


def _reverse(chance: random.Random) -> Iterator[Fault]:
    yield Record("", "10.2.0.192.in-addr.arpa", "PTR", chance.choice(((), ("dyn-192-0-2-10.isp.example.",))))


def _listing(_: random.Random) -> Iterator[Fault]:
    yield Record("", f"10.2.0.192.{LISTS}", "A", ("127.0.0.2",))


def _setting(chance: random.Random) -> Iterator[Fault]:
    yield Setting(*chance.choice(_SETTINGS))


def _hosts(chance: random.Random) -> tuple[str, ...]:
    return chance.choice((*(HOSTS,) * 6, HOSTS[:1], HOSTS[1:2], HOSTS[2:], HOSTS[:2]))


def _connect(chance: random.Random) -> Iterator[Fault]:
    how = chance.choice(_CONNECT)
    for address in _hosts(chance):
        if how != "no route" or ":" in address:
            yield Host(address, "connect", how)


def _tls(chance: random.Random) -> Iterator[Fault]:
    how = chance.choice(_TLS)
    yield from (Host(address, "starttls", how) for address in _hosts(chance))


def _reply(chance: random.Random) -> Iterator[Fault]:
    sample = chance.choice(chance.choice(list(SAMPLES.values())))
    phase, colon, text = sample.partition(": ")
    if not colon or phase not in _OF_SAMPLE:
        phase, text = chance.choice(("rcpt", "rcpt", "mail")), sample
    hosts = _hosts(chance)
    yield from (Host(address, phase, _to_this_client(text, address)) for address in hosts)
    if chance.random() < 0.4:  # what is wrong with TLS stands beside many a refusal
        how = chance.choice(_TLS)
        yield from (Host(address, "starttls", how) for address in hosts)


def _to_this_client(text: str, address: str) -> str:
    """Return a sample as the server at an address would say it to the client that it sees."""
    own = "2001:db8::10" if ":" in address else "192.0.2.10"
    return text.replace("203.0.113.10", own).replace("2001:db8::10", own)


def _instead(chance: random.Random) -> Iterator[Fault]:
    phase, how = chance.choice(_PLACES), chance.choice(_INSTEAD)
    yield from (Host(address, phase, how) for address in _hosts(chance))


_MAKERS: tuple[Callable[[random.Random], Iterator[Fault]], ...] = (
    _dns_answer,
    _dns_answer,
    _dns_answer,
    _intercepted,
    _silence,
    _silence,
    _mx,
    _mx,
    _address,
    _serial,
    _delegation,
    _alias,
    _reverse,
    _authentication,
    _authentication,
    _authentication,
    _listing,
    _setting,
    _setting,
    _connect,
    _tls,
    _reply,
    _reply,
    _reply,
    _instead,
)
