"""The answer that a report gives, before anything of it is drawn."""

from dataclasses import replace

import pytest

from smtpdiag_tui.render.answer import answer_of, answer_senders, first_of
from smtpdiag_tui.report.conclusions import Cause, SenderAttempt, SenderResult
from smtpdiag_tui.report.findings import Finding, Severity, Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from tests.render.made import SESSION, SETTINGS, made

TRIES = (SenderAttempt("mx.partner.example", "192.0.2.25", "refused"),)


def cause(code: str, *evidence: str, decides: bool = False) -> Cause:
    return Cause(code, Side.HERE, f"It is {code}.", evidence=evidence, decides=decides)


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
    return Report(SETTINGS, steps=steps)


def test_it_holds_all_that_the_report_comes_to() -> None:
    report = made()
    answer = answer_of(report)
    assert (answer.outcome, answer.status, answer.side) == (Outcome.BOUNCED, Status.FAILED, Side.RECIPIENT)
    assert answer.sentence == answer.summary == report.summary
    assert answer.advice == ("Check it.",)
    assert [problem.where for problem in answer.problems] == [f"{SESSION}/rcpt-to"]
    assert [problem.status for problem in answer.problems] == [Status.FAILED]


def test_before_a_run_ends_it_is_unknown_and_says_so() -> None:
    answer = answer_of(Report(SETTINGS))
    assert (answer.outcome, answer.status) == (Outcome.UNKNOWN, Status.UNKNOWN)
    assert (answer.summary, answer.sentence) == ("", "The run has not ended.")
    assert (answer.causes, answer.senders, answer.alike, answer.asides, answer.problems) == ((), (), False, (), ())


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (cause("egress-blocked", decides=True), Status.FAILED),
        (cause("egress-blocked"), Status.WARNING),
        (cause("no-ipv6-here", decides=True), Status.FAILED),
        (cause("no-ipv6-here"), Status.SKIPPED),
    ],
)
def test_a_cause_looks_like_the_outcome_where_it_decides_it(found: Cause, status: Status) -> None:
    [item] = answer_of(replace(made(), causes=(found,))).causes
    assert (item.message, item.steps, item.status) == (found.message, found.evidence, status)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (sender("standard", Outcome.BOUNCED), Status.FAILED),
        (sender("standard", Outcome.BOUNCED, ()), Status.FAILED),
        (sender("postfix", Outcome.BOUNCED), Status.WARNING),
        (sender("postfix", Outcome.DEFERRED), Status.WARNING),
        (sender("postfix", Outcome.ACCEPTED), Status.PASSED),
        (sender("postfix", Outcome.UNKNOWN, ()), Status.SKIPPED),
    ],
)
def test_a_sender_looks_like_its_step(found: SenderResult, status: Status) -> None:
    assert [item.status for item in answer_senders((found,))] == [status]


def test_senders_are_alike_that_turn_to_nobody_for_the_same_reason() -> None:
    alike = (sender("standard", Outcome.BOUNCED, (), "no host"), sender("postfix", Outcome.BOUNCED, (), "no host"))
    assert answer_of(replace(made(), senders=alike)).alike
    asked = (alike[0], replace(alike[1], attempts=TRIES))
    assert not answer_of(replace(made(), senders=asked)).alike
    other = (alike[0], replace(alike[1], summary="another reason"))
    assert not answer_of(replace(made(), senders=other)).alike


def test_the_gravest_problem_comes_first_and_information_is_none() -> None:
    report = with_problems(
        a=Severity.WARNING, b=Severity.INFO, c=Severity.UNKNOWN, d=Severity.FAILURE, e=Severity.WARNING
    )
    assert [problem.finding.code for problem in answer_of(report).problems] == ["d", "c", "a", "e"]


def test_what_a_cause_explains_is_left_to_it() -> None:
    report = made()
    for evidence in (f"{SESSION}/rcpt-to", SESSION):
        assert answer_of(replace(report, causes=(cause("x", evidence),))).problems == ()
    assert answer_of(replace(report, causes=(cause("recipient-rejected", "soa"),))).problems == ()
    assert len(answer_of(replace(report, causes=(cause("x", "delivery"),))).problems) == 1


def test_problems_of_an_earlier_run_do_not_count() -> None:
    report = with_problems(a=Severity.FAILURE)
    assert answer_of(replace(report, steps={"a": replace(report.steps["a"], stale=True)})).problems == ()


@pytest.mark.parametrize(
    ("outcome", "causes", "title"),
    [
        (Outcome.BOUNCED, (), "Reasons"),
        (Outcome.BOUNCED, (cause("x"),), "Found on the way"),
        (Outcome.ACCEPTED, (), "Found on the way"),
        (None, (), "Reasons"),
    ],
)
def test_problems_are_reasons_where_no_cause_is_known(
    outcome: Outcome | None, causes: tuple[Cause, ...], title: str
) -> None:
    assert answer_of(replace(made(), outcome=outcome, causes=causes)).problems_title == title


def test_this_machine_and_the_probes_stand_aside() -> None:
    steps = (
        Step("identity", "The sending machine", Status.WARNING, "2 things"),
        Step("identity/ipv4", "IPv4", Status.PASSED, "192.0.2.10"),
        Step("identity/ipv6", "IPv6", Status.SKIPPED, "not used"),
        Step("identity/dnsbl", "Blocklists", Status.WARNING, "2 lists"),
        Step("identity/dnsbl/a.example", "a.example", Status.PASSED, "does not list it"),
        Step("identity/dnsbl/b.example", "b.example", Status.WARNING, "lists it"),
        Step("probes", "Side probes", Status.PASSED, "1 probe"),
        Step("probes/postmaster", "postmaster", Status.PASSED, "250"),
    )
    identity, probes = answer_of(Report(SETTINGS, steps={step.id: step for step in steps})).asides
    assert identity.title == "The sending machine as others see it"
    assert identity.lines == ((Status.PASSED, "IPv4: 192.0.2.10"), (Status.WARNING, "b.example: lists it"))
    assert (probes.title, probes.lines) == ("Side probes", ((Status.PASSED, "postmaster: 250"),))


@pytest.mark.parametrize(("most", "first", "left"), [(2, "ab", 1), (3, "abc", 0), (9, "abc", 0)])
def test_the_first_of_many_and_how_many_are_left(most: int, first: str, left: int) -> None:
    assert first_of("abc", most) == (first, left)
