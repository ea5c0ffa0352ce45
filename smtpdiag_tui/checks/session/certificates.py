"""Judging a TLS session: protocol, chain, dates and name, each by itself (RFC 5280, RFC 9525). Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from OpenSSL import crypto

from smtpdiag_tui.checks.session.certificate_facts import cut, name_words, names_words, tls_facts
from smtpdiag_tui.checks.session.certificate_form import COMMON_IN_ROOTS, Defect, defects, quietly
from smtpdiag_tui.checks.session.certificate_reading import Certificate, read
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.smtp.extensions import offered

OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL: dates are judged apart, so that expiry hides no unknown issuer.
_NO_CHECK_TIME = 0x200000
_SHOWN_NAMES = 8
_SHOWN_DEFECTS = 20
_SHORT = 40  # characters of an issuer's name in a sentence
_UNVERIFIED = frozenset({"certificate-untrusted", "certificate-expired", "certificate-name-mismatch"})
SOON = 14  # days: whoever renews by machine has done so long before


def judge_tls(
    session: TlsSession, trust: TrustStore, now: datetime, names: Sequence[str], *, strict: bool = False
) -> tuple[Finding, ...]:
    """Return the findings of one handshake: what was agreed on, and all that is wrong with the certificate.

    `names` are the MX host names (or `[address]`) to fit. For a name that was not the one asked for (SNI), a
    certificate that does not hold it says nothing. `strict` makes the warnings failures.
    """
    chain = [read(octets) for octets in session.chain]
    found: list[Finding] = []
    if session.protocol in OLD_PROTOCOLS:
        message = f"The session uses {visible(session.protocol)}."
        found.append(finding("tls-protocol-old", message, strict=strict))
    remarks: list[str] = []
    if not chain or not chain[0].readable:
        message = "The certificate presented cannot be read." if chain else "No certificate was presented."
        found.append(finding("certificate-untrusted", message, strict=strict))
    else:
        found += _judge_form(chain, names, strict=strict)
        found += _judge_trust(session, chain, trust, remarks, strict=strict)
        found += _judge_dates(chain, now, strict=strict)
        found += _judge_names(session, chain[0], names, remarks, strict=strict)
    message = f"TLS is up: {visible(session.protocol)}, {visible(session.cipher)}."
    evidence = tls_facts(session, chain, now)
    return (finding("tls-established", " ".join([message, *remarks]), evidence=evidence), *found)


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
    if _store(trust) is None:
        return ""
    for problem in judge_tls(session, trust, now, (name,)):
        if problem.code in _UNVERIFIED:
            return problem.message.rstrip(".")
    if _asked_for(session, name) or _holds(read(session.chain[0]), name):
        return None
    return ""


def is_judged(session: TlsSession, trust: TrustStore, name: str) -> bool:
    """Whether a handshake tells at all if the certificate of `name` is verified; False without a readable one."""
    if _store(trust) is None or not session.chain or not (leaf := read(session.chain[0])).readable:
        return False
    return _holds(leaf, name) or (_asked_for(session, name) and not name.startswith("["))


def days_left(session: TlsSession, now: datetime) -> int | None:
    """Return in how many whole days the certificate presented expires, less than 0 for one that has.

    None without one, or where its end cannot be read.
    """
    ends = read(session.chain[0]).ends if session.chain else None
    if ends is None:
        return None
    now = now.astimezone(UTC)
    return (ends - now).days if ends >= now else -((now - ends).days)


def _asked_for(session: TlsSession, name: str) -> bool:
    """Whether the certificate presented is that of `name`: it, or no name at all, was asked for (SNI)."""
    return session.server_name is None or session.server_name.lower() == name.lower()


def _holds(certificate: Certificate, name: str) -> bool:
    return any(matches(pattern, name) for pattern in certificate.names)


def _judge_form(chain: Sequence[Certificate], names: Sequence[str], *, strict: bool) -> tuple[Finding, ...]:
    """Judge what OpenSSL let pass and a strict parser would not; one finding for the whole chain."""
    wrong: list[tuple[int, Defect]] = []
    for place, certificate in enumerate(chain):
        wrong.extend((place, defect) for defect in _defects(certificate, place))
    if not wrong:
        return ()
    place, first = wrong[0]
    whose = "Certificate" if place == 0 else f"Issuer certificate {_short_name(chain[place])}"
    lines = [_defect_line(place, defect) for place, defect in wrong[:_SHOWN_DEFECTS]]
    if len(wrong) > _SHOWN_DEFECTS:
        lines.append(f"{len(wrong) - _SHOWN_DEFECTS} more defects")
    advice = f"MX administrator: replace the certificate of {visible(names[0])}." if names else None
    message = f"{whose} is malformed: {first.words}"
    return (finding("certificate-malformed", message, evidence=tuple(lines), advice=advice, strict=strict),)


def _defect_line(place: int, defect: Defect) -> str:
    which = "certificate" if place == 0 else f"issuer certificate {place}"
    details = f" ({defect.details})" if defect.details else ""
    return f"{which}: {defect.words}{details}"


def _defects(certificate: Certificate, place: int) -> tuple[Defect, ...]:
    """Return what counts of a certificate's defects: a root that is presented too need not be perfect."""
    found = defects(certificate.octets)
    if place > 0 and certificate.self_issued:
        return tuple(defect for defect in found if defect.words not in COMMON_IN_ROOTS)
    return found


def _short_name(certificate: Certificate) -> str:
    return cut(name_words(certificate.subject), _SHORT)


def _judge_trust(
    session: TlsSession, chain: Sequence[Certificate], trust: TrustStore, remarks: list[str], *, strict: bool
) -> tuple[Finding, ...]:
    store = _store(trust)
    if store is None:
        remarks.append("This machine trusts no authority at all, so that trust is not judged.")
        return ()
    leaf = chain[0]
    problem = _verify(session.chain, store)
    if problem is not None and leaf.self_issued:
        problem = "it is self-signed"
    if problem is None and not _dates_are_strict(chain):
        problem = "a date in its chain is not in the form that verifiers accept"
    if problem is None:
        return ()
    message = f"The certificate is not trusted: {visible(problem)}."
    evidence = (f"issuer {name_words(leaf.issuer)}",)
    return (finding("certificate-untrusted", message, evidence=evidence, strict=strict),)


def _dates_are_strict(chain: Sequence[Certificate]) -> bool:
    """Whether verifiers take the dates; those of a root do not count, since they use their own copy of it."""
    leaf = chain[0]
    counting = [certificate for certificate in chain if certificate is leaf or not certificate.self_issued]
    return all(certificate.strict_dates for certificate in counting if certificate.readable)


def _verify(chain: Sequence[bytes], store: crypto.X509Store) -> str | None:
    """Return why the chain does not lead to a trusted authority, dates aside; None if it does."""
    leaf = _loaded(chain[0])
    if leaf is None:
        return "OpenSSL cannot read it"
    issuers = [certificate for certificate in map(_loaded, chain[1:]) if certificate is not None]
    try:
        quietly(crypto.X509StoreContext(store, leaf, issuers).verify_certificate)
    except crypto.X509StoreContextError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - what a stranger's certificate makes the library raise is his own defect
        return "OpenSSL cannot verify it"
    return None


def _loaded(octets: bytes) -> crypto.X509 | None:
    try:
        return quietly(lambda: crypto.load_certificate(crypto.FILETYPE_ASN1, octets))
    except Exception:  # noqa: BLE001 - as above
        return None


@lru_cache(maxsize=4)
def _store(trust: TrustStore) -> crypto.X509Store | None:
    """Return the authorities, read once: a system's file holds some hundred. None where there are none to read."""
    if trust.empty:
        return None
    store = crypto.X509Store()
    try:
        if trust.cafile or trust.capath:
            store.load_locations(trust.cafile, trust.capath)
        for octets in trust.certificates:
            store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, octets))
    except crypto.Error:
        return None
    store.set_flags(_NO_CHECK_TIME)
    return store


def _judge_dates(chain: Sequence[Certificate], now: datetime, *, strict: bool) -> tuple[Finding, ...]:
    now = now.astimezone(UTC)
    soon: list[Finding] = []
    for place, certificate in enumerate(chain):
        what = "The certificate" if place == 0 else f"The issuer's certificate ({_short_name(certificate)})"
        begins, ends = certificate.begins, certificate.ends
        if ends is not None and ends < now:
            message = f"{what} expired on {ends:%Y-%m-%d}, {(now - ends).days} days ago."
            return (finding("certificate-expired", message, strict=strict),)
        if begins is not None and begins > now:
            message = f"{what} is not valid before {begins:%Y-%m-%d}."
            return (finding("certificate-expired", message, strict=strict),)
        if ends is not None and (days := (ends - now).days) < SOON:
            message = f"{what} expires on {ends:%Y-%m-%d}, {counted(days, 'day')} from now."
            soon.append(finding("certificate-expires-soon", message))
    return tuple(soon[:1])


def _judge_names(
    session: TlsSession, leaf: Certificate, names: Sequence[str], remarks: list[str], *, strict: bool
) -> tuple[Finding, ...]:
    shown = names_words(leaf, _SHOWN_NAMES)
    found: list[Finding] = []
    for name in names:
        if _holds(leaf, name):
            continue
        if name.startswith("[") and not any(map(parse_ip, leaf.names)):
            remarks.append("The host has no name here, only an address: the certificate's name is not judged.")
            continue
        if not _asked_for(session, name):
            remarks.append(
                f"Which certificate {visible(name)} has is not known: {session.server_name} was asked for."
            )
            continue
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
