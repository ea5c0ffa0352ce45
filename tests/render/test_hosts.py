"""The MX hosts of a report as rows."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.hosts import CERTIFICATES, RESULTS, HostRow, host_rows
from smtpdiag_tui.render.saved_values import SavedReportError
from smtpdiag_tui.report.events import RunStarted, StepFinished, StepPlanned, StepStarted
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import Settings
from tests.render.made import made
from tests.story_reports import story_report

SETTINGS = Settings("alice@sender.example", "bob@partner.example")
HOST = "delivery/mx.partner.example"
ADDRESS = f"{HOST}/192.0.2.21"
GOOD = SessionFacts(SessionEnd.ACCEPTED, "250 2.1.5", "TLSv1.3", (CertificateVerdict.VERIFIED,), 90, "Postfix")
PLANNED = (
    RunStarted(1, SETTINGS, datetime(2026, 11, 24, tzinfo=UTC), 0.0),
    StepPlanned(1, "delivery", "SMTP sessions"),
    StepPlanned(1, HOST, "mx.partner.example (preference 0)"),
    StepStarted(1, HOST, 0.0, facts=StepFacts(preference=0)),
    StepPlanned(1, ADDRESS, "192.0.2.21"),
    StepStarted(1, ADDRESS, 0.5),
)


def report_of(*events: object) -> Report:
    report = Report(SETTINGS)
    for event in (*PLANNED, *events):
        report = report.apply(event)  # type: ignore[arg-type]
    return report


def shown(rows: tuple[HostRow, ...]) -> list[tuple[object, ...]]:
    return [(row.preference, row.host, row.address, row.outcome, row.tls, row.certificate) for row in rows]


def same(report: Report) -> tuple[list[HostRow], list[HostRow]]:
    """Return the rows of a report and of the same one saved; a saved time is rounded."""
    both = host_rows(report), host_rows(from_json(to_json(report)))
    live, saved = ([replace(row, seconds=None) for row in rows] for rows in both)
    return live, saved


def test_each_result_and_each_verdict_has_a_word() -> None:
    assert set(RESULTS) == set(SessionEnd)
    assert set(CERTIFICATES) == set(CertificateVerdict)


def test_a_session_under_way_has_a_row_already() -> None:
    [row] = host_rows(report_of())
    assert (row.preference, row.address, row.family, row.result, row.reply) == (0, "192.0.2.21", 4, "running", "")


def test_a_session_that_ended_has_all_that_it_came_to() -> None:
    facts = StepFacts(session=GOOD)
    [row] = host_rows(report_of(StepFinished(1, ADDRESS, 1.5, Status.PASSED, facts=facts)))
    assert row == HostRow(
        ADDRESS, 0, "mx.partner.example", "192.0.2.21", 4, Status.PASSED, "accepted", "250 2.1.5", "TLSv1.3",
        "verified", 90, "Postfix", 1.0,
    )  # fmt: skip


def test_the_row_of_a_rerun_is_the_earlier_one_until_the_session_ends() -> None:
    before = report_of(StepFinished(1, ADDRESS, 1.5, Status.PASSED, facts=StepFacts(session=GOOD)))
    again = before.apply(StepPlanned(1, ADDRESS, "192.0.2.21"))
    [row] = host_rows(again)
    assert (row.outcome, row.stale, row.status) == ("accepted 250 2.1.5", True, Status.PENDING)
    worse = StepFacts(session=SessionFacts(SessionEnd.TIMEOUT))
    [row] = host_rows(again.apply(StepFinished(1, ADDRESS, 9.0, Status.FAILED, facts=worse)))
    assert (row.outcome, row.tls, row.software, row.stale) == ("timed out", "", "", False)


def test_a_second_try_leaves_nothing_of_the_first() -> None:
    """It is begun without being planned anew."""
    first = report_of(StepFinished(1, ADDRESS, 1.5, Status.WARNING, facts=StepFacts(session=GOOD)))
    closed = StepFacts(session=SessionFacts(SessionEnd.CLOSED))
    again = first.apply(StepStarted(1, ADDRESS, 2.0)).apply(
        StepFinished(1, ADDRESS, 3.0, Status.FAILED, facts=closed)
    )
    [row] = host_rows(again)
    assert (row.outcome, row.tls, row.days) == ("closed", "", None)


@pytest.mark.parametrize(
    ("code", "word"), [("mx-is-address", "not a host name"), ("mx-unresolvable", "does not resolve")]
)
def test_a_host_without_an_address_has_a_row_that_says_why(code: str, word: str) -> None:
    report = report_of().apply(StepPlanned(1, "delivery/mx2.partner.example", "mx2"))
    ended = StepFinished(1, "delivery/mx2.partner.example", 2.0, Status.FAILED, (finding(code, "Words"),))
    row = host_rows(report.apply(ended))[1]
    assert (row.host, row.address, row.family, row.result) == ("mx2.partner.example", "", None, word)


def test_a_cancelled_session_is_neither_accepted_nor_rejected() -> None:
    [row] = host_rows(report_of(StepFinished(1, ADDRESS, 2.0, Status.CANCELLED)))
    assert (row.outcome, row.status) == ("cancelled", Status.CANCELLED)


def test_a_report_without_these_facts_has_rows_all_the_same() -> None:
    [row] = host_rows(made())
    assert (row.preference, row.address, row.result, row.reply) == (None, "192.0.2.25", "unknown", "")


def test_the_rows_of_hosts_that_differ() -> None:
    report = story_report("bob@differ.example")
    rows = host_rows(report)
    assert shown(rows)[1] == (
        10, "mx.differ.example", "192.0.2.92", "accepted 250 2.1.5", "TLSv1.3", "verified",
    )  # fmt: skip
    assert [row.software for row in rows] == [
        "Postfix (Debian/GNU)", "Exim 4.94.2", "Postfix (Debian/GNU)", "Sendmail 8.15.2/8.15.2",
    ]  # fmt: skip
    assert [row.family for row in rows] == [4, 4, 6, 4]
    assert rows[1].days in (8, 9)


@pytest.mark.parametrize(
    ("recipient", "row"),
    [
        ("bob@plain.example", ("accepted 250 2.1.5", "not offered", "")),
        ("bob@tlsrefused.example", ("accepted 250 2.1.5", "refused", "")),
        ("bob@handshake.example", ("accepted 250 2.1.5", "failed", "")),
        ("bob@expired.example", ("accepted 250 2.1.5", "TLSv1.3", "expired")),
        ("bob@wrongname.example", ("accepted 250 2.1.5", "TLSv1.3", "name mismatch")),
        ("bob@busy.example", ("refused 421 4.7.0", "", "")),
        ("bob@blocklist.example", ("rejected 554 5.7.1", "TLSv1.3", "verified")),
        ("jörg@utf8.example", ("no SMTPUTF8", "TLSv1.3", "verified")),
        ("bob@[192.0.2.27]", ("accepted 250 2.1.5", "TLSv1.3", "not judged")),
        ("bob@stale.example", ("connection refused", "", "")),
    ],
)
def test_a_story_has_the_same_row_live_and_saved(recipient: str, row: tuple[str, str, str]) -> None:
    report = story_report(recipient)
    live, saved = same(report)
    assert live == saved
    assert (live[0].outcome, live[0].tls, live[0].certificate) == row


def test_a_masked_report_has_the_same_rows() -> None:
    report = story_report("bob@differ.example")
    assert host_rows(redact(report)) == host_rows(report)


def test_many_hosts_have_a_row_each() -> None:
    report = story_report("bob@long.example")
    rows = host_rows(report)
    assert len(rows) == len({row.step for row in rows})
    assert [row.preference for row in rows] == sorted(row.preference or 0 for row in rows)


@pytest.mark.parametrize(
    "wrong",
    [
        "accepted",
        [],
        {},
        {"end": "taken"},
        {"end": 1},
        {"end": "accepted", "reply": 250},
        {"end": "accepted", "certificate": "verified"},
        {"end": "accepted", "certificate": ["fine"]},
        {"end": "accepted", "certificate": ["verified"] * 99},
        {"end": "accepted", "days": 10**400},
        {"end": "accepted", "software": None},
    ],
)
def test_a_saved_session_that_nobody_writes_is_refused(wrong: object) -> None:
    found = json.loads(to_json(made()))
    found["steps"][1]["steps"][0]["steps"][0]["facts"] = {"session": wrong}
    with pytest.raises(SavedReportError):
        from_json(json.dumps(found))
