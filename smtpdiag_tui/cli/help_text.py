"""What --help prints: usage and options, and the names that they take."""

from collections.abc import Iterable, Iterator

from smtpdiag_tui.cli.parser import command_parser

_WIDTH = 78  # columns


def help_text() -> str:
    """Return the help: usage, options, examples, exit statuses and the demo's stories."""
    from smtpdiag_tui.tui.drawing.theme_names import THEMES
    from smtpdiag_tui.tui.keys import ACTIONS

    parts = (
        command_parser().format_help(),
        _names("themes (--theme, theme in config.toml)", sorted(THEMES)),
        _names("actions that [keys] in config.toml can give keys to", [action.id for action in ACTIONS]),
        "\n".join(["recipients of the demo (--demo):", *_stories(), ""]),
    )
    return "\n".join(parts)


def _stories() -> Iterator[str]:
    """Yield the recipients of the demo with what they show, in two columns."""
    import textwrap

    from smtpdiag_tui.demo.stories import STORIES

    width = max(len(story.recipient) for story in STORIES)
    for story in STORIES:
        first, *more = textwrap.wrap(story.title, _WIDTH - width - 4)
        yield f"  {story.recipient:<{width}}  {first}"
        yield from (f"{'':<{width + 4}}{line}" for line in more)


def _names(title: str, names: Iterable[str]) -> str:
    """Return names below a title, as many a line as fit."""
    import textwrap

    lines = textwrap.wrap(
        ", ".join(names), _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    return "\n".join([f"{title}:", *lines, ""])
