"""The report as a pure fold of events."""

from dataclasses import replace
from datetime import UTC, datetime

from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.events import (
    RunFinished,
    RunStarted,
    StepFinished,
    StepPlanned,
    StepsDropped,
    StepStarted,
    TranscriptGrew,
)
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings

SETTINGS = Settings("a@b.example", "c@d.example")
NOW = datetime(2026, 11, 24, 4, 20, tzinfo=UTC)
LINE = Entry(0.1, Direction.SENT, "QUIT")


def begun(run: int = 7) -> Report:
    return (
        Report(SETTINGS)
        .apply(RunStarted(run, SETTINGS, NOW, 100.0))
        .apply(StepPlanned(run, "delivery", "Delivery"))
    )


def test_a_step_goes_through_its_life() -> None:
    report = begun()
    assert report.steps["delivery"].status is Status.PENDING
    report = report.apply(StepStarted(7, "delivery", 0.5, 30.0))
    assert (report.steps["delivery"].status, report.steps["delivery"].limit) == (Status.RUNNING, 30.0)
    report = report.apply(TranscriptGrew(7, "delivery", (LINE,))).apply(TranscriptGrew(7, "delivery", (LINE,)))
    found = finding("null-mx", "No mail there.")
    report = report.apply(StepFinished(7, "delivery", 2.0, Status.FAILED, (found,), "said so"))
    step = report.steps["delivery"]
    assert (step.status, step.seconds, step.findings, step.detail) == (Status.FAILED, 1.5, (found,), "said so")
    assert step.transcript == (LINE, LINE)


def test_applying_changes_no_earlier_report() -> None:
    before = begun()
    before.apply(StepStarted(7, "delivery", 0.5))
    assert before.steps["delivery"].status is Status.PENDING


def test_events_of_another_run_change_nothing() -> None:
    report = begun()
    for event in (
        StepPlanned(6, "soa", "SOA"),
        StepStarted(6, "delivery", 1.0),
        TranscriptGrew(6, "delivery", (LINE,)),
        StepFinished(6, "delivery", 1.0, Status.PASSED),
        StepsDropped(6, ("delivery",)),
        RunFinished(6, 1.0, Status.PASSED, Outcome.ACCEPTED, "yes"),
    ):
        assert report.apply(event) is report


def test_a_step_that_was_never_planned_is_ignored() -> None:
    report = begun()
    assert report.apply(StepStarted(7, "nobody", 1.0)) is report


def test_a_rerun_shows_the_old_lines_until_new_ones_come() -> None:
    report = begun().apply(TranscriptGrew(7, "delivery", (LINE,)))
    report = report.apply(StepFinished(7, "delivery", 2.0, Status.FAILED, (finding("null-mx", "x"),), "old"))
    report = report.apply(RunStarted(8, SETTINGS, NOW, 100.0)).apply(StepPlanned(8, "delivery", "Delivery"))
    step = report.steps["delivery"]
    assert (step.stale, step.transcript, step.detail) == (True, (LINE,), "old")
    new = Entry(3.0, Direction.SENT, "EHLO x")
    step = report.apply(TranscriptGrew(8, "delivery", (new,))).steps["delivery"]
    assert (step.stale, step.transcript, step.findings, step.detail) == (False, (new,), (), "")
    step = report.apply(StepFinished(8, "delivery", 3.0, Status.SKIPPED)).steps["delivery"]
    assert (step.stale, step.transcript, step.findings) == (False, (), ())


def test_dropping_a_step_drops_what_is_below_it_alone() -> None:
    report = begun()
    for step_id in ("delivery/a", "delivery/a/1", "delivery/ab"):
        report = report.apply(StepPlanned(7, step_id, step_id))
    report = report.apply(StepsDropped(7, ("delivery/a",)))
    assert list(report.steps) == ["delivery", "delivery/ab"]


def test_the_tree_and_its_parts() -> None:
    report = begun()
    for step_id in ("delivery/a", "delivery/b", "delivery/a/1"):
        report = report.apply(StepPlanned(7, step_id, step_id))
    assert [step.id for step in report.children()] == ["delivery"]
    assert [step.id for step in report.children("delivery")] == ["delivery/a", "delivery/b"]
    assert [step.id for step in report.descendants("delivery")] == ["delivery/a", "delivery/b", "delivery/a/1"]
    assert [step.id for step in report.tree()["delivery/a"]] == ["delivery/a/1"]


def test_a_part_is_what_is_named_with_what_is_above_and_below() -> None:
    report = begun()
    for step_id in ("delivery/a", "delivery/a/1", "delivery/a/1/rcpt-to", "delivery/a/2", "delivery/ab", "soa"):
        report = report.apply(StepPlanned(7, step_id, step_id))
    part = report.only(("delivery/a/1",))
    assert list(part.steps) == ["delivery", "delivery/a", "delivery/a/1", "delivery/a/1/rcpt-to"]
    assert (part.run, part.settings, part.only(())) == (7, SETTINGS, replace(part, steps={}))


def test_the_end_of_a_run() -> None:
    end = RunFinished(
        7,
        4.5,
        Status.WARNING,
        Outcome.ACCEPTED,
        "It would.",
        actions=(
            Action("", "Nothing."),
            Action("DNS administrator", "fix."),
        ),
    )
    report = begun().apply(end)
    assert (report.status, report.outcome, report.summary) == (Status.WARNING, Outcome.ACCEPTED, "It would.")
    assert (report.seconds, report.advice, report.started) == (4.5, ("Nothing.", "DNS administrator: fix."), NOW)


def test_a_host_keeps_its_preference_when_it_runs_again_and_is_cancelled() -> None:
    host = "delivery/mx.a.example"
    report = Report(Settings("a@a.example", "b@a.example"))
    started = datetime(2026, 11, 24, tzinfo=UTC)
    for run in (1, 2):
        report = report.apply(RunStarted(run, report.settings, started, 0.0))
        report = report.apply(StepPlanned(run, host, "mx.a.example"))
        if run == 1:
            report = report.apply(StepStarted(run, host, 0.1, facts=StepFacts(preference=10, said="old")))
        report = report.apply(StepFinished(run, host, 1.0, Status.CANCELLED if run > 1 else Status.PASSED))
    assert report.steps[host].facts == StepFacts(preference=10)


def test_what_is_unknown_as_a_rule_is_no_problem_but_an_accident_is() -> None:
    unknown = Finding("resolver-unreachable", Severity.UNKNOWN, "It is unknown")
    failed = Finding("recipient-rejected", Severity.FAILURE, "It failed")
    told = Finding("starttls-offered", Severity.INFO, "It is so")
    accident = Finding("internal-error", Severity.UNKNOWN, "It crashed")
    for branch in ("authentication", "tls-policy"):
        step = Step(f"{branch}/dnssec", "DNSSEC", Status.UNKNOWN, findings=(unknown, told))
        assert (step.problems, step.usually_unknown) == ((), True)
        step = replace(step, findings=(unknown, failed, told))
        assert (step.problems, step.usually_unknown) == ((failed,), False)
        step = Step(branch, "Branch", Status.UNKNOWN, findings=(accident,))
        assert (step.problems, step.usually_unknown) == ((accident,), False)
    step = Step("soa", "Zone", Status.UNKNOWN, findings=(unknown, told))
    assert (step.problems, step.usually_unknown) == ((unknown,), False)
    assert not Step("tls-policy/dane", "DANE", Status.WARNING).usually_unknown
