"""The DNS tree walk: names asked for, the record that applies, the organizational domain (RFC 9989 §4.10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.dmarc.discovery import MAX_QUESTIONS, Source, aligned, targets
from tests.checks.authentication.dmarc.zone import FAILED, Zone, walked

RECORD = "v=DMARC1; p=none"
PSD, OWN = f"{RECORD}; psd=y", f"{RECORD}; psd=n"
DEEP = "a.b.c.d.e.f.g.h.i.j.k.example.com"
SIMPLE: Zone = {"example.com": RECORD, "signing.example.com": RECORD}
BANK: Zone = {"bank.example": PSD, "giant.bank.example": RECORD}


def test_the_rfc_asks_eight_questions_for_a_long_name() -> None:
    asked: list[str] = []
    walked({}, "a.b.c.d.e.f.g.h.i.j.mail.example.com", asked)
    assert asked == [
        "_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "_dmarc.g.h.i.j.mail.example.com",
        "_dmarc.h.i.j.mail.example.com",
        "_dmarc.i.j.mail.example.com",
        "_dmarc.j.mail.example.com",
        "_dmarc.mail.example.com",
        "_dmarc.example.com",
        "_dmarc.com",
    ]


@pytest.mark.parametrize(
    ("domain", "asked"),
    [
        ("com", ["com"]),
        ("example.com", ["example.com", "com"]),
        ("a.mail.example.com", ["a.mail.example.com", "mail.example.com", "example.com", "com"]),
        # Seven and eight labels: every parent is asked for.
        ("a.b.c.d.e.f.g", ["a.b.c.d.e.f.g", "b.c.d.e.f.g", "c.d.e.f.g", "d.e.f.g", "e.f.g", "f.g", "g"]),
        (
            "a.b.c.d.e.f.g.h",
            ["a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "c.d.e.f.g.h", "d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h", "h"],
        ),
        # Nine: the one parent of eight labels is left out.
        (
            "z.a.b.c.d.e.f.g.h",
            ["z.a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "c.d.e.f.g.h", "d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h", "h"],
        ),
    ],
)
def test_targets(domain: str, asked: list[str]) -> None:
    assert list(targets(domain)) == asked


@given(st.lists(st.sampled_from(["a", "bb", "c-c", "_x"]), min_size=1, max_size=120))
def test_no_walk_asks_more_than_eight(labels: list[str]) -> None:
    asked: list[str] = []
    domain = ".".join(labels)
    found = walked({}, domain, asked)
    assert len(asked) == len(set(asked)) <= MAX_QUESTIONS
    assert asked[0] == f"_dmarc.{domain}"
    assert asked[-1] == f"_dmarc.{labels[-1]}"
    assert (found.organizational_domain, found.applied) == (domain, None)


# The RFC's own examples: §4.10.2, then B.4.1 to B.4.3.
@pytest.mark.parametrize(
    ("zone", "domain", "organization", "policy_domain", "last"),
    [
        (
            {"mail.example.com": RECORD, "example.com": RECORD},
            "a.mail.example.com",
            "example.com",
            "example.com",
            "com",
        ),
        (
            {"mail.example.com": OWN, "example.com": RECORD},
            "a.mail.example.com",
            "mail.example.com",
            "mail.example.com",
            "mail.example.com",
        ),
        ({"com": PSD}, "a.mail.example.com", "example.com", "com", "com"),
        (SIMPLE, "example.com", "example.com", "example.com", "com"),
        (SIMPLE, "signing.example.com", "example.com", "signing.example.com", "com"),
        (SIMPLE, DEEP, "example.com", "example.com", "com"),
        (BANK, "giant.bank.example", "giant.bank.example", "giant.bank.example", "bank.example"),
        (BANK, "mail.giant.bank.example", "giant.bank.example", "giant.bank.example", "bank.example"),
        (BANK, "mail.mega.bank.example", "mega.bank.example", "bank.example", "bank.example"),
        # Beyond the RFC's.
        (BANK, "bank.example", "bank.example", "bank.example", "bank.example"),
        ({"example.com": OWN}, "example.com", "example.com", "example.com", "example.com"),
        ({}, "a.mail.example.com", "a.mail.example.com", None, "com"),
        ({"mail.example.com": RECORD}, "a.mail.example.com", "mail.example.com", "mail.example.com", "com"),
        ({"com": RECORD}, "example.com", "com", "com", "com"),
        # Two records at a place are none.
        (
            {"mail.example.com": [RECORD, OWN], "example.com": RECORD},
            "mail.example.com",
            "example.com",
            "example.com",
            "com",
        ),
        ({"example.com": [RECORD, RECORD]}, "example.com", "example.com", None, "com"),
        # A record of neither the domain nor its organization applies to nothing.
        ({"b.example.com": RECORD, "example.com": RECORD}, "a.b.example.com", "example.com", "example.com", "com"),
        # Below a suffix that is longer than what is left of a long name.
        ({"k.example.com": PSD}, DEEP, "j.k.example.com", "k.example.com", "k.example.com"),
    ],
)  # fmt: skip
def test_organizations_and_policies(
    zone: Zone, domain: str, organization: str, policy_domain: str | None, last: str
) -> None:
    found = walked(zone, domain)
    assert found.organizational_domain == organization
    assert (found.applied.domain if found.applied is not None else None) == policy_domain
    assert found.places[-1].domain == last
    assert not found.undecided


def test_whose_record_applies() -> None:
    sources = [
        found.source
        for domain in ("giant.bank.example", "mail.giant.bank.example", "mega.bank.example")
        if (found := walked(BANK, domain).applied) is not None
    ]
    assert sources == [Source.OWN, Source.ORGANIZATION, Source.SUFFIX]


@pytest.mark.parametrize(
    ("zone", "undecided", "policy_domain"),
    [
        ({"example.com": FAILED}, True, None),
        ({"com": FAILED}, True, None),
        ({"com": FAILED, "example.com": RECORD}, True, None),
        ({"com": FAILED, "mail.example.com": RECORD}, False, "mail.example.com"),
        ({"mail.example.com": FAILED, "example.com": RECORD}, True, None),
    ],
)
def test_failed_questions_leave_the_organization_open(
    zone: Zone, undecided: bool, policy_domain: str | None
) -> None:
    found = walked(zone, "mail.example.com")
    assert found.organizational_domain is None
    assert found.undecided is undecided
    assert (found.applied.domain if found.applied is not None else None) == policy_domain


@pytest.mark.parametrize(
    ("zone", "author", "other", "relaxed", "strict"),
    [
        # The RFC's table in §4.4, and its examples in B.1.
        ({"example.com": RECORD}, "news.example.com", "foo.example.com", True, False),
        ({"example.com": RECORD}, "news.example.com", "news.example.com", True, True),
        ({"example.com": RECORD, "example.net": RECORD}, "news.example.com", "foo.example.net", False, False),
        ({"example.com": RECORD}, "example.com", "example.com", True, True),
        ({"example.com": RECORD}, "example.com", "child.example.com", True, False),
        ({"example.com": RECORD}, "child.example.com", "example.com", True, False),
        ({"example.com": RECORD}, "child.example.com", "example.net", False, False),
        # B.4.3
        (BANK, "giant.bank.example", "mail.giant.bank.example", True, False),
        (BANK, "giant.bank.example", "mail.mega.bank.example", False, False),
        # Case does not count; without a record siblings are strangers.
        ({"example.com": RECORD}, "example.com", "Example.COM", True, True),
        ({}, "a.example.com", "b.example.com", False, False),
        # What is not known is not known, but for what no answer could change.
        ({"com": FAILED, "example.com": RECORD}, "example.com", "mail.example.com", None, False),
        ({"com": FAILED, "example.com": RECORD}, "example.com", "example.com", True, True),
        ({"com": FAILED, "example.com": RECORD}, "example.com", "mail.example.net", False, False),
    ],
)
def test_alignment(zone: Zone, author: str, other: str, relaxed: bool | None, strict: bool) -> None:
    mine, theirs = walked(zone, author), walked(zone, other.lower())
    assert aligned(mine, theirs, other, strict=False) is relaxed
    assert aligned(mine, theirs, other, strict=True) is strict
