"""Where a report comes from."""

from dataclasses import replace

from smtpdiag_tui import __version__
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.provenance import provenance
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.settings import Settings
from tests.render.made import made
from tests.story_reports import reports

PLAIN = Settings("alice@sender.example", "bob@partner.example")


def test_program_time_and_duration() -> None:
    report = replace(made(), settings=PLAIN)
    assert provenance(report) == f"smtpdiag {__version__}, 2026-11-24 04:20:00 UTC, 2.4 s"
    assert provenance(replace(report, seconds=None)) == f"smtpdiag {__version__}, 2026-11-24 04:20:00 UTC"


def test_settings_that_differ_stand_in_a_line_of_their_own() -> None:
    assert provenance(made()).endswith(", 2.4 s")
    assert to_text(made()).splitlines()[-2] == "Settings: target DNS 192.0.2.53:5353; timeout 2.5 s"
    assert " Settings: target DNS 192.0.2.53:5353; timeout 2.5 s. " in to_markdown(made())
    plain = replace(made(), settings=PLAIN)
    assert "Settings" not in to_text(plain) + to_markdown(plain)


def test_the_host_of_the_run_is_named_and_masked() -> None:
    report = replace(made(), settings=PLAIN)
    step = replace(report.steps["syntax"], facts=StepFacts(host_name="mail.sender.example"))
    report = replace(report, steps={**report.steps, "syntax": step})
    assert provenance(report).startswith(f"smtpdiag {__version__} on mail.sender.example, 2026")
    assert provenance(from_json(to_json(report))) == provenance(report)
    masked = provenance(redact(report))
    assert "mail.sender.example" not in masked
    assert ".masked, 2026" in masked


def test_it_is_one_line_of_each_story() -> None:
    for report in reports().values():
        assert provenance(report).isprintable()
