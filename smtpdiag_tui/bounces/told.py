"""What a text tells of one delivery that failed, or was put off. Plain data."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from smtpdiag_tui.report.status import Outcome


class ToldPhase(StrEnum):
    """What the server replied to, as step ids name it, and what no run of ours gets to."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail-from"
    RCPT = "rcpt-to"
    DATA = "data"
    END_OF_DATA = "end-of-data"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery to one recipient as a text tells of it; None where the text does not say.

    `sender` is "" for the null reverse-path. `host` is the remote server's name in lower case without its final
    dot, `address` its IP address in RFC 5952 form. `reply` is what it said: code and text, lines joined by a line
    feed, printable. `words` is what the text says itself: about a connection, the DNS, TLS, or beside the reply.
    `line` is where in the text it stands, from 1, None where that does not apply. `program` names who wrote it.

    `outcome` is what the text says became of the message, beyond what the reply comes to. `ours`: the reply is
    that of the server that wrote the text, to the client `host` [`address`]. `reporter` is the server that wrote
    a report (RFC 3464 §2.2.2).
    """

    sender: str | None = None
    recipient: str | None = None
    host: str | None = None
    address: str | None = None
    phase: ToldPhase | None = None
    at: datetime | None = None
    reply: str | None = None
    words: str = ""
    line: int | None = None
    program: str = ""
    outcome: Outcome | None = None
    ours: bool = False
    reporter: str | None = field(default=None, compare=False)

    @property
    def where(self) -> str:
        """The host with its address, "" where the text names neither."""
        literal = f"[{self.address}]" if self.address else ""
        return " ".join(part for part in (self.host, literal) if part)

    @property
    def relayed(self) -> bool:
        """Whether a server of the recipient's reports: the reply is to that server, not to its client.

        It is known only of one whose name is in the recipient's domain and not in the sender's.
        """
        sender = (self.sender or "").rpartition("@")[2].lower()
        return _is_in(self.reporter, self.domain) and not (sender and _is_in(self.reporter, sender))

    @property
    def domain(self) -> str:
        """The recipient's domain in lower case, "" where it is not known."""
        return (self.recipient or "").rpartition("@")[2].lower()


def _is_in(host: str | None, domain: str) -> bool:
    return bool(host and domain) and f".{host}".endswith(f".{domain}")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a text tells: each delivery once, in the text's order. `form` names what kind of text it is.

    `note` is one sentence about what could not be read, "" where all was.
    """

    told: tuple[Told, ...]
    form: str
    note: str = ""


class UnreadableError(ValueError):
    """A text that tells of no delivery; its text says why, in one line."""
