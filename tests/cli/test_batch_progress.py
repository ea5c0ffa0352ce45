"""How a batch goes on, in words."""

import io
import time
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from smtpdiag_tui.batch.tally import Tally, duration
from smtpdiag_tui.cli.batch_progress import BatchProgress


@dataclass
class Going:
    """A batch that is under way."""

    tally: Tally = field(default_factory=Tally)
    running: int = 3


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> tuple[Going, BatchProgress]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    batch = Going()
    progress = BatchProgress(cast("Any", batch), io.StringIO())
    now[0] += 10
    batch.tally.kinds[("accepted", "")] = 20
    return batch, progress


def test_done_rate_and_running_are_told_and_the_time_left_once_the_total_is_known(
    going: tuple[Going, BatchProgress],
) -> None:
    _, progress = going
    assert progress.line() == "20 done, 2.0 per second, 3 running"
    progress.total = 140
    assert progress.line().endswith("20 of 140 done, 2.0 per second, 3 running, 1 min 0 s left")


def test_of_what_is_left_a_part_runs_its_share(going: tuple[Going, BatchProgress]) -> None:
    batch, progress = going
    batch.tally.elsewhere = 60
    progress.total = 1080
    assert progress.line() == "80 of 1,080 done, 2.0 per second, 3 running, 2 min 5 s left"


def test_what_was_done_earlier_does_not_make_it_fast(going: tuple[Going, BatchProgress]) -> None:
    batch, progress = going
    batch.tally.earlier[("accepted", "")] = 1000
    assert "2.0 per second" in progress.line()


def test_the_table_is_sorted_by_outcome_and_number() -> None:
    tally = Tally()
    kinds = (
        (("error", ""), 1),
        (("bounced", "null-mx"), 2),
        (("bounced", "no-such-mailbox"), 11),
        (("accepted", ""), 3),
    )
    for key, number in (*kinds, (("invalid line", ""), 4)):
        tally.kinds[key] = number
    assert tally.table(10).splitlines() == [
        "outcome       reason           pairs",
        "accepted      -                    3",
        "bounced       no-such-mailbox     11",
        "bounced       null-mx              2",
        "error         -                    1",
        "invalid line  -                    4",
        "17 run in 10 s, 1.7 per second",
    ]


def test_the_table_holds_what_the_file_held_and_so_does_the_exit_status() -> None:
    tally = Tally()
    tally.kinds[("accepted", "")] = 3
    tally.earlier[("accepted", "")] = 4
    tally.earlier[("bounced", "null-mx")] = 1
    whole = [tally.whole]
    tally.earlier[("invalid line", "")] = 2
    whole.append(tally.whole)
    assert whole == [True, False]
    assert tally.dealt_with == 10
    assert tally.table(10).splitlines() == [
        "outcome       reason   pairs",
        "accepted      -            7",
        "bounced       null-mx      1",
        "invalid line  -            2",
        "3 run in 10 s, 0.3 per second; 7 already in the file",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min"), (90_000, "25 h 0 min")],
)
def test_times_in_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
