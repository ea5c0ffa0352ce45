"""The evaluation of SPF (RFC 7208 §4) as a generator that asks questions and gets answers. Pure."""

from smtpdiag_tui.checks.authentication.spf_model import SpfRequest, SpfWork


def evaluate(request: SpfRequest) -> SpfWork:
    """Yield batches of questions, take as many answers in their order, return the evaluation."""
    raise NotImplementedError
