"""What a session came to, as data: a table of hosts is drawn from it, and nobody reads a sentence for it. Pure."""

from collections.abc import Collection
from datetime import UTC, datetime

from smtpdiag_tui.checks.session.certificate_facts import fingerprint, name_words
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.checks.session.certificates import days_left, is_judged
from smtpdiag_tui.checks.session.session import ConnectError, Ending, Exchange, Phase, SessionObservation
from smtpdiag_tui.checks.session.software import software_of
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

_CONNECT = {
    ConnectError.REFUSED: SessionEnd.CONNECTION_REFUSED,
    ConnectError.TIMEOUT: SessionEnd.TIMEOUT,
    ConnectError.UNREACHABLE: SessionEnd.UNREACHABLE,
    ConnectError.RESET: SessionEnd.RESET,
    ConnectError.NO_ROUTE: SessionEnd.NO_ROUTE,
    ConnectError.UNUSABLE: SessionEnd.UNUSABLE,
    ConnectError.NO_SOCKET: SessionEnd.NO_SOCKET,
}
_ENDINGS = {
    Ending.TIMEOUT: SessionEnd.TIMEOUT,
    Ending.CLOSED: SessionEnd.CLOSED,
    Ending.RESET: SessionEnd.RESET,
    Ending.TOO_LONG: SessionEnd.NO_SMTP,
    Ending.MALFORMED: SessionEnd.NO_SMTP,
}
_VERDICTS = {  # the gravest first
    "certificate-expired": CertificateVerdict.EXPIRED,
    "certificate-untrusted": CertificateVerdict.UNTRUSTED,
    "certificate-name-mismatch": CertificateVerdict.NAME_MISMATCH,
    "certificate-malformed": CertificateVerdict.MALFORMED,
}


def told_of_session(
    seen: SessionObservation, host: str, codes: Collection[str], trust: TrustStore, now: datetime
) -> SessionFacts:
    """Return what a session came to where its address stands for `host`; `codes` are what was found of its TLS."""
    greeting = seen.last(Phase.GREETING)
    software = "" if greeting is None or greeting.answer is None else software_of(greeting.answer)
    tls = None if seen.tls is None else seen.tls.session
    end, reply = _end(seen)
    if tls is None:
        return SessionFacts(end, reply, software=software)
    certificate = _certificate(tls, host, codes, trust)
    days = days_left(tls, now)
    return SessionFacts(end, reply, visible(tls.protocol), certificate, days, software, *_leaf(tls))


def _leaf(tls: TlsSession) -> tuple[str, str, str]:
    """Return when the server's certificate expires, its subject and its fingerprint, "" for what is not known."""
    if not tls.chain:
        return "", "", ""
    leaf = read(tls.chain[0])
    expires = f"{leaf.ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if leaf.ends is not None else ""
    return expires, name_words(leaf.subject) if leaf.subject is not None else "", fingerprint(leaf)


def _end(seen: SessionObservation) -> tuple[SessionEnd, str]:
    """Return how the session ended, and the code of the reply that it ended with."""
    if seen.connect_error is not None:
        return _CONNECT[seen.connect_error], ""
    if seen.smtputf8_missing:
        return SessionEnd.SMTPUTF8_MISSING, ""
    if seen.tls_missing:
        return SessionEnd.TLS_MISSING, ""
    if not seen.before_quit:
        failed = seen.tls is not None and seen.tls.session is None
        return (SessionEnd.TLS_FAILED if failed else SessionEnd.CLOSED), ""
    last = seen.before_quit[-1]
    if last.ending is not None or last.reply is None:
        return _ENDINGS.get(last.ending or Ending.CLOSED, SessionEnd.CLOSED), ""
    return _by_class(last, last.reply), code_of(last.reply)


def _by_class(last: Exchange, reply: Reply) -> SessionEnd:
    if reply.first_digit == 2:
        return SessionEnd.ACCEPTED if last.phase is Phase.RCPT else SessionEnd.CLOSED
    if last.phase is Phase.GREETING:
        return SessionEnd.GREETING_REFUSED
    return SessionEnd.DEFERRED if reply.first_digit == 4 else SessionEnd.REJECTED


def code_of(reply: Reply) -> str:
    """Return the code of a reply, with the enhanced one (RFC 3463) where it has one: `550 5.1.1`, `250`."""
    enhanced = reply.enhanced_status
    return f"{reply.code} {enhanced}" if enhanced else str(reply.code)


def _certificate(
    tls: TlsSession, host: str, codes: Collection[str], trust: TrustStore
) -> tuple[CertificateVerdict, ...]:
    wrong = tuple(verdict for code, verdict in _VERDICTS.items() if code in codes)
    if wrong:
        return wrong
    return (CertificateVerdict.VERIFIED if is_judged(tls, trust, host) else CertificateVerdict.NOT_JUDGED,)
