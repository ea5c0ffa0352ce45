"""A report as a monitor's plug-in tells it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.session.certificates import SOON
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.monitors.nagios import (
    LEAST_DAYS,
    MOST_TEXT,
    PluginState,
    plugin_line,
    plugin_state,
    to_nagios,
)
from smtpdiag_tui.report.conclusions import Retry
from smtpdiag_tui.report.facts import CertificateVerdict, SessionEnd, SessionFacts
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from tests.render.made import SETTINGS, accepted, made, report_of, session_step, with_session
from tests.render.monitors.nagios_parser import parsed
from tests.story_reports import RECIPIENTS, story_report

STATES = {
    "bob@partner.example": "OK",
    "bob@greylisted.example": "OK",
    "bob@shared.example": "OK",
    "bob@serial.example": "OK",  # the DNS is untidy, and mail passes
    "bob@lame.example": "OK",
    "bob@office.hotel.example": "OK",
    "bob@tcp.example": "OK",
    "bob@dead.example": "WARNING",  # one address fails, another accepts
    "bob@expired.example": "WARNING",
    "bob@wrongname.example": "WARNING",
    "bob@differ.example": "WARNING",  # a certificate expires soon besides
    "bob@uplink.example": "WARNING",  # SPF fails after DATA
    "bob@large-receiver.example": "WARNING",
    "bob@rollover.example": "WARNING",
    "bob@sts.example": "WARNING",
    "bob@serialmx.example": "WARNING",
    "bob@greylist.example": "WARNING",
    "bob@busy.example": "WARNING",
    "bob@large.example": "WARNING",
    "bob@timeout.example": "CRITICAL",  # nobody answered
    "bob@silent.example": "CRITICAL",
    "bob@blocked.example": "CRITICAL",  # not before a change
    "bob@seventh.example": "CRITICAL",
    "bob@stale.example": "CRITICAL",
    "bob@full.example": "CRITICAL",
    "nobody@partner.example": "CRITICAL",
    "bob@missing.example": "CRITICAL",
    "bob@referral.example": "UNKNOWN",  # the local DNS is broken
}


@pytest.mark.parametrize(("recipient", "state"), STATES.items())
def test_the_state_of_a_story(recipient: str, state: str) -> None:
    assert parsed(to_nagios(story_report(recipient))).state == state


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_each_story_is_a_line_of_the_guidelines(recipient: str) -> None:
    report = story_report(recipient)
    told = parsed(to_nagios(report))
    assert told.state == plugin_state(report).name
    assert told.data["time"].unit == "s"
    assert len(told.text) <= MOST_TEXT
    if report.outcome in (Outcome.BOUNCED, Outcome.UNKNOWN):
        assert told.state == {"bounced": "CRITICAL", "unknown": "UNKNOWN"}[report.outcome.value]
    if told.state == "OK":
        assert all(datum.in_range for datum in told.data.values())


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_a_saved_report_tells_the_same(recipient: str) -> None:
    report = story_report(recipient)
    assert to_nagios(from_json(to_json(report))) == to_nagios(report)


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_masking_changes_no_state_and_no_value(recipient: str) -> None:
    report = story_report(recipient)
    masked = to_nagios(redact(report, ("mail.sender.example",)))
    assert parsed(masked).state == parsed(to_nagios(report)).state
    assert parsed(masked).data == parsed(to_nagios(report)).data
    assert "192.0.2.10 " not in masked
    assert "mail.sender.example" not in masked


def test_the_numbers_of_a_session() -> None:
    told = parsed(to_nagios(story_report("bob@dead.example")))
    assert list(told.data) == [
        *("time", "connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to"),
        *("certificate_days", "accepted", "problems"),
    ]
    addresses = told.data["accepted"]
    assert (addresses.value, addresses.least, addresses.most) == (1, "0", "2")
    assert told.data["certificate_days"].warn == f"{SOON}:"
    assert LEAST_DAYS == SOON


def test_of_many_addresses_those_tested_are_counted_and_the_oldest_certificate_is_told() -> None:
    data = parsed(to_nagios(story_report("bob@large.example"))).data
    assert data["accepted"].most == "64"
    assert data["certificate_days"].value == -3
    assert not data["certificate_days"].in_range


def test_an_address_that_hosts_share_counts_once() -> None:
    assert parsed(to_nagios(story_report("bob@shared.example"))).data["accepted"].most == "1"


def test_what_is_wrong_comes_before_what_is_well() -> None:
    told = parsed(to_nagios(story_report("bob@expired.example")))
    assert told.text == "Certificate of mx.expired.example expired 3 days ago; recipient accepted"


def test_who_is_responsible_is_said_where_mail_fails() -> None:
    assert parsed(to_nagios(story_report("bob@full.example"))).text.endswith("[recipient's side]")


def with_end(*ends: SessionEnd, days: int | None = 90, severity: Severity | None = None) -> Report:
    """Return an accepted run whose addresses ended so, with one finding at the last."""
    found = () if severity is None else (Finding("internal-error", severity, "It is so"),)
    steps = {"delivery": Step("delivery", "Delivery", Status.PASSED)}
    host = "delivery/mx.partner.example"
    steps[host] = Step(host, host, Status.PASSED)
    for number, end in enumerate(ends):
        facts = SessionFacts(end, "250", "TLSv1.3", (CertificateVerdict.VERIFIED,), days)
        step = session_step((Direction.NOTE, "x"), facts=facts, step_id=f"{host}/192.0.2.{number}")
        steps[step.id] = replace(step, status=Status.PASSED)
    last = list(steps)[-1]
    steps[last] = replace(steps[last], findings=found)
    return replace(accepted(spf="pass"), steps=steps)


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (with_end(SessionEnd.ACCEPTED), PluginState.OK),
        (with_end(SessionEnd.ACCEPTED, SessionEnd.DEFERRED), PluginState.WARNING),
        (with_end(SessionEnd.ACCEPTED, SessionEnd.TIMEOUT), PluginState.WARNING),
        (with_end(SessionEnd.ACCEPTED, SessionEnd.NO_ROUTE), PluginState.OK),  # this host has no IPv6
        (with_end(SessionEnd.ACCEPTED, SessionEnd.NO_SOCKET), PluginState.OK),
        (with_end(SessionEnd.ACCEPTED, days=SOON), PluginState.OK),
        (with_end(SessionEnd.ACCEPTED, days=SOON - 1), PluginState.WARNING),
        (with_end(SessionEnd.ACCEPTED, days=-1), PluginState.WARNING),
        (with_end(SessionEnd.ACCEPTED, days=None), PluginState.OK),
        (with_end(SessionEnd.ACCEPTED, severity=Severity.UNKNOWN), PluginState.OK),
        (with_end(SessionEnd.ACCEPTED, severity=Severity.WARNING), PluginState.WARNING),
        (accepted(spf="pass", dkim="unknown"), PluginState.OK),
        (accepted(spf="fail"), PluginState.WARNING),
        (accepted(spf="pass", dmarc="fail"), PluginState.WARNING),
        (replace(accepted(dmarc="fail"), outcome=Outcome.BOUNCED), PluginState.CRITICAL),
        (replace(accepted(), status=Status.CANCELLED), PluginState.UNKNOWN),
        (replace(accepted(), outcome=None), PluginState.UNKNOWN),
        (Report(SETTINGS), PluginState.UNKNOWN),
    ],
)
def test_what_else_may_be_so(report: Report, state: PluginState) -> None:
    told = parsed(to_nagios(report))
    assert told.state == plugin_state(report).name == state.name
    assert told.text


DEFERRED = with_session(
    session_step(
        (Direction.SENT, "RCPT TO:<bob@partner.example>"),
        (Direction.RECEIVED, "451 later"),
        facts=SessionFacts(SessionEnd.DEFERRED, "451"),
    )
)
SILENT = with_session(session_step((Direction.NOTE, "timed out"), facts=SessionFacts(SessionEnd.TIMEOUT)))


@pytest.mark.parametrize(
    ("report", "retry", "state"),
    [
        (DEFERRED, Retry.BY_ITSELF, PluginState.WARNING),
        (DEFERRED, Retry.UNKNOWN, PluginState.WARNING),
        (DEFERRED, Retry.NOT_BEFORE_CHANGE, PluginState.CRITICAL),
        (DEFERRED, None, PluginState.WARNING),  # saved by an earlier version
        (SILENT, Retry.BY_ITSELF, PluginState.WARNING),
        (SILENT, Retry.UNKNOWN, PluginState.CRITICAL),
        (SILENT, Retry.NOT_BEFORE_CHANGE, PluginState.CRITICAL),
    ],
)
def test_a_deferred_message_is_as_grave_as_the_retry(report: Report, retry: Retry, state: PluginState) -> None:
    assert plugin_state(replace(report, retry=retry)) is state


def test_the_state_is_the_exit_status_of_the_guidelines() -> None:
    assert [(state.name, int(state)) for state in PluginState] == [
        ("OK", 0),
        ("WARNING", 1),
        ("CRITICAL", 2),
        ("UNKNOWN", 3),
    ]


def test_what_an_earlier_run_measured_does_not_count() -> None:
    report = with_end(SessionEnd.ACCEPTED, SessionEnd.TIMEOUT)
    steps = {key: replace(step, stale=step.is_session) for key, step in report.steps.items()}
    told = parsed(to_nagios(replace(report, steps=steps)))
    assert (told.state, "accepted" in told.data) == ("OK", False)


@given(st.text(max_size=900))
def test_no_text_breaks_the_line_or_passes_for_data(text: str) -> None:
    addresses = Settings(text, text)
    for report in (
        report_of(visible(text)),
        replace(made(), headline=text, settings=addresses),
        replace(accepted(dmarc="fail"), headline=text),
    ):
        told = parsed(to_nagios(report))
        assert len(told.text) <= MOST_TEXT
        assert set(told.data) <= {"time", "certificate_days", "accepted", "problems", "rcpt-to"}
    assert parsed(plugin_line(PluginState.UNKNOWN, text)).data == {}
