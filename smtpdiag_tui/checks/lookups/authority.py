"""One address of an authoritative name server: what it says of its zone and the mail hosts (RFC 1034 §4.3)."""

import asyncio
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, rdata_set
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer

_PATIENCE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """The SOA of the apex at one address of an authoritative name server, and what else it holds.

    `ns` is the apex NS RRset, `mx` the mail domain's MX; `a` and `aaaa` are its addresses, asked for only where
    this server says with authority that it has no MX. Each is None where it was not asked for.

    `inside`: only its own site reaches the address, so that its silence says nothing about the way outside.
    `unsteady`: it answered the questions about mail hosts otherwise when it was asked again.
    """

    host: str
    address: str
    pair: Pair
    ns: Answer | None = None
    mx: Answer | None = None
    a: Answer | None = None
    aaaa: Answer | None = None
    inside: bool = False
    unsteady: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """The name server and its address."""
        return self.host, self.address

    @property
    def label(self) -> str:
        """The name server and its address, as they are written."""
        return f"{self.host} [{self.address}]"

    @property
    def best(self) -> Answer:
        """The answer that counts: of two, the one that gives the zone's SOA with authority."""
        return next((answer for answer in (self.pair.udp, self.pair.tcp) if serves(answer)), self.pair.best)

    @property
    def serial(self) -> int | None:
        """The serial that this address answers with authority; None if it gives none."""
        return serial_of(self.best) if serves(self.best) else None

    @property
    def answers(self) -> bool:
        """Whether it answers at all."""
        return self.pair.answered

    @property
    def lame(self) -> bool:
        """Whether it answers, but not with authority and exactly one SOA of the apex."""
        return self.best.whole and not serves(self.best)

    @property
    def settled_mx(self) -> Answer | None:
        """Its MX answer if that settles the question, and with authority; None else."""
        mx = self.mx
        return mx if mx is not None and mx.usable and mx.authoritative else None

    @property
    def mail(self) -> tuple[Answer, ...]:
        """What it answered about mail hosts: MX, and the domain's addresses where there is none."""
        return tuple(answer for answer in (self.mx, self.a, self.aaaa) if answer is not None)


def serves(answer: Answer) -> bool:
    """Whether an answer gives, with authority, exactly one SOA of the name asked for."""
    own = [record for record in answer.records if record.owner == answer.question.name]
    return answer.kind is AnswerKind.DATA and answer.authoritative and len(own) == 1


def serial_of(answer: Answer) -> int | None:
    """Return the serial of the answer's own SOA, None if it has none."""
    for record in answer.records:
        fields = record.fields
        if record.rdtype == "SOA" and len(fields) == 7 and fields[2].isdecimal():
            return int(fields[2])
    return None


async def observe_authority(
    dns: DnsClient, host: str, address: str, apex: str, mail_name: str, *, inside: bool = False
) -> AuthorityView:
    """Ask one address of a name server for the apex's SOA over both transports, for its NS set and for the MX.

    `mail_name` is the mail domain, or what its CNAMEs lead to. Who does not answer for the SOA is asked no more.
    """
    server = DnsServer(address)
    pair = await dns.pair(server, Question(apex, "SOA", recurse=False))
    view = AuthorityView(host, address, pair, inside=inside)
    if not view.answers:
        return view
    if view.lame:
        return await _with_mail(dns, view, mail_name)
    ns = ask_once(dns, server, Question(apex, "NS", recurse=False))
    told, view = await asyncio.gather(ns, _with_mail(dns, view, mail_name))
    return replace(view, ns=told)


async def observe_again(dns: DnsClient, view: AuthorityView, mail_name: str) -> AuthorityView:
    """Ask a name server anew for the SOA and the mail hosts; silence now takes nothing back."""
    server, question = DnsServer(view.address), view.pair.question
    udp, tcp = await asyncio.gather(*(dns.ask_again(server, question, transport) for transport in Transport))
    pair = Pair(udp, tcp)
    if not pair.answered:
        return view
    new = await _with_mail(dns, replace(view, pair=pair), mail_name, before=view)
    return replace(new, unsteady=_told(new) != _told(view))


def _told(view: AuthorityView) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    return [(answer.rcode, rdata_set(answer)) for answer in view.mail]


async def _with_mail(
    dns: DnsClient, view: AuthorityView, mail_name: str, *, before: AuthorityView | None = None
) -> AuthorityView:
    """Add the MX RRset, and the domain's addresses where it says with authority that there is no MX.

    What it answered `before` is asked for anew.
    """
    mx = await _ask(dns, view, Question(mail_name, "MX", recurse=False), before.mx if before else None)
    view = replace(view, mx=mx, a=None, aaaa=None)
    if mx is None or mx.kind is not AnswerKind.NODATA or not mx.authoritative or len(mx.chain) > 1:
        return view
    a, aaaa = await asyncio.gather(
        _ask(dns, view, Question(mail_name, "A", recurse=False), before.a if before else None),
        _ask(dns, view, Question(mail_name, "AAAA", recurse=False), before.aaaa if before else None),
    )
    return replace(view, a=a, aaaa=aaaa)


async def _ask(dns: DnsClient, view: AuthorityView, question: Question, before: Answer | None) -> Answer | None:
    """Ask over UDP, over TCP where that has no use; over TCP alone where only that gives the zone's own answer."""
    server = DnsServer(view.address)
    if before is not None:
        new = await dns.ask_again(server, question, before.transport)
        return new if new.usable else before
    if serves(view.pair.tcp) and not serves(view.pair.udp):
        return await dns.ask(server, question, Transport.TCP)
    return await ask_once(dns, server, question)


async def ask_once(dns: DnsClient, server: DnsServer, question: Question) -> Answer:
    """Ask a name server over UDP; over TCP too where that brings no whole answer, or none within a second.

    Any whole answer settles the question, also one that refuses it.
    """
    udp = asyncio.ensure_future(dns.ask(server, question, Transport.UDP))
    asking = {udp}
    try:
        await asyncio.wait(asking, timeout=_PATIENCE)
        if udp.done() and udp.result().whole:
            return udp.result()
        tcp = asyncio.ensure_future(dns.ask(server, question, Transport.TCP))
        asking = {udp, tcp}
        for first in asyncio.as_completed(asking):
            if (answer := await first).whole:
                return answer
        only_tcp = tcp.result().well_formed or not udp.result().carried
        return tcp.result() if only_tcp and not udp.result().well_formed else udp.result()
    finally:
        for task in asking:
            task.cancel()  # the question itself goes on, for who else wants its answer
