"""Whether a chain of certificates leads to the authority that a DANE-TA record names (RFC 7671 §5.2). Pure."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from OpenSSL import crypto

from smtpdiag_tui.checks.session.certificate_facts import names_words
from smtpdiag_tui.checks.session.certificate_form import quietly
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.checks.session.certificates import matches
from smtpdiag_tui.checks.tls_policy import tlsa
from smtpdiag_tui.checks.tls_policy.tlsa import Tlsa

MAX_CHAIN = 20  # certificates that are looked at: a server may present hundreds
# X509_V_FLAG_NO_CHECK_TIME and X509_V_FLAG_PARTIAL_CHAIN: the authority need not be a root
_FLAGS = 0x200000 | 0x80000


def path_to(record: Tlsa, chain: Sequence[bytes]) -> tuple[bytes, ...] | str:
    """Return the certificates from the leaf to the authority that a record names; else, in a clause, why none do.

    An authority that the record holds whole need not be presented (RFC 7671 §5.2.2).
    """
    shown = chain[:MAX_CHAIN]
    anchors = [place for place, item in enumerate(shown) if place > 0 and tlsa.names(record, item)]
    for place in anchors:
        if _verifies(shown[0], shown[1:place], shown[place]):
            return (*shown[:place], shown[place])
    if record.matching == tlsa.EXACT and not anchors:
        return _path_to_unshown(record, shown)
    if anchors:
        return "the certificate was not issued under it"
    return "no issuer certificate presented is the one it names"


def _path_to_unshown(record: Tlsa, shown: Sequence[bytes]) -> tuple[bytes, ...] | str:
    if record.selector == tlsa.FULL_CERTIFICATE and _verifies(shown[0], shown[1:], record.data):
        return (*shown, record.data)
    if record.selector == tlsa.PUBLIC_KEY:
        for place, octets in enumerate(shown):
            if _signed_by_key(octets, record.data) and (
                place == 0 or _verifies(shown[0], shown[1:place], shown[place])
            ):
                return tuple(shown[: place + 1])
    return "the certificate was not issued under the issuer that it names"


def _verifies(leaf: bytes, between: Sequence[bytes], anchor: bytes) -> bool:
    """Whether each certificate is signed by the next one, from the leaf to the authority; dates aside."""
    try:
        store = crypto.X509Store()
        store.add_cert(_loaded(anchor))
        store.set_flags(_FLAGS)
        context = crypto.X509StoreContext(store, _loaded(leaf), [_loaded(item) for item in between])
        quietly(context.verify_certificate)
    except Exception:  # noqa: BLE001 - what a stranger's certificate makes the library raise is his own defect
        return False
    return True


def _loaded(octets: bytes) -> crypto.X509:
    return quietly(lambda: crypto.load_certificate(crypto.FILETYPE_ASN1, octets))


def _signed_by_key(octets: bytes, key_octets: bytes) -> bool:
    """Whether a certificate is signed by a key that stands alone."""
    try:
        certificate = quietly(lambda: x509.load_der_x509_certificate(octets))
        key = serialization.load_der_public_key(key_octets)
        signed, algorithm = certificate.tbs_certificate_bytes, certificate.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(certificate.signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(certificate.signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(certificate.signature, signed)
        else:
            return False
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def wrong_name(leaf: bytes, names: Sequence[str]) -> str:
    """Say in a clause that a certificate is for none of these names; "" where it is for one (RFC 7672 §3.2.3)."""
    certificate = read(leaf)
    if any(matches(pattern, name) for pattern in certificate.names for name in names):
        return ""
    return f"the certificate is for {names_words(certificate, 1)}" if certificate.names else "it names no host"
