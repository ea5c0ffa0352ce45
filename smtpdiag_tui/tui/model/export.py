"""What can be copied or saved: a transcript or the report, as text, Markdown or JSON, masked if that is wanted."""

import contextlib
import errno
import os
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smtpdiag_tui.files import replace_private
from smtpdiag_tui.report.report import Report

if TYPE_CHECKING:
    from datetime import datetime

    from smtpdiag_tui.bounces.then_and_now import Beside

WHAT = {"report": "report", "conversation": "transcript in view"}
FORMATS = ("markdown", "text", "json")
_SUFFIXES = {"markdown": "md", "text": "txt", "json": "json"}


class PathError(ValueError):
    """A path that nothing can be saved to, or was not; the text says why."""


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """What to save, how and where."""

    what: str
    form: str
    path: Path


@dataclass(frozen=True, slots=True)
class Bounced:
    """The bounce whose hop was run, set beside the run; `at` is when it happened, None where that is not told."""

    beside: "Beside"
    at: "datetime | None" = None


def report_text(
    report: Report, form: str, *, redacted: bool, whole: bool = False, bounced: Bounced | None = None
) -> str:
    """Return the report in one of the formats, or what a ticket needs of it ("ticket").

    `whole`: text and Markdown with all steps and transcripts, as files have them. `bounced` stands above it,
    but not in JSON: that is read again as a saved report.
    """
    if redacted:
        from smtpdiag_tui.masking.own import masked, masked_beside  # it imports ssl: not before the first frame

        if bounced is not None:
            bounced = replace(bounced, beside=masked_beside(bounced.beside, report))
        report = masked(report)
    if form == "json":
        from smtpdiag_tui.render.as_json import to_json

        return to_json(report)
    if form == "ticket":
        from smtpdiag_tui.render.ticket import to_ticket

        if bounced is None:
            return to_ticket(report)
        return to_ticket(report, beside=bounced.beside, at=bounced.at)
    above = "" if bounced is None else f"{_compared(bounced, form)}\n"
    if form == "text":
        from smtpdiag_tui.render.text import to_text

        return above + to_text(report, verbose=whole or report.settings.verbose)
    from smtpdiag_tui.render.markdown import to_markdown

    return above + to_markdown(report, verbose=whole or report.settings.verbose)


def _compared(bounced: Bounced, form: str) -> str:
    from smtpdiag_tui.render.bounces.beside import beside_markdown, beside_text

    told = beside_text if form == "text" else beside_markdown
    return told(bounced.beside, bounced.at)


def conversation_text(report: Report, steps: tuple[str, ...], form: str, *, redacted: bool) -> str:
    """Return the conversations of some steps in one of the formats."""
    if redacted:
        from smtpdiag_tui.masking.own import masked

        # Steps keep their order: so the same ones are found under their masked names.
        masked_report = masked(report)
        masked_ids = dict(zip(report.steps, masked_report.steps, strict=True))
        report, steps = masked_report, tuple(masked_ids[key] for key in steps if key in masked_ids)
    if form == "json":
        from smtpdiag_tui.render.as_json import to_json

        return to_json(report.only(steps))
    from smtpdiag_tui.render.transcript import transcript_text

    text = transcript_text(report, [report.steps[key] for key in steps if key in report.steps])
    return f"```text\n{text}\n```\n" if form == "markdown" else f"{text}\n"


def suggested_stem(report: Report) -> str:
    """Return how a file of this report is best called: by the recipient's domain and the time of the run."""
    domain = report.settings.recipient.rpartition("@")[2].strip("[]") or "report"
    safe = re.sub(r"[^A-Za-z0-9.-]", "-", domain)[:60].strip(".-") or "report"
    return f"smtpdiag-{safe}-{report.started:%Y%m%d-%H%M%S}"


def suggested_path(stem: str, form: str) -> Path:
    """Return the path that is suggested: in the current folder if one may write there, else at home."""
    return _folder() / f"{stem}.{_SUFFIXES[form]}"


def _folder() -> Path:
    with contextlib.suppress(OSError):  # the current folder may be gone
        here = Path.cwd()
        if os.access(here, os.W_OK) and str(here).isprintable():  # a field shows nothing else
            return here
    try:
        return Path.home()
    except RuntimeError:  # a user without one
        return Path(tempfile.gettempdir())


def target(text: str) -> Path:
    """Return the file that a path as typed means, links followed; raises PathError for what cannot be written."""
    if not text:
        raise PathError("Enter a file name")
    try:
        path = Path(os.path.realpath(Path(text).expanduser()))
        if path.is_dir():
            raise PathError(f"'{path}' is a directory; enter a file name")
        if not path.parent.is_dir():
            raise PathError(f"No directory '{path.parent}'")
        if len(os.fsencode(path.name)) > os.pathconf(path.parent, "PC_NAME_MAX"):
            raise PathError("File name is too long")
        if _strange(path):
            raise PathError(f"'{path}' is not a regular file")
    except OSError as error:
        raise PathError(f"Cannot use this path: {error.strerror or error}") from error
    except (RuntimeError, ValueError) as error:  # a user that is none; a NUL, or what the locale cannot write
        raise PathError(f"Cannot use this path: {str(error).rstrip('.')}") from error
    return path


def told_path(path: Path) -> str:
    """Return a path as it is told, below `~` where it is. It is whole: nothing else tells where the file went."""
    with contextlib.suppress(ValueError, RuntimeError):
        return f"~/{path.relative_to(Path.home())}"
    return str(path)


def _strange(path: Path) -> bool:
    """Whether something stands there that is no regular file: a device, or links that go in a circle."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def write(path: Path, text: str) -> int:
    """Write a file that only its owner reads, whole or not at all; return its size.

    A link is followed; what exists and is no regular file is left alone. Raises OSError.
    """
    data = text.encode("utf-8", "backslashreplace")
    path = Path(os.path.realpath(path))
    if _strange(path):
        raise OSError(errno.EINVAL, "not a regular file")
    replace_private(path, data, prefix=".smtpdiag-")
    return len(data)
