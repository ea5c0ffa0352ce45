"""DMARC records: what is read, what is ignored, what cannot be used (RFC 9989 §4.7, §4.8, §4.10.1)."""

import time

import pytest

from smtpdiag_tui.checks.authentication.dmarc.record import (
    MAX_REMARKS,
    MAX_SHOWN,
    MAX_URIS,
    Psd,
    host_of,
    lowered,
    read_published,
    read_record,
)
from smtpdiag_tui.report.authentication import Policy

NONE, QUARANTINE, REJECT = Policy


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1",
        "v=DMARC1;",
        "v=DMARC1; p=none",
        "v = DMARC1 ;p=none",
        "v=DMARC1\t;\tp=none",
        "V=DMARC1; p=none",
    ],
)
def test_a_record_begins_with_its_version(text: str) -> None:
    assert read_record(text.encode()) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=DMARC2; p=none",
        "v=DMARC10; p=none",
        "v=dmarc1; p=none",
        "v=DMARC1 p=none",
        "p=none; v=DMARC1",
        " v=DMARC1; p=none",
        '"v=DMARC1; p=none"',
        "v=spf1 -all",
        "vv=DMARC1",
        "v=DMARC1,p=none",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_record(text.encode()) is None


def test_every_tag_is_read() -> None:
    record = read_record(
        b"v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; t=y; psd=n; fo=1:d;"
        b" rua=mailto:a@example.com, mailto:b@example.net!10m; ruf=mailto:c@example.com"
    )
    assert record is not None
    assert (record.policy, record.subdomains, record.missing) == (REJECT, QUARANTINE, NONE)
    assert (record.strict_dkim, record.strict_spf, record.testing, record.psd) == (True, True, True, Psd.NO)
    assert record.rua == ("mailto:a@example.com", "mailto:b@example.net")
    assert record.ruf == ("mailto:c@example.com",)
    assert record.options == "1:d"
    assert record.report_hosts == ("example.com", "example.net")
    assert (record.invalid, record.remarks) == ((), ())


def test_defaults() -> None:
    record = read_record(b"v=DMARC1; p=none")
    assert record is not None
    assert (record.strict_dkim, record.strict_spf, record.testing, record.psd) == (
        False,
        False,
        False,
        Psd.UNKNOWN,
    )
    assert (record.rua, record.ruf, record.options) == ((), (), "0")


@pytest.mark.parametrize(
    ("tags", "remark"),
    [
        ("p=reject; pct=20", "pct has no effect since RFC 9989"),
        ("p=reject; rf=afrf; ri=3600", "rf has no effect since RFC 9989"),
        ("p=reject; adkim=x", "adkim=x is not valid"),
        ("p=reject; t=maybe", "t=maybe is not valid"),
        ("p=reject; p=none", "p occurs more than once"),
        ("p=reject; rua=dmarc@example.com", "not a report URI: dmarc@example.com"),
        ("p=reject; rua=mailto:dmarc@192.0.2.1", "not a report URI: mailto:dmarc@192.0.2.1"),
        ("p=reject; aspf", "not a tag: aspf"),
        ("p=reject; sp=", "not a tag: sp"),
        ("p=reject; x-y=1", "not a tag: x-y"),
        ("p=reject; adkim=\xff", "not a tag: adkim"),
    ],
)
def test_what_is_wrong_is_ignored_and_told(tags: str, remark: str) -> None:
    record = read_record(f"v=DMARC1; {tags}".encode("latin-1"))
    assert record is not None
    assert record.policy is REJECT
    assert record.usable
    assert remark in record.remarks


def test_unknown_tags_say_nothing() -> None:
    record = read_record(b"v=DMARC1; p=reject; new=thing")
    assert record is not None
    assert (record.policy, record.remarks) == (REJECT, ())


@pytest.mark.parametrize("text", ["P=Reject", "p=REJECT", "p = reject", "rua=mailto:a@b.example;p=reject;;"])
def test_case_blanks_and_order_of_tags_are_free(text: str) -> None:
    record = read_record(f"v=DMARC1; {text}".encode())
    assert record is not None
    assert record.policy is REJECT


RUA = "rua=mailto:a@example.com"


@pytest.mark.parametrize(
    ("tags", "usable", "own", "sub", "missing"),
    [
        ("p=reject", True, REJECT, REJECT, REJECT),
        ("p=reject; sp=none", True, REJECT, NONE, NONE),
        ("p=reject; np=none", True, REJECT, REJECT, NONE),
        ("p=none; sp=quarantine; np=reject", True, NONE, QUARANTINE, REJECT),
        # Without p it counts as p=none, if there is somebody to report to.
        (RUA, True, NONE, NONE, NONE),
        (f"sp=reject; {RUA}", True, NONE, REJECT, REJECT),
        ("", False, NONE, NONE, NONE),
        ("rua=example.com", False, NONE, NONE, NONE),
        # What is there and not valid makes all of it p=none, or nothing.
        (f"p=rejct; {RUA}", True, NONE, NONE, NONE),
        ("p=rejct", False, NONE, NONE, NONE),
        (f"p=reject; sp=quarantin; {RUA}", True, NONE, NONE, NONE),
        ("p=reject; sp=quarantin", False, NONE, NONE, NONE),
        ("p=reject; np=nil", False, NONE, NONE, NONE),
    ],
)
def test_policies(tags: str, usable: bool, own: Policy, sub: Policy, missing: Policy) -> None:
    record = read_record(f"v=DMARC1; {tags}".encode())
    assert record is not None
    assert record.usable is usable
    assert record.policy_for(subdomain=False, exists=True) is own
    assert record.policy_for(subdomain=True, exists=True) is sub
    assert record.policy_for(subdomain=True, exists=False) is missing


def test_testing_lowers_by_one() -> None:
    assert [lowered(policy) for policy in (NONE, QUARANTINE, REJECT)] == [NONE, NONE, QUARANTINE]


def test_of_several_records_none_counts_and_others_are_told_apart() -> None:
    one = read_published([b"v=DMARC1; p=none", b"v=spf1 -all", b"google-site-verification=x"])
    assert one.record is not None
    assert one.similar == ()
    two = read_published([b"v=DMARC1; p=none", b"v=DMARC1; p=reject"])
    assert (len(two.records), two.record) == (2, None)
    assert read_published([b"v=DMARC 1; p=none"]).similar == ("v=DMARC 1; p=none",)


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("mailto:a@Example.COM", "example.com"),
        ("MAILTO:a@example.com?subject=x@y.example", "example.com"),
        ("mailto:a@example.com.", "example.com"),
        ("mailto:example.com", "example.com"),
        ("mailto:a@single", ""),
        ("mailto:a@-x.example", ""),
        ("mailto:a@x..example", ""),
        ("mailto:a@[192.0.2.1]", ""),
        (f"mailto:a@{'x' * 64}.example", ""),
        (f"mailto:a@{'x.' * 130}example", ""),
        ("https://example.com/x", ""),
    ],
)
def test_the_host_of_a_report_address(uri: str, host: str) -> None:
    assert host_of(uri) == host


HOSTILE = {
    "60 KB of one tag": b"v=DMARC1; p=reject; x=" + b"a" * 60_000,
    "60 KB of semicolons": b"v=DMARC1; p=reject" + b";" * 60_000,
    "60 KB of equals": b"v=DMARC1; p=reject; " + b"=" * 60_000,
    "200 tags": b"v=DMARC1; p=reject" + b"".join(b"; t%s=1" % (b"a" * n) for n in range(1, 60)) + b"; np=no" * 200,
    "thousands of addresses": b"v=DMARC1; p=reject; rua="
    + b",".join(b"mailto:r%d@h%d.example" % (n, n) for n in range(2_500)),
    "thousands that are none": b"v=DMARC1; p=reject; rua=" + b"!1m," * 15_000,
    "hosts of many labels": b"v=DMARC1; p=reject; rua=mailto:a@" + b"a." * 25_000 + b"example",
    "control characters": b"v=DMARC1; p=reject; \x1b[31m=\x00; " + bytes(range(256)) * 200,
    "dashes": b"v=DMARC1; p=reject; rua=mailto:a@" + b"a-" * 25_000 + b".example",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_records_are_bounded(name: str) -> None:
    begin = time.perf_counter()
    record = read_record(HOSTILE[name])
    assert time.perf_counter() - begin < 0.5
    assert record is not None
    assert record.policy is REJECT
    assert len(record.text) < MAX_SHOWN * 5
    assert record.text.isprintable()
    assert len(record.rua) <= MAX_URIS
    assert len(record.remarks) <= MAX_REMARKS
    assert all(remark.isprintable() and len(remark) < 500 for remark in record.remarks)
