"""Masking what is said where a bounce is set beside a run. Pure."""

from collections.abc import Collection
from dataclasses import replace

from smtpdiag_tui.bounces.then_and_now import Beside
from smtpdiag_tui.masking.redact import sentences_of
from smtpdiag_tui.report.report import Report


def redact_beside(
    item: Beside, report: Report, names: Collection[str] = (), addresses: Collection[str] = ()
) -> Beside:
    """Return what is said with this host's names and addresses masked as in the report; `report` is not masked."""
    sentence = sentences_of(report, names, addresses)
    step = item.step if item.step and sentence(item.step) == item.step else ""
    return replace(
        item, then=sentence(item.then), now=sentence(item.now), because=sentence(item.because), step=step
    )
