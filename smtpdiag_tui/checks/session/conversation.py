"""Holds the session with one address and tells what was seen: connect to close, nothing judged.

What to say next is the client's affair (`smtp.client`); here are the connection, the waits and the transcript.
"""

import asyncio
import contextlib
from dataclasses import replace

from smtpdiag_tui.checks.session.connecting import NotConnected, connect
from smtpdiag_tui.checks.session.session import (
    ConnectError,
    Ending,
    Envelope,
    Exchange,
    Phase,
    SessionObservation,
    Target,
    TlsAttempt,
    Watcher,
)
from smtpdiag_tui.network.seam import ByteStream, HandshakeError, KeyType, Network
from smtpdiag_tui.network.system_words import system_words
from smtpdiag_tui.report.transcript import Budget, Transcript
from smtpdiag_tui.settings import Settings, TlsPolicy, address_literal
from smtpdiag_tui.smtp.client import Client, Heard, State, heard
from smtpdiag_tui.smtp.parser import Line, TooLong, split_lines
from smtpdiag_tui.smtp.reply import Reply

MAX_SESSION = 512 * 1024  # bytes received in one session: what a patient flooder gets across, reply by reply
MAX_UNASKED = 4096  # bytes kept of what came unasked at one place of a session
LINES_AT_ONCE = 100  # of one reply before the other sessions and the interface have their turn
INJECTION_WAIT = 0.02  # seconds behind the 220 to STARTTLS in which plaintext sent with it arrives
SECONDS_APART = 1.1  # between two sessions with one address: a second at least, whatever the clocks round

_PHASES = {
    State.GREETING: Phase.GREETING,
    State.EHLO: Phase.EHLO,
    State.HELO: Phase.EHLO,
    State.EHLO_TLS: Phase.EHLO,
    State.STARTTLS: Phase.STARTTLS,
    State.HANDSHAKE: Phase.STARTTLS,
    State.MAIL: Phase.MAIL,
    State.RCPT: Phase.RCPT,
    State.QUIT: Phase.QUIT,
}
# RFC 5321 sections 4.5.3.2.1 to 4.5.3.2.3 name a limit for these alone.
_PATIENT = frozenset({Phase.GREETING, Phase.MAIL, Phase.RCPT})
_RFC_LIMIT = 300.0  # seconds


async def observe(
    target: Target,
    envelope: Envelope,
    settings: Settings,
    network: Network,
    transcript: Transcript,
    watcher: Watcher,
    octets: Budget | None = None,
    keys: KeyType | None = None,
) -> SessionObservation:
    """Connect to the target's address and hold the conversation, never as far as content; always hang up.

    After a failed handshake that nobody insisted on, a second session in clear follows. Its phases are told to
    the watcher only where the first had not come to them; until then STARTTLS is the phase under way. If it does
    not come about, its greeting has an ending without a reply, and `error` says why. `octets` is what all
    sessions of the run together may receive; without it this one has MAX_SESSION for itself. With `keys`, TLS is
    agreed on with keys of that kind, and the session ends there: no MAIL is sent.

    Whatever the peer does is in what is returned. Raises ValueError, before connecting, if a part of the
    envelope cannot go on the wire.
    """
    octets = octets or Budget(total=MAX_SESSION, most=MAX_SESSION, least=MAX_SESSION)
    conversation = _Conversation(target, envelope, settings, network, transcript, watcher, octets, keys)
    try:
        await conversation.hold()
    finally:
        conversation.hang_up()
        transcript.flush()
    conversation.end_phase()
    return conversation.seen


def _client(envelope: Envelope, policy: TlsPolicy, *, only_tls: bool = False) -> Client:
    said = envelope.ehlo, envelope.sender, envelope.recipient
    return Client(*said, smtputf8=envelope.smtputf8, policy=policy, needs=envelope.needs, only_tls=only_tls)


class _Conversation:
    """One address's conversation: `seen` grows as it goes on."""

    def __init__(
        self,
        target: Target,
        envelope: Envelope,
        settings: Settings,
        network: Network,
        transcript: Transcript,
        watcher: Watcher,
        octets: Budget,
        keys: KeyType | None = None,
    ) -> None:
        self._keys = keys
        self._target = target
        self._settings = settings
        self._network = network
        self._transcript = transcript
        self._watcher = watcher
        # Without a name the source address stands in for it, which is not known before the connection.
        named = envelope if envelope.ehlo else replace(envelope, ehlo="[0.0.0.0]")
        self._client = _client(named, settings.tls, only_tls=keys is not None)
        self._stream: ByteStream | None = None
        self._session = 0
        self._octets = octets
        self._room = octets.share()
        self._peer_closed = False
        self._announced: set[Phase] = set()
        self._phase: Phase | None = None
        self.seen = SessionObservation(target, envelope, settings)

    async def hold(self) -> None:
        """Hold the session, and the second one in clear where the first ended at the handshake."""
        self._begin_phase(Phase.CONNECT)
        stream = await self._connect()
        if stream is None:
            return
        await self._talk(stream)
        failed = self.seen.tls is not None and self.seen.tls.session is None
        if failed and self._settings.tls is TlsPolicy.AUTO:
            await self._again_in_clear()

    def hang_up(self) -> None:
        """Close the connection at once, if there is one."""
        if self._stream is None:
            return
        self._stream.abort()
        self._stream = None
        self.seen = replace(self.seen, ended=self._network.now())
        self._transcript.note("connection closed")

    def end_phase(self) -> None:
        """Tell the watcher that the phase under way is over."""
        if self._phase is not None:
            self._transcript.flush()
            phase, self._phase = self._phase, None
            self._watcher.phase_ended(phase, self.seen)

    def _begin_phase(self, phase: Phase) -> None:
        if phase not in self._announced:
            self.end_phase()
            self._announced.add(phase)
            self._phase = phase
            self._watcher.phase_started(phase, self._limit(phase))

    def _limit(self, phase: Phase) -> float:
        limits = {
            Phase.CONNECT: self._settings.connect_limit,
            Phase.GREETING: self._settings.greeting_limit,
            Phase.QUIT: self._settings.quit_limit,
        }
        return limits.get(phase, self._settings.reply_limit)

    async def _connect(self) -> ByteStream | None:
        """Connect; None if it failed, which `seen` tells for the first session."""
        started = self._network.now()
        stream = await connect(self._target, self._settings, self._network, self._transcript)
        if isinstance(stream, NotConnected):
            self._record_failure(stream)
            return None
        self._stream = stream
        if self._session == 0:
            local, seconds = stream.local_address, self._network.now() - started
            trip = stream.round_trip
            self.seen = replace(self.seen, source=local, connect_seconds=seconds, round_trip=trip)
            self._name_by_address(local)
        return stream

    def _name_by_address(self, local: str) -> None:
        """Greet with the source address as a literal if there is no name to greet with (RFC 5321 §4.1.4)."""
        if not self.seen.envelope.ehlo:
            literal = address_literal(local.partition("%")[0])
            self.seen = replace(self.seen, envelope=replace(self.seen.envelope, ehlo=literal))
            self._client = _client(self.seen.envelope, self._settings.tls, only_tls=self._keys is not None)

    def _record_failure(self, failure: NotConnected) -> None:
        if self._session == 0:
            self.seen = replace(
                self.seen,
                connect_error=failure.error,
                connect_detail=failure.words,
                connect_seconds=failure.seconds,
            )
            return
        ending = Ending.TIMEOUT if failure.error is ConnectError.TIMEOUT else Ending.RESET
        text = f"second session not connected: {failure.words}"
        limit = self._limit(Phase.CONNECT)
        self._record(
            Exchange(Phase.GREETING, None, None, ending, failure.seconds, limit, session=self._session, error=text)
        )

    async def _again_in_clear(self) -> None:
        self.hang_up()
        self._note("second session, unencrypted: does the server accept mail without TLS?")
        self._transcript.flush()
        await self._network.sleep(SECONDS_APART)
        self._client = _client(self.seen.envelope, TlsPolicy.OFF)
        self._session, self._room, self._peer_closed = 1, self._octets.share(), False
        stream = await self._connect()
        if stream is not None:
            await self._talk(stream)

    async def _talk(self, stream: ByteStream) -> None:
        client = self._client
        while client.state is not State.CLOSED:
            if client.state is State.QUIT and self._peer_closed:
                self._note("server closed the connection; QUIT not sent")
                client.lost()
            elif client.state is State.HANDSHAKE:
                await self._secure(stream)
            else:
                await self._exchange(stream)
            # Told at once: the phase that ends next is judged by it.
            self.seen = replace(
                self.seen, smtputf8_missing=client.smtputf8_missing, tls_missing=client.tls_missing
            )

    async def _exchange(self, stream: ByteStream) -> None:
        """Send the command that is due, wait for its reply, and record both."""
        client = self._client
        phase = _PHASES[client.state]
        # EHLO again under TLS is what STARTTLS was for: its phase is still under way.
        self._begin_phase(Phase.STARTTLS if client.state is State.EHLO_TLS else phase)
        exchange = Exchange(
            phase, client.next_command(), None, None, 0.0, self._limit(phase), client.secure, self._session
        )
        started = self._network.now()
        try:
            async with asyncio.timeout(exchange.limit):
                exchange = await self._converse(stream, exchange)
        except TimeoutError:
            client.lost()
            exchange = replace(exchange, ending=Ending.TIMEOUT)
        self._record(replace(exchange, seconds=self._network.now() - started))
        if exchange.reply is None:
            self._note_ending(exchange)
        elif client.state is not State.HANDSHAKE:
            await self._set_aside(stream)

    async def _converse(self, stream: ByteStream, exchange: Exchange) -> Exchange:
        """Send the exchange's command and read its reply, or how it ended instead."""
        # What the peer had said before a failure to send may still be there to read.
        not_sent = await self._send(stream, exchange)
        lines = 0
        while True:
            match self._client.next_event():
                case Line(data):
                    self._transcript.received(data, tls=exchange.tls)
                    lines += 1
                    if lines % LINES_AT_ONCE == 0:
                        await asyncio.sleep(0)
                case Reply() as reply:
                    nonsense = heard(reply) is Heard.NONSENSE
                    return replace(exchange, reply=reply, ending=Ending.MALFORMED if nonsense else None)
                case TooLong(partial):
                    self._transcript.received(partial, tls=exchange.tls)
                    return replace(exchange, ending=Ending.TOO_LONG)
                case None:
                    ending, words = await self._receive(stream)
                    if ending is not None:
                        self._client.lost()
                        return replace(exchange, ending=ending, error=not_sent or words)

    async def _send(self, stream: ByteStream, exchange: Exchange) -> str:
        """Send the exchange's command, if it has one; return the system's words if that failed, else ""."""
        if exchange.command is None:
            return ""
        self._transcript.sent(exchange.command, tls=exchange.tls)
        try:
            await stream.send(exchange.command + b"\r\n")
        except OSError as failure:
            return system_words(failure)
        return ""

    async def _receive(self, stream: ByteStream) -> tuple[Ending | None, str]:
        """Hand the client what arrives; or say how the session ended, with the system's words."""
        if self._room <= 0:
            return Ending.TOO_LONG, ""
        try:
            data = await stream.receive()
        except OSError as error:
            self._peer_closed = True
            return Ending.RESET, system_words(error)
        if not data:
            self._peer_closed = True
            return Ending.CLOSED, ""
        self._client.receive(data[: self._room])
        self._room -= len(data)
        self._octets.spend(len(data))
        return None, ""

    async def _set_aside(self, stream: ByteStream) -> None:
        """Take in what came beyond the reply, so that it is never read as the reply to the next command.

        What has reached this machine by now was sent before that command: no wait is needed to know it.
        """
        with contextlib.suppress(TimeoutError):
            ending: Ending | None = None
            while ending is None:
                await asyncio.sleep(0)  # two turns of the loop let it read what has arrived
                await asyncio.sleep(0)
                async with asyncio.timeout(0):
                    ending, _ = await self._receive(stream)
        unexpected = self._client.set_aside()
        if not unexpected:
            return
        self._note("unexpected data after the reply, ignored:")
        self._show(unexpected, tls=self._client.secure)
        *earlier, last = self.seen.exchanges
        last = replace(
            last,
            unexpected=(last.unexpected + unexpected)[:MAX_UNASKED],
            unexpected_size=last.unexpected_size + len(unexpected),
        )
        self.seen = replace(self.seen, exchanges=(*earlier, last))

    async def _secure(self, stream: ByteStream) -> None:
        """Carry out the handshake and record it."""
        client, limit = self._client, self._limit(Phase.STARTTLS)
        self._begin_phase(Phase.STARTTLS)
        if client.greeted:
            await self._network.sleep(INJECTION_WAIT)
        injected = client.set_aside()
        started = self._network.now()
        error, timed_out = "", False
        try:
            injected += await stream.start_tls(self._target.server_name, limit, self._keys)
        except HandshakeError as failure:
            error = str(failure) or "no reason given"
        except TimeoutError:
            error, timed_out = f"timed out after {limit:g} s", True
        except OSError as failure:
            error = system_words(failure)
        seconds = self._network.now() - started
        self._note_injected(injected)
        session = None if error else stream.tls
        kept = injected[:MAX_UNASKED]
        tls = TlsAttempt(session, error, timed_out, kept, seconds, injected_size=len(injected))
        self.seen = replace(self.seen, tls=tls)
        if session is None:
            self._note(f"TLS handshake failed: {error or 'nothing negotiated'}")
            client.unsecured()
            return
        self._note(f"TLS established: {session.protocol}, {session.cipher}")
        client.secured()
        if client.greeted:
            await self._set_aside(stream)

    def _note_injected(self, injected: bytes) -> None:
        if injected:
            self._note("unencrypted data before the handshake, discarded:")
            self._show(injected, tls=False)

    def _note_ending(self, exchange: Exchange) -> None:
        """Show what was left unread, and say in the transcript why there is no reply."""
        self._show(self._client.set_aside(), tls=exchange.tls)
        what = "greeting" if exchange.command is None else "reply"
        match exchange.ending:
            case Ending.TIMEOUT:
                patient = exchange.phase in _PATIENT and exchange.limit < _RFC_LIMIT
                allowed = f"; RFC 5321 allows {_RFC_LIMIT:g} s" if patient else ""
                self._note(f"no {what} within {exchange.limit:g} s{allowed}")
            case Ending.TOO_LONG:
                self._note(f"{what} too long")
            case Ending.CLOSED:
                self._note(f"server closed the connection without a {what}")
            case _:
                self._note(f"connection broke: {exchange.error}")

    def _show(self, data: bytes, *, tls: bool) -> None:
        self._transcript.received_unasked(split_lines(data), tls=tls)

    def _record(self, exchange: Exchange) -> None:
        self.seen = replace(self.seen, exchanges=(*self.seen.exchanges, exchange))

    def _note(self, text: str) -> None:
        self._transcript.note(text)
