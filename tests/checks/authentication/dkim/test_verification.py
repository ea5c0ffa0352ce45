"""Signatures made here and by the library, whole and broken in each part."""

import base64
import re
import time

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.dkim.verification import (
    MAX_SIGNATURES,
    KeyPlace,
    places_of,
    read_signatures,
    verify,
)
from smtpdiag_tui.checks.authentication.message.reading import read_message
from smtpdiag_tui.checks.authentication.seen import SignatureFlaw
from smtpdiag_tui.checks.lookups.record_set import Found, RecordSet
from smtpdiag_tui.report.authentication import DkimResult
from tests.checks.authentication.dkim.keys import rsa_key
from tests.checks.authentication.dkim.signing import (
    BODY,
    FIELDS,
    NOW,
    Signer,
    ed_key,
    ed_record,
    only,
    records,
    rsa_record,
    verified,
)

PASS = (DkimResult.PASS, "", None)
BODY_CHANGED = (
    DkimResult.FAIL,
    "body hash does not match: the body was changed after signing, or the file is not the message as sent",
    SignatureFlaw.BODY,
)
FIELDS_CHANGED = (
    DkimResult.FAIL,
    "signature does not match: a signed header field was changed, added or removed after signing, or the"
    " published key is not that of the signer",
    SignatureFlaw.FIELDS,
)
METHODS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "simple", "relaxed"]


def came_to(
    message: bytes, key: RecordSet | None = None, now: float = NOW
) -> tuple[DkimResult, str, SignatureFlaw | None]:
    signature = only(message, key, now)
    return signature.result, signature.because, signature.flaw


def permanent(because: str, flaw: SignatureFlaw = SignatureFlaw.SYNTAX) -> tuple[DkimResult, str, SignatureFlaw]:
    return DkimResult.PERMERROR, because, flaw


def library(message: bytes, record: bytes) -> bool:
    """What the library says of the whole message by itself."""
    return bool(dkim.verify(message, dnsfunc=lambda *_, **__: record))


@pytest.mark.parametrize("methods", METHODS)
def test_rsa_verifies_in_each_canonical_form(methods: str) -> None:
    message = Signer(methods=methods).sign()
    assert came_to(message) == PASS
    assert library(message, rsa_record())


@pytest.mark.parametrize("methods", METHODS)
def test_ed25519_verifies_in_each_canonical_form(methods: str) -> None:
    message = Signer("ed25519-sha256", methods).sign()
    assert came_to(message, records(ed_record())) == PASS
    assert library(message, ed_record())


def test_a_signature_tells_what_it_is() -> None:
    signature = only(Signer(length=5).sign())
    assert (signature.selector, signature.domain) == ("s1", "sender.example")
    assert (signature.algorithm, signature.length) == ("rsa-sha256", 5)


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"\r\n\r\n", b" \r\n", b"a", b"a\r\n", b"a \t\r\n\r\n", b"\r\na b  c\r\n", b"\t\r\n \t"]
)
@pytest.mark.parametrize("methods", METHODS[:4])
def test_bodies_at_the_edge(methods: str, body: bytes) -> None:
    ended = body if not body or body.endswith(b"\r\n") else body + b"\r\n"
    message = Signer(methods=methods).sign(body=ended)
    assert came_to(message) == PASS
    assert library(message, rsa_record())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"  ", b"\r\n\r\n", b"\r"]), max_size=30).map(b"".join)
)
def test_any_body_verifies_in_both_forms(body: bytes) -> None:
    ended = body if not body or body.endswith(b"\r\n") else body + b"\r\n"
    assert came_to(Signer(methods="relaxed/relaxed").sign(body=ended)) == PASS
    assert came_to(Signer(methods="simple/simple").sign(body=ended)) == PASS


@pytest.mark.parametrize("algorithm", [b"rsa-sha256", b"ed25519-sha256"])
@pytest.mark.parametrize("methods", [(b"simple", b"simple"), (b"relaxed", b"relaxed"), (b"relaxed", b"simple")])
def test_what_the_library_signed_verifies(algorithm: bytes, methods: tuple[bytes, bytes]) -> None:
    plain = b"".join(f"{name}: {text}\r\n".encode() for name, text in FIELDS) + b"\r\n" + BODY
    private = rsa_key(1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    record = rsa_record()
    if algorithm.startswith(b"ed"):
        private, record = base64.b64encode(ed_key().private_bytes_raw()), ed_record()
    field = dkim.sign(
        plain, b"s1", b"sender.example", private, canonicalize=methods, signature_algorithm=algorithm
    )
    # The library signs by the clock of the machine.
    assert came_to(field + plain, records(record), time.time()) == PASS


@pytest.mark.parametrize("methods", METHODS[:4])
@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date"])
def test_each_signed_field_that_is_changed(name: str, methods: str) -> None:
    message = Signer(methods=methods).sign()
    changed = message.replace(f"{name}: ".encode(), f"{name}: x".encode())
    assert changed != message
    assert came_to(changed) == FIELDS_CHANGED
    assert not library(changed, rsa_record())


def test_a_signed_field_that_is_removed_or_added() -> None:
    message = Signer(names=("from", "to", "to", "subject")).sign()
    assert came_to(message) == PASS
    assert came_to(message.replace(b"Subject: A  test\r\n of folding\r\n", b"")) == FIELDS_CHANGED
    assert came_to(message.replace(b"\r\nTo: ", b"\r\nTo: eve@sender.example\r\nTo: ")) == FIELDS_CHANGED


def test_a_field_that_is_not_signed_may_change() -> None:
    message = Signer().sign()
    assert came_to(message.replace(b"Message-ID: <1@", b"Message-ID: <2@")) == PASS


def test_a_second_from_field_breaks_the_signature() -> None:
    message = Signer().sign()
    assert came_to(message.replace(b"\r\nTo: ", b"\r\nFrom: eve@evil.example\r\nTo: ")) == FIELDS_CHANGED


def test_refolding_is_harmless_in_the_relaxed_form_alone() -> None:
    for methods, expected in (("relaxed/simple", PASS), ("simple/simple", FIELDS_CHANGED)):
        message = Signer(methods=methods).sign()
        assert came_to(message.replace(b"A  test\r\n of", b"A test of")) == expected


def test_the_body_that_is_changed_or_cut() -> None:
    message = Signer().sign()
    assert came_to(message.replace(b"Hello", b"Hallo")) == BODY_CHANGED
    assert came_to(message + b"-- \r\nfooter\r\n") == BODY_CHANGED
    assert came_to(message.replace(b"\r\n\r\nHello", b"\r\n\r\n")) == BODY_CHANGED


def test_unix_line_ends_are_as_good() -> None:
    assert came_to(Signer(methods="simple/simple").sign().replace(b"\r\n", b"\n")) == PASS


def test_body_hash_and_signature_are_told_apart() -> None:
    message = Signer().sign()
    other = Signer().sign(body=b"another\r\n")
    hashed = re.search(rb"bh=([^;]+)", other)
    assert hashed is not None
    assert came_to(re.sub(rb"bh=[^;]+", hashed[0], message)) == BODY_CHANGED
    b = re.search(rb" b=([A-Za-z0-9+/]{8})", message)
    assert b is not None
    assert came_to(message.replace(b[1], b[1][::-1])) == FIELDS_CHANGED
    assert came_to(re.sub(rb"h=from : to", b"h=from", message)) == FIELDS_CHANGED
    assert came_to(message.replace(b" b=", b" b= *"))[1] == "its b= tag is not valid base64"


def test_another_key_selector_or_domain() -> None:
    message = Signer().sign()
    assert came_to(message, records(rsa_record(2048))) == FIELDS_CHANGED
    assert came_to(message.replace(b" s=s1;", b" s=s2;")) == FIELDS_CHANGED
    assert came_to(message.replace(b" d=sender.example;", b" d=partner.example;")) == FIELDS_CHANGED


@pytest.mark.parametrize(
    ("tags", "because"),
    [
        ({"v": None}, "it has no v= tag"),
        ({"v": "2"}, "its version is not 1: v=2"),
        ({"d": None}, "it has no d= tag"),
        ({"s": None}, "it has no s= tag"),
        ({"h": None}, "it has no h= tag"),
        ({"bh": None}, "it has no bh= tag"),
        ({"bh": "a"}, "its bh= tag is not valid base64"),
        ({"h": "to : subject"}, "it does not sign the From field"),
        ({"d": "sender..example"}, "its d= tag is not a name"),
        ({"s": "../s"}, "its s= tag is not a name"),
        ({"c": "nofws/simple"}, "its canonicalization (c=) is unknown"),
        ({"q": "http"}, "its q= tag names an unknown query method"),
        ({"l": "x"}, "its l= tag is not a number"),
        ({"i": "alice@evil.example"}, "its i= is outside of sender.example"),
        ({"i": "alice@notsender.example"}, "its i= is outside of sender.example"),
        ({"i": "sender.example"}, "its i= is outside of sender.example"),
        ({"t": "soon"}, "its t= tag is not a number"),
        ({"s ": "s2", "s": "s1; s=s3"}, "it has two s= tags"),
        ({"?": "1"}, "it has an invalid tag: '?=1'"),
    ],
)
def test_tags_that_are_missing_or_wrong(tags: dict[str, str | None], because: str) -> None:
    assert came_to(Signer(tags=tags).sign()) == permanent(because)


@pytest.mark.parametrize("identity", ["@sender.example", "alice@sender.example", "alice@Mail.Sender.example"])
def test_an_identity_within_the_domain(identity: str) -> None:
    assert came_to(Signer(tags={"i": identity}).sign()) == PASS


def test_algorithms_that_are_gone_or_unknown() -> None:
    assert came_to(Signer(tags={"a": "rsa-sha1"}).sign()) == permanent(
        "rsa-sha1 is no longer allowed (RFC 8301)", SignatureFlaw.ALGORITHM
    )
    assert came_to(Signer(tags={"a": "dsa-md5"}).sign()) == permanent(
        "its algorithm is unknown: dsa-md5", SignatureFlaw.ALGORITHM
    )


@pytest.mark.parametrize(
    ("made", "expires", "expected"),
    [
        (-60, 60, ""),
        (200, None, ""),
        (None, -200, ""),
        (86_400 * 3, None, "it was made 3 days in the future (t=)"),
        (1000, None, "it was made 16 minutes in the future (t=)"),
        (-9000, -7300, "it expired 2 hours ago (x=)"),
        (10, 5, "it expires before it was made (x= is less than t=)"),
    ],
)
def test_times(made: int | None, expires: int | None, expected: str) -> None:
    tags = {"t": made, "x": expires}
    signer = Signer(tags={name: None if at is None else str(int(NOW) + at) for name, at in tags.items()})
    assert came_to(signer.sign()) == (permanent(expected, SignatureFlaw.TIME) if expected else PASS)


def test_a_length_covers_the_beginning_of_the_body() -> None:
    message = Signer(length=8, methods="simple/simple").sign()
    assert came_to(message) == PASS
    assert came_to(message + b"more\r\n") == PASS
    assert came_to(message.replace(b"Hello", b"Hallo")) == BODY_CHANGED
    assert came_to(Signer(tags={"l": "999"}).sign()) == permanent(
        "its l= tag covers 999 bytes, and the body has 32", SignatureFlaw.BODY
    )


@pytest.mark.parametrize(
    ("record", "because"),
    [
        (b"v=DKIM2; p=x", "the TXT record at s1._domainkey.sender.example is not a DKIM key"),
        (b"v=DKIM1; k=rsa", "its key is invalid: no p= tag"),
        (b"v=DKIM1; p=", "its key is revoked (p= is empty)"),
        (b"v=DKIM1; p= ;", "its key is revoked (p= is empty)"),
        (b"v=DKIM1; k=rsa; p=AAAA", "its key is invalid: p= does not hold a public key"),
        (b"v=DKIM1; k=rsa; p=%%%", "its key is invalid: p= is not valid base64"),
        (b"v=DKIM1; k=RSA; p=AAAA", "its key is invalid: unknown algorithm in k="),
        (b"nonsense", "the TXT record at s1._domainkey.sender.example is not a DKIM key"),
        (b"p=" + b"A" * 9000, "its key is invalid: p= does not hold a public key"),
        (rsa_record(more="v=DKIM1; h=sha1; "), "its key is invalid: h= does not allow sha256"),
        (rsa_record(more="v=DKIM1; s=tlsrpt; "), "its key is invalid: s= says it is not for mail"),
        (
            rsa_record(more="k=ed25519; "),
            "its key is invalid: p= holds a key of another algorithm than k= says",
        ),
    ],
)
def test_keys_that_cannot_be_used(record: bytes, because: str) -> None:
    assert came_to(Signer().sign(), records(record)) == permanent(because, SignatureFlaw.KEY)


def test_a_good_key_of_another_algorithm() -> None:
    assert came_to(Signer().sign(), records(ed_record())) == permanent(
        "its key is of type ed25519, and the signature of type rsa", SignatureFlaw.OTHER_KEY
    )


def test_a_key_with_more_text_than_usual_still_verifies() -> None:
    assert came_to(Signer().sign(), records(rsa_record() + b"; n=" + b"x" * 9000)) == PASS


@pytest.mark.parametrize(
    "more", ["", "v=DKIM1; ", "v=DKIM1; h=sha1 : sha256; s=email; t=y; n=note; ", "v=DKIM1; s=*; "]
)
def test_key_records_that_are_good(more: str) -> None:
    assert came_to(Signer().sign(), records(rsa_record(more=more))) == PASS


def test_a_key_that_allows_no_subdomains() -> None:
    key = records(rsa_record(more="v=DKIM1; t=y:s; "))
    assert came_to(Signer(tags={"i": "a@sender.example"}).sign(), key) == PASS
    assert came_to(Signer(tags={"i": "a@x.sender.example"}).sign(), key) == permanent(
        "its key does not allow i= below its domain (t=s)", SignatureFlaw.OTHER_KEY
    )


def test_a_short_key() -> None:
    weak = b"v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKzRRwoYpnqAYPRlGnJDyhs7Un8D"
    weak += b"ROrzgpACOeVxUjLgmKxLkhqLlETTDq8pDkyZq7YJ6vPFHOQFaBTHVkqwYBMCAwEAAQ=="
    assert came_to(Signer().sign(), records(weak)) == permanent(
        "its key is invalid: less than 1024 bits", SignatureFlaw.KEY
    )


def test_keys_that_are_not_there_or_not_known() -> None:
    message = Signer().sign()
    name = "s1._domainkey.sender.example"
    for found in (Found.NXDOMAIN, Found.NODATA):
        key = records(found=found)
        assert came_to(message, key) == permanent(f"there is no key at {name}", SignatureFlaw.KEY)
    both = records(rsa_record(), ed_record())
    assert came_to(message, both) == permanent(f"there are 2 TXT records at {name}", SignatureFlaw.KEY)
    failed = records(found=Found.FAILED, why="SERVFAIL from 192.0.2.53")
    assert came_to(message, failed) == (
        DkimResult.TEMPERROR,
        "its key could not be looked up: SERVFAIL from 192.0.2.53",
        SignatureFlaw.LOOKUP,
    )


def test_several_signatures_stand_in_their_order() -> None:
    one = Signer().sign()
    both = Signer("ed25519-sha256", selector="ed").sign().split(b"From:")[0] + one
    read = read_message(both)
    parsed = read_signatures(read, NOW)
    keys = {KeyPlace("s1", "sender.example"): records(rsa_record())}
    keys[KeyPlace("ed", "sender.example")] = records(ed_record())
    assert [item.name for item in places_of(parsed)] == [
        "ed._domainkey.sender.example",
        "s1._domainkey.sender.example",
    ]
    assert [(item.selector, item.result) for item in verify(read, parsed, keys)] == [
        ("ed", DkimResult.PASS),
        ("s1", DkimResult.PASS),
    ]


def test_ten_thousand_signatures_are_bounded() -> None:
    field = Signer().sign().split(b"From:")[0]
    started = time.perf_counter()
    found = verified(field * 2000 + Signer().sign())
    assert len(found) == MAX_SIGNATURES
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "value",
    [
        b"b" + b"\r\n " * 2000 + b"=;",
        b" v=1; a=rsa-sha256; d=sender.example; s=s1; bh=AAAA; b=AAAA; h=from" + b" " * 7000 + b"x",
        b" v=1; a=rsa-sha256; d=sender.example; s=s1; bh=AAAA; h=from; b=" + b"\r\n A" * 1800,
        b" v=1; a=rsa-sha256; d=sender.example; s=s1; bh=AAAA; h=" + b"from:" * 1500 + b"; b=AAAA",
        b";" * 8000,
        b"=" * 8000,
        b"\xff" * 8000,
        b" d=" + b"a." * 4000,
    ],
)
def test_hostile_fields_are_bounded(value: bytes) -> None:
    message = (b"DKIM-Signature:" + value + b"\r\n") * 16 + b"From: a@b.example\r\n\r\nhi\r\n"
    started = time.perf_counter()
    found = verified(message)
    assert {item.result for item in found} <= {DkimResult.PERMERROR, DkimResult.FAIL}
    assert len(found) == 16
    assert time.perf_counter() - started < 2


def test_fields_beyond_the_limit_are_not_verified() -> None:
    message = Signer().sign()
    large = message.replace(b"\r\nTo: ", b"\r\nTo: " + b"x" * 300_000)
    assert came_to(large) == (
        DkimResult.TEMPERROR,
        "it covers more header data than smtpdiag verifies",
        SignatureFlaw.LIMIT,
    )


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_nothing_is_raised(value: bytes, key: bytes) -> None:
    message = b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA;" + value
    text = re.sub(rb"[^!#-\[\]-~ ]", b"?", key)
    verified(message + b"\r\nFrom: a@b.example\r\n\r\n", records(b"v=DKIM1; p=" + text))
