"""An HTTPS server on the loopback that serves one text, and remembers what it was asked (RFC 9112)."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from http import HTTPStatus

from smtpdiag_tui.demo.https_hosts import HttpsScript
from smtpdiag_tui.demo.loopback_server import LoopbackServer

PATH = "/.well-known/mta-sts.txt"


class HttpsServer(LoopbackServer):
    """Serves one address of the demo on an ephemeral port of 127.0.0.1; `requests` are the heads that came.

    `context` makes the TLS context when it is first needed.
    """

    def __init__(self, script: HttpsScript, context: Callable[[HttpsScript], ssl.SSLContext]) -> None:
        super().__init__()
        self.script = script
        self.requests: list[str] = []
        self._context = context

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Turn to TLS, answer one request, and close."""
        await writer.start_tls(self._context(self.script))
        await self._answer(reader, writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
