"""How many lines a report has left, and which hosts are told in them."""

from dataclasses import replace

import pytest

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.render.room import (
    MARKDOWN,
    TEXT,
    Frame,
    lines_for,
    room_for_problems,
    room_for_rows,
    room_for_session,
    rows_told,
)
from smtpdiag_tui.report.status import Status

FRAMES = (TEXT, MARKDOWN, replace(TEXT, row=2))


def rows(*statuses: Status) -> list[HostRow]:
    return [
        HostRow(f"delivery/mx/{number}", 10, "mx", str(number), 4, status, "x")
        for number, status in enumerate(statuses)
    ]


def told(all_rows: list[HostRow], most: int, deciding: str = "") -> list[int]:
    return [int(row.address) for row in rows_told(all_rows, most, deciding)]


def test_a_healthy_report_has_40_lines_and_any_other_60() -> None:
    assert (lines_for(healthy=True), lines_for(healthy=False)) == (40, 60)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("hosts", [0, 1, 4, 5, 30, 120, 300])
@pytest.mark.parametrize("limit", [40, 60])
@pytest.mark.parametrize("used", [10, 20, 30])
def test_what_is_told_fits(limit: int, used: int, hosts: int, frame: Frame) -> None:
    session = room_for_session(limit, used, hosts, frame)
    for taken in (0, session):
        before = used + (taken + frame.session if taken else 0)
        most = room_for_rows(limit, before, hosts, frame)
        assert min(hosts, 1) <= most <= hosts
        left_out = frame.rest if most < hosts else 0
        lines = frame.hosts + most * frame.row + left_out if hosts else 0
        room = limit >= before + frame.hosts + frame.row + frame.rest
        assert before + lines <= limit or (not room and most <= 1)
        assert most == hosts or before + lines + frame.row > limit


@pytest.mark.parametrize("frame", FRAMES)
def test_problems_leave_a_session_and_hosts_their_least(frame: Frame) -> None:
    with_session = room_for_problems(60, 30, 120, frame, session=True)
    without = room_for_problems(60, 30, 120, frame, session=False)
    assert without - with_session == 7 + frame.session
    assert room_for_session(60, 30 + with_session, 120, frame) == 7
    assert room_for_problems(60, 30, 0, frame, session=False) == 30


@pytest.mark.parametrize("hosts", [1, 30, 120, 300])
def test_all_hosts_are_told_where_there_is_room(hosts: int) -> None:
    every = rows(*[Status.PASSED] * hosts)
    assert told(every, hosts) == list(range(hosts))
    assert told(every, 1) == [0]
    assert told(every, 0) == []


def test_the_deciding_host_comes_first_then_problems_then_the_first_ones_in_their_order() -> None:
    good, bad, odd, warned = Status.PASSED, Status.FAILED, Status.UNKNOWN, Status.WARNING
    every = rows(*[good] * 100, bad, *[good] * 10, warned, odd, *[good] * 7)
    assert told(every, 3) == [100, 111, 112]
    assert told(every, 5) == [0, 1, 100, 111, 112]
    assert told(every, 4, "delivery/mx/105") == [100, 105, 111, 112]
    assert told(every, 1, "delivery/mx/119") == [119]
    assert told(every, 1, "delivery/another") == [100]
