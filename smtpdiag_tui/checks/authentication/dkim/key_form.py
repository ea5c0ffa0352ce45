"""What kind of key DER octets hold, read no further than that takes (RFC 5280 §4.1, RFC 8017 §A.1). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_SEQUENCE = 0x30
_INTEGER = 0x02
_BITS = 0x03
_OID = 0x06
_RSA = bytes.fromhex("2a864886f70d010101")  # rsaEncryption
_ED25519 = bytes.fromhex("2b6570")


class Held(StrEnum):
    """What the octets are."""

    RSA = "an RSA key"
    ED25519 = "an Ed25519 key"
    OTHER_KEY = "another kind of key"
    CERTIFICATE = "a certificate"
    PRIVATE = "a private key"
    CUT = "cut off"
    NOTHING = "not a key"


@dataclass(frozen=True, slots=True)
class DerKey:
    """What DER octets hold: `bits` is the length of an RSA modulus, `missing` what one cut off lacks."""

    held: Held
    bits: int | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    tag: int
    value: bytes


class _NotDerError(Exception):
    """The octets are not DER."""


def read_der(data: bytes) -> DerKey:
    """Return what the octets hold: SubjectPublicKeyInfo or a bare RSAPublicKey is a key. Never raises."""
    try:
        missing = _missing(data)
        if missing:
            return DerKey(Held.CUT, missing=missing)
        top = list(_items(data))
        if len(top) != 1 or top[0].tag != _SEQUENCE:
            return DerKey(Held.NOTHING)
        return _of_sequence(list(_items(top[0].value, most=4)))
    except _NotDerError:
        return DerKey(Held.NOTHING)


def _of_sequence(items: list[_Item]) -> DerKey:
    tags = [item.tag for item in items]
    if tags[:2] == [_SEQUENCE, _BITS]:
        return _of_public(items[0].value, items[1].value)
    if tags[:3] == [_SEQUENCE, _SEQUENCE, _BITS]:
        return DerKey(Held.CERTIFICATE)
    if tags[:1] == [_INTEGER] and items[0].value in (b"\0", b"\1") and len(items) > 2:
        return DerKey(Held.PRIVATE)  # PKCS #8 and PKCS #1 begin with their version
    if tags == [_INTEGER, _INTEGER]:
        return _rsa(items)
    return DerKey(Held.NOTHING)


def _of_public(algorithm: bytes, bits: bytes) -> DerKey:
    """Return the key of a SubjectPublicKeyInfo."""
    named = next(_items(algorithm, most=2), None)
    if named is None or named.tag != _OID or not bits:
        return DerKey(Held.NOTHING)
    if named.value == _ED25519:
        return DerKey(Held.ED25519)
    if named.value != _RSA:
        return DerKey(Held.OTHER_KEY)
    inner = list(_items(bits[1:], most=2))  # the first octet counts unused bits
    if len(inner) != 1 or inner[0].tag != _SEQUENCE:
        return DerKey(Held.NOTHING)
    return _rsa(list(_items(inner[0].value, most=3)))


def _rsa(items: list[_Item]) -> DerKey:
    """Return an RSA key of modulus and exponent; one that no signature can be made with is none."""
    if [item.tag for item in items] != [_INTEGER, _INTEGER]:
        return DerKey(Held.NOTHING)
    modulus, exponent = (int.from_bytes(item.value, "big", signed=True) for item in items)
    usable = modulus > 0 and modulus & 1 and exponent > 1 and exponent & 1
    return DerKey(Held.RSA, modulus.bit_length()) if usable else DerKey(Held.NOTHING)


def _missing(data: bytes) -> int:
    """Return how many octets the outermost item lacks; 0 where all are there."""
    if data[:1] != bytes([_SEQUENCE]):
        return 0
    start, length = _length(data, 1)
    return max(0, start + length - len(data))


def _items(data: bytes, *, most: int = 2) -> Iterator[_Item]:
    """Yield the items in a row, no more than `most`; raises _NotDerError."""
    place = 0
    for _ in range(most):
        if place >= len(data):
            return
        start, length = _length(data, place + 1)
        if start + length > len(data):
            raise _NotDerError
        yield _Item(data[place], data[start : start + length])
        place = start + length


def _length(data: bytes, place: int) -> tuple[int, int]:
    """Return where the value begins whose length stands at `place`, and that length."""
    if place >= len(data):
        raise _NotDerError
    first = data[place]
    if first < 0x80:
        return place + 1, first
    size = first & 0x7F
    if not 1 <= size <= 4 or place + 1 + size > len(data):
        raise _NotDerError
    return place + 1 + size, int.from_bytes(data[place + 1 : place + 1 + size], "big")
