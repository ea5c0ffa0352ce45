"""What is typed on the command line: no control character is taken for a blank, and none is printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.cli.arguments import Arguments, read_arguments
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.settings import Settings, parse_ip
from smtpdiag_tui.tui.model.request import Request
from tests.render.made import made

PAIR = ("a@b.example", "c@d.example")
VALUES = {
    "--retry-greylisted": "300",
    "--timeout": "5",
    "--port": "25",
    "--ehlo": "x.example",
    "--source": "127.0.0.1",
    "--server": "x.example",
    "--dns": "127.0.0.1:53",
    "--dnsbl": "x.example",
    "--probe": "postmaster,null-sender",
    "--tls": "auto",
    "--theme": "dark",
    "--report": "text",
}
# Control, format and private characters, lone surrogates, and blanks that are none on a keyboard.
UNPRINTABLE = st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]) | st.sampled_from("\xa0\u2003\u3000")


@pytest.mark.parametrize("option", VALUES)
@given(bad=UNPRINTABLE, at=st.integers(0, 30), glued=st.booleans())
def test_a_value_with_a_control_character_is_usage(option: str, bad: str, at: int, glued: bool) -> None:
    value = VALUES[option][:at] + bad + VALUES[option][at:]
    with pytest.raises(UsageError):
        read(f"{option}={value}") if glued else read(option, value)


def read(*words: str) -> Arguments:
    """Read a command line of two addresses and some words more; raises UsageError as a run of it would."""
    arguments = read_arguments([*PAIR, *words])
    arguments.require_addresses()
    return arguments


@pytest.mark.parametrize("option", VALUES)
def test_blanks_around_a_value_do_no_harm_where_they_did_none(option: str) -> None:
    read(option, VALUES[option])
    if option in ("--retry-greylisted", "--timeout", "--source", "--server", "--dns", "--dnsbl", "--probe"):
        read(option, f" {VALUES[option]} ")


@pytest.mark.parametrize(
    "text", ["3\u0660\u0660", "\u0663\u0660\u0660", "3e2", "300_0", "nan", "inf", "-300", "300\n"]
)
def test_the_wait_is_of_plain_digits(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PAIR, f"--retry-greylisted={text}"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.rstrip("\n").isprintable()


@pytest.mark.parametrize("zone", ["\x1b]2;X\x07", "a b", "a/b", "\u202e", "e\n", "x" * 65, "é"])
def test_a_zone_is_an_interfaces_name(zone: str) -> None:
    assert parse_ip(f"fe80::1%{zone}") is None
    for option in ("--dns", "--source", "--server"):
        with pytest.raises(UsageError):
            read(option, f"fe80::1%{zone}")
    assert str(parse_ip("fe80::1%eth0.100")) == "fe80::1%eth0.100"


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("domain", ["partner.example", "null.example"])
def test_addresses_are_printed_as_they_are_seen(
    form: str, masked: bool, domain: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--demo", '"a\u200b\u202e"@sender.example', f'"b\u2066\ue000"@{domain}', "--report", form]
    main([*words, "--redact"] if masked else words)
    out, _ = capsys.readouterr()
    assert [line for line in out.split("\n") if not line.isprintable()] == []
    assert ("\\u202e" in out) is not masked
    assert ("\\u2066\\ue000" in out) is not masked


def test_the_interface_says_what_it_is_about_as_it_is_seen() -> None:
    was = Request.of(made().settings)
    now = Request.of(Settings(was.sender, '"b\u202e"@x.example'))
    assert now.about(was) == 'for "b\\u202e"@x.example'
