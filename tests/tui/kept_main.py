"""The interface over the demo, keeping each report in the file named: for the tests of how it ends."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.app import SmtpDiagApp
from smtpdiag_tui.tui.model.options import Options
from smtpdiag_tui.tui.runner import RunNetwork


@asynccontextmanager
async def demo() -> AsyncIterator[RunNetwork]:
    async with DemoNetwork() as network:
        yield RunNetwork(network, network.prepare)


def keep(report: Report) -> None:
    Path(sys.argv[1]).write_text(to_json(report), encoding="utf-8")


if __name__ == "__main__":
    settings = Settings(DEFAULT_SENDER, "bob@slow.example")
    SmtpDiagApp(settings, demo, start=True, options=Options(keep=keep)).run()
