"""What the README says must be so."""

from pathlib import Path

from smtpdiag_tui.cli.arguments import help_text
from smtpdiag_tui.demo.stories import STORIES

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_every_story_is_named() -> None:
    for story in STORIES:
        assert f"| `{story.recipient}` | {story.title} | {story.outcome} |" in README


def test_every_option_is_named() -> None:
    options = {word.strip(",") for word in help_text().split() if word.startswith("--")} - {"--version", "--help"}
    assert options
    assert [option for option in sorted(options) if option.rstrip(").,") not in README] == []


def test_help_names_every_story() -> None:
    text = help_text()
    assert all(story.recipient in text and story.title in text for story in STORIES)
