"""What can be taken away: a conversation or the report, as text, Markdown or JSON, masked if that is wanted."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from smtpdiag_tui.engine.report import Report

WHAT = {"report": "the whole report", "conversation": "this conversation"}
FORMATS = ("markdown", "text", "json")
_SUFFIXES = {"markdown": "md", "text": "txt", "json": "json"}


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """What to save, how and where."""

    what: str
    form: str
    path: Path


def report_text(report: Report, form: str, *, redacted: bool) -> str:
    """Return the report in one of the formats."""
    report = masked(report) if redacted else report
    if form == "json":
        from smtpdiag_tui.render.as_json import to_json

        return to_json(report)
    if form == "text":
        from smtpdiag_tui.render.text import to_text

        return to_text(report, verbose=report.settings.verbose)
    from smtpdiag_tui.render.markdown import to_markdown

    return to_markdown(report)


def conversation_text(report: Report, steps: tuple[str, ...], form: str, *, redacted: bool) -> str:
    """Return the conversations of some steps in one of the formats."""
    report = masked(report) if redacted else report
    found = [report.steps[key] for key in steps if key in report.steps]
    if form == "json":
        from smtpdiag_tui.render.as_json import to_json
        from smtpdiag_tui.render.part import part_of

        return to_json(part_of(report, steps))
    from smtpdiag_tui.render.transcript import transcript_text

    text = transcript_text(report, found)
    return f"```text\n{text}\n```\n" if form == "markdown" else f"{text}\n"


def masked(report: Report) -> Report:
    """Return the report with local parts, this machine's addresses and internal names masked."""
    from smtpdiag_tui.redact import redact

    return redact(report)


def suggested_stem(report: Report) -> str:
    """Return how a file of this report is best called: by the recipient's domain and the time of the run."""
    domain = report.settings.recipient.rpartition("@")[2].strip("[]") or "report"
    safe = re.sub(r"[^A-Za-z0-9.-]", "-", domain)[:60].strip(".-") or "report"
    return f"smtpdiag-{safe}-{report.started:%Y%m%d-%H%M%S}"


def suggested_path(stem: str, form: str) -> Path:
    """Return the path that is suggested: in the current folder if one may write there, else at home."""
    folder = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path.home()
    return folder / f"{stem}.{_SUFFIXES[form]}"


def write(path: Path, text: str) -> int:
    """Write a file that only its owner reads, whole or not at all; return its size. Raises OSError."""
    data = text.encode("utf-8", "backslashreplace")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return len(data)
