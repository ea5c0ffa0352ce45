"""`--explain TEXT --run`: which delivery is tested, what is told beside it, and what is a usage error."""

import json
from pathlib import Path

import pytest

from smtpdiag_tui.cli.main import main

REPLY = "450 4.2.0 <bob@greylist.example>: Recipient address rejected: Greylisted"
HOST = "mx.greylist.example[192.0.2.33]"
LINES = (
    "Nov 27 13:01:34 mail postfix/qmgr[811]: 4XmT9c2Lz1z9: from=<alice@sender.example>, size=18, nrcpt=1 (queue)\n"
    f"Nov 27 13:01:35 mail postfix/smtp[2811]: 4XmT9c2Lz1z9: to=<bob@greylist.example>, relay={HOST}:25,"
    f" delay=0.9, dsn=4.2.0, status=deferred (host {HOST} said: {REPLY} (in reply to RCPT TO command))\n"
)
OTHER = (
    LINES.splitlines()[1]
    .replace("bob@greylist.example", "carol@dead.example")
    .replace("4XmT9c2Lz1z9", "5XmT9c2Lz1z9")
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "mail.log"
    path.write_text(LINES)
    return path


def test_the_hop_is_tested_and_what_was_then_is_set_beside_it(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", "--explain", str(log), "--run", "--report", "text"]) == 1
    shown = capsys.readouterr().out
    explained, _, rest = shown.partition("Then:")
    assert explained.startswith("! DEFERRED  alice@sender.example to bob@greylist.example\n")
    assert "No connection was made" not in shown
    lines = rest.splitlines()
    assert lines[0].strip().startswith("450 4.2.0 at RCPT TO (greylisting)")
    assert lines[1] == "Now:          450 4.2.0 at RCPT TO (greylisting)"
    assert lines[2] == "Compared:     the same would happen again"
    assert "! DEFERRED  alice@sender.example to bob@greylist.example" in lines


def test_json_has_replies_run_and_comparison(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "--explain", str(log), "--run", "--report", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["schema", "replies", "run", "beside"]
    assert told["replies"][0]["recipient"] == told["run"]["recipient"] == "bob@greylist.example"
    assert told["beside"]["verdict"] == "again"
    assert told["beside"]["step"] == "delivery/mx.greylist.example/192.0.2.33"
    assert told["beside"]["reply"] == 0


def test_a_summary_is_one_line_and_markdown_has_the_three_lines(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", "--explain", str(log), "--run", "--report", "summary"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert shown.endswith("; then 450 4.2.0 at RCPT TO (greylisting), the same would happen again\n")
    assert main(["--demo", "--explain", str(log), "--run", "--report", "markdown"]) == 1
    assert "- **Compared:** the same would happen again\n" in capsys.readouterr().out


def test_what_is_masked_in_the_report_is_masked_in_all_of_it(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo", "--explain", str(log), "--run", "--report", "text", "--redact"]) == 1
    shown = capsys.readouterr().out
    assert "Compared:" in shown
    for private in ("alice", "bob@", "192.0.2.10", "mail.sender.example"):
        assert private not in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["550 5.1.1 User unknown"], "the text names no sender and recipient: give SENDER and RECIPIENT"),
        (["550 5.1.1 User unknown", "--via", "ssh:mail"], "--explain --run and --via conflict: omit one of them"),
        (["no mail at all"], "cannot explain the text: no reply, log line or bounce found in the text"),
        (
            [LINES + OTHER],
            "deliveries to 2 recipients: give SENDER and RECIPIENT, one of bob@greylist.example,"
            " carol@dead.example",
        ),
        (
            [LINES, "a@sender.example", "x@y.example"],
            "no delivery to 'x@y.example' in the text: must be one of bob@greylist.example",
        ),
    ],
)
def test_what_cannot_be_run_is_one_clear_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, *more = arguments
    assert main(["--demo", "--explain", text, "--run", "--report", "text", *more]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"smtpdiag: {words}\n"


def test_the_recipient_of_the_command_line_chooses_among_several(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--demo", "--explain", LINES + OTHER, "--run", "--report", "json"]
    assert main([*arguments, "alice@sender.example", "carol@dead.example"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run"]["recipient"] == "carol@dead.example"
    assert told["beside"]["reply"] == 1
    assert told["beside"]["verdict"] == "unknown"  # the host of the log line is none of its domain


def test_a_reply_alone_is_run_with_the_addresses_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--demo", "--explain", REPLY, "--run", "--report", "json"]
    assert main([*arguments, "alice@sender.example", "bob@greylist.example"]) == 1
    assert json.loads(capsys.readouterr().out)["beside"]["verdict"] == "again"


def test_escape_sequences_and_markup_of_a_log_stay_words(capsys: pytest.CaptureFixture[str]) -> None:
    text = LINES.replace("Greylisted", "Greylisted \x1b[31m[red]`rm`\x9b31m\u202e")
    assert main(["--demo", "--explain", text, "--run", "--report", "text"]) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("recipient", "host", "reply", "because"),
    [
        (
            "bob@uplink.example",
            "mx.uplink.example[192.0.2.170]",
            "550 5.7.26 unauthenticated: SPF and DKIM did not pass",
            "SPF of sender.example fails for 192.0.2.12",
        ),
        ("bob@partner.example", "mx1.partner.example[192.0.2.21]", "550 5.7.25 no PTR", ""),
    ],
)
def test_what_comes_after_data_is_told_by_what_was_looked_up(
    recipient: str, host: str, reply: str, because: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = LINES.replace("bob@greylist.example", recipient).replace(HOST, host)
    text = text.replace(
        f"{REPLY.replace('bob@greylist.example', recipient)} (in reply to RCPT TO",
        f"{reply} (in reply to end of DATA",
    )
    assert main(["--demo", "--explain", text, "--run", "--report", "json"]) == 0
    beside = json.loads(capsys.readouterr().out)["beside"]
    assert beside["now"] == "accepted at RCPT TO"
    assert beside["then"].startswith(reply[:10])
    if because:
        assert (beside["verdict"], beside["because"]) == ("again", because)
    else:
        assert beside["verdict"] == "no-longer"
