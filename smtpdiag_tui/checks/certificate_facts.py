"""What a handshake agreed on and what its certificates say, in full, as lines of evidence. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from smtpdiag_tui.network import TlsSession
from smtpdiag_tui.transcript import visible

_SHOWN_NAMES = 20
_OLD_KEY_EXCHANGES = {
    "ECDHE": "ECDHE",
    "DHE": "DHE",
    "EDH": "DHE",
    "ADH": "anonymous DH",
    "AECDH": "anonymous ECDH",
}
_SIGNATURES = {
    oid: name.removesuffix("_").replace("_WITH_", " with ").replace("_", "-")
    for name, oid in vars(SignatureAlgorithmOID).items()
    if isinstance(oid, x509.ObjectIdentifier) and not name.startswith("_")
}


def load(der: bytes) -> x509.Certificate | None:
    """Return the certificate that `der` holds, None if it cannot be read."""
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def tls_facts(session: TlsSession, chain: Sequence[x509.Certificate], now: datetime) -> tuple[str, ...]:
    """Return the lines that tell of a handshake: what was agreed on, then each certificate, leaf first."""
    bits = f" ({session.bits} bits)" if session.bits else ""
    lines = [
        f"protocol {visible(session.protocol)}, cipher {visible(session.cipher)}{bits}",
        f"key exchange {key_exchange(session)}",
        f"name asked for (SNI) {visible(session.server_name)}"
        if session.server_name
        else "no name asked for (SNI)",
    ]
    for place, certificate in enumerate(chain):
        lines += _certificate(certificate, now, leaf=place == 0)
    return tuple(lines)


def key_exchange(session: TlsSession) -> str:
    """Return how the key was agreed on: the group, if the library tells it, else what the protocol gives away.

    TLS 1.3 has ephemeral key exchange alone (RFC 8446 §1.2); before it, the cipher suite names the method.
    """
    group = f", group {visible(session.group)}" if session.group else ""
    if session.protocol == "TLSv1.3":
        return f"ephemeral{group or ', its group is not told here'}"
    first = re.split(r"[-_]", session.cipher.removeprefix("TLS_"))[0]
    return f"{_OLD_KEY_EXCHANGES.get(first, 'RSA, without forward secrecy')}{group}"


def key_words(certificate: x509.Certificate) -> str:
    """Return type and size of a certificate's key, such as `RSA 2048 bits` or `EC secp256r1`."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "unknown key"
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


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate's DER, in lower-case hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def name_words(name: x509.Name) -> str:
    """Return a subject or issuer in one printable line."""
    try:
        return visible(name.rfc4514_string()) or "(empty)"
    except (ValueError, TypeError):
        return "(unreadable)"


def issuer_words(certificate: x509.Certificate) -> str:
    """Return who issued a certificate, in short: its organisation, else its common name, else the whole name."""
    try:
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
            for found in certificate.issuer.get_attributes_for_oid(kind):
                return visible(str(found.value))
    except ValueError:
        return "(unreadable)"
    return name_words(certificate.issuer)


def certificate_names(leaf: x509.Certificate) -> list[str]:
    """Return the DNS names and IP addresses a certificate is for; the common name only if it has no DNS name."""
    names: list[str] = []
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names += extension.get_values_for_type(x509.DNSName)
        names += [str(item) for item in extension.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        pass
    if names:
        return names
    try:
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return []
    return [str(item.value) for item in common]


def _certificate(certificate: x509.Certificate, now: datetime, *, leaf: bool) -> list[str]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    lines = [f"subject {name_words(certificate.subject)}, issuer {name_words(certificate.issuer)}"]
    if leaf:
        names = certificate_names(certificate)
        more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
        lines.append(f"  names {', '.join(visible(item) for item in names[:_SHOWN_NAMES]) or 'none'}{more}")
    signature = _SIGNATURES.get(certificate.signature_algorithm_oid)
    return [
        *lines,
        f"  valid {begins:%Y-%m-%d} to {ends:%Y-%m-%d} ({(ends - now).days} days left)",
        f"  key {key_words(certificate)}, signature"
        f" {signature or certificate.signature_algorithm_oid.dotted_string}",
        f"  serial {certificate.serial_number:x}",
        f"  SHA-256 {fingerprint(certificate)}",
    ]
