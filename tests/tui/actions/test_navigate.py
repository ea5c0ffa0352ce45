"""Where the cursor jumps to, and what runs again."""

import pytest

from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.navigation import failed_steps, landing, problems, sessions, step_along

HOST = "delivery/mx1.partner.example"
BAD = (Finding("greylisted", Severity.WARNING, "Try again."),)


def report(outcome: Outcome | None = None, **statuses: Status) -> Report:
    names = {
        "soa": "soa",
        "soa_server": "soa/192.0.2.53",
        "soa_tcp": "soa/192.0.2.53/tcp",
        "delivery": "delivery",
        "host": HOST,
        "one": f"{HOST}/192.0.2.1",
        "one_rcpt": f"{HOST}/192.0.2.1/rcpt-to",
        "two": f"{HOST}/192.0.2.2",
    }
    steps = {}
    for name, key in names.items():
        status = statuses.get(name, Status.PASSED)
        steps[key] = Step(key, name, status, findings=BAD if status is not Status.PASSED else ())
    return Report(Settings("a@b.example", "c@d.example"), outcome=outcome, steps=steps)


def test_what_did_not_pass_is_named_once_and_as_low_as_it_runs() -> None:
    seen = report(
        soa=Status.WARNING,
        soa_server=Status.WARNING,
        soa_tcp=Status.WARNING,
        delivery=Status.FAILED,
        host=Status.FAILED,
        one=Status.FAILED,
        one_rcpt=Status.FAILED,
        two=Status.CANCELLED,
    )
    failed = [f"{HOST}/192.0.2.1", f"{HOST}/192.0.2.2"]
    assert failed_steps(seen, warnings=True) == ["soa/192.0.2.53", *failed]
    assert failed_steps(seen, warnings=False) == failed
    assert failed_steps(report(), warnings=True) == []
    assert failed_steps(report(delivery=Status.UNKNOWN), warnings=False) == ["delivery"]
    assert failed_steps(report(delivery=Status.WARNING), warnings=False) == []


@pytest.mark.parametrize(
    ("here", "direction", "place"),
    [("b", 1, "c"), ("c", 1, "a"), ("a", -1, "c"), (None, 1, "a"), ("b", -1, "a"), ("gone", -1, "c")],
)
def test_the_walk_goes_around(here: str | None, direction: int, place: str) -> None:
    assert step_along(["a", "b", "c"], ["a", "c"], here, direction) == place


def test_nowhere_to_walk() -> None:
    assert step_along(["a"], [], "a", 1) is None


def test_the_first_look_goes_to_what_decided() -> None:
    assert landing(report(Outcome.ACCEPTED)) == f"{HOST}/192.0.2.1"
    # Accepted, but something is wrong: that is what nobody would look at otherwise.
    assert landing(report(Outcome.ACCEPTED, one=Status.FAILED)) == f"{HOST}/192.0.2.1"
    assert landing(report(Outcome.ACCEPTED, two=Status.WARNING)) == f"{HOST}/192.0.2.2"
    assert (
        landing(report(Outcome.DEFERRED, soa=Status.FAILED, one_rcpt=Status.WARNING))
        == f"{HOST}/192.0.2.1/rcpt-to"
    )
    assert landing(report(Outcome.UNKNOWN, soa=Status.UNKNOWN)) == "soa"
    assert landing(report(Outcome.UNKNOWN)) is None


def test_sessions_and_problems_come_in_tree_order() -> None:
    assert sessions(report()) == [f"{HOST}/192.0.2.1", f"{HOST}/192.0.2.2"]
    assert problems(report(soa_tcp=Status.WARNING, two=Status.FAILED)) == [
        "soa/192.0.2.53/tcp",
        f"{HOST}/192.0.2.2",
    ]
