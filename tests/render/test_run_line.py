"""The line that says when a run was held."""

from dataclasses import replace

from smtpdiag_tui import __version__
from smtpdiag_tui.render.run_line import run_line
from smtpdiag_tui.render.words import moment
from tests.render.made import made


def test_it_names_version_begin_and_duration() -> None:
    assert run_line(made()) == f"smtpdiag {__version__}, 2026-11-24 04:20:00 UTC, 2.4 s"


def test_of_a_run_that_goes_on_no_duration_is_known() -> None:
    report = replace(made(), seconds=None)
    assert run_line(report) == f"smtpdiag {__version__}, {moment(report.started)}"
