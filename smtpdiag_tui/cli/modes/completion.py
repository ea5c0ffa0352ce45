"""Completions for a shell, printed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def print_completion(arguments: "Arguments") -> int:
    """Completions for a shell, printed."""
    raise NotImplementedError
