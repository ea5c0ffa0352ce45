"""A reply in one line, with codes left out and what it quotes masked by marks that keep whose it is."""

import pytest

from smtpdiag_tui.checks.session.replies.names import Names, names_of
from smtpdiag_tui.checks.session.replies.normal_form import LAST, LONGEST, normal_form
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.smtp.reply import Reply
from tests.checks.making import exchange, reply, session

NAMES = Names(
    source="203.0.113.10",
    clients=frozenset({"203.0.113.10", "2001:db8::10"}),
    sender="alice@sender.example",
    recipient="bob@partner.example",
    ehlo="mail.sender.example",
    host="mx.partner.example",
)


@pytest.mark.parametrize(
    ("lines", "said", "status"),
    [
        (("550-5.7.1 one", "550-5.7.1 two", "550 5.7.1 three"), "one two three", "5.7.1"),
        (("550 #5.7.1 no",), "no", "5.7.1"),
        (("550 5.7.1 : no",), "no", "5.7.1"),
        (("550 (#5.7.1) no",), "no", "5.7.1"),
        (("550 no (#5.7.1)",), "no (#5.7.1)", "5.7.1"),
        (("450 cuda_nsu 4.7.1 no",), "no", "4.7.1"),
        (("550 550 5.1.1 no",), "no", "5.1.1"),
        (("550-550-5.1.1 one", "550 two"), "one two", "5.1.1"),
        (("550 4.7.1 other class",), "other class", ""),
        (("550 5.7.1",), "", "5.7.1"),
        (("550",), "", ""),
        (("550 5.7.10.1 is a version",), "5.7.10.1 is a version", ""),
        (("550  many   blanks\t here ",), r"many blanks\x09 here", ""),
    ],
)
def test_the_codes_at_the_beginning_of_each_line_are_left_out(
    lines: tuple[str, ...], said: str, status: str
) -> None:
    normal = normal_form(reply(*lines))
    assert (normal.said, normal.status) == (said, status)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("550 <bob@partner.example>: no", "<recipient>: no"),
        ("550 <Bob@Partner.Example> no", "<recipient> no"),
        ("550 alice@sender.example no", "<sender> no"),
        ("550 spam@blocked.example no", "<address> no"),
        ("550 id=alice%40sender.example no", "id=<sender> no"),
        ("550 <mail.sender.example[203.0.113.10]>: no", "<hello>: no"),
        ("550 <unknown[203.0.113.10]>: no", "<quoted>: no"),
        ("550 <>: no", "<nullsender>: no"),
        ("550 [203.0.113.10] no", "[<client>] no"),
        ("550 [IPv6:2001:db8::10] no", "[<client>] no"),
        ("550 [2001:DB8:0::10] no", "[<client>] no"),
        ("550 ::ffff:203.0.113.10 no", "<client> no"),
        ("550 ip=203.0.113.10 no", "ip=<client> no"),
        ("550 198.51.100.1 no", "<ip> no"),
        ("550 come back in 00:05:00", "come back in 00:05:00"),
        ("550 sender.example no", "<ourdomain> no"),
        ("550 partner.example no", "<theirdomain> no"),
        ("550 mail.sender.example no", "<hello> no"),
        ("550 blocked.example no", "<host> no"),
        ("550 zen.spamhaus.org no", "<list> no"),
        ("550 spamhaus.example no", "<host> no"),
        ("550 dbl.spamhaus.org no", "<domainlist> no"),
        ("550 pbl.spamhaus.org no", "<dynamiclist> no"),
        ("550 see https://x.example/greylist?a=b.", "see <link>"),
        ("550 full.Please ask", "full.please ask"),
        ("550 User_Unknown, over-quota", "user unknown, over quota"),
        ("550 Bo\u00eete pleine, ung\u00fcltig, nie dzia\u0142a", "boite pleine, ungultig, nie dziala"),
        ("550 doesn\u2019t exist", "doesn't exist"),
    ],
)  # fmt: skip
def test_what_is_quoted_is_masked_by_whose_it_is(line: str, words: str) -> None:
    assert normal_form(reply(line), NAMES).words == words


def test_bytes_that_are_no_utf8_are_read_as_latin_1() -> None:
    assert normal_form(Reply(550, (b"550 Bo\xeete pleine",))).words == "boite pleine"


def test_names_that_are_not_known_are_masked_all_the_same() -> None:
    normal = normal_form(reply("550 <bob@partner.example>: 203.0.113.10 mail.sender.example"))
    assert normal.words == "<address>: <ip> <host>"


def test_what_is_read_of_a_reply_is_bounded_and_has_its_last_line() -> None:
    many = normal_form(Reply(550, (b"550-word word",) * 5000 + (b"550 the end",)))
    assert many.said.endswith("the end")
    long = normal_form(Reply(550, (b"550 " + b"a" * 65_536,)))
    both = normal_form(Reply(550, (b"550-" + b"a" * 65_536, b"550 " + b"b" * 65_536)))
    for normal in (many, long, both):
        assert len(normal.said) <= LONGEST + LAST + 20
    assert both.said.endswith("b" * LAST)


def test_a_quotation_is_bounded_and_ends_in_no_full_stop() -> None:
    assert normal_form(reply("550-5.7.1 one", "550 5.7.1 two.")).quoted(512) == "550 5.7.1 one two"
    assert normal_form(reply("550 " + "a" * 900)).quoted(60) == f"550 {'a' * 55}…"


def test_a_client_is_also_what_the_server_calls_it() -> None:
    ehlo = exchange(Phase.EHLO, "250 mx.partner.example Hello mail [198.51.100.7], nice", command=b"EHLO x")
    names = names_of(session(ehlo, source="10.0.0.5"))
    assert names.clients == {"10.0.0.5", "198.51.100.7"}
    assert names_of(session(source="203.0.113.10")).clients == {"203.0.113.10"}
    own = exchange(Phase.EHLO, "250 [192.0.2.25] greets you", command=b"EHLO x")
    assert names_of(session(own, source="203.0.113.10")).clients == {"203.0.113.10"}
