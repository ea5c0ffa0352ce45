"""The reports that the README shows, made by the demo: `python -m tests.readme` takes them anew."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.render.summary import to_summary
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.widgets.host_table import HostTable
from tests.tui.piloting import demo, ended, until

README = Path(__file__).parent.parent / "README.md"
TABLE_SIZE = (118, 16)  # columns and lines of the terminal that the table is drawn on
_BLOCK = re.compile(
    r"<!-- (?P<kind>report|summary|hosts): (?P<recipient>\S+) -->\n```text\n(?P<text>.*?)```\n", re.DOTALL
)
_CHANGES = (
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DATE"),
    (re.compile(r"\b\d\d:\d\d:\d\d UTC\b"), "TIME"),
    (re.compile(r"\b\d+(?:\.\d+)? m?s\b"), "N s"),
    (re.compile(r"^ +\d+\.\d\d ", re.MULTILINE), " N "),
    (re.compile(r" {2,}"), " "),  # columns are as wide as what is in them
)


def blocks() -> dict[tuple[str, str], str]:
    """Return what stands in the README by kind and recipient."""
    found = _BLOCK.finditer(README.read_text(encoding="utf-8"))
    return {(block["kind"], block["recipient"]): block["text"] for block in found}


def level(text: str) -> str:
    """Return a text without what differs from run to run."""
    for pattern, put in _CHANGES:
        text = pattern.sub(put, text)
    return text


async def made(kind: str, recipient: str) -> str:
    """Return what the demo gives for a block."""
    return await _MAKERS[kind](recipient)


async def _run(recipient: str) -> Report:
    async with DemoNetwork() as network:
        settings = network.prepare(Settings(DEFAULT_SENDER, recipient))
        return await diagnose(settings, network, lambda _: None)


async def _report(recipient: str) -> str:
    return f"$ smtpdiag {DEFAULT_SENDER} {recipient} --report text\n{to_text(await _run(recipient))}"


async def _summary(recipient: str) -> str:
    return f"$ smtpdiag {DEFAULT_SENDER} {recipient} --report summary\n{to_summary(await _run(recipient))}"


async def _hosts(recipient: str) -> str:
    app = SmtpDiagApp(Settings(DEFAULT_SENDER, recipient), demo, start=True)
    async with app.run_test(size=TABLE_SIZE) as pilot:
        await ended(app, pilot)
        await pilot.press("t")
        await until(pilot, lambda: bool(app.screen.query(HostTable)) and _table(app).row is not None)
        lines = [_table(app).render_line(y).text.rstrip() for y in range(len(_table(app).rows) + 1)]
    return "".join(f"{line}\n" for line in lines)


def _table(app: SmtpDiagApp) -> HostTable:
    return app.screen.query_one(HostTable)


_MAKERS: dict[str, Callable[[str], Coroutine[Any, Any, str]]] = {
    "report": _report,
    "summary": _summary,
    "hosts": _hosts,
}


def main() -> None:
    """Put what the demo gives today into the README."""

    def anew(found: re.Match[str]) -> str:
        text = asyncio.run(made(found["kind"], found["recipient"]))
        return f"<!-- {found['kind']}: {found['recipient']} -->\n```text\n{text}```\n"

    README.write_text(_BLOCK.sub(anew, README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
