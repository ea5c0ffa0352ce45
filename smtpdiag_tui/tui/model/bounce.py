"""What a paste, or the file that it names, tells of deliveries: read and explained, whatever it holds."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from smtpdiag_tui.bounces.explaining import Explained, explain
from smtpdiag_tui.bounces.reading import MOST, read
from smtpdiag_tui.bounces.told import UnreadableError
from smtpdiag_tui.report.visible import visible

MOST_DELIVERIES = 1_000
_LONGEST_PATH = 4096


@dataclass(frozen=True, slots=True)
class Understood:
    """The deliveries that a text tells of; `words` says in a sentence what it is, or what is wrong."""

    explained: tuple[Explained, ...] = ()
    words: str = ""


def understand(text: str) -> Understood:
    """Read and explain a text, or the file that it names. May take a while; fails for no text."""
    path = path_in(text)
    try:
        data = text[: MOST + 1].encode("utf-8", "replace") if path is None else _content(path)
    except OSError as error:
        return Understood(words=visible(f"Cannot read '{path}': {error.strerror or error}"))
    try:
        found = read(data)
    except UnreadableError as error:
        words = str(error)
        return Understood(words=f"{words[:1].upper()}{words[1:]}")
    told = found.told[:MOST_DELIVERIES]
    more = len(found.told) - len(told)
    parts = [f"{len(found.told):,} deliveries" if len(found.told) != 1 else "1 delivery", found.form]
    if path is not None:
        parts.append(visible(path.name))
    words = ", ".join(part for part in parts if part)
    notes = [f"{more:,} left out"] if more else []
    notes += [f"{found.note[:1].lower()}{found.note[1:].rstrip('.')}"] if found.note else []
    return Understood(tuple(map(explain, told)), "; ".join([words, *notes]))


def path_in(text: str) -> Path | None:
    """Return the file that a text of one line names: a path, quoted or not, or a file URL; None for none.

    Only a regular file is one: a device may have no end, and a pipe no writer.
    """
    line = text.strip()
    if not line or len(line) > _LONGEST_PATH or "\n" in line or "\0" in line:
        return None
    for name in _names(line):
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - Path.expanduser fails for an unknown user
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def _names(line: str) -> list[str]:
    """Return what may be meant: a terminal drops a file as its path, quoted for a shell, or as a URL."""
    if line.startswith("file://"):
        return [_of_url(line)]
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    return [line, *(words if len(words) == 1 else [])]


def _of_url(line: str) -> str:
    try:
        parts = urlsplit(line)
    except ValueError:
        return ""
    return unquote(parts.path) if parts.netloc in ("", "localhost") else ""


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST + 1)


def masked_delivery(item: Explained) -> Explained:
    """Return a delivery as it is explained where local parts, own names and client addresses are masked."""
    from smtpdiag_tui.masking.bounce import redact_explained
    from smtpdiag_tui.network.machine import own_names

    return redact_explained((item,), own_names())[0]
