"""The runs of a session: bounded, light, each once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.tui.model.history import MOST_LINES, MOST_RUNS, HistoryError, SessionHistory, filtered
from tests.report.comparison.made import ACCEPTED, DEFERRED, V4


def test_a_session_keeps_so_many_the_newest_first_and_each_once() -> None:
    history = SessionHistory()
    for number in range(MOST_RUNS + 5):
        report = replace(ACCEPTED, started=ACCEPTED.started + timedelta(seconds=number))
        history.keep(report)
        history.keep(report)
    listed = history.listed()
    assert [run.number for run in listed] == list(range(MOST_RUNS + 5, 5, -1))
    assert history.read(listed[0].key).started == report.started
    with pytest.raises(HistoryError):
        history.read("1")


def test_long_transcripts_are_not_kept() -> None:
    history = SessionHistory()
    for lines in (1, MOST_LINES + 1):
        entries = (Entry(0.0, Direction.RECEIVED, "250 Ok"),) * lines
        steps = {**ACCEPTED.steps, V4: replace(ACCEPTED.steps[V4], transcript=entries, observation=object())}
        history.keep(replace(ACCEPTED, steps=steps, seconds=float(lines)))
    first, second = (history.read(key).steps[V4] for key in ("1", "2"))
    assert (len(first.transcript), len(second.transcript)) == (1, 0)
    assert first.observation is second.observation is None


def test_a_filter_takes_all_words_of_a_row() -> None:
    history = SessionHistory()
    history.keep(DEFERRED)
    history.keep(ACCEPTED)
    assert [run.number for run in filtered(history.listed(), "Bob@ greylisting")] == [1]
    assert len(filtered(history.listed(), "  ")) == 2
