"""Connections through a SOCKS5 proxy (RFC 1928), without login."""

import asyncio
import errno
import math
import socket
from typing import NoReturn

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy

from smtpdiag_tui.network.carrier import CarrierError, NothingThroughError
from smtpdiag_tui.network.seam import NotLetThroughError
from smtpdiag_tui.network.system_words import system_words
from smtpdiag_tui.settings import Via

OPEN_LIMIT = 15.0  # seconds to reach the proxy and hear that it is one
_GREETING = b"\x05\x01\x00"  # version 5, one method: no authentication (RFC 1928 §3)
_NO_METHOD = 0xFF
# The replies of RFC 1928 §6 that have a number in the operating system, then those that have not.
_NUMBERS = {
    0x03: errno.ENETUNREACH,
    0x04: errno.EHOSTUNREACH,
    0x05: errno.ECONNREFUSED,
    0x08: errno.EAFNOSUPPORT,
}
_TTL_EXPIRED, _NOT_ALLOWED = 0x06, 0x02
# What the proxy says of itself, and not of where the connection was to lead.
_OWN = {0x01: "general failure", _NOT_ALLOWED: "forbidden by its rules", 0x07: "CONNECT is not supported"}


class SocksCarrier:
    """A SOCKS5 proxy at a literal address. Whoever opened it knows that it is one: `check` was called."""

    def __init__(self, label: str, address: str, port: int) -> None:
        self.label = label
        self._address = address
        self._port = port
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._forbidden = self._tried = 0

    async def connect(self, address: str, port: int) -> socket.socket:
        """Return a socket that the proxy has connected; raises OSError by its reply."""
        # The library's own limit would say that the proxy is slow; whoever calls sets one.
        self._tried += 1
        try:
            proxy = Proxy(ProxyType.SOCKS5, self._address, self._port)
            return await proxy.connect(address, port, timeout=math.inf)
        except ProxyConnectionError as error:
            self._lose(OSError(error.errno, "") if error.errno else error)
        except ProxyTimeoutError as error:
            raise TimeoutError from error
        except ProxyError as error:
            self._forbidden += error.error_code == _NOT_ALLOWED
            raise _as_told(error) from None

    def _lose(self, error: OSError) -> NoReturn:
        words = f"{self.label}: the proxy is gone ({system_words(error)}): check that it runs"
        if not self._gone.done():
            self._gone.set_result(words)
        raise ConnectionAbortedError(words) from None

    async def lost(self) -> str:
        """Wait until the proxy cannot be reached any more; return the sentence that says so."""
        return await asyncio.shield(self._gone)

    async def check(self) -> None:
        """Greet the proxy and hear its answer; raises CarrierError if it is none, wants a login or forbids all."""
        if 0 < self._tried == self._forbidden:
            advice = "allow port 25 and DNS in its rules"
            raise NothingThroughError(f"{self.label}: the proxy forbids every connection: {advice}")
        try:
            async with asyncio.timeout(OPEN_LIMIT):
                answer = await self._greet()
        except TimeoutError as error:
            raise CarrierError(f"{self.label}: no answer within {OPEN_LIMIT:g} s: check host and port") from error
        except OSError as error:
            words = system_words(error).lower()
            raise CarrierError(f"{self.label}: not connected ({words}): check that the proxy runs") from error
        if answer == b"\x05\x00":
            return
        if answer[:1] == b"\x05" and answer[1:] == bytes([_NO_METHOD]):
            raise CarrierError(f"{self.label}: the proxy wants a login: allow this host without one")
        raise CarrierError(f"{self.label}: not a SOCKS5 proxy: check host and port")

    async def _greet(self) -> bytes:
        reader, writer = await asyncio.open_connection(self._address, self._port, limit=64)
        try:
            writer.write(_GREETING)
            answer = b""
            while len(answer) < 2 and (more := await reader.read(2 - len(answer))):
                answer += more
            return answer
        finally:
            writer.transport.abort()


async def open_socks(via: Via) -> SocksCarrier:
    """Find a proxy and hear that it is one; raises CarrierError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(OPEN_LIMIT):
            found = await loop.getaddrinfo(via.host, via.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = "name resolution timed out" if isinstance(error, TimeoutError) else "name does not resolve"
        raise CarrierError(f"{via.label}: {reason}: check the host name") from error
    failure = CarrierError(f"{via.label}: name does not resolve: check the host name")
    for _, _, _, _, name in found:
        carrier = SocksCarrier(via.label, str(name[0]), int(name[1]))
        try:
            await carrier.check()
        except CarrierError as error:
            failure = error
        else:
            return carrier
    raise failure


def _as_told(error: ProxyError) -> OSError:
    """Return the error that a proxy told, by the code of its reply; the library's texts are not the system's."""
    code = error.error_code
    if code in _NUMBERS:
        number = _NUMBERS[code]
        return OSError(number, "")
    if code in _OWN:
        return NotLetThroughError(f"{NotLetThroughError.WORDS} by the SOCKS proxy ({_OWN[code]})")
    if code == _TTL_EXPIRED:
        return OSError("TTL expired")
    return ConnectionResetError("the SOCKS proxy closed the connection without a valid reply")
