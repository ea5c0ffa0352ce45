"""What an SPF evaluation comes to, for an address and an identity. Pure."""

from smtpdiag_tui.checks.authentication.spf_model import SpfEvaluation
from smtpdiag_tui.report.authentication import SpfIdentity
from smtpdiag_tui.report.findings import Finding


def judge(evaluation: SpfEvaluation) -> tuple[Finding, ...]:
    """Return the findings: about the result (none where an EHLO name has no record), and a risky record."""
    raise NotImplementedError


def to_report(evaluation: SpfEvaluation) -> SpfIdentity:
    """Return what the report holds of it."""
    raise NotImplementedError
