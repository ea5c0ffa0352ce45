"""The interface and the command give the same report of the same story."""

import json
import re
from typing import Any

import pytest

from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from tests.story_reports import story_report
from tests.tui.piloting import demo, ended

QUICK = [
    story.recipient
    for story in STORIES
    if story.recipient.partition("@")[2].split(".")[0] not in ("slow", "tcp", "greylisted")
]


DIGEST = re.compile(r"\b[0-9a-f]{64}\b")  # of a key that each demo makes anew


def timeless(text: str) -> dict[str, Any]:
    """Return a JSON report without what differs from run to run: times, and what tells of them."""

    def strip(step: dict[str, Any]) -> dict[str, Any]:
        kept = {key: step[key] for key in ("id", "title", "status")}
        kept["findings"] = [(item["code"], item["severity"], item["message"]) for item in step["findings"]]
        session = StepId(kept["id"]).is_session
        kept["transcript"] = (
            [(line["direction"], line["text"], line["tls"]) for line in step["transcript"]] if session else []
        )
        kept["steps"] = sorted((strip(child) for child in step["steps"]), key=lambda child: str(child["id"]))
        return kept

    report = json.loads(DIGEST.sub("digest", text))
    kept = {
        key: report[key]
        for key in ("settings", "sender", "recipient", "status", "outcome", "summary", "side", "advice")
    }
    return {**kept, "steps": [strip(step) for step in report["steps"]]}


@pytest.fixture
def headless(recipient: str) -> Report:
    return story_report(recipient)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("recipient", QUICK)
async def test_same_report(recipient: str, headless: Report) -> None:
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, recipient), demo, start=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await ended(app, pilot)
        shown = app.live.report
    assert timeless(to_json(shown)) == timeless(to_json(headless))
