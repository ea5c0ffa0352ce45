"""Certificates built by hand, part by part: a library that refuses to read a defect refuses to write it too."""

from dataclasses import dataclass, field, replace
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP, BITS, NUMERIC, VISIBLE = 12, 19, 20, 22, 28, 30, 3, 18, 26
UTC_TIME, GENERAL_TIME = 23, 24
DNS_NAME, IP_ADDRESS = 0x82, 0x87

COMMON_NAME, ORGANISATION, COUNTRY = "2.5.4.3", "2.5.4.10", "2.5.4.6"
ALTERNATIVE_NAMES, KEY_USAGE = "2.5.29.17", "2.5.29.15"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"

LATIN = "Zürich".encode("latin-1")


def tlv(tag: int, *contents: bytes) -> bytes:
    """Return one element: tag, length in its shortest form, contents (X.690 §8.1, §10.1)."""
    body = b"".join(contents)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + body


def sequence(*contents: bytes) -> bytes:
    """Return a SEQUENCE."""
    return tlv(0x30, *contents)


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    packed = b""
    for number in (40 * first + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        packed += bytes(reversed(septets))
    return tlv(6, packed)


def integer(value: int) -> bytes:
    """Return an INTEGER, negative ones too."""
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def name(*parts: tuple[str, int, bytes]) -> bytes:
    """Return a Name; each part is an attribute's type, the tag of its string, and the string's octets."""
    return sequence(*(tlv(0x31, sequence(oid(kind), tlv(tag, text))) for kind, tag, text in parts))


def common_name(text: bytes, tag: int = UTF8) -> bytes:
    """Return a Name of a common name alone."""
    return name((COMMON_NAME, tag, text))


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    """Return one extension, `value` its contents' DER (or what passes for it)."""
    return sequence(oid(kind), tlv(1, b"\xff") if critical else b"", tlv(4, value))


def alternative_names(*names: bytes) -> bytes:
    """Return the extension that holds the DNS names."""
    return extension(ALTERNATIVE_NAMES, sequence(*(tlv(DNS_NAME, item) for item in names)))


def public_key(algorithm: str, parameters: bytes, key: bytes) -> bytes:
    """Return a SubjectPublicKeyInfo."""
    return sequence(sequence(oid(algorithm), parameters), tlv(3, b"\0", key))


@cache
def key() -> ec.EllipticCurvePrivateKey:
    """Return the key that all these certificates hold, and are signed with."""
    return ec.generate_private_key(ec.SECP256R1())


def own_key() -> bytes:
    """Return its public half, as a certificate holds it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key().public_key().public_bytes(serialization.Encoding.DER, form)


@dataclass(frozen=True)
class Parts:
    """What a certificate is made of (RFC 5280 §4.1), each part as DER; what is not given is in order."""

    version: bytes = tlv(0xA0, integer(2))
    serial: bytes = integer(1234)
    algorithm: bytes = sequence(oid(ECDSA_SHA256))
    issuer: bytes = common_name(b"Test CA")
    begins: bytes = tlv(UTC_TIME, b"260101000000Z")
    ends: bytes = tlv(UTC_TIME, b"270101000000Z")
    subject: bytes = common_name(b"mx.partner.example")
    public_key: bytes = field(default_factory=own_key)
    extensions: tuple[bytes, ...] = (alternative_names(b"mx.partner.example"),)
    outer_algorithm: bytes | None = None

    def but(self, **parts: object) -> "Parts":
        """Return the same with some parts replaced."""
        return replace(self, **parts)  # type: ignore[arg-type]

    def der(self) -> bytes:
        """Return the certificate, signed."""
        held = tlv(0xA3, sequence(*self.extensions)) if self.extensions else b""
        validity = sequence(self.begins, self.ends)
        whole = sequence(
            self.version, self.serial, self.algorithm, self.issuer, validity, self.subject, self.public_key, held
        )
        signature = key().sign(whole, ec.ECDSA(hashes.SHA256()))
        return sequence(whole, self.outer_algorithm or self.algorithm, tlv(3, b"\0", signature))
