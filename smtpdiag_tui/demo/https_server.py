"""An HTTPS server on the loopback that serves one text, and remembers what it was asked (RFC 9112)."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from http import HTTPStatus

from smtpdiag_tui.demo.https_hosts import HttpsScript

PATH = "/.well-known/mta-sts.txt"
_ENDINGS = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)


class HttpsServer:
    """Serves one address of the demo on an ephemeral port of 127.0.0.1; `requests` are the heads that came.

    `context` makes the TLS context when it is first needed.
    """

    def __init__(self, script: HttpsScript, context: Callable[[HttpsScript], ssl.SSLContext]) -> None:
        self.script = script
        self.port = 0
        self.requests: list[str] = []
        self._context = context
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """How many connections there are."""
        return len(self._tasks)

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
            with contextlib.suppress(*_ENDINGS):
                await writer.start_tls(self._context(self.script))
                await self._answer(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.requests.append(head)
        words = head.partition("\r\n")[0].split(" ")
        writer.write(self._reply(words[1] if len(words) == 3 else ""))
        await writer.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                writer.close()
                await writer.wait_closed()

    def _reply(self, path: str) -> bytes:
        script = self.script
        if script.reply:
            return script.reply
        if path != PATH:
            return _reply(404, "text/plain", (), b"not found\n")
        return _reply(script.status, script.content_type, script.headers, script.text)


def _reply(status: int, content_type: str, headers: tuple[str, ...], body: bytes) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body
