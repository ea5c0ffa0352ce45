"""The command, as a script sees it: arguments, streams and exit status."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from smtpdiag_tui import __version__
from smtpdiag_tui.cli.commands import REPORTS
from smtpdiag_tui.cli.main import main
from tests.interrupting import LIMIT, at_work, interrupt, interruptible

PAIR = ["alice@sender.example", "bob@partner.example"]

EHLO_NAMES = "a host name or address literal, without spaces, angle brackets or control characters"
BAD = {
    "missing sender and recipient: give SENDER and RECIPIENT": [],
    "missing recipient: give SENDER and RECIPIENT": ["alice@sender.example"],
    "unknown argument 'carol@partner.example' (see --help)": [*PAIR, "carol@partner.example"],
    "unknown arguments 'carol@partner.example', '--bogus' (see --help)": [
        *PAIR,
        "carol@partner.example",
        "--bogus",
    ],
    "invalid DNS server 'ns.example': must be IP, IP:PORT or [IPv6]:PORT": [*PAIR, "-d", "ns.example"],
    "invalid DNS server port '0': must be 1 to 65535": [*PAIR, "--dns", "192.0.2.53:0"],
    "missing value for -d/--dns (see --help)": [*PAIR, "-d"],
    "missing value for --report (see --help)": [*PAIR, "--report"],
    "--last takes no value (see --help)": ["--last=1"],
    "-h/--help takes no value (see --help)": ["--help=1"],
    "invalid port '65536': must be 1 to 65535": [*PAIR, "--port", "65536"],
    "invalid port '0': must be 1 to 65535": [*PAIR, "-p", "0"],
    "invalid timeout '0': must be 0.001 to 86400 seconds": [*PAIR, "--timeout", "0"],
    "invalid timeout 'soon': must be 0.001 to 86400 seconds": [*PAIR, "--timeout", "soon"],
    "invalid timeout 'inf': must be 0.001 to 86400 seconds": [*PAIR, "--timeout", "inf"],
    f"invalid EHLO name 'a b': must be {EHLO_NAMES}": [*PAIR, "--ehlo", "a b"],
    f"invalid EHLO name 'a<b': must be {EHLO_NAMES}": [*PAIR, "--ehlo", "a<b"],
    f"invalid EHLO name 'a\\r\\nQUIT': must be {EHLO_NAMES}": [*PAIR, "--ehlo", "a\r\nQUIT"],
    "invalid server 'fe80::1%a b': must be a host name or an IP address": [*PAIR, "--server", "fe80::1%a b"],
    "invalid server 'a b': must be a host name or an IP address": [*PAIR, "--server", "a b"],
    "invalid source address 'here': must be an IP address": [*PAIR, "--source", "here"],
    "source address '192.0.2.77' is not on this host: must be one of its addresses": [
        *PAIR,
        *("--source", "192.0.2.77"),
    ],
    "source address '192.0.2.77' conflicts with -6: must be an IPv6 address": [
        *PAIR,
        "--source",
        "192.0.2.77",
        "-6",
    ],
    "source address '203.0.113.1' is not on this host: must be one of its addresses": [
        "--demo",
        *("--source", "203.0.113.1"),
    ],
    "-4 and -6 conflict: omit both to test IPv4 and IPv6": [*PAIR, "-4", "-6"],
    "unknown TLS policy 'maybe': must be one of auto, off, require, implicit": [*PAIR, "--tls", "maybe"],
    f"unknown report 'xml': must be one of {', '.join(REPORTS)}": [*PAIR, "--report", "xml"],
    "unknown argument '--bogus' (see --help)": [*PAIR, "--bogus"],
    "unknown theme 'foo' (see --help)": [*PAIR, "--theme", "foo"],
    "invalid greylisting wait '5m': must be 61 to 3600 seconds": ["--retry-greylisted", "5m", *PAIR],
    "empty value for --replay: give the file of a saved report": ["--replay", ""],
    "--replay and --last conflict: give one of them": ["--replay", "a.json", "--last"],
    "--last shows a saved report and runs no tests: omit addresses": ["--last", *PAIR],
    "invalid blocklist 'a': must be a domain such as zen.spamhaus.org": [*PAIR, "--dnsbl=a"],
    "invalid address 'x' for --as-address: must be an IP address without a zone": [*PAIR, "--as-address", "x"],
    "invalid From address 'x': must be a mail address such as alice@example.com": [*PAIR, "--from", "x"],
    "the From address 'a..b@c.example' has two dots in a row in its local part": [
        *PAIR,
        "--from",
        "a..b@c.example",
    ],
    "invalid DKIM selector '@a.example': must be SELECTOR or SELECTOR@DOMAIN": [
        *PAIR,
        *("--dkim-selector", "@a.example"),
    ],
    "cannot read message file '/nowhere/a.eml': No such file or directory": [*PAIR, "--message", "/nowhere/a.eml"],
    "--last shows a saved report and runs no tests: omit --message": ["--last", "--message", "-"],
    "too many blocklists: 17 given, at most 16 allowed": [*PAIR, *(f"--dnsbl=l{n}.example" for n in range(17))],
}
BAD_ADDRESSES = {
    "no @": ["alice@sender.example", "bob"],
    "a null recipient": ["alice@sender.example", "<>"],
    "a trailing dot": ["alice@sender.example", "bob@partner.example."],
    "a line end in the sender": ["alice@sender.example\r\nRCPT TO:<x@y.example>", "bob@partner.example"],
    "a NUL in the recipient": ["alice@sender.example", "bob\0@partner.example"],
    "unbalanced brackets": ["alice@sender.example", "<bob@partner.example"],
    "an option behind the end of options": ["--demo", "--", "--version"],
}


@pytest.mark.parametrize(("words", "arguments"), BAD.items(), ids=BAD)
def test_bad_input_gets_one_line_and_exit_2(
    words: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", f"smtpdiag: {words}\n")


@pytest.mark.parametrize("arguments", BAD_ADDRESSES.values(), ids=BAD_ADDRESSES)
def test_a_bad_address_gets_one_line_and_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("smtpdiag: ")
    assert err[10].islower()
    assert err.rstrip("\n").isprintable()


def test_the_demo_goes_out_from_its_own_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--source", "192.0.2.10"]) == 0
    assert "192.0.2.10" in capsys.readouterr().out


@pytest.mark.parametrize("sender", ["-alice@sender.example", "--dnsbl@sender.example", "/v@sender.example"])
def test_behind_the_end_of_options_all_are_addresses(sender: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--report", "json", "--", sender, "bob@partner.example"]) == 0
    assert json.loads(capsys.readouterr().out)["sender"] == sender


@pytest.mark.parametrize(
    ("recipient", "status"),
    [
        ("bob@partner.example", 0),
        ("bob@expired.example", 0),
        ("bob@greylist.example", 1),
        ("nobody@partner.example", 3),
        ("bob@null.example", 3),
    ],
)
@pytest.mark.parametrize("form", [form for form in REPORTS if form != "nagios"])  # a plug-in has its own
def test_the_exit_status_tells_the_outcome(
    recipient: str, status: int, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", "--report", form, "alice@sender.example", recipient]) == status
    out, err = capsys.readouterr()
    assert out.endswith("\n")
    assert err == ""
    if form == "json":
        assert json.loads(out)["recipient"] == recipient


def test_without_a_terminal_it_prints_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo"]) == 0
    assert capsys.readouterr().out.startswith("✓ ACCEPTED  alice@sender.example to bob@partner.example\n")


def test_blanks_and_brackets_around_addresses_are_stripped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--report", "json", " <> ", " <bob@partner.example> "]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["sender"], report["recipient"]) == ("", "bob@partner.example")


def test_options_may_stand_anywhere_and_as_smtpdiag_had_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/v", "alice@sender.example", "-d", "192.0.2.54", "bob@partner.example", "--demo"]) == 0
    out = capsys.readouterr().out
    assert "Settings: target DNS 192.0.2.54" in " ".join(out.split())
    assert "Fails if:" in out


@pytest.mark.parametrize("option", ["--help", "-h", "/?"])
def test_help(option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([option]) == 0
    out, err = capsys.readouterr()
    assert "usage: smtpdiag" in out
    assert [line for line in out.splitlines() if len(line) > 80] == []
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"smtpdiag {__version__}\n"


@pytest.mark.parametrize(
    "module", [["-m", "smtpdiag_tui"], ["-c", "import smtpdiag_tui.cli.main as c; c.entry()"]]
)
def test_ctrl_c_leaves_with_130_and_says_so(module: list[str]) -> None:
    command = [sys.executable, *module, "--demo", "alice@sender.example", "bob@timeout.example", "--timeout", "30"]
    environment = {**os.environ, "PYTHONWARNINGS": "default::ResourceWarning", "TERM": "dumb"}
    with interruptible():
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
    assert at_work(process)
    interrupt(process)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (130, "", "smtpdiag: interrupted\n")


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = f"{sys.executable} -m smtpdiag_tui --demo --report text | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=30)
    assert done.stdout == "✓ ACCEPTED  alice@sender.example to bob@partner.example\n"
    assert done.stderr == ""


def test_an_ascii_locale_gets_ascii() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "TERM": "dumb"}
    command = [sys.executable, "-m", "smtpdiag_tui", "--demo"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30, env=environment)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert done.stdout.startswith(b"+ ACCEPTED  alice@sender.example to bob@partner.example\n")
    assert b"\\u" not in done.stdout


def test_with_stderr_in_a_file_there_is_no_interface_but_a_report(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "smtpdiag_tui", "--demo", "--ascii"],
            stdin=theirs,
            stdout=theirs,
            stderr=log,
            env={**os.environ, "TERM": "xterm-256color"},
        )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a pseudo-terminal
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    assert process.wait(timeout=20) == 0
    assert b"alice@sender.example to bob@partner.example" in shown
    assert b"+ ACCEPTED" in shown
    assert (tmp_path / "log").read_bytes() == b""
