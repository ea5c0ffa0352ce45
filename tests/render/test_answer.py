"""The answer that a report gives, before anything of it is drawn."""

from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.answer import Answer, answer_of, answer_senders, first_of, responsible
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause, Retry, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Relay, Settings, TlsPolicy
from tests.engine.running import run
from tests.render.made import SESSION, SETTINGS, made
from tests.story_reports import RECIPIENTS, story_report

TRIES = (SenderAttempt("mx.partner.example", "192.0.2.25", "refused"),)
WAIT, OPEN, RENEW = Action("", "Wait."), Action("", "Open the port."), Action("Somebody", "renew it.")


def cause(code: str, *evidence: str, decides: bool = False, actions: tuple[Action, ...] = ()) -> Cause:
    return Cause(code, Side.HERE, f"It is {code}", f"Why {code}.", actions, evidence=evidence, decides=decides)


def sender(
    name: str, outcome: Outcome, tries: tuple[SenderAttempt, ...] = TRIES, summary: str = ""
) -> SenderResult:
    return SenderResult(name, name.title(), outcome, summary or f"so {name} ends", tries)


def with_problems(**severities: Severity) -> Report:
    """Return a report in which each step has one finding, whose code is the step's name."""
    steps = {
        name: Step(name, name, Status.FAILED, findings=(Finding(name, severity, f"{name}."),))
        for name, severity in severities.items()
    }
    return Report(SETTINGS, steps=steps, outcome=Outcome.ACCEPTED)


def found(step_id: str, code: str, *actions: Action, severity: Severity = Severity.FAILURE) -> Step:
    item = Finding(code, severity, f"It is {code}", f"Why {code}.", Side.HERE, actions)
    return Step(step_id, step_id, Status.FAILED, findings=(item,))


def codes(answer: Answer) -> list[str]:
    return [trouble.code for trouble in answer.troubles]


def test_it_holds_all_that_the_report_comes_to() -> None:
    report = made()
    answer = answer_of(report)
    assert (answer.outcome, answer.status, answer.side) == (Outcome.BOUNCED, Status.FAILED, Side.RECIPIENT)
    assert (answer.word, answer.parties) == ("BOUNCED", "alice@sender.example to bob@partner.example")
    assert (answer.headline, answer.delivery) == (report.headline, "no; the message is returned")
    assert answer.actions == (Action("", "Check bob@partner.example."),)
    assert (answer.responsible, answer.retry) == ("recipient's side", None)


def test_before_a_run_ends_it_is_unknown_and_says_so() -> None:
    answer = answer_of(Report(SETTINGS))
    assert (answer.outcome, answer.status) == (Outcome.UNKNOWN, Status.UNKNOWN)
    assert (answer.headline, answer.delivery) == ("The run has not ended", "unknown; the run has not ended")
    assert (answer.why, answer.responsible, answer.actions, answer.reply) == ("", "", (), None)
    assert (answer.senders, answer.troubles, answer.checks, answer.problems_line) == ((), (), (), "")


def test_the_null_sender_is_shown_as_it_is_typed() -> None:
    assert answer_of(Report(Settings("", "bob@partner.example"))).parties == "<> to bob@partner.example"


@pytest.mark.parametrize(
    ("made_of", "status"),
    [
        (cause("egress-blocked", decides=True), Status.FAILED),
        (cause("egress-blocked"), Status.WARNING),
        (cause("no-ipv6-here", decides=True), Status.FAILED),
        (cause("no-ipv6-here"), None),
    ],
)
def test_a_cause_looks_like_the_outcome_where_it_decides_it(made_of: Cause, status: Status | None) -> None:
    """One that only explains what was left out is no problem."""
    answer = answer_of(replace(made(), causes=(made_of,)))
    items = [item for item in (*answer.deciding, *answer.troubles) if item.code == made_of.code]
    assert [item.status for item in items] == ([] if status is None else [status])
    assert (answer.why == made_of.meaning) == made_of.decides


def test_the_first_cause_that_decides_is_why_and_the_others_are_problems() -> None:
    two = (cause("egress-blocked", decides=True), cause("rate-limited-here", decides=True))
    answer = answer_of(replace(made(), causes=two))
    assert ([item.code for item in answer.deciding], answer.why) == (["egress-blocked"], "Why egress-blocked.")
    assert "rate-limited-here" in codes(answer)


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (sender("standard", Outcome.BOUNCED), Status.FAILED),
        (sender("standard", Outcome.BOUNCED, ()), Status.FAILED),
        (sender("postfix", Outcome.BOUNCED), Status.FAILED),
        (sender("postfix", Outcome.DEFERRED), Status.WARNING),
        (sender("postfix", Outcome.ACCEPTED), Status.PASSED),
        (sender("postfix", Outcome.UNKNOWN, ()), Status.SKIPPED),
    ],
)
def test_a_sender_looks_like_what_becomes_of_the_message(item: SenderResult, status: Status) -> None:
    assert [shown.status for shown in answer_senders((item,))] == [status]


def test_the_gravest_problem_comes_first_and_information_is_none() -> None:
    report = with_problems(
        a=Severity.WARNING, b=Severity.INFO, c=Severity.UNKNOWN, d=Severity.FAILURE, e=Severity.WARNING
    )
    assert codes(answer_of(report)) == ["d", "c", "a", "e"]


def test_what_a_cause_explains_is_left_to_it() -> None:
    report = made()
    for evidence in (f"{SESSION}/rcpt-to", SESSION):
        answer = answer_of(replace(report, causes=(cause("x", evidence, decides=True),)))
        assert codes(answer) == []
    assert codes(answer_of(replace(report, causes=(cause("recipient-rejected", "soa", decides=True),)))) == []
    below = replace(report, causes=(cause("x", "delivery", decides=True),))
    assert codes(answer_of(below)) == ["recipient-rejected"]


def test_problems_of_an_earlier_run_do_not_count() -> None:
    report = with_problems(a=Severity.FAILURE)
    assert codes(answer_of(replace(report, steps={"a": replace(report.steps["a"], stale=True)}))) == []


@pytest.mark.parametrize(
    ("outcome", "causes", "number", "line"),
    [
        (Outcome.ACCEPTED, (), 0, "none"),
        (Outcome.ACCEPTED, (), 1, "1 problem found; it does not block delivery"),
        (Outcome.ACCEPTED, (), 2, "2 problems found; they do not block delivery"),
        (Outcome.BOUNCED, (cause("x", decides=True),), 0, ""),
        (Outcome.BOUNCED, (cause("x", decides=True),), 1, "1 more, listed below"),
        (Outcome.BOUNCED, (cause("x", decides=True),), 2, "2 more, listed below"),
        (Outcome.BOUNCED, (), 1, "listed below"),
        (None, (), 0, ""),
    ],
)
def test_problems_are_counted(outcome: Outcome | None, causes: tuple[Cause, ...], number: int, line: str) -> None:
    steps = {name: found(name, name, severity=Severity.WARNING) for name in "ab"[:number]}
    answer = answer_of(Report(SETTINGS, outcome=outcome, causes=causes, steps=steps))
    assert (len(answer.troubles), answer.problems_line) == (number, line)
    assert answer.healthy == (outcome is Outcome.ACCEPTED and number == 0)


def test_where_no_cause_decides_the_gravest_problem_of_that_side_is_why() -> None:
    steps = {"a": found("a", "first", WAIT), "b": found("b", "second", OPEN)}
    report = Report(SETTINGS, outcome=Outcome.BOUNCED, side=Side.HERE, actions=(WAIT, OPEN), steps=steps)
    answer = answer_of(replace(report, headline="It was rejected"))
    assert answer.why == "It is first. Why first."
    assert (answer.actions, codes(answer)) == ((WAIT,), ["second"])
    assert answer.troubles[0].actions == (OPEN,)
    assert answer_of(replace(report, headline="It is first")).why == "Why first."
    assert answer_of(replace(report, side=Side.PATH)).why == ""
    assert answer_of(replace(report, outcome=Outcome.ACCEPTED)).why == ""


def test_a_warning_is_never_why() -> None:
    steps = {"a": found("a", "first", WAIT, severity=Severity.WARNING)}
    answer = answer_of(Report(SETTINGS, outcome=Outcome.BOUNCED, headline="Rejected", steps=steps))
    assert (answer.why, codes(answer)) == ("", ["first"])


def test_each_action_stands_in_one_place() -> None:
    """What the outcome needs stands above, though a problem needs it too; all else stands at its problem."""
    report = Report(
        SETTINGS,
        outcome=Outcome.DEFERRED,
        actions=(WAIT, OPEN, RENEW),
        causes=(cause("x", "soa", decides=True, actions=(WAIT, OPEN)),),
        steps={"a": found("a", "first", OPEN), "b": found("b", "second", RENEW)},
    )
    answer = answer_of(report)
    assert answer.actions == (WAIT, OPEN)
    assert [(item.code, item.actions) for item in answer.troubles] == [("first", ()), ("second", (RENEW,))]


@pytest.mark.parametrize(
    ("code", "reason", "side", "probable", "words"),
    [
        ("connection-timeout", None, Side.PATH, False, "undecided: network or recipient's side"),
        ("connection-timeout", None, Side.HERE, False, "sending side (you)"),
        ("egress-blocked", None, Side.PATH, False, "network"),
        ("greylisted", Reason.GREYLISTING, Side.POLICY, False, "recipient's policy (works as designed)"),
        ("greylisted", Reason.GREYLISTING, Side.POLICY, True, "recipient's policy"),
        ("rate-limited", Reason.RATE_LIMIT, Side.POLICY, False, "recipient's policy"),
        ("recipient-rejected", None, Side.RECIPIENT, False, "recipient's side"),
        ("recipient-rejected", None, None, False, ""),
    ],
)
def test_who_is_responsible(
    code: str, reason: Reason | None, side: Side | None, probable: bool, words: str
) -> None:
    decides = Cause(code, side or Side.HERE, "It is so", decides=True, reason=reason, probable=probable)
    report = Report(SETTINGS, outcome=Outcome.DEFERRED, side=side, causes=(decides,))
    assert responsible(report) == words
    assert responsible(replace(report, outcome=Outcome.ACCEPTED)) == ""


@pytest.mark.parametrize(("most", "first", "left"), [(2, "ab", 1), (3, "abc", 0), (9, "abc", 0)])
def test_the_first_of_many_and_how_many_are_left(most: int, first: str, left: int) -> None:
    assert first_of("abc", most) == (first, left)


def whole(answer: Answer) -> dict[str, object]:
    """Return all of an answer but the steps' times, which are rounded where they are saved."""
    names = (name for name in Answer.__dataclass_fields__ if name != "session")
    return {name: getattr(answer, name) for name in names} | {"session": answer.session and answer.session.id}


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_a_saved_report_has_the_same_answer(recipient: str) -> None:
    report = story_report(recipient)
    masked = redact(report, ("mail.sender.example",))
    for shown in (report, masked):
        assert whole(answer_of(from_json(to_json(shown)))) == whole(answer_of(shown))


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_what_is_not_accepted_says_why_and_what_to_do(recipient: str) -> None:
    answer = answer_of(story_report(recipient))
    assert (answer.retry is not None) == (answer.outcome is Outcome.DEFERRED)
    if answer.outcome is not Outcome.ACCEPTED:
        assert answer.why
        assert answer.responsible
        assert answer.actions


async def test_a_family_that_no_host_has_is_told() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dead.example", family=6)
    answer = answer_of(report)
    assert (answer.outcome, answer.reply) == (Outcome.UNKNOWN, None)
    assert answer.why


async def test_tls_that_is_required_and_refused_has_its_reply() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@tlsrefused.example", tls=TlsPolicy.REQUIRE)
    answer = answer_of(report)
    assert answer.outcome is Outcome.DEFERRED
    assert answer.reply is not None
    assert (answer.reply.verb, answer.reply.text) == (
        "STARTTLS",
        "454 4.7.0 TLS not available due to local problem",
    )


@pytest.mark.parametrize(
    ("recipient", "settings", "host"),
    [
        ("bob@null.example", {"relay": (Relay("partner.example", mx=True),)}, "mx1.partner.example"),
        ("bob@null.example", {"server": "192.0.2.21"}, "[192.0.2.21]"),
        ("bob@null.example", {"server": "mx1.partner.example"}, "mx1.partner.example"),
        ("nobody@null.example", {"server": "192.0.2.21"}, "[192.0.2.21]"),
        ("bob@[192.0.2.27]", {}, "[192.0.2.27]"),
    ],
)
async def test_a_host_that_was_given_has_its_reply(recipient: str, settings: dict[str, Any], host: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient, **settings)
    masked = redact(report)
    for shown in (report, from_json(to_json(report)), masked):
        answer = answer_of(shown)
        assert answer.reply is not None
        assert answer.session is not None
        assert answer.reply.host == (StepId(answer.session.id).host if shown is masked else host)
        assert answer.reply.text.startswith("250" if answer.outcome is Outcome.ACCEPTED else "55")


async def test_a_retry_by_itself_is_told() -> None:
    answer = answer_of(story_report("bob@greylist.example"))
    assert (answer.retry, answer.delivery) == (
        Retry.BY_ITSELF,
        "delayed; the sending server retries on its own",
    )


def test_no_problem_is_why_a_run_was_cancelled() -> None:
    report = replace(with_problems(a=Severity.FAILURE), outcome=Outcome.UNKNOWN)
    assert codes(answer_of(report)) == []
    answer = answer_of(replace(report, status=Status.CANCELLED))
    assert (answer.why, answer.deciding, codes(answer)) == ("", (), ["a"])
