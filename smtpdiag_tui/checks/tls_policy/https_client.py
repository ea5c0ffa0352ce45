"""Fetching a plain text over HTTPS: every connection is the network seam's (RFC 8461 §3.3, RFC 9110 §4.3)."""

import asyncio
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.session.certificate_facts import tls_facts
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.checks.session.certificates import OLD_PROTOCOLS, why_unverified
from smtpdiag_tui.checks.tls_policy.fetched import Fetched, HttpReply, Trouble
from smtpdiag_tui.network.seam import ByteStream, HandshakeError, Network
from smtpdiag_tui.network.system_words import has_no_route, is_own_limit, system_words
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.transcript import Transcript
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, family_of

PORT = 443
FETCH_LIMIT = 60.0  # seconds for everything (RFC 8461 §3.3)
CONNECT_LIMIT = 10.0  # seconds for the last address to connect
NEXT_LIMIT = 4.0  # seconds for one before it: clients that race two families turn to the next one even sooner
SILENCE_LIMIT = 20.0  # seconds without a byte: one text takes no such time, and a report waits for it
MAX_TRIED = 8  # addresses
# What an address is passed over for that tells nothing of the server, the most telling last.
_TELLING = (Trouble.NO_ROUTE, Trouble.UNUSABLE, Trouble.TIMEOUT, Trouble.CONNECTION)


class _TroubleError(Exception):
    """What keeps the text from being fetched."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.why = why


@dataclass(slots=True)
class _Fetch:
    """One fetch under way; `seen` grows with it."""

    path: str
    settings: Settings
    network: Network
    transcript: Transcript
    seen: Fetched

    @property
    def host(self) -> str:
        return self.seen.host

    async def run(self, lookup: HostLookup) -> None:
        """Fetch the text; raises _TroubleError."""
        stream = await self._connect(self._usable(lookup))
        try:
            await self._secure(stream)
            reply = await self._ask(stream)
        finally:
            stream.abort()
        self.seen = replace(self.seen, reply=reply)
        if reply.trouble is not None:
            raise _TroubleError(reply.trouble, reply.why)

    def _usable(self, lookup: HostLookup) -> list[str]:
        """Return the addresses to connect to, IPv6 first; those that never are connected to are left out."""
        family = self.settings.family
        found = [item for item in lookup.addresses if family in (None, family_of(item))]
        if not found:
            raise _absent(lookup, family)
        usable: list[str] = []
        reasons: list[str] = []
        for address in sorted(found, key=family_of, reverse=True):
            reason = unusable_reason(address)
            if reason is None:
                usable.append(address)
            else:
                reasons.append(f"resolves to {address}, {reason}")
                self._pass_over(address, f"is {reason}, not connected")
        if not usable:
            raise _TroubleError(Trouble.UNUSABLE, reasons[0])
        return usable[:MAX_TRIED]

    def _pass_over(self, address: str, why: str) -> None:
        line = f"{address} {why}"
        self.transcript.note(line)
        self.seen = replace(self.seen, passed_over=(*self.seen.passed_over, line))

    async def _connect(self, addresses: list[str]) -> ByteStream:
        """Connect to the first address that can be; raises _TroubleError that tells most of the server."""
        troubles: list[tuple[Trouble, str]] = []
        for address in addresses:
            limit = CONNECT_LIMIT if address == addresses[-1] else NEXT_LIMIT
            limit = min(limit, self.settings.connect_limit)
            self.transcript.note(f"connecting to {address} port {PORT}")
            source = self.settings.source_for(address)
            try:
                stream = await self.network.connect(address, PORT, source=source, limit=limit)
            except OSError as error:
                trouble, words = _not_connected(error, limit)
                troubles.append((trouble, f"was not reached at {address} port {PORT} ({words})"))
                self._pass_over(address, words)
                continue
            self.seen = replace(self.seen, address=address)
            return stream
        trouble, why = max(troubles, key=lambda item: _TELLING.index(item[0]))
        raise _TroubleError(trouble, why)

    async def _secure(self, stream: ByteStream) -> None:
        """Turn to TLS, and go on only where the certificate is that of the host (RFC 9525)."""
        try:
            await stream.start_tls(self.host, min(SILENCE_LIMIT, self.settings.reply_limit))
        except HandshakeError as error:
            raise _TroubleError(Trouble.TLS, f"failed the TLS handshake: {visible(str(error))}") from error
        except TimeoutError as error:
            raise _TroubleError(Trouble.TIMEOUT, "timed out in the TLS handshake") from error
        session = stream.tls
        if session is None:
            raise _TroubleError(Trouble.TLS, "failed the TLS handshake")
        self.seen = replace(self.seen, tls=session)
        now = self.network.utc()
        for line in tls_facts(session, [read(octets) for octets in session.chain], now):
            self.transcript.note(line)
        if session.protocol in OLD_PROTOCOLS:
            raise _TroubleError(Trouble.TLS, f"negotiated outdated {visible(session.protocol)}")
        why = why_unverified(session, self.network.trust_store(), now, self.host)
        if why:
            raise _TroubleError(Trouble.CERTIFICATE, f"failed verification: {why}")
        if why == "":
            self.seen = replace(self.seen, unjudged=True)
            self.transcript.note("certificate not checked, this host trusts no certificate authority")

    async def _ask(self, stream: ByteStream) -> HttpReply:
        """Send the request and read the reply, whatever that is."""
        from smtpdiag_tui.checks.tls_policy.http_reading import HttpReading

        reading = HttpReading(self.host, self.path)
        self.transcript.note(f"GET {url(self.host, self.path)}")
        try:
            await stream.send(reading.request)
            while reading.reply is None:
                async with asyncio.timeout(SILENCE_LIMIT) as silence:
                    data = await stream.receive()
                reading.receive(data)
        except OSError as error:
            if isinstance(error, TimeoutError) and silence.expired():
                raise _TroubleError(Trouble.TIMEOUT, f"sent nothing for {SILENCE_LIMIT:g} s") from error
            raise _TroubleError(Trouble.CLOSED, f"broke the connection ({system_words(error)})") from error
        return reading.reply


def fetch_limit(settings: Settings) -> float:
    """Return the seconds that a whole fetch may take."""
    return FETCH_LIMIT if settings.timeout is None else min(FETCH_LIMIT, settings.timeout)


def url(host: str, path: str) -> str:
    """Return what is asked for."""
    return f"https://{visible(host)}{path}"


async def fetch(
    lookup: HostLookup, path: str, settings: Settings, network: Network, transcript: Transcript
) -> Fetched:
    """Fetch the plain text at `path` from a host that was looked up; the transcript tells how it goes.

    Redirects are not followed, nothing is sent to a server whose certificate is not that of the host, and the
    whole ends after `fetch_limit` seconds, with a silent server sooner.
    """
    started, limit = network.now(), fetch_limit(settings)
    work = _Fetch(path, settings, network, transcript, Fetched(lookup.host.name))
    trouble: Trouble | None = None
    why = ""
    try:
        async with asyncio.timeout(limit):
            await work.run(lookup)
    except _TroubleError as error:
        trouble, why = error.trouble, error.why
    except TimeoutError:
        trouble, why = Trouble.TIMEOUT, f"{_unfinished(work.seen)} within {limit:g} s"
    seen = replace(work.seen, trouble=trouble, why=why, seconds=network.now() - started)
    transcript.note(_outcome(seen))
    return seen


def _unfinished(seen: Fetched) -> str:
    """Say how far a fetch came whose time is up."""
    if seen.address is None:
        return f"was not reached on port {PORT}"
    return "did not complete the reply" if seen.tls is not None else "did not complete the TLS handshake"


def _absent(lookup: HostLookup, family: int | None) -> _TroubleError:
    """Say why there is no address to connect to."""
    if lookup.looping:
        return _TroubleError(Trouble.NO_ADDRESS, "has CNAMEs in a loop")
    if lookup.failed:
        return _TroubleError(Trouble.LOOKUP, "could not be looked up")
    if lookup.addresses:
        return _TroubleError(Trouble.NO_ROUTE, f"has no IPv{family} address, and only IPv{family} was requested")
    return _TroubleError(Trouble.NO_ADDRESS, "does not resolve")


def _not_connected(error: OSError, limit: float) -> tuple[Trouble, str]:
    """Say what kept this host from connecting to an address."""
    if has_no_route(error):
        return Trouble.NO_ROUTE, "no route from this host"
    if is_own_limit(error):
        return Trouble.NO_ROUTE, "this host has no socket left"
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT, "timed out" if error.errno else f"timed out after {limit:g} s"
    return Trouble.CONNECTION, system_words(error)


def _outcome(seen: Fetched) -> str:
    if seen.trouble is not None:
        return f"not fetched: {visible(seen.host)} {seen.why}"
    return f"status 200, {counted(len(seen.text or b''), 'byte')}"
