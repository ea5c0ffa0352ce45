"""Certificates that OpenSSL takes and a strict parser does not: each part is told, each defect is a finding."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.session.certificate_facts import issuer_words, key_words, name_words
from smtpdiag_tui.checks.session.certificate_form import defects
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.checks.session.certificates import judge_tls, unverified
from smtpdiag_tui.checks.session.differ import judge_addresses
from smtpdiag_tui.checks.session.session import TlsAttempt
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.findings import Finding
from tests import der
from tests.checks.making import codes, session
from tests.der import LATIN, Parts, common_name, extension, integer, name, sequence, tlv

NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOST = "mx.partner.example"
GOOD = Parts()
AUTHORITY = GOOD.but(
    subject=common_name(b"Test CA"), extensions=(extension("2.5.29.19", sequence(tlv(1, b"\xff")), critical=True),)
)
TRUST = TrustStore(certificates=(AUTHORITY.der(),))
_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"


def alternative(*names: bytes) -> Parts:
    held = sequence(tlv(der.DNS_NAME, HOST.encode()), *names)
    return GOOD.but(extensions=(extension(der.ALTERNATIVE_NAMES, held),))


def rsa(modulus: int, exponent: int) -> Parts:
    return GOOD.but(public_key=der.public_key(_RSA, tlv(5), sequence(integer(modulus), integer(exponent))))


def indefinite(parts: Parts) -> bytes:
    """Return a certificate whose first sequence ends by a mark, as BER allows and DER does not."""
    whole = parts.der()
    assert whole[:2] == b"\x30\x82"
    return b"\x30\x80" + whole[4:] + b"\0\0"


MALFORMED = {
    "T61 with Latin-1": (GOOD.but(subject=common_name(LATIN, der.T61)), "T61String with bytes above 127"),
    "IA5 with Latin-1": (
        GOOD.but(issuer=common_name(LATIN, der.IA5)),
        "IA5String with bytes above 127 in the issuer",
    ),
    "Printable with others": (
        GOOD.but(subject=common_name(b"a@b", der.PRINTABLE)),
        "PrintableString with forbidden",
    ),
    "no UTF-8": (GOOD.but(subject=common_name(LATIN)), "undecodable UTF8String"),
    "half a character": (GOOD.but(subject=common_name(b"abc", der.BMP)), "undecodable BMPString"),
    "a surrogate": (GOOD.but(subject=common_name(b"\xd8\0", der.BMP)), "undecodable BMPString"),
    "beyond Unicode": (GOOD.but(subject=common_name(b"\xff\0\0a", der.UNIVERSAL)), "undecodable UniversalString"),
    "BIT STRING": (GOOD.but(subject=common_name(b"\0abc", der.BITS)), "value of ASN.1 tag 3 instead of a string"),
    "unknown string": (GOOD.but(subject=common_name(b"abc", 29)), "value of ASN.1 tag 29 instead of a string"),
    "sequence for string": (GOOD.but(subject=common_name(b"\x0c\x01a", 0x30)), "value of ASN.1 tag 48"),
    "long common name": (GOOD.but(subject=common_name(b"a" * 65)), "common name of 65 characters"),
    "empty common name": (GOOD.but(subject=common_name(b"")), "common name of 0 characters"),
    "long country": (GOOD.but(subject=name((der.COUNTRY, der.PRINTABLE, b"Germany"))), "country of 7 characters"),
    "empty part": (GOOD.but(subject=sequence(tlv(0x31))), "empty part in the subject"),
    "version 4": (GOOD.but(version=tlv(0xA0, integer(3))), "version 4"),
    "version 0": (GOOD.but(version=tlv(0xA0, integer(-1))), "version 0"),
    "enormous version": (GOOD.but(version=tlv(0xA0, integer(2**20000))), "version over 100"),
    "version 1 with extensions": (GOOD.but(version=b""), "extensions in version 1"),
    "serial 0": (GOOD.but(serial=integer(0)), "serial number 0"),
    "negative serial": (GOOD.but(serial=integer(-5)), "negative serial number"),
    "long serial": (GOOD.but(serial=integer(2**159)), "serial number over 20 bytes"),
    "early GeneralizedTime": (
        GOOD.but(ends=tlv(der.GENERAL_TIME, b"20270101000000Z")),
        "date before 2050 as GeneralizedTime",
    ),
    "no seconds": (GOOD.but(ends=tlv(der.UTC_TIME, b"2701010000Z")), "date not in UTC to the second"),
    "offset": (GOOD.but(ends=tlv(der.UTC_TIME, b"270101000000+0100")), "date not in UTC to the second"),
    "fraction": (GOOD.but(ends=tlv(der.GENERAL_TIME, b"20270101000000.5Z")), "date not in UTC to the second"),
    "no time": (GOOD.but(ends=tlv(der.UTC_TIME, b"next Tuesday")), "unreadable end date"),
    "month 13": (GOOD.but(ends=tlv(der.UTC_TIME, b"271301000000Z")), "unreadable end date"),
    "year 0": (GOOD.but(begins=tlv(der.GENERAL_TIME, b"00000101000000Z")), "unreadable start date"),
    "beyond the last year": (
        GOOD.but(ends=tlv(der.GENERAL_TIME, b"99991231235959-0100")),
        "unreadable end date",
    ),
    "extension twice": (GOOD.but(extensions=GOOD.extensions * 2), "extension 2.5.29.17 2 times"),
    "junk for names": (
        GOOD.but(extensions=(extension(der.ALTERNATIVE_NAMES, b"junk"),)),
        "rejects the extensions",
    ),
    "junk for key usage": (GOOD.but(extensions=(extension(der.KEY_USAGE, b"junk"),)), "rejects the extensions"),
    "DNS name in Latin-1": (alternative(tlv(der.DNS_NAME, LATIN)), "DNS name with bytes above 127"),
    "address of 5 bytes": (alternative(tlv(der.IP_ADDRESS, b"12345")), "IP address of 5 bytes"),
    "unknown general name": (alternative(tlv(0x89, b"x")), "rejects the extensions"),
    "other name inside": (alternative(tlv(0xA4, common_name(LATIN, der.T61))), "rejects the extensions"),
    "RSA exponent 1": (rsa(2**2047 + 1, 1), "rejects the public key"),
    "negative RSA modulus": (rsa(-35, 5), "rejects the public key"),
    "junk for an RSA key": (GOOD.but(public_key=der.public_key(_RSA, tlv(5), b"junk")), "rejects the public key"),
    "point off the curve": (
        GOOD.but(public_key=der.public_key(_EC, der.oid("1.2.840.10045.3.1.7"), b"\4" + b"a" * 64)),
        "rejects the public key",
    ),
    "two algorithms": (
        GOOD.but(outer_algorithm=sequence(der.oid("1.2.840.10045.4.3.3"))),
        "2 different signature algorithms",
    ),
    "parameters of ECDSA": (GOOD.but(algorithm=sequence(der.oid(der.ECDSA_SHA256), tlv(5))), "rejects it"),
}
SOUND = {
    "as it should be": GOOD,
    "T61 in ASCII": GOOD.but(subject=common_name(b"mx", der.T61)),
    "UniversalString": GOOD.but(subject=common_name(b"\0\0\0a", der.UNIVERSAL)),
    "NumericString": GOOD.but(subject=common_name(b"12", der.NUMERIC)),
    "a unique id is a BIT STRING": GOOD.but(subject=name(("2.5.4.45", der.BITS, b"\0abc"))),
    "no subject": GOOD.but(subject=sequence()),
    "version 1": GOOD.but(version=b"", extensions=()),
    "GeneralizedTime from 2050": GOOD.but(ends=tlv(der.GENERAL_TIME, b"99991231235959Z")),
    "a name of X.400": alternative(tlv(0xA3, sequence())),
    "a key of tomorrow": GOOD.but(public_key=der.public_key("1.2.3.4", b"", b"abc")),
    "a curve of tomorrow": GOOD.but(public_key=der.public_key(_EC, der.oid("1.2.3"), b"\4abc")),
    "a signature of tomorrow": GOOD.but(algorithm=sequence(der.oid("1.2.3.4.5"))),
}


def judged(*chain: bytes, strict: bool = False) -> list[Finding]:
    return list(judge_tls(handshake(*chain), TRUST, NOW, (HOST,), strict=strict))


def handshake(*chain: bytes) -> TlsSession:
    return TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", chain, HOST)


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_wrong_is_a_finding_and_the_rest_is_told(case: str) -> None:
    parts, words = MALFORMED[case]
    established, *rest = judged(parts.der())
    found = {item.code: item for item in rest}
    assert words in found["certificate-malformed"].message
    assert (found["certificate-malformed"].severity, found["certificate-malformed"].side) == (
        "warning",
        "recipient",
    )
    assert (
        found["certificate-malformed"].advice == f"MX administrator of {HOST}: replace the certificate of {HOST}."
    )
    told = "\n".join(established.evidence)
    for line in ("subject ", ", issuer ", "  names ", "  valid ", "  key ", "  serial ", "  SHA-256 "):
        assert line in told
    assert told.count("(unreadable)") == words.startswith("unreadable")
    strict = [item for item in judged(parts.der(), strict=True) if item.code == "certificate-malformed"]
    assert [item.severity for item in strict] == ["failure"]


@pytest.mark.parametrize("case", SOUND)
def test_what_is_unusual_and_allowed_is_no_finding(case: str) -> None:
    assert defects(SOUND[case].der()) == ()
    assert "certificate-malformed" not in codes(judged(SOUND[case].der()))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (MALFORMED["T61 with Latin-1"][0], "subject CN=Zürich, issuer CN=Test CA"),
        (MALFORMED["IA5 with Latin-1"][0], "subject CN=mx.partner.example, issuer CN=Zürich"),
        (MALFORMED["no UTF-8"][0], r"subject CN=Z\\xfcrich"),
        (MALFORMED["BIT STRING"][0], "subject CN=#030400616263"),
        (MALFORMED["version 4"][0], f"names {HOST}"),
        (MALFORMED["no seconds"][0], "valid 2026-01-01 to 2027-01-01 (38 days left)"),
        (MALFORMED["offset"][0], "to 2026-12-31"),
        (MALFORMED["no time"][0], "valid 2026-01-01 to (unreadable)"),
        (MALFORMED["negative serial"][0], "serial -5"),
        (MALFORMED["DNS name in Latin-1"][0], f"names {HOST}, Zürich"),
        (MALFORMED["address of 5 bytes"][0], f"names {HOST}\n"),
        (alternative(tlv(der.IP_ADDRESS, bytes([192, 0, 2, 1]))), f"names {HOST}, 192.0.2.1"),
        (MALFORMED["RSA exponent 1"][0], "key RSA 2048 bits, exponent 1, signature"),
        (MALFORMED["junk for an RSA key"][0], "key unknown key"),
        (SOUND["a signature of tomorrow"], "signature 1.2.3.4.5"),
        (GOOD.but(subject=common_name(b'a,"b\0\x1b[1m ')), r"subject CN=a\,\"b\00\x1b[1m\ , issuer"),
        (
            GOOD.but(subject=name((der.ORGANISATION, der.UTF8, b"O"), (der.COMMON_NAME, der.UTF8, b"C"))),
            "CN=C,O=O",
        ),
    ],
)
def test_each_part_is_read_by_itself(parts: Parts, told: str) -> None:
    assert told in "\n".join(judged(parts.der())[0].evidence)


def test_lengths_in_any_form_are_read() -> None:
    loose = indefinite(GOOD)
    assert (read(loose).names, read(loose).serial) == ([HOST], 1234)
    assert [item.words for item in defects(loose)] == ["a strict parser rejects it"]


def test_one_defect_hides_no_other() -> None:
    parts = MALFORMED["RSA exponent 1"][0].but(
        version=tlv(0xA0, integer(3)), serial=integer(0), subject=common_name(LATIN, der.T61)
    )
    assert [item.words for item in defects(parts.der())] == [
        "version 4",
        "serial number 0",
        "T61String with bytes above 127 in the subject",
        "a strict parser rejects the public key",
    ]


def test_a_defect_above_the_leaf_is_told_as_the_issuers_and_what_many_roots_have_is_none() -> None:
    issuer = AUTHORITY.but(issuer=common_name(b"Root"), version=tlv(0xA0, integer(3)))
    found = judged(GOOD.der(), issuer.der())
    [malformed] = [item for item in found if item.code == "certificate-malformed"]
    assert malformed.message == f"Issuer certificate of {HOST} is malformed: version 4"
    assert malformed.evidence == ("issuer certificate 1: version 4",)
    assert codes(judged(GOOD.der(), AUTHORITY.but(serial=integer(0)).der())) == ["tls-established"]
    early = tlv(der.GENERAL_TIME, b"20270101000000Z")
    assert codes(judged(GOOD.der(), AUTHORITY.but(ends=early).der())) == ["tls-established"]


def test_a_leaf_that_cannot_be_read_is_not_mistaken_for_its_issuer() -> None:
    assert codes(judged(b"rubbish", AUTHORITY.der())) == ["tls-established", "certificate-untrusted"]
    assert codes(judged(GOOD.der(), b"rubbish")) == ["tls-established", "certificate-malformed"]


@pytest.mark.parametrize(
    ("parts", "trusted"),
    [
        (GOOD, True),
        (MALFORMED["T61 with Latin-1"][0], True),
        (MALFORMED["serial 0"][0], True),
        (MALFORMED["long common name"][0], True),
        (MALFORMED["offset"][0], False),
        (MALFORMED["month 13"][0], False),
        (MALFORMED["no time"][0], False),
        (MALFORMED["two algorithms"][0], False),
    ],
)
def test_trust_is_judged_whatever_the_form(parts: Parts, trusted: bool) -> None:
    assert ("certificate-untrusted" not in codes(judged(parts.der()))) is trusted
    seen = session(tls=TlsAttempt(handshake(parts.der())))
    assert (unverified(seen, TRUST, NOW, HOST) is None) is trusted


def test_authorities_that_cannot_be_read_are_not_the_servers_fault() -> None:
    found = judge_tls(handshake(GOOD.der()), TrustStore(cafile="/nowhere/at-all.pem"), NOW, (HOST,))
    assert codes(found) == ["tls-established"]
    assert found[0].meaning == "This host trusts no certificate authority, so trust was not checked."


@pytest.mark.parametrize(
    "chain",
    [
        [GOOD.but(extensions=(der.alternative_names(*(b"h%d.example" % n for n in range(20_000))),)).der()],
        [GOOD.but(extensions=(der.alternative_names(b"\x1b" * 100_000),)).der()],
        [GOOD.but(subject=common_name(b"\x07" * 300_000)).der()],
        [GOOD.but(subject=name(*[(der.COMMON_NAME, der.BITS, b"a" * 50)] * 5000)).der()],
        [GOOD.but(serial=tlv(2, b"\x7f" * 300_000)).der()],
        [GOOD.but(version=tlv(0xA0, tlv(2, b"\x7f" * 300_000))).der()],
        [GOOD.but(subject=sequence(tlv(0x31, sequence(tlv(6, b"\x81" * 300_000), tlv(12))))).der()],
        [GOOD.but(subject=b"\x30\x80" * 50_000 + b"\0\0" * 50_000).der()],
        [GOOD.but(serial=integer(-n), version=tlv(0xA0, integer(n + 2))).der() for n in range(1, 300)],
    ],
    ids=["names", "one name", "subject", "attributes", "serial", "version", "type", "nesting", "certificates"],
)
def test_evidence_is_bounded_whatever_is_presented(chain: list[bytes]) -> None:
    found = judged(*chain)
    lines = [line for item in found for line in (item.message, *item.evidence)]
    assert len(lines) < 150
    assert max(map(len, lines)) < 2600
    assert all(line.isprintable() for line in lines)
    both = [session(tls=TlsAttempt(handshake(*item))) for item in (chain, [GOOD.der()])]
    both[0] = replace(both[0], target=replace(both[0].target, address="192.0.2.26"))
    assert sum(len(line) for item in judge_addresses(HOST, both) for line in item.evidence) < 60_000


@given(st.sampled_from([parts.der() for parts, _ in MALFORMED.values()]), st.data())
@settings(max_examples=300, deadline=None)
def test_no_octet_anywhere_is_an_error(octets: bytes, data: st.DataObject) -> None:
    changed = bytearray(octets)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(changed)))
    for item in (bytes(changed), octets[:end]):
        assert judged(item)[0].code == "tls-established"
        certificate = read(item)
        for words in (issuer_words(certificate), name_words(certificate.subject), key_words(certificate)):
            assert words.isprintable()
