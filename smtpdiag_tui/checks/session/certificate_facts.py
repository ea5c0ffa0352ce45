"""What a handshake agreed on and what its certificates say, in full, as lines of evidence. Pure."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import SignatureAlgorithmOID

from smtpdiag_tui.checks.session import der
from smtpdiag_tui.checks.session.certificate_form import quietly
from smtpdiag_tui.checks.session.certificate_reading import COMMON_NAME, ORGANISATION, Attribute, Certificate, Name
from smtpdiag_tui.network.seam import TlsSession
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible

_SHOWN_NAMES = 20
_SHOWN_CERTIFICATES = 10  # a server may present hundreds
_LONGEST = 255  # characters of one name, as many as a domain name may have (RFC 1035 §2.3.4)
_LONGEST_NAME = 1000  # characters of a subject or issuer
_SHOWN_PARTS = 50  # of a subject or issuer
_LONGEST_SERIAL = 64  # digits
_LONGEST_EXPONENT = 64  # bits
_RSA = "1.2.840.113549.1.1.1"
_SHORT_NAMES = {  # RFC 4514 §3
    COMMON_NAME: "CN",
    ORGANISATION: "O",
    "2.5.4.11": "OU",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
_OLD_KEY_EXCHANGES = {
    "ECDHE": "ECDHE",
    "DHE": "DHE",
    "EDH": "DHE",
    "ADH": "anonymous DH",
    "AECDH": "anonymous ECDH",
}
_SIGNATURES = {
    oid.dotted_string: name.removesuffix("_").replace("_WITH_", " with ").replace("_", "-")
    for name, oid in vars(SignatureAlgorithmOID).items()
    if isinstance(oid, ObjectIdentifier) and not name.startswith("_")
}


def tls_facts(session: TlsSession, chain: Sequence[Certificate], now: datetime) -> tuple[str, ...]:
    """Return the lines that tell of a handshake: what was agreed on, then each certificate, leaf first."""
    bits = f" ({session.bits} bits)" if session.bits else ""
    lines = [
        f"protocol {visible(session.protocol)}, cipher {visible(session.cipher)}{bits}",
        f"key exchange {key_exchange(session)}",
        f"SNI {visible(session.server_name)}" if session.server_name else "no SNI sent",
    ]
    for place, certificate in enumerate(chain[:_SHOWN_CERTIFICATES]):
        lines += _certificate(certificate, now, leaf=place == 0)
    if len(chain) > _SHOWN_CERTIFICATES:
        lines.append(f"{len(chain)} certificates in all")
    return tuple(lines)


def key_exchange(session: TlsSession) -> str:
    """Return how the key was agreed on: the group, if the library tells it, else what the protocol gives away.

    TLS 1.3 has ephemeral key exchange alone (RFC 8446 §1.2); before it, the cipher suite names the method.
    """
    group = f", group {visible(session.group)}" if session.group else ""
    if session.protocol == "TLSv1.3":
        return f"ephemeral{group or ', group not known'}"
    first = re.split(r"[-_]", session.cipher.removeprefix("TLS_"))[0]
    return f"{_OLD_KEY_EXCHANGES.get(first, 'RSA, without forward secrecy')}{group}"


def key_words(certificate: Certificate) -> str:
    """Return type and size of a certificate's key, such as `RSA 2048 bits` or `EC secp256r1`."""
    octets = certificate.key or b""
    try:
        key = quietly(lambda: serialization.load_der_public_key(octets))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return _rejected_key(octets)
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size} bits"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case _:
            return "unknown key"


def _rejected_key(octets: bytes) -> str:
    """Return what a key says of itself that the library does not take: RSA's size and exponent."""
    try:
        algorithm, bits = list(der.elements(der.only(octets, der.SEQUENCE).contents))[:2]
        if der.oid_text(der.only(algorithm.contents, der.OID).contents) != _RSA:
            return "unknown key"
        numbers = list(der.elements(der.only(bits.contents[1:], der.SEQUENCE).contents))
        modulus, exponent = map(der.integer, numbers[:2])
    except ValueError:
        return "unknown key"
    size = f"RSA {modulus.bit_length()} bits"
    if exponent.bit_length() > _LONGEST_EXPONENT:
        return f"{size}, exponent of {exponent.bit_length()} bits"
    return f"{size}, exponent {exponent}"


def fingerprint(certificate: Certificate) -> str:
    """Return the SHA-256 of a certificate's DER, in lower-case hexadecimal."""
    return hashlib.sha256(certificate.octets).hexdigest()


def name_words(name: Name | None) -> str:
    """Return a subject or issuer in one printable line, the last part first (RFC 4514)."""
    if name is None:
        return "(unreadable)"
    last_first = reversed(name.parts[-_SHOWN_PARTS:])
    parts = ["+".join(map(_attribute_words, part)) for part in last_first]
    return cut(",".join(parts), _LONGEST_NAME) or "(empty)"


def _attribute_words(attribute: Attribute) -> str:
    kind, text = _SHORT_NAMES.get(attribute.kind, attribute.kind), der.text(attribute.value)
    if text is None:
        return f"{kind}=#{attribute.value.whole[:_LONGEST].hex()}"
    text = re.sub(r'([\\"+,;<>])', r"\\\1", text[:_LONGEST_NAME]).replace("\0", "\\00")
    if len(text) > 1 and text.endswith(" "):
        text = f"{text[:-1]}\\ "
    return f"{kind}=\\{text}" if text[:1] in ("#", " ") else f"{kind}={text}"


def issuer_words(certificate: Certificate) -> str:
    """Return who issued a certificate, in short: its organisation, else its common name, else the whole name."""
    if certificate.issuer is None:
        return "(unreadable)"
    for kind in (ORGANISATION, COMMON_NAME):
        for text in certificate.issuer.texts(kind):
            return cut(text)
    return name_words(certificate.issuer)


def names_words(certificate: Certificate, most: int = _SHOWN_NAMES) -> str:
    """Return the names that a certificate is for in one printable line: the first of them, and how many more."""
    names = certificate.names
    words = ", ".join(map(cut, names[:most])) or "none"
    return f"{words} and {len(names) - most} more" if len(names) > most else words


def cut(text: str, most: int = _LONGEST) -> str:
    """Return a stranger's text printable, and not longer than a line of evidence may be."""
    printable = visible(text[: most + 1])
    return printable if len(printable) <= most else f"{printable[: most - 1]}…"


def _certificate(certificate: Certificate, now: datetime, *, leaf: bool) -> list[str]:
    if not certificate.readable:
        return ["a certificate that cannot be read", f"  SHA-256 {fingerprint(certificate)}"]
    lines = [f"subject {name_words(certificate.subject)}, issuer {name_words(certificate.issuer)}"]
    if leaf:
        lines.append(f"  names {names_words(certificate)}")
    algorithm = certificate.algorithm or "unknown"
    return [
        *lines,
        f"  valid {_validity(certificate, now)}",
        f"  key {key_words(certificate)}, signature {_SIGNATURES.get(algorithm, algorithm)}",
        f"  serial {cut(f'{certificate.serial or 0:x}', _LONGEST_SERIAL)}",
        f"  SHA-256 {fingerprint(certificate)}",
    ]


def _validity(certificate: Certificate, now: datetime) -> str:
    days = f"{_day(certificate.begins)} to {_day(certificate.ends)}"
    if certificate.ends is None:
        return days
    left = certificate.ends - now
    if left.total_seconds() < 0:
        return f"{days} (expired {counted((-left).days, 'day')} ago)"
    return f"{days} ({counted(left.days, 'day')} left)"


def _day(date: datetime | None) -> str:
    return "(unreadable)" if date is None else f"{date:%Y-%m-%d}"
