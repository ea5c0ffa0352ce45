"""TLSA records: which ones SMTP uses, and what they name."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtpdiag_tui.checks.tls_policy import tlsa
from tests.checks.session.issuer import TRUSTED
from tests.checks.tls_policy.dane_made import LEAF

KEY = (
    x509.load_der_x509_certificate(LEAF).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)


RECORDS = [
    (f"3 1 1 {'ab' * 32}", ""),
    (f"3 1 1 {'ab' * 16} {'cd' * 16}", ""),  # blanks in the data
    (f"2 0 2 {'AB' * 64}", ""),
    (f"3 0 0 {LEAF.hex()}", ""),
    (f"3 1 0 {KEY.hex()}", ""),
    (f"0 0 1 {'ab' * 32}", "certificate usage 0 (PKIX-TA) is not used for SMTP"),
    (f"1 1 1 {'ab' * 32}", "certificate usage 1 (PKIX-EE) is not used for SMTP"),
    (f"4 1 1 {'ab' * 32}", "certificate usage 4 is unknown"),
    (f"255 255 255 {'ab' * 32}", "certificate usage 255 is unknown"),
    (f"3 2 1 {'ab' * 32}", "selector 2 is unknown"),
    (f"3 1 3 {'ab' * 32}", "matching type 3 is unknown"),
    (f"3 1 1 {'ab' * 31}", "digest has 31 bytes instead of 32"),
    ("3 1 1", "digest has 0 bytes instead of 32"),
    (f"3 1 2 {'ab' * 32}", "digest has 32 bytes instead of 64"),
    ("3 0 0 abcd", "data is not a certificate"),
    ("3 0 0", "data is not a certificate"),
    ("2 1 0 abcd", "data is not a public key"),
    (f"3 1 0 {LEAF.hex()}", "data is not a public key"),
    ("3 1 1 xy", "cannot be read (3 1 1 xy)"),
    ("3 1 1 abc", "cannot be read (3 1 1 abc)"),
    ("", "cannot be read ()"),
    ("3 1 \x1b[31m", "cannot be read (3 1 \\x1b[31m)"),
]


# Certificates are made anew in each process: no case may be named by one.
@pytest.mark.parametrize(("text", "unusable"), RECORDS, ids=map(str, range(len(RECORDS))))
def test_which_records_smtp_uses(text: str, unusable: str) -> None:
    assert tlsa.parse(text).unusable == unusable


NAMED = [
    (0, 0, LEAF),
    (0, 1, hashlib.sha256(LEAF).digest()),
    (0, 2, hashlib.sha512(LEAF).digest()),
    (1, 0, KEY),
    (1, 1, hashlib.sha256(KEY).digest()),
    (1, 2, hashlib.sha512(KEY).digest()),
]


@pytest.mark.parametrize(("selector", "matching", "data"), NAMED, ids=map(str, range(len(NAMED))))
def test_what_a_record_names(selector: int, matching: int, data: bytes) -> None:
    record = tlsa.parse(f"3 {selector} {matching} {data.hex()}")
    assert tlsa.names(record, LEAF)
    assert not tlsa.names(record, TRUSTED.leaf("mx.partner.example"))


def test_the_record_to_publish_names_the_key() -> None:
    assert tlsa.record_for(LEAF) == f"3 1 1 {hashlib.sha256(KEY).hexdigest()}"
    assert tlsa.record_for(b"no certificate") == f"3 0 1 {hashlib.sha256(b'no certificate').hexdigest()}"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("3 1 1", "3 1 2"), ("3 1 2",)),
        (("3 0 1", "3 1 2"), ("3 0 1", "3 1 2")),  # another selector is a choice of its own
        (("2 1 1", "3 1 2"), ("2 1 1", "3 1 2")),
        (("3 1 1", "3 1 1"), ("3 1 1", "3 1 1")),
        (("3 1 1", "3 1 2 short"), ("3 1 1",)),  # what is not usable outranks nothing
        (("3 0 0", "3 0 1", "3 0 2"), ("3 0 0", "3 0 2")),
        (("1 1 1",), ()),
    ],
)
def test_the_strongest_digest_alone_counts(given: tuple[str, ...], kept: tuple[str, ...]) -> None:
    data = {"0": LEAF.hex(), "1": "ab" * 32, "2": "ab" * 64}
    records = [
        tlsa.parse(text.replace(" short", " ab") if "short" in text else f"{text} {data[text[-1]]}")
        for text in given
    ]
    assert tuple(record.fields for record in tlsa.usable(records)) == kept


def test_what_is_shown_of_a_record_is_bounded() -> None:
    whole = tlsa.parse(f"3 0 0 {'ab' * 60_000}")
    assert len(str(whole)) < 300
    assert str(whole).endswith("… (60,000 bytes)")
    assert str(tlsa.parse(f"3 1 2 {'ab' * 64}")) == f"3 1 2 {'ab' * 64}"


def test_where_the_records_stand() -> None:
    assert tlsa.owner("mx.partner.example", 25) == "_25._tcp.mx.partner.example"
