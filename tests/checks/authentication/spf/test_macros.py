"""Macros, by the RFC's own examples and at their limits."""

import dns.name
import pytest

from smtpdiag_tui.checks.authentication.spf.macros import (
    MAX_EXPLANATION,
    MAX_NAME,
    MacroError,
    MacroValues,
    NotAsciiError,
    expand_explanation,
    expand_name,
    is_domain,
    question_name,
)
from smtpdiag_tui.checks.authentication.spf.model import SpfRequest, SpfScope

SENDER = "strong-bad@email.example.com"


def values(address: str = "192.0.2.3", sender: str = SENDER, ehlo: str = "mail.example.org") -> MacroValues:
    return MacroValues(
        SpfRequest(address, sender, ehlo, receiver="mx.example.net", now=1700000000), "email.example.com"
    )


# RFC 7208 §7.4
EXAMPLES = {
    "%{s}": "strong-bad@email.example.com",
    "%{o}": "email.example.com",
    "%{d}": "email.example.com",
    "%{d4}": "email.example.com",
    "%{d3}": "email.example.com",
    "%{d2}": "example.com",
    "%{d1}": "com",
    "%{dr}": "com.example.email",
    "%{d2r}": "example.email",
    "%{l}": "strong-bad",
    "%{l-}": "strong.bad",
    "%{lr}": "strong-bad",
    "%{lr-}": "bad.strong",
    "%{l1r-}": "strong",
    "%{ir}.%{v}._spf.%{d2}": "3.2.0.192.in-addr._spf.example.com",
    "%{lr-}.lp._spf.%{d2}": "bad.strong.lp._spf.example.com",
    "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}": "bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
    "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}": "3.2.0.192.in-addr.strong.lp._spf.example.com",
    "%{d2}.trusted-domains.example.net": "example.com.trusted-domains.example.net",
}


@pytest.mark.parametrize(("text", "expanded"), EXAMPLES.items())
def test_the_examples_of_the_rfc(text: str, expanded: str) -> None:
    assert expand_name(text, values(), "unknown") == expanded


def test_the_example_of_ipv6() -> None:
    nibbles = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
    expanded = expand_name("%{ir}.%{v}._spf.%{d2}", values("2001:db8::cb01"), "unknown")
    assert expanded == f"{nibbles}.ip6._spf.example.com"


def test_a_mapped_address_is_ipv4() -> None:
    assert expand_name("%{i}.%{v}.a.example", values("::ffff:192.0.2.3"), "") == "192.0.2.3.in-addr.a.example"


def test_an_explanation_knows_more_letters_and_blanks() -> None:
    text = "%{c} %{r} %{t} %{h} 100%% %_%-"
    assert expand_explanation(text, values("2001:DB8::1"), "") == (
        "2001:db8::1 mx.example.net 1700000000 mail.example.org 100%  %20"
    )


def test_a_capital_letter_escapes() -> None:
    assert expand_explanation("%{L}", values(sender="a/b c=~_-.d@x.example"), "") == "a%2Fb%20c%3D~_-.d"


def test_the_ehlo_name_is_the_sender_where_it_is_judged() -> None:
    for request in (
        SpfRequest("192.0.2.3", "", "mail.example.org"),
        SpfRequest("192.0.2.3", SENDER, "mail.example.org", SpfScope.EHLO),
    ):
        assert expand_explanation("%{s} %{o}", MacroValues(request, request.domain), "") == (
            "postmaster@mail.example.org mail.example.org"
        )


@pytest.mark.parametrize("text", ["%", "%{", "%{}", "%{d", "%{dd}", "%{d-r}", "%{d*}", "%{d} \x07"])
def test_a_broken_macro_is_an_error(text: str) -> None:
    with pytest.raises(MacroError):
        expand_explanation(text, values(), "")


def test_a_long_name_loses_labels_on_the_left() -> None:
    name = expand_name("%{d}." * 30 + "a.example", values(), "")
    assert len(name) <= MAX_NAME < len(name) + len("example.")
    assert name.endswith("email.example.com.a.example")
    assert not name.startswith(".")


def test_more_parts_than_there_are_are_all() -> None:
    assert expand_name("%{d99999999999999999999}.a.example", values(), "") == "email.example.com.a.example"


def test_macros_that_grow_are_bounded() -> None:
    grown = "%{s}" * 15_000
    assert len(expand_explanation(grown, values(), "")) == MAX_EXPLANATION
    assert len(expand_name(f"{grown}.a.example", values(), "")) <= MAX_NAME


def test_a_local_part_outside_ascii_is_in_no_name() -> None:
    with pytest.raises(NotAsciiError):
        expand_name("%{l}.a.example", values(sender="j\xf6rg@x.example"), "")


@pytest.mark.parametrize("name", ["example", "", ".example", "a..example", "[192.0.2.1]", f"{'a' * 64}.example"])
def test_what_can_have_no_record(name: str) -> None:
    assert not is_domain(name)


@pytest.mark.parametrize("name", ["a\\b.example", "alice@b.c", 'a"(b);$ c.example', "a%20+b/c:d!.example"])
def test_a_question_is_written_as_answers_are(name: str) -> None:
    labels = [label.encode() for label in name.split(".")]
    assert question_name(name) == dns.name.Name([*labels, b""]).to_text(omit_final_dot=True)
