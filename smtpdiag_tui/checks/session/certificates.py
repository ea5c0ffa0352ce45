"""Judging a TLS session: protocol, chain, dates and name, each by itself (RFC 5280, RFC 9525). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from OpenSSL import crypto

from smtpdiag_tui.checks.session.certificate_facts import cut, name_words, names_words, tls_facts
from smtpdiag_tui.checks.session.certificate_form import COMMON_IN_ROOTS, Defect, defects, quietly
from smtpdiag_tui.checks.session.certificate_reading import Certificate, read
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.smtp.extensions import offered

OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL: dates are judged apart, so that expiry hides no unknown issuer.
_NO_CHECK_TIME = 0x200000
# X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ..._LOCALLY and X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
_NO_ISSUER = frozenset({2, 20, 21})
_SHOWN_NAMES = 8
_SHOWN_DEFECTS = 20
_SHORT = 40  # characters of an issuer's name
_UNVERIFIED = frozenset({"certificate-untrusted", "certificate-expired", "certificate-name-mismatch"})
SOON = 14  # days: automatic renewal is long done by then


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong with a certificate: in a headline that names the host, and in a few words beside its name."""

    code: str
    headline: str
    short: str
    evidence: tuple[str, ...] = ()


def judge_tls(
    session: TlsSession, trust: TrustStore, now: datetime, names: Sequence[str], *, strict: bool = False
) -> tuple[Finding, ...]:
    """Return the findings about a TLS session, each fault apart; one that says what was agreed on is the first.

    `names` are the MX host names (or `[address]`) to fit. For a name that was not the one asked for (SNI), a
    certificate that does not hold it says nothing. `strict` makes the warnings failures.
    """
    host = _host(names)
    chain = [read(octets) for octets in session.chain]
    found: list[Finding] = []
    remarks: list[str] = []
    if session.protocol in OLD_PROTOCOLS:
        message = f"{host} negotiated outdated {visible(session.protocol)}"
        found.append(finding("tls-protocol-old", message, strict=strict))
    if chain and chain[0].readable:
        found += _judge_form(chain, names, strict=strict)
    for problem in _problems(session, chain, trust, now, names, remarks):
        found.append(finding(problem.code, problem.headline, evidence=problem.evidence, strict=strict))
    message = f"{host} negotiated {visible(session.protocol)}"
    evidence = tls_facts(session, chain, now)
    meaning = " ".join(remarks) or None
    return (finding("tls-established", message, evidence=evidence, meaning=meaning), *found)


def _host(names: Sequence[str]) -> str:
    return visible(names[0]) if names else "The server"


def _problems(
    session: TlsSession,
    chain: Sequence[Certificate],
    trust: TrustStore,
    now: datetime,
    names: Sequence[str],
    remarks: list[str],
) -> list[_Problem]:
    """Return what is wrong with trust, dates and names; `remarks` take in what could not be checked."""
    host = _host(names)
    if not chain:
        return [_Problem("certificate-untrusted", f"{host} presented no certificate", "no certificate")]
    if not chain[0].readable:
        headline = f"Certificate of {host} cannot be read"
        return [_Problem("certificate-untrusted", headline, "certificate cannot be read")]
    return [
        *_untrusted(session, chain, trust, host, remarks),
        *_out_of_date(chain, now, host),
        *_mismatches(session, chain[0], names, remarks),
    ]


def unverified(seen: SessionObservation, trust: TrustStore, now: datetime, name: str) -> str | None:
    """Say why a sender that insists on TLS with a verified certificate for `name` does not go on at this address.

    None if it does, or does not get so far; the empty text if that is not known.
    """
    if seen.tls is not None:
        if seen.tls.session is None:
            return f"TLS handshake failed: {visible(seen.tls.error)}"
        return why_unverified(seen.tls.session, trust, now, name)
    greeted = seen.last(Phase.EHLO)
    if greeted is None or greeted.reply is None or greeted.reply.first_digit != 2:
        return None  # it ends there for every sender alike
    first = offered(seen.exchanges).first
    if first is None:
        return ""
    if "STARTTLS" not in first:
        return "STARTTLS not offered"
    return "STARTTLS refused" if seen.last(Phase.STARTTLS) is not None else ""


def why_unverified(session: TlsSession, trust: TrustStore, now: datetime, name: str) -> str | None:
    """Say in a few words why a certificate presented is not verified for `name`; "" if that is not known."""
    if _store(trust) is None:
        return ""
    chain = [read(octets) for octets in session.chain]
    for problem in _problems(session, chain, trust, now, (name,), []):
        if problem.code in _UNVERIFIED:
            return problem.short
    if _asked_for(session, name) or _holds(chain[0], name):
        return None
    return ""


def out_of_date(chain: Sequence[bytes], now: datetime) -> str:
    """Say in a clause that a certificate of a chain is not valid now; "" where all are."""
    problems = _out_of_date([read(octets) for octets in chain], now, "")
    return next((problem.short for problem in problems if problem.code == "certificate-expired"), "")


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
    whose = "Certificate" if place == 0 else "Issuer certificate"
    lines = [_defect_line(place, defect) for place, defect in wrong[:_SHOWN_DEFECTS]]
    if len(wrong) > _SHOWN_DEFECTS:
        lines.append(f"{len(wrong) - _SHOWN_DEFECTS} more defects")
    host = _host(names)
    advice = Action(f"MX administrator of {host}", f"replace the certificate of {host}.") if names else None
    message = f"{whose} of {host} is malformed: {first.words}"
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


def _untrusted(
    session: TlsSession, chain: Sequence[Certificate], trust: TrustStore, host: str, remarks: list[str]
) -> Iterator[_Problem]:
    store = _store(trust)
    if store is None:
        remarks.append("This host trusts no certificate authority, so trust was not checked.")
        return
    leaf = chain[0]
    problem = _verify(session.chain, store)
    if problem is not None and leaf.self_issued:
        problem = "self-signed"
    if problem is None and not _dates_are_strict(chain):
        problem = "date in a form that verifiers reject"
    if problem is not None:
        why = f"not trusted ({visible(problem)})"
        evidence = (f"issuer {name_words(leaf.issuer)}",)
        yield _Problem("certificate-untrusted", f"Certificate of {host} is {why}", f"certificate {why}", evidence)


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
        return "unknown issuer" if error.errors and error.errors[0] in _NO_ISSUER else str(error)
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


def _out_of_date(chain: Sequence[Certificate], now: datetime, host: str) -> list[_Problem]:
    """Return the first certificate that is not valid now, else the first that soon will not be."""
    now = now.astimezone(UTC)
    soon: list[_Problem] = []
    for place, certificate in enumerate(chain):
        what = "certificate" if place == 0 else "issuer certificate"
        evidence = () if place == 0 else (f"issuer {_short_name(certificate)}",)
        begins, ends = certificate.begins, certificate.ends
        if ends is not None and ends < now:
            return [_dated("certificate-expired", what, host, _ago(ends, now), (*evidence, _valid(certificate)))]
        if begins is not None and begins > now:
            words = f"is not valid before {begins:%Y-%m-%d}"
            return [_dated("certificate-expired", what, host, words, (*evidence, _valid(certificate)))]
        if ends is not None and (days := (ends - now).days) < SOON:
            words = f"expires in {counted(days, 'day')}" if days else "expires within a day"
            soon.append(_dated("certificate-expires-soon", what, host, words, (*evidence, _valid(certificate))))
    return soon[:1]


def _dated(code: str, what: str, host: str, words: str, evidence: tuple[str, ...]) -> _Problem:
    return _Problem(code, f"{what[:1].upper()}{what[1:]} of {host} {words}", f"{what} {words}", evidence)


def _ago(ends: datetime, now: datetime) -> str:
    days = (now - ends).days
    return f"expired {counted(days, 'day')} ago" if days else "expired less than a day ago"


def _valid(certificate: Certificate) -> str:
    begins, ends = certificate.begins, certificate.ends
    first = f"from {begins:%Y-%m-%d %H:%M:%S} UTC " if begins is not None else ""
    last = f"to {ends:%Y-%m-%d %H:%M:%S} UTC" if ends is not None else ""
    return f"valid {first}{last}".rstrip()


def _mismatches(
    session: TlsSession, leaf: Certificate, names: Sequence[str], remarks: list[str]
) -> Iterator[_Problem]:
    shown = names_words(leaf, _SHOWN_NAMES)
    for name in names:
        if _holds(leaf, name):
            continue
        if name.startswith("[") and not any(map(parse_ip, leaf.names)):
            remarks.append("The host is an IP address, so the name of the certificate was not checked.")
            continue
        if not _asked_for(session, name):
            remarks.append(
                f"Whether the certificate of {visible(name)} matches could not be determined:"
                f" {session.server_name} was requested (SNI)."
            )
            continue
        holds = f"it names {names_words(leaf, 1)}" if leaf.names else "it names no host"
        headline = f"Certificate does not match {visible(name)} ({holds})"
        short = f"certificate does not match ({holds})"
        yield _Problem("certificate-name-mismatch", headline, short, (f"names in it: {shown}",))


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
