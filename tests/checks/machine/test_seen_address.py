"""What servers say of the address they see: taken where they speak of the client, and nowhere else."""

import ipaddress

import pytest

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.machine.seen_address import echo_of
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from tests.checks.making import exchange, session

SOURCE, OURS, OURS6 = "10.0.0.10", "198.51.100.9", "2001:db8:7::9"
FOREIGN = ("192.0.2.25", "192.0.2.26")
_PUBLIC = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32")]


def is_public(address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in network for network in _PUBLIC)
    except ValueError:
        return False


def said(phase: Phase, *lines: str, source: str = SOURCE, ehlo: str | None = None) -> str | None:
    from dataclasses import replace

    seen: SessionObservation = session(exchange(phase, *lines), source=source)
    if ehlo is not None:
        seen = replace(seen, envelope=replace(seen.envelope, ehlo=ehlo))
    found = echo_of(seen, FOREIGN, is_public)
    return found.address if found is not None else None


GREETED = {
    "Exim": f"250-mx.partner.example Hello mail.sender.example [{OURS}]",
    "Sendmail": f"250-mx.partner.example Hello mail.sender.example [{OURS}] (may be forged), pleased to meet you",
    "Exchange": f"250-mx.partner.example Hello [{OURS}]",
    "Google": f"250-mx.partner.example at your service, [{OURS}]",
    "round brackets": f"250-mx.partner.example Hello mail.sender.example ({OURS}), nice to meet you",
    "no brackets": f"250-mx.partner.example Hello {OURS}, nice to meet you",
    "a literal as domain": f"250-[192.0.2.25] Hello mail.sender.example [{OURS}]",
}


@pytest.mark.parametrize("line", GREETED.values(), ids=GREETED)
def test_the_reply_to_ehlo_greets_the_address(line: str) -> None:
    assert said(Phase.EHLO, line, "250 SIZE") == OURS
    assert said(Phase.EHLO, line.replace("250-", "250 ", 1)) == OURS


SPOKEN_OF = {
    "Postfix, listed": f"554 5.7.1 Service unavailable; Client host [{OURS}] blocked using bl.example",
    "Postfix, no name": f"450 4.7.25 Client host rejected: cannot find your hostname, [{OURS}]",
    "Postfix, client first": f"554 5.7.1 <mail.sender.example[{OURS}]>: Client host rejected: Access denied",
    "Postfix, too many": f"421 4.7.0 mx.partner.example Error: too many connections from {OURS}",
    "Google": f"550-5.7.25 [{OURS}] The IP address sending this message does not have a PTR record",
    "Google, padded": f"421-4.7.0 [{OURS}      15] Our system has detected an unusual rate",
    "Microsoft": f"550 5.7.606 Access denied, banned sending IP [{OURS}]. To request removal",
    "Yahoo": f"421 4.7.0 [TSS04] Messages from {OURS} temporarily deferred due to user complaints",
    "IP=": f"554 IP={OURS} - A problem occurred.",
    "a link": f"550 5.7.1 Blocked - see https://www.list.example/query/ip/{OURS}",
    "a link with a query": f"550 5.7.0 Blocked - see https://check.example/?ip={OURS}",
    "Exim": f"550-rejected because {OURS} is in a black list at bl.example",
}


@pytest.mark.parametrize("line", SPOKEN_OF.values(), ids=SPOKEN_OF)
@pytest.mark.parametrize("phase", [Phase.GREETING, Phase.MAIL, Phase.RCPT])
def test_refusals_speak_of_the_address(line: str, phase: Phase) -> None:
    assert said(phase, line) == OURS


def test_ipv6_addresses_are_told_in_either_form() -> None:
    source = "fd00::10"
    for text in (f"[IPv6:{OURS6.upper()}]", f"[{OURS6}]"):
        line = f"250 mx.partner.example Hello mail.sender.example {text}"
        assert said(Phase.EHLO, line, source=source) == OURS6
    assert said(Phase.MAIL, f"550 5.7.1 Client host [{OURS6}] blocked", source=source) == OURS6
    assert said(Phase.EHLO, f"250 mx Hello name [::ffff:{OURS}]") == OURS


NOTHING = {
    "no address": (Phase.EHLO, "250 mx.partner.example"),
    "the server's own domain": (Phase.EHLO, f"250 [{OURS}]"),
    "the target": (Phase.EHLO, "250 mx.partner.example Hello [192.0.2.25]"),
    "another mail host": (Phase.EHLO, "250 mx.partner.example Hello [192.0.2.26]"),
    "a relay's private address": (Phase.EHLO, "250 mx.partner.example Hello name [172.17.0.1]"),
    "the other family": (Phase.EHLO, f"250 mx.partner.example Hello name [{OURS6}]"),
    "loopback": (Phase.EHLO, "250 mx.partner.example Hello name [127.0.0.1]"),
    "the server's own before it greets": (
        Phase.EHLO,
        f"250-mx.partner.example [{OURS}] Hello mail.sender.example",
    ),
    "an extension": (Phase.EHLO, f"250-mx.partner.example\n250 X-CLIENT [{OURS}]"),
    "a version": (Phase.GREETING, "220 mx.partner.example ESMTP server 198.51.100.9 ready"),
    "an accepted recipient": (Phase.RCPT, f"250 2.1.5 from {OURS}"),
    "a name that begins so": (Phase.MAIL, f"550 5.7.1 from {OURS}.pool.example"),
    "no number": (Phase.MAIL, "550 5.7.1 Client host [300.1.2.3] blocked"),
    "the last word": (Phase.QUIT, f"550 5.7.1 Client host [{OURS}] blocked"),
}


@pytest.mark.parametrize(("phase", "text"), NOTHING.values(), ids=NOTHING)
def test_what_cannot_be_ours_or_stands_elsewhere_is_passed_over(phase: Phase, text: str) -> None:
    assert said(phase, *text.split("\n")) is None


def test_our_own_literal_that_comes_back_says_nothing_of_what_is_seen() -> None:
    own = f"[{OURS}]"
    assert said(Phase.EHLO, f"250 mx Hello {own}", ehlo=own) is None
    assert said(Phase.EHLO, f"250 mx Hello {own} [{OURS}]", ehlo=own) == OURS
    assert said(Phase.EHLO, f"250 mx Hello [{SOURCE}] [{OURS}]", ehlo=f"[{SOURCE}]") == OURS


def test_the_source_itself_may_be_seen_also_where_it_is_private() -> None:
    assert said(Phase.EHLO, f"250 mx Hello name [{SOURCE}]") == SOURCE


@pytest.mark.parametrize(
    ("phase", "line", "strong"),
    [
        (Phase.EHLO, f"250 mx.partner.example Hello mail.sender.example [{OURS}]", True),
        (Phase.EHLO, f"250 mx.partner.example [192.0.2.90] Hello mail.sender.example [{OURS}]", True),
        (Phase.EHLO, f"250 mx.partner.example [{OURS}]", False),
        (Phase.MAIL, f"550 5.7.1 Client host [{OURS}] rejected", True),
        (Phase.GREETING, f"220 mx.partner.example your IP {OURS} is logged", False),
    ],
)
def test_a_word_is_strong_where_the_client_is_greeted_or_refused(phase: Phase, line: str, strong: bool) -> None:
    found = echo_of(session(exchange(phase, line), source=SOURCE), FOREIGN, is_public)
    assert found is not None
    assert (found.address, found.strong) == (OURS, strong)


def test_without_a_connection_there_is_no_word() -> None:
    assert echo_of(session(), FOREIGN, is_public) is None


def test_the_reply_to_ehlo_counts_before_other_words_and_the_line_is_kept_printable() -> None:
    seen = session(
        exchange(Phase.GREETING, "220 mx you are 198.51.100.77"),
        exchange(Phase.EHLO, f"250 mx Hello \x1b[31m [{OURS}]"),
        source=SOURCE,
    )
    found = echo_of(seen, FOREIGN, is_public)
    assert found is not None
    assert (found.address, found.said_by) == (OURS, "mx.partner.example [192.0.2.25]")
    assert found.line == rf"250 mx Hello \x1b[31m [{OURS}]"


def test_a_long_line_is_read_as_far_as_it_may_say_something() -> None:
    assert said(Phase.EHLO, f"250 mx {'[' * 60_000} [{OURS}]") is None
    assert said(Phase.MAIL, *[f"550-{'from ' * 12_000}"] * 200, f"550 from {OURS}") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [("2001:DB8::1%eth0", "2001:db8::1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("mail.example", ""), ("", "")],
)
def test_an_address_in_its_plain_form(text: str, address: str) -> None:
    assert canonical(text) == address
