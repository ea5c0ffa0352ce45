"""What --help prints: usage and options, and the names that they take."""

from collections.abc import Iterable

from smtpdiag_tui.cli.parser import command_parser


def help_text() -> str:
    """Return the help: usage, options, examples, exit statuses and the demo's stories."""
    from smtpdiag_tui.demo.stories import STORIES
    from smtpdiag_tui.tui.drawing.theme_names import THEMES
    from smtpdiag_tui.tui.keys import ACTIONS

    width = max(len(story.recipient) for story in STORIES)
    lines = [f"  {story.recipient:<{width}}  {story.title}" for story in STORIES]
    parts = (
        command_parser().format_help(),
        _names("themes (--theme, theme in config.toml)", sorted(THEMES)),
        _names("actions that [keys] in config.toml can give keys to", [action.id for action in ACTIONS]),
        "\n".join(["recipients of the demo (--demo):", *lines, ""]),
    )
    return "\n".join(parts)


def _names(title: str, names: Iterable[str]) -> str:
    """Return names below a title, as many a line as fit."""
    import textwrap

    lines = textwrap.wrap(
        ", ".join(names), 78, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    return "\n".join([f"{title}:", *lines, ""])
