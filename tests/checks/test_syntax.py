"""Addresses: what is valid, what is not, and what is worth a remark."""

import pytest

from smtpdiag_tui.checks.syntax import check_address, judge
from tests.checks.making import codes


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("bob@partner.com", "bob@partner.com"),
        ("Bob.O'Neil+x=y@Partner.COM", "Bob.O'Neil+x=y@partner.com"),
        ('"a b"@partner.com', '"a b"@partner.com'),
        ('"a@b\\"c"@partner.com', '"a@b\\"c"@partner.com'),
        ("a" * 64 + "@partner.com", "a" * 64 + "@partner.com"),
        ("bob@bücher.de", "bob@xn--bcher-kva.de"),
        ("jörg@bücher.de", "jörg@xn--bcher-kva.de"),
        ("bob@[192.0.2.1]", "bob@[192.0.2.1]"),
        ("bob@[IPv6:2001:DB8::1]", "bob@[IPv6:2001:db8::1]"),
        (" <bob@partner.com> ", "bob@partner.com"),
        ("postmaster@a.b.c.d.museum", "postmaster@a.b.c.d.museum"),
        ("bob@_dmarc.partner.com", "bob@_dmarc.partner.com"),
        ("bob@localhost", "bob@localhost"),
    ],
)
def test_a_valid_address_goes_on_the_wire(text: str, path: str) -> None:
    seen = check_address(text, sender=False)
    assert (seen.problem, seen.path) == (None, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bob",
        "@partner.com",
        "bob@",
        "bob@@partner.com",
        "bob..o@partner.com",
        ".bob@partner.com",
        "bob.@partner.com",
        "b ob@partner.com",
        "bob@part ner.com",
        "bob@-partner.com",
        "bob@partner-.com",
        "bob@part..ner.com",
        "a" * 65 + "@partner.com",
        "é" * 33 + "@partner.com",
        "bob@" + "a" * 64 + ".com",
        "bob@" + ".".join(["a" * 60] * 5),
        "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example.com",
        "bob@[192.0.2.256]",
        "bob@[2001:db8::1]",
        "bob@[IPv6:fe80::1%eth0]",
        "bob@[192.0.2.1",
        '"bob@partner.com',
        '"bo"b"@partner.com',
        "<bob@partner.com",
        "bob>@partner.com",
        "bob@partner.com\r\nDATA",
        "bob\n@partner.com",
        "bob\0@partner.com",
        "bob\x7f@partner.com",
        "bob\x85@partner.com",
        "bo\tb@partner.com",
        "bob\ud800@partner.com",
    ],
)
def test_an_invalid_address_is_refused_with_one_printable_headline(text: str) -> None:
    seen = check_address(text, sender=False)
    assert seen.problem is not None
    assert seen.problem.isprintable()
    assert seen.problem[0].isupper()
    assert not seen.problem.endswith(".")
    assert codes(judge(seen)) == ["address-invalid"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bob", "Sender address 'bob' has no @ and no domain"),
        ("bob@", "Sender address 'bob@' has no domain after the @"),
        ("@a.example", "Sender address '@a.example' has nothing before the @"),
        (".bob@a.example", "Sender address '.bob@a.example' has a local part that begins with a dot"),
        ("bob.@a.example", "Sender address 'bob.@a.example' has a local part that ends with a dot"),
        ("b..b@a.example", "Sender address 'b..b@a.example' has two dots in a row in its local part"),
        (
            "b (b,@a.example",
            "Sender address 'b (b,@a.example' has characters in its local part that must be quoted: space ( ,",
        ),
        ("bob@a..example", "Sender address 'bob@a..example' has an empty label in its domain"),
        ("bob@-a.example", "Sender address 'bob@-a.example' has an invalid domain label: '-a'"),
        ("bob@a.example.", "Sender address 'bob@a.example.' ends with a dot (remove the dot)"),
        (
            '"bo"b"@a.example',
            'Sender address \'"bo"b"@a.example\' has a quoted local part that is not closed or escaped correctly',
        ),
        (
            "bob@[192.0.2.256]",
            "Sender address 'bob@[192.0.2.256]' has an invalid address literal"
            " (write [192.0.2.1] or [IPv6:2001:db8::1])",
        ),
    ],
)
def test_what_is_wrong_with_an_address_is_told_in_a_few_words(text: str, words: str) -> None:
    assert check_address(text, sender=True).problem == words


def test_a_limit_that_is_passed_is_told_with_what_is_allowed() -> None:
    local = check_address("a" * 65 + "@a.example", sender=False).problem or ""
    assert local.endswith("has a local part of 65 bytes (maximum 64)")
    label = check_address("bob@" + "a" * 64 + ".com", sender=False).problem or ""
    assert label.endswith("has a domain label of 64 bytes (maximum 63)")
    whole = check_address("a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".example.com", sender=False).problem or ""
    assert whole.endswith("is 259 bytes long (maximum 254)")


def test_a_trailing_dot_is_told_to_be_removed() -> None:
    seen = check_address("bob@partner.com.", sender=False)
    assert codes(judge(seen)) == ["address-trailing-dot"]
    assert "remove the dot" in (seen.problem or "")


def test_the_null_sender_is_valid_the_null_recipient_is_not() -> None:
    for text in ("", "<>", '""'):
        assert codes(judge(check_address(text, sender=True))) == ["null-sender"]
        assert check_address(text, sender=True).path == ""
        assert check_address(text, sender=False).problem is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bob@partner.com", []),
        ("bob@localhost", ["domain-single-label", "special-use-domain"]),
        ("bob@my_host.partner.com", ["domain-underscore"]),
        ("bob@partner.example", ["special-use-domain"]),
        ("bob@partner.test", ["special-use-domain"]),
        ("bob@partner.invalid", ["special-use-domain"]),
        ("bob@example.com.partner.com", []),
        ("bob@bücher.de", ["address-internationalised"]),
        ("jörg@partner.com", ["address-internationalised"]),
        ("bob@[192.0.2.1]", ["address-literal"]),
    ],
)
def test_remarks_fire_where_they_should_and_nowhere_else(text: str, found: list[str]) -> None:
    assert codes(judge(check_address(text, sender=False))) == found


def test_an_internationalised_domain_alone_needs_no_smtputf8() -> None:
    assert not check_address("bob@bücher.de", sender=False).smtputf8
    assert check_address("jörg@partner.com", sender=False).smtputf8


def test_both_forms_of_an_internationalised_domain_are_shown() -> None:
    [found] = judge(check_address("bob@bücher.de", sender=False))
    assert "bücher.de" in found.message
    assert "xn--bcher-kva.de" in found.message
    [again] = judge(check_address("bob@xn--bcher-kva.de", sender=False))
    assert "bücher.de" in again.message


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('"a<b"@partner.example', False),
        ('"a\\"<b"@partner.example', False),
        ('"a<b@partner.example', True),
        ('"a\\"b<c@partner.example', True),
        ('a"b"<c@partner.example', True),
    ],
)
def test_an_angle_bracket_stands_in_quotes_that_are_closed_alone(text: str, wrong: bool) -> None:
    problem = check_address(text, sender=False).problem or ""
    assert ("contains an angle bracket" in problem) is wrong
