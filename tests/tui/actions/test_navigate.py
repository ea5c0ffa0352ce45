"""Where the cursor jumps to, and what runs again."""

from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict
from smtpdiag_tui.report.conclusions import SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.reruns import failed_steps
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.navigation import (
    distinct_problems,
    landing,
    problems,
    sessions,
    step_along,
    with_problems,
    worst_problems,
)
from tests.engine.running import run

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
    assert landing(report(Outcome.ACCEPTED, one=Status.FAILED)) == f"{HOST}/192.0.2.2"
    assert landing(report(Outcome.ACCEPTED, soa=Status.FAILED, two=Status.WARNING)) == f"{HOST}/192.0.2.1"
    attempt = SenderAttempt("mx1.partner.example", "192.0.2.2", "accepted", "250 ok")
    standard = SenderResult("standard", "standard", Outcome.ACCEPTED, "accepted", (attempt,))
    accepted = replace(report(Outcome.ACCEPTED, two=Status.WARNING), senders=(standard,))
    assert landing(accepted) == f"{HOST}/192.0.2.2", "the session that accepted, whatever else it has to tell"
    assert (
        landing(report(Outcome.DEFERRED, soa=Status.FAILED, one_rcpt=Status.WARNING))
        == f"{HOST}/192.0.2.1/rcpt-to"
    )
    assert landing(report(Outcome.UNKNOWN, soa=Status.UNKNOWN)) == "soa"
    assert landing(report(Outcome.UNKNOWN)) is None


def accepted_but(*below: str, **verdicts: str) -> Report:
    """Return a report of a message that is accepted, with steps of authentication that failed."""
    told = tuple(Beyond(BeyondName(name), BeyondVerdict(verdict), "so") for name, verdict in verdicts.items())
    seen = replace(report(Outcome.ACCEPTED), beyond=told)
    steps = {key: Step(key, key, Status.FAILED) for key in ("authentication", "authentication/spf")}
    steps |= {key: Step(key, key, Status.FAILED, findings=BAD) for key in below}
    return replace(seen, steps={**seen.steps, **steps})


def test_the_first_look_goes_to_what_fails_after_data_where_the_recipient_was_accepted() -> None:
    mail_from = "authentication/spf/192.0.2.12/mail-from"
    assert landing(accepted_but(mail_from, spf="fail")) == mail_from
    assert landing(accepted_but(mail_from, "authentication/dmarc", spf="fail", dmarc="fail")) == (
        "authentication/dmarc"
    ), "what most receivers act on"
    assert landing(accepted_but(spf="fail")) == "authentication/spf", "nothing below it tells more"
    assert landing(accepted_but(message="fail")) == f"{HOST}/192.0.2.1", "a step that is not there"
    assert landing(accepted_but(mail_from, spf="unknown", dmarc="pass")) == f"{HOST}/192.0.2.1"
    refused = replace(accepted_but(mail_from, spf="fail"), outcome=Outcome.DEFERRED)
    assert landing(replace(refused, steps=report(one_rcpt=Status.WARNING).steps)) == f"{HOST}/192.0.2.1/rcpt-to"


def test_one_problem_is_met_once_and_counted() -> None:
    expired = Finding("certificate-expired", Severity.WARNING, "Expired.")
    seen = report(soa_tcp=Status.WARNING, one_rcpt=Status.WARNING, two=Status.WARNING)
    assert distinct_problems(seen) == {"soa/192.0.2.53/tcp": 3}
    steps = dict(seen.steps)
    steps[f"{HOST}/192.0.2.2"] = replace(steps[f"{HOST}/192.0.2.2"], findings=(*BAD, expired))
    assert distinct_problems(replace(seen, steps=steps)) == {"soa/192.0.2.53/tcp": 3, f"{HOST}/192.0.2.2": 1}
    assert distinct_problems(report()) == {}


def test_a_refusal_for_another_reason_is_another_problem() -> None:
    seen = report(one=Status.WARNING, two=Status.WARNING)
    steps = dict(seen.steps)
    steps[f"{HOST}/192.0.2.2"] = replace(
        steps[f"{HOST}/192.0.2.2"], findings=(replace(BAD[0], reason=next(iter(Reason))),)
    )
    assert list(distinct_problems(replace(seen, steps=steps)).values()) == [1, 1]


def test_an_address_stands_for_its_connection_among_distinct_problems_too() -> None:
    one = f"{HOST}/192.0.2.1"
    steps = {key: Step(key, key, Status.FAILED) for key in ("delivery", HOST, one, f"{one}/connect")}
    steps[f"{one}/connect"] = replace(steps[f"{one}/connect"], findings=BAD)
    seen = Report(Settings("a@b.example", "c@d.example"), steps=steps)
    assert distinct_problems(seen) == {one: 1}
    assert with_problems(seen) == {"delivery", HOST, one}


def test_sessions_and_problems_come_in_tree_order() -> None:
    assert sessions(report()) == [f"{HOST}/192.0.2.1", f"{HOST}/192.0.2.2"]
    assert problems(report(soa_tcp=Status.WARNING, two=Status.FAILED)) == [
        "soa/192.0.2.53/tcp",
        f"{HOST}/192.0.2.2",
    ]


async def _of(name: str) -> Report:
    async with DemoNetwork() as network:
        return await run(network, f"bob@{name}.example", timeout=0.5)


@pytest.mark.parametrize("name", ["stale", "misspelt", "bogus"])
async def test_the_first_look_goes_to_the_step_that_tells_the_cause(name: str) -> None:
    made = await _of(name)
    cause = next(cause for cause in made.causes if cause.decides)
    place = landing(made)
    assert place == "remote"
    assert cause.code in {item.code for item in made.steps[place].findings}


@pytest.mark.parametrize("name", ["fullexpired", "bogus", "misspelt", "dead", "partner"])
async def test_problems_only_leaves_out_nothing_that_is_not_well(name: str) -> None:
    made = await _of(name)
    bad = (Status.FAILED, Status.WARNING, Status.UNKNOWN)
    left_out = {key for key, step in made.steps.items() if step.status in bad} - with_problems(made)
    left_out -= {key for key in left_out if made.steps[key].usually_unknown}
    assert all(key.endswith("/connect") for key in left_out), "its address stands for it"
    assert not {key for key in with_problems(made) if made.steps[key].status in (Status.PASSED, Status.PENDING)}


def test_the_worst_problems_are_those_of_the_gravest_status() -> None:
    other = (Finding("certificate-expired", Severity.FAILURE, "Expired."),)
    seen = report(soa=Status.WARNING, two=Status.FAILED)
    steps = {**seen.steps, f"{HOST}/192.0.2.2": replace(seen.steps[f"{HOST}/192.0.2.2"], findings=other)}
    assert worst_problems(replace(seen, steps=steps)) == [f"{HOST}/192.0.2.2"]
    assert worst_problems(report(soa=Status.WARNING)) == ["soa"]
    assert worst_problems(report()) == []
