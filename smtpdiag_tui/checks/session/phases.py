"""Judging the conversation with one address, phase by phase (RFC 5321 §3, §4.2, §4.5.3.2; RFC 3207). Pure."""

from datetime import datetime

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.certificates import judge_tls
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.reply_meanings import explain
from smtpdiag_tui.checks.session.session import ConnectError, Ending, Exchange, Phase, SessionObservation
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import TlsPolicy, parse_ip
from smtpdiag_tui.smtp.extensions import offered
from smtpdiag_tui.smtp.reply import Defect

SLOW_GREETING = 5.0
VERY_SLOW_GREETING = 30.0

# How long a client should be ready to wait (RFC 5321 §4.5.3.2), in seconds.
_RFC_LIMITS = {Phase.GREETING: 300, Phase.EHLO: 300, Phase.STARTTLS: 300, Phase.MAIL: 300, Phase.RCPT: 300}
_NAMES = {
    Phase.GREETING: "the greeting",
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
    if phase is Phase.STARTTLS:
        return (*_exchanges(observation, phase), *_starttls(observation, trust, now, names))
    own = {Phase.GREETING: _greeting, Phase.EHLO: _ehlo, Phase.MAIL: _mail, Phase.RCPT: _rcpt}.get(phase)
    return (*_exchanges(observation, phase), *(own(observation) if own else ()))


def _connect(seen: SessionObservation) -> tuple[Finding, ...]:
    if seen.connect_error is None:
        return ()
    where, limit = f"{seen.target.where} port {seen.target.port}", seen.settings.connect_limit
    code, message = {
        ConnectError.REFUSED: ("connection-refused", f"{where} refuses the connection."),
        ConnectError.TIMEOUT: ("connection-timeout", f"{where} does not answer within {limit:g} s."),
        ConnectError.UNREACHABLE: ("network-unreachable", f"There is no way to {where}."),
        ConnectError.RESET: ("connection-reset", f"{where} resets the connection before its greeting."),
        ConnectError.NO_ROUTE: ("no-ipv6-route", f"This machine has no IPv6 route to {seen.target.address}."),
        ConnectError.NO_SOCKET: ("machine-limit", f"{where} was not connected to: {visible(seen.connect_detail)}"),
        ConnectError.UNUSABLE: ("mx-address-unusable", f"{seen.target.address} is never connected to."),
    }[seen.connect_error]
    evidence = (visible(seen.connect_detail),) if seen.connect_detail else ()
    return (finding(code, message, evidence=evidence),)


def _exchanges(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    """Judge how the replies of a phase came, whatever they say."""
    found: list[Finding] = []
    for item in seen.exchanges:
        if item.phase is phase or (phase is Phase.STARTTLS and item.phase is Phase.EHLO and item.tls):
            found += _form(seen, item)
            found += _ending(seen, item)
    return tuple(dict.fromkeys(found))


def _form(seen: SessionObservation, item: Exchange) -> list[Finding]:
    found: list[Finding] = []
    defects = item.reply.defects if item.reply else frozenset()
    lines = reply_texts.lines(item.reply)
    if Defect.CODES_DIFFER in defects:
        message = f"The lines of the reply to {_NAMES[item.phase]} bear different codes."
        found.append(finding("reply-codes-differ", message, evidence=lines))
    if Defect.BARE_LINE_FEED in defects:
        found.append(finding("bare-line-feed", f"{seen.target.where} ends lines in LF alone."))
    if Defect.BARE_CARRIAGE_RETURN in defects:
        message = f"{seen.target.where} sent a CR without LF in its reply to {_NAMES[item.phase]}."
        found.append(finding("bare-carriage-return", message, evidence=lines))
    if item.unexpected:
        message = (
            f"{seen.target.where} sent more than the reply to {_NAMES[item.phase]}: {item.unexpected_size} octets."
        )
        extra = tuple(visible(line) for line in item.unexpected.splitlines()[:20])
        found.append(finding("reply-unexpected", message, evidence=extra))
    return found


def _ending(seen: SessionObservation, item: Exchange) -> list[Finding]:
    what, where = _NAMES[item.phase], seen.target.where
    lines = reply_texts.lines(item.reply)
    if item.phase is Phase.QUIT:
        return _quit(seen, item)
    match item.ending:
        case Ending.TIMEOUT:
            allowed = _RFC_LIMITS[item.phase]
            reply = what if item.phase is Phase.GREETING else f"the reply to {what}"
            message = f"Gave up on {reply} of {where} after {item.limit:g} s; RFC 5321 allows {allowed} s."
            code = "greeting-timeout" if item.phase is Phase.GREETING else "reply-timeout"
            return [finding(code, message, evidence=lines)]
        case Ending.CLOSED | Ending.RESET:
            if item.phase is Phase.GREETING and item.ending is Ending.RESET:
                return [finding("connection-reset", f"{where} resets the connection before its greeting.")]
            how = "reset the connection" if item.ending is Ending.RESET else "hung up"
            place = "before its greeting" if item.phase is Phase.GREETING else f"instead of answering {what}"
            return [finding("closed-early", f"{where} {how} {place}.", evidence=lines)]
        case Ending.TOO_LONG:
            return [finding("reply-too-long", f"{where} did not come to an end in its reply to {what}.")]
        case Ending.MALFORMED:
            message = f"What {where} sent for {what} is no SMTP reply."
            return [finding("reply-malformed", message, evidence=lines[:20])]
        case None:
            return []


def _quit(seen: SessionObservation, item: Exchange) -> list[Finding]:
    left = any(other.reply is not None and other.reply.code == 421 for other in seen.exchanges)
    if item.ending is None or left:
        return []
    return [finding("quit-unanswered", f"{seen.target.where} does not answer QUIT.")]


def _greeting(seen: SessionObservation) -> tuple[Finding, ...]:
    item = seen.last(Phase.GREETING)
    if item is None or item.reply is None or item.ending is not None:
        return ()
    if item.reply.first_digit != 2:
        return judge_refusal(seen, item)
    if item.seconds < SLOW_GREETING:
        return ()
    code = "greeting-slow" if item.seconds <= VERY_SLOW_GREETING else "greeting-very-slow"
    return (finding(code, f"{seen.target.where} took {item.seconds:.0f} s for its greeting."),)


def _ehlo(seen: SessionObservation) -> tuple[Finding, ...]:
    found: list[Finding] = []
    name = seen.envelope.ehlo
    literal = parse_ip(name.strip("[]").removeprefix("IPv6:")) if name.startswith("[") else None
    if literal is not None and not literal.is_global and not seen.settings.ehlo:
        found.append(
            finding("ehlo-name-private", f"This machine greets with {visible(name)}: it has no better name.")
        )
    items = [item for item in seen.exchanges if item.phase is Phase.EHLO and not item.tls]
    for item in items:
        if item.reply is None or item.ending is not None or item.reply.first_digit == 2:
            continue
        helo_follows = (item.command or b"").startswith(b"EHLO") and item.reply.first_digit == 5
        if helo_follows and any((other.command or b"").startswith(b"HELO") for other in items):
            message = f"{seen.target.where} refuses EHLO; HELO was tried."
            found.append(finding("ehlo-rejected", message, evidence=reply_texts.lines(item.reply)))
        else:
            found += judge_refusal(seen, item)
    return tuple(found)


def _starttls(
    seen: SessionObservation, trust: TrustStore, now: datetime, names: tuple[str, ...]
) -> tuple[Finding, ...]:
    strict = seen.settings.tls in (TlsPolicy.REQUIRE, TlsPolicy.IMPLICIT)
    where, found = seen.target.where, list[Finding]()
    first = offered(seen.exchanges).first
    if first is not None and "STARTTLS" not in first and seen.settings.tls is not TlsPolicy.IMPLICIT:
        found.append(finding("starttls-not-offered", f"{where} does not offer STARTTLS.", strict=strict))
    item = seen.last(Phase.STARTTLS)
    if item is not None and item.reply is not None and item.ending is None and item.reply.first_digit != 2:
        lines = reply_texts.lines(item.reply)
        message = f"{where} offers STARTTLS and then refuses it."
        told = explain(item.reply, Phase.STARTTLS)
        known = told if told is not None and told.settled else None
        meaning, advice = (known.meaning, known.advice) if known is not None else (None, None)
        found.append(
            finding("starttls-refused", message, evidence=lines, meaning=meaning, advice=advice, strict=strict)
        )
    if seen.tls is not None:
        if seen.tls.injected:
            message = f"{where} sent {seen.tls.injected_size} octets in clear behind its reply to STARTTLS."
            extra = tuple(visible(line) for line in seen.tls.injected.splitlines()[:20])
            found.append(finding("starttls-injection", message, evidence=extra, strict=strict))
        if seen.tls.session is None:
            message = f"The TLS handshake with {where} failed: {visible(seen.tls.error)}."
            found.append(finding("tls-handshake-failed", message, strict=strict))
        else:
            found += judge_tls(seen.tls.session, trust, now, names, strict=strict)
    for again in seen.exchanges:
        refused = again.phase is Phase.EHLO and again.tls and again.reply is not None and again.ending is None
        if refused and again.reply is not None and again.reply.first_digit != 2:
            found += judge_refusal(seen, again)
    return tuple(found)


def _mail(seen: SessionObservation) -> tuple[Finding, ...]:
    if seen.smtputf8_missing:
        return (
            finding("smtputf8-not-offered", f"{seen.target.where} does not offer SMTPUTF8: no MAIL was sent."),
        )
    return _refused(seen, Phase.MAIL)


def _rcpt(seen: SessionObservation) -> tuple[Finding, ...]:
    item = seen.last(Phase.RCPT)
    if item is not None and item.reply is not None and item.ending is None and item.reply.first_digit == 2:
        message = (
            f"{seen.target.where} accepts {visible(seen.envelope.recipient)} at RCPT. That does not cover"
            " checks of the content, recipient checks after DATA and later bounces."
        )
        return (finding("recipient-accepted", message, evidence=reply_texts.lines(item.reply)),)
    return _refused(seen, Phase.RCPT)


def _refused(seen: SessionObservation, phase: Phase) -> tuple[Finding, ...]:
    item = seen.last(phase)
    if item is None or item.reply is None or item.ending is not None or item.reply.first_digit == 2:
        return ()
    return judge_refusal(seen, item)
