"""No report contradicts itself: over all stories of the demo, and over worlds by chance.

More worlds: `python -m tests.contradictions 5000`.
"""

import json
from dataclasses import dataclass, field

import pytest

from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.render.as_json import to_json
from tests.contradictions.checker import RULES, contradictions
from tests.contradictions.seen import Seen
from tests.contradictions.worlds import told, world_of
from tests.story_reports import story_report

WORLDS = 300
SOME = 60
FIRST = 20261127  # the same worlds in every run: what fails is found again
NAMES = [rule.__name__ for rule in RULES]
# All that one run of the worlds, or of the stories, found: it stays on one worker.
pytestmark = [pytest.mark.xdist_group("contradictions"), pytest.mark.timeout(300)]


@dataclass
class Worlds:
    """What came of all worlds: their contradictions, the seed before each, and the outcomes and codes of 60."""

    contradictions: list[str] = field(default_factory=list)
    outcomes: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """Run all worlds."""
    worlds = Worlds()
    for number in range(WORLDS):
        seed = FIRST + number
        report = told(world_of(seed))
        worlds.contradictions += [f"world {seed}: {text}" for text in contradictions(report)]
        if number < SOME:
            worlds.outcomes.add(report["outcome"])
            worlds.codes |= Seen(report).codes
    return worlds


@pytest.fixture(scope="module")
def in_stories() -> list[str]:
    """Return what is filled in by the first test: the contradictions of all stories."""
    return []


def test_every_story_is_told(in_stories: list[str]) -> None:
    for story in STORIES:
        report = json.loads(to_json(story_report(story.recipient)))
        assert report["outcome"] == story.outcome
        in_stories += [f"{story.recipient}: {text}" for text in contradictions(report)]


@pytest.mark.parametrize("rule", NAMES)
def test_no_story_contradicts_itself(rule: str, in_stories: list[str]) -> None:
    assert [text for text in in_stories if f" {rule}: " in text] == []


@pytest.mark.parametrize("rule", NAMES)
def test_no_world_contradicts_itself(rule: str, worlds: Worlds) -> None:
    assert [text for text in worlds.contradictions if f" {rule}: " in text] == []


def test_worlds_are_of_many_kinds(worlds: Worlds) -> None:
    assert worlds.outcomes == {"accepted", "bounced", "deferred", "unknown"}
    assert len(worlds.codes) > 40
