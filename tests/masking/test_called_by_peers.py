"""What a reply calls this machine, and what in it is another's."""

import pytest

from smtpdiag_tui.masking.called_by_peers import addresses_in, called
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry

THEIRS = frozenset({"mx.partner.example", "192.0.2.25"})


def heard(*lines: str) -> list[tuple[str, str]]:
    entries = tuple(Entry(0.0, Direction.RECEIVED, line) for line in lines)
    return list(called(Step("delivery/mx.partner.example/192.0.2.25", "x", transcript=entries), THEIRS))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "250-mx.partner.example Hello nat.isp.example [198.51.100.77]",
            [("address", "198.51.100.77"), ("name", "nat.isp.example")],
        ),
        ("220 mx.partner.example [192.0.2.99] ready", []),
        ("550 5.7.1 198.51.100.77 is listed", [("address", "198.51.100.77")]),
        ("550 Connection from cust-9.isp.example refused", [("name", "cust-9.isp.example")]),
        ("550 192.0.2.25 does not take it", []),
        ("550 127.0.0.1 does not take it", []),
        (r"550 no\xa0198.51.100.77", [("address", "198.51.100.77")]),
    ],
)
def test_a_client_is_called_by_address_or_name(line: str, found: list[tuple[str, str]]) -> None:
    assert heard(line) == found


def test_what_we_say_calls_nobody() -> None:
    entry = Entry(0.0, Direction.SENT, "550 5.7.1 198.51.100.77 is listed")
    assert list(called(Step("delivery/a/b", "x", transcript=(entry,)), THEIRS)) == []


def test_a_peer_that_calls_us_by_many_names_is_cut_short() -> None:
    found = heard(*(f"550 client h{number}.isp.example refused" for number in range(200)))
    assert len(found) == 64
    assert found[0] == ("name", "h0.isp.example")


def test_addresses_of_others_and_of_nobody_are_left() -> None:
    text = "ip4:198.51.100.77 192.0.2.25 ::1 0.0.0.0 2001:db8::7. 1.2.3.4.5"
    assert list(addresses_in(text, THEIRS)) == ["198.51.100.77", "2001:db8::7"]
