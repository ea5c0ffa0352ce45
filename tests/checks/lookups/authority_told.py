"""A name server that answers from a table, by type, and writes down what it was asked."""

from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups.answers import Answer, Pair, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer


@dataclass
class Authority(DnsClient):
    """Answers as one name server by type; `again` holds other answers for who asks again."""

    network: object = None  # type: ignore[assignment]
    settings: object = None  # type: ignore[assignment]
    table: dict[str, Answer] = field(default_factory=dict)
    tcp: dict[str, Answer] = field(default_factory=dict)
    again: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def pair(self, server: DnsServer, question: Question) -> Pair:
        udp = await self.ask(server, question, Transport.UDP)
        return Pair(udp, await self.ask(server, question, Transport.TCP))

    async def ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        assert not question.recurse
        self.asked.append(f"{question} {transport}")
        table = self.tcp if transport is Transport.TCP and question.rdtype in self.tcp else self.table
        return replace(table[question.rdtype], transport=transport)

    async def ask_again(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        self.asked.append(f"{question} {transport} again")
        return replace((self.again or self.table)[question.rdtype], transport=transport)
