"""What the demo's servers have in common: a port of the loopback, and a task for each connection."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import ClassVar


class LoopbackServer(ABC):
    """Serves an ephemeral port of 127.0.0.1. `under_way` connections are open."""

    # A task that ends as cancelled makes the stream server's own callback fail in Python 3.11.
    ENDINGS: ClassVar[tuple[type[BaseException], ...]] = (
        OSError,
        asyncio.IncompleteReadError,
        asyncio.LimitOverrunError,
        asyncio.CancelledError,
    )

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """How many connections there are."""
        return len(self._tasks)

    @abstractmethod
    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which is closed afterwards."""

    async def start(self) -> None:
        """Open the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._tasks.add(task)
        try:
            with contextlib.suppress(*self.ENDINGS):
                await self.talk(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
