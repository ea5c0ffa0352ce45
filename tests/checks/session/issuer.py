"""Certificate authorities of the tests' own: one that is trusted, one that nobody knows."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Issuer:
    """A certificate authority with what can go wrong at will."""

    def __init__(self, name: str = "Test CA") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self.name, self.key, 365).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.der = self._signed(builder)

    def leaf(self, *names: str, days: int = 90, begins: int = -90) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0] if names else "nobody")])
        builder = self._builder(subject, key, days, begins)
        if names:
            held = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(held, critical=False)
        return self._signed(builder)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int, begins: int = -90
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + timedelta(days=begins))
            .not_valid_after(NOW + timedelta(days=days))
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


TRUSTED, UNKNOWN = Issuer(), Issuer()
