"""A bounce explained, printed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def print_explanation(arguments: "Arguments") -> int:
    """A bounce explained, printed."""
    raise NotImplementedError
