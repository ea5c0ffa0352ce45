"""`--via`, without the interface: one report, or several taken together, over made vantage points of the demo."""

import asyncio
import json
from pathlib import Path

import pytest

from smtpdiag_tui.cli import kept_runs
from smtpdiag_tui.cli.arguments import Arguments, read_arguments
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.cli.modes.vantage import run_from_vantage_points
from smtpdiag_tui.cli.parser import UsageError
from smtpdiag_tui.cli.points_progress import PointsProgress
from smtpdiag_tui.render.from_json import read_saved
from smtpdiag_tui.report.vantage import Vantage
from tests.vantage.made_points import LOCAL, SOCKS, SSH, FarNetwork, Opener

PAIR = ("--demo", "alice@sender.example", "bob@partner.example")
ALL_MX = ("192.0.2.21", "2001:db8::21", "192.0.2.22", "2001:db8::22", "192.0.2.23", "2001:db8::23")
LISTED = b"550 5.7.1 Rejected: 192.0.2.77 is listed by bl.example\r\n"
GONE = "ssh:gone.example"
WHY = "ssh:gone.example: the host key is unknown; connect once by hand: ssh gone.example"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def given(*options: str) -> Arguments:
    return read_arguments([*PAIR, *options])


def via(*labels: str) -> list[str]:
    return [word for label in labels for word in ("--via", label)]


def opener(**refused: str) -> Opener:
    networks = {
        SSH.label: FarNetwork(replies=dict.fromkeys(ALL_MX, LISTED)),
        SOCKS.label: FarNetwork(name="proxy.far.example", addresses=("192.0.2.78", "2001:db8::78"), blocked=True),
    }
    return Opener(networks, refused={GONE: WHY, **refused})


def test_one_prints_a_report_as_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_from_vantage_points(given(*via(SSH.label)), opener()) == 3
    text = capsys.readouterr().out
    assert text.startswith("✗ BOUNCED  ✗ SPF fails  alice@sender.example to bob@partner.example\n")
    assert f"Settings: via {SSH.label}" in text


def test_this_host_in_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PAIR, *via("local")]) == 0
    assert capsys.readouterr().out.startswith("✓ ACCEPTED")


def test_one_that_cannot_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_from_vantage_points(given(*via(GONE)), opener()) == 4
    assert capsys.readouterr() == ("", f"smtpdiag: {WHY}\n")


def test_all_that_cannot_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    made = Opener(refused={GONE: WHY, SOCKS.label: "no route to the proxy"})
    assert run_from_vantage_points(given(*via(GONE, SOCKS.label)), made) == 4
    assert capsys.readouterr() == ("", f"smtpdiag: {WHY}\nsmtpdiag: no route to the proxy\n")


def test_one_that_broke_off_is_printed_as_far_as_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    made = Opener(breaking={SSH.label: (60, "the connection was lost")})
    assert run_from_vantage_points(given(*via(SSH.label)), made) == 4
    told = capsys.readouterr()
    assert told.err == "smtpdiag: the connection was lost\n"
    assert told.out.startswith("? UNKNOWN")


def test_several_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_from_vantage_points(given(*via("local", SSH.label, SOCKS.label, GONE)), opener()) == 3
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0] == "✗ MIXED  alice@sender.example to bob@partner.example"
    assert lines[1] == "Accepted from local, not from 2 vantage points"
    assert any(line.startswith("Not counted:  ssh:gone.example") for line in lines[:16])
    assert f"! Port 25 is blocked from {SOCKS.label} only" in text
    assert "  10 mx1.partner.example\n     192.0.2.21    ✓ accepted 250 2.1.5  ✗ rejected 550 5.7.1" in text
    assert max(map(len, lines)) <= 80
    assert text.count("2001:db8::21 ") >= 2, "in as many blocks of columns as fit"


def test_several_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_from_vantage_points(given(*via("local", SSH.label, GONE), "--report", "json"), opener()) == 3
    text = capsys.readouterr().out
    told = json.loads(text)
    assert list(told) == ["schema", "vantage_points", "agreement", "outcome"]
    assert (told["schema"], told["outcome"]) == (1, "bounced")
    points = told["vantage_points"]
    assert [point["via"] for point in points] == ["local", SSH.label, GONE]
    assert [point["error"] for point in points] == [None, None, WHY]
    assert [point["report"] and point["report"]["outcome"] for point in points] == ["accepted", "bounced", None]
    assert points[1]["report"]["settings"]["via"] == [SSH.label]
    assert told["agreement"]["counted"] == ["local", SSH.label]
    assert told["agreement"]["side"] == "here"
    assert text.isascii()


def test_several_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    run_from_vantage_points(given(*via("local", SSH.label), "--report", "markdown"), opener())
    text = capsys.readouterr().out
    assert text.startswith("# ✗ MIXED: `alice@sender.example` to `bob@partner.example`\n")
    assert "| 10 | mx1.partner.example | 192.0.2.21 | ✓ accepted 250 2.1.5 | ✗ rejected 550 5.7.1 |" in text


def test_several_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    run_from_vantage_points(given(*via("local", SSH.label), "--report", "summary"), opener())
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "MIXED alice@sender.example to bob@partner.example: Accepted from local, bounced from ssh"
    )


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_verbose_adds_every_report_whole(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_from_vantage_points(given(*via("local", SSH.label), "--report", form, "-v"), opener())
    text = capsys.readouterr().out
    assert text.count("smtpdiag 0.") == 3
    assert text.count("RCPT TO:<bob@partner.example>") >= 12


def test_all_that_agree_have_that_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    made = Opener({SSH.label: FarNetwork()}, refused={GONE: WHY})
    assert run_from_vantage_points(given(*via("local", SSH.label, GONE)), made) == 0
    assert capsys.readouterr().out.startswith("✓ ACCEPTED")


def test_the_runs_are_kept_each_with_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = read_arguments(["alice@sender.example", "bob@partner.example", *via(SSH.label, SOCKS.label, GONE)])
    run_from_vantage_points(
        pair, Opener({SSH.label: FarNetwork(), SOCKS.label: FarNetwork()}, refused={GONE: WHY})
    )
    kept = [read_saved(path) for path in kept_runs.runs()]
    assert {report.settings.via for report in kept} == {(SSH,), (SOCKS,)}


def test_masked_alike_in_all(capsys: pytest.CaptureFixture[str]) -> None:
    named = f"ssh:ops@{FarNetwork.NAME}"
    made = Opener({named: FarNetwork(replies=dict.fromkeys(ALL_MX, LISTED))}, refused={GONE: WHY})
    run_from_vantage_points(given(*via("local", named, GONE), "--redact", "--report", "json"), made)
    text = capsys.readouterr().out
    told = json.loads(text)
    for secret in (
        FarNetwork.NAME,
        "gone.example",
        "ops@",
        "mail.sender.example",
        "192.0.2.77",
        "192.0.2.10",
        "alice",
    ):
        assert secret not in text, secret
    label = told["vantage_points"][1]["via"]
    host = label.removeprefix("ssh:user@")
    assert told["vantage_points"][1]["report"]["facts"]["host_name"] == host, "one host, one mask"
    assert label in told["agreement"]["points"]
    assert told["vantage_points"][2]["via"] in told["vantage_points"][2]["error"]
    sources = [set(point["report"]["facts"]["sources"]) for point in told["vantage_points"][:2]]
    assert not sources[0] & sources[1], "two hosts, two masks"
    assert told["agreement"]["shared"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (via(SSH.label), "not in the demo network"),
        ([*via("local"), *via(SOCKS.label)], "not in the demo network"),
    ],
)
def test_the_demo_has_no_other_host(options: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run_from_vantage_points(given(*options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--source", "192.0.2.10"],
            "source address '192.0.2.10' is not on vantage point 'ssh:ops@mx2.far.example'",
        ),
        (["--as-local-mta"], "local mail server do not apply to vantage point"),
        (["--report", "nagios"], "--report nagios is of one run"),
        (["--report", "prometheus"], "--report prometheus is of one run"),
        (["--report", "jsonl"], "--report jsonl is of one run"),
    ],
)
def test_what_makes_no_sense_from_elsewhere(options: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run_from_vantage_points(given(*via("local", SSH.label), *options), opener())


def test_this_host_alone_keeps_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_from_vantage_points(given(*via("local"), "--source", "192.0.2.10", "-4"), opener()) == 0
    assert "from 192.0.2.10" in capsys.readouterr().out


class Terminal:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """Nothing is held back."""


def test_progress_names_each() -> None:
    terminal = Terminal()
    progress = PointsProgress(terminal, (LOCAL, SSH))  # type: ignore[arg-type]
    progress.end(Vantage(SSH, error=WHY))
    assert "1 of 2 done" in terminal.text
    assert f"local connecting, {SSH.label[:20]} failed" in terminal.text


def test_masked_progress_names_nobody() -> None:
    terminal = Terminal()
    progress = PointsProgress(terminal, (LOCAL, SSH), named=False)  # type: ignore[arg-type]
    progress.end(Vantage(SSH, error=WHY))
    assert "far.example" not in terminal.text
    assert "point 2 failed" in terminal.text


def test_an_interrupt_closes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Opener(holds={SSH.label: asyncio.Event()})

    async def cancelled() -> None:
        running = asyncio.ensure_future(_run(given(*via("local", SSH.label)), made))
        while len(made.log) < 2:  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    from smtpdiag_tui.cli.modes.vantage import _run

    asyncio.run(cancelled())
    assert sorted(made.log) == ["close local", f"close {SSH.label}", "open local", f"open {SSH.label}"]
