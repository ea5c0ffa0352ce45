"""What a session came to, as data."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.session import (
    ConnectError,
    Ending,
    Exchange,
    Phase,
    SessionObservation,
    TlsAttempt,
)
from smtpdiag_tui.checks.session.told import told_of_session
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from tests.checks.making import exchange, session
from tests.checks.session.issuer import NOW, TRUSTED

HOST = "mx.partner.example"
TRUST = TrustStore(certificates=(TRUSTED.der,))
READY = exchange(Phase.GREETING, "220 mx.partner.example ESMTP Postfix")
EHLO = exchange(Phase.EHLO, "250 mx.partner.example", command=b"EHLO x")
QUIT = exchange(Phase.QUIT, "221 2.0.0 Bye")


def told(seen: SessionObservation, host: str = HOST, trust: TrustStore = TRUST, *codes: str) -> SessionFacts:
    return told_of_session(seen, host, codes, trust, NOW)


@pytest.mark.parametrize(
    ("last", "end", "reply"),
    [
        (exchange(Phase.RCPT, "250 2.1.5 Ok"), SessionEnd.ACCEPTED, "250 2.1.5"),
        (exchange(Phase.RCPT, "250 Ok"), SessionEnd.ACCEPTED, "250"),
        (exchange(Phase.RCPT, "450 4.2.0 later"), SessionEnd.DEFERRED, "450 4.2.0"),
        (exchange(Phase.RCPT, "550-5.1.1 no", "550 5.1.1 such user"), SessionEnd.REJECTED, "550 5.1.1"),
        (exchange(Phase.MAIL, "530 5.7.0 STARTTLS first"), SessionEnd.REJECTED, "530 5.7.0"),
        (exchange(Phase.GREETING, "554 go away"), SessionEnd.GREETING_REFUSED, "554"),
        (exchange(Phase.GREETING, "421 4.7.0 busy"), SessionEnd.GREETING_REFUSED, "421 4.7.0"),
        (Exchange(Phase.RCPT, b"RCPT", None, Ending.TIMEOUT, 5.0, 5.0), SessionEnd.TIMEOUT, ""),
        (Exchange(Phase.RCPT, b"RCPT", None, Ending.CLOSED, 5.0, 5.0), SessionEnd.CLOSED, ""),
        (Exchange(Phase.EHLO, b"EHLO x", None, Ending.RESET, 5.0, 5.0), SessionEnd.RESET, ""),
        (Exchange(Phase.RCPT, b"RCPT", None, Ending.TOO_LONG, 5.0, 5.0), SessionEnd.NO_SMTP, ""),
    ],
)
def test_a_session_ends_as_its_last_reply_before_quit_says(last: Exchange, end: SessionEnd, reply: str) -> None:
    earlier = () if last.phase is Phase.GREETING else (READY, EHLO)
    seen = told(session(*earlier, last, QUIT))
    assert (seen.end, seen.reply) == (end, reply)


@pytest.mark.parametrize("error", list(ConnectError))
def test_each_way_of_not_connecting_has_an_end_of_its_own(error: ConnectError) -> None:
    seen = told(session(connect_error=error))
    assert seen.end is not SessionEnd.CLOSED
    assert seen == SessionFacts(seen.end)


def test_what_is_missing_is_no_reply_of_the_server() -> None:
    assert told(session(READY, EHLO, smtputf8_missing=True)).end is SessionEnd.SMTPUTF8_MISSING
    assert told(session(READY, EHLO, tls_missing=True)).end is SessionEnd.TLS_MISSING
    assert told(session(tls=TlsAttempt(None, "no"))).end is SessionEnd.TLS_FAILED


def secured(*, days: int = 90, sni: str | None = HOST, name: str = HOST) -> SessionObservation:
    tls = TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", (TRUSTED.leaf(name, days=days),), sni)
    return session(READY, EHLO, exchange(Phase.RCPT, "250 ok"), tls=TlsAttempt(tls))


def test_a_certificate_is_verified_where_nothing_was_found_of_it() -> None:
    found = told(secured())
    assert found.expires
    assert found.subject
    assert found.fingerprint
    assert replace(found, expires="", subject="", fingerprint="") == SessionFacts(
        SessionEnd.ACCEPTED, "250", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90, "Postfix"
    )


def test_all_that_is_wrong_with_a_certificate_stands_there() -> None:
    seen = told(secured(days=-3), HOST, TRUST, "certificate-name-mismatch", "certificate-expired")
    assert seen.certificate == (CertificateVerdict.EXPIRED, CertificateVerdict.NAME_MISMATCH)
    assert seen.days == -3


@pytest.mark.parametrize(
    ("seen", "host", "trust"),
    [
        (secured(), HOST, TrustStore()),
        (secured(), "mx2.partner.example", TRUST),  # another name was asked for
        (secured(), "[192.0.2.25]", TRUST),
    ],
)
def test_nothing_found_is_not_verified_where_nothing_could_be(
    seen: SessionObservation, host: str, trust: TrustStore
) -> None:
    assert told(seen, host, trust).certificate == (CertificateVerdict.NOT_JUDGED,)


def test_a_certificate_that_cannot_be_read_has_no_days() -> None:
    tls = TlsSession("TLSv1.2", "x", (b"rubbish",), HOST)
    seen = told(session(READY, tls=TlsAttempt(tls)), HOST, TRUST, "certificate-untrusted")
    assert (seen.certificate, seen.days) == ((CertificateVerdict.UNTRUSTED,), None)
    without = told(session(READY, tls=TlsAttempt(TlsSession("TLSv1.2", "x", (), HOST))))
    assert (without.certificate, without.days) == ((CertificateVerdict.NOT_JUDGED,), None)
