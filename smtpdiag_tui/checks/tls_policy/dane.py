"""What DANE asks of an MX host, and whether its certificates meet it (RFC 7671, RFC 7672). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.checks.session.certificates import out_of_date
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.checks.tls_policy import dane_chain, tlsa
from smtpdiag_tui.checks.tls_policy.dnssec import NOT_KNOWN, Security, State
from smtpdiag_tui.checks.tls_policy.tlsa import Tlsa
from smtpdiag_tui.network.seam import TlsSession
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.smtp.extensions import offered

NO_STARTTLS = "STARTTLS not offered, DANE requires it"
REFUSED = "STARTTLS refused, DANE requires it"
HANDSHAKE = "TLS handshake failed, DANE requires TLS"
MISMATCH = "TLSA record does not match the certificate"
LOOKUP = "TLSA lookup failed"


@dataclass(frozen=True, slots=True)
class TlsaAnswer:
    """What the TLSA question at one name came to. `base` is the host name, `why` says in a clause why it failed.

    `omitted` counts records beyond those that are kept.
    """

    base: str
    found: Found
    state: State = NOT_KNOWN
    records: tuple[str, ...] = ()
    omitted: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class HostTlsa:
    """What the DNS says of one host: the observation of its step.

    `mx` and `addresses` are the states of the MX RRset (None where no MX names the host) and of its addresses;
    `alias` that of its CNAME record alone, None where it was not asked for. `answers` are in the order in which
    they count. `names` are those that a certificate may be for, besides the name that a record stands at.
    """

    host: str
    port: int
    mx: State | None
    addresses: State
    alias: State | None = None
    answers: tuple[TlsaAnswer, ...] = ()
    names: tuple[str, ...] = ()


class Kind(StrEnum):
    """What a host's TLSA records come to."""

    NONE = "none"
    UNSIGNED = "unsigned"  # there are some, but nothing proves them
    USABLE = "usable"
    UNUSABLE = "unusable"  # TLS is required, of whomever
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a host's TLSA records come to, at which name; `certain`: a trusted resolver proved it."""

    kind: Kind
    answer: TlsaAnswer | None = None
    records: tuple[Tlsa, ...] = ()
    certain: bool = True

    @property
    def matters(self) -> bool:
        """Whether senders that enforce DANE treat the host otherwise than they treat others."""
        return self.kind in (Kind.USABLE, Kind.UNUSABLE, Kind.FAILED)


def bases(host: str, aliases: Sequence[str]) -> tuple[str, ...]:
    """Return the names whose TLSA records may count, the first to do so first: the end of the CNAMEs, the host."""
    return tuple(dict.fromkeys([*aliases[-1:], host]))


def standing(seen: HostTlsa) -> Standing:
    """Return what a host's TLSA records come to (RFC 7672 §2.2.2, §2.2.3).

    Where its addresses are not signed, its own name counts if its CNAME record is signed.
    """
    proofs = {answer.base: _proof(seen, answer.base) for answer in seen.answers}
    unsigned: TlsaAnswer | None = None
    for answer in seen.answers:
        proof = proofs[answer.base]
        if proof.claimed is Security.INSECURE:
            unsigned = unsigned or (answer if answer.records else None)
            continue
        if answer.found is Found.FAILED:
            return Standing(Kind.FAILED, answer, certain=proof.security is Security.SECURE)
        if not answer.records:
            continue
        if answer.state.claimed is Security.INSECURE:
            unsigned = unsigned or answer
            continue
        return _with_records(answer, certain=_proved(proof, answer.state))
    return Standing(Kind.UNSIGNED, unsigned) if unsigned is not None else Standing(Kind.NONE)


def _proof(seen: HostTlsa, base: str) -> State:
    """Return what proves that a name may be asked for TLSA records at all."""
    if base == seen.host and seen.addresses.claimed is Security.INSECURE and seen.alias is not None:
        return seen.alias
    return seen.addresses


def _proved(*states: State) -> bool:
    return all(state.security is Security.SECURE for state in states)


def _with_records(answer: TlsaAnswer, *, certain: bool) -> Standing:
    records = tuple(map(tlsa.parse, answer.records))
    kind = Kind.USABLE if tlsa.usable(records) else Kind.UNUSABLE
    return Standing(kind, answer, records, certain)


class Meeting(StrEnum):
    """What an address came to under the records of its host."""

    VALID = "valid"
    MISMATCH = "mismatch"
    NO_TLS = "no-tls"
    UNAUTHENTICATED = "unauthenticated"  # TLS, and no record that could be matched
    OTHER_NAME = "other-name"  # the certificate shown is that of another name (SNI)
    UNKNOWN = "unknown"
    NOT_REACHED = "not-reached"  # it ends before TLS for every sender alike


@dataclass(frozen=True, slots=True)
class Miss:
    """One usable record that a chain does not meet, and why, in a clause."""

    record: Tlsa
    why: str


@dataclass(frozen=True, slots=True)
class Met:
    """What one address came to. `why` says it in a few words, for the rows of senders; "" for nothing wrong.

    `record` is the one that matched, `misses` are those that did not, `leaf` the certificate presented.
    """

    address: str
    meeting: Meeting
    why: str = ""
    record: Tlsa | None = None
    misses: tuple[Miss, ...] = ()
    leaf: bytes = b""


def meet(place: Standing, host: HostTlsa, address: str, seen: SessionObservation | None, now: datetime) -> Met:
    """Return what an address came to, by the session that was held with it; None where none was."""
    if seen is None:
        return Met(address, Meeting.UNKNOWN)
    if seen.tls is None or seen.tls.session is None:
        return _without_tls(address, seen)
    if place.kind is Kind.UNUSABLE:
        return Met(address, Meeting.UNAUTHENTICATED, leaf=_leaf(seen.tls.session))
    return _matched(place, host, address, seen.tls.session, now)


def _without_tls(address: str, seen: SessionObservation) -> Met:
    if seen.tls is not None:
        return Met(address, Meeting.NO_TLS, HANDSHAKE)
    greeted = seen.last(Phase.EHLO)
    if greeted is None or greeted.reply is None or greeted.reply.first_digit != 2:
        return Met(address, Meeting.NOT_REACHED)
    first = offered(seen.exchanges).first
    if first is None or (seen.settings.tls is TlsPolicy.OFF and "STARTTLS" in first):
        return Met(address, Meeting.UNKNOWN)
    if "STARTTLS" not in first:
        return Met(address, Meeting.NO_TLS, NO_STARTTLS)
    command = seen.last(Phase.STARTTLS)
    if command is None:
        return Met(address, Meeting.UNKNOWN)
    if command.turned_down:
        return Met(address, Meeting.NO_TLS, REFUSED)
    return Met(address, Meeting.NOT_REACHED)  # without a reply it ends for every sender


def _leaf(session: TlsSession) -> bytes:
    return session.chain[0] if session.chain else b""


def _matched(place: Standing, host: HostTlsa, address: str, session: TlsSession, now: datetime) -> Met:
    base = place.answer.base if place.answer is not None else host.host
    names = tuple(dict.fromkeys([base, host.host, *host.names]))
    misses: list[Miss] = []
    for record in tlsa.usable(place.records):
        why = _why_not(record, session.chain, names, now)
        if why is None:
            return Met(address, Meeting.VALID, "", record, tuple(misses), _leaf(session))
        misses.append(Miss(record, why))
    if place.answer is not None and place.answer.omitted:  # one that was not kept may match
        return Met(address, Meeting.UNKNOWN, leaf=_leaf(session))
    if session.server_name is not None and session.server_name.lower() != base:
        return Met(address, Meeting.OTHER_NAME, misses=tuple(misses), leaf=_leaf(session))
    return Met(address, Meeting.MISMATCH, MISMATCH, None, tuple(misses), _leaf(session))


def _why_not(record: Tlsa, chain: Sequence[bytes], names: Sequence[str], now: datetime) -> str | None:
    """Say why a chain does not meet a record; None if it does.

    DANE-EE looks at neither name nor date (RFC 7672 §3.1.1), DANE-TA at both, and at the whole chain (§3.1.2).
    """
    if not chain:
        return "no certificate was presented"
    if record.usage == tlsa.DANE_EE:
        if tlsa.names(record, chain[0]):
            return None
        of_key = record.selector == tlsa.PUBLIC_KEY
        return "the certificate has another key" if of_key else "the certificate is another one"
    path = dane_chain.path_to(record, chain)
    if isinstance(path, str):
        return path
    wrong = dane_chain.wrong_name(chain[0], names) or out_of_date(path, now)
    return visible(wrong) if wrong else None


def unmet(place: Standing, met: Met) -> str | None:
    """Say why a sender that enforces DANE does not deliver at an address; None if it does, "" if unknown."""
    if not place.matters:
        return None
    if place.kind is Kind.FAILED:
        return LOOKUP if place.certain else ""
    if met.meeting in (Meeting.VALID, Meeting.UNAUTHENTICATED, Meeting.NOT_REACHED):
        return None
    if met.meeting in (Meeting.UNKNOWN, Meeting.OTHER_NAME):
        return ""
    return met.why if place.certain else ""
