"""The command as a monitor runs it: one line on stdout and an exit status of 0 to 3, whatever happens."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from smtpdiag_tui.cli import main as command
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.plugin import plugin_asked
from smtpdiag_tui.render.as_json import to_json
from tests.interrupting import LIMIT, at_work, interrupt, interruptible
from tests.render.made import made
from tests.render.monitors.nagios_parser import parsed

PAIR = ["alice@sender.example", "bob@partner.example"]
NAGIOS = ["--report", "nagios"]
MODULE = [sys.executable, "-m", "smtpdiag_tui"]
SLOW = [*MODULE, *NAGIOS, "--demo", "alice@sender.example", "bob@timeout.example", "--timeout", "30"]


@pytest.mark.parametrize(
    ("recipient", "state", "status"),
    [
        ("bob@partner.example", "OK", 0),
        ("bob@expired.example", "WARNING", 1),
        ("bob@greylist.example", "WARNING", 1),
        ("nobody@partner.example", "CRITICAL", 2),
        ("bob@referral.example", "UNKNOWN", 3),
    ],
)
def test_state_and_exit_status_agree(
    recipient: str, state: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*NAGIOS, "--demo", "alice@sender.example", recipient]) == status
    out, err = capsys.readouterr()
    assert (parsed(out).state, err) == (state, "")


USAGE = {
    "missing sender and recipient: give SENDER and RECIPIENT": NAGIOS,
    "missing recipient: give SENDER and RECIPIENT": [*NAGIOS, "alice@sender.example"],
    "unknown argument '--bogus' (see --help)": ["--report=nagios", "--bogus", *PAIR],
    "invalid port '0': must be 1 to 65535": [*PAIR, *NAGIOS, "-p", "0"],
    "--report nagios is of one run: omit --queue": [*NAGIOS, "--queue"],
    "--report nagios is of one run from this host: omit --via": [*NAGIOS, *PAIR, "--via", "local"],
    "--report nagios is of one run: omit --history": [*NAGIOS, "--history"],
    "--report nagios is of one run: omit --watch": [*NAGIOS, "--watch", *PAIR],
    "--report nagios is of one run: omit --batch": [*NAGIOS, "--batch", "-"],
    "recipient address 'bob' has no @ and no domain": [*NAGIOS, "alice@sender.example", "bob"],
    "cannot read '/nowhere/a.json': No such file or directory": [*NAGIOS, "--replay", "/nowhere/a.json"],
    "unknown argument 'a/b@c.example' (see --help)": [*NAGIOS, *PAIR, "a|b@c.example"],
}


@pytest.mark.parametrize(("words", "arguments"), USAGE.items(), ids=USAGE)
def test_a_usage_error_is_a_line_and_unknown(
    words: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 3
    out, err = capsys.readouterr()
    assert (parsed(out).state, parsed(out).text, err) == ("UNKNOWN", words, "")


def test_a_masked_usage_error_names_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NAGIOS, "--redact", "alice@sender.example", "bob"]) == 3
    assert "alice" not in capsys.readouterr().out


def test_a_configuration_that_cannot_be_used_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "smtpdiag-tui").mkdir()
    (tmp_path / "smtpdiag-tui" / "config.toml").write_text("[", encoding="utf-8")
    assert main([*NAGIOS, *PAIR]) == 3
    assert parsed(capsys.readouterr().out).text.startswith("not a TOML file")


@pytest.mark.parametrize("form", ["nagios", "prometheus"])
def test_a_saved_report_is_told_alike(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.json"
    file.write_text(to_json(made()), encoding="utf-8")
    assert main(["--report", form, "--replay", str(file)]) == {"nagios": 2, "prometheus": 3}[form]
    first = capsys.readouterr().out
    assert first
    assert main(["--report", form, "--redact", "--replay", str(file)]) == {"nagios": 2, "prometheus": 3}[form]
    assert "alice" not in capsys.readouterr().out


def test_an_accident_of_ours_is_unknown_and_no_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_argv: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(command, "_go", fails)
    with pytest.raises(SystemExit) as left:
        main([*NAGIOS, *PAIR])
    assert left.value.code == 3
    out, err = capsys.readouterr()
    assert parsed(out).state == "UNKNOWN"
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_is_unknown(number: int) -> None:
    with interruptible():
        process = subprocess.Popen(
            SLOW,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert at_work(process)
    if number == signal.SIGINT:
        interrupt(process)
    else:
        process.terminate()
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, parsed(out).text, err) == (3, "Interrupted", "")


def test_sigterm_ends_a_plugin_whose_sigint_is_ignored() -> None:
    """As a job in the background of a shell without job control has it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(SLOW, stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert at_work(process)
    process.terminate()
    out, _ = process.communicate(timeout=LIMIT)
    assert (process.returncode, parsed(out).state) == (3, "UNKNOWN")


def test_sigterm_ends_other_reports_as_ever() -> None:
    process = subprocess.Popen([*SLOW, "--report", "json"], stdout=subprocess.PIPE, text=True)
    assert at_work(process)
    process.terminate()
    out, _ = process.communicate(timeout=LIMIT)
    assert (process.returncode, out) == (-signal.SIGTERM, "")


def test_without_stdout_the_exit_status_tells() -> None:
    for redirection in (">&-", ">/dev/full"):
        command = ["sh", "-c", f'"$@" {redirection}', "sh", *MODULE, *NAGIOS, "--demo"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=LIMIT)
        assert done.returncode == 3
        assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        (["--report", "nagios"], True),
        (["--report=nagios", "--bogus"], True),
        ([*PAIR, "--report", "nagios"], True),
        (["--report", "json"], False),
        (["--report", "nagios", "--report", "json"], False),
        (["--report=json", "--report=nagios"], True),
        (["--report"], False),
        (["--", "--report", "nagios"], False),
        (["nagios"], False),
        ([], False),
    ],
)
def test_whether_a_plugin_is_asked_for(argv: list[str], asked: bool) -> None:
    assert plugin_asked(argv) is asked


def test_metrics_are_utf_8_whatever_the_locale() -> None:
    command = [*MODULE, "--report", "prometheus", "--demo", "jörg@sender.example"]
    done = subprocess.run(
        [*command, "bob@partner.example"],
        capture_output=True,
        check=False,
        timeout=LIMIT,
        env={**os.environ, "PYTHONIOENCODING": "iso-8859-1"},
    )
    assert 'sender="jörg@sender.example"' in done.stdout.decode("utf-8")


def test_metrics_keep_the_contract_for_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", "prometheus", "alice@sender.example"]) == 2
    assert capsys.readouterr().out == ""
