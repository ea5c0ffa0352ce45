"""Every story of the demo, compared with itself, with a second run of it, with half of it and with others."""

from collections import deque
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.compared import masked_pair
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.comparison import as_json, markdown, summary, text, words
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.comparison import compare
from smtpdiag_tui.report.fitting import HEADLINE
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from tests.engine.running import run
from tests.report.comparison.made import assert_symmetric
from tests.story_reports import RECIPIENTS, story_report

LARGE = 400  # steps of a report: on a busy machine, two such runs take longer than a test may
OTHERS: deque[Report] = deque(maxlen=2)  # of the stories before, in this process


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("recipient", RECIPIENTS)
async def test_story(recipient: str) -> None:
    async with DemoNetwork() as network:  # one for both: each makes keys and certificates of its own
        first = await run(network, recipient)
        second = first if len(first.steps) > LARGE else await run(network, recipient)
    assert_none(first, first)
    assert_none(first, from_json(to_json(first)))
    assert_none(first, second)
    assert_none(*masked_pair(first, second, ("mail.sender.example",)))
    assert_nothing_is_fixed_by_calling_off(first, second)
    for other in OTHERS:
        assert_symmetric(other, first)
        # As if the domain had moved there: hosts and addresses are paired.
        moved = replace(first, settings=replace(other.settings))
        assert_readable(other, moved)
    OTHERS.append(first)


@pytest.mark.parametrize("failing", ["servfail.example", "bogus.example"])
def test_a_run_whose_dns_failed_has_fixed_nothing(failing: str) -> None:
    old, failed = story_report("bob@expired.example"), story_report(f"bob@{failing}")
    # As if it were the other domain whose name servers fail now.
    new = from_json(to_json(failed).replace(failing, "expired.example"))
    found = assert_symmetric(old, replace(new, settings=replace(new.settings, dns=old.settings.dns)))
    assert found.problems.fixed == ()
    assert "certificate-expired" in [change.either.finding.code for change in found.problems.untested]
    assert [fact for fact in found.facts if fact.kind.value.startswith("mx-")] == []


def assert_none(old: Report, new: Report) -> None:
    found = compare(old, new)
    assert (found.facts, found.questions, found.steps) == ((), (), ())
    assert found.is_none
    assert text.NO_CHANGE in text.to_text(found)


def assert_nothing_is_fixed_by_calling_off(old: Report, new: Report) -> None:
    """A run that was called off half-way got to some places: what was wrong at others is untested."""
    keys = list(new.steps)
    left = set(keys[len(keys) // 2 :])
    steps = {
        key: replace(step, status=Status.CANCELLED, findings=()) if key in left or _above(key, left) else step
        for key, step in new.steps.items()
    }
    half = replace(new, steps=steps, status=Status.CANCELLED, outcome=Outcome.UNKNOWN, causes=(), senders=())
    found = assert_symmetric(old, half)
    assert found.problems.fixed == ()
    assert found.problems.new == ()
    assert [fact for fact in found.facts if fact.kind.value.startswith("mx-")] == []


def _above(key: str, steps: set[str]) -> bool:
    return any(step.startswith(f"{key}/") for step in steps)


def assert_readable(old: Report, new: Report) -> None:
    found = assert_symmetric(old, new)
    said = words.headline(found)
    assert len(said) <= HEADLINE
    assert not said.endswith(".")
    page = text.to_text(found)
    assert len(page.splitlines()) <= 75
    assert all(len(line) <= 140 for line in page.splitlines())
    assert text.to_text(found, ascii_only=True).isascii() or not new.settings.recipient.isascii()
    assert markdown.to_markdown(found, verbose=True)
    assert as_json.to_json(found).isascii()
    assert summary.to_summary(found).count("\n") == 1
