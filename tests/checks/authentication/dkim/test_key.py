"""DKIM key records taken apart: good ones, each way of being wrong, and hostile ones."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.dkim.key import Fault, KeyRecord, parse_key
from smtpdiag_tui.checks.authentication.dkim.key_form import DerKey, Held, read_der
from tests.checks.authentication.dkim.keys import (
    der,
    ec_der,
    ed25519_der,
    ed25519_key,
    made_rsa,
    private_ders,
    rsa_key,
    text,
)

RSA = text(der())


def parsed(record: str) -> KeyRecord:
    return parse_key(record.encode())


def certificate() -> bytes:
    key = rsa_key(1024)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.sender.example")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=9))
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("bits", [1024, 1536, 2048, 4096])
@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_an_rsa_key_has_its_length_in_either_form(bits: int, form: PublicFormat) -> None:
    found = parsed(f"v=DKIM1; k=rsa; p={text(der(bits, form))}")
    assert (found.algorithm, found.bits, found.fault, found.revoked) == ("rsa", bits, None, False)


@pytest.mark.parametrize(
    "record",
    [
        f"p={RSA}",
        f"v=DKIM1;p={RSA};",
        f"v=DKIM1; p={RSA} ; ",
        f" v = DKIM1 ;\tk = rsa ; p = {RSA[:100]} {RSA[100:200]}\t{RSA[200:]} ",
        f"k=rsa; p={RSA}",
        f"v=DKIM1; h=sha1:sha256; s=email:other; g=; n=a note, with =s; x_y=unknown; p={RSA}",
        f"v=DKIM1; s=*; t=s; p={RSA}",
        f"v=DKIM1; h= sha256 ; s= other : * ; p={RSA}",
        f"v=DKIM1; p={RSA}; v1=x",
    ],
)
def test_what_the_form_allows_is_a_key(record: str) -> None:
    found = parsed(record)
    assert (found.fault, found.is_key, found.bits) == (None, True, 2048)


def test_an_ed25519_key_has_no_length_to_tell() -> None:
    found = parsed(f"v=DKIM1; k=ed25519; p={text(ed25519_key())}")
    assert (found.algorithm, found.bits, found.fault) == ("ed25519", None, None)


@pytest.mark.parametrize(
    ("flags", "testing", "strict"),
    [("y", True, False), ("s", False, True), ("y : s", True, True), ("z", False, False)],
)
def test_flags(flags: str, testing: bool, strict: bool) -> None:
    found = parsed(f"v=DKIM1; t={flags}; p={RSA}")
    assert (found.testing, found.strict, found.fault) == (testing, strict, None)


@pytest.mark.parametrize(
    "record", ["v=DKIM1; p=", "p=", "v=DKIM1; k=rsa; p= ;", "v=DKIM1; k=gost; p=", "v=DKIM1; s=x; p="]
)
def test_an_empty_key_is_revoked(record: str) -> None:
    assert parsed(record).revoked
    assert parsed(record).fault is None


BROKEN = {
    "no p": ("v=DKIM1; k=rsa", Fault.NO_KEY, "", 0),
    "no p but t": ("v=DKIM1; t=y", Fault.NO_KEY, "", 0),
    "version late": (f"k=rsa; v=DKIM1; p={RSA}", Fault.VERSION_LATE, "v=DKIM1", 0),
    "version in lower case": (f"v=dkim1; p={RSA}", Fault.SYNTAX, "v=dkim1", 0),
    "p twice": (f"v=DKIM1; p={RSA}; p={RSA}", Fault.DOUBLED, "p", 0),
    "k twice": (f"v=DKIM1; k=rsa; k=rsa; p={RSA}", Fault.DOUBLED, "k", 0),
    "an empty tag": (f"v=DKIM1;; p={RSA}", Fault.SYNTAX, "an empty tag", 0),
    "no equals": (f"v=DKIM1; rsa; p={RSA}", Fault.SYNTAX, "rsa", 0),
    "a bad tag name": (f"v=DKIM1; 1k=rsa; p={RSA}", Fault.SYNTAX, "1k=rsa", 0),
    "a missing semicolon": (f"v=DKIM1 k=rsa; p={RSA}", Fault.SYNTAX, "v=DKIM1 k=rsa", 0),
    "not ASCII": (f"v=DKIM1; n=ü; p={RSA}", Fault.SYNTAX, "a character that is not ASCII", 0),
    "a control character": (f"v=DKIM1; n=\x01; p={RSA}", Fault.SYNTAX, "n=\\x01", 0),
    "backslashes": (f"v=DKIM1\\; k=rsa\\; p={RSA}", Fault.BACKSLASH, "", 0),
    "quotation marks": (f'"v=DKIM1; k=rsa; p={RSA}"', Fault.QUOTES, "", 0),
    "algorithm": (f"v=DKIM1; k=dsa; p={RSA}", Fault.ALGORITHM, "dsa", 0),
    "algorithm in upper case": (f"v=DKIM1; k=RSA; p={RSA}", Fault.ALGORITHM, "RSA", 0),
    "no algorithm": (f"v=DKIM1; k=; p={RSA}", Fault.ALGORITHM, "", 0),
    "sha1": (f"v=DKIM1; h=sha1; p={RSA}", Fault.HASH, "sha1", 0),
    "service": (f"v=DKIM1; s=tlsrpt; p={RSA}", Fault.SERVICE, "tlsrpt", 0),
    "PEM": ("v=DKIM1; p=-----BEGIN PUBLIC KEY-----MIIB", Fault.PEM, "", 0),
    "a typographic sign": (f"v=DKIM1; p={RSA[:40]}.{RSA[40:]}", Fault.BASE64, ".", 393),
    "a character too few": (f"v=DKIM1; p={RSA[:-1]}", Fault.BASE64, "", 391),
    "cut at 255": (f"v=DKIM1; k=rsa; p={RSA[:232]}", Fault.CUT, "", 120),
    "some text": ("v=DKIM1; p=SGVsbG8sIHdvcmxkISE=", Fault.NOT_A_KEY, "", 0),
    "an even modulus": (f"v=DKIM1; p={text(made_rsa(1 << 2047))}", Fault.NOT_A_KEY, "", 0),
    "exponent 1": (f"v=DKIM1; p={text(made_rsa((1 << 2047) + 1, 1))}", Fault.NOT_A_KEY, "", 0),
    "1023 bits": (f"v=DKIM1; p={text(made_rsa((1 << 1022) + 1))}", Fault.SHORT, "", 1023),
    "768 bits": (f"v=DKIM1; p={text(made_rsa((1 << 767) + 1))}", Fault.SHORT, "", 768),
    "17000 bits": (f"v=DKIM1; p={text(made_rsa((1 << 16999) + 1))}", Fault.LONG, "", 17000),
    "ed25519 too short": (f"v=DKIM1; k=ed25519; p={text(bytes(31))}", Fault.LENGTH, "", 31),
    "ed25519 in DER": (f"v=DKIM1; k=ed25519; p={text(ed25519_der())}", Fault.LENGTH, "", 44),
    "rsa called ed25519": (f"v=DKIM1; k=ed25519; p={RSA}", Fault.OTHER_KEY, "an RSA key", 0),
    "ed25519 called rsa": (f"v=DKIM1; k=rsa; p={text(ed25519_der())}", Fault.OTHER_KEY, "an Ed25519 key", 0),
    "an EC key": (f"v=DKIM1; p={text(ec_der())}", Fault.OTHER_KEY, "another kind of key", 0),
    "a certificate": (f"v=DKIM1; p={text(certificate())}", Fault.CERTIFICATE, "", 0),
    **{
        f"private key {number}": (f"v=DKIM1; k={kind}; p={text(data)}", Fault.PRIVATE, "", 0)
        for number, (data, kind) in enumerate(zip(private_ders(), ("rsa", "rsa", "ed25519"), strict=True))
    },
}


@pytest.mark.parametrize(("record", "fault", "told", "number"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_known(record: str, fault: Fault, told: str, number: int) -> None:
    found = parsed(record)
    assert (found.is_key, found.fault, found.told, found.number) == (True, fault, told, number)
    assert found.bits is None


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 -all",
        "v=DMARC1; p=reject",
        "v=STSv1; id=1",
        "google-site-verification=abc",
        "",
        ";",
        "this domain is for sale",
        "\xff\xfe",
        "https://parked.example/?p=1",
    ],
)
def test_records_of_other_kinds_are_no_keys(record: str) -> None:
    assert parse_key(record.encode("latin-1")) == KeyRecord(parse_key(record.encode("latin-1")).text, is_key=False)


def test_what_is_told_of_a_record_is_short_and_printable() -> None:
    found = parsed(f"v=DKIM1; {'x' * 5000}\x1b[31m; p={RSA}")
    assert found.fault is Fault.SYNTAX
    assert len(found.told) == 40
    assert found.told.endswith("…")
    assert parsed("v=DKIM1; \x1b[31m; p=x").told.isprintable()


@pytest.mark.parametrize(
    "record",
    [
        b"v=DKIM1; p=" + b"A" * 60_000,
        b"v=DKIM1; p=" + b"A " * 30_000,
        b"v=DKIM1; " + b"".join(b"t%d=x; " % number for number in range(8_000)) + b"p=AA==",
        b";" * 65_000,
        b"p=" * 32_000,
        b"v=DKIM1" + b" " * 64_000,
        b"v=DKIM1; h=" + b"sha1:" * 12_000 + b"; p=AA==",
        b"\xff" * 65_000,
        b'"' * 65_000,
        b"v=DKIM1; p=" + b"MIIB" * 16_000,
    ],
)
def test_records_of_64_kib_are_taken_apart_at_once(record: bytes) -> None:
    before = time.perf_counter()
    found = parse_key(record)
    assert time.perf_counter() - before < 0.5
    assert found.bits is None
    assert len(found.told) <= 40


@given(st.binary(max_size=300))
def test_whatever_a_record_holds_nothing_is_raised(data: bytes) -> None:
    for record in (
        data,
        b"v=DKIM1; p=" + data,
        b"p=" + text(data).encode(),
        b"k=ed25519; p=" + text(data).encode(),
    ):
        assert parse_key(record).text.isprintable()


@given(st.integers(0, 293), st.integers(0, 255))
def test_a_key_with_one_octet_changed_is_read_without_an_error(place: int, octet: int) -> None:
    data = bytearray(der())
    data[place] = octet
    found = read_der(bytes(data))
    assert isinstance(found.held, Held)
    assert (found.bits or 0) <= 2056  # the octet before the modulus may have changed


@pytest.mark.parametrize("size", range(0, 294, 7))
def test_a_key_that_is_cut_off_tells_how_much_is_missing(size: int) -> None:
    found = read_der(der()[:size])
    assert found == (DerKey(Held.CUT, missing=294 - size) if size >= 4 else DerKey(Held.NOTHING))
