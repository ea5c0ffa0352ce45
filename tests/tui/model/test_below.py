"""Which problems lie below a step."""

from dataclasses import replace

from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.below import problems_below

HOST = "delivery/mx.a.example"
GREY, REFUSED = finding("greylisted", "Greylisted"), finding("connection-refused", "Refused")
INFO = finding("recipient-accepted", "Accepted")


def report(steps: dict[str, tuple[Status, tuple[Finding, ...]]]) -> Report:
    made = {
        key: Step(key, key.rpartition("/")[2], status, findings=found) for key, (status, found) in steps.items()
    }
    return Report(Settings("a@b.example", "c@d.example"), steps=made)


SEEN = report(
    {
        "delivery": (Status.WARNING, (REFUSED,)),
        HOST: (Status.WARNING, ()),
        f"{HOST}/192.0.2.1": (Status.WARNING, ()),
        f"{HOST}/192.0.2.1/rcpt-to": (Status.WARNING, (INFO, GREY)),
        f"{HOST}/192.0.2.2": (Status.FAILED, ()),
        f"{HOST}/192.0.2.2/connect": (Status.FAILED, (REFUSED,)),
        f"{HOST}/192.0.2.3": (Status.FAILED, ()),
        f"{HOST}/192.0.2.3/connect": (Status.FAILED, (REFUSED,)),
        "soa": (Status.FAILED, (REFUSED,)),
    }
)


def test_the_gravest_comes_first_each_kind_once_with_its_way_down() -> None:
    found = problems_below(SEEN, "delivery", {})
    assert [(item.finding.code, item.step, item.places) for item in found] == [
        ("connection-refused", f"{HOST}/192.0.2.2/connect", 2),
        ("greylisted", f"{HOST}/192.0.2.1/rcpt-to", 1),
    ]
    assert found[0].place == ("mx.a.example", "192.0.2.2", "connect")
    assert problems_below(SEEN, f"{HOST}/192.0.2.2", {})[0].place == ("connect",)


def test_its_own_and_those_beside_it_are_not_below() -> None:
    assert problems_below(SEEN, "soa", {}) == ()
    assert problems_below(SEEN, f"{HOST}/192.0.2.2/connect", {}) == ()
    assert problems_below(SEEN, "delivery/mx.a", {}) == ()


def test_what_runs_again_is_told_as_of_the_earlier_run() -> None:
    key = f"{HOST}/192.0.2.1/rcpt-to"
    again = replace(SEEN, steps={**SEEN.steps, key: replace(SEEN.steps[key], status=Status.PENDING, findings=())})
    [found] = problems_below(again, f"{HOST}/192.0.2.1", {key: SEEN.steps[key]})
    assert found.stale
    assert problems_below(again, f"{HOST}/192.0.2.1", {}) == ()
