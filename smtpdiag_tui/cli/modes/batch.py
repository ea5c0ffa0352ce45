"""Many pairs, one report each."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def run_batch(arguments: "Arguments") -> int:
    """Many pairs, one report each."""
    raise NotImplementedError
