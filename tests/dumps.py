"""Write what every story of the demo is told as, without what changes by itself: `python -m tests.dumps FOLDER`.

Two checkouts whose folders are equal (`diff -r`) tell the same in JSON, text and Markdown, masked and unmasked.
"""

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER, STORIES
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.transcript import Entry
from smtpdiag_tui.settings import Settings
from tests.hurry import hurried

AT_A_TIME = 6
STARTED = datetime(2026, 11, 24, 4, 20, tzinfo=UTC)
MEASURED = re.compile(r"\b\d+(?:\.\d+)? (m?s)\b")
DATES = re.compile(r"\b20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
DIGESTS = re.compile(r"\b(?:[0-9a-f]{2}:){15,}[0-9a-f]{2}\b|\b[0-9a-f]{16,}\b", re.IGNORECASE)
RANDOM_NAMES = re.compile(r"\b[a-z]{20}\.(?=example\b)")  # asked for where a resolver may make up answers
SIZES = re.compile(r"\b\d+ bytes in\b")


async def dump(folder: Path) -> None:
    """Run all stories and write six files for each."""
    turns = asyncio.Semaphore(AT_A_TIME)
    await asyncio.gather(*(_story(folder, story.recipient, turns) for story in STORIES))


async def _story(folder: Path, recipient: str, turns: asyncio.Semaphore) -> None:
    async with turns, DemoNetwork() as network:
        settings = network.prepare(Settings(DEFAULT_SENDER, recipient))
        report = timeless(await diagnose(settings, network, lambda _: None))
    name = re.sub(r"[^a-z0-9@.]", "_", recipient)
    for suffix, shown in (("", report), (".redacted", redact(report, ("mail.sender.example",)))):
        write(folder / f"{name}{suffix}.json", to_json(shown))
        write(folder / f"{name}{suffix}.txt", to_text(shown, verbose=True))
        write(folder / f"{name}{suffix}.short.txt", to_text(shown))
        write(folder / f"{name}{suffix}.md", to_markdown(shown))


def timeless(report: Report) -> Report:
    """Return the report as if it had taken no time."""
    steps = {
        key: replace(
            step,
            started=None if step.started is None else 0.0,
            seconds=None if step.seconds is None else 0.0,
            transcript=tuple(_ordered([_plain(entry) for entry in step.transcript])),
        )
        for key, step in report.steps.items()
    }
    return replace(report, started=STARTED, seconds=0.0, steps=steps)


def _plain(entry: Entry) -> Entry:
    """Return the entry without its time, the data of a DNS answer in it sorted."""
    head, sign, data = entry.text.partition(" ms: ")
    return replace(entry, at=0.0, text=head + sign + " ".join(sorted(data.split(" "))))


def _ordered(entries: list[Entry]) -> Iterator[Entry]:
    """Yield the entries with the records of each DNS answer sorted: in which order they come is chance."""
    for indented, group in groupby(entries, key=lambda entry: entry.text.startswith("  ")):
        lines = list(group)
        yield from sorted(lines, key=lambda entry: entry.text) if indented else lines


def write(path: Path, text: str) -> None:
    """Write a text without measured times, dates and digests."""
    text = SIZES.sub("N bytes in", MEASURED.sub(r"N \1", text))
    text = RANDOM_NAMES.sub("random.", text)
    path.write_text(DIGESTS.sub("DIGEST", DATES.sub("DATE", text)))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with hurried():
        asyncio.run(dump(target))
