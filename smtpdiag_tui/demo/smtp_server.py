"""An SMTP server on the loopback that talks by a script and remembers what it was told."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.loopback_server import LoopbackServer

_CLIENT_HELLO = 16_640  # octets that one record of TLS has at the most (RFC 8446 §5.2)


@dataclass(slots=True)
class Session:
    """One connection: the commands as they came, each with whether it came under TLS."""

    commands: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def verbs(self) -> list[str]:
        """The commands' first words, in capitals."""
        return [line.partition(" ")[0].upper() for line, _ in self.commands]


class SmtpServer(LoopbackServer):
    """Serves one address of the demo on an ephemeral port of 127.0.0.1.

    `context` makes the TLS context when it is first needed.
    """

    def __init__(self, script: SmtpScript, context: Callable[[SmtpScript], ssl.SSLContext]) -> None:
        super().__init__()
        self.script = script
        self.sessions: list[Session] = []
        self.most_at_once = 0
        self._context = context
        self._greylisted: dict[tuple[str, str], float] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one session, and remember it."""
        self.most_at_once = max(self.most_at_once, self.under_way)
        session = Session()
        self.sessions.append(session)
        await self._talk(session, reader, writer)

    async def _talk(self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.script
        if script.greeting_delay:
            await asyncio.sleep(script.greeting_delay)
        greeting = script.greeting or f"220 {script.host} ESMTP\r\n".encode()
        await _send(writer, greeting)
        if greeting.startswith(b"4"):
            await _finish(writer)
            return
        secure, sender = False, ""
        while True:
            line = (await reader.readuntil(b"\n")).rstrip(b"\r\n").decode("utf-8", "replace")
            session.commands.append((line, secure))
            verb = line.partition(" ")[0].upper()
            if verb == "STARTTLS" and not secure and script.tls is not Tls.ABSENT:
                secure = await self._start_tls(reader, writer)
                continue
            if verb == "MAIL":
                sender = line
            await _send(writer, self._reply(verb, line, sender, secure=secure))
            if verb == "QUIT":
                await _finish(writer)
                return

    def _seen_before(self, sender: str, recipient: str) -> bool:
        """Whether greylisting has seen the two long enough ago (RFC 6647 §2)."""
        if self.script.greylist is None:
            return False
        now = time.monotonic()
        return now - self._greylisted.setdefault((sender, recipient), now) >= self.script.greylist

    def _reply(self, verb: str, line: str, sender: str, *, secure: bool) -> bytes:
        match verb:
            case "EHLO":
                return self._ehlo_reply(client=line[5:], secure=secure)
            case "HELO":
                return f"250 {self.script.host}\r\n".encode()
            case "MAIL":
                return self.script.mail
            case "RCPT":
                return self._rcpt_reply(sender, line)
            case "QUIT":
                return b"221 2.0.0 Bye\r\n"
            case _:
                return b"502 5.5.2 Error: command not recognized\r\n"

    def _ehlo_reply(self, *, client: str, secure: bool) -> bytes:
        script = self.script
        if script.ehlo:
            return script.ehlo
        greeting = f"{script.host} Hello {client} [{script.sees}]" if script.sees else script.host
        texts = [greeting, *script.keywords]
        if not secure and script.tls is not Tls.ABSENT:
            texts.append("STARTTLS")
        *first, last = texts
        return "".join([*(f"250-{text}\r\n" for text in first), f"250 {last}\r\n"]).encode()

    def _rcpt_reply(self, sender: str, line: str) -> bytes:
        if self._seen_before(sender, line):
            return b"250 2.1.5 Ok\r\n"
        local = line.partition("<")[2].rpartition("@")[0]
        return self.script.recipients.get(local, self.script.rcpt)

    async def _start_tls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        ready = b"220 2.0.0 Ready to start TLS\r\n"
        match self.script.tls:
            case Tls.REFUSED:
                await _send(writer, b"454 4.7.0 TLS not available due to local problem\r\n")
                return False
            case Tls.GARBAGE:
                await _send(writer, ready)
                # What is closed with a ClientHello unread is reset, and the answer may be lost with it.
                await reader.read(_CLIENT_HELLO)
                await _send(writer, b"this is no TLS record\r\n")
                await _finish(writer)
                raise ConnectionAbortedError
            case Tls.INJECTED:
                await _send(writer, ready + b"250 injected before TLS\r\n")
            case _:
                await _send(writer, ready)
        await writer.start_tls(self._context(self.script))
        return True


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _finish(writer: asyncio.StreamWriter) -> None:
    """Close in an orderly way, so that what was said arrives before the end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            writer.close()
            await writer.wait_closed()
