"""The text report, as it is pasted into a ticket."""

import asyncio
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.render.words import paragraphs
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.events import Event, StepStarted
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from tests.render.made import SESSION, SETTINGS, WORDS, deciding, made, report_of, session_step
from tests.story_reports import RECIPIENTS, story_report


def test_outcome_headline_and_fields_come_first_then_the_evidence() -> None:
    lines = to_text(deciding(made(), SESSION)).splitlines()
    assert lines[0] == "✗ BOUNCED  alice@sender.example to bob@partner.example"
    assert lines[1].startswith("Returned: 550 5.1.1")
    assert labels(lines) == ["Delivery", "Cause", "Responsible", "Action", "Reply"]
    titles = [line for line in lines[3:] if line[:1].isupper() and ": " not in line]
    assert titles == [
        "SMTP session with mx.partner.example [192.0.2.25]",
        "MX hosts",
        "Checks",
    ]
    assert lines[-1] == "No message was sent. Full transcripts: -v or --report json."
    assert lines[-3].startswith("smtpdiag ")


def labels(lines: list[str]) -> list[str]:
    found = (re.match(r"([A-Z][a-z]+):  ", line) for line in lines)
    return [label[1] for label in found if label]


def test_the_reply_stands_above_and_in_its_session_and_is_never_broken() -> None:
    text = to_text(deciding(made(), SESSION))
    assert text.count(f"\n  {WORDS}\n") == 1
    assert f"    0.25 T← {WORDS}\n" in text
    assert r"    0.20  ← 220 \x1b[31m\xff" in text
    whole = to_text(deciding(made(), SESSION), verbose=True)
    assert f"   0.25 T← {WORDS}\n" in whole
    assert f"| {WORDS}\n" in whole


def test_our_own_sentences_fit_in_80_columns() -> None:
    for report in (made(), deciding(made(), SESSION)):
        long = [
            line for line in to_text(report, verbose=True).splitlines() if len(line) > 79 and WORDS not in line
        ]
        assert long == []


def test_a_number_is_not_parted_from_its_unit() -> None:
    for width in range(30):
        report = replace(made(), delivery=f"{'x' * width} waits 5 minutes, 300 s and 17 ms until 04:20:00 UTC")
        lines = to_text(report).splitlines()
        assert not any(re.match(r"\s*(?:minutes|s|ms|UTC)\b", line) for line in lines)
        assert "\0" not in to_text(report)


def test_an_older_headline_is_wrapped_and_a_new_one_is_whole() -> None:
    assert to_text(replace(made(), headline=" ".join(["four"] * 16))).splitlines()[1] == " ".join(["four"] * 16)
    assert len(to_text(replace(made(), headline=" ".join(["four"] * 17))).splitlines()[1]) <= 80


def test_colour_is_action_white_information_grey_success_green_failure_red() -> None:
    text = to_text(made(), colour=True, verbose=True)
    assert text.startswith("\x1b[31m✗ BOUNCED\x1b[0m  \x1b[1malice@sender.example to bob@partner.example\x1b[0m\n")
    assert "\x1b[1mDelivery\x1b[0m  \x1b[31m✗ failed\x1b[0m" in text
    assert "\x1b[32m✓ passed  \x1b[0m" in text or "\x1b[32m  ✓ Address syntax" in text
    assert "\x1b[90mi A remark.\x1b[0m" in text
    assert re.sub(r"\x1b\[\d+m", "", text) == to_text(made(), verbose=True)


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in to_text(made(), verbose=True)


@pytest.mark.parametrize("recipient", [recipient for recipient in RECIPIENTS if recipient.isascii()])
def test_ascii_alone_in_any_story(recipient: str) -> None:
    report = story_report(recipient)
    assert to_text(report, ascii_only=True).isascii()
    assert to_text(report, ascii_only=True, verbose=True).isascii()


def test_ascii_alone_where_the_terminal_has_no_more() -> None:
    text = to_text(deciding(made(), SESSION), ascii_only=True)
    assert text.startswith("x BOUNCED  ")
    assert f"   0.25 T< {WORDS}" in text


def test_verbose_explains_and_leaves_nothing_out() -> None:
    short, long = to_text(made()), to_text(made(), verbose=True)
    assert "Why syntax matters." in long
    assert "Why syntax matters." not in short
    assert "QUIT: the session ended" in long
    assert "QUIT: the session ended" not in short


def test_an_explanation_keeps_its_list() -> None:
    report = made()
    step = replace(report.steps["syntax"], explanation="Does it\nso.\nFails if:\n- one\n- another")
    text = to_text(replace(report, steps={**report.steps, "syntax": step}), verbose=True)
    assert "\nDoes it so.\nFails if:\n- one\n- another\n" in text


def test_an_explanation_is_wrapped_anew_and_its_numbers_stay_at_the_left() -> None:
    text = "One long line\nthat goes on.\n1) A first\nreason.\n2) A second."
    assert paragraphs(text) == "One long line that goes on.\n1) A first reason.\n2) A second."


def test_of_a_reply_of_thousands_of_lines_the_middle_gives_way() -> None:
    report = deciding(made(lines=5000), SESSION)
    text = to_text(report)
    assert len(text.splitlines()) <= 60
    assert "  … 4995 more lines (-v)\n" in text
    assert "lines left out (-v has them)\n" in text
    assert text.count(WORDS) >= 1
    whole = to_text(report, verbose=True)
    assert all(f"550-{number}\n" in whole for number in range(4999))


def test_a_line_of_64_kib_is_cut_above_and_whole_with_the_rest() -> None:
    giant = "550 5.1.1 " + "x" * 65_000
    report = deciding(made(), SESSION)
    step = report.steps[SESSION]
    last = replace(step.transcript[-1], text=giant)
    step = replace(step, transcript=(*step.transcript[:-1], last), detail="550")
    report = replace(report, steps={**report.steps, SESSION: step})
    text = to_text(report)
    assert giant not in text
    assert text.count("… (64,010 more characters, -v has them)") == 2
    assert giant in to_text(report, verbose=True)


def test_many_problems_and_actions_are_counted_and_all_are_told_with_the_rest() -> None:
    steps = {
        f"soa/a{number}": Step(f"soa/a{number}", "x", Status.WARNING, findings=(warning(number),))
        for number in range(40)
    }
    steps["soa"] = Step("soa", "Zone (SOA)", Status.WARNING)
    actions = tuple(Action("", f"Do number {number}.") for number in range(9))
    report = deciding(replace(made(), steps={**made().steps, **steps}, actions=actions), SESSION)
    text = to_text(report)
    assert len(text.splitlines()) <= 60
    assert "4. Do number 3.\n              … 5 more actions (-v)\n" in text
    assert re.search(r"\n    … \d+ more problems \(-v\)\n", text)
    whole = to_text(report, verbose=True)
    assert all(f"Problem number {number}\n" in whole for number in range(40))
    assert all(f"Do number {number}.\n" in whole for number in range(9))


def warning(number: int) -> Finding:
    action = Action("", f"Mind number {number}.")
    return Finding(f"code-{number}", Severity.WARNING, f"Problem number {number}", "", None, (action,))


def test_a_long_cause_leaves_the_action_in_sight() -> None:
    cause = replace(deciding(made(), SESSION).causes[0], meaning="why " * 500)
    report = replace(made(), causes=(cause,))
    lines = to_text(report).splitlines()
    assert next(place for place, line in enumerate(lines, 1) if line.startswith("Action:")) <= 15
    assert sum("more lines (-v)" in line for line in lines) == 1
    assert to_text(report, verbose=True).split().count("why") >= 500


def test_host_names_that_are_too_long_for_a_terminal_have_a_line_of_their_own() -> None:
    lines = to_text(story_report("bob@long.example")).splitlines()
    place = lines.index("MX hosts")
    assert lines[place + 1 : place + 3] == [
        "     1 mx01-mailcluster-eu.long.example",
        "  ✓   192.0.2.95  accepted 250 2.1.5  TLSv1.3",
    ]
    assert all(len(line) <= 79 for line in lines)


@pytest.mark.parametrize("hosts", [1, 30, 120, 300])
def test_many_hosts_are_counted_where_they_do_not_fit(hosts: int) -> None:
    report = crowd_of(hosts, lines=10)
    for text in (to_text(report), to_markdown(report)):
        lines = text.splitlines()
        assert len(lines) <= 60
        shown = sum("refused" in line for line in lines if "more address" not in line)
        rest = re.search(r"… (\d+) more address(?:es)? \((\d+) connection refused\)", text)
        assert shown + (int(rest[1]) if rest else 0) == hosts
        assert rest is None or rest[1] == rest[2]
        assert "mx0.partner.example" in text
    whole = to_text(report, verbose=True)
    assert all(f" mx{number}.partner.example" in whole for number in range(hosts))


def test_hosts_that_fail_differently_have_a_row_each() -> None:
    ends = {
        "192.0.2.1": SessionFacts(SessionEnd.REJECTED, "550 5.1.1", "TLSv1.3"),
        "192.0.2.2": SessionFacts(SessionEnd.TIMEOUT),
        "2001:db8::3": SessionFacts(SessionEnd.GREETING_REFUSED, "554"),
    }
    steps = {"delivery": Step("delivery", "SMTP sessions", Status.FAILED)}
    steps["delivery/mx"] = Step("delivery/mx", "mx", Status.FAILED, facts=StepFacts(preference=5))
    for address, facts in ends.items():
        steps[f"delivery/mx/{address}"] = session_step(facts=facts, step_id=f"delivery/mx/{address}")
    report = deciding(replace(made(), steps=steps), "delivery/mx/192.0.2.2/connect")
    assert (
        "\nMX hosts\n"
        "  ✗ 5 mx  192.0.2.1    rejected 550 5.1.1  TLSv1.3\n"
        "  ✗       192.0.2.2    timed out\n"
        "  ✗       2001:db8::3  refused 554\n"
    ) in to_text(report)
    assert "Reply:" not in to_text(report)
    assert "0 of 3 MX addresses accepted" in to_text(report)


async def test_a_run_under_way_and_one_that_was_cancelled_are_told() -> None:
    report = Report(SETTINGS)
    events: list[Event] = []
    connecting = asyncio.Event()

    def seen(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted) and event.id.endswith("/connect"):
            connecting.set()

    async with DemoNetwork() as network:
        settings = network.prepare(Settings("alice@sender.example", "bob@timeout.example"))
        task = asyncio.create_task(diagnose(settings, network, seen))
        await connecting.wait()
        for event in events:
            report = report.apply(event)
        begun = len(events)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    running = to_text(report)
    assert running.startswith("? UNKNOWN  alice@sender.example to bob@timeout.example\nThe run has not ended\n")
    assert "Delivery:     unknown; the run has not ended\n" in running
    assert "192.0.2.201  running\n" in running
    for event in events[begun:]:
        report = report.apply(event)
    cancelled = to_text(report)
    assert "\nThe run was cancelled before its outcome was known\n" in cancelled
    assert "Delivery:     unknown; the run was cancelled\n" in cancelled
    assert "192.0.2.201  cancelled\n" in cancelled
    for shown in (running, cancelled):
        assert "Cause:" not in shown
        assert "Reply:" not in shown
        assert len(shown.splitlines()) <= 60


def crowd_of(hosts: int, lines: int) -> Report:
    """Return a deferred report of so many hosts that refused, each with a transcript of so many lines."""
    steps = {"delivery": Step("delivery", "SMTP sessions", Status.FAILED)}
    facts = SessionFacts(SessionEnd.CONNECTION_REFUSED)
    said = tuple((Direction.RECEIVED, f"line {number}") for number in range(lines))
    for number in range(hosts):
        host = f"delivery/mx{number}.partner.example"
        steps[host] = Step(host, host, Status.FAILED, facts=StepFacts(preference=number))
        place = f"{host}/192.0.{number // 250}.{number % 250}"
        steps[place] = session_step(*said, facts=facts, step_id=place)
    report = replace(made(), outcome=Outcome.DEFERRED, steps=steps)
    return deciding(report, "delivery/mx0.partner.example/192.0.0.0")


def test_300_addresses_and_100_000_lines_are_told_at_once() -> None:
    report = crowd_of(300, lines=334)
    assert sum(len(step.transcript) for step in report.steps.values()) > 100_000
    began = time.process_time()
    to_text(report)
    assert time.process_time() - began < 0.5


@settings(deadline=None, max_examples=50)
@given(st.one_of(st.text(), st.text(st.sampled_from("a\u0301日\u200d\ufe0f א"))), st.booleans(), st.booleans())
def test_any_text_is_told_line_by_line(text: str, colour: bool, ascii_only: bool) -> None:
    shown = visible(text)
    told = to_text(report_of(shown), colour=colour, verbose=True, ascii_only=ascii_only)
    assert len(told.split("\n")) >= len(to_text(report_of(""), verbose=True).split("\n"))
    to_text(report_of(text), colour=colour, ascii_only=ascii_only)


@settings(deadline=None, max_examples=50)
@given(st.text(st.sampled_from("a\u0301日\u200d\ufe0f א\x1b"), max_size=200))
def test_a_saved_report_is_read_as_it_was_shown(text: str) -> None:
    shown = visible(text)
    assert from_json(to_json(report_of(text))).steps[SESSION].transcript[0].text == shown
    assert from_json(to_json(report_of(shown))).steps[SESSION].findings[0].evidence == (shown, shown)
