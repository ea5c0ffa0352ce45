"""The answer as the interface draws it: in the reports' order, each line copied and followed by itself."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause, SenderResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.tui.drawing.answer_text import AnswerLine, answer_lines
from tests.render.made import SESSION, SPF_FAILS, WORDS, accepted, made, with_standards

ACTIONS = (Action("", "Check it."), Action("Recipient", "empty the mailbox."))
CAUSE = Cause(
    "recipient-rejected",
    Side.RECIPIENT,
    "It is so",
    "So it means.",
    ACTIONS,
    "RFC 1",
    (f"{SESSION}/rcpt-to",),
    True,
)


def shown(report: Report, width: int = 0, *, saved: bool = False) -> tuple[AnswerLine, ...]:
    return answer_lines(report, width, saved=saved)


def decided() -> Report:
    return replace(made(), causes=(CAUSE,), actions=ACTIONS, headline="It is so", delivery="no; it is returned")


def test_it_is_drawn_in_the_order_of_the_reports() -> None:
    copied = [line.copy for line in shown(decided())]
    wanted = [
        "✗ BOUNCED alice@sender.example to bob@partner.example",
        "It is so",
        "Delivery: no; it is returned",
        "Cause: So it means.",
        "Responsible: recipient's side",
        "Action: 1. Check it.",
        "2. Recipient: empty the mailbox.",
    ]
    assert copied[: len(wanted)] == wanted
    reply = next(number for number, line in enumerate(copied) if line.startswith("Reply: "))
    assert copied[reply + 1 : reply + 4] == [WORDS, f"{SESSION}/rcpt-to", "recipient-rejected, RFC 1"]
    assert reply > copied.index("2. Recipient: empty the mailbox.")
    assert copied[-1] == "Run: 2026-11-24 04:20:00 UTC"


def test_what_rests_on_a_step_leads_there_and_nothing_else_does() -> None:
    lines = shown(decided())
    places = {line.copy: line.step for line in lines}
    assert places["It is so"] == places["Cause: So it means."] == f"{SESSION}/rcpt-to"
    assert places[WORDS] == SESSION
    assert places["Responsible: recipient's side"] == places["recipient-rejected, RFC 1"] == ""
    assert next(line.step for line in lines if line.copy.startswith("✓ Address syntax")) == "syntax"
    gone = replace(decided(), steps={})
    assert {line.step for line in shown(gone)} == {""}


def test_a_problem_at_many_steps_lists_them_up_to_a_bound() -> None:
    report = made()
    steps = {}
    for number in range(40):
        for key in (SESSION, f"{SESSION}/rcpt-to"):
            place = key.replace("192.0.2.25", f"192.0.2.{number + 100}")
            steps[place] = replace(report.steps[key], id=place)
    lines = shown(replace(report, steps={**report.steps, **steps}, causes=()))
    copied = [line.copy for line in lines]
    assert copied.index("Action: Check bob@partner.example.") < copied.index(f"{SESSION}/rcpt-to")
    assert sum(line.copy == line.step for line in lines if line.step) == 30
    assert any(line.copy.startswith("and 11 more steps; recipient-rejected") for line in lines)


def test_no_row_is_wider_than_its_room_and_a_copied_line_is_whole() -> None:
    narrow = shown(decided(), 40)
    rows = [row for line in narrow[2:] for row in line.text.plain.split("\n")]
    assert max(map(len, rows)) <= 40
    assert [line.copy for line in narrow] == [line.copy for line in shown(decided())]


def test_a_saved_report_says_so_and_a_cancelled_run_too() -> None:
    assert shown(made(), saved=True)[-1].copy == "Run: saved 2026-11-24 04:20:00 UTC"
    cancelled = shown(replace(made(), status=Status.CANCELLED, outcome=Outcome.UNKNOWN))
    assert cancelled[0].text.plain.startswith("× CANCELLED ")


def test_profiles_that_fare_alike_stand_in_one_line() -> None:
    senders = tuple(SenderResult(name, name, Outcome.BOUNCED, "It is so") for name in ("standard", "other"))
    lines = [line.copy for line in shown(replace(decided(), senders=senders))]
    assert "✗ bounced: standard, other" in lines


def test_what_rcpt_does_not_cover_stands_before_the_problems_and_leads_to_its_step() -> None:
    report = with_standards(accepted(dmarc="fail", spf="fail"))
    lines = shown(report)
    copied = [line.copy for line in lines]
    assert copied[:5] == [
        "✓ ACCEPTED  ✗ DMARC fails alice@sender.example to bob@partner.example",
        report.headline,
        "Delivery: yes, up to RCPT TO",
        f"After DATA: {SPF_FAILS}",
        "Problems: 5 problems found, listed below",
    ]
    assert lines[3].step == "authentication/dmarc"
    checks = {line.copy: line.step for line in lines if line.step in ("authentication", "tls-policy")}
    assert list(checks.values()) == ["authentication", "tls-policy"]
    assert list(checks) == [
        "! Authentication: SPF fail, DMARC fail (policy reject)",
        "! TLS policy: DNSSEC unknown, DANE mismatch, MTA-STS mismatch, no TLS-RPT",
    ]
    unknown = shown(with_standards(accepted(dkim="unknown", spf="pass")))
    assert unknown[3].copy == "After DATA: SPF passes; DKIM and content filtering are not tested"
    assert unknown[3].step == "authentication"


@pytest.mark.parametrize("width", [33, 55, 75, 115])
def test_it_is_broken_to_the_width(width: int) -> None:
    lines = shown(with_standards(accepted(dmarc="fail", receivers="fail")), width)
    rows = next(line.text.plain for line in lines if line.copy.startswith("After DATA: ")).split("\n")
    assert all(len(row) <= width for row in rows)
    assert " ".join(row.strip() for row in rows).endswith("reject it after DATA. Receiver requirement not met.")
