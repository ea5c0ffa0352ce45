"""The demo's certificate authority, and the certificates of its hosts."""

import hashlib
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certified(Protocol):
    """Who has a certificate: the names that it is for, and how many days it has left."""

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The names that the certificate is for."""

    @property
    def days(self) -> int:
        """The days left, less than 0 for one that has expired."""

    @property
    def with_issuer(self) -> bool:
        """Whether the authority's certificate is presented behind it."""


class Authority:
    """Issues certificates. Its keys live as long as the demo."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smtpdiag demo authority")])
        self._now = datetime.now(UTC)
        self._contexts: dict[tuple[tuple[str, ...], int], ssl.SSLContext] = {}
        self._keys: dict[tuple[tuple[str, ...], int], ec.EllipticCurvePrivateKey] = {}
        self._certificate = (
            self._builder(self._name, self._key.public_key(), days=365)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_authority_usage(), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def der(self) -> bytes:
        """The authority's own certificate."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    @property
    def own_digest(self) -> str:
        """The SHA-256 digest of the authority's own key, as TLSA records hold it."""
        return _digest(self._key)

    def key_digest(self, script: Certified) -> str:
        """Return the digest of the key that a mail host uses."""
        return _digest(self._key_of(script))

    def other_digest(self) -> str:
        """Return the digest of a key that no host uses."""
        return _digest(ec.generate_private_key(ec.SECP256R1()))

    def _key_of(self, script: Certified) -> ec.EllipticCurvePrivateKey:
        key = script.certificate_names, script.days
        if key not in self._keys:
            self._keys[key] = ec.generate_private_key(ec.SECP256R1())
        return self._keys[key]

    def context(self, script: Certified) -> ssl.SSLContext:
        """Return the TLS context of a host, made at its first use; hosts may share a certificate."""
        key = script.certificate_names, script.days
        if key not in self._contexts:
            self._contexts[key] = self._context(script)
        return self._contexts[key]

    def _context(self, script: Certified) -> ssl.SSLContext:
        key = self._key_of(script)
        names = script.certificate_names
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = (
            self._builder(subject, key.public_key(), days=script.days)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="smtpdiag-demo-") as folder:
            path = Path(folder, "certificate.pem")  # the ssl module takes certificates from files alone
            path.touch(mode=0o600)
            chain = [certificate, self._certificate] if script.with_issuer else [certificate]
            path.write_bytes(private + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
            context.load_cert_chain(path)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int
    ) -> x509.CertificateBuilder:
        end = self._now + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=90))
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )


def _digest(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(public).hexdigest()


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
