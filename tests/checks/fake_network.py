"""SMTP servers as scripts in memory, and a clock that jumps over every wait: an hour's limit is tested at once."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.network.seam import ByteStream, HandshakeError, KeyType, Network, TlsSession
from smtpdiag_tui.report.transcript import Direction, Entry, Transcript

Result = TypeVar("Result")
SECURED = TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", (b"leaf",), "mx1.example.net")


class _Jumping(selectors.SelectSelector):
    """Passes over every wait, and adds up how long it would have been."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing is left to wait for")
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while all wait."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.passed

    def run_in_executor(
        self, executor: object, func: Callable[..., Result], *args: object
    ) -> "asyncio.Future[Result]":
        """Run it at once: no time passes for who waits for a thread."""
        future: asyncio.Future[Result] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
            future.set_exception(error)
        return future


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on the virtual clock; a task that it leaves behind fails the test."""

    async def whole() -> Result:
        result = await main
        for _ in range(3):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(whole())


class Peer:
    """The server's end of a connection, as a script drives it."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []  # every line that the client sent
        self.tls: TlsSession | Exception | None = SECURED  # what a handshake comes to; None: it hangs
        self.stream = FakeStream(self)
        self._sent = bytearray()
        self._line = asyncio.Event()
        self.secured = asyncio.Event()

    def say(self, data: bytes) -> None:
        """Send bytes, as one segment."""
        self.stream.arrive(data)

    async def line(self) -> bytes:
        """Wait for the next line from the client, without its CR LF."""
        while b"\r\n" not in self._sent:
            self._line.clear()
            await self._line.wait()
        line, _, rest = bytes(self._sent).partition(b"\r\n")
        self._sent[:] = rest
        self.lines.append(line)
        return line

    async def answer(self, reply: bytes) -> bytes:
        """Wait for a command and reply to it."""
        line = await self.line()
        self.say(reply)
        return line

    def close(self) -> None:
        """Close in order."""
        self.stream.arrive(b"")

    def reset(self) -> None:
        """Break the connection."""
        self.stream.arrive(ConnectionResetError(104, "Connection reset by peer"))

    def take(self, data: bytes) -> None:
        """Take what the client sent."""
        self._sent += data
        self._line.set()


class FakeStream:
    """The client's end: a `ByteStream`."""

    local_address = "192.0.2.1"
    round_trip: float | None = None

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._arrived: list[bytes | OSError] = []
        self._news = asyncio.Event()
        self.tls: TlsSession | None = None
        self.aborted = False
        self.closed_at: float | None = None
        self.sent = b""
        self.server_name: str | None = None
        self.keys: KeyType | None = None
        self.script: asyncio.Task[None] | None = None

    def arrive(self, item: bytes | OSError) -> None:
        if not self.aborted:
            self._arrived.append(item)
            self._news.set()

    async def receive(self) -> bytes:
        while not self._arrived:
            self._news.clear()
            await self._news.wait()
        item = self._arrived[0]
        if isinstance(item, OSError):
            raise item
        if item:
            self._arrived[0] = item[65536:]
            if not self._arrived[0]:
                del self._arrived[0]
        return item[:65536]

    async def send(self, data: bytes) -> None:
        assert not self.aborted, "sent after closing"
        broken = next((item for item in self._arrived if isinstance(item, OSError)), None)
        if broken is not None:
            raise broken
        self.sent += data
        self._peer.take(data)

    async def start_tls(self, server_name: str | None, limit: float, keys: KeyType | None = None) -> bytes:
        self.keys = keys
        await asyncio.sleep(0)  # the script says first what a handshake comes to
        early = b"".join(item for item in self._arrived if isinstance(item, bytes))
        self._arrived.clear()
        self.server_name = server_name
        outcome = self._peer.tls
        if outcome is None:
            await asyncio.sleep(limit)
            self.abort()
            raise TimeoutError
        if isinstance(outcome, Exception):
            self.abort()
            raise outcome
        self.tls = outcome
        self._peer.secured.set()
        return early

    def abort(self) -> None:
        if not self.aborted:
            self.aborted = True
            self.closed_at = asyncio.get_running_loop().time()
        if self.script is not None:
            self.script.cancel()


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class FakeNetwork:
    """Leads each connection to the next script, or fails it with the error that stands there instead."""

    scripts: list[Script | OSError]
    peers: list[Peer] = field(default_factory=list)
    connected_at: list[float] = field(default_factory=list)
    sources: list[str | None] = field(default_factory=list)
    connect_seconds: float = 0.0

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def connect(self, address: str, port: int, *, source: str | None, limit: float) -> ByteStream:
        self.connected_at.append(self.now())
        self.sources.append(source)
        script = self.scripts.pop(0)
        await asyncio.sleep(min(self.connect_seconds, limit))
        if isinstance(script, OSError):
            raise script
        if self.connect_seconds >= limit:
            raise TimeoutError
        peer = Peer()
        self.peers.append(peer)

        async def play() -> None:
            await script(peer)

        peer.stream.script = asyncio.ensure_future(play())
        return cast("ByteStream", peer.stream)

    def as_network(self) -> Network:
        """Return this as what `observe` takes: it knows connecting and the clock, all else is missing."""
        return cast("Network", self)


@dataclass
class Watched:
    """Writes down what a watcher is told."""

    calls: list[tuple[str, Phase]] = field(default_factory=list)
    limits: dict[Phase, float] = field(default_factory=dict)
    so_far: dict[Phase, SessionObservation] = field(default_factory=dict)
    entries_then: dict[Phase, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def phase_started(self, phase: Phase, limit: float) -> None:
        self.calls.append(("started", phase))
        self.limits[phase] = limit

    def phase_ended(self, phase: Phase, so_far: SessionObservation) -> None:
        self.calls.append(("ended", phase))
        self.so_far[phase] = so_far
        self.entries_then[phase] = len(self.entries)

    @property
    def phases(self) -> list[Phase]:
        """The phases in the order they came, each checked to have ended before the next began."""
        phases = [phase for word, phase in self.calls if word == "started"]
        assert self.calls == [(word, phase) for phase in phases for word in ("started", "ended")]
        return phases

    def transcript(self) -> Transcript:
        loop = asyncio.get_running_loop()
        return Transcript(loop.time, self.entries.extend)

    def of(self, direction: Direction) -> list[str]:
        return [entry.text for entry in self.entries if entry.direction is direction]

    @property
    def notes(self) -> list[str]:
        return self.of(Direction.NOTE)


def handshake_error() -> HandshakeError:
    return HandshakeError("server did not speak TLS (wrong version number)")
