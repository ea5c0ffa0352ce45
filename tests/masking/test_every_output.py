"""Secrets planted in addresses and settings are in no output, whichever way the command is used."""

import json
import re
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from smtpdiag_tui.cli.kept_runs import save_run
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.render.from_json import from_json

SECRET = "zecret"
PAIR = (f"{SECRET}.alice@sender.example", f"{SECRET}.bob@null.example")
OWN = ("--ehlo", f"{SECRET}host.corp.example", "--from", f"{SECRET}.boss@sender.example")
LEAK = re.compile(rf".{{0,40}}{SECRET}.{{0,20}}", re.IGNORECASE)


def told(capsys: pytest.CaptureFixture[str], *line: str) -> str:
    """Return what a masked command prints on both of its streams."""
    main([*line, "--redact"])
    printed = capsys.readouterr()
    return printed.out + printed.err


@cache
def made(recipient: str) -> bytes:
    """Return the report of a run in the demo's network that holds all secrets."""
    with redirect_stdout(StringIO()) as printed:
        main(["--demo", PAIR[0], recipient, *OWN, "--report", "json"])
    return printed.getvalue().encode()


@pytest.fixture
def saved(tmp_path: Path) -> list[str]:
    """Two runs with all secrets, as files; both are kept as well."""
    names = []
    for number, recipient in enumerate((PAIR[1], f"{SECRET}.bob@partner.example")):
        data = made(recipient)
        assert SECRET.encode() in data
        path = tmp_path / f"{number}.json"
        path.write_bytes(data)
        save_run(from_json(data))
        names.append(str(path))
    return names


@pytest.mark.parametrize(
    "form", ["text", "json", "jsonl", "markdown", "summary", "nagios", "prometheus", "markdown -v", "text -v"]
)
def test_a_run_of_every_form(form: str, saved: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for name in saved:
        assert LEAK.findall(told(capsys, "--replay", name, "--report", *form.split())) == []


@pytest.mark.parametrize("form", ["text", "json", "markdown", "summary", "text -v", "markdown -v"])
def test_a_comparison(form: str, saved: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--compare", *saved, "--report", *form.split())
    assert LEAK.findall(text) == []
    assert "user1" in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_list_of_kept_runs(form: str, saved: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--history", "--report", form)
    assert LEAK.findall(text) == []
    assert "null.example" in text
    assert str(Path(saved[0]).parent) not in text


def test_no_other_run_of_a_pair(saved: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    value = json.loads(Path(saved[0]).read_text())
    value["recipient"] = value["settings"]["recipient"] = f"{SECRET}.else@null.example"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(value))
    text = told(capsys, "--compare", str(other), "--report", "text")
    assert LEAK.findall(text) == []


@pytest.mark.parametrize("form", [("--report", "jsonl"), ("--report", "jsonl", "-v"), ("--report", "summary")])
def test_a_batch(form: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{SECRET}.txt"
    path.write_text(f"{PAIR[0]} {PAIR[1]}\n{SECRET} {SECRET} {SECRET}\n{SECRET}@x..example\n{SECRET}@\n")
    text = told(capsys, "--batch", str(path), "--demo", "--sender", PAIR[0], *OWN, *form)
    assert LEAK.findall(text) == []
    assert "null.example" in text


def test_a_batch_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"{SECRET}.txt"
    path.write_text(f"{PAIR[0]} {PAIR[1]}\n", encoding="utf-16")
    text = told(capsys, "--batch", str(path), "--demo")
    assert LEAK.findall(text) == []
    assert "UTF-16" in text


def test_a_watch(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--watch", "--demo", PAIR[0], f"{SECRET}.bob@partner.example", *OWN, "--report", "text")
    assert "accepted" in text.lower()
    assert LEAK.findall(text) == []
