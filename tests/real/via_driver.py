"""Makes one run from a vantage point, as the command does, and prints what came of it as JSON.

Run as a program: VIA, then the command's own words.
"""

import json
import sys

from smtpdiag_tui import interrupts
from smtpdiag_tui.cli.arguments import read_arguments
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.options.vantage_values import parse_via
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.events import Event
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.vantage.points import VantageError, open_point


def shown(report: Report | None) -> object:
    return None if report is None else json.loads(to_json(report))


async def run(via: str, settings: Settings) -> dict[str, object]:
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        sys.stderr.write(f"{type(event).__name__} {getattr(event, 'id', '')}\n")
        sys.stderr.flush()

    try:
        async with open_point(parse_via(via), local=SystemNetwork()) as point:
            report = await point.diagnose(settings, emit)
            told = Report(settings)
            for event in events:
                told = told.apply(event)
            return {"report": shown(report), "told": shown(told), "whole": point.whole}
    except VantageError as error:
        return {"error": str(error), "report": shown(error.report)}


def main() -> int:
    via, *words = sys.argv[1:]
    interrupts.install()
    sys.stdout.write(json.dumps(interrupts.run(run(via, read_arguments(words).settings))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
