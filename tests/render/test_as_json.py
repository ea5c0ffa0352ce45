"""The JSON report keeps its contract."""

import base64
import json
import tracemalloc
from dataclasses import replace
from datetime import datetime

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import STORIES
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings
from tests.engine.running import run
from tests.render.made import RAW, SETTINGS, WORDS, made

TOP = {
    "schema",
    "version",
    "sender",
    "recipient",
    "settings",
    "started",
    "seconds",
    "status",
    "outcome",
    "summary",
    "steps",
}
STEP = {"id", "title", "status", "started", "seconds", "findings", "transcript", "steps"}
FINDING = {"code", "severity", "message", "advice", "reference", "evidence"}
LINE = {"at", "direction", "text", "tls"}


def check_step(step: dict[str, object], parent: str) -> None:
    assert set(step) >= STEP
    assert (StepId(step["id"]).parent or "") == parent
    assert step["status"] in set(Status)
    for item in step["findings"]:  # type: ignore[attr-defined]
        assert set(item) >= FINDING
        assert item["severity"] in set(Severity)
        assert isinstance(item["evidence"], list)
    for line in step["transcript"]:  # type: ignore[attr-defined]
        assert set(line) - {"raw"} == LINE
        assert line["direction"] in set(Direction)
        assert line["text"].isprintable()
    for child in step["steps"]:  # type: ignore[attr-defined]
        check_step(child, str(step["id"]))


async def test_a_real_run_keeps_the_contract() -> None:
    async with DemoNetwork() as network:
        report = json.loads(to_json(await run(network, STORIES[0].recipient)))
    assert set(report) >= TOP
    assert report["schema"] == 1
    assert report["outcome"] in set(Outcome)
    assert [step["id"] for step in report["steps"]] == [
        "syntax",
        "dns-servers",
        "soa",
        "local",
        "remote",
        "delivery",
        "identity",
        "authentication",
        "tls-policy",
        "senders",
    ]
    for step in report["steps"]:
        check_step(step, "")


def test_times_and_settings() -> None:
    report = json.loads(to_json(made()))
    assert report["started"] == "2026-11-24T04:20:00.123Z"
    assert datetime.fromisoformat(report["started"]).utcoffset() is not None
    assert report["seconds"] == 2.4
    assert report["settings"]["dns"] == ["192.0.2.53:5353"]
    assert (report["settings"]["timeout"], report["settings"]["tls"]) == (2.5, "auto")
    assert (report["sender"], report["recipient"]) == (SETTINGS.sender, SETTINGS.recipient)


def test_exact_bytes_stand_beside_a_text_that_was_changed() -> None:
    report = json.loads(to_json(made()))
    [first, _sent, second] = report["steps"][1]["steps"][0]["steps"][0]["transcript"]
    assert base64.b64decode(first["raw"]) == RAW
    assert "raw" not in second
    assert (second["text"], second["tls"], second["at"]) == (WORDS, True, 0.25)


def test_it_is_ascii_whatever_the_addresses_are() -> None:
    text = to_json(Report(Settings("", "jörg@bücher.example")))
    assert text.isascii()
    assert json.loads(text)["recipient"] == "jörg@bücher.example"


def test_a_run_that_has_not_ended_has_an_unknown_outcome() -> None:
    report = json.loads(to_json(Report(SETTINGS)))
    assert (report["outcome"], report["seconds"], report["steps"]) == ("unknown", None, [])


def test_writing_takes_little_more_memory_than_the_text() -> None:
    entries = tuple(Entry(float(number), Direction.RECEIVED, f"250-line {number}") for number in range(200))
    steps = {f"s{number}": Step(f"s{number}", "x", Status.PASSED, transcript=entries) for number in range(100)}
    report = replace(made(), steps=steps)
    tracemalloc.start()
    try:
        text = to_json(report)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(text)
    assert len(json.loads(text)["steps"]) == 100


def test_steps_stand_in_their_parents_as_one_encoder_would_write_them() -> None:
    text = to_json(made())
    assert text == json.dumps(json.loads(text), indent=2) + "\n"


def test_seconds_are_the_same_numbers_after_a_round_trip_where_they_were_given_as_whole_ones() -> None:
    report = replace(made(), settings=replace(SETTINGS, timeout=2, retry_greylisted=300))
    text = to_json(report)
    assert '"timeout": 2.0' in text
    assert to_json(from_json(text)) == text
