"""Two runs compared, printed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def print_comparison(arguments: "Arguments") -> int:
    """Two runs compared, printed."""
    raise NotImplementedError
