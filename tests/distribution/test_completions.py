"""What bash, zsh and fish complete: the real shells, where they are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from smtpdiag_tui.cli.commands import REPORTS
from smtpdiag_tui.cli.main import main
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.completions import SCRIPTS
from smtpdiag_tui.distribution.flags import SHELLS, offered
from smtpdiag_tui.settings import Probe, TlsPolicy
from tests.distribution.shells import completed, here

GREY = [story.recipient for story in STORIES if story.recipient.startswith("bob@grey")]
BEGIN_WITH_RE = ["--redact", "--replay", "--report", "--resume", "--retry-greylisted"]
# Line and what its last word may be; where only some are given, they are among others.
WHOLE = {
    "smtpdiag --re": BEGIN_WITH_RE,
    "smtpdiag-tui --re": BEGIN_WITH_RE,
    "smtpdiag --demo --re": BEGIN_WITH_RE,
    "smtpdiag --tls ": sorted(TlsPolicy),
    "smtpdiag --tls re": ["require"],
    "smtpdiag -v --report ": sorted(REPORTS),
    "smtpdiag --completion ": sorted(SHELLS),
    "smtpdiag --demo a@b.example bob@grey": sorted(GREY),
    "smtpdiag --demo bob@grey": sorted(GREY),
    "smtpdiag --message let": ["letter.eml"],
    "smtpdiag --replay let": ["letter.eml"],
    "smtpdiag --explain let": ["letter.eml"],
    "smtpdiag --theme solarized-": ["solarized-dark", "solarized-light"],
}
WITH_EQUALS = {
    "smtpdiag --tls=re": "--tls=require",
    "smtpdiag --report=nag": "--report=nagios",
    "smtpdiag --message=let": "--message=letter.eml",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letter.eml").write_text("From: x\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not here(name):
        pytest.skip(f"{name} is not installed")
    return name


@pytest.mark.parametrize(("line", "words"), WHOLE.items(), ids=WHOLE)
def test_a_line_is_completed(shell: str, line: str, words: list[str], folder: Path) -> None:
    assert completed(shell, line, folder) == words


@pytest.mark.parametrize(("line", "word"), WITH_EQUALS.items(), ids=WITH_EQUALS)
def test_a_value_behind_an_equals_sign(shell: str, line: str, word: str, folder: Path) -> None:
    assert completed(shell, line, folder) == [word]


def test_a_list_goes_on_behind_its_comma(shell: str, folder: Path) -> None:
    [found] = completed(shell, "smtpdiag --probe postmaster,nu", folder)
    assert found == "postmaster,null-sender"
    assert Probe.NULL_SENDER in found


def test_no_address_is_made_up(shell: str, folder: Path) -> None:
    assert "letter.eml" not in completed(shell, "smtpdiag a@b.example let", folder)


def test_a_script_is_one_of_its_shell(shell: str, folder: Path) -> None:
    script = folder / "script"
    script.write_text(SCRIPTS[shell](), encoding="utf-8")
    subprocess.run([shell, "-n", str(script)], check=True, timeout=30)


def test_zsh_finds_the_function_in_its_folder(folder: Path) -> None:
    if not here("zsh"):
        pytest.skip("zsh is not installed")
    (folder / "_smtpdiag").write_text(SCRIPTS["zsh"](), encoding="utf-8")
    line = f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; print -r -- $_comps[smtpdiag-tui]"
    done = subprocess.run(["zsh", "-fc", line], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "_smtpdiag\n"


def test_bash_of_before_compopt_is_no_error(folder: Path) -> None:
    """As bash 3.2 of macOS: without compopt, files are completed all the same."""
    script = folder / "script"
    script.write_text(SCRIPTS["bash"](), encoding="utf-8")
    line = (
        f"source {script}; enable -n compopt; COMP_LINE='smtpdiag --message let'; COMP_POINT=${{#COMP_LINE}};"
        ' COMP_WORDBREAKS=" "; _smtpdiag; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=30, cwd=folder)
    assert (done.stdout, done.stderr) == ("letter.eml\n", "")


@pytest.mark.parametrize("name", SHELLS)
def test_every_flag_stands_in_the_script(name: str) -> None:
    script = SCRIPTS[name]()
    for flag in offered():
        for word in flag.names:
            fish = f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}"
            assert (fish if name == "fish" else word) in script
        assert [word for word in flag.words if word not in script] == []
    assert all(story.recipient in script for story in STORIES)


def test_values_belong_to_flags_that_there_are() -> None:
    told = {flag.long: flag for flag in offered()}
    assert told["--tls"].words == tuple(TlsPolicy)
    assert told["--probe"].listed
    assert all(told[name].files for name in ("--message", "--replay", "--batch", "--resume"))
    assert all(flag.value for flag in told.values() if flag.words or flag.files)


@pytest.mark.parametrize("name", SHELLS)
def test_the_command_prints_the_script(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", name]) == 0
    assert capsys.readouterr() == (SCRIPTS[name](), "")


@pytest.mark.parametrize("arguments", [["--completion", "ksh"], ["--completion", ""], ["--completion"]])
def test_another_shell_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def test_shells_are_found_by_name() -> None:
    assert here("bash") == (shutil.which("bash") is not None)
