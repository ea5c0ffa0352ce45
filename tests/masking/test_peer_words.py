"""What a peer said is masked in our own sentences, however they quote it."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.masks import Masker
from smtpdiag_tui.masking.peer_words import PeerWords
from smtpdiag_tui.masking.redact import redact
from tests.engine.running import run
from tests.masking.written import everything

UNKNOWN = "450 4.1.1 User unknown"


def masked(sentence: str, *lines: str) -> str:
    masker = Masker(["bob@partner.example"], [], [])
    return PeerWords(masker, lines)(sentence)


@pytest.mark.parametrize("more", ["mailbox bob", "(bob)", "'bob' is gone"])
def test_several_lines_that_are_quoted_as_one_text_are_a_peers_to_the_end(more: str) -> None:
    lines = (UNKNOWN, f"450-4.1.1 {more}")  # one server says the first line alone
    for sentence in (f"mx deferred it: {UNKNOWN} {more}", f'Quote the reply: "{UNKNOWN} {more}".'):
        assert "bob" not in masked(sentence, *lines)


def test_lines_that_look_like_one_cut_are_a_peers_to_the_end() -> None:
    lines = ("421-550 one… two… ", "421 550 one… two… bob ")
    assert "bob" not in masked('Quote the reply: "421 550 one… two… 550 one… two… bob".', *lines)


def test_what_follows_a_whole_line_is_ours() -> None:
    assert masked(f"mx does not take it: {UNKNOWN}. Nor does bob.", UNKNOWN).endswith(". Nor does bob.")


async def test_what_two_servers_say_alike_hides_nothing_that_one_of_them_adds() -> None:
    async with DemoNetwork() as network:
        for number, more in ((1, ""), (2, "450-4.1.1 mailbox bob\r\n450 4.1.1 of alice\r\n")):
            said = f"{UNKNOWN}\r\n" if not more else f"450-{UNKNOWN[4:]}\r\n{more}"
            for address in (f"192.0.2.2{number}", f"2001:db8::2{number}"):
                script = network.hosts[address]
                network.hosts[address] = type(script)(script.host, rcpt=said.encode())
        report = await run(network, "bob@partner.example")
    assert "mailbox bob of alice" in everything(report)
    shown = everything(redact(report))
    assert "mailbox bob" not in shown
    assert "of alice" not in shown


@pytest.mark.parametrize(
    "half", ["quetz voss%…", "quetz voss…", "quetz vos…", "quetz v…", "quetz …", "quetz…", "quet…", "…"]
)
def test_no_part_of_a_local_part_with_a_blank_is_left_where_a_quotation_is_cut(half: str) -> None:
    masker = Masker(['"quetz voss"@a.example'], [], [])
    assert masker.blanks == 1
    masked = PeerWords(masker, ())(f"550 5.1.1 no such mailbox {half}")
    assert masked.startswith("550 5.1.1 no ")
    assert masked.endswith(" …")
    assert "quet" not in masked
    assert "vos" not in masked
