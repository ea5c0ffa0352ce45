"""What a standard sender takes from one session, and the words that tell of it in a tree. Pure."""

from dataclasses import replace

from smtpdiag_tui.checks.session.refusals import says_too_much
from smtpdiag_tui.checks.session.session import (
    Attempt,
    AttemptResult,
    ConnectError,
    Ending,
    Exchange,
    Phase,
    SessionObservation,
)
from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.extensions import offered
from smtpdiag_tui.smtp.reply import Reply

_SHORT = 60  # in a tree
_WHOLE = 300  # in the sentence that tells the outcome

_UNTRIED = {ConnectError.NO_ROUTE: AttemptResult.NO_ROUTE, ConnectError.NO_SOCKET: AttemptResult.NOT_TESTED}

EXPLANATIONS = {
    Phase.CONNECT: """\
A sending server opens a TCP connection to port 25. This can fail because the machine is down, because nobody
listens there, or because a firewall on either side drops the packets; many providers block outbound port 25.""",
    Phase.GREETING: """\
The server speaks first. Some wait on purpose, since spam senders talk too early; some turn an address away here
already, with 554. A client that has no greeting after 5 minutes goes away.""",
    Phase.EHLO: """\
This machine says its name, the server says what it can do. A name that is not fully qualified, or does not
resolve, is refused by many servers. An old server that knows no EHLO is greeted with HELO.""",
    Phase.STARTTLS: """\
If the server offers it, the session turns to TLS, and EHLO is said again. Standard senders encrypt without
verifying the certificate on port 25, so that a bad one is worth a warning and does not stop mail.""",
    Phase.MAIL: """\
The sender's address is named. The server may refuse it because its domain cannot be looked up, because a policy
of that domain does not allow this machine, or because TLS must come first.""",
    Phase.RCPT: """\
The recipient's address is named. 2yz takes it, 4yz means later (often greylisting), 5yz means never: a sender
returns the mail. The reason may also be this machine's address or name; then the reply mostly says so.""",
    Phase.QUIT: """\
The session ends here, before any message. Only the courtesy of an answer is missing if there is none.""",
}


def attempt(seen: SessionObservation) -> Attempt:
    """Return what a standard sender takes from this address (RFC 5321 §5.1, §4.2.1)."""
    return replace(_attempt(seen), in_session=greeted(seen))


def greeted(seen: SessionObservation) -> bool:
    """Whether the session got past EHLO (or HELO), under TLS again where there is TLS."""
    item = seen.last(Phase.EHLO)
    return item is not None and item.ending is None and item.reply is not None and item.reply.first_digit == 2


def _attempt(seen: SessionObservation) -> Attempt:
    if seen.connect_error is not None:
        result = _UNTRIED.get(seen.connect_error, AttemptResult.CONNECTION_FAILED)
        return Attempt(result, phase_detail(seen, Phase.CONNECT))
    if seen.smtputf8_missing:
        return Attempt(AttemptResult.REJECTED, "5.6.7 SMTPUTF8 is needed and not offered")
    if seen.tls_missing:
        return Attempt(AttemptResult.TRANSIENT, "TLS is required and not to be had")
    talked = [item for item in seen.exchanges if item.phase is not Phase.QUIT]
    if not talked:
        if seen.tls is not None and seen.tls.session is None:
            return Attempt(AttemptResult.TRANSIENT, f"the TLS handshake failed: {visible(seen.tls.error)}")
        return Attempt(AttemptResult.TRANSIENT, "the session ended before the greeting")
    last = talked[-1]
    if last.ending is not None:
        result = AttemptResult.OUR_LIMIT if last.ending is Ending.TIMEOUT else AttemptResult.TRANSIENT
        return Attempt(result, _ended(last))
    said, result = _said(last, most=_WHOLE), _result(last)
    if seen.greylisted_for is not None and result is AttemptResult.ACCEPTED:
        said = f"{said}, {seen.greylisted_for:.0f} s after greylisting"
    return Attempt(result, said)


def is_rate_limited(seen: SessionObservation) -> bool:
    """Whether the server said that there are too many sessions or too much mail from here."""
    return any(says_too_much(item) for item in seen.exchanges if item.phase is not Phase.QUIT)


def phase_detail(seen: SessionObservation, phase: Phase) -> str:
    """Return the telling detail of a phase in a few words."""
    if phase is Phase.CONNECT:
        return _connect_detail(seen)
    if phase is Phase.STARTTLS:
        return _tls_detail(seen)
    if phase is Phase.MAIL and seen.smtputf8_missing:
        return "SMTPUTF8 is needed and not offered"
    item = seen.last(phase)
    if item is None:
        return ""
    return _ended(item) if item.ending is not None else _said(item)


def phase_facts(seen: SessionObservation, phase: Phase) -> StepFacts:
    """Return what a phase tells as data, beside its detail: of EHLO, which words there are the server's own."""
    if phase is Phase.CONNECT and seen.source:
        return StepFacts(sources=(seen.source,))
    item = seen.last(phase) if phase is Phase.EHLO else None
    if item is None or item.ending is not None or item.reply is None or not item.reply.lines:
        return NO_FACTS
    whole, said = _introduced(item.reply), _introduction(item.reply)
    return StepFacts(said=said if len(whole) <= _SHORT else "")


def session_facts(seen: SessionObservation) -> StepFacts:
    """Return what a session tells of this machine: where it was held from, and the name said in EHLO."""
    if seen.source is None:
        return NO_FACTS
    return StepFacts(sources=(seen.source,), ehlo=visible(seen.envelope.ehlo))


def skip_reason(seen: SessionObservation, phase: Phase) -> str:
    """Say why a phase was not reached."""
    if seen.connect_error is ConnectError.NO_ROUTE:
        return "no IPv6 route from this machine"
    if seen.connect_error is not None:
        return "no connection"
    if phase is Phase.STARTTLS and seen.last(Phase.MAIL) is not None:
        return "TLS is switched off" if seen.settings.tls == "off" else "STARTTLS is not known to be offered"
    if seen.tls_missing:
        return "TLS is required and not to be had"
    if seen.smtputf8_missing:
        return "SMTPUTF8 is needed and not offered"
    reached = [item for item in seen.exchanges if item.phase is not Phase.QUIT]
    if not reached:
        return "the session ended before"
    return f"the session ended at {reached[-1].phase}: {_ended(reached[-1]) or _said(reached[-1])}"


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
        ConnectError.TIMEOUT: f"no answer within {seen.settings.connect_limit:g} s",
        ConnectError.UNREACHABLE: "network unreachable",
        ConnectError.RESET: "connection reset",
        ConnectError.NO_ROUTE: "no IPv6 route from this machine",
        ConnectError.UNUSABLE: "never connected to",
        ConnectError.NO_SOCKET: f"was not connected to: {visible(seen.connect_detail)}",
    }
    if seen.connect_error is not None:
        return words[seen.connect_error]
    return f"from {seen.source}" if seen.source else "connected"


def _tls_detail(seen: SessionObservation) -> str:
    if seen.tls is not None:
        if seen.tls.session is None:
            return f"handshake failed: {visible(seen.tls.error)}"
        return f"{seen.tls.session.protocol} {seen.tls.session.cipher}"
    item = seen.last(Phase.STARTTLS)
    if item is not None:
        return _ended(item) if item.ending is not None else _said(item)
    first = offered(seen.exchanges).first
    return "not offered" if first is not None and "STARTTLS" not in first else ""


def _ended(item: Exchange) -> str:
    match item.ending:
        case Ending.TIMEOUT:
            return f"no reply within {item.limit:g} s"
        case Ending.CLOSED:
            return "hung up without a reply"
        case Ending.RESET:
            return "reset without a reply"
        case Ending.TOO_LONG:
            return "a reply without end"
        case Ending.MALFORMED:
            return "no SMTP reply"
        case None:
            return ""


def _said(item: Exchange, most: int = _SHORT) -> str:
    if item.reply is None or not item.reply.lines:
        return ""
    text = visible(item.reply.lines[-1]) if item.phase is not Phase.GREETING else visible(item.reply.lines[0])
    if item.phase is Phase.EHLO:
        text = _introduced(item.reply)
    return text if len(text) <= most else text[: most - 1] + "…"


def _introduced(reply: Reply) -> str:
    """Return what a reply to EHLO or HELO comes to: the server's name for itself, how many extensions it has."""
    if reply.first_digit != 2:
        return _introduction(reply)
    name, number = _introduction(reply), len(reply.lines) - 1
    return f"{name}, {number} extension{'' if number == 1 else 's'}" if number else name


def _introduction(reply: Reply) -> str:
    """Return a server's own words in what `_introduced` makes of them."""
    return visible(reply.lines[0][4:]) if reply.first_digit == 2 else visible(reply.lines[-1])
