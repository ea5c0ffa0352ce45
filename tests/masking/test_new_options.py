"""Secrets in the options of bounces, batches, comparisons and vantage points are in no line that is told."""

import json
from pathlib import Path

import pytest

from smtpdiag_tui.cli.commands import COMMANDS
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.masking.own import _VALUED, masked_usage
from smtpdiag_tui.masking.vantage import redact_points
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Settings, Via

USER, HOST = "zecretuser", "zecrethost"
FILE = f"/home/{USER}/{HOST}.eml"
PAIR = ("a@b.example", "c@d.example")

LINES = [
    ("--via", f"ssh:{USER}@{HOST}:x", *PAIR),
    (f"--via=ssh:{USER}@{HOST}; ls", *PAIR),
    ("--via", f"ftp:{USER}@{HOST}", *PAIR),
    ("--via", f"socks5://{USER}:{USER}@{HOST}:1080", *PAIR),
    ("--via", f"ssh:{USER}@{HOST}", "--demo", "--report", "text"),
    ("--via", f"ssh:{USER}@{HOST}", "--as-local-mta", "--report", "text", *PAIR),
    ("--explain", FILE, "--report", "text"),
    ("--explain", f"{USER} at {HOST}", "--report", "text"),
    ("--explain", f"550 5.1.1 {USER}", "--run", "--report", "text"),
    ("--explain", f"{USER}@{HOST}.eml", "--report", "text"),
    ("--batch", FILE),
    ("--batch", f"{USER}@{HOST}"),
    ("--batch", FILE, "--sender", USER),
    ("--batch", "/dev/null", "--resume", FILE),
    ("--batch", "/dev/null", "--shard", USER),
    ("--compare", FILE, "--report", "text"),
    ("--compare", FILE, f"{FILE}2", "--report", "text"),
    ("--compare", f"{USER}@{HOST}.json", "--report", "text"),
    (f"--resume={FILE}",),
]


@pytest.mark.parametrize("line", LINES)
def test_no_error_of_usage_tells_a_value(line: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*line, "--redact"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert USER not in told.err
    assert HOST not in told.err
    assert told.err.count("\n") == 1


def test_the_options_that_a_value_follows_are_known_to_masking() -> None:
    flags = {name: command.flag for command in COMMANDS for name in command.flag.names}
    assert {name for name, flag in flags.items() if flag.metavar and flag.alone is None} <= _VALUED
    assert all(flags[name].metavar for name in _VALUED)


def test_a_kept_run_is_named_and_the_folder_of_its_user_is_not() -> None:
    sentence = f"cannot read '{Path.home()}/state/run-00000003.json': not a JSON file"
    assert "run-00000003.json" in masked_usage(sentence, ["--compare", "3"])
    if str(Path.home()).count("/") > 1:
        assert str(Path.home()) not in masked_usage(sentence, ["--compare", "3"])


BOUNCE = """\
2026-11-28 04:20:01 1tGabc-000001-2X ** {0}.bob@a.example F=<{0}@sender.example> T=remote_smtp \
H=mx.a.example [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<{0}.bob@a.example>: 550 5.1.1 no {0}
2026-11-28 04:20:01 1tGabc-000001-2X ** {0}.carol@partner.example F=<{0}@sender.example> T=remote_smtp \
H=mx1.partner.example [192.0.2.21]: SMTP error from remote mail server after RCPT TO:<x>: 550 5.1.1 no
"""


def test_the_choice_among_recipients_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", BOUNCE.format(USER), "--run", "--demo", "--redact", "--report", "text"]) == 2
    told = capsys.readouterr().err
    assert USER not in told
    assert "2 recipients" in told


@pytest.mark.parametrize("form", ["text", "json", "markdown", "summary"])
def test_a_mailbox_has_one_mask_in_a_bounce_and_in_its_run(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    pair = (f"{USER}@sender.example", f"{USER}.carol@partner.example")
    main(["--explain", BOUNCE.format(USER), "--run", "--demo", "--redact", "--report", form, *pair])
    told = capsys.readouterr()
    assert USER not in told.out + told.err
    if form == "json":
        value = json.loads(told.out)
        assert value["replies"][1]["recipient"] == value["run"]["recipient"]
        assert value["replies"][1]["sender"] == value["run"]["sender"]
        assert value["replies"][0]["recipient"].partition("@")[0] != value["run"]["recipient"].partition("@")[0]


@pytest.mark.parametrize(
    "said",
    [
        f"Bad owner or permissions on /home/{USER}/.ssh/config",
        f"/home/{USER}/.ssh/config line 3: Bad configuration option",
        f"Load key '/home/{USER}/.ssh/id': bad",
        f"{USER}@10.77.66.55: closed",
        "Connection closed by 10.77.66.55 port 22",
        "Connection closed by fd12:3456::789 port 22",
        "Connection closed by fe80::1%eth0",
        f"{HOST.upper()}: gone",
    ],
)
def test_what_ssh_says_names_nobody(said: str) -> None:
    via = Via("ssh", HOST, user=USER)
    point = Vantage(via, None, f"{via.label}: not connected: {said}")
    [masked] = redact_points((point,), Settings(*PAIR, via=(via,)))
    for secret in (USER, HOST, "10.77.66.55", "fd12:3456::789", "fe80::1"):
        assert secret not in masked.error.lower()
    assert "not connected" in masked.error
