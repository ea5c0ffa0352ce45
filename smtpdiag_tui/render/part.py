"""A part of a report, as a report of its own."""

from collections.abc import Collection
from dataclasses import replace

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import within


def part_of(report: Report, ids: Collection[str]) -> Report:
    """Return the report with the steps named, what is above them and what is below them alone."""
    kept = {
        key: step
        for key, step in report.steps.items()
        if any(within(key, item) or within(item, key) for item in ids)
    }
    return replace(report, steps=kept)
