"""A bounce, a log line or a reply explained, printed: nothing is connected to."""

import sys
from typing import TYPE_CHECKING

from smtpdiag_tui.cli.exit_status import ExitStatus
from smtpdiag_tui.cli.streams import require_stdout, tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtpdiag_tui.bounces.explaining import Explained
    from smtpdiag_tui.bounces.told import Reading
    from smtpdiag_tui.cli.arguments import Arguments

_FORMATS = ("text", "json", "markdown", "summary")
_LONGEST_NAME = 1024  # characters of what can be the name of a file
_ENDINGS = (".eml", ".msg", ".txt", ".log", ".mbox", ".csv", ".mail", ".json")
_STANDARD_INPUT = ("", "-")
# The worst first: what failed counts more than what is not known.
_WORST = (ExitStatus.BOUNCED, ExitStatus.DEFERRED, ExitStatus.UNKNOWN, ExitStatus.ACCEPTED)


def print_explanation(arguments: "Arguments") -> int:
    """Print what a text tells, and what it means; raises UsageError where it tells nothing."""
    from smtpdiag_tui.bounces.explaining import explain
    from smtpdiag_tui.cli.parser import UsageError

    if arguments.report is not None and arguments.report not in _FORMATS:
        raise UsageError(f"--explain prints no {arguments.report} report: must be one of {', '.join(_FORMATS)}")
    arguments.refuse_run("--explain runs no tests without --run")
    require_stdout()
    reading = readings(arguments)
    items = [explain(told) for told in reading.told]
    if arguments.redact:
        from smtpdiag_tui.masking.bounce import redact_explained
        from smtpdiag_tui.network.machine import own_names

        items = redact_explained(items, own_names())
    _print(items, reading.note, arguments)
    return worst(items)


def readings(arguments: "Arguments") -> "Reading":
    """Return what the text that is to be explained tells; raises UsageError."""
    from smtpdiag_tui.bounces.reading import read
    from smtpdiag_tui.bounces.told import UnreadableError
    from smtpdiag_tui.cli.parser import UsageError

    text = arguments.explain or ""
    data, place = content_of(text)
    try:
        return read(data)
    except UnreadableError as error:
        raise UsageError(f"cannot explain {place}: {error}") from error


def worst(items: "Sequence[Explained]") -> ExitStatus:
    """Return the exit status of the worst outcome: one that failed is worse than one that is not known."""
    found = {ExitStatus[item.outcome.name] for item in items}
    return next((status for status in _WORST if status in found), ExitStatus.UNKNOWN)


def content_of(text: str) -> tuple[bytes, str]:
    """Return what is to be read, and what it is called: a text, a file, or standard input; raises UsageError."""
    if text.strip() in _STANDARD_INPUT:
        return _standard_input(), "standard input"
    content = _file(text)
    if content is not None:
        return content, f"'{text}'"
    return text.encode("utf-8", "surrogateescape"), "the text"


def _standard_input() -> bytes:
    from smtpdiag_tui.bounces.reading import MOST
    from smtpdiag_tui.cli.parser import UsageError

    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no text on standard input: pipe one in, or give --explain TEXT or a file")
    try:
        return sys.stdin.buffer.read(MOST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read standard input: {error}") from error


def _file(text: str) -> bytes | None:
    """Return the content of the file that a text names; None for a text that names none and looks like none."""
    from pathlib import Path

    from smtpdiag_tui.bounces.reading import MOST
    from smtpdiag_tui.cli.parser import UsageError
    from smtpdiag_tui.files import read_regular

    if len(text) > _LONGEST_NAME or "\n" in text or "\0" in text:
        return None
    try:
        path = Path(text).expanduser()
        if path.exists():
            return read_regular(path, MOST)
    except (OSError, RuntimeError) as error:
        if _names_file(text):
            raise UsageError(f"cannot read '{text}': {getattr(error, 'strerror', None) or error}") from error
        return None
    if _names_file(text):
        raise UsageError(f"cannot read '{text}': No such file or directory")
    return None


def _names_file(text: str) -> bool:
    """Whether a text is written as the path of a file is, and as no reply or log line is."""
    word = text.strip()
    if not word or (len(word.split()) > 1 and not word.lower().endswith(_ENDINGS)):
        return False
    return word.lower().endswith(_ENDINGS) or word.startswith(("/", "./", "../", "~/"))


def _print(items: "Sequence[Explained]", note: str, arguments: "Arguments") -> None:
    from smtpdiag_tui.cli.printing import coloured, plain
    from smtpdiag_tui.render.bounces import explained

    match arguments.report:
        case "json":
            write(explained.explained_json(items))
        case "markdown":
            write(explained.explained_markdown(items, note))
        case "summary":
            write(explained.explained_summary(items))
        case _:
            ascii_only = bool(arguments.ascii_only) or plain(sys.stdout)
            write(explained.explained_text(items, note, colour=coloured(sys.stdout), ascii_only=ascii_only))
    if note and arguments.report in ("json", "summary"):
        tell(note.rstrip(".")[:1].lower() + note.rstrip(".")[1:])
