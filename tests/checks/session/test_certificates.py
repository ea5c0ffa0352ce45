"""A certificate: trust, dates and name, each judged by itself."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from smtpdiag_tui.checks.session.certificate_facts import key_exchange
from smtpdiag_tui.checks.session.certificates import judge_tls, matches, unverified
from smtpdiag_tui.checks.session.session import Phase, TlsAttempt
from smtpdiag_tui.network.seam import TlsSession, TrustStore
from smtpdiag_tui.report.findings import Finding
from tests.checks.making import codes, exchange, session
from tests.checks.session.issuer import NOW, TRUSTED, UNKNOWN, Issuer

HOST = "mx.partner.example"


TRUST = TrustStore(certificates=(TRUSTED.der,))


def judged(
    *chain: bytes,
    names: tuple[str, ...] = (HOST,),
    sni: str | None = HOST,
    protocol: str = "TLSv1.3",
    strict: bool = False,
) -> list[Finding]:
    session = TlsSession(protocol, "TLS_AES_256_GCM_SHA384", chain, sni)
    first, *rest = judge_tls(session, TRUST, NOW, names, strict=strict)
    assert first.code == "tls-established"
    return rest


def test_a_good_certificate_is_nothing_to_remark() -> None:
    assert judged(TRUSTED.leaf(HOST)) == []


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        ([UNKNOWN.leaf(HOST)], ["certificate-untrusted"]),
        ([UNKNOWN.leaf(HOST), UNKNOWN.der], ["certificate-untrusted"]),
        ([TRUSTED.leaf(HOST, days=-1)], ["certificate-expired"]),
        ([TRUSTED.leaf(HOST, begins=5)], ["certificate-expired"]),
        ([TRUSTED.leaf("www.partner.example")], ["certificate-name-mismatch"]),
        ([TRUSTED.leaf("partner.example")], ["certificate-name-mismatch"]),
        (
            [UNKNOWN.leaf("x.example", days=-1)],
            ["certificate-untrusted", "certificate-expired", "certificate-name-mismatch"],
        ),
        ([b"rubbish"], ["certificate-untrusted"]),
        ([], ["certificate-untrusted"]),
    ],
)
def test_all_that_is_wrong_is_reported(chain: list[bytes], found: list[str]) -> None:
    seen = judged(*chain)
    assert codes(seen) == found
    assert {item.severity for item in seen} == {"warning"}
    assert {item.severity for item in judged(*chain, strict=True)} == {"failure"}


@pytest.mark.parametrize(
    ("protocol", "found"), [("TLSv1", ["tls-protocol-old"]), ("TLSv1.1", ["tls-protocol-old"]), ("TLSv1.2", [])]
)
def test_old_protocols(protocol: str, found: list[str]) -> None:
    assert codes(judged(TRUSTED.leaf(HOST), protocol=protocol)) == found


def test_every_host_that_shares_an_address_is_judged() -> None:
    both = TRUSTED.leaf(HOST, "mx2.partner.example")
    assert judged(both, names=(HOST, "mx2.partner.example")) == []
    session = TlsSession("TLSv1.3", "X", (TRUSTED.leaf(HOST),), HOST)
    first, *rest = judge_tls(session, TRUST, NOW, (HOST, "mx2.partner.example"))
    assert rest == []
    assert first.meaning == (
        "Whether the certificate of mx2.partner.example matches could not be determined:"
        f" {HOST} was requested (SNI)."
    )


def test_an_address_literal_has_no_name_to_judge() -> None:
    session = TlsSession("TLSv1.3", "X", (TRUSTED.leaf("anything.example"),), None)
    first, *rest = judge_tls(session, TRUST, NOW, ("[192.0.2.27]",))
    assert rest == []
    assert first.meaning == "The host is an IP address, so the name of the certificate was not checked."


def test_without_any_authority_trust_is_not_judged() -> None:
    session = TlsSession("TLSv1.3", "X", (UNKNOWN.leaf(HOST),), HOST)
    first, *rest = judge_tls(session, TrustStore(), NOW, (HOST,))
    assert rest == []
    assert first.meaning == "This host trusts no certificate authority, so trust was not checked."


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("mx.example.com", "MX.Example.com", True),
        ("*.example.com", "mx.example.com", True),
        ("*.example.com", "a.mx.example.com", False),
        ("*.example.com", "example.com", False),
        ("m*.example.com", "mx.example.com", False),
        ("*.com", "example.com", False),
        ("*", "example", False),
        ("192.0.2.1", "[192.0.2.1]", True),
        ("192.0.2.2", "[192.0.2.1]", False),
    ],
)
def test_wildcards_stand_for_one_whole_label(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


def test_the_chain_is_shown_with_its_dates() -> None:
    session = TlsSession("TLSv1.3", "X", (TRUSTED.leaf(HOST), TRUSTED.der), HOST)
    first = judge_tls(session, TRUST, NOW, (HOST,))[0]
    text = "\n".join(first.evidence)
    assert f"subject CN={HOST}, issuer CN=Test CA" in text
    assert "(90 days left)" in text


def test_a_certificate_that_ends_within_14_days_is_told_and_no_problem() -> None:
    [soon] = judged(TRUSTED.leaf(HOST, days=13))
    assert (soon.code, soon.severity) == ("certificate-expires-soon", "info")
    assert soon.message == f"Certificate of {HOST} expires in 13 days"
    assert judged(TRUSTED.leaf(HOST, days=14)) == []


@pytest.mark.parametrize(
    ("leaf", "message", "short"),
    [
        (
            TRUSTED.leaf(HOST, days=-3),
            f"Certificate of {HOST} expired 3 days ago",
            "certificate expired 3 days ago",
        ),
        (TRUSTED.leaf(HOST, days=-1), f"Certificate of {HOST} expired 1 day ago", "certificate expired 1 day ago"),
        (
            TRUSTED.leaf("www.x.example"),
            f"Certificate does not match {HOST} (it names www.x.example)",
            "certificate does not match (it names www.x.example)",
        ),
        (
            Issuer("Another CA").leaf(HOST),
            f"Certificate of {HOST} is not trusted (unknown issuer)",
            "certificate not trusted (unknown issuer)",
        ),
    ],
    ids=["days", "day", "name", "issuer"],
)
def test_a_fault_names_the_host_and_is_told_in_short_beside_its_name(
    leaf: bytes, message: str, short: str
) -> None:
    [found] = judged(leaf)
    assert found.message == message
    handshake = TlsSession("TLSv1.3", "X", (leaf,), HOST)
    assert unverified(session(tls=TlsAttempt(handshake)), TRUST, NOW, HOST) == short


def test_what_ends_soon_hides_nothing_that_has_ended() -> None:
    assert codes(judged(TRUSTED.leaf(HOST, days=3), TRUSTED.leaf("ca.example", days=-1))) == [
        "certificate-expired"
    ]


def test_the_facts_are_told_in_full() -> None:
    leaf = TRUSTED.leaf(HOST, "mx2.partner.example")
    session = TlsSession("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", (leaf,), HOST, 256)
    text = "\n".join(judge_tls(session, TRUST, NOW, (HOST,))[0].evidence)
    certificate = x509.load_der_x509_certificate(leaf)
    for told in (
        "protocol TLSv1.2, cipher ECDHE-RSA-AES256-GCM-SHA384 (256 bits)",
        "key exchange ECDHE",
        f"SNI {HOST}",
        f"names {HOST}, mx2.partner.example",
        "key EC secp256r1, signature ECDSA with SHA256",
        f"serial {certificate.serial_number:x}",
        f"SHA-256 {certificate.fingerprint(hashes.SHA256()).hex()}",
    ):
        assert told in text


@pytest.mark.parametrize(
    ("protocol", "cipher", "group", "words"),
    [
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", None, "ephemeral, group not known"),
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519", "ephemeral, group X25519"),
        ("TLSv1.2", "DHE-RSA-AES128-SHA", None, "DHE"),
        ("TLSv1.2", "AES256-SHA", None, "RSA, without forward secrecy"),
        ("TLSv1", "ADH-AES128-SHA", None, "anonymous DH"),
        ("TLSv1.2", "ECDHE-ECDSA-AES128-SHA", "prime256v1", "ECDHE, group prime256v1"),
    ],
)
def test_the_key_exchange_is_told_as_far_as_it_is_known(
    protocol: str, cipher: str, group: str | None, words: str
) -> None:
    assert key_exchange(TlsSession(protocol, cipher, (), None, 256, group)) == words


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("421 4.3.2 closing",), None),
        (("550 5.7.1 go away",), None),
        ((), None),
        (("250-mx.partner.example", "250 SIZE 1000"), "STARTTLS not offered"),
        (("250-mx.partner.example", "250 STARTTLS"), ""),
    ],
)
def test_a_session_that_ends_before_tls_says_nothing_of_it(lines: tuple[str, ...], said: str | None) -> None:
    greeting, ehlo = exchange(Phase.GREETING, "220 mx"), exchange(Phase.EHLO, *lines, command=b"EHLO x")
    assert unverified(session(greeting, ehlo), TrustStore(), NOW, HOST) == said
    assert unverified(session(greeting), TrustStore(), NOW, HOST) is None
