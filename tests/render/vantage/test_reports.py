"""Reports from several vantage points as text, Markdown and JSON, over made-up runs."""

import json
from dataclasses import replace

import pytest

from smtpdiag_tui.render.vantage.as_json import vantage_json, vantage_summary
from smtpdiag_tui.render.vantage.grid import grid
from smtpdiag_tui.render.vantage.markdown import vantage_markdown
from smtpdiag_tui.render.vantage.text import vantage_text
from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Via
from tests.report.agreement.made import (
    ACCEPTED,
    LOCAL,
    MX1,
    MX2,
    OTHER,
    SOCKS,
    SSH,
    accepted,
    blocked,
    greylisted,
    made,
)

GONE = Vantage(OTHER, error=f"{OTHER.label}: login refused")
POINTS = (accepted(LOCAL), greylisted(SSH), blocked(SOCKS), GONE)


def text(*points: Vantage, **how: bool) -> str:
    return vantage_text(points, agreement_of(points), **how)


def test_the_answer_comes_first() -> None:
    lines = text(*POINTS).splitlines()
    assert lines[0] == "! MIXED  alice@sender.example to bob@partner.example"
    assert lines[1] == "Accepted from local, not from 2 vantage points"
    labels = [line.partition(":")[0] for line in lines[3:16] if line[:1].isalpha()]
    assert labels[:3] == ["Meaning", "Action", "Not counted"]


def test_columns_are_folded_to_the_page() -> None:
    told = text(*(accepted(Via("ssh", f"mx{number}.a-rather-long-name.example")) for number in range(8)))
    assert max(map(len, told.splitlines())) <= 80
    assert told.count("MX hosts  ") == 4
    for number in range(1, 9):
        assert f"{number} ssh:" in told


@pytest.mark.parametrize("label", ["x" * 200, "é" * 40])
def test_a_long_name_is_cut_in_its_column_and_whole_below(label: str) -> None:
    point = replace(accepted(SSH), via=Via("ssh", label))
    told = text(accepted(LOCAL), point)
    assert "…" in told
    assert f"ssh:{label}" in told


def test_ascii_alone_keeps_the_columns() -> None:
    told = text(accepted(LOCAL), accepted(Via("ssh", "mx." + "a" * 40 + ".example")), ascii_only=True)
    assert told.isascii()
    heading = next(line for line in told.splitlines() if line.startswith("MX hosts"))
    row = next(line for line in told.splitlines() if line.startswith("     192.0.2.21"))
    assert row.index("+", row.index("+") + 1) == heading.index("2 ssh")


def test_one_that_failed_has_no_column() -> None:
    heading = next(line for line in text(*POINTS).splitlines() if line.startswith("MX hosts"))
    assert "4 " not in heading
    assert OTHER.label not in vantage_markdown(POINTS, agreement_of(POINTS)).split("## MX hosts")[1].split("##")[0]


def test_what_failed_is_told_once() -> None:
    assert text(*POINTS).count("login refused") == 1


def test_this_host_is_the_local_one_alone() -> None:
    point = accepted(SSH)
    assert point.report is not None
    told = replace(
        point, report=replace(point.report, headline="Deferred because of this host's reverse DNS (PTR)")
    )
    assert f"Deferred because of {SSH.label}'s reverse DNS (PTR)" in text(accepted(LOCAL), told)


def test_hostile_words_are_visible() -> None:
    bad = replace(GONE, error="\x1b]0;title\x07 \u202e failed")
    for told in (
        text(accepted(LOCAL), bad),
        vantage_markdown((accepted(LOCAL), bad), agreement_of((LOCAL_OK, bad))),
    ):
        assert "\x1b" not in told
        assert "\u202e" not in told


LOCAL_OK = accepted(LOCAL)


def test_rows_are_the_union_of_all_those_preferred_first() -> None:
    one = made(LOCAL, Outcome.ACCEPTED, {MX2: ACCEPTED}, preferences={MX2[0]: 20})
    two = made(SSH, Outcome.ACCEPTED, {MX1: ACCEPTED}, preferences={MX1[0]: 10})
    rows = grid((one, two))
    assert [(row.preference, row.host) for row in rows] == [(10, MX1[0]), (20, MX2[0])]
    assert [[cell is not None for cell in row.cells] for row in rows] == [[False, True], [True, False]]


def test_json_holds_all() -> None:
    told = json.loads(vantage_json(POINTS, agreement_of(POINTS)))
    assert [point["via"] for point in told["vantage_points"]] == [point.via.label for point in POINTS]
    assert [point["whole"] for point in told["vantage_points"]] == [True, True, False, False]
    assert told["vantage_points"][3]["report"] is None
    assert told["agreement"]["uncounted"] == [{"point": OTHER.label, "why": GONE.error, "pending": False}]
    assert told["outcome"] == "deferred"


def test_json_of_none() -> None:
    told = json.loads(vantage_json((GONE,), agreement_of((GONE,))))
    assert (told["outcome"], told["agreement"]["outcome"]) == ("unknown", None)


def test_a_line_for_a_log() -> None:
    line = vantage_summary(POINTS, agreement_of(POINTS))
    assert line.count("\n") == 1
    assert line.startswith("MIXED alice@sender.example to bob@partner.example: Accepted from local")
