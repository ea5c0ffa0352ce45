"""Judging the session with one address, phase by phase (RFC 5321 §3, §4.2, §4.5.3.2; RFC 3207). Pure."""

from datetime import datetime

from smtpdiag_tui.checks.session import interference, reply_texts
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import ConnectError, Ending, Exchange, Phase, SessionObservation
from smtpdiag_tui.checks.session.starttls import is_second_ehlo, judge_starttls
from smtpdiag_tui.network.seam import NotLetThroughError, TrustStore
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Defect

_NOT_SENT = "Nothing was sent, and that says nothing about the server."
SLOW_GREETING = 5.0
VERY_SLOW_GREETING = 30.0

# How long a client should be ready to wait (RFC 5321 §4.5.3.2), in seconds.
_RFC_LIMITS = {Phase.GREETING: 300, Phase.EHLO: 300, Phase.STARTTLS: 300, Phase.MAIL: 300, Phase.RCPT: 300}
_NAMES = {
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
    Phase.QUIT: "QUIT",
}


def judge_phase(
    observation: SessionObservation, phase: Phase, trust: TrustStore, now: datetime, names: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Return the findings of one phase.

    `names` are the MX host names that the certificate must fit at this place. With TLS required, what is a
    warning about TLS is a failure.
    """
    if phase is Phase.CONNECT:
        return _connect(observation)
    found = list(_exchanges(observation, phase))
    match phase:
        case Phase.GREETING:
            found += [*_greeting(observation), *interference.judge_greeting(observation)]
        case Phase.EHLO:
            found += [*_ehlo(observation), *interference.judge_commands(observation, phase)]
        case Phase.STARTTLS:
            found += judge_starttls(observation, trust, now, names)
            found += interference.judge_commands(observation, phase)
        case Phase.MAIL:
            found += _mail(observation)
        case Phase.RCPT:
            found += _rcpt(observation)
    return tuple(found)


def _connect(seen: SessionObservation) -> tuple[Finding, ...]:
    if seen.connect_error is None:
        return ()
    where, port = seen.target.where, f"{seen.target.where} port {seen.target.port}"
    code, message = {
        ConnectError.REFUSED: ("connection-refused", f"{port} refused the connection"),
        ConnectError.TIMEOUT: ("connection-timeout", f"{port} timed out after {seen.waited:.1f} s"),
        ConnectError.UNREACHABLE: ("network-unreachable", f"No route to {where}"),
        ConnectError.RESET: ("connection-reset", f"{port} reset the connection before its greeting"),
        ConnectError.NO_ROUTE: ("no-ipv6-route", f"This host has no IPv6 route to {seen.target.address}"),
        ConnectError.NO_SOCKET: ("machine-limit", f"This host could not open a connection to {where}"),
        ConnectError.UNUSABLE: ("mx-address-unusable", f"{seen.target.address} is not usable as MX address"),
    }[seen.connect_error]
    evidence = (visible(seen.connect_detail),) if seen.connect_detail else ()
    if code == "machine-limit" and seen.connect_detail.startswith(NotLetThroughError.WORDS):
        advice = f"Allow connections to {port} at {seen.through}, then rerun."
        message = f"{seen.through} did not let the connection to {where} through"
        return (finding(code, message, meaning=_NOT_SENT, advice=advice, evidence=evidence),)
    return (finding(code, message, evidence=evidence),)


def _exchanges(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    """Judge how the replies of a phase came, whatever they say."""
    found: list[Finding] = []
    for exchange in seen.exchanges:
        belongs_to_starttls = phase is Phase.STARTTLS and is_second_ehlo(exchange)
        if exchange.phase is phase or belongs_to_starttls:
            found += _form(seen, exchange)
            found += _ending(seen, exchange)
    return tuple(dict.fromkeys(found))


def _form(seen: SessionObservation, exchange: Exchange) -> list[Finding]:
    found: list[Finding] = []
    host, where = visible(seen.target.host), _place_of(exchange)
    defects = exchange.reply.defects if exchange.reply else frozenset()
    lines = reply_texts.lines(exchange.reply)
    if Defect.CODES_DIFFER in defects:
        message = f"{host} sent different codes in one reply, {where}"
        found.append(finding("reply-codes-differ", message, evidence=lines))
    if Defect.BARE_LINE_FEED in defects:
        found.append(finding("bare-line-feed", f"{host} ends lines with LF instead of CR LF"))
    if Defect.BARE_CARRIAGE_RETURN in defects:
        message = f"{host} sent a CR without LF {where}"
        found.append(finding("bare-carriage-return", message, evidence=lines))
    if exchange.unexpected:
        number = counted(exchange.unexpected_size, "byte")
        message = f"{host} sent {number} more than {where.removeprefix('in ')}"
        extra = tuple(visible(line) for line in exchange.unexpected.splitlines()[:20])
        found.append(finding("reply-unexpected", message, evidence=extra))
    return found


def _place_of(exchange: Exchange) -> str:
    """Return where something stood that a server sent: in its greeting or in a reply."""
    if exchange.phase is Phase.GREETING:
        return "in its greeting"
    return f"in its reply to {_NAMES[exchange.phase]}"


def _ending(seen: SessionObservation, exchange: Exchange) -> list[Finding]:
    """Judge an exchange that ended without a reply that can be used."""
    host, where = visible(seen.target.host), _place_of(exchange)
    lines = reply_texts.lines(exchange.reply)
    at_greeting = exchange.phase is Phase.GREETING
    missing = "before its greeting" if at_greeting else f"instead of replying to {_NAMES[exchange.phase]}"
    match exchange.phase, exchange.ending:
        case _, None:
            return []
        case Phase.QUIT, _:
            return _quit_unanswered(seen)
        case _, Ending.RESET:
            code = "connection-reset" if at_greeting else "closed-early"
            return [finding(code, f"{host} reset the connection {missing}", evidence=lines)]
        case _, Ending.CLOSED:
            return [finding("closed-early", f"{host} closed the connection {missing}", evidence=lines)]
        case _, Ending.TIMEOUT:
            return [_timed_out(host, exchange)]
        case _, Ending.TOO_LONG:
            return [finding("reply-too-long", f"{host} sent too much {where}")]
        case _, Ending.MALFORMED:
            message = f"{host} sent no valid SMTP reply {where}"
            if at_greeting:
                message = f"{host} sent no valid SMTP greeting"
            return [finding("reply-malformed", message, evidence=lines[:20])]


def _timed_out(host: str, exchange: Exchange) -> Finding:
    if exchange.phase is Phase.GREETING:
        code, at = "greeting-timeout", "before its greeting"
    else:
        code, at = "reply-timeout", f"on {_NAMES[exchange.phase]}"
    allowed = _RFC_LIMITS[exchange.phase]
    message = f"{host} timed out {at} after {exchange.limit:g} s; RFC 5321 allows {allowed} s"
    return finding(code, message, evidence=reply_texts.lines(exchange.reply))


def _quit_unanswered(seen: SessionObservation) -> list[Finding]:
    codes = [exchange.reply.code for exchange in seen.exchanges if exchange.reply is not None]
    if 421 in codes:  # the server had said that it would leave
        return []
    return [finding("quit-unanswered", f"{visible(seen.target.host)} did not answer QUIT")]


def _greeting(seen: SessionObservation) -> tuple[Finding, ...]:
    greeting = seen.last(Phase.GREETING)
    if greeting is None or greeting.answer is None:
        return ()
    if greeting.turned_down:
        return judge_refusal(seen, greeting)
    if greeting.seconds < SLOW_GREETING:
        return ()
    code = "greeting-slow" if greeting.seconds <= VERY_SLOW_GREETING else "greeting-very-slow"
    host = visible(seen.target.host)
    return (finding(code, f"{host} took {greeting.seconds:.0f} s to send its greeting"),)


def _ehlo(seen: SessionObservation) -> tuple[Finding, ...]:
    found: list[Finding] = []
    in_clear = [exchange for exchange in seen.exchanges if exchange.phase is Phase.EHLO and not exchange.tls]
    helo_was_tried = any(exchange.says(b"HELO") for exchange in in_clear)
    for exchange in in_clear:
        if helo_was_tried and _refuses_ehlo(exchange):
            message = f"{visible(seen.target.host)} rejected EHLO; HELO was tried"
            found.append(finding("ehlo-rejected", message, evidence=reply_texts.lines(exchange.reply)))
        elif exchange.turned_down:
            found += judge_refusal(seen, exchange)
    return tuple(found)


def _refuses_ehlo(exchange: Exchange) -> bool:
    """Whether EHLO is refused as a command that the server does not know, so that HELO may follow."""
    return exchange.says(b"EHLO") and exchange.answer is not None and exchange.answer.first_digit == 5


def _mail(seen: SessionObservation) -> tuple[Finding, ...]:
    if seen.smtputf8_missing:
        message = f"{visible(seen.target.host)} does not support SMTPUTF8, which this address requires"
        return (finding("smtputf8-not-offered", message),)
    return _refused(seen, Phase.MAIL)


def _rcpt(seen: SessionObservation) -> tuple[Finding, ...]:
    command = seen.last(Phase.RCPT)
    if command is not None and command.accepted:
        message = f"{visible(seen.target.host)} accepted the recipient"
        return (finding("recipient-accepted", message, evidence=reply_texts.lines(command.reply)),)
    return _refused(seen, Phase.RCPT)


def _refused(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    command = seen.last(phase)
    if command is None or not command.turned_down:
        return ()
    return judge_refusal(seen, command)
