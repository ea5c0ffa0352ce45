"""What the README says must be so."""

import re

import pytest

from smtpdiag_tui.cli.commands import REPORTS
from smtpdiag_tui.cli.help_text import help_text
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.tui.keys import ACTIONS
from tests import readme

README = readme.README.read_text(encoding="utf-8")


def test_every_story_is_named() -> None:
    for story in STORIES:
        assert f"| `{story.recipient}` | {story.title} | {story.outcome} |" in README


def test_every_option_is_named() -> None:
    options = {word.strip(",") for word in help_text().split() if word.startswith("--")} - {"--version", "--help"}
    assert options
    assert [option for option in sorted(options) if option.rstrip(").,:") not in README] == []


def test_every_report_is_named() -> None:
    line = next(line for line in README.splitlines() if line.startswith("| `--report FORMAT`"))
    assert [report for report in REPORTS if f"`{report}`" not in line] == []


def test_a_key_in_the_table_is_one() -> None:
    rows = README.partition("| key | action |")[2].partition("\n\n")[0].splitlines()[2:]
    keys = [key for row in rows for key in re.findall(r"`([^`]+)`", row.split("|")[1])]
    known = {key for action in ACTIONS for key in action.keys.split(",")}
    assert len(keys) > 15
    assert {key.lower() if len(key) > 1 else key for key in keys} - {"enter", "tab"} <= known


def test_help_names_every_story() -> None:
    text = " ".join(help_text().split())
    assert [story for story in STORIES if f" {story.recipient} {story.title}" not in text] == []


@pytest.mark.parametrize(("kind", "recipient"), readme.blocks())
async def test_what_is_shown_is_what_the_demo_gives(kind: str, recipient: str) -> None:
    shown = readme.level(readme.blocks()[kind, recipient])
    assert shown == readme.level(await readme.made(kind, recipient))


def test_a_report_of_each_kind_is_shown() -> None:
    assert {kind for kind, _ in readme.blocks()} == {"report", "summary", "hosts"}
