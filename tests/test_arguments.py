"""The command line's finer points."""

import pytest

from smtpdiag_tui.arguments import UsageError, read_arguments
from smtpdiag_tui.settings import Probe

PAIR = ["alice@sender.example", "bob@partner.example"]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (PAIR, None),
        (["--retry-greylisted", *PAIR], 300),
        ([*PAIR, "--retry-greylisted"], 300),
        ([PAIR[0], "--retry-greylisted", PAIR[1]], 300),
        (["--retry-greylisted=90", *PAIR], 90),
        (["--retry-greylisted", "90", *PAIR], 90),
        (["--retry-greylisted", "-v", *PAIR], 300),
    ],
)
def test_the_wait_for_greylisting_may_be_left_out(words: list[str], seconds: float | None) -> None:
    arguments = read_arguments(words)
    assert arguments.settings.retry_greylisted == seconds
    assert (arguments.settings.sender, arguments.settings.recipient) == tuple(PAIR)


@pytest.mark.parametrize("text", ["5", "0", "86400", "soon"])
def test_a_wait_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="61 to 3600"):
        read_arguments([*PAIR, f"--retry-greylisted={text}"])


@pytest.mark.parametrize(
    ("words", "probes"),
    [
        ([], ()),
        (["--probe", "postmaster"], (Probe.POSTMASTER,)),
        (["--probe", "random-recipient, postmaster"], (Probe.POSTMASTER, Probe.RANDOM_RECIPIENT)),
        (["--probe=null-sender", "--probe=null-sender,postmaster"], (Probe.POSTMASTER, Probe.NULL_SENDER)),
    ],
)
def test_side_probes_are_named_and_held_in_their_own_order(words: list[str], probes: tuple[Probe, ...]) -> None:
    assert read_arguments([*PAIR, *words]).settings.probes == probes


@pytest.mark.parametrize("text", ["", "relay", "postmaster,", "bob@partner.example"])
def test_what_is_no_side_probe_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="There is no side probe"):
        read_arguments([*PAIR, f"--probe={text}"])
