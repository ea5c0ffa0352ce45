"""The trace of an evaluation as lines to read. Pure."""

from smtpdiag_tui.checks.authentication.spf_model import SpfEvaluation


def spf_lines(evaluation: SpfEvaluation) -> tuple[str, ...]:
    """Return the records and terms in order, one line each, printable and bounded."""
    raise NotImplementedError
