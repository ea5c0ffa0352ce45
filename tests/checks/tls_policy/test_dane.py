"""What DANE asks of an MX host, line by line, and what its addresses came to."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.checks.tls_policy import dane, tlsa
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa, Kind, Meeting, Met
from smtpdiag_tui.checks.tls_policy.dnssec import State
from smtpdiag_tui.settings import TlsPolicy
from tests.checks.session.issuer import NOW, TRUSTED, UNKNOWN
from tests.checks.tls_policy import dane_made
from tests.checks.tls_policy.dane_made import (
    ADDRESS,
    BOGUS,
    DOMAIN,
    HOST,
    INSECURE,
    LEAF,
    OTHER,
    SECURE,
    UNTRUSTED,
    host,
    in_clear,
    presented,
    tlsa_answer,
)

GOOD = tlsa.record_for(LEAF)
FULL = f"3 0 0 {LEAF.hex()}"
PKIX = f"1 1 1 {'ab' * 32}"
TARGET = "mx.hoster.example"


def data(octets: bytes, selector: int, matching: int) -> str:
    found = tlsa.associated(octets, selector, matching)
    assert found is not None
    return found.hex()


AUTHORITY = f"2 0 1 {data(TRUSTED.der, 0, 1)}"


def met(seen: SessionObservation | None, *records: str, of: HostTlsa | None = None) -> Met:
    """Return what the address comes to under these records of its host."""
    seen_host = of or host(tlsa_answer(*records))
    return dane.meet(dane.standing(seen_host), seen_host, ADDRESS, seen, NOW)


@pytest.mark.parametrize(
    ("seen", "kind", "certain"),
    [
        (host(tlsa_answer(GOOD)), Kind.USABLE, True),
        (host(tlsa_answer()), Kind.NONE, True),
        (host(), Kind.NONE, True),
        (host(tlsa_answer(PKIX)), Kind.UNUSABLE, True),
        (host(tlsa_answer(PKIX, OTHER)), Kind.USABLE, True),
        (host(tlsa_answer(failed="SERVFAIL")), Kind.FAILED, True),
        (host(tlsa_answer(state=BOGUS, failed="SERVFAIL")), Kind.FAILED, True),
        (host(tlsa_answer(GOOD, state=INSECURE)), Kind.UNSIGNED, True),
        (host(tlsa_answer(GOOD), addresses=INSECURE), Kind.UNSIGNED, True),
        (host(tlsa_answer(failed="timeout"), addresses=INSECURE), Kind.NONE, True),  # nobody asks
        (host(tlsa_answer(GOOD), mx=INSECURE), Kind.USABLE, True),
        (host(tlsa_answer(GOOD), mx=None), Kind.USABLE, True),
        (host(tlsa_answer(GOOD, state=UNTRUSTED), addresses=UNTRUSTED), Kind.USABLE, False),
        (host(tlsa_answer(GOOD, state=dane_made.UNKNOWN), addresses=dane_made.UNKNOWN), Kind.USABLE, False),
        (host(tlsa_answer(failed="timeout"), addresses=UNTRUSTED), Kind.FAILED, False),
        (host(tlsa_answer(failed="timeout"), addresses=dane_made.UNKNOWN), Kind.FAILED, False),
        # Of two names the end of the CNAMEs comes first.
        (host(tlsa_answer(base=TARGET), tlsa_answer(GOOD)), Kind.USABLE, True),
        (host(tlsa_answer(PKIX, base=TARGET), tlsa_answer(GOOD)), Kind.UNUSABLE, True),
        (host(tlsa_answer(base=TARGET, failed="SERVFAIL"), tlsa_answer(GOOD)), Kind.FAILED, True),
        (host(tlsa_answer(GOOD, base=TARGET, state=INSECURE), tlsa_answer()), Kind.UNSIGNED, True),
        # The alias is signed, what it leads to is not.
        (host(tlsa_answer(base=TARGET), tlsa_answer(GOOD), addresses=INSECURE, alias=SECURE), Kind.USABLE, True),
        (
            host(tlsa_answer(GOOD, base=TARGET), tlsa_answer(OTHER), addresses=INSECURE, alias=SECURE),
            Kind.USABLE,
            True,
        ),
        (
            host(tlsa_answer(base=TARGET), tlsa_answer(failed="x"), addresses=INSECURE, alias=SECURE),
            Kind.FAILED,
            True,
        ),
        (
            host(tlsa_answer(base=TARGET), tlsa_answer(GOOD), addresses=INSECURE, alias=INSECURE),
            Kind.UNSIGNED,
            True,
        ),
        (
            host(tlsa_answer(base=TARGET), tlsa_answer(GOOD), addresses=INSECURE, alias=UNTRUSTED),
            Kind.USABLE,
            False,
        ),
    ],
)
def test_what_the_records_come_to(seen: HostTlsa, kind: Kind, certain: bool) -> None:
    place = dane.standing(seen)
    assert (place.kind, place.certain) == (kind, certain)


def test_the_alias_counts_by_its_own_records() -> None:
    seen = host(tlsa_answer(GOOD, base=TARGET), tlsa_answer(OTHER), addresses=INSECURE, alias=SECURE)
    place = dane.standing(seen)
    assert place.answer is not None
    assert place.answer.base == HOST


@pytest.mark.parametrize(
    ("host_name", "aliases", "bases"),
    [
        ("mx.partner.example", (), ("mx.partner.example",)),
        ("mx.partner.example", ("a.example", "b.example"), ("b.example", "mx.partner.example")),
    ],
)
def test_which_names_are_asked(host_name: str, aliases: tuple[str, ...], bases: tuple[str, ...]) -> None:
    assert dane.bases(host_name, aliases) == bases


WRONG_NAME, EXPIRED = TRUSTED.leaf("other.example"), TRUSTED.leaf(HOST, days=-1)
FOR_DOMAIN, WILDCARD = TRUSTED.leaf(DOMAIN), TRUSTED.leaf("*.partner.example")
FOREIGN = UNKNOWN.leaf(HOST)
KEY = x509.load_der_x509_certificate(TRUSTED.der).public_key()
AUTHORITY_KEY = f"2 1 0 {KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()}"


@pytest.mark.parametrize(
    ("chain", "records", "meeting", "misses"),
    [
        ((LEAF,), (GOOD,), Meeting.VALID, []),
        ((LEAF,), (FULL,), Meeting.VALID, []),
        ((LEAF,), (OTHER, GOOD), Meeting.VALID, ["the certificate has another key"]),
        ((LEAF,), (OTHER,), Meeting.MISMATCH, ["the certificate has another key"]),
        ((LEAF,), (f"3 0 1 {'ab' * 32}",), Meeting.MISMATCH, ["the certificate is another one"]),
        ((), (GOOD,), Meeting.MISMATCH, ["no certificate was presented"]),
        # DANE-EE looks at neither name nor date.
        ((EXPIRED,), (tlsa.record_for(EXPIRED),), Meeting.VALID, []),
        ((WRONG_NAME,), (tlsa.record_for(WRONG_NAME),), Meeting.VALID, []),
        # An issuer that stands in a DANE-EE record is no match.
        (
            (LEAF, TRUSTED.der),
            (tlsa.record_for(TRUSTED.der),),
            Meeting.MISMATCH,
            ["the certificate has another key"],
        ),
        ((LEAF, TRUSTED.der), (AUTHORITY,), Meeting.VALID, []),
        ((FOR_DOMAIN, TRUSTED.der), (AUTHORITY,), Meeting.VALID, []),
        ((WILDCARD, TRUSTED.der), (AUTHORITY,), Meeting.VALID, []),
        ((LEAF,), (AUTHORITY,), Meeting.MISMATCH, ["no issuer certificate presented is the one it names"]),
        ((FOREIGN, TRUSTED.der), (AUTHORITY,), Meeting.MISMATCH, ["the certificate was not issued under it"]),
        ((WRONG_NAME, TRUSTED.der), (AUTHORITY,), Meeting.MISMATCH, ["the certificate is for other.example"]),
        ((EXPIRED, TRUSTED.der), (AUTHORITY,), Meeting.MISMATCH, ["certificate expired 1 day ago"]),
        # A leaf is no authority, though a record names it so.
        ((LEAF, TRUSTED.der), (f"2 1 1 {data(LEAF, 1, 1)}",), Meeting.MISMATCH, None),
        # An authority that stands whole in its record need not be presented.
        ((LEAF,), (f"2 0 0 {TRUSTED.der.hex()}",), Meeting.VALID, []),
        ((LEAF,), (AUTHORITY_KEY,), Meeting.VALID, []),
        ((FOREIGN,), (f"2 0 0 {TRUSTED.der.hex()}",), Meeting.MISMATCH, None),
        ((FOREIGN,), (AUTHORITY_KEY,), Meeting.MISMATCH, None),
        # The stronger digest alone counts, though the weaker one matches.
        ((LEAF,), (GOOD, f"3 1 2 {'ab' * 64}"), Meeting.MISMATCH, ["the certificate has another key"]),
        ((LEAF,), (OTHER, f"3 1 2 {data(LEAF, 1, 2)}"), Meeting.VALID, []),
        # What is not usable is passed over beside what is.
        ((LEAF,), (PKIX, GOOD), Meeting.VALID, []),
        ((LEAF,), (PKIX, OTHER), Meeting.MISMATCH, ["the certificate has another key"]),
        ((LEAF,), (PKIX,), Meeting.UNAUTHENTICATED, []),
        # Octets that are no certificate.
        ((b"\x30\x03abc",), (GOOD,), Meeting.MISMATCH, ["the certificate has another key"]),
        ((b"", b"\xff" * 100), (AUTHORITY,), Meeting.MISMATCH, None),
    ],
)
def test_what_a_chain_comes_to(
    chain: tuple[bytes, ...], records: tuple[str, ...], meeting: Meeting, misses: list[str] | None
) -> None:
    item = met(presented(*chain), *records)
    assert item.meeting is meeting
    if misses is not None:
        assert [miss.why for miss in item.misses] == misses


def test_name_and_date_wrong_at_once_is_told_by_the_name() -> None:
    both = TRUSTED.leaf("other.example", days=-1)
    item = met(presented(both, TRUSTED.der), AUTHORITY)
    assert [miss.why for miss in item.misses] == ["the certificate is for other.example"]


def test_the_name_may_be_the_alias_or_its_end() -> None:
    leaf = TRUSTED.leaf(TARGET)
    of = host(tlsa_answer(AUTHORITY, base=TARGET), names=(TARGET, DOMAIN))
    assert met(presented(leaf, TRUSTED.der), of=of).meeting is Meeting.VALID


def test_a_certificate_of_another_name_says_nothing_unless_it_matches() -> None:
    assert met(presented(LEAF, sni="mx2.partner.example"), OTHER).meeting is Meeting.OTHER_NAME
    assert met(presented(LEAF, sni="mx2.partner.example"), GOOD).meeting is Meeting.VALID
    assert met(presented(LEAF, sni=None), OTHER).meeting is Meeting.MISMATCH


def test_a_record_that_was_not_kept_may_match() -> None:
    seen = host(tlsa_answer(OTHER, omitted=700))
    assert met(presented(LEAF), of=seen).meeting is Meeting.UNKNOWN


@pytest.mark.parametrize(
    ("seen", "meeting", "why"),
    [
        (None, Meeting.UNKNOWN, ""),
        (in_clear(), Meeting.NOT_REACHED, ""),
        (in_clear("550 5.7.1 go away"), Meeting.NOT_REACHED, ""),
        (in_clear("250 mx.partner.example"), Meeting.NO_TLS, dane.NO_STARTTLS),
        (in_clear("250-mx", "250 STARTTLS", starttls="454 4.7.0 no"), Meeting.NO_TLS, dane.REFUSED),
        (in_clear("250-mx", "250 STARTTLS", failed="reset"), Meeting.NO_TLS, dane.HANDSHAKE),
        (in_clear("250-mx", "250 STARTTLS", policy=TlsPolicy.OFF), Meeting.UNKNOWN, ""),
        (in_clear("250 mx", policy=TlsPolicy.OFF), Meeting.NO_TLS, dane.NO_STARTTLS),
        (in_clear("250-mx", "250 STARTTLS"), Meeting.UNKNOWN, ""),
    ],
)
def test_what_a_session_without_tls_comes_to(seen: SessionObservation | None, meeting: Meeting, why: str) -> None:
    for record in (GOOD, PKIX):
        item = met(seen, record)
        assert (item.meeting, item.why) == (meeting, why)


@pytest.mark.parametrize(
    ("records", "state", "chain", "reason"),
    [
        ((GOOD,), SECURE, (LEAF,), None),
        ((OTHER,), SECURE, (LEAF,), dane.MISMATCH),
        ((OTHER,), UNTRUSTED, (LEAF,), ""),
        ((GOOD,), UNTRUSTED, (LEAF,), None),  # proved or not, it delivers
        ((PKIX,), SECURE, (LEAF,), None),
        ((), SECURE, (LEAF,), None),
        ((OTHER,), INSECURE, (LEAF,), None),
    ],
)
def test_what_a_dane_sender_lacks(
    records: tuple[str, ...], state: State, chain: tuple[bytes, ...], reason: str | None
) -> None:
    seen = host(tlsa_answer(*records, state=state), addresses=state)
    place = dane.standing(seen)
    assert dane.unmet(place, dane.meet(place, seen, ADDRESS, presented(*chain), NOW)) == reason


@pytest.mark.parametrize(("state", "reason"), [(SECURE, dane.LOOKUP), (UNTRUSTED, ""), (INSECURE, None)])
def test_a_failed_lookup_takes_the_host_out_where_its_addresses_are_signed(
    state: State, reason: str | None
) -> None:
    seen = host(tlsa_answer(failed="SERVFAIL"), addresses=state)
    place = dane.standing(seen)
    assert dane.unmet(place, dane.meet(place, seen, ADDRESS, presented(LEAF), NOW)) == reason


@pytest.mark.parametrize("seen", [in_clear(), in_clear("550 no")])
def test_where_every_sender_fails_dane_adds_nothing(seen: SessionObservation) -> None:
    of = host(tlsa_answer(GOOD))
    assert dane.unmet(dane.standing(of), met(seen, of=of)) is None


def test_many_records_and_names_are_judged_in_a_moment() -> None:
    records = [f"3 1 1 {number:064x}" for number in range(1000)] + [f"2 0 0 {'ab' * 30_000}"]
    leaf = TRUSTED.leaf(*(f"name{number}.example" for number in range(10_000)))
    item = met(presented(leaf, *[TRUSTED.der] * 50), *records, AUTHORITY)
    assert item.meeting is Meeting.MISMATCH
    assert len(item.misses) == 1001
    assert item.misses[-1].why == "the certificate is for name0.example and 9999 more"
    begun = NOW + timedelta(days=1)
    place = dane.standing(host(tlsa_answer(*records)))
    assert dane.meet(place, host(), ADDRESS, presented(LEAF), begun).meeting is Meeting.MISMATCH
