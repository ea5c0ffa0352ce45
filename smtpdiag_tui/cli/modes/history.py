"""The saved runs, listed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def print_history(arguments: "Arguments") -> int:
    """The saved runs, listed."""
    raise NotImplementedError
