"""What is pasted into a field: where the addresses in it go, and that nothing takes long or raises."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.tui.model.pasted import Pasted, read_pasted, servers_in, tidied
from tests.tui.any_text import any_text

BOB = Pasted(recipient="bob@b.example")
PAIR = Pasted("alice@a.example", "bob@b.example")


@pytest.mark.parametrize(
    "text",
    [
        "bob@b.example",
        " bob@b.example\n",
        "<bob@b.example>",
        '"Bob" <bob@b.example>',
        '"Bob, the <builder>" <bob@b.example>',
        "Bob Builder <bob@b.example>,",
        "bob@b.example (Bob)",
        "(bob@b.example)",
        "'bob@b.example'",
        "“bob@b.example”",
        *(f"bob@b.example{sign}" for sign in (";", ",", ".", ":", " ;", ">", '"', ").")),
        "bob@b.example, bob@b.example",
        "mailto:bob@b.example",
        "MAILTO:bob@b.example?subject=Hello%20there&body=to=x@y.example",
        "mailto:bob%40b.example",
        "mailto:?to=bob%40b.example&subject=x",
        "<mailto:bob@b.example>",
        '<a href="mailto:bob@b.example?subject=x">write</a>',
        "[Bob](mailto:bob@b.example)",
        "<@hop.example,@hop2.example:bob@b.example>",
        "To: Bob <bob@b.example>",
        "To:\n\tBob <bob@b.example>",
        "Delivered-To: bob@b.example",
        "Final-Recipient: rfc822; bob@b.example",
        "RCPT TO:<bob@b.example> NOTIFY=NEVER",
        "rcpt to: <bob@b.example>",
    ],
)
def test_one_address_is_found_whatever_stands_around_it(text: str) -> None:
    assert read_pasted(text, "recipient") == BOB


@pytest.mark.parametrize(
    "address",
    [
        '"a b"@b.example',
        '"a>b"@b.example',
        r'"a\"@c, <"@b.example',
        "bob@[192.0.2.1]",
        "bob@[IPv6:2001:db8::1]",
        "用户@例子.example",
        "δοκιμή@παράδειγμα.example",
        "o'brien+x=y@b.example",
        "SRS0=a=b=c.example=bob@b.example",
        "a/b!c@b.example",
    ],
)
def test_an_address_of_any_kind_is_kept_as_it_is(address: str) -> None:
    for text in (address, f"<{address}>", f"Name <{address}>;", f"to=<{address}>, relay=x", f"{address},"):
        assert read_pasted(text, "recipient") == Pasted(recipient=address), text


def test_what_a_link_escapes_is_read() -> None:
    assert read_pasted("mailto:%E7%94%A8%E6%88%B7@b.example", "recipient") == Pasted(recipient="用户@b.example")
    assert read_pasted("mailto:a%25b@b.example", "recipient") == Pasted(recipient="a%b@b.example")
    assert read_pasted("mailto:a%26b%3F@b.example?x", "recipient") == Pasted(recipient="a&b?@b.example")
    both = read_pasted("mailto:bob@b.example,carol@c.example", "recipient")
    assert both == Pasted(recipient="bob@b.example", left_out=1), "those of a link are all recipients"


@pytest.mark.parametrize(
    "text",
    [
        "alice@a.example bob@b.example",
        "alice@a.example,bob@b.example;",
        "Alice <alice@a.example>\nBob <bob@b.example>",
        "from=<alice@a.example> to=<bob@b.example> proto=ESMTP helo=<mx.c.example>",
        "Nov 27 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <bob@b.example>:"
        " User unknown; from=<alice@a.example> to=<bob@b.example> proto=ESMTP",
        "From: Alice <alice@a.example>\r\nTo: Bob <bob@b.example>\r\nSubject: for eve@e.example\r\n",
        "Subject: x\nTo: bob@b.example\nFrom: alice@a.example",
        "MAIL FROM:<alice@a.example> SIZE=100\nRCPT TO:<bob@b.example>",
        "2026-11-27 13:00 1tA-1 <= alice@a.example H=x\n2026-11-27 13:00 1tA-1 => bob <bob@b.example> R=dns",
        "sm-mta[1]: x: from=<alice@a.example>, size=1\nsm-mta[2]: x: to=<bob@b.example>, delay=1",
        "Return-Path: <alice@a.example>\nDelivered-To: bob@b.example",
        "(envelope-from <alice@a.example>)\n for <bob@b.example>; Fri, 27 Nov 2026",
    ],
)
@pytest.mark.parametrize("field", ["sender", "recipient"])
def test_two_addresses_fill_both_fields(text: str, field: str) -> None:
    assert read_pasted(text, field) == PAIR


def test_a_log_line_goes_by_its_roles_wherever_it_is_pasted() -> None:
    line = (
        "Nov 27 13:00:00 mx postfix/smtp[123]: 4ABC: to=<bob@b.example>, orig_to=<x@y.example>,"
        " relay=mx.b.example[192.0.2.1]:25, status=deferred (host mx said: 450 <carol@c.example>: no)"
    )
    assert read_pasted(line, "sender") == BOB
    assert read_pasted("4ABC: from=<alice@a.example>, size=3", "recipient") == Pasted("alice@a.example")


def test_a_header_goes_where_it_is_pasted() -> None:
    assert read_pasted("From: Bob <bob@b.example>", "recipient") == BOB
    assert read_pasted("Reply-To: bob@b.example", "recipient") == BOB
    assert read_pasted("To: alice@a.example", "sender") == Pasted("alice@a.example")


@pytest.mark.parametrize("text", ["from=<>, size=1", "MAIL FROM:<>", "Return-Path: <>", "1tA-1 <= <> R=1tB-1"])
def test_a_null_sender_is_a_sender(text: str) -> None:
    assert read_pasted(text, "recipient") == Pasted("<>")
    assert read_pasted(f"{text}\nto=<bob@b.example>", "sender") == Pasted("<>", "bob@b.example")


def test_a_null_path_alone_is_the_null_sender_in_its_field_only() -> None:
    assert read_pasted(" <> ", "sender") == Pasted("<>")
    assert read_pasted("<>", "recipient") is None
    assert read_pasted("to=<>", "recipient") is None


def test_of_a_list_the_first_is_used_and_the_rest_counted() -> None:
    many = ", ".join(f"u{n}@b.example" for n in range(5))
    assert read_pasted(many, "recipient") == Pasted(recipient="u0@b.example", left_out=4)
    assert read_pasted(f"To: {many}", "recipient") == Pasted(recipient="u0@b.example", left_out=4)
    whole = read_pasted(f"From: alice@a.example\nTo: {many}", "recipient")
    assert whole == Pasted("alice@a.example", "u0@b.example", 4)


@pytest.mark.parametrize(
    "text", ["", " ", "bob", "b.example", "@b.example", "bob@", "bob@.", "to=<root>", "a b c"]
)
def test_what_holds_no_whole_address_is_left_to_the_field(text: str) -> None:
    assert read_pasted(text, "recipient") is None


def test_only_what_is_clear_is_tidied() -> None:
    assert tidied("Bob <bob@b.example>;", "recipient") == BOB
    assert tidied("bob@b.example.", "recipient") == BOB
    assert tidied("alice@a.example; bob@b.example", "sender") == PAIR
    assert tidied("a@b.example, c@d.example, e@f.example", "recipient") is None
    for text in ("a b@c.example", "to bob@b.example", '"a b" c@d.example', "bob @b.example"):
        assert tidied(text, "recipient") is None, text


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        "<",
        "a",
        "@",
        "a@",
        '\\"',
        "from=",
        "to=<",
        "mailto:",
        " => ",
        "[a",
        "a[b",
        '"a"@',
        "<a@b>",
        "To: ",
        "%40",
    ],
)
def test_a_huge_paste_takes_no_time(piece: str) -> None:
    began = time.process_time()
    read_pasted(piece * (2_000_000 // len(piece)), "sender")
    servers_in(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 1


@given(any_text, st.sampled_from(["sender", "recipient"]))
def test_any_text_is_read(text: str, field: str) -> None:
    pasted = read_pasted(text, field)
    for address in (pasted.sender, pasted.recipient) if pasted else ():
        assert address is None or address == "<>" or "@" in address


def test_servers_are_taken_from_resolv_conf_and_from_dig() -> None:
    text = "# by hand\nsearch a.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\noptions edns0"
    assert servers_in(text) == "192.0.2.53 2001:db8::53"
    assert servers_in(";; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)") == "192.0.2.53"
    assert servers_in("192.0.2.53,[2001:db8::53]:5353") == "192.0.2.53 [2001:db8::53]:5353"
    assert servers_in("ns.example 300") == ""
    assert len(servers_in(" ".join(f"192.0.2.{n}" for n in range(256))).split()) == 16


@pytest.mark.parametrize("text", ["a\x9b31m;x\x07@x.example", "bob@b.example\u202e", "<bob@b\u200b.example>"])
def test_no_address_is_cut_out_of_what_does_not_print(text: str) -> None:
    assert read_pasted(text, "recipient") is None
