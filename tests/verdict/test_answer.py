"""The answer of a run: status, sentences, side and advice, drawn from report, verdict and causes."""

from dataclasses import replace

import pytest

from smtpdiag_tui.report.actions import actions_in
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Relay, Settings
from smtpdiag_tui.verdict.answer import actions_of, sentences, side_of, status_of
from smtpdiag_tui.verdict.outcome import Verdict

ACCEPTED = Verdict(Outcome.ACCEPTED, "mx accepted the recipient", "delivery/mx/192.0.2.25")
DEFERRED = Verdict(Outcome.DEFERRED, "mx deferred the message", "delivery/mx/192.0.2.25")


def report(steps: dict[str, list[Finding]], settings: Settings | None = None) -> Report:
    found = {key: Step(key, key, Status.WARNING, findings=tuple(items)) for key, items in steps.items()}
    return Report(settings or Settings("alice@sender.example", "bob@partner.example"), steps=found)


def cause(code: str, *, decides: bool, advice: str = "", evidence: tuple[str, ...] = ()) -> Cause:
    return Cause(
        code, Side.RECIPIENT, f"Of {code}", actions=actions_in(advice), evidence=evidence, decides=decides
    )


def advised(made: Report, verdict: Verdict, causes: list[Cause]) -> list[str]:
    return [str(action) for action in actions_of(made, verdict, causes)]


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
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "authentication": Status.FAILED}, Status.WARNING),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "authentication": Status.WARNING}, Status.WARNING),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "authentication": Status.UNKNOWN}, Status.PASSED),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "authentication": Status.CANCELLED}, Status.WARNING),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "tls-policy": Status.FAILED}, Status.WARNING),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "tls-policy": Status.UNKNOWN}, Status.PASSED),
        (Outcome.ACCEPTED, {"delivery": Status.PASSED, "soa": Status.UNKNOWN}, Status.WARNING),
        (
            Outcome.ACCEPTED,
            {"delivery": Status.PASSED, "authentication": Status.UNKNOWN, "tls-policy": Status.FAILED},
            Status.WARNING,
        ),
        (Outcome.DEFERRED, {"delivery": Status.WARNING, "authentication": Status.FAILED}, Status.WARNING),
    ],
)
def test_the_status_follows_the_outcome(outcome: Outcome, statuses: dict[str, Status], expected: Status) -> None:
    assert status_of(statuses, outcome) is expected


@pytest.mark.parametrize("step", ["authentication/spf", "tls-policy/dnssec"])
@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SKIPPED])
def test_what_is_unknown_beyond_rcpt_asks_for_nothing(step: str, status: Status) -> None:
    unknown = finding("spf-address-unknown", "x", advice="Look it up.")
    made = report({step: [unknown], "soa": [finding("soa-missing", "y", advice="Add it.")]})
    made = replace(made, steps={**made.steps, step: replace(made.steps[step], status=status)})
    assert advised(made, ACCEPTED, []) == ["Add it."]
    beside = replace(unknown, code="spf-fail", severity=Severity.FAILURE)
    worse = replace(made.steps[step], findings=(unknown, beside))
    assert "Look it up." in advised(replace(made, steps={**made.steps, step: worse}), ACCEPTED, [])


def test_an_accident_beyond_rcpt_is_still_to_be_told() -> None:
    made = report({"authentication/spf": [finding("internal-error", "x", advice="Report it.")]})
    assert advised(made, ACCEPTED, []) == ["Report it."]


def test_headline_and_delivery_are_told_as_two_sentences() -> None:
    assert sentences("mx.partner.example deferred the message", "unknown; nothing was sent") == (
        "mx.partner.example deferred the message. Unknown; nothing was sent."
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
    assert advised(report(steps), DEFERRED, causes) == [
        "first",
        "Contact postmaster@partner.example from another mailbox; quote the reply.",
        "second",
    ]


def test_what_no_cause_explains_is_advised_on_where_the_outcome_comes_from() -> None:
    steps = {
        "soa": [finding("soa-missing", "x", advice="zone")],
        DEFERRED.step or "": [finding("connection-refused", "y", advice="host")],
    }
    assert advised(report(steps), DEFERRED, []) == ["host"]
    assert set(advised(report(steps), ACCEPTED, [])) == {"zone", "host"}


def test_advice_leaves_out_what_is_beside_the_point() -> None:
    steps = {
        "soa": [finding("soa-missing", "x", advice="zone")],
        "local": [finding("greylisted", "y", advice="wait")],
    }
    assert set(advised(report(steps), ACCEPTED, [])) == {"zone"}
    via_relay = Settings("a@b.example", "c@d.example", relay=(Relay("relay.example"),))
    assert advised(report(steps, via_relay), ACCEPTED, []) == []
