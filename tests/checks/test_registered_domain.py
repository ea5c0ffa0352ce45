"""The registered domain of a name, as far as its form tells."""

import pytest

from smtpdiag_tui.checks.registered_domain import (
    below_registered,
    of_one_operator,
    registered_domain,
    related,
)


@pytest.mark.parametrize(
    ("name", "domain", "below"),
    [
        ("mx1.partner.example", "partner.example", "mx1"),
        ("MX1.Partner.Example.", "partner.example", "mx1"),
        ("a.b.partner.co.uk", "partner.co.uk", "a.b"),
        ("mx.partner.or.jp", "partner.or.jp", "mx"),
        ("mx.partner.de", "partner.de", "mx"),
        ("partner.example", "partner.example", ""),
        ("localhost", "localhost", ""),
        ("co.uk", "co.uk", ""),
    ],
)
def test_the_registered_domain_is_told_by_form(name: str, domain: str, below: str) -> None:
    assert (registered_domain(name), below_registered(name)) == (domain, below)


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (("mx1.partner.example", "mx2.partner.example"), True),
        (("mx1.partner.example", "mx1.other.example"), False),
        (("192.0.2.1", "192.0.2.1"), True),
        (("192.0.2.1", "198.51.2.1"), False),
        ((), True),
    ],
)
def test_hosts_of_one_operator_share_it(names: tuple[str, ...], one: bool) -> None:
    assert of_one_operator(names) is one


@pytest.mark.parametrize(
    ("name", "other", "one"),
    [
        ("mail.partner.example", "news.partner.example", True),
        ("news.ab.de", "ab.de", True),
        ("ab.de", "News.AB.de.", True),
        ("partner.example", "ner.example", False),
        ("partner.co.uk", "other.co.uk", False),
    ],
)
def test_names_of_one_organization(name: str, other: str, one: bool) -> None:
    assert related(name, other) is one
