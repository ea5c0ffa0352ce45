"""Asks DNS servers, each by itself and over the transport that is meant: no cache, no search list, no fallback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import dns.exception
import dns.rcode

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Pair, Question
from smtpdiag_tui.checks.lookups.messages import from_reply
from smtpdiag_tui.checks.lookups.queries import query_of
from smtpdiag_tui.checks.lookups.shared_answers import MAX_OUTSTANDING, SharedAnswers
from smtpdiag_tui.network.seam import MalformedAnswerError, Network, NotCarriedError, NotLetThroughError, Transport
from smtpdiag_tui.network.system_words import has_no_route, is_own_limit, system_words
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, Settings, family_of

# Questions under way, each with a socket: so many at all resolvers, and as many at all name servers, so that
# a zone whose name servers are silent holds up nobody else. With the idle connections that is 64 sockets.
MAX_AT_ONCE = 24
UDP_TRIES = 3
HEAD_START = 0.25  # seconds that UDP has for itself
# Resolvers are slow to give up on name servers that are dead: BIND after 10 s, and longer ones are rare.
PATIENCE = 12.0
SHORT = 0.5  # seconds that a try may last where another was told that the port is closed
LARGE = 400  # octets of an answer without EDNS that may well be too large with it
_EDNS_PROBLEMS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})

_Key = tuple[DnsServer, Question, Transport]


@dataclass(slots=True)
class _Line:
    """What the run knows of one transport at one server.

    `answered`: some message came. `heard_edns`, `with_edns`: one came that was asked for with EDNS, and one that
    settles its question. `suspected`: one came without EDNS after silence with it; `without_edns`: so it was when
    asked again. `silent`: a question was left wholly unanswered, and nothing had come until then. `refused`: the
    port is closed; hosts tell so for some datagrams only (RFC 1812 §4.3.2.8 has them limit that). `unheard` are
    names that a question was wholly unanswered about while others were answered, `heard` those that one was
    answered about. `carried`: the run's way carries the transport.
    """

    server: DnsServer
    transport: Transport
    carried: bool = True
    answered: bool = False
    heard_edns: bool = False
    with_edns: bool = False
    suspected: bool = False
    without_edns: bool = False
    silent: bool = False
    refused: bool = False
    unheard: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    _waits: set[asyncio.Timeout] = field(default_factory=set)

    def hear(self, answer: Answer, *, edns: bool) -> None:
        """Take note of what became of one try."""
        self.carried = answer.carried
        if not answer.well_formed:
            return
        self.answered, self.silent, self.refused = True, False, False
        self.heard.add(answer.question.name)
        if edns and answer.edns_trouble is None:
            self.heard_edns = True
            self.with_edns = self.with_edns or answer.usable

    def unanswered(self, answer: Answer) -> Answer:
        """Return what became of a question, and note it if nothing ever came over this line."""
        if answer.kind is AnswerKind.TIMEOUT and not self.answered:
            self.silent = True
        if answer.kind is AnswerKind.TIMEOUT and self.answered:
            self.unheard.add(answer.question.name)
        return answer

    def silent_about(self, name: str) -> bool:
        """Whether nothing is to be expected here: at all, or of a name or the names above it."""
        labels = name.split(".")
        above = {".".join(labels[start:]) for start in range(len(labels))}
        return self.silent or not self.carried or not above.isdisjoint(self.unheard - self.heard)

    def refuse(self) -> None:
        """Take note that the port is closed, and let what is waited for end soon."""
        if self.transport is not Transport.UDP:
            return  # each connection is told by itself
        self.refused = True
        end = asyncio.get_running_loop().time() + SHORT
        for wait in self._waits:
            wait.reschedule(end)

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Bound a wait for an answer once the port is known to be closed; raises TimeoutError then."""
        async with asyncio.timeout(SHORT if self.refused else None) as wait:
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)


@dataclass(slots=True)
class DnsClient:
    """All DNS questions of one run.

    A question to one server over one transport is asked once, however many checks want its answer. At most 8
    are outstanding at a server (RFC 7766 §6.2.1.1), at most 24 at all resolvers and 24 at all name servers. UDP
    is tried 3 times, once if a question of the server went wholly unanswered over that transport; the last try at
    a resolver that answers others waits for 12 s. Where only questions without EDNS are answered, these are.

    `shared` holds the answers that several runs have in common, each as long as it may be kept.

    Name servers, whose addresses come from the DNS, are asked without recursion; one at an address that is never
    connected to is not asked. A resolver may be anywhere, on the loopback too: its address was given.
    """

    network: Network
    settings: Settings
    shared: SharedAnswers | None = None
    _asked: dict[_Key, asyncio.Task[Answer]] = field(default_factory=dict)
    _answers: dict[_Key, Answer | None] = field(default_factory=dict)
    _slots: dict[DnsServer, asyncio.Semaphore] = field(default_factory=dict)
    _lines: dict[tuple[DnsServer, Transport], _Line] = field(default_factory=dict)
    _resolvers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))
    _name_servers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_ONCE))

    async def ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        """Return the run's one answer to this question; asks if nobody has."""
        key = (server, question, transport)
        task = self._asked.get(key)
        if task is None:
            self._answers.setdefault(key, None)
            task = self._asked[key] = asyncio.create_task(self._answer(*key))
            task.add_done_callback(lambda done: self._answered(key, done))
        return await asyncio.shield(task)

    def _answered(self, key: _Key, done: asyncio.Task[Answer]) -> None:
        if self._asked.get(key) is done and not done.cancelled() and done.exception() is None:
            self._answers[key] = done.result()

    async def ask_again(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        """Ask anew, whatever was answered before; the new answer is the run's from now on."""
        self._asked.pop((server, question, transport), None)
        self._answers.pop((server, question, transport), None)
        if self.shared is not None:
            self.shared.forget((server, question, transport, self.settings.timeout))
        return await self.ask(server, question, transport)

    async def pair(self, server: DnsServer, question: Question) -> Pair:
        """Ask over both transports side by side.

        Answers that differ are asked for once more: a load balancer or a change under way may explain them.
        """
        pair = await self._both(server, question, again=False)
        return await self._both(server, question, again=True) if pair.differ else pair

    async def first_usable(self, servers: Sequence[DnsServer], question: Question) -> Answer | None:
        """Return the answer that counts: of the first server, in order, that has a usable one.

        One that was silent before, at all or about this name, is asked only where no other has a usable answer. If
        none has, the first server's is returned; None without servers.
        """
        answers: dict[DnsServer, Answer] = {}
        for server in sorted(servers, key=lambda item: self._silent_about(item, question.name)):
            answers[server] = await self._either(server, question)
            if answers[server].usable:
                return answers[server]
        return answers[servers[0]] if servers else None

    def _silent_about(self, server: DnsServer, name: str) -> bool:
        """Whether a question was unanswered over both transports, so that one more keeps the run waiting."""
        return all(self._line(server, transport).silent_about(name) for transport in Transport)

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
        """Return all answers of the run until now, in the order in which they were asked for."""
        return tuple([answer for answer in self._answers.values() if answer is not None])

    async def close(self) -> None:
        """Cancel what is still being asked."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _both(self, server: DnsServer, question: Question, *, again: bool) -> Pair:
        ask = self.ask_again if again else self.ask
        udp, tcp = await asyncio.gather(ask(server, question, Transport.UDP), ask(server, question, Transport.TCP))
        return Pair(udp, tcp)

    async def _answer(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        """Return the answer that another run got, as long as it holds, or ask."""
        if self.shared is None:
            return await self._ask(server, question, transport)
        asked = False

        async def ask() -> Answer:
            nonlocal asked
            asked = True
            return await self._ask(server, question, transport)

        answer = await self.shared.answer((server, question, transport, self.settings.timeout), ask)
        if not asked:
            line = self._line(server, transport)
            line.hear(answer, edns=answer.edns)
            line.unanswered(answer)
        return answer

    async def _ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        line = self._line(server, transport)
        asking = self._ask_udp if transport is Transport.UDP else self._ask_tcp
        answer = await asking(line, question)
        if answer.kind is AnswerKind.SERVFAIL and question.edns and not line.with_edns:
            answer = await self._without_edns(line, answer)
        return answer

    def _line(self, server: DnsServer, transport: Transport) -> _Line:
        return self._lines.setdefault((server, transport), _Line(server, transport))

    async def _ask_udp(self, line: _Line, question: Question) -> Answer:
        """Try up to 3 times; the last one without EDNS, which some path may drop, and patiently."""
        limit = self.settings.udp_limit
        if line.refused or line.silent_about(question.name):  # one try is enough
            patient = self._patience(line, question, limit)
            return line.unanswered(await self._try(line, question, 1, patient))
        for tries in range(1, UDP_TRIES):
            answer = await self._try(line, question, tries, limit)
            if answer.kind is not AnswerKind.TIMEOUT:
                return answer
            if line.silent or line.refused:
                return line.unanswered(answer)
        return await self._last_udp_try(line, question)

    async def _last_udp_try(self, line: _Line, question: Question) -> Answer:
        limit = self._patience(line, question, self.settings.udp_limit)
        if not question.edns or line.without_edns:
            return line.unanswered(await self._try(line, question, UDP_TRIES, limit))
        plain = await self._try(line, question, UDP_TRIES, limit, edns=False)
        if not plain.well_formed:
            return line.unanswered(plain)
        return await self._confirmed(line, plain)

    async def _ask_tcp(self, line: _Line, question: Question) -> Answer:
        limit = self.settings.tcp_limit
        answer = await self._try(line, question, 1, limit)
        rest = self._patience(line, question, limit) - limit
        if answer.kind is AnswerKind.TIMEOUT and rest > 0:
            answer = await self._try(line, question, 2, rest)
        suspected = self._line(line.server, Transport.UDP).suspected and not line.heard_edns
        if answer.kind is AnswerKind.TIMEOUT and suspected and question.edns and not line.without_edns:
            plain = await self._try(line, question, answer.tries + 1, limit, edns=False)
            if plain.well_formed:
                line.without_edns = True
                answer = replace(plain, edns_trouble=EdnsTrouble.DROPPED)
        return line.unanswered(answer)

    def _patience(self, line: _Line, question: Question, limit: float) -> float:
        """Return how long a last try waits: longer at a resolver that answers, it may wait for others itself.

        Once it has been waited for in vain, that is known of the domain.
        """
        if not (line.answered and question.recurse) or line.silent_about(question.name):
            return limit
        return longest_wait(self.settings)

    async def _without_edns(self, line: _Line, failed: Answer) -> Answer:
        """Ask once more without EDNS where nothing but SERVFAIL has come with it."""
        plain = await self._try(line, failed.question, failed.tries + 1, self._limit(line), edns=False)
        return await self._confirmed(line, plain) if plain.usable else failed

    async def _confirmed(self, line: _Line, plain: Answer) -> Answer:
        """Return an answer that came without EDNS; asked once more with it, that may have been chance."""
        line.suspected = not line.heard_edns
        again = await self._try(line, plain.question, plain.tries + 1, self._limit(line), edns=True)
        if again.usable or (again.well_formed and not plain.usable):
            line.suspected = False
            return again
        if not line.heard_edns or again.kind is AnswerKind.SERVFAIL:
            line.without_edns = True
            return replace(plain, edns_trouble=EdnsTrouble.DROPPED)
        large = plain.kind is AnswerKind.TRUNCATED or plain.size > LARGE
        return replace(plain, edns_trouble=EdnsTrouble.TOO_LARGE if large else None)

    def _limit(self, line: _Line) -> float:
        return self.settings.udp_limit if line.transport is Transport.UDP else self.settings.tcp_limit

    async def _try(
        self, line: _Line, question: Question, tries: int, limit: float, *, edns: bool | None = None
    ) -> Answer:
        """Ask once; with EDNS unless the question or what is known of the line says otherwise."""
        reason = None if question.recurse else unusable_reason(line.server.address)
        if reason is not None:
            return Answer(question, line.server, line.transport, AnswerKind.NOT_ASKED, error=reason)
        dropped = edns is None and question.edns and line.without_edns
        with_edns = question.edns and not dropped if edns is None else edns
        # A place for each try, not for each question: those about a dead domain would hold up all others.
        slots = self._places_at(line.server, question)
        async with slots, self._resolvers if question.recurse else self._name_servers:
            answer = await self._tried(line, question, tries, limit, edns=with_edns)
        line.hear(answer, edns=with_edns)
        if dropped and answer.well_formed:
            return replace(answer, edns_trouble=EdnsTrouble.DROPPED)
        return answer

    def _places_at(self, server: DnsServer, question: Question) -> asyncio.Semaphore:
        """Return what bounds the questions outstanding at a server: a name server's is shared as answers are."""
        if self.shared is not None and not question.recurse:
            return self.shared.places_at(server)
        return self._slots.setdefault(server, asyncio.Semaphore(MAX_OUTSTANDING))

    async def _tried(self, line: _Line, question: Question, tries: int, limit: float, *, edns: bool) -> Answer:
        begun = self.network.now()
        try:
            async with line.waiting():
                return await self._exchange(line, question, tries, limit, edns=edns)
        except TimeoutError:
            kind, words = AnswerKind.TIMEOUT, f"no answer within {limit:g} s"
            if line.refused:
                kind, words = AnswerKind.CLOSED, _words(ConnectionRefusedError())
        except NotCarriedError as error:
            kind, words = AnswerKind.NOT_CARRIED, visible(str(error))
        except MalformedAnswerError as error:
            kind, words = AnswerKind.MALFORMED, visible(str(error))
        except (dns.exception.DNSException, ValueError) as error:
            # A record held a name that no question can carry.
            kind, words = AnswerKind.MALFORMED, visible(str(error))
        except OSError as error:
            kind, words = _kind(line.server, error), _words(error)
            if isinstance(error, ConnectionRefusedError):
                line.refuse()
        seconds = self.network.now() - begun
        return Answer(question, line.server, line.transport, kind, seconds=seconds, tries=tries, error=words)

    async def _exchange(self, line: _Line, question: Question, tries: int, limit: float, *, edns: bool) -> Answer:
        server, transport = line.server, line.transport
        reply = await self.network.exchange(query_of(question, edns=edns), server, transport, limit)
        if reply.message.rcode() not in _EDNS_PROBLEMS or not edns:
            return from_reply(question, server, transport, reply, tries)
        plain = await self.network.exchange(query_of(question, edns=False), server, transport, limit)
        return from_reply(question, server, transport, plain, tries, edns_trouble=EdnsTrouble.REFUSED)


def longest_wait(settings: Settings) -> float:
    """Return how long the last try of a question waits at a resolver that answers others, in seconds."""
    return PATIENCE if settings.timeout is None else min(PATIENCE, settings.timeout)


def _kind(server: DnsServer, error: OSError) -> AnswerKind:
    if is_own_limit(error) or isinstance(error, NotLetThroughError):
        return AnswerKind.NO_SOCKET
    if has_no_route(error):
        return AnswerKind.NO_ROUTE if family_of(server.address) == 6 else AnswerKind.UNREACHABLE
    if isinstance(error, ConnectionError):
        return AnswerKind.CLOSED
    if isinstance(error, PermissionError):
        return AnswerKind.TIMEOUT  # a firewall on this host took the datagram: lost as others are on the way
    return AnswerKind.UNREACHABLE


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return visible(system_words(error)).lower()
