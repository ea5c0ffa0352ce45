"""DNS messages on the wire: what answers a question, over datagrams and over one shared TCP connection."""

import asyncio
import contextlib
import copy
import random
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
from dns.rdtypes.tlsabase import TLSABase

from smtpdiag_tui.settings import DnsServer

CLOSED = "connection closed without an answer"
MAX_KEPT = 16  # connections that stay open with no question on them
MAX_IN_TURN = 8  # limits that a question waits for at most while others are answered before it
MAX_STRAYS = 20  # messages on one connection that nobody asked for
_HEADER = 12  # octets, RFC 1035 section 4.1.1
# A TLSA record whose digest has a wrong length is to be passed over (RFC 6698 §4.1); dnspython
# from 2.9 on would refuse the whole message for it.
getattr(TLSABase, "_cert_length_by_mtype", {}).clear()
_BROKEN = (dns.exception.DNSException, ValueError, IndexError, KeyError, TypeError, struct.error)


@dataclass(frozen=True, slots=True)
class Received:
    """What a server sent for one question. Without `message`, `fault` says in a clause what was wrong with it."""

    size: int
    seconds: float
    message: dns.message.Message | None = None
    fault: str = ""


def read_answer(query: dns.message.Message, wire: bytes) -> dns.message.Message | str:
    """Read `wire` as the answer to `query` (RFC 5452 section 9.1), else say in a clause what is wrong with it."""
    if len(wire) < _HEADER:
        return f"shorter than a DNS header ({len(wire)} bytes)"
    if int.from_bytes(wire[:2]) != query.id:
        return "ID does not match the query"
    if not wire[2] & 0x80:
        return "a query instead of a response"
    truncated = bool(wire[2] & 0x02)
    try:
        # A truncated answer may end within a record (RFC 2181 section 9 has its receiver not look at it).
        message = dns.message.from_wire(wire, ignore_trailing=truncated, continue_on_error=truncated)
        fits = query.is_response(message)
    except dns.message.TrailingJunk:
        return "extra bytes after the end of the message"
    except dns.name.BadPointer:
        return "a compression pointer does not point backwards"
    except _BROKEN:
        return "not a well-formed DNS message"
    return message if fits else "it answers another query"


class DatagramAnswer(asyncio.DatagramProtocol):
    """Waits on a connected UDP socket for the answer to one question; what is no answer is passed over."""

    def __init__(self, query: dns.message.Message) -> None:
        self.answer: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self.fault: str | None = None
        self._query = query
        self._started = time.monotonic()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """Take the answer, or note what was wrong with the first datagram that is none; see asyncio."""
        if self.answer.done():
            return
        read = read_answer(self._query, data)
        if isinstance(read, str):
            self.fault = self.fault or read
        else:
            self.answer.set_result(Received(len(data), time.monotonic() - self._started, read))

    def error_received(self, exc: Exception) -> None:
        """Pass on what ICMP told, as a closed port; see asyncio."""
        if not self.answer.done():
            self.answer.set_exception(exc)


class _Question:
    """One question outstanding on a connection. Its limit counts from the last answer there, up to a bound."""

    def __init__(self, query: dns.message.Message, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        self.query = query
        self.started = time.monotonic()
        self.done: asyncio.Future[Received] = loop.create_future()
        self.fault: str | None = None
        self._limit = max(0.0, deadline - loop.time())
        self._bound = loop.time() + MAX_IN_TURN * self._limit
        self._wait = asyncio.timeout_at(deadline)

    async def answered(self) -> Received:
        """Wait for the answer; raises TimeoutError."""
        async with self._wait:
            return await self.done

    def wait_on(self) -> None:
        """Count the limit anew: the server answers one question after the other."""
        when = self._wait.when()
        if when is not None and not self._wait.expired() and not self.done.done():
            anew = asyncio.get_running_loop().time() + self._limit
            self._wait.reschedule(max(when, min(anew, self._bound)))

    def finish(self, size: int, read: dns.message.Message | str) -> None:
        if self.done.done():
            return
        seconds = time.monotonic() - self.started
        if isinstance(read, str):
            self.done.set_result(Received(size, seconds, fault=read))
        else:
            self.done.set_result(Received(size, seconds, read))

    def fail(self, error: OSError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class DnsConnection(asyncio.Protocol):
    """One TCP connection to a DNS server, shared by questions; answers come in any order (RFC 7766 section 7)."""

    def __init__(self) -> None:
        self.asked = 0  # questions sent so far
        self.lost = False
        self.released = False
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._outstanding: dict[int, _Question] = {}
        self._given_up: set[int] = set()
        self._strays = 0

    @property
    def idle(self) -> bool:
        """Whether it has carried questions and carries none now."""
        return self.asked > 0 and not self._outstanding

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; see asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, query: dns.message.Message, deadline: float) -> Received:
        """Send one question and wait for its answer until `deadline`, on the loop's clock.

        With each answer that comes on this connection the wait begins anew, 8 times at most: a server that takes
        one question after the other is not dead. The question is sent under an id that is free on this
        connection; the answer comes back under the query's. Raises TimeoutError, ConnectionResetError if the
        connection ends first.
        """
        if self.lost or self._transport is None:
            raise ConnectionResetError(CLOSED)
        sent = copy.copy(query)
        while sent.id in self._outstanding or sent.id in self._given_up:
            sent.id = random.randrange(65536)  # noqa: S311 - it must be unique, not secret: TCP carries it
        wire = sent.to_wire()
        question = self._outstanding[sent.id] = _Question(sent, deadline)
        self.asked += 1
        self._transport.write(len(wire).to_bytes(2) + wire)
        try:
            received = await question.answered()
        except TimeoutError:
            if question.fault is None:
                raise
            return Received(0, time.monotonic() - question.started, fault=question.fault)
        finally:
            del self._outstanding[sent.id]
            if question.done.cancelled():
                # An answer that comes late must not be taken for one to a later question, nor count as a fault.
                self._given_up.add(sent.id)
        if received.message is not None:
            received.message.id = query.id
        return received

    def data_received(self, data: bytes) -> None:
        """Take whole messages off what arrived (RFC 1035 section 4.2.2); at most one part of one is kept."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= 2 and not self.lost:
            end = start + 2 + int.from_bytes(self._buffer[start : start + 2])
            if len(self._buffer) < end:
                break
            self._message(bytes(self._buffer[start + 2 : end]))
            start = end
        del self._buffer[:start]

    def _message(self, wire: bytes) -> None:
        identity = int.from_bytes(wire[:2]) if len(wire) >= 2 else None
        question = self._outstanding.get(identity) if identity is not None else None
        if question is not None:
            read = read_answer(question.query, wire)
            question.finish(len(wire), read)
            if not isinstance(read, str):
                for waiting in self._outstanding.values():
                    waiting.wait_on()
        elif identity not in self._given_up:
            self._stray(wire)

    def _stray(self, wire: bytes) -> None:
        """Judge a message that belongs to no question: unreadable, it may be the answer to any."""
        self._strays += 1
        if self._strays > MAX_STRAYS:
            for question in list(self._outstanding.values()):
                question.finish(len(wire), "only messages that match no query arrived")
            self.abort()
            return
        try:
            # No more of it: to read thousands of records takes the loop a second.
            dns.message.from_wire(wire, question_only=True)
        except _BROKEN:
            for question in list(self._outstanding.values()):
                question.finish(len(wire), "not a well-formed DNS message")
        else:
            for question in self._outstanding.values():
                question.fault = question.fault or "ID does not match the query"

    def connection_lost(self, exc: Exception | None) -> None:
        """End all that is outstanding; see asyncio."""
        if self.lost:
            return
        self.lost = True
        if len(self._buffer) >= 4 and (cut := self._outstanding.get(int.from_bytes(self._buffer[2:4]))):
            cut.finish(len(self._buffer) - 2, "connection ended in the middle of the message")
        self._buffer.clear()
        if self.released:
            error: OSError = ConnectionAbortedError("connection closed by this host")
        elif isinstance(exc, OSError) and not isinstance(exc, BrokenPipeError):
            error = exc
        else:  # a broken pipe is the same, seen as we wrote
            error = ConnectionResetError(CLOSED)
        for question in list(self._outstanding.values()):
            question.fail(error)

    def abort(self) -> None:
        """Close at once and end all that is outstanding."""
        self.released = True
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended before us
                self._transport.abort()
        self.connection_lost(None)


@dataclass(slots=True)
class _Shared:
    """The connection that the questions to one server share; the lock is held by whoever opens it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: DnsConnection | None = None


class DnsConnections:
    """Keeps one TCP connection per DNS server, and at most 16 that are idle: the oldest give way.

    `connect` opens one, and raises OSError.
    """

    def __init__(self, connect: Callable[[DnsConnection, DnsServer], Awaitable[None]]) -> None:
        self._connect = connect
        self._shared: dict[DnsServer, _Shared] = {}
        self._open: dict[DnsConnection, None] = {}  # in the order in which they were opened

    async def ask(self, query: dns.message.Message, server: DnsServer, deadline: float) -> Received:
        """Ask over the shared connection; if that closed under the question, once more over one of its own.

        RFC 7766 section 6.2.4: a server may close at any time. One that answers a single question per
        connection would close a second shared one under most of the questions again.
        """
        connection = await self._share(server, deadline)
        try:
            return await connection.ask(query, deadline)
        except ConnectionResetError:
            if connection.asked == 1:
                raise
        connection = await self._new(server, deadline)
        try:
            return await connection.ask(query, deadline)
        finally:
            self._drop(connection)

    async def _share(self, server: DnsServer, deadline: float) -> DnsConnection:
        shared = self._shared.setdefault(server, _Shared())
        async with asyncio.timeout_at(deadline), shared.lock:
            if shared.connection is None or shared.connection.lost:
                if shared.connection is not None:
                    self._drop(shared.connection)
                shared.connection = await self._new(server, deadline)
            return shared.connection

    async def _new(self, server: DnsServer, deadline: float) -> DnsConnection:
        self._make_room()
        connection = DnsConnection()
        self._open[connection] = None
        try:
            async with asyncio.timeout_at(deadline):
                await self._connect(connection, server)
            if connection.released:
                raise ConnectionAbortedError("connection closed by this host")
        except BaseException:
            self._drop(connection)
            raise
        return connection

    def _make_room(self) -> None:
        idle = [connection for connection in self._open if connection.idle]
        for connection in idle[: max(0, len(idle) - MAX_KEPT + 1)]:
            self._drop(connection)

    def _drop(self, connection: DnsConnection) -> None:
        self._open.pop(connection, None)
        connection.abort()

    def release(self) -> None:
        """Close all; questions outstanding end with ConnectionAbortedError."""
        self._shared.clear()
        for connection in tuple(self._open):
            self._drop(connection)
