"""The first cause is the exchange that ended the deciding session, whatever else is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.engine.branches.delivery import Delivery
from smtpdiag_tui.report.findings import Finding, Severity, catalogue, finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.verdict.answer import actions_of, side_of
from smtpdiag_tui.verdict.causes import find_causes
from smtpdiag_tui.verdict.delivery import delivered_when
from smtpdiag_tui.verdict.headline import headline_of
from smtpdiag_tui.verdict.outcome import Verdict
from tests.engine.running import at, codes
from tests.story_reports import RECIPIENTS, story_report
from tests.verdict.siblings import REPLIES, WRONG, decided, sibling

BRANCHES = ("delivery", "identity", "identity/ipv4", "local", "remote", "soa")


@pytest.mark.parametrize("domain", REPLIES)
async def test_what_is_wrong_beside_the_reply_changes_neither_cause_nor_side_nor_advice(domain: str) -> None:
    found = {wrong: await sibling(domain, wrong) for wrong in WRONG}
    tidy = decided(found["tidy"])
    assert {wrong: decided(report) for wrong, report in found.items()} == dict.fromkeys(WRONG, tidy)
    beside = {
        "plain": "starttls-not-offered",
        "expired": "certificate-expired",
        "inside": "mx-address-not-public",
        "literal": "ehlo-name-literal",
    }
    for wrong, code in beside.items():
        if domain != "busy.example" or wrong in ("inside", "literal"):  # it never comes to TLS
            assert code in codes(found[wrong]), wrong


def verdict_of(report: Report) -> Verdict:
    """Return what the delivery was judged to be."""
    seen = at(report, "delivery").observation
    assert isinstance(seen, Delivery)
    return seen.verdict


def told(report: Report, verdict: Verdict) -> tuple[object, ...]:
    """Return what a report tells first, worked out anew."""
    causes = find_causes(report, verdict)
    first = causes[0] if causes and causes[0].decides else None
    kind = (first.code, first.side, first.reason) if first is not None else None
    lead = (
        (headline_of(report, verdict, causes), delivered_when(report, verdict, causes))
        if first is not None
        else ()
    )
    actions = actions_of(report, verdict, causes)[:1] if first is not None and first.actions else ()
    return kind, side_of(report, verdict, causes), lead, actions


def beside(report: Report, verdict: Verdict) -> Iterator[str]:
    """Yield the steps beside the exchange that decided: above it, before it, and other branches."""
    yield from (key for key in BRANCHES if key in report.steps)
    place = StepId(verdict.step or "")
    if not place.is_session:
        return
    yield from (key for key in (*place.above, place) if key != "delivery")
    for phase in Phase:
        if any(f"{place}/{phase}" in cause.evidence for cause in find_causes(report, verdict)):
            return
        yield f"{place}/{phase}"


def with_finding(report: Report, step_id: str, item: Finding) -> Report:
    step = report.steps[step_id]
    return replace(report, steps={**report.steps, step_id: replace(step, findings=(item, *step.findings))})


# Steps of a report that takes minutes with every code: it gets each seventh, the other stories get all of them.
MANY = 500


@pytest.mark.timeout(240)  # a thousand reports are judged for each story
@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_no_warning_anywhere_changes_the_cause_or_the_side(recipient: str) -> None:
    report = story_report(recipient)
    verdict = verdict_of(report)
    before = told(report, verdict)
    wrong, places = [], list(dict.fromkeys(beside(report, verdict)))
    decided_in_session = before[0] is not None and StepId(verdict.step or "").is_session
    for code, kind in islice(catalogue().items(), 0, None, 7 if len(report.steps) > MANY else 1):
        if kind.severity is not Severity.WARNING and not decided_in_session:
            continue
        item = finding(code, f"{code} was put there.")
        for step_id in places:
            after = told(with_finding(report, step_id, item), verdict)
            if after != before:
                wrong.append((code, step_id, after))
    assert wrong == []


@pytest.mark.parametrize("recipient", [story.recipient for story in STORIES if story.outcome != "accepted"])
def test_the_steps_alone_give_the_same_first_cause(recipient: str) -> None:
    report = story_report(recipient)
    blind = {
        key: replace(step, observation=None) if StepId(key).is_session else step
        for key, step in report.steps.items()
    }
    verdict = verdict_of(report)
    assert told(replace(report, steps=blind), verdict) == told(report, verdict)


def test_a_failed_lookup_is_told_as_the_way_from_the_parent_zone_explains_it() -> None:
    report = story_report("bob@servfail.example")
    first = report.causes[0]
    assert (first.code, first.decides) == ("dns-server-failure", True)
    assert first.message == "192.0.2.53 returned SERVFAIL for MX servfail.example"
    assert "No name server that the parent zone names serves servfail.example." in first.meaning
    assert report.actions[: len(first.actions)] == first.actions != ()
    general = catalogue()["dns-server-failure"].actions
    assert general
    assert not set(general) & set(report.actions)
