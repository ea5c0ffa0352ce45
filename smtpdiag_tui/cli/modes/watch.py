"""A run that is repeated until it is green."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def watch_headless(arguments: "Arguments") -> int:
    """A run that is repeated until it is green."""
    raise NotImplementedError
