"""The client's side of one SMTP session: what to send next, given what came back. No I/O."""

from enum import Enum, auto

from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.smtp import commands
from smtpdiag_tui.smtp.extensions import keywords
from smtpdiag_tui.smtp.parser import Event, ReplyParser, TooLong
from smtpdiag_tui.smtp.reply import Reply


class State(Enum):
    """What the client waits for: the reply to a command, the greeting, a handshake; or nothing more."""

    GREETING = auto()
    EHLO = auto()
    HELO = auto()
    STARTTLS = auto()
    HANDSHAKE = auto()
    EHLO_TLS = auto()
    MAIL = auto()
    RCPT = auto()
    QUIT = auto()
    CLOSED = auto()


class Heard(Enum):
    """All that can come back, as far as the next step depends on it."""

    POSITIVE = auto()  # 2yz
    TRANSIENT = auto()  # 4yz but 421
    LEAVING = auto()  # 421: the server is about to close (RFC 5321 §3.8)
    PERMANENT = auto()  # 5yz
    NONSENSE = auto()  # no reply at all, or of a class that no command here can have (1yz, 3yz)
    SECURED = auto()
    UNSECURED = auto()
    LOST = auto()  # closed, reset, past a time limit or a cap: nothing more can be said


class Fork(Enum):
    """Where the next state depends on more than what was heard."""

    TLS_OR_MAIL = auto()
    MAIL_OR_QUIT = auto()
    AFTER_HANDSHAKE = auto()


# Theory of operation
#
# The session is in lock-step (RFC 5321 §2.1): one command, one reply, and then the next. So the whole client is
# a table: the state says which reply is awaited, what was heard picks the next state, and each state but four
# has exactly one command that is sent on entering it. GREETING and HANDSHAKE are waited for without a command,
# and CLOSED has none; STARTTLS leads to HANDSHAKE, which the owner of the connection carries out.
#
#   GREETING -> EHLO -> [HELO | STARTTLS -> HANDSHAKE -> EHLO_TLS] -> MAIL -> RCPT -> QUIT -> CLOSED
#
# Three forks look further:
#   TLS_OR_MAIL      after EHLO: STARTTLS if wanted, offered, and TLS not there yet; else as MAIL_OR_QUIT
#   MAIL_OR_QUIT     QUIT if TLS is required and not there, or SMTPUTF8 needed and not offered; else MAIL
#   AFTER_HANDSHAKE  EHLO again (RFC 3207 §4.2); with implicit TLS (RFC 8314 §3.3) the greeting is still to come
#
# Every failure leads to QUIT, also 421: the server may close before, and then QUIT is simply not sent. LOST leads
# to CLOSED from everywhere: after a time limit a late reply could be taken for QUIT's, so QUIT is not sent then.
# No state sends content: DATA and BDAT do not exist here.

_TO_QUIT = {
    Heard.TRANSIENT: State.QUIT,
    Heard.LEAVING: State.QUIT,
    Heard.PERMANENT: State.QUIT,
    Heard.NONSENSE: State.QUIT,
    Heard.LOST: State.CLOSED,
}
_TO_CLOSED = dict.fromkeys(
    (Heard.POSITIVE, Heard.TRANSIENT, Heard.LEAVING, Heard.PERMANENT, Heard.NONSENSE, Heard.LOST), State.CLOSED
)

TABLE: dict[State, dict[Heard, State | Fork]] = {
    State.GREETING: {**_TO_QUIT, Heard.POSITIVE: State.EHLO},
    State.EHLO: {**_TO_QUIT, Heard.POSITIVE: Fork.TLS_OR_MAIL, Heard.PERMANENT: State.HELO},
    State.HELO: {**_TO_QUIT, Heard.POSITIVE: Fork.MAIL_OR_QUIT},
    State.STARTTLS: {
        **_TO_QUIT,
        Heard.POSITIVE: State.HANDSHAKE,
        Heard.TRANSIENT: Fork.MAIL_OR_QUIT,
        Heard.PERMANENT: Fork.MAIL_OR_QUIT,
    },
    State.HANDSHAKE: {
        Heard.SECURED: Fork.AFTER_HANDSHAKE,
        Heard.UNSECURED: State.CLOSED,
        Heard.LOST: State.CLOSED,
    },
    State.EHLO_TLS: {**_TO_QUIT, Heard.POSITIVE: Fork.MAIL_OR_QUIT, Heard.PERMANENT: State.HELO},
    State.MAIL: {**_TO_QUIT, Heard.POSITIVE: State.RCPT},
    State.RCPT: {**_TO_QUIT, Heard.POSITIVE: State.QUIT},
    State.QUIT: {**_TO_CLOSED},
    State.CLOSED: {Heard.LOST: State.CLOSED},
}

_WANTS_STARTTLS = (TlsPolicy.AUTO, TlsPolicy.REQUIRE)


def heard(reply: Reply) -> Heard:
    """Say what a reply means to the table; unknown codes go by their first digit (RFC 5321 §4.2.1)."""
    if reply.code == 421:
        return Heard.LEAVING
    by_class = {2: Heard.POSITIVE, 4: Heard.TRANSIENT, 5: Heard.PERMANENT}
    return by_class.get(reply.first_digit, Heard.NONSENSE)


class Client:
    """One session. Send `next_command`, `receive` what arrives, take `next_event` until a reply; and again.

    `smtputf8_missing` and `tls_missing` say why no MAIL was sent. `secure`: the session is under TLS.
    `extensions` holds the EHLO keywords that count now, none where EHLO was not accepted. `needs` is what the
    message needs of the server, None where MAIL says nothing of a message. `only_tls`: the session is about TLS
    alone: QUIT follows the handshake, or what stands in its place, and no MAIL is sent.

    Raises ValueError for an argument that cannot go on the wire, before there is anything to send.
    """

    def __init__(
        self,
        ehlo: str,
        sender: str,
        recipient: str,
        *,
        smtputf8: bool = False,
        policy: TlsPolicy | str = "auto",
        needs: commands.MessageNeeds | None = None,
        only_tls: bool = False,
    ) -> None:
        self._policy = TlsPolicy(policy)
        self._sender, self._needs, self._only_tls = sender, needs, only_tls
        self._smtputf8 = smtputf8
        self._commands = {
            State.EHLO: commands.ehlo(ehlo),
            State.HELO: commands.helo(ehlo),
            State.STARTTLS: commands.starttls(),
            State.EHLO_TLS: commands.ehlo(ehlo),
            State.MAIL: commands.mail_from(sender, smtputf8=smtputf8),
            State.RCPT: commands.rcpt_to(recipient, smtputf8=smtputf8),
            State.QUIT: commands.quit_(),
        }
        self._parser = ReplyParser()
        self.state = State.HANDSHAKE if self._policy is TlsPolicy.IMPLICIT else State.GREETING
        self._awaiting = self.state is State.GREETING
        self.greeted = False
        self.secure = False
        self.extensions: frozenset[str] = frozenset()
        self.smtputf8_missing = False
        self.tls_missing = False

    @property
    def awaiting(self) -> bool:
        """Whether a reply is due. What arrives while none is due was not asked for."""
        return self._awaiting

    def next_command(self) -> bytes | None:
        """Return the command to send now, without CR LF, and await its reply; None where there is none to send.

        What is unread was sent before the command, so it cannot be its reply: it is dropped unless `set_aside`
        took it.
        """
        command = self._mail() if self.state is State.MAIL else self._commands.get(self.state)
        if command is None or self._awaiting:
            return None
        self._parser.clear()
        self._awaiting = True
        return command

    def receive(self, data: bytes) -> None:
        """Take what arrived."""
        self._parser.receive(data)

    def next_event(self) -> Event | None:
        """Return the next line, then the reply it ends, which moves the state; None if more bytes are needed.

        Gives nothing while no reply is due.
        """
        if not self._awaiting:
            return None
        event = self._parser.next_event()
        if isinstance(event, Reply):
            self._awaiting = False
            self._take_reply(event)
        elif isinstance(event, TooLong):
            self.lost()
        return event

    def set_aside(self) -> bytes:
        """Return, and forget, the bytes that arrived beyond what was asked for; of a lost session, all unread."""
        return b"" if self._awaiting else self._parser.clear()

    def secured(self) -> None:
        """Go on after a handshake. What came before it is forgotten, unread bytes too (RFC 3207 §4.2)."""
        self._parser.clear()
        self.extensions = frozenset()
        self.secure = True
        self._move(Heard.SECURED)

    def unsecured(self) -> None:
        """End the session after a handshake that failed."""
        if self._policy is not TlsPolicy.AUTO:
            self.tls_missing = True
        self._move(Heard.UNSECURED)

    def lost(self) -> None:
        """End the session: nothing more can be said."""
        self._awaiting = False
        self._move(Heard.LOST)

    def _take_reply(self, reply: Reply) -> None:
        what = heard(reply)
        if self.state is State.GREETING:
            self.greeted = True
        if self.state in (State.EHLO, State.EHLO_TLS):
            self.extensions = keywords(reply) or frozenset()
        self._move(what)

    def _move(self, what: Heard) -> None:
        to = TABLE[self.state][what]
        self.state = to if isinstance(to, State) else self._choose(to)
        if self.state is State.GREETING:
            self._awaiting = True

    def _mail(self) -> bytes:
        """Return MAIL with what the message needs and the server offers: that is known after EHLO alone."""
        return commands.mail_from(
            self._sender, smtputf8=self._smtputf8, needs=self._needs, extensions=self.extensions
        )

    def _can_turn_to_tls(self) -> bool:
        wanted = self._policy in _WANTS_STARTTLS and not self.secure
        return wanted and "STARTTLS" in self.extensions

    def _choose(self, fork: Fork) -> State:
        if fork is Fork.AFTER_HANDSHAKE and not self.greeted:
            return State.GREETING
        if fork is Fork.AFTER_HANDSHAKE:
            return State.QUIT if self._only_tls else State.EHLO_TLS
        if fork is Fork.TLS_OR_MAIL and self._can_turn_to_tls():
            return State.STARTTLS
        if self._policy is TlsPolicy.REQUIRE and not self.secure:
            self.tls_missing = True
            return State.QUIT
        if self._only_tls:
            return State.QUIT
        if self._smtputf8 and "SMTPUTF8" not in self.extensions:
            self.smtputf8_missing = True
            return State.QUIT
        return State.MAIL
