"""The man page says all that the help says, and is clean roff."""

import re
import shutil
import subprocess

import pytest

from smtpdiag_tui import __version__
from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.distribution.flags import offered
from smtpdiag_tui.distribution.man_page import alias_page, man_page
from smtpdiag_tui.tui.keys import ACTIONS

PAGE = man_page("2026-11-28")


def needs_mandoc() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")


def shown() -> str:
    """Return the page as a reader sees it, in one line."""
    done = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=1000"],
        input=PAGE,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return " ".join(re.sub(r".\x08", "", done.stdout).split())


def test_mandoc_has_nothing_to_remark() -> None:
    needs_mandoc()
    done = subprocess.run(
        ["mandoc", "-T", "lint"], input=PAGE, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_the_reader_sees_every_option_as_it_is_typed() -> None:
    needs_mandoc()
    text = shown()
    for flag in offered():
        assert [name for name in flag.names if name not in text] == []
        help_text = " ".join(flag.help.split())
        assert help_text[1:] in text.replace("’", "'"), flag.long
    assert __version__ in text
    assert [action.words for action in ACTIONS if action.words not in text] == []
    assert [story.recipient for story in STORIES if story.recipient not in text] == []


def test_every_exit_status_is_explained() -> None:
    assert all(f"\\fB{int(status)}\\fR" in PAGE for status in ExitStatus)
    assert all(state in PAGE for state in ("0 (OK)", "1 (WARNING)", "2 (CRITICAL)", "3 (UNKNOWN)"))


def test_no_line_of_text_is_taken_for_a_request() -> None:
    known = {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".BR", ".nf", ".fi"}
    requests = {line.split()[0] for line in PAGE.splitlines() if line.startswith((".", "'"))}
    assert requests <= known


def test_the_other_name_leads_to_the_same_page() -> None:
    assert alias_page() == ".so man1/smtpdiag.1\n"
