"""What is seen of the session with one address: plain data, nothing judged."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from smtpdiag_tui.network.seam import UNKNOWN_SOURCES, TlsSession
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.smtp.commands import MessageNeeds
from smtpdiag_tui.smtp.reply import Reply


class Phase(StrEnum):
    """The phases of a session, in order; their values are the last parts of step ids."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    MAIL = "mail-from"
    RCPT = "rcpt-to"
    QUIT = "quit"


class ConnectError(StrEnum):
    """Why there was no connection.

    `NO_ROUTE`: this host has no route or address of that family. `NO_SOCKET`: it has no socket left,
    or the host that is to connect in its place does not.
    """

    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    NO_ROUTE = "no-route"
    UNUSABLE = "unusable"
    NO_SOCKET = "no-socket"


class Ending(StrEnum):
    """Why an exchange ended without a reply that can be used."""

    TIMEOUT = "timeout"
    CLOSED = "closed"
    RESET = "reset"
    TOO_LONG = "too-long"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Target:
    """What to connect to: a literal address, and the MX host (A-label, or `[address]`) it stands for."""

    host: str
    address: str
    port: int
    server_name: str | None

    @property
    def where(self) -> str:
        """The host with the address, as messages name them; an address literal stands for itself."""
        literal = f"[{self.address}]"
        return literal if self.host == literal else f"{self.host} {literal}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What to say: the EHLO name and the two paths as they go on the wire, without their `<>`.

    `smtputf8`: a local part is not ASCII, so that the extension is needed (RFC 6531 §3.4). `needs` is what MAIL
    says of the given message, None without one.
    """

    ehlo: str
    sender: str
    recipient: str
    smtputf8: bool = False
    needs: MessageNeeds | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and what came back; the greeting has no command.

    `session` is 0, or 1 in the second session in clear after a failed handshake. `seconds` is how long the
    reply took, `limit` how long it was waited for at most. `unexpected` holds the first bytes that came beyond the
    reply, `unexpected_size` says how many came in all.
    """

    phase: Phase
    command: bytes | None
    reply: Reply | None
    ending: Ending | None
    seconds: float
    limit: float
    tls: bool = False
    session: int = 0
    error: str = ""
    unexpected: bytes = b""
    unexpected_size: int = 0

    @property
    def answer(self) -> Reply | None:
        """The reply that the command (or the connection) was given; None if the exchange ended otherwise."""
        return self.reply if self.ending is None else None

    @property
    def accepted(self) -> bool:
        """Whether the answer is a 2yz."""
        return self.answer is not None and self.answer.first_digit == 2

    @property
    def turned_down(self) -> bool:
        """Whether the answer is anything but a 2yz: 4yz or 5yz, since any other is no answer here."""
        return self.answer is not None and self.answer.first_digit != 2

    def says(self, verb: bytes | tuple[bytes, ...]) -> bool:
        """Whether the command begins with `verb`, or with one of several."""
        return self.command is not None and self.command.startswith(verb)


@dataclass(frozen=True, slots=True)
class TlsAttempt:
    """One handshake: `session` if it succeeded, else `error`.

    `injected` holds the first bytes of plaintext behind the 220, `injected_size` says how many came in all.
    """

    session: TlsSession | None
    error: str = ""
    timed_out: bool = False
    injected: bytes = b""
    seconds: float = 0.0
    injected_size: int = 0


@dataclass(frozen=True, slots=True)
class SessionObservation:
    """The whole conversation with one address, or as far as it has come.

    `smtputf8_missing`: no MAIL was sent since SMTPUTF8 was needed and not offered. `tls_missing`: no MAIL was
    sent since TLS is required and was not to be had. `round_trip` is the system's measure of the connection's way
    there and back, in seconds, None where it tells none. `ended` is the network's clock when the last session
    closed. `greylisted_for`: this is the second try, so many seconds after one that was greylisted.
    """

    target: Target
    envelope: Envelope
    settings: Settings
    source: str | None = None
    connect_error: ConnectError | None = None
    connect_detail: str = ""
    connect_seconds: float = 0.0
    round_trip: float | None = None
    exchanges: tuple[Exchange, ...] = ()
    tls: TlsAttempt | None = None
    smtputf8_missing: bool = False
    tls_missing: bool = False
    ended: float | None = None
    greylisted_for: float | None = None

    def last(self, phase: Phase) -> Exchange | None:
        """The last exchange of `phase`, None if it was not reached."""
        return next((exchange for exchange in reversed(self.exchanges) if exchange.phase is phase), None)

    def accepted(self, phase: Phase) -> bool:
        """Whether the last exchange of `phase` was answered by a 2yz."""
        last = self.last(phase)
        return last is not None and last.accepted

    @property
    def through(self) -> str:
        """The vantage point that connections go through, where they do not leave from here."""
        return self.settings.via[0].label if self.settings.via else "another host"

    @property
    def known_sources(self) -> tuple[str, ...]:
        """The source address if it is known: through another host it is not."""
        return (self.source,) if self.source and self.source not in UNKNOWN_SOURCES.values() else ()

    @property
    def waited(self) -> float:
        """Seconds until a connection timed out: the system may give up before the limit of the run."""
        limit = self.settings.connect_limit
        return min(self.connect_seconds or limit, limit)

    @property
    def before_quit(self) -> list[Exchange]:
        """The exchanges but for the farewell."""
        return [exchange for exchange in self.exchanges if exchange.phase is not Phase.QUIT]


class Watcher(Protocol):
    """Is told how a session goes on, while it does."""

    def phase_started(self, phase: Phase, limit: float) -> None:
        """A phase begins that waits at most `limit` seconds for each reply."""

    def phase_ended(self, phase: Phase, so_far: SessionObservation) -> None:
        """A phase is over; `so_far` holds all that has been seen until now."""


class AttemptResult(StrEnum):
    """What a standard sending server takes from one address (RFC 5321 §5.1, §4.2.1)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRANSIENT = "transient"
    GREETING_REJECTED = "greeting-rejected"
    CONNECTION_FAILED = "connection-failed"
    NO_ROUTE = "no-route"
    OUR_LIMIT = "our-limit"
    NOT_TESTED = "not-tested"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one address ended, with the reply (or the error) that decided it, printable, in one line.

    `in_session`: the session had got past EHLO, so that senders count it among those they hold.
    """

    result: AttemptResult
    reply: str
    in_session: bool = False
