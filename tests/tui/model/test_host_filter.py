"""Which rows of the table of MX hosts are offered to be shown."""

from dataclasses import replace

from smtpdiag_tui.render.hosts import HostRow
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.tui.model.host_filter import Filter, filters, next_filter, passes

GOOD = HostRow("a", 10, "mx1.a.example", "192.0.2.9", 4, Status.PASSED, "accepted", certificate="verified")
WRONG = replace(GOOD, step="b", status=Status.WARNING, certificate="name mismatch")
LATER = replace(GOOD, step="c", status=Status.FAILED, result="deferred")
SILENT = replace(GOOD, step="d", status=Status.FAILED, result="timed out", certificate="")
UNTESTED = HostRow("e", 20, "mx2.a.example", "", None, Status.SKIPPED, "not tested")


def test_what_occurs_is_offered_and_nothing_else() -> None:
    rows = (GOOD, GOOD, LATER, LATER, SILENT, UNTESTED)
    assert filters(rows) == (
        Filter.ALL, Filter.NOT_ACCEPTED, Filter.PASSED, "deferred", "timed out", "not tested",
    )  # fmt: skip
    assert filters((GOOD, GOOD)) == (Filter.ALL,)
    assert filters(()) == (Filter.ALL,)


def test_two_names_of_the_same_rows_are_one_filter() -> None:
    assert filters((GOOD, WRONG, LATER)) == (
        Filter.ALL, Filter.NOT_ACCEPTED, Filter.WARNINGS, Filter.PASSED, "accepted",
    )  # fmt: skip


def test_what_was_not_tested_is_nothing_that_was_not_accepted() -> None:
    cancelled = replace(UNTESTED, status=Status.CANCELLED, result="cancelled")
    rows = (GOOD, LATER, UNTESTED, cancelled)
    assert [row for row in rows if passes(row, Filter.NOT_ACCEPTED)] == [LATER]


def test_filters_go_around_and_one_that_is_gone_gives_way_to_all() -> None:
    rows = (GOOD, LATER)
    assert next_filter(rows, Filter.ALL, 1) == Filter.NOT_ACCEPTED
    assert next_filter(rows, Filter.ALL, -1) == Filter.PASSED
    assert next_filter(rows, Filter.PASSED, 1) == Filter.ALL
    assert next_filter(rows, "timed out", 1) == Filter.ALL
