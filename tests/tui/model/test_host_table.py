"""The table of MX hosts without its looks: sorting, filtering, fitting, and the row told whole."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.host_filter import Filter
from smtpdiag_tui.tui.model.host_table import (
    Column,
    Layout,
    Order,
    cell,
    chosen,
    fitted,
    rows_in_view,
    tally,
    whole,
)

GOOD = HostRow(
    "delivery/mx1.a.example/192.0.2.9", 10, "mx1.a.example", "192.0.2.9", 4, Status.PASSED, "accepted",
    "250 2.1.5", "TLSv1.3", "verified", 364, "Postfix", 0.072,
)  # fmt: skip
EXPIRED = replace(
    GOOD, step="b", address="192.0.2.10", status=Status.WARNING, certificate="expired", days=-3, seconds=1.5
)
REFUSED = HostRow("c", 20, "MX2.a.example", "2001:db8::1", 6, Status.FAILED, "refused", seconds=0.001)
EMPTY = HostRow("d", None, "mx3.a.example", "", None, Status.SKIPPED, "no address")
ROWS = (GOOD, EXPIRED, REFUSED, EMPTY)


def steps(column: Column, *, reverse: bool = False) -> str:
    return "".join(row.step[-1] for row in chosen(ROWS, Order(column, reverse), Filter.ALL))


@pytest.mark.parametrize(
    ("column", "up", "down"),
    [
        (Column.PREFERENCE, "9bcd", "dcb9"),  # the order of the MX set
        (Column.HOST, "9bcd", "dc9b"),
        (Column.ADDRESS, "9bcd", "cb9d"),  # as numbers; without one, last either way
        (Column.FAMILY, "9bcd", "c9bd"),
        (Column.DAYS, "b9cd", "9bcd"),
        (Column.TIME, "c9bd", "b9cd"),
        (Column.STATUS, "cbd9", "9dbc"),  # the gravest first
        (Column.CERTIFICATE, "b9cd", "9bcd"),
        (Column.SOFTWARE, "9bcd", "9bcd"),
    ],
)
def test_rows_are_sorted_by_what_a_column_means(column: Column, up: str, down: str) -> None:
    assert steps(column) == up
    assert steps(column, reverse=True) == down


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (Filter.ALL, [GOOD, EXPIRED, REFUSED, EMPTY]),
        (Filter.NOT_ACCEPTED, [REFUSED, EMPTY]),
        (Filter.CERTIFICATE, [EXPIRED]),
        ("refused", [REFUSED]),
        (Filter.WARNINGS, [EXPIRED]),
        (Filter.PASSED, [GOOD]),
    ],
)
def test_a_filter_goes_by_what_became_of_a_row(shown: str, wanted: list[HostRow]) -> None:
    assert chosen(ROWS, Order(), shown) == wanted


def test_what_has_not_ended_is_not_yet_a_row_that_was_not_accepted() -> None:
    running = replace(GOOD, status=Status.RUNNING, result="running", reply="")
    assert chosen([running], Order(), Filter.NOT_ACCEPTED) == []
    assert chosen([running], Order(), Filter.ALL) == [running]


def taken(layout: Layout) -> int:
    return sum(layout.widths.values()) + layout.gap * (len(layout.widths) - 1)


@pytest.mark.parametrize("room", [56, 60, 76, 98, 117, 200])
def test_columns_fit_into_the_room_there_is(room: int) -> None:
    long = replace(
        GOOD, host="mail-exchanger-number-01-of-the-long-list.long.example", address="2001:db8:1:2:3:4:5:6"
    )
    layout = fitted((*ROWS, long), room)
    assert taken(layout) <= room
    assert {Column.STATUS, Column.HOST, Column.ADDRESS, Column.RESULT} <= set(layout.widths)
    for row in ROWS:
        assert cell_len(cell(row, Column.RESULT)) <= layout.widths[Column.RESULT], "a result is never cut"


def test_nothing_is_cut_or_left_out_where_there_is_room() -> None:
    layout = fitted(ROWS, 200)
    assert list(layout.widths) == list(Column)
    assert layout.widths[Column.HOST] == len("mx1.a.example")
    assert fitted(ROWS, 0) == layout, "a width that is not known yet cuts nothing"


def test_a_column_without_anything_in_it_is_left_out() -> None:
    assert set(fitted((REFUSED,), 200).widths).isdisjoint({Column.TLS, Column.DAYS, Column.SOFTWARE})
    assert list(fitted((), 80).widths) == [Column.STATUS]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            GOOD,
            "mx1.a.example [192.0.2.9], preference 10; accepted 250 2.1.5; TLS 1.3, certificate verified "
            "(364 days left); Postfix; 72 ms",
        ),
        (
            replace(EXPIRED, software=""),
            "mx1.a.example [192.0.2.10], preference 10; accepted 250 2.1.5; TLS 1.3, certificate expired "
            "(3 days ago); 1.5 s",
        ),
        (replace(REFUSED, stale=True), "MX2.a.example [2001:db8::1], preference 20; refused; 1 ms; (earlier run)"),
        (EMPTY, "mx3.a.example; no address"),
        (
            replace(GOOD, tls="not offered", certificate="", days=None, software="", seconds=None),
            "mx1.a.example [192.0.2.9], preference 10; accepted 250 2.1.5; TLS not offered",
        ),
    ],
)
def test_a_row_is_told_whole(row: HostRow, words: str) -> None:
    assert whole(row) == words


def test_how_many_ended_how_is_counted() -> None:
    assert tally(ROWS) == "3 addresses: 2 accepted, 1 refused"
    assert tally((EMPTY,)) == "no addresses"


def test_a_row_that_runs_again_keeps_its_status_until_the_new_one_is_there() -> None:
    address = "delivery/mx.a.example/192.0.2.1"
    found = {key: Step(key, key) for key in ("delivery", "delivery/mx.a.example", address)}
    found[address] = replace(found[address], stale=True)
    report = Report(Settings("a@a.example", "b@a.example"), steps=found)
    assert [row.status for row in rows_in_view(report, {})] == [Status.PENDING]
    earlier = {address: replace(found[address], status=Status.FAILED)}
    assert [row.status for row in rows_in_view(report, earlier)] == [Status.FAILED]


def test_the_software_gives_room_before_a_name_is_cut_and_certificates_are_told_in_short() -> None:
    banner = "Microsoft ESMTP MAIL Service, Version 10"
    row = replace(GOOD, host="mx12.large.example", certificate="name mismatch, not judged", software=banner)
    layout = fitted((row,), 105)
    assert layout.short
    assert layout.widths[Column.HOST] == len(row.host)
    assert 8 <= layout.widths[Column.SOFTWARE] < len(banner)
    assert cell(row, Column.CERTIFICATE, short=layout.short) == "name,unjudged"
    assert cell(GOOD, Column.CERTIFICATE, short=True) == "ok"
    narrow = fitted((replace(row, certificate="expired"),), 77)
    assert Column.SOFTWARE not in narrow.widths
    assert {Column.CERTIFICATE, Column.DAYS, Column.TLS} <= set(narrow.widths)
