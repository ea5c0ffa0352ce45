"""The runs that can be shown again: those on disk, or in the demo those of this session."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from smtpdiag_tui.render.history import look_of, pair_of, time_of
from smtpdiag_tui.report.kept_run import KeptRun
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome

MOST_RUNS = 30  # of a session
MOST_LINES = 5_000  # of all transcripts of a run that are kept with it


class HistoryError(Exception):
    """A run that cannot be shown, or a list of them; the text says why, in one sentence."""


class History(Protocol):
    """Where runs are kept. Both may block for a moment, and raise HistoryError."""

    def listed(self) -> Sequence[KeptRun]:
        """Return what is known of each, the newest first."""

    def read(self, key: str) -> Report:
        """Return the report of a run, by the key that it is listed with."""


class SessionHistory:
    """Keeps the runs of a session in memory: so many, and without transcripts where these are long."""

    def __init__(self) -> None:
        self._kept: dict[str, Report] = {}
        self._number = 0
        self._last: Report | None = None

    def keep(self, report: Report) -> None:
        """Keep a report as the newest; the same one once."""
        if report is self._last or any(report is other for other in self._kept.values()):
            return
        self._last = report
        self._number += 1
        self._kept[f"{self._number}"] = _light(report)
        while len(self._kept) > MOST_RUNS:
            del self._kept[next(iter(self._kept))]

    def listed(self) -> Sequence[KeptRun]:
        """Return what is known of each, the newest first."""
        return [told_of(report, key) for key, report in reversed(self._kept.items())]

    def read(self, key: str) -> Report:
        """Return the report of a run; raises HistoryError."""
        try:
            return self._kept[key]
        except KeyError as error:
            raise HistoryError("This run is no longer kept") from error


class WithShown:
    """What is kept elsewhere, and before it reports that were shown and are kept nowhere, such as a file's."""

    def __init__(self, kept: History) -> None:
        self._kept = kept
        self._shown = SessionHistory()

    def keep(self, report: Report) -> None:
        """Keep a report that was shown."""
        self._shown.keep(report)

    def listed(self) -> Sequence[KeptRun]:
        """Return what is known of each, the newest first; a shown one that is kept elsewhere too stands there."""
        try:
            kept = list(self._kept.listed())
        except HistoryError:
            if not (kept := list(self._shown.listed())):
                raise
            return kept
        known = {(run.started, run.pair) for run in kept}
        shown = [
            replace(run, key=f"shown {run.key}", number=0)
            for run in self._shown.listed()
            if (run.started, run.pair) not in known
        ]
        return [*shown, *kept]

    def read(self, key: str) -> Report:
        """Return the report of a run; raises HistoryError."""
        shown = key.removeprefix("shown ")
        return self._shown.read(shown) if shown != key else self._kept.read(key)


def told_of(report: Report, key: str) -> KeptRun:
    """Return what a list tells of a report."""
    from smtpdiag_tui.report.comparison.compare import run_host
    from smtpdiag_tui.report.comparison.other_facts import deciding

    return KeptRun(
        key,
        int(key) if key.isdigit() else 0,
        started=report.started.replace(microsecond=report.started.microsecond // 1000 * 1000),  # as files have it
        sender=report.settings.sender,
        recipient=report.settings.recipient,
        outcome=report.outcome or Outcome.UNKNOWN,
        reason=deciding(report),
        headline=report.headline or report.summary,
        where=run_host(report),
        cancelled=report.status.value == "cancelled",
    )


def filtered(kept: Sequence[KeptRun], words: str) -> list[KeptRun]:
    """Return the runs that hold all words, in whatever case, in what a row of the list tells."""
    wanted = words.lower().split()
    return [run for run in kept if all(word in _text(run) for word in wanted)]


def _text(run: KeptRun) -> str:
    parts = (time_of(run), look_of(run)[1], pair_of(run), run.reason, run.where, run.headline, run.error)
    return " ".join(parts).lower()


def _light(report: Report) -> Report:
    """Return a report without what only a rerun needs, and without transcripts where there are many lines."""
    lines = sum(len(step.transcript) for step in report.steps.values())
    steps = {
        key: replace(step, observation=None, transcript=step.transcript if lines <= MOST_LINES else ())
        for key, step in report.steps.items()
    }
    return replace(report, run=0, steps=steps)  # like a saved one: no part of it can run again
