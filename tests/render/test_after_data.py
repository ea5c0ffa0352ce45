"""What RCPT does not cover: what fails first, then what is unknown, then what passes."""

from dataclasses import replace

import pytest

from smtpdiag_tui.render.after_data import after_data, company, first_failure
from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.summary import to_summary
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.render.ticket import to_ticket
from smtpdiag_tui.report.authentication import (
    Authentication,
    Beyond,
    BeyondName,
    BeyondVerdict,
    Spf,
    SpfIdentity,
    SpfResult,
)
from smtpdiag_tui.report.conclusions import SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import GivenMessage
from tests.render.made import SPF_FAILS, accepted, beyond

NEVER = "content filtering is not tested"
PARTIES = "alice@sender.example to bob@partner.example"


def problem(step_id: str) -> dict[str, Step]:
    """Return a step with a problem, and those above it."""
    found = (Finding("internal-error", Severity.WARNING, "It is so"),)
    above = [Step(key, key, Status.WARNING) for key in StepId(step_id).above]
    return {step.id: step for step in (*above, Step(step_id, step_id, Status.WARNING, findings=found))}


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({}, "SPF, DKIM, DMARC and content filtering are not tested"),
        ({"spf": "pass", "dmarc": "pass"}, f"SPF and DMARC pass; {NEVER}"),
        ({"dmarc": "pass"}, f"DMARC passes; {NEVER}"),
        (
            {"dmarc": "pass", "dkim": "unknown", "spf": "pass"},
            "SPF and DMARC pass; DKIM and content filtering are not tested",
        ),
        (
            {"spf": "pass", "dkim": "pass", "dmarc": "pass", "receivers": "pass", "message": "pass"},
            f"SPF, DKIM and DMARC pass, receiver requirements met, message fits; {NEVER}",
        ),
        (
            {"spf": "unknown", "dkim": "unknown", "receivers": "unknown", "message": "unknown"},
            "SPF unknown, receiver requirements unknown, message not checked;"
            " DKIM and content filtering are not tested",
        ),
        ({"dmarc": "fail", "spf": "fail", "dkim": "fail"}, SPF_FAILS),
        ({"spf": "fail"}, "It is spf"),
        ({"spf": "fail", "dkim": "fail", "dmarc": "pass"}, "It is dkim. SPF fails."),
        ({"dmarc": "fail", "receivers": "fail", "spf": "pass"}, f"{SPF_FAILS}. Receiver requirement not met."),
        ({"message": "fail", "spf": "fail"}, "It is message. SPF fails."),
    ],
)
def test_an_accepted_message_has_it_in_a_line(verdicts: dict[str, str], told: str) -> None:
    assert after_data(accepted(**verdicts)) == told


@pytest.mark.parametrize("outcome", [Outcome.BOUNCED, Outcome.DEFERRED, Outcome.UNKNOWN])
def test_a_message_that_never_gets_to_data_has_it_in_few_words(outcome: Outcome) -> None:
    report = replace(accepted(dmarc="fail", spf="fail", dkim="unknown", receivers="pass"), outcome=outcome)
    assert after_data(report) == (
        "SPF and DMARC fail, receiver requirements met; DKIM and content filtering are not tested"
    )
    assert after_data(replace(report, beyond=())) == ""


def test_before_a_run_ends_and_after_one_was_cancelled_nothing_is_said() -> None:
    report = accepted(dmarc="fail")
    assert after_data(replace(report, outcome=None)) == ""
    cancelled = replace(report, outcome=Outcome.UNKNOWN, status=Status.CANCELLED)
    assert (after_data(cancelled), company(cancelled)) == ("", "")


def test_of_several_addresses_the_worst_counts_and_its_words_are_told() -> None:
    told = (
        Beyond(BeyondName.SPF, BeyondVerdict.PASS, "SPF passes for 192.0.2.1"),
        Beyond(BeyondName.SPF, BeyondVerdict.FAIL, "SPF fails for 2001:db8::1"),
        Beyond(BeyondName.SPF, BeyondVerdict.UNKNOWN, "SPF unknown"),
    )
    assert after_data(replace(accepted(), beyond=told)) == "SPF fails for 2001:db8::1"
    found = first_failure(told)
    assert found is not None
    assert found.message == "SPF fails for 2001:db8::1"


def test_a_failure_without_words_is_told_all_the_same() -> None:
    silent = (Beyond(BeyondName.RECEIVERS, BeyondVerdict.FAIL, " "),)
    assert after_data(replace(accepted(), beyond=silent)) == "Receiver requirement not met"


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ({}, ""),
        ({"dmarc": "unknown", "spf": "pass"}, ""),
        ({"spf": "fail", "dkim": "fail", "dmarc": "fail", "receivers": "fail"}, "DMARC fails"),
        ({"message": "fail", "receivers": "fail"}, "requirement not met"),
        ({"dkim": "fail", "message": "fail"}, "message faulty"),
        ({"spf": "fail", "dkim": "fail"}, "DKIM fails"),
        ({"spf": "fail", "dmarc": "pass"}, "SPF fails"),
    ],
)
def test_the_failure_that_most_receivers_act_on_stands_beside_the_outcome(
    verdicts: dict[str, str], told: str
) -> None:
    report = accepted(**verdicts)
    beside = f"  ✗ {told}" if told else ""
    assert company(report) == answer_of(report).company == told
    assert to_text(report).splitlines()[0] == f"✓ ACCEPTED{beside}  {PARTIES}"
    assert to_ticket(report).splitlines()[0] == f"✓ ACCEPTED{beside}  {PARTIES}"
    plain = beside.replace("✗", "x")
    assert to_text(report, ascii_only=True).splitlines()[0] == f"+ ACCEPTED{plain}  {PARTIES}"
    told_in_markdown = f", ✗ {told}" if told else ""
    first = "`alice@sender.example` to `bob@partner.example`"
    assert to_markdown(report).splitlines()[0] == f"# ✓ ACCEPTED{told_in_markdown}: {first}"
    end = f" [{told}]" if told else ""
    assert to_summary(report) == f"ACCEPTED {PARTIES}: {report.headline}{end}\n"


@pytest.mark.parametrize(
    ("mail_from", "ehlo", "told"),
    [
        (SpfResult.FAIL, SpfResult.NONE, "SPF fails"),
        (SpfResult.PASS, SpfResult.FAIL, "SPF fails"),
        (SpfResult.PERMERROR, SpfResult.NONE, "SPF does not pass"),
        (SpfResult.SOFTFAIL, None, "SPF does not pass"),
        (None, None, "SPF fails"),
    ],
)
def test_spf_fails_by_its_result_fail_alone(
    mail_from: SpfResult | None, ehlo: SpfResult | None, told: str
) -> None:
    found = [None if result is None else SpfIdentity("sender.example", result) for result in (mail_from, ehlo)]
    judged = Authentication("203.0.113.10", Spf(*found))
    assert company(replace(accepted(spf="fail"), authentication=(judged,))) == told
    fails_too = replace(judged, spf=Spf(SpfIdentity("sender.example", SpfResult.FAIL)))
    assert company(replace(accepted(spf="fail"), authentication=(judged, fails_too))) == "SPF fails"


def test_the_usual_first_line_keeps_within_a_terminal() -> None:
    for verdicts in ({"receivers": "fail"}, {"spf": "fail"}, {"dmarc": "fail"}):
        assert len(to_text(accepted(**verdicts)).splitlines()[0]) <= 80


def test_of_a_given_message_that_has_no_valid_signature_dkim_is_not_called_untested() -> None:
    report = accepted(spf="pass", dkim="unknown", dmarc="pass", message="pass")
    given = replace(report.settings, message=GivenMessage("m.eml", 944))
    assert after_data(replace(report, settings=given)) == (
        "SPF and DMARC pass, message fits; no DKIM signature verified; content filtering is not tested"
    )


def test_colour_tells_the_failure_from_the_outcome() -> None:
    first = to_text(accepted(dmarc="fail"), colour=True).splitlines()[0]
    assert first.startswith("\x1b[32m✓ ACCEPTED\x1b[0m  \x1b[31m✗ DMARC fails\x1b[0m  ")


def test_text_markdown_and_ticket_have_the_line_behind_its_label() -> None:
    report = replace(accepted(dmarc="fail", receivers="fail"), steps=problem("authentication/dmarc"))
    lines = to_text(report).splitlines()
    assert lines[3:9] == [
        "Delivery:     yes, up to RCPT TO",
        "After DATA:   SPF of sender.example fails for 203.0.113.10 and sender.example",
        "              publishes p=reject: unless the message is signed for",
        "              sender.example, receivers that enforce DMARC reject it after",
        "              DATA. Receiver requirement not met.",
        "Problems:     1 problem found, listed below",
    ]
    assert lines[3:9] == to_ticket(report).splitlines()[3:9]
    assert f"- **After DATA:** {SPF_FAILS}. Receiver requirement not met." in to_markdown(report).replace("\\", "")


def test_a_failure_of_thousands_of_words_keeps_within_its_lines() -> None:
    endless = replace(accepted(), beyond=(Beyond(BeyondName.DMARC, BeyondVerdict.FAIL, "why " * 1_000),))
    lines = to_text(endless).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("After DATA:"))
    assert lines[place + 3].endswith("more lines (-v)")
    assert lines[place + 4] == ""


@pytest.mark.parametrize(
    ("verdicts", "step", "line"),
    [
        ({"dmarc": "fail"}, "authentication/dmarc", "1 problem found, listed below"),
        ({"dmarc": "fail"}, "soa", "1 problem found, listed below"),
        ({"spf": "pass"}, "authentication/spf/192.0.2.1/mail-from", "1 problem found; it does not block RCPT TO"),
        ({"spf": "pass"}, "soa", "1 problem found; it does not block delivery"),
    ],
)
def test_what_problems_do_to_an_accepted_message_is_true(verdicts: dict[str, str], step: str, line: str) -> None:
    assert answer_of(replace(accepted(**verdicts), steps=problem(step))).problems_line == line


def test_a_problem_of_tls_policy_blocks_no_standard_sending_server() -> None:
    report = replace(accepted(spf="pass"), steps=problem("tls-policy/dane/mx.partner.example"))
    assert answer_of(report).problems_line == "1 problem found; it does not block delivery"
    senders = tuple(
        SenderResult(name, name, outcome, "so", (SenderAttempt("mx", "192.0.2.1", "accepted"),))
        for name, outcome in (("standard", Outcome.ACCEPTED), ("dane", Outcome.DEFERRED))
    )
    held = answer_of(replace(report, senders=senders))
    assert held.problems_line == "1 problem found; it does not block standard sending servers"


def test_a_report_in_which_something_fails_later_is_not_healthy() -> None:
    assert answer_of(accepted(dmarc="pass")).healthy
    assert not answer_of(accepted(dmarc="fail")).healthy


def test_the_line_leads_to_the_step_that_tells_of_it() -> None:
    assert answer_of(accepted(spf="fail", dmarc="fail")).later == "authentication/dmarc"
    assert answer_of(accepted(spf="fail")).later == "authentication/spf"
    assert answer_of(accepted(spf="pass")).later == "authentication"


def test_an_outcome_that_is_no_accept_has_company_too() -> None:
    report = replace(accepted(), outcome=Outcome.DEFERRED, beyond=beyond(dmarc="fail"))
    assert to_text(report).startswith("! DEFERRED  ✗ DMARC fails  ")
