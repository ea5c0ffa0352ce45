"""What the DNS says of an MX host and what sessions with it showed, made by hand."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.checks.session.session import Ending, Phase, SessionObservation, Target, TlsAttempt
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa, TlsaAnswer
from smtpdiag_tui.checks.tls_policy.dnssec import NOT_KNOWN, Security, State
from smtpdiag_tui.network.seam import TlsSession
from smtpdiag_tui.settings import Settings, TlsPolicy
from tests.checks.making import answer, exchange, session
from tests.checks.session.issuer import TRUSTED

HOST, DOMAIN, ADDRESS = "mx.partner.example", "partner.example", "192.0.2.25"
SECURE = State(Security.SECURE, Security.SECURE)
INSECURE = State(Security.INSECURE, Security.INSECURE)
BOGUS = State(Security.BOGUS, Security.BOGUS)
UNTRUSTED = State(Security.UNKNOWN, Security.SECURE, answer("TLSA", ("3 1 1 00",)))
UNKNOWN = NOT_KNOWN
LEAF = TRUSTED.leaf(HOST)
OTHER = "3 1 1 " + "ab" * 32


def tlsa_answer(
    *records: str, base: str = HOST, state: State = SECURE, failed: str = "", omitted: int = 0
) -> TlsaAnswer:
    """Return what came of the question at one name: records, none, or why it failed."""
    found = Found.DATA if records else Found.NODATA
    return TlsaAnswer(base, Found.FAILED if failed else found, state, records, omitted, failed)


def host(
    *answers: TlsaAnswer,
    addresses: State = SECURE,
    mx: State | None = SECURE,
    alias: State | None = None,
    names: Sequence[str] = (DOMAIN,),
) -> HostTlsa:
    """Return what the DNS says of mx.partner.example."""
    return HostTlsa(HOST, 25, mx, addresses, alias, answers, tuple(names))


def presented(*chain: bytes, sni: str | None = HOST, address: str = ADDRESS) -> SessionObservation:
    """Return a session that turned to TLS, and the chain that it was shown."""
    tls = TlsAttempt(TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", chain, sni))
    greeted = exchange(Phase.EHLO, "250-mx.partner.example", "250 STARTTLS", command=b"EHLO a.example")
    return replace(session(greeted, tls=tls), target=Target(HOST, address, 25, sni))


def in_clear(
    *lines: str, starttls: str = "", failed: str = "", policy: TlsPolicy = TlsPolicy.AUTO
) -> SessionObservation:
    """Return a session without TLS: replies to EHLO and STARTTLS (`closed` for none), or a failed handshake."""
    said = [exchange(Phase.EHLO, *lines, command=b"EHLO a.example")] if lines else []
    if starttls == "closed":
        said.append(exchange(Phase.STARTTLS, command=b"STARTTLS", ending=Ending.CLOSED))
    elif starttls:
        said.append(exchange(Phase.STARTTLS, starttls, command=b"STARTTLS"))
    settings = Settings("alice@sender.example", "bob@partner.example", tls=policy)
    return session(*said, settings=settings, tls=TlsAttempt(None, failed) if failed else None)
