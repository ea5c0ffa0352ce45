"""The answer of a run: status, sentences, side and advice, drawn from report, verdict and causes."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.answer import advice_of, side_of, status_of, summary_of
from smtpdiag_tui.verdict.outcome import NOT_COVERED, Verdict

ACCEPTED = Verdict(Outcome.ACCEPTED, f"mx takes it.{NOT_COVERED}", "delivery/mx/192.0.2.25")
DEFERRED = Verdict(Outcome.DEFERRED, "mx does not take it now.", "delivery/mx/192.0.2.25")


def report(steps: dict[str, list[Finding]], settings: Settings | None = None) -> Report:
    found = {key: Step(key, key, Status.WARNING, findings=tuple(items)) for key, items in steps.items()}
    return Report(settings or Settings("alice@sender.example", "bob@partner.example"), steps=found)


def cause(code: str, *, decides: bool, advice: str = "", evidence: tuple[str, ...] = ()) -> Cause:
    return Cause(code, Side.RECIPIENT, f"Of {code}.", advice=advice, evidence=evidence, decides=decides)


@pytest.mark.parametrize(
    ("outcome", "statuses", "expected"),
    [
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "soa": Status.PASSED}, Status.PASSED),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "soa": Status.FAILED}, Status.WARNING),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "senders": Status.FAILED}, Status.PASSED),
        (Outcome.DEFERRED, {"delivery": Status.SKIPPED}, Status.FAILED),
        (Outcome.DEFERRED, {"delivery": Status.WARNING}, Status.WARNING),
        (Outcome.BOUNCED, {"delivery": Status.PASSED}, Status.FAILED),
        (Outcome.UNKNOWN, {"delivery": Status.FAILED}, Status.UNKNOWN),
        (Outcome.ACCEPTED, {}, Status.UNKNOWN),
    ],
)
def test_the_status_follows_the_outcome(outcome: Outcome, statuses: dict[str, Status], expected: Status) -> None:
    assert status_of(statuses, outcome) is expected


def test_a_root_cause_that_decides_stands_before_the_outcome_once() -> None:
    blocked = cause("egress-blocked", decides=True)
    assert summary_of(report({}), DEFERRED, [blocked]) == "Of egress-blocked. mx does not take it now."
    told = Verdict(Outcome.DEFERRED, "Of egress-blocked. It waits.")
    assert summary_of(report({}), told, [blocked]) == "Of egress-blocked. It waits."
    assert summary_of(report({}), DEFERRED, [cause("greylisted", decides=True)]).startswith(
        "This is greylisting. "
    )
    assert summary_of(report({}), DEFERRED, [cause("egress-blocked", decides=False)]) == DEFERRED.summary


def test_what_one_host_replied_is_quoted_once() -> None:
    where = "mx.partner.example [192.0.2.25]"
    told = Verdict(Outcome.BOUNCED, f"{where} rejects the mail: 550 listed. A sender returns the mail.")
    unnamed = replace(
        cause("blocklisted-here", decides=True), message=f"{where} rejected bob (a list): 550 listed"
    )
    assert summary_of(report({}), told, [unnamed]) == told.summary
    elsewhere = replace(unnamed, message="mx2.partner.example [192.0.2.26] rejected bob (a list): 550 listed")
    assert summary_of(report({}), told, [elsewhere]) == f"{elsewhere.message}. {told.summary}"


def test_greylisting_that_is_guessed_is_told_as_a_guess() -> None:
    message = "mx deferred bob@partner.example (perhaps greylisting): 450 later (certainly greylisting): x"
    guessed = replace(cause("greylisted", decides=True), message=message, reason=Reason.GREYLISTING)
    assert summary_of(report({}), DEFERRED, [guessed]).startswith("This is perhaps greylisting. mx does not")
    said = replace(guessed, message="mx deferred bob (greylisting): 450 (perhaps 5 minutes)")
    assert summary_of(report({}), DEFERRED, [said]).startswith("This is greylisting. mx does not")


def test_what_speaks_against_an_accept_stands_before_what_it_does_not_cover() -> None:
    one = {"soa": [finding("soa-lame-server", "x")], "local": [finding("soa-lame-server", "y")]}
    assert summary_of(report(one), ACCEPTED, []) == (
        f"mx takes it. On the way one thing is not as it should be.{NOT_COVERED}"
    )
    two = {**one, "remote": [finding("mx-is-cname", "z")], "senders/ipv6": [finding("greylisted", "no matter")]}
    assert " On the way 2 things are not as they should be." in summary_of(report(two), ACCEPTED, [])
    assert summary_of(report({}), ACCEPTED, []) == ACCEPTED.summary
    anything = {"probes": [], "probes/random-recipient": [finding("accepts-any-recipient", "x")]}
    assert summary_of(report(anything), ACCEPTED, []) == (
        f"mx takes it. A made-up recipient is taken too: that says little.{NOT_COVERED}"
    )


def test_the_side_is_the_deciding_causes_else_the_verdicts_else_the_gravest_findings() -> None:
    steps = {"delivery/mx/192.0.2.25": [finding("connection-refused", "x", side=Side.PATH)]}
    assert side_of(report(steps), ACCEPTED, [cause("x", decides=True)]) is None
    assert side_of(report(steps), DEFERRED, [cause("x", decides=True)]) is Side.RECIPIENT
    own = Verdict(Outcome.DEFERRED, "", DEFERRED.step, side=Side.HERE)
    assert side_of(report(steps), own, [cause("x", decides=False)]) is Side.HERE
    assert side_of(report(steps), DEFERRED, []) is Side.PATH
    assert side_of(report({}), DEFERRED, []) is None


def test_advice_begins_with_the_causes_that_decide_and_says_nothing_twice() -> None:
    place = "delivery/mx/192.0.2.25"
    steps = {
        place: [finding("recipient-rejected", "x", evidence=("550 no",), advice="explained")],
        f"{place}/rcpt-to": [finding("sender-rejected", "y", advice="first")],
    }
    causes = [
        cause("sender-rejected", decides=False, advice="second"),
        cause("recipient-rejected", decides=True, advice="first", evidence=(place,)),
    ]
    advice = advice_of(report(steps), DEFERRED, causes)
    assert advice[0] == "first"
    assert advice[1].startswith("Write to postmaster@partner.example")
    assert '"550 no"' in advice[1]
    assert advice[2:] == ("second",)


def test_what_no_cause_explains_is_advised_on_where_the_outcome_comes_from() -> None:
    steps = {
        "soa": [finding("soa-missing", "x", advice="zone")],
        DEFERRED.step or "": [finding("connection-refused", "y", advice="host")],
    }
    assert advice_of(report(steps), DEFERRED, []) == ("host",)
    assert set(advice_of(report(steps), ACCEPTED, [])) == {"zone", "host"}


def test_advice_leaves_out_what_is_beside_the_point() -> None:
    steps = {
        "soa": [finding("soa-missing", "x", advice="zone")],
        "local": [finding("greylisted", "y", advice="wait")],
    }
    assert set(advice_of(report(steps), ACCEPTED, [])) == {"zone"}
    via_relay = Settings("a@b.example", "c@d.example", relay=(Relay("relay.example"),))
    assert advice_of(report(steps, via_relay), ACCEPTED, []) == ()
