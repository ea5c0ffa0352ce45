"""The command that explains a bounce: where its text comes from, what it prints, and no connection made."""

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.modes.explain import readings
from tests.bounces.samples import SAMPLES

REPLY = "550 5.1.1 <bob@a.example>: User unknown"
DEFERRED = "450 4.2.0 <bob@a.example>: Greylisted"
LINE = (
    "4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=5.7.1, status=bounced (host"
    " mx.a.example[192.0.2.1] said: 550 5.7.1 <bob@a.example>: Client host [203.0.113.10] is dynamic (in reply to"
    " RCPT TO command))"
)
SENT = "4XmT9c2Lz1z8: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=2.0.0, status=sent (250 2.0.0 Ok)"


class Given(io.TextIOWrapper):
    """Standard input that is no terminal."""

    def __init__(self, data: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data))
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def give(monkeypatch: pytest.MonkeyPatch, data: bytes, *, terminal: bool = False) -> None:
    monkeypatch.setattr("sys.stdin", Given(data, terminal=terminal))


def explained(*arguments: str) -> int:
    return main(["--report", "text", "--explain", *arguments])


@pytest.mark.parametrize(("text", "status"), [(REPLY, 3), (DEFERRED, 1), (SENT, 0), (f"{SENT}\n{LINE}", 3)])
def test_the_exit_status_is_that_of_the_worst_outcome(
    text: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(text) == status
    out, err = capsys.readouterr()
    assert out.endswith("No connection was made.\n")
    assert err == ""


def test_a_deferral_and_what_is_not_known_is_a_deferral(capsys: pytest.CaptureFixture[str]) -> None:
    two = f"{LINE.replace('bounced', 'deferred')}\n{LINE.replace('bounced', 'deferred').replace('Lz1z9', 'Lz1z7')}"
    assert explained(two) == 1
    assert "1. ! DEFERRED" not in capsys.readouterr().out  # equal ones are told once


@pytest.mark.parametrize("alone", [["-"], [""], []])
def test_standard_input_is_read(
    alone: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, REPLY.encode())
    assert explained(*alone) == 3
    assert REPLY in capsys.readouterr().out


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    give(monkeypatch, b"", terminal=True)
    assert explained("-") == 2
    assert capsys.readouterr() == (
        "",
        "smtpdiag: no text on standard input: pipe one in, or give --explain TEXT or a file\n",
    )


def test_a_file_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for sample in SAMPLES:
        (tmp_path / "bounce").write_bytes(sample.data)
        explained(str(tmp_path / "bounce"))
        assert "No connection was made." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["bounce.eml", "./bounce", "/nowhere/bounce", "my bounce.eml", "~nobody/b.log"])
def test_a_file_that_is_not_there_is_one_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(name) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"smtpdiag: cannot read '{name}': ")
    assert err.count("\n") == 1


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "fifo.eml")
    assert explained(str(tmp_path / "fifo.eml")) == 2
    assert explained(str(tmp_path)) == 2
    assert [line.rpartition(": ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "not a regular file",
        "Is a directory",
    ]


@pytest.mark.parametrize("text", ["hello", "to whom it may concern", "x" * 5000, "a\0b", "\udcff\udcfe"])
def test_a_text_that_tells_nothing_is_one_sentence(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(text) == 2
    assert capsys.readouterr() == (
        "",
        "smtpdiag: cannot explain the text: no reply, log line or bounce found in the text\n",
    )


def test_lines_of_a_batch_are_none_of_a_bounce(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", "jsonl", "--explain", REPLY]) == 2
    words = "--explain prints no jsonl report: must be one of text, json, markdown, summary"
    assert capsys.readouterr() == ("", f"smtpdiag: {words}\n")


@pytest.mark.parametrize("report", ["nagios", "prometheus"])
def test_measures_of_a_run_are_none_of_a_bounce(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", report, "--explain", REPLY]) in (
        2,
        3,
    )  # as a run's usage errors are told to a monitor
    out, err = capsys.readouterr()
    assert "omit --explain" in out + err or "--explain prints no" in out + err
    assert "rejected the recipient" not in out + err


def test_json_has_the_promised_keys_and_null_for_what_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", "json", "--explain", REPLY]) == 3
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"schema", "replies"}
    assert found["schema"] == 1
    [reply] = found["replies"]
    wanted = ("sender", "host", "address", "phase", "at")
    assert {key: reply[key] for key in wanted} == dict.fromkeys(wanted)
    assert reply["recipient"] == "bob@a.example"  # whom the reply itself names
    assert reply["reply"] == REPLY
    assert (reply["reason"], reply["side"]) == ("no-such-mailbox", "recipient")
    assert reply["message"] == "The server rejected the recipient: user unknown"
    assert reply["meaning"]
    assert reply["advice"]


def test_a_summary_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", "summary", "--explain", LINE]) == 3
    out = capsys.readouterr().out
    assert out.startswith("BOUNCED unknown sender to bob@a.example: mx.a.example rejected ")
    assert out.count("\n") == 1


@pytest.mark.parametrize("report", ["text", "json", "markdown", "summary"])
def test_masked_it_names_neither_mailbox_nor_client(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--report", report, "--redact", "--explain", LINE])
    out = capsys.readouterr().out
    assert "bob" not in out
    assert "203.0.113.10" not in out
    assert "user1@a.example" in out
    assert "mx.a.example" in out


def test_masked_an_error_names_no_mailbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--redact", "--explain", "/nowhere/bob@a.example.eml", "--report", "text"]) == 2
    assert "bob" not in capsys.readouterr().err


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a connection was tried")


@pytest.mark.parametrize("redact", [[], ["--redact"]])
def test_nothing_is_connected_to_and_nothing_looked_up(
    redact: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname", "gethostbyaddr"):
        monkeypatch.setattr(socket, name, refuse)
    for sample in SAMPLES:
        give(monkeypatch, sample.data)
        main(["--report", "text", *redact, "--explain", "-"])
    assert "a connection was tried" not in capsys.readouterr().err


def test_it_loads_neither_the_interface_nor_the_engine() -> None:
    script = (
        "import sys; from smtpdiag_tui.cli.main import main;"
        f"main(['--report', 'text', '--explain', {REPLY!r}]);"
        "print([name for name in ('textual', 'rich', 'smtpdiag_tui.engine', 'smtpdiag_tui.network.system')"
        " if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_what_is_read_is_there_for_a_run_that_follows() -> None:
    reading = readings(read_arguments(["--report", "text", "--explain", LINE]))
    assert reading.told[0].recipient == "bob@a.example"
