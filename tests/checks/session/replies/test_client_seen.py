"""A reply that names another client than this host speaks of a proxy before the server."""

import pytest

from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from tests.checks.making import exchange, session

OTHER = "172.18.0.1"


def at(line: str, source: str | None = "203.0.113.10", ehlo: str = "250 mx.partner.example") -> Finding:
    refusing = exchange(Phase.RCPT, *line.split("\n"))
    greeted = exchange(Phase.EHLO, ehlo, command=b"EHLO x")
    [found] = judge_refusal(session(greeted, refusing, source=source), refusing)
    return found


@pytest.mark.parametrize(
    "line",
    [
        f"550 5.7.23 SPF fail, see http://www.openspf.net/Why?s=helo;id=mail.sender.example;ip={OTHER}",
        f"554 5.7.1 Client host [{OTHER}] blocked using zen.spamhaus.org",
        f"550 no PTR for your IP address {OTHER}",
        f"550-5.7.1 [{OTHER}] low reputation\n550 5.7.1 of the sending IP",
        f"550 mail from {OTHER} rejected by SPF",
        "550 5.7.1 Client host [198.51.100.9] has no PTR",
    ],
)
def test_another_client_is_told_with_both_addresses_and_is_their_side(line: str) -> None:
    found = at(line)
    other = OTHER if OTHER in line else "198.51.100.9"
    assert (found.side, found.party) == (Side.RECIPIENT, Party.SERVER)
    assert found.reason is not Reason.UNEXPLAINED
    for told in (found.meaning, found.advice or ""):
        assert other in told
        assert "203.0.113.10" in told
    assert (found.advice or "").startswith("MX administrator of mx.partner.example: ")


@pytest.mark.parametrize(
    "line",
    [
        "550 no PTR for your IP address 203.0.113.10",
        "550 no PTR for [IPv6:::ffff:203.0.113.10]",
        "550 no PTR for client [::ffff:203.0.113.10]",
        "554 5.7.1 Client host [203.0.113.10] blocked using zen.spamhaus.org; 127.0.0.4",
        "554 blocked using zen.spamhaus.org; https://check.spamhaus.org/returnc/pub/198.51.100.1/",
        "550 no PTR, said 192.0.2.25",
        "550 mail from 203.0.113.0/24 is not accepted",
        "550 no PTR; written at 12:30:00",
        "550 no PTR",
        "554 IP=203.0.113.10 - None/bad reputation (see https://x.example/?ip=198.51.100.1&c=tc)",
        "554 our host ip 192.0.2.25 rejects: no PTR",
    ],
)
def test_what_is_no_other_client_is_not_told_as_one(line: str) -> None:
    assert at(line).side is not Side.RECIPIENT or "returnc" in line
    assert "hides" not in at(line).meaning


def test_what_the_server_calls_the_client_in_its_reply_to_ehlo_is_this_host() -> None:
    line = "550 no PTR for your IP address 198.51.100.7"
    assert at(line, ehlo="250 mx.partner.example Hello [198.51.100.7]").side is Side.HERE
    assert at(line).side is Side.RECIPIENT


def test_behind_a_translator_of_ours_they_see_its_address() -> None:
    found = at("550 no PTR for your IP address 198.51.100.7", source="10.0.0.5")
    assert (found.side, found.party) == (Side.HERE, Party.MACHINE)
    assert at("550 no PTR for your IP address 198.51.100.7", source=None).side is Side.HERE


def test_an_ipv6_client_is_compared_in_its_own_family() -> None:
    line = "550 no PTR for your IP address 2001:DB8:0:0::10"
    assert at(line, source="2001:db8::10").side is Side.HERE
    assert at("550 no PTR for [IPv6:2001:db8::99]", source="2001:db8::10").side is Side.HERE
    assert at("550 your IP address [IPv6:2001:db8::99] has no PTR", source="2001:db8::10").side is Side.RECIPIENT
    assert at("550 your IP address 2001:db8::99 has no PTR", source="203.0.113.10").side is Side.HERE


@pytest.mark.parametrize(
    "line",
    [
        "550 5.7.1 SPF fail: 192.168.3.1 is not permitted to send for sender.example",
        "450 4.7.25 no PTR for 10.1.2.3, fix your reverse DNS",
        "554 5.7.1 172.16.8.4 is listed at zen.spamhaus.org",
        "421 4.7.0 too many connections (10.1.2.3)",
    ],
)
def test_an_address_of_a_private_network_is_their_proxy_s_whatever_stands_about_it(line: str) -> None:
    assert at(line).side is Side.RECIPIENT


@pytest.mark.parametrize(
    "line",
    [
        "550 5.7.1 SPF fail: 203.0.113.10 is not permitted, seen by filter 10.1.2.3",
        "550 5.7.1 SPF fail for sender.example",
        "554 5.7.1 203.0.113.10 is listed at zen.spamhaus.org",
    ],
)
def test_an_address_of_a_private_network_beside_this_host_s_own_is_no_client(line: str) -> None:
    assert at(line).side is Side.HERE


def test_a_private_address_in_a_reply_about_the_sender_s_domain_is_no_client() -> None:
    assert at("450 4.1.8 the MX of sender.example is 10.1.2.3: invalid sender domain").side is Side.HERE
