"""Opening the connection that a session is held over, and what it means where there is none."""

from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.session.session import ConnectError, Target
from smtpdiag_tui.network.seam import UNKNOWN_SOURCES, ByteStream, Network, NotLetThroughError
from smtpdiag_tui.network.system_words import has_no_route, is_own_limit, system_words
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.transcript import Transcript
from smtpdiag_tui.settings import Settings, family_of


@dataclass(frozen=True, slots=True)
class NotConnected:
    """Why there is no connection, in words too, and after how many seconds that was known."""

    error: ConnectError
    words: str
    seconds: float = 0.0


async def connect(
    target: Target, settings: Settings, network: Network, transcript: Transcript
) -> ByteStream | NotConnected:
    """Connect to the target's address, unless it is one that never is connected to; the transcript tells how."""
    address, port, limit = target.address, target.port, settings.connect_limit
    reason = unusable_reason(address)
    if reason is not None:
        transcript.note(f"not connected to {address}: {reason}")
        return NotConnected(ConnectError.UNUSABLE, reason)
    source = settings.source_for(address)
    transcript.note(f"connecting to {address} port {port}" + (f" from {source}" if source else ""))
    transcript.new_session()
    started = network.now()
    try:
        stream = await network.connect(address, port, source=source, limit=limit)
    except OSError as error:
        seconds, kind = network.now() - started, classify(error, address)
        ours = kind is ConnectError.TIMEOUT and not error.errno
        words = f"timed out after {limit:g} s" if ours else system_words(error)
        transcript.note(f"not connected: {words}")
        return NotConnected(kind, words, seconds)
    local = stream.local_address
    if local in UNKNOWN_SOURCES.values():
        transcript.note(f"connected through {settings.via[0].label if settings.via else 'another host'}")
    else:
        transcript.note(f"connected from {local}", StepFacts(sources=(local,)))
    return stream


def classify(error: OSError, address: str) -> ConnectError:
    """Say what kind of failure to connect an error is, as the system gave it for a literal `address`."""
    if is_own_limit(error) or isinstance(error, NotLetThroughError):
        return ConnectError.NO_SOCKET
    if isinstance(error, TimeoutError):
        return ConnectError.TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return ConnectError.REFUSED
    if isinstance(error, ConnectionResetError | ConnectionAbortedError):
        return ConnectError.RESET
    # IPv6 is missing on many machines, and that is no fault of theirs; a machine without IPv4 is cut off.
    if has_no_route(error) and family_of(address) == 6:
        return ConnectError.NO_ROUTE
    return ConnectError.UNREACHABLE
