"""No report contradicts itself: over all stories of the demo, and over worlds by chance.

More worlds: `python -m tests.contradictions 5000`.
"""

import json

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.settings import Settings
from tests.contradictions.checker import RULES, contradictions
from tests.contradictions.seen import Seen
from tests.contradictions.worlds import contradictions_of, told, world_of
from tests.engine.running import ignore

WORLDS = 300
FIRST = 20261127  # the same worlds in every run: what fails is found again
NAMES = [rule.__name__ for rule in RULES]
# All that one run of the worlds, or of the stories, found: it stays on one worker.
pytestmark = [pytest.mark.xdist_group("contradictions"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def in_worlds() -> list[str]:
    """Return the contradictions of all worlds, the seed before each."""
    seeds = range(FIRST, FIRST + WORLDS)
    return [f"world {seed}: {text}" for seed in seeds for text in contradictions_of(world_of(seed))]


@pytest.fixture(scope="module")
def in_stories() -> list[str]:
    """Return what is filled in by the first test: the contradictions of all stories."""
    return []


async def test_every_story_is_told(in_stories: list[str]) -> None:
    for story in STORIES:
        async with DemoNetwork() as network:
            settings = network.prepare(Settings(DEFAULT_SENDER, story.recipient))
            report = json.loads(to_json(await diagnose(settings, network, ignore)))
        assert report["outcome"] == story.outcome
        in_stories += [f"{story.recipient}: {text}" for text in contradictions(report)]


@pytest.mark.parametrize("rule", NAMES)
def test_no_story_contradicts_itself(rule: str, in_stories: list[str]) -> None:
    assert [text for text in in_stories if f" {rule}: " in text] == []


@pytest.mark.parametrize("rule", NAMES)
def test_no_world_contradicts_itself(rule: str, in_worlds: list[str]) -> None:
    assert [text for text in in_worlds if f" {rule}: " in text] == []


def test_worlds_are_of_many_kinds() -> None:
    outcomes: dict[str, int] = {}
    codes: set[str] = set()
    for seed in range(FIRST, FIRST + 60):
        report = told(world_of(seed))
        outcomes[report["outcome"]] = outcomes.get(report["outcome"], 0) + 1
        codes |= Seen(report).codes
    assert set(outcomes) == {"accepted", "bounced", "deferred", "unknown"}
    assert len(codes) > 40
