"""The command line's finer points."""

import pytest

from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.config import Config
from smtpdiag_tui.cli.help_text import help_text
from smtpdiag_tui.cli.parser import UsageError
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
    with pytest.raises(
        UsageError,
        match=r"^unknown probe '.*': must be one of postmaster, null-sender, random-recipient, dane-keys$",
    ):
        read_arguments([*PAIR, f"--probe={text}"])


@pytest.mark.parametrize("text", ["5m", "1e3", "5", "soon"])
def test_what_stands_behind_an_option_and_is_no_address_is_its_value(text: str) -> None:
    with pytest.raises(UsageError, match=f"^invalid greylisting wait '{text}': must be 61 to 3600 seconds$"):
        read_arguments(["--retry-greylisted", text, *PAIR])


@pytest.mark.parametrize("option", ["--dnsbl", "--retry-greylisted"])
def test_an_empty_value_is_called_that_where_it_cannot_be_the_null_sender(option: str) -> None:
    with pytest.raises(UsageError, match=f"^empty value for {option}: omit it or give {option}=VALUE$"):
        read_arguments([option, "", *PAIR])
    assert read_arguments([option, "<>", PAIR[1]]).settings.sender == ""
    with pytest.raises(UsageError, match="empty sender '': give '<>' for the null sender"):
        read_arguments([option, "", PAIR[1]])


@pytest.mark.parametrize("sender", ["", " ", "\t"])
def test_an_empty_sender_is_refused_and_the_null_one_is_typed_as_a_path(sender: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_arguments([sender, PAIR[1]])
    assert str(caught.value) == f"empty sender {sender!r}: give '<>' for the null sender"
    assert read_arguments(["<>", PAIR[1]]).settings.sender == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (PAIR, "addresses"),
        (["--", PAIR[0]], "addresses"),
        (["-d", "192.0.2.53"], "--dns"),
        (["--dnsbl"], "--dnsbl"),
        (["--probe", "postmaster"], "--probe"),
        (["--retry-greylisted"], "--retry-greylisted"),
        (["--demo"], "--demo"),
        (["--as-local-mta"], "--as-local-mta"),
        (["--queue"], "--queue"),
        (["-4"], "-4"),
        (["--port", "25"], "--port"),
    ],
)
@pytest.mark.parametrize("saved", [["--last"], ["--replay", "run.json"]])
def test_a_saved_report_is_shown_without_what_makes_a_run(words: list[str], named: str, saved: list[str]) -> None:
    with pytest.raises(UsageError, match=f"^{saved[0]} shows a saved report and runs no tests: omit {named}$"):
        read_arguments([*saved, *words])


def test_how_a_saved_report_is_shown_may_be_said() -> None:
    words = ["--report", "text", "--redact", "-v", "--theme", "dark", "--ascii", "--no-mouse", "--no-history"]
    assert read_arguments(["--last", *words]).last
    assert read_arguments(["--replay", "run.json", *words], Config(defaults={"port": "26"})).replay == "run.json"


def test_the_end_of_options() -> None:
    read = read_arguments(["-v", PAIR[0], "--", "/v"])
    assert (read.settings.sender, read.settings.recipient, read.settings.verbose) == (PAIR[0], "/v", True)
    read = read_arguments(["--retry-greylisted", "--", "--", "-h"])
    assert (read.settings.sender, read.settings.recipient) == ("--", "-h")
    assert (read.action, read.settings.retry_greylisted) == ("run", 300)


@pytest.mark.parametrize(
    "option",
    [
        *("--report", "--queue", "--redact", "--replay", "--last", "--theme", "--ascii", "--no-mouse"),
        *("--no-history", "--demo", "--version", "--help"),
    ],
)
def test_what_is_no_setting_has_its_help_too(option: str) -> None:
    options = help_text().partition("options:")[2]
    assert sum(line.startswith("  -") and option in line.split() for line in options.splitlines()) == 1


def test_what_is_no_setting_stands_in_help_where_it_belongs() -> None:
    # From Python 3.13 on the value stands behind the last name alone, and a comma behind the first.
    lines = [line.split()[0].rstrip(",") for line in help_text().splitlines() if line.startswith("  -")]
    assert lines[lines.index("--report") + 1] == "-p"
    assert lines[lines.index("--queue") + 1] == "--all-addresses"
