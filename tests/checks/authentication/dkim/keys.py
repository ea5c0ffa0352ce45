"""Public keys made in the tests, as DKIM key records hold them."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SPKI = PublicFormat.SubjectPublicKeyInfo


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Return an RSA key of so many bits, 1024 at least; the same one for one length."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def der(bits: int = 2048, form: PublicFormat = SPKI) -> bytes:
    """Return an RSA key in DER."""
    return rsa_key(bits).public_key().public_bytes(Encoding.DER, form)


def text(data: bytes) -> str:
    """Return what p= holds."""
    return base64.b64encode(data).decode()


def ed25519_key() -> bytes:
    """Return the 32 octets of an Ed25519 key."""
    return ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_der() -> bytes:
    """Return an Ed25519 key in DER, as OpenSSL writes it."""
    return ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, SPKI)


def ec_der() -> bytes:
    """Return a key that DKIM has no use for."""
    return ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, SPKI)


def private_ders() -> list[bytes]:
    """Return private keys in the forms that programs write."""
    key, other = rsa_key(1024), ed25519.Ed25519PrivateKey.generate()
    forms = (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
    return [
        *(key.private_bytes(Encoding.DER, form, NoEncryption()) for form in forms),
        other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    ]


def made_rsa(modulus: int, exponent: int = 65537) -> bytes:
    """Return a bare RSAPublicKey of any numbers: no library makes short or foolish ones."""
    body = _item(2, _integer(modulus)) + _item(2, _integer(exponent))
    return _item(0x30, body)


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _item(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x83" + size.to_bytes(3, "big")
    return bytes([tag]) + length + value
