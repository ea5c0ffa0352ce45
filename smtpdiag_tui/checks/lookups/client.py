"""Asks DNS servers, each by itself and over the transport that is meant: no cache, no search list, no fallback."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.message
import dns.name
import dns.rcode

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Pair, Question
from smtpdiag_tui.checks.lookups.messages import from_reply
from smtpdiag_tui.network.seam import MalformedAnswerError, Network, Transport
from smtpdiag_tui.network.system_words import has_no_route, is_own_limit, system_words
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, Settings, family_of

MAX_OUTSTANDING = 8
# Questions under way, each with a socket: so many at all resolvers, and as many at all name servers, so that
# a zone whose name servers are silent holds up nobody else. With the idle connections that is 64 sockets.
MAX_AT_ONCE = 24
UDP_TRIES = 3
EDNS_PAYLOAD = 1232
HEAD_START = 0.25  # seconds that UDP has for itself
_EDNS_PROBLEMS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})

_Key = tuple[DnsServer, Question, Transport]


@dataclass(slots=True)
class DnsClient:
    """All DNS questions of one run.

    A question to one server over one transport is asked once, however many checks want its answer. At most 8
    are outstanding at a server (RFC 7766 §6.2.1.1), at most 24 at all resolvers and 24 at all name servers. UDP
    is tried 3 times, once after a question of the server went wholly unanswered over that transport.

    Name servers, whose addresses come from the DNS, are asked without recursion; one at an address that is never
    connected to is not asked. A resolver may be anywhere, on the loopback too: its address was given.
    """

    network: Network
    settings: Settings
    _asked: dict[_Key, asyncio.Task[Answer]] = field(default_factory=dict)
    _slots: dict[DnsServer, asyncio.Semaphore] = field(default_factory=dict)
    _silent: set[tuple[DnsServer, Transport]] = field(default_factory=set)
    _resolvers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))
    _name_servers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))

    async def ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        """Return the run's one answer to this question; asks if nobody has."""
        key = (server, question, transport)
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._ask(*key))
        return await asyncio.shield(task)

    async def ask_again(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        """Ask anew, whatever was answered before; the new answer is the run's from now on."""
        self._asked.pop((server, question, transport), None)
        return await self.ask(server, question, transport)

    async def pair(self, server: DnsServer, question: Question) -> Pair:
        """Ask over both transports side by side.

        Answers that differ are asked for once more: a load balancer or a change under way may explain them.
        """
        pair = await self._both(server, question, again=False)
        return await self._both(server, question, again=True) if pair.differ else pair

    async def first_usable(self, servers: Sequence[DnsServer], question: Question) -> Answer | None:
        """Return the answer that counts: of the first server, in order, that has a usable one.

        If no server has a usable answer the first server's is returned; None without servers.
        """
        fallback: Answer | None = None
        for server in servers:
            answer = await self._either(server, question)
            if answer.usable:
                return answer
            fallback = fallback or answer
        return fallback

    async def _either(self, server: DnsServer, question: Question) -> Answer:
        """Return the first usable answer of the two transports; TCP joins where UDP fails or is not quick."""
        udp = asyncio.ensure_future(self.ask(server, question, Transport.UDP))
        asking = {udp}
        try:
            await asyncio.wait(asking, timeout=HEAD_START)
            if udp.done() and udp.result().usable:
                return udp.result()
            tcp = asyncio.ensure_future(self.ask(server, question, Transport.TCP))
            asking = {udp, tcp}
            for first in asyncio.as_completed(asking):
                answer = await first
                if answer.usable:
                    return answer
            only_udp = udp.result().well_formed and not tcp.result().well_formed
            return udp.result() if only_udp else tcp.result()
        finally:
            for task in asking:
                task.cancel()  # the question itself goes on, for who else wants its answer

    def answers(self) -> tuple[Answer, ...]:
        """Return all answers of the run until now."""
        done = (task for task in self._asked.values() if task.done() and not task.cancelled())
        return tuple(task.result() for task in done if task.exception() is None)

    async def close(self) -> None:
        """Cancel what is still being asked."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _both(self, server: DnsServer, question: Question, *, again: bool) -> Pair:
        ask = self.ask_again if again else self.ask
        udp, tcp = await asyncio.gather(ask(server, question, Transport.UDP), ask(server, question, Transport.TCP))
        return Pair(udp, tcp)

    async def _ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        slots = self._slots.setdefault(server, asyncio.Semaphore(MAX_OUTSTANDING))
        async with slots:
            patient = transport is Transport.UDP and (server, transport) not in self._silent
            most = UDP_TRIES if patient else 1
            for tries in range(1, most + 1):
                answer = await self._try(server, question, transport, tries)
                if answer.kind is not AnswerKind.TIMEOUT:
                    return answer
                if (server, transport) in self._silent:
                    break
            self._silent.add((server, transport))
            return answer

    async def _try(self, server: DnsServer, question: Question, transport: Transport, tries: int) -> Answer:
        reason = None if question.recurse else unusable_reason(server.address)
        if reason is not None:
            return Answer(question, server, transport, AnswerKind.NOT_ASKED, error=reason)
        async with self._resolvers if question.recurse else self._name_servers:
            return await self._tried(server, question, transport, tries)

    async def _tried(self, server: DnsServer, question: Question, transport: Transport, tries: int) -> Answer:
        begun = self.network.now()
        limit = self.settings.udp_limit if transport is Transport.UDP else self.settings.tcp_limit
        try:
            return await self._exchange(server, question, transport, tries, limit)
        except TimeoutError:
            kind, words = AnswerKind.TIMEOUT, f"no answer within {limit:g} s"
        except MalformedAnswerError as error:
            kind, words = AnswerKind.MALFORMED, visible(str(error))
        except (dns.exception.DNSException, ValueError) as error:
            # A record held a name that no question can carry.
            kind, words = AnswerKind.MALFORMED, visible(str(error))
        except OSError as error:
            kind, words = _kind(server, error), _words(error)
        seconds = self.network.now() - begun
        return Answer(question, server, transport, kind, seconds=seconds, tries=tries, error=words)

    async def _exchange(
        self, server: DnsServer, question: Question, transport: Transport, tries: int, limit: float
    ) -> Answer:
        query = _query(question, edns=True)
        reply = await self.network.exchange(query, server, transport, limit)
        if reply.message.rcode() not in _EDNS_PROBLEMS:
            return from_reply(question, server, transport, reply, tries)
        plain = await self.network.exchange(_query(question, edns=False), server, transport, limit)
        return from_reply(question, server, transport, plain, tries, edns_trouble=EdnsTrouble.REFUSED)


def _query(question: Question, *, edns: bool) -> dns.message.QueryMessage:
    name = dns.name.from_text(question.name)
    query = dns.message.make_query(name, question.rdtype, use_edns=False)
    if edns:
        query.use_edns(0, payload=EDNS_PAYLOAD)
    if not question.recurse:
        query.flags = dns.flags.Flag(0)
    return query


def _kind(server: DnsServer, error: OSError) -> AnswerKind:
    if is_own_limit(error):
        return AnswerKind.NO_SOCKET
    if has_no_route(error):
        return AnswerKind.NO_ROUTE if family_of(server.address) == 6 else AnswerKind.UNREACHABLE
    if isinstance(error, ConnectionError):
        return AnswerKind.CLOSED
    return AnswerKind.UNREACHABLE


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return visible(system_words(error)).lower()
