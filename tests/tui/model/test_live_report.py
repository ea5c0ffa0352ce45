"""What the interface holds of runs: the report in view, what it was before, and what changed."""

from datetime import UTC, datetime

from smtpdiag_tui.report.events import Event, RunFinished, RunStarted, StepFinished, StepPlanned, StepStarted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.drawing.glyphs import change_of, in_view
from smtpdiag_tui.tui.model.live_report import LiveReport

SETTINGS = Settings("a@sender.example", "bob@partner.example")
OTHER = Settings("a@sender.example", "carol@partner.example")
MX = "delivery/mx.partner.example/192.0.2.25"
RCPT = f"{MX}/rcpt-to"
GREY = finding("greylisted", "Greylisted")
Ends = dict[str, tuple[Status, str, tuple[Finding, ...]]]
DEFERRED: Ends = {
    "dns-servers": (Status.PASSED, "", ()),
    MX: (Status.WARNING, "450 4.2.0 later", ()),
    RCPT: (Status.WARNING, "450 4.2.0 later", (GREY,)),
}
ACCEPTED: Ends = {
    "dns-servers": (Status.PASSED, "", ()),
    MX: (Status.PASSED, "250 2.1.5 Ok", ()),
    RCPT: (Status.PASSED, "250 2.1.5 Ok", ()),
}


class Runs:
    """Feeds a live report with the events of one run after another."""

    def __init__(self) -> None:
        self.live = LiveReport(SETTINGS)
        self.number = 0

    def begin(
        self, steps: Ends, *, settings: Settings = SETTINGS, partial: bool = False, second_try: bool = False
    ) -> None:
        self.number += 1
        self.live.expect(partial=partial, second_try=second_try)
        self.tell(RunStarted(self.number, settings, datetime(2026, 11, 24, tzinfo=UTC), 0.0))
        for key in steps:
            if not second_try:
                self.tell(StepPlanned(self.number, key, key))
            self.tell(StepStarted(self.number, key, 0.1))

    def end(self, steps: Ends, outcome: Outcome, status: Status = Status.PASSED) -> None:
        for key, (ended, detail, findings) in steps.items():
            self.tell(StepFinished(self.number, key, 1.0, ended, findings, detail))
        self.tell(RunFinished(self.number, 1.0, status, outcome, f"{outcome}."))

    def whole(self, steps: Ends, outcome: Outcome, *, settings: Settings = SETTINGS) -> None:
        self.begin(steps, settings=settings)
        self.end(steps, outcome)

    def tell(self, event: Event) -> None:
        self.live.apply(event)

    def counts(self) -> tuple[int, int, int] | None:
        found = self.live.difference
        return None if found is None else (len(found.fixed), len(found.new), len(found.unchanged))

    def detail(self, key: str) -> str:
        return in_view(self.live.report.steps[key], self.live.earlier).detail


def test_a_first_run_is_compared_with_nothing() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    assert runs.live.before is None
    assert runs.live.difference is None
    assert runs.live.earlier == {}


def test_the_old_verdict_stands_until_the_new_one_is_there_and_marks_what_changed() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    runs.begin(ACCEPTED)
    assert runs.live.before is not None
    assert runs.live.before.outcome is Outcome.DEFERRED
    shown = in_view(runs.live.report.steps[RCPT], runs.live.earlier)
    assert (shown.detail, shown.stale) == ("450 4.2.0 later", True)
    runs.end(ACCEPTED, Outcome.ACCEPTED)
    assert runs.detail(RCPT) == "450 → 250  250 2.1.5 Ok"
    assert runs.detail("dns-servers") == ""
    assert set(runs.live.earlier) == {MX, RCPT}
    assert runs.counts() == (1, 0, 0)


def test_the_marks_go_when_the_next_run_begins() -> None:
    runs = Runs()
    for steps, outcome in (
        (DEFERRED, Outcome.DEFERRED),
        (ACCEPTED, Outcome.ACCEPTED),
        (ACCEPTED, Outcome.ACCEPTED),
    ):
        runs.whole(steps, outcome)
    assert runs.live.earlier == {}
    assert runs.live.difference is not None
    assert runs.live.difference.is_none


def test_a_part_speaks_of_that_part_alone() -> None:
    runs = Runs()
    broken: Ends = {**DEFERRED, "dns-servers": (Status.FAILED, "", (finding("dns-udp-failed", "No UDP"),))}
    runs.whole(broken, Outcome.DEFERRED)
    part = {key: ACCEPTED[key] for key in (MX, RCPT)}
    runs.begin(part, partial=True)
    runs.end(part, Outcome.ACCEPTED)
    assert runs.counts() == (1, 0, 0)
    assert runs.live.took is not None


def test_a_second_try_is_compared_though_it_plans_nothing() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    part = {key: ACCEPTED[key] for key in (MX, RCPT)}
    runs.begin(part, partial=True, second_try=True)
    assert in_view(runs.live.report.steps[MX], runs.live.earlier).stale
    runs.end(part, Outcome.ACCEPTED)
    assert runs.detail(MX) == "450 → 250  250 2.1.5 Ok"
    assert runs.counts() == (1, 0, 0)


def test_a_part_that_runs_after_a_cancelled_run_is_shown() -> None:
    runs = Runs()
    runs.begin(DEFERRED)
    runs.end(DEFERRED, Outcome.UNKNOWN, Status.CANCELLED)
    for second_try in (False, True):
        part = {key: ACCEPTED[key] for key in (MX, RCPT)}
        runs.begin(part, partial=True, second_try=second_try)
        runs.end(part, Outcome.ACCEPTED, Status.WARNING)
        assert runs.live.report.outcome is Outcome.ACCEPTED
        assert runs.live.report.steps[RCPT].status is Status.PASSED
    assert runs.live.took is not None


def test_what_is_cancelled_changes_nothing_and_is_compared_with_nothing() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    runs.whole(ACCEPTED, Outcome.ACCEPTED)
    gone: Ends = dict.fromkeys((MX, RCPT), (Status.CANCELLED, "", ()))
    before = (runs.live.report, runs.live.earlier, runs.live.difference)
    runs.begin(gone, partial=True)
    runs.end(gone, Outcome.UNKNOWN, Status.CANCELLED)
    assert (runs.live.report, runs.live.earlier, runs.live.difference) == before
    runs.begin(DEFERRED)
    runs.end(gone, Outcome.UNKNOWN, Status.CANCELLED)
    assert runs.live.difference is None
    runs.whole(DEFERRED, Outcome.DEFERRED)  # compared with the last that was whole
    assert runs.live.before is not None
    assert runs.live.before.outcome is Outcome.ACCEPTED
    assert runs.counts() == (0, 1, 0)


def test_another_question_is_compared_with_nothing() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    runs.whole(ACCEPTED, Outcome.ACCEPTED, settings=OTHER)
    assert runs.live.before is None
    assert runs.live.difference is None
    assert runs.live.earlier == {}


def test_a_saved_report_is_one_until_something_runs_and_is_what_the_run_is_compared_with() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    saved = runs.live.report
    again = Runs()
    again.live.replay(Report(SETTINGS, outcome=saved.outcome, status=saved.status, steps=saved.steps))
    states = [again.live.saved]
    again.whole(ACCEPTED, Outcome.ACCEPTED)
    states.append(again.live.saved)
    assert states == [True, False]
    assert again.counts() == (1, 0, 0)


def test_a_step_that_fails_without_a_reply_is_marked_by_its_status() -> None:
    runs = Runs()
    runs.whole(ACCEPTED, Outcome.ACCEPTED)
    failed: Ends = {**ACCEPTED, MX: (Status.FAILED, "connection refused", ()), RCPT: (Status.SKIPPED, "", ())}
    runs.whole(failed, Outcome.DEFERRED)
    assert runs.detail(MX) == "passed → failed  connection refused"
    assert change_of(runs.live.report.steps[MX], runs.live.report.steps[MX]) == ""


def test_a_part_of_a_cancelled_run_is_compared_with_nothing_and_marks_nothing() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    gone: Ends = dict.fromkeys((MX, RCPT), (Status.CANCELLED, "", ()))
    runs.begin(gone)
    runs.end(gone, Outcome.UNKNOWN, Status.CANCELLED)
    failed: Ends = {MX: (Status.FAILED, "connection refused", ())}
    runs.begin(failed, partial=True)
    assert runs.live.before is None
    assert runs.live.earlier == {}
    assert runs.live.around("").cancelled
    runs.end(failed, Outcome.DEFERRED)
    assert runs.detail(MX) == "connection refused"
    assert runs.live.difference is None


def test_a_part_that_ran_again_has_a_time_of_its_own() -> None:
    runs = Runs()
    runs.whole(DEFERRED, Outcome.DEFERRED)
    assert runs.live.around("").at is None
    part = {key: ACCEPTED[key] for key in (MX, RCPT)}
    runs.begin(part, partial=True)
    runs.end(part, Outcome.ACCEPTED)
    assert runs.live.around("").at == datetime(2026, 11, 24, 0, 0, 0, 100_000, tzinfo=UTC)
    gone: Ends = dict.fromkeys((MX, RCPT), (Status.CANCELLED, "", ()))
    runs.begin(gone, partial=True)
    runs.end(gone, Outcome.UNKNOWN, Status.CANCELLED)
    assert runs.live.around("").at == datetime(2026, 11, 24, 0, 0, 0, 100_000, tzinfo=UTC)
