"""TLSA records: what they say, whether SMTP can use them, and whether a certificate is what they name. Pure.

RFC 6698 §2.1 (the fields), RFC 7671 §9 (digest algorithms), RFC 7672 §3.1 (what SMTP uses).
"""

import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization

from smtpdiag_tui.checks.session.certificate_form import quietly
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible

DANE_TA, DANE_EE = 2, 3
_PKIX = {0: "PKIX-TA", 1: "PKIX-EE"}
FULL_CERTIFICATE, PUBLIC_KEY = 0, 1
EXACT, SHA256, SHA512 = 0, 1, 2
_LENGTHS = {SHA256: 32, SHA512: 64}
_SHOWN = 200  # characters of a record: a digest is shown whole, a certificate is not


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One record. `unusable` says in a clause why SMTP senders pass over it, "" for one that they use."""

    usage: int
    selector: int
    matching: int
    data: bytes = field(repr=False)
    unusable: str = ""

    @property
    def fields(self) -> str:
        """The three numbers."""
        return f"{self.usage} {self.selector} {self.matching}"

    def __str__(self) -> str:
        text = f"{self.fields} {self.data.hex()}"
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(self.data):,} bytes)"


def parse(text: str) -> Tlsa:
    """Return a record from its presentation form (RFC 6698 §2.2); one that is broken is not usable."""
    words = text.split()
    try:
        usage, selector, matching = (int(word) for word in words[:3])
        data = binascii.unhexlify("".join(words[3:]))
    except (ValueError, UnicodeEncodeError):
        return Tlsa(-1, -1, -1, b"", f"cannot be read ({visible(text[:40])})")
    return Tlsa(usage, selector, matching, data, _unusable(usage, selector, matching, data))


def _unusable(usage: int, selector: int, matching: int, data: bytes) -> str:
    if usage in _PKIX:
        return f"certificate usage {usage} ({_PKIX[usage]}) is not used for SMTP"
    if usage not in (DANE_TA, DANE_EE):
        return f"certificate usage {usage} is unknown"
    if selector not in (FULL_CERTIFICATE, PUBLIC_KEY):
        return f"selector {selector} is unknown"
    if matching not in (EXACT, SHA256, SHA512):
        return f"matching type {matching} is unknown"
    if matching in _LENGTHS and len(data) != _LENGTHS[matching]:
        return f"digest has {counted(len(data), 'byte')} instead of {_LENGTHS[matching]}"
    if matching == EXACT and not _is_whole(selector, data):
        return "data is not a certificate" if selector == FULL_CERTIFICATE else "data is not a public key"
    return ""


def _is_whole(selector: int, data: bytes) -> bool:
    if selector == FULL_CERTIFICATE:
        return read(data).readable
    return _is_key(data)


def _is_key(octets: bytes) -> bool:
    try:
        quietly(lambda: serialization.load_der_public_key(octets))
    except Exception:  # noqa: BLE001 - whatever a stranger's octets make the library raise, they are no key
        return False
    return True


def usable(records: Sequence[Tlsa]) -> tuple[Tlsa, ...]:
    """Return the records that a sender matches: of each usage and selector, digests of the strongest kind alone.

    Whole certificates and keys always count (RFC 7671 §9).
    """
    fit = [record for record in records if not record.unusable]
    strongest: dict[tuple[int, int], int] = {}
    for record in fit:
        key = record.usage, record.selector
        strongest[key] = max(strongest.get(key, EXACT), record.matching)
    return tuple(item for item in fit if item.matching in (EXACT, strongest[item.usage, item.selector]))


def names(record: Tlsa, certificate: bytes) -> bool:
    """Whether a record's data are those of a certificate (DER)."""
    data = associated(certificate, record.selector, record.matching)
    return data is not None and data == record.data


def associated(certificate: bytes, selector: int, matching: int) -> bytes | None:
    """Return the data that a record for a certificate holds; None where its key cannot be read."""
    octets = certificate if selector == FULL_CERTIFICATE else read(certificate).key
    if octets is None:
        return None
    if matching == EXACT:
        return octets
    return hashlib.sha256(octets).digest() if matching == SHA256 else hashlib.sha512(octets).digest()


def record_for(certificate: bytes) -> str:
    """Return the RDATA of the record to publish for a leaf: 3 1 1, which outlives a renewal with the same key.

    RFC 7671 §5.1 recommends it. Where the key cannot be read it names the whole certificate.
    """
    key = associated(certificate, PUBLIC_KEY, SHA256)
    if key is not None:
        return f"3 1 1 {key.hex()}"
    return f"3 0 1 {hashlib.sha256(certificate).hexdigest()}"


def owner(base: str, port: int) -> str:
    """Return the name that the records of a host stand at (RFC 6698 §3), without trailing dot."""
    return f"_{port}._tcp.{base}"
