"""The bytes of one TCP connection: a bounded buffer with flow control, on transports that others open."""

import asyncio
from typing import cast

HIGH_WATER = 65536  # octets held for a reader before the peer is made to wait


class StreamProtocol(asyncio.Protocol):
    """Holds what arrived until it is received, and makes the peer wait beyond HIGH_WATER.

    asyncio's StreamReader is not used: it keeps plaintext over a handshake and serves it as if it came by TLS.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.secure = False  # whether TLS is there or being agreed on
        self._buffer = bytearray()
        self._eof = False
        self._error: OSError | None = None
        self._lost = False
        self._paused = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._writing_paused = False

    @property
    def ended(self) -> bool:
        """Whether nothing more can arrive."""
        return self._eof or self._lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; see asyncio."""
        self.transport = cast("asyncio.Transport", transport)
        # With no allowance, send() returns only when the system has taken all.
        self.transport.set_write_buffer_limits(high=0)

    def secured(self, transport: asyncio.Transport) -> None:
        """Go on over the transport that a handshake gave."""
        if self._paused and self.transport is not None:
            # What came right behind the handshake filled the buffer: the wait moves to the new transport.
            self.transport.resume_reading()
            transport.pause_reading()
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what arrived; see asyncio."""
        if self._lost:
            return
        self._buffer += data
        if len(self._buffer) > HIGH_WATER and not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        """Keep our half open in clear: the peer may still read; see asyncio."""
        self._eof = True
        _wake(self._reader)
        return not self.secure

    def connection_lost(self, exc: Exception | None) -> None:
        """Note how the connection ended; see asyncio."""
        if self._lost:
            return
        self._lost = True
        if exc is not None:
            self._error = exc if isinstance(exc, OSError) else ConnectionAbortedError(str(exc))
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        """Make send() wait; see asyncio."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Let send() go on; see asyncio."""
        self._writing_paused = False
        _wake(self._writer)

    def take(self) -> bytes:
        """Take out all that is held, without waiting."""
        data = bytes(self._buffer)
        self._buffer.clear()
        self._read_on()
        return data

    def _read_on(self) -> None:
        if self._paused and len(self._buffer) <= HIGH_WATER // 2 and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()

    async def receive(self) -> bytes:
        """Return 1 byte to 64 KiB, b"" at the end; raises the OSError that ended the connection."""
        while not (self._buffer or self.ended):
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if self._buffer:
            data = bytes(self._buffer[:HIGH_WATER])
            del self._buffer[:HIGH_WATER]
            self._read_on()
            return data
        if self._error is not None:
            raise self._error
        return b""

    async def send(self, data: bytes) -> None:
        """Return once the system has taken all of `data`; raises OSError."""
        self._check_open()
        if self.transport is None:
            raise ConnectionAbortedError("connection is not open")
        self.transport.write(data)
        while self._writing_paused and not self._lost:
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        self._check_open()

    def _check_open(self) -> None:
        if self._lost:
            raise self._error or ConnectionResetError("connection is closed")

    def abort(self) -> None:
        """Close at once; whoever waits gets ConnectionAbortedError."""
        if self.transport is not None:
            self.transport.abort()
        self.connection_lost(ConnectionAbortedError("connection closed by this host"))


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
