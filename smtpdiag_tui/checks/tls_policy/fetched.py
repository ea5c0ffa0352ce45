"""A text that was fetched over HTTPS, or why it was not: plain data."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.network.seam import TlsSession


class Trouble(StrEnum):
    """What kept a text from being fetched."""

    NO_ADDRESS = "no address"
    LOOKUP = "lookup failed"
    UNUSABLE = "unusable address"  # one that is never connected to
    CONNECTION = "not connected"
    NO_ROUTE = "no route"  # this host has none: nothing is known of the server
    TLS = "TLS failed"
    CERTIFICATE = "certificate not verified"
    TIMEOUT = "timed out"
    CLOSED = "closed"  # before the whole reply had come
    NO_HTTP = "no HTTP"
    HEADER_SIZE = "header too long"
    REDIRECT = "redirect"
    STATUS = "status"
    CONTENT_TYPE = "content type"
    ENCODING = "encoded"
    SIZE = "too long"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """One reply to a GET, as far as it was read.

    `trouble` says what is wrong with it, `why` in a clause; both are empty for a text that came whole. `types` are
    the media types of Content-Type, `location` where a redirect leads, each as it came.
    """

    status: int | None = None
    types: tuple[str, ...] = ()
    location: str = ""
    body: bytes = b""
    trouble: Trouble | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A GET at `host`: what came of it.

    `address` is the one that was connected to, None without a connection; `passed_over` says of others why they
    were not. `tls` is what the handshake agreed on. `unjudged`: this host has no authorities to judge by.
    `trouble` and `why` (a clause) say what kept the text from being fetched. `seconds` is the whole time.
    """

    host: str
    address: str | None = None
    passed_over: tuple[str, ...] = ()
    tls: TlsSession | None = None
    unjudged: bool = False
    reply: HttpReply | None = None
    trouble: Trouble | None = None
    why: str = ""
    seconds: float = 0.0

    @property
    def text(self) -> bytes | None:
        """The text; None where it was not fetched."""
        return self.reply.body if self.reply is not None and self.trouble is None else None
