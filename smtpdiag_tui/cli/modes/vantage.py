"""One run from several vantage points."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smtpdiag_tui.cli.arguments import Arguments


def run_from_vantage_points(arguments: "Arguments") -> int:
    """One run from several vantage points."""
    raise NotImplementedError
