"""An internet in memory for batches: who takes whose mail, what was asked, and which sessions were held when."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import dns.message
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.batch.lines import Line
from smtpdiag_tui.batch.run import Batch, Plan
from smtpdiag_tui.batch.telling import Teller
from smtpdiag_tui.network.seam import ByteStream, DnsReply, Transport
from smtpdiag_tui.settings import DnsServer, Settings
from tests.checks.fake_network import FakeStream, Peer
from tests.engine.instant_network import LAST, RECORDS, InstantNetwork

if TYPE_CHECKING:
    from smtpdiag_tui.batch.done import Done

SENDER = "alice@sender.example"
HELLO = b"250-mx\r\n250 SMTPUTF8\r\n"  # without STARTTLS, since what fails there is met a second time in clear
BUSY = b"421 4.7.0 Error: too many connections from 192.0.2.1\r\n"


@dataclass
class Held:
    """One session: with whom, from when to when, on the loop's clock."""

    address: str
    began: float
    stream: FakeStream

    @property
    def ended(self) -> float:
        assert self.stream.closed_at is not None
        return self.stream.closed_at


@dataclass
class World(InstantNetwork):
    """`mx` are the hosts of each domain, `at` the addresses of each host; every other answer is the instant one's.

    `hanging` are domains of which no DNS answer ever comes. `busy` says, by address, how often a host answers that
    there are too many sessions, before it takes mail. A session takes `seconds`.
    """

    mx: dict[str, list[str]] = field(default_factory=dict)
    at: dict[str, list[str]] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    busy: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.5
    ttl: int = 300
    held: list[Held] = field(default_factory=list)
    asked: Counter[tuple[str, str, str, Transport]] = field(default_factory=Counter)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        name, rdtype = question.name.to_text().lower().rstrip("."), dns.rdatatype.to_text(question.rdtype)
        self.asked[(server.address, name, rdtype, transport)] += 1
        if any(name == domain or name.endswith(f".{domain}") for domain in self.hanging):
            await asyncio.sleep(limit)
            raise TimeoutError
        await asyncio.sleep(0.01)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        data = self._data(name, rdtype)
        if data:
            reply.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", question.rdtype, *data))
        else:
            soa = f"ns.partner.example. hostmaster.partner.example. 7 7200 3600 1209600 {self.ttl}"
            reply.authority.append(dns.rrset.from_text("example.", self.ttl, "IN", "SOA", soa))
        return DnsReply(reply, 100, 0.01)

    def _data(self, name: str, rdtype: str) -> list[str]:
        if rdtype == "MX":
            return [f"{10 * place} {host}." for place, host in enumerate(self.mx.get(name, ()), 1)]
        if name in self.at:
            wanted = {"A": False, "AAAA": True}.get(rdtype)
            return [address for address in self.at[name] if (":" in address) is wanted]
        if rdtype in ("A", "AAAA") and name in self.mx:
            return []
        return [RECORDS[rdtype]] if rdtype in RECORDS and rdtype != "TXT" else []

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        stream = await super().connect(address, port, source=source, limit=limit)
        self.held.append(Held(address, self.now(), cast("FakeStream", stream)))
        return stream

    async def _talk(self, peer: Peer) -> None:
        await asyncio.sleep(self.seconds)
        address = next(held.address for held in reversed(self.held) if held.stream is peer.stream)
        if self.busy[address] > 0:
            self.busy[address] -= 1
            peer.say(BUSY)
            peer.close()
            return
        peer.say(b"220 mx ESMTP\r\n")
        while True:
            line = await peer.line()
            self.lines.append(line)
            peer.say(HELLO if line.startswith(b"EHLO") else LAST.get(line, b"250 2.1.5 Ok\r\n"))

    @property
    def sessions(self) -> list[Held]:
        """The sessions with mail hosts in the order in which they began."""
        return sorted(self.held, key=lambda held: held.began)


@dataclass
class Kept:
    """A sink that keeps the lines."""

    lines: list[bytes] = field(default_factory=list)

    async def put(self, line: bytes) -> None:
        self.lines.append(line)


async def texts(given: Iterable[str]) -> AsyncIterator[Line]:
    for number, text in enumerate(given, 1):
        yield Line(number, text)


async def batched(world: World, given: Iterable[str], sink: Kept, **plan: object) -> Batch:
    """Run a batch over a world; each line gives a domain or a pair."""
    done = plan.pop("done", None)
    settings = plan.pop("settings", Settings("", "", dnsbl=()))
    planned = Plan(cast("Settings", settings), SENDER, **plan)  # type: ignore[arg-type]
    batch = Batch(planned, world.as_network(), sink, Teller(), cast("Done | None", done))
    await batch.run(texts(given))
    return batch


def at_once(sessions: Iterable[Held]) -> int:
    """Return how many of these sessions were held at the same time, at most."""
    steps = sorted([(held.began, 1) for held in sessions] + [(held.ended, -1) for held in sessions])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
