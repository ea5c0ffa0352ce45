"""What a sending server takes from one session, and the words that tell of it in a tree. Pure."""

from dataclasses import replace

from smtpdiag_tui.checks.session.refusals import says_too_much
from smtpdiag_tui.checks.session.replies.names import names_of
from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.session import (
    Attempt,
    AttemptResult,
    ConnectError,
    Ending,
    Exchange,
    Phase,
    SessionObservation,
)
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.smtp.extensions import offered
from smtpdiag_tui.smtp.reply import Reply

_SHORT = 60  # in a tree
_WHOLE = 300  # in the sentence that tells the outcome
_TLS_MISSING = "TLS is required and not available"
_SMTPUTF8_MISSING = "SMTPUTF8 is required and not offered"

# What a phase that ended a session is called.
_VERBS = {
    Phase.GREETING: "greeting",
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
}
_UNTRIED = {ConnectError.NO_ROUTE: AttemptResult.NO_ROUTE, ConnectError.NO_SOCKET: AttemptResult.NOT_TESTED}

ADDRESS_EXPLANATION = """\
Holds one SMTP session with this address, up to RCPT TO and QUIT. No message is sent. An address that several MX
hosts share is tested once.
Fails if:
- the address does not accept the connection, or the session ends early
- the server defers (4xx) or rejects (5xx) the sender or the recipient"""

EXPLANATIONS = {
    Phase.CONNECT: """\
Opens a TCP connection to the SMTP port.
Fails if:
- the host is down, or no mail server listens on the port
- a firewall on either side drops the packets (many providers block outbound port 25)""",
    Phase.GREETING: """\
Waits for the greeting: the server sends 220 first. Some delay it to catch bots.
Fails if:
- the server refuses this host with 421 or 554
- no greeting arrives in time (clients wait up to 5 minutes)""",
    Phase.EHLO: """\
Sends EHLO with the name of this host; the server lists its extensions. HELO follows if it does not know EHLO.
Fails if:
- the EHLO name is not fully qualified, or does not resolve
- the server refuses this host""",
    Phase.STARTTLS: """\
Switches the session to TLS if the server offers STARTTLS, then repeats EHLO. Opportunistic senders do not verify
the certificate on port 25, so a bad one is a warning unless TLS is required.
Fails if:
- the server refuses STARTTLS, or the handshake fails
- the certificate is not valid, where TLS is required""",
    Phase.MAIL: """\
Sends MAIL FROM with the sender address.
Fails if:
- the sender domain does not resolve
- SPF or another policy of the sender domain does not authorise this host
- the server requires TLS first""",
    Phase.RCPT: """\
Sends RCPT TO: 2xx accepts the recipient, 4xx defers it (often greylisting), 5xx rejects it permanently.
Fails if:
- the mailbox does not exist, or is full
- the server does not host the domain
- the server rejects the address or name of this host; the reply usually says so""",
    Phase.QUIT: """\
Sends QUIT before any DATA. A missing reply is harmless.""",
}


def attempt(seen: SessionObservation) -> Attempt:
    """Return what a sending server takes from this address (RFC 5321 §5.1, §4.2.1)."""
    return replace(_attempt(seen), in_session=greeted(seen))


def greeted(seen: SessionObservation) -> bool:
    """Whether the session got past EHLO (or HELO), under TLS again where there is TLS."""
    return seen.accepted(Phase.EHLO)


def _attempt(seen: SessionObservation) -> Attempt:
    if seen.connect_error is not None:
        result = _UNTRIED.get(seen.connect_error, AttemptResult.CONNECTION_FAILED)
        return Attempt(result, phase_detail(seen, Phase.CONNECT))
    if seen.smtputf8_missing:
        return Attempt(AttemptResult.REJECTED, f"5.6.7 {_SMTPUTF8_MISSING}")
    if seen.tls_missing:
        return Attempt(AttemptResult.TRANSIENT, _TLS_MISSING)
    if not seen.before_quit:
        return Attempt(AttemptResult.TRANSIENT, _silence(seen))
    last = seen.before_quit[-1]
    if last.ending is Ending.TIMEOUT:
        return Attempt(AttemptResult.OUR_LIMIT, _ended(last))
    if last.ending is not None:
        return Attempt(AttemptResult.TRANSIENT, _ended(last))
    words, result = _reply_words(last, most=_WHOLE), _result(last)
    if seen.greylisted_for is not None and result is AttemptResult.ACCEPTED:
        words = f"{words} ({seen.greylisted_for:.0f} s after greylisting)"
    return Attempt(result, words)


def _silence(seen: SessionObservation) -> str:
    """Say why nothing was exchanged on a connection: with implicit TLS the handshake comes first."""
    if seen.tls is not None and seen.tls.session is None:
        return f"TLS handshake failed: {visible(seen.tls.error)}"
    return "session ended before the greeting"


def is_rate_limited(seen: SessionObservation) -> bool:
    """Whether the server said that there are too many sessions or too much mail from here."""
    names = names_of(seen)
    return any(says_too_much(exchange, names) for exchange in seen.before_quit)


def phase_detail(seen: SessionObservation, phase: Phase) -> str:
    """Return the telling detail of a phase in a few words."""
    if phase is Phase.CONNECT:
        return _connect_detail(seen)
    if phase is Phase.STARTTLS:
        return _tls_detail(seen)
    if phase is Phase.MAIL and seen.smtputf8_missing:
        return _SMTPUTF8_MISSING
    last = seen.last(phase)
    return _exchange_detail(last) if last is not None else ""


def phase_facts(seen: SessionObservation, phase: Phase) -> StepFacts:
    """Return what a phase tells as data, beside its detail: of EHLO, which words there are the server's own."""
    if phase is Phase.CONNECT and seen.source:
        return StepFacts(sources=seen.known_sources)
    item = seen.last(phase) if phase is Phase.EHLO else None
    if item is None or item.ending is not None or item.reply is None or not item.reply.lines:
        return NO_FACTS
    whole, said = _introduced(item.reply), _introduction(item.reply)
    return StepFacts(said=said if len(whole) <= _SHORT else "")


def session_facts(seen: SessionObservation) -> StepFacts:
    """Return what a session tells of this machine: where it was held from, and the name said in EHLO."""
    if seen.source is None:
        return NO_FACTS
    return StepFacts(sources=seen.known_sources, ehlo=visible(seen.envelope.ehlo))


def skip_reason(seen: SessionObservation, phase: Phase) -> str:
    """Say why a phase was not reached."""
    if seen.connect_error is ConnectError.NO_ROUTE:
        return "this host has no IPv6 route"
    if seen.connect_error is not None:
        return "no connection"
    passed_by = phase is Phase.STARTTLS and seen.last(Phase.MAIL) is not None
    if passed_by and seen.settings.tls is TlsPolicy.OFF:
        return "TLS switched off"
    if passed_by:
        return "STARTTLS not offered"
    if seen.tls_missing:
        return _TLS_MISSING
    if seen.smtputf8_missing:
        return _SMTPUTF8_MISSING
    if not seen.before_quit:
        return "session ended before"
    last = seen.before_quit[-1]
    return f"session ended at {_VERBS.get(last.phase, last.phase)}: {_exchange_detail(last)}"


def _result(last: Exchange) -> AttemptResult:
    reply = last.reply
    if reply is None:
        return AttemptResult.TRANSIENT
    if last.phase is Phase.RCPT and reply.first_digit == 2:
        return AttemptResult.ACCEPTED
    if reply.first_digit == 5 and last.phase in (Phase.MAIL, Phase.RCPT):
        return AttemptResult.REJECTED
    if reply.first_digit == 5 and last.phase is Phase.GREETING:
        return AttemptResult.GREETING_REJECTED
    return AttemptResult.TRANSIENT


def _connect_detail(seen: SessionObservation) -> str:
    words = {
        ConnectError.REFUSED: "connection refused",
        ConnectError.TIMEOUT: f"timed out after {seen.waited:.1f} s",
        ConnectError.UNREACHABLE: "network unreachable",
        ConnectError.RESET: "connection reset",
        ConnectError.NO_ROUTE: "this host has no IPv6 route",
        ConnectError.UNUSABLE: "not usable as MX address",
        ConnectError.NO_SOCKET: f"not tested: {visible(seen.connect_detail)}",
    }
    if seen.connect_error is not None:
        return words[seen.connect_error]
    return f"from {seen.source}" if seen.known_sources else "connected"


def _tls_detail(seen: SessionObservation) -> str:
    if seen.tls is not None:
        if seen.tls.session is None:
            return f"handshake failed: {visible(seen.tls.error)}"
        return f"{seen.tls.session.protocol} {seen.tls.session.cipher}"
    command = seen.last(Phase.STARTTLS)
    if command is not None:
        return _exchange_detail(command)
    first = offered(seen.exchanges).first
    return "not offered" if first is not None and "STARTTLS" not in first else ""


def _exchange_detail(exchange: Exchange) -> str:
    return _reply_words(exchange, most=_SHORT) if exchange.ending is None else _ended(exchange)


def _ended(exchange: Exchange) -> str:
    match exchange.ending:
        case Ending.TIMEOUT:
            return f"timed out after {exchange.limit:g} s"
        case Ending.CLOSED:
            return "connection closed without a reply"
        case Ending.RESET:
            return "connection reset without a reply"
        case Ending.TOO_LONG:
            return "reply too long"
        case Ending.MALFORMED:
            return "not an SMTP reply"
        case None:
            return ""


def _reply_words(exchange: Exchange, most: int) -> str:
    """Return what a reply says, cut to `most` characters: one that refuses is told whole, in one line."""
    reply = exchange.reply
    if reply is None or not reply.lines:
        return ""
    if reply.first_digit in (4, 5):
        return normal_form(reply).quoted(most)
    match exchange.phase:
        case Phase.GREETING:
            text = visible(reply.lines[0])
        case Phase.EHLO:
            text = _introduced(reply)
        case _:
            text = visible(reply.lines[-1])
    return text if len(text) <= most else text[: most - 1] + "…"


def _introduced(reply: Reply) -> str:
    """Return what a reply to EHLO or HELO comes to: the server's name for itself, how many extensions it has."""
    name, number = _introduction(reply), len(reply.lines) - 1
    if number == 0:
        return name
    return f"{name}, {counted(number, 'extension')}"


def _introduction(reply: Reply) -> str:
    """Return a server's own words in what `_introduced` makes of them."""
    return visible(reply.lines[0][4:])
