"""What a ticket needs of a report."""

from dataclasses import replace

import pytest

from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.render.ticket import to_ticket
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from tests.render.made import accepted, made, report_of
from tests.story_reports import RECIPIENTS, story_report


def ticket_of(recipient: str) -> tuple[Report, list[str]]:
    report = story_report(recipient)
    return report, to_ticket(report).splitlines()


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_it_begins_as_the_text_report_does_and_is_shorter_than_60_lines(recipient: str) -> None:
    report, lines = ticket_of(recipient)
    text = to_text(report).splitlines()
    assert len(lines) < 60
    source = next(number for number, line in enumerate(lines) if line.startswith("Source:"))
    assert lines[:source] == text[:source]
    assert "No message was sent." in lines


def test_the_deciding_session_its_source_and_its_time_stand_in_it() -> None:
    report, lines = ticket_of("bob@blocklist.example")
    text = "\n".join(lines)
    assert "Source:       192.0.2.10, EHLO mail.sender.example" in lines
    assert "SMTP session with mx.blocklist.example [192.0.2.43]" in lines
    assert text.count("554 5.7.1 Service unavailable") == 2, "the reply, and its session"
    assert f"Seconds since {report.started:%Y-%m-%d %H:%M:%S} UTC." in lines
    assert "MX hosts" not in text


def test_an_accepted_run_has_the_session_that_accepted() -> None:
    _, lines = ticket_of("bob@partner.example")
    assert lines[0].startswith("✓ ACCEPTED")
    assert "SMTP session with mx1.partner.example [192.0.2.21]" in lines
    assert sum("250 2.1.5 Ok" in line for line in lines) == 2


def test_of_what_fails_later_it_has_the_evidence_and_not_the_session_that_accepted() -> None:
    _, lines = ticket_of("bob@rollover.example")
    place = lines.index("Evidence")
    assert lines[place + 1].startswith("  192.0.2.175 presented a certificate of TLSA 3 1 1 ")
    assert lines[place + 2].endswith(": the certificate has another key")
    assert "No message was sent." in lines
    assert not any(line.startswith(("SMTP session", "Seconds since")) for line in lines)


def later_problem(step: str, *evidence: str) -> Report:
    """Return a report of a message that is accepted, with one problem at a step."""
    found = (Finding("internal-error", Severity.WARNING, "It is so", evidence=evidence),)
    above = [Step(key, key, Status.WARNING) for key in StepId(step).above]
    steps = {item.id: item for item in (*above, Step(step, step, Status.WARNING, findings=found))}
    return replace(accepted(), steps=steps)


def test_evidence_keeps_within_its_lines_and_comes_of_authentication_and_tls_policy_alone() -> None:
    lines = to_ticket(later_problem("authentication/spf", *(f"line {n}" for n in range(30)))).splitlines()
    place = lines.index("Evidence")
    assert lines[place + 1 : place + 14] == [*(f"  line {n}" for n in range(12)), "    … 18 more lines (-v)"]
    assert len(lines) < 60
    for report in (
        later_problem("soa", "line"),
        later_problem("tls-policy/mta-sts"),
        replace(later_problem("authentication/spf", "line"), outcome=Outcome.DEFERRED),
    ):
        assert "Evidence" not in to_ticket(report).splitlines()


def test_without_a_session_there_is_none() -> None:
    _, lines = ticket_of("bob@null.example")
    assert not any(line.startswith(("SMTP session", "Seconds since")) for line in lines)


def test_a_long_report_keeps_within_its_lines() -> None:
    many = made(lines=900)
    assert len(to_ticket(many).splitlines()) < 60
    assert len(to_ticket(report_of("550 5.1.1 " + "x" * 3000)).splitlines()) < 60


def test_what_is_not_known_is_not_told() -> None:
    bare = Report(Settings("a@a.example", "b@b.example"))
    text = to_ticket(bare)
    assert "Source:" not in text
    assert (
        to_ticket(replace(bare, settings=Settings("", "b@b.example")))
        .splitlines()[0]
        .endswith("<> to b@b.example")
    )


def test_signs_of_our_own_are_ascii_where_that_is_wanted() -> None:
    assert to_ticket(made(), ascii_only=True).isascii()
