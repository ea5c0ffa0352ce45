"""The kept runs as a table and as JSON. Pure."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from smtpdiag_tui.render.answer import NULL_SENDER
from smtpdiag_tui.render.text_page import Page
from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.report.status import OUTCOME_STATUS, Outcome, Status

SCHEMA = 1
NONE_YET = "No saved run yet; each run is kept when it ends."


def history_text(kept: Sequence[KeptRun], *, colour: bool = False, ascii_only: bool = False) -> str:
    """Return a line for each run in columns: number, time (UTC), outcome, pair, reason and where it was held."""
    page = Page(colour=colour, ascii_only=ascii_only)
    if not kept:
        page.line(NONE_YET)
        return page.text()
    rows = [_cells(run) for run in kept]
    widths = [max(len(cells[place]) for cells in rows) for place in range(5)]
    for run, (number, time, word, pair, reason, where) in zip(kept, rows, strict=True):
        if run.error:
            page.row(Status.UNKNOWN, f"{number:>{widths[0]}}  cannot be read: {run.error}")
            continue
        parts = (f"{number:>{widths[0]}}", f"{time:<{widths[1]}}", f"{word:<{widths[2]}}", f"{pair:<{widths[3]}}")
        page.row(look_of(run)[0], "  ".join((*parts, f"{reason:<{widths[4]}}", where)).rstrip())
    return page.text()


def look_of(run: KeptRun) -> tuple[Status, str]:
    """Return the status that a run looks like, and its outcome in a word."""
    if run.error:
        return Status.UNKNOWN, "unreadable"
    if run.cancelled:
        return Status.CANCELLED, "cancelled"
    outcome = run.outcome or Outcome.UNKNOWN
    return OUTCOME_STATUS[outcome], outcome.value


def pair_of(run: KeptRun) -> str:
    """Return who writes to whom."""
    return f"{run.sender or NULL_SENDER} to {run.recipient}"


def time_of(run: KeptRun) -> str:
    """Return when a run began, in UTC, "" where it does not tell."""
    return f"{run.started:%Y-%m-%d %H:%M:%S}" if run.started is not None else ""


def _cells(run: KeptRun) -> tuple[str, str, str, str, str, str]:
    number = str(run.number) if run.number else "-"
    if run.error:
        return number, "", "", "", "", ""
    return number, time_of(run), look_of(run)[1], pair_of(run), run.reason, run.where


def history_json(kept: Sequence[KeptRun]) -> str:
    """Return the runs as one JSON object, in ASCII, with a line ending; `error` says why one cannot be read."""
    return json.dumps({"schema": SCHEMA, "runs": [_values(run) for run in kept]}, indent=2) + "\n"


def _values(run: KeptRun) -> dict[str, Any]:
    started = run.started
    return {
        "number": run.number or None,
        "file": run.key,
        "started": None
        if started is None
        else started.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sender": run.sender,
        "recipient": run.recipient,
        "outcome": None if run.error else (run.outcome or Outcome.UNKNOWN).value,
        "cancelled": run.cancelled,
        "reason": run.reason or None,
        "headline": run.headline,
        "where": run.where or None,
        "error": run.error or None,
    }
