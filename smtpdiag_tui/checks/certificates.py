"""Judging a TLS session: protocol, chain, dates and name, each by itself (RFC 5280, RFC 9525). Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from OpenSSL import crypto

from smtpdiag_tui.checks.certificate_facts import certificate_names, load, name_words, tls_facts
from smtpdiag_tui.checks.session import Phase, SessionObservation
from smtpdiag_tui.findings import Finding, finding
from smtpdiag_tui.network import TlsSession, TrustStore
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.smtp.extensions import offered
from smtpdiag_tui.transcript import visible

OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL: dates are judged apart, so that expiry hides no unknown issuer.
_NO_CHECK_TIME = 0x200000
_SHOWN_NAMES = 8
_UNVERIFIED = frozenset({"certificate-untrusted", "certificate-expired", "certificate-name-mismatch"})
SOON = 14  # days: whoever renews by machine has done so long before


def judge_tls(
    session: TlsSession, trust: TrustStore, now: datetime, names: Sequence[str], *, strict: bool = False
) -> tuple[Finding, ...]:
    """Return the findings of one handshake: what was agreed on, and all that is wrong with the certificate.

    `names` are the MX host names (or `[address]`) to fit. For a name that was not the one asked for (SNI), a
    certificate that does not hold it says nothing. `strict` makes the warnings failures.
    """
    chain = [item for item in (load(der) for der in session.chain) if item is not None]
    found: list[Finding] = []
    if session.protocol in OLD_PROTOCOLS:
        message = f"The session uses {visible(session.protocol)}."
        found.append(finding("tls-protocol-old", message, strict=strict))
    remarks: list[str] = []
    if not chain:
        message = "The certificate presented cannot be read." if session.chain else "No certificate was presented."
        found.append(finding("certificate-untrusted", message, strict=strict))
    else:
        found += _judge_trust(session, chain, trust, remarks, strict=strict)
        found += _judge_dates(chain, now, strict=strict)
        found += _judge_names(session, chain[0], names, remarks, strict=strict)
    return (_established(session, chain, now, remarks), *found)


def unverified(seen: SessionObservation, trust: TrustStore, now: datetime, name: str) -> str | None:
    """Say why a sender that insists on TLS with a verified certificate for `name` does not go on at this address.

    None if it does, or does not get so far; the empty text if that is not known.
    """
    if seen.tls is not None:
        if seen.tls.session is None:
            return f"the TLS handshake failed: {visible(seen.tls.error)}"
        return _unverified(seen.tls.session, trust, now, name)
    greeted = seen.last(Phase.EHLO)
    if greeted is None or greeted.reply is None or greeted.reply.first_digit != 2:
        return None  # it ends there for every sender alike
    first = offered(seen.exchanges).first
    if first is None:
        return ""
    if "STARTTLS" not in first:
        return "STARTTLS is not offered"
    return "STARTTLS is refused" if seen.last(Phase.STARTTLS) is not None else ""


def _unverified(session: TlsSession, trust: TrustStore, now: datetime, name: str) -> str | None:
    if trust.empty:
        return ""
    bad = [item for item in judge_tls(session, trust, now, (name,)) if item.code in _UNVERIFIED]
    if bad:
        return bad[0].message.rstrip(".")
    asked = session.server_name
    return "" if asked is not None and asked.lower() != name.lower() and not _holds(session, name) else None


def _holds(session: TlsSession, name: str) -> bool:
    leaf = load(session.chain[0])
    return leaf is not None and any(matches(pattern, name) for pattern in certificate_names(leaf))


def _established(
    session: TlsSession, chain: Sequence[x509.Certificate], now: datetime, remarks: Sequence[str]
) -> Finding:
    message = f"TLS is up: {visible(session.protocol)}, {visible(session.cipher)}."
    return finding("tls-established", " ".join([message, *remarks]), evidence=tls_facts(session, chain, now))


def _judge_trust(
    session: TlsSession, chain: Sequence[x509.Certificate], trust: TrustStore, remarks: list[str], *, strict: bool
) -> tuple[Finding, ...]:
    if trust.empty:
        remarks.append("This machine trusts no authority at all, so that trust is not judged.")
        return ()
    problem = _verify(session.chain, trust)
    if problem is None:
        return ()
    leaf = chain[0]
    if leaf.issuer == leaf.subject:
        problem = "it is self-signed"
    message = f"The certificate is not trusted: {visible(problem)}."
    evidence = (f"issuer {name_words(leaf.issuer)}",)
    return (finding("certificate-untrusted", message, evidence=evidence, strict=strict),)


def _verify(ders: Sequence[bytes], trust: TrustStore) -> str | None:
    """Return why the chain does not lead to a trusted authority, dates aside; None if it does."""
    try:
        store = _store(trust)
        presented = [crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in ders]
        crypto.X509StoreContext(store, presented[0], presented[1:]).verify_certificate()
    except crypto.X509StoreContextError as error:
        return str(error)
    except (crypto.Error, ValueError):
        return "it cannot be read"
    return None


@lru_cache(maxsize=4)
def _store(trust: TrustStore) -> crypto.X509Store:
    """Return the authorities, read once: a system's file holds some hundred."""
    store = crypto.X509Store()
    if trust.cafile or trust.capath:
        store.load_locations(trust.cafile, trust.capath)
    for der in trust.certificates:
        store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
    store.set_flags(_NO_CHECK_TIME)
    return store


def _judge_dates(chain: Sequence[x509.Certificate], now: datetime, *, strict: bool) -> tuple[Finding, ...]:
    now = now.astimezone(UTC)
    soon: list[Finding] = []
    for place, certificate in enumerate(chain):
        what = "The certificate" if place == 0 else f"The issuer's certificate ({name_words(certificate.subject)})"
        ends = certificate.not_valid_after_utc
        days = (ends - now).days
        if ends < now:
            message = f"{what} expired on {ends:%Y-%m-%d}, {(now - ends).days} days ago."
            return (finding("certificate-expired", message, strict=strict),)
        if certificate.not_valid_before_utc > now:
            message = f"{what} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}."
            return (finding("certificate-expired", message, strict=strict),)
        if days < SOON:
            message = f"{what} expires on {ends:%Y-%m-%d}, {days} day{'' if days == 1 else 's'} from now."
            soon.append(finding("certificate-expires-soon", message))
    return tuple(soon[:1])


def _judge_names(
    session: TlsSession, leaf: x509.Certificate, names: Sequence[str], remarks: list[str], *, strict: bool
) -> tuple[Finding, ...]:
    held = certificate_names(leaf)
    found: list[Finding] = []
    for name in names:
        if any(matches(pattern, name) for pattern in held):
            continue
        if name.startswith("[") and not any(parse_ip(item) for item in held):
            remarks.append("The host has no name here, only an address: the certificate's name is not judged.")
            continue
        if session.server_name is not None and name.lower() != session.server_name.lower():
            remarks.append(
                f"Which certificate {visible(name)} has is not known: {session.server_name} was asked for."
            )
            continue
        shown = ", ".join(visible(item) for item in held[:_SHOWN_NAMES]) or "none"
        message = f"The certificate does not hold the name {visible(name)}."
        found.append(
            finding("certificate-name-mismatch", message, evidence=(f"names it holds: {shown}",), strict=strict)
        )
    return tuple(found)


def matches(pattern: str, name: str) -> bool:
    """Whether a certificate's name fits a host name, or `[address]`; `*` may be the whole left-most label."""
    if name.startswith("["):
        address = parse_ip(name.strip("[]"))
        return address is not None and parse_ip(pattern) == address
    pattern, name = pattern.rstrip(".").lower(), name.rstrip(".").lower()
    if pattern == name:
        return True
    head, _, rest = pattern.partition(".")
    return head == "*" and rest.count(".") >= 1 and name.partition(".")[2] == rest
