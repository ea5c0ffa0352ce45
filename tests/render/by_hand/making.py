"""Reports made for the commands: a step with the lines that a run would tell."""

from datetime import UTC, datetime

from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings

SESSION = "delivery/mx.partner.example/192.0.2.25"
SETTINGS = Settings("alice@sender.example", "bob@partner.example")


def step(step_id: str, *notes: str, findings: tuple[Finding, ...] = (), status: Status = Status.PASSED) -> Step:
    entries = tuple(Entry(0.1, Direction.NOTE, line) for line in notes)
    return Step(step_id, step_id.rpartition("/")[2], status, transcript=entries, findings=findings)


def session(step_id: str, *lines: str) -> Step:
    """A session: what begins with `> ` was sent, with `< ` received; all else is a note."""
    directions = {"> ": Direction.SENT, "< ": Direction.RECEIVED}
    entries = tuple(
        Entry(0.1, directions[line[:2]], line[2:]) if line[:2] in directions else Entry(0.1, Direction.NOTE, line)
        for line in lines
    )
    return Step(step_id, step_id.rpartition("/")[2], Status.PASSED, transcript=entries)


def report(*steps: Step, settings: Settings = SETTINGS) -> Report:
    return Report(
        settings, run=1, started=datetime(2026, 11, 24, tzinfo=UTC), steps={item.id: item for item in steps}
    )


RESOLVER = step("dns-servers/192.0.2.53")
