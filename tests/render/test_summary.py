"""A report in one line."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.render.summary import to_summary
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from tests.render.made import SETTINGS, made, report_of
from tests.story_reports import RECIPIENTS, story_report


@pytest.mark.parametrize(
    ("recipient", "line"),
    [
        (
            "bob@partner.example",
            "ACCEPTED alice@sender.example to bob@partner.example:"
            " mx1.partner.example [192.0.2.21] accepted the recipient\n",
        ),
        (
            "nobody@partner.example",
            "BOUNCED alice@sender.example to nobody@partner.example:"
            " mx1.partner.example rejected the recipient: user unknown [recipient's side]\n",
        ),
    ],
)
def test_a_story_in_a_line(recipient: str, line: str) -> None:
    assert to_summary(story_report(recipient)) == line


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_each_story_is_one_line(recipient: str) -> None:
    told = to_summary(story_report(recipient))
    assert told.endswith("\n")
    assert told[:-1].isprintable()
    assert recipient in told


def test_a_run_that_goes_on_is_one_line_too() -> None:
    line = "UNKNOWN <> to bob@partner.example: The run has not ended\n"
    assert to_summary(Report(replace(SETTINGS, sender=""))) == line


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_one_line(text: str) -> None:
    addresses = Settings(text, text)
    for report in (report_of(visible(text)), replace(made(), headline=text, settings=addresses)):
        told = to_summary(report)
        assert len(told.splitlines()) == 1
        assert told.endswith("\n")
