"""The queue of the local mail server as text or JSON. Pure."""

import json
from dataclasses import asdict

from smtpdiag_tui.local_mta.queue import Queue, age

_WIDTHS = (16, 8, 30, 30)


def queue_text(queue: Queue) -> str:
    """Return the queue as a table: id, age, sender, recipient and, in a line of its own, the reason."""
    lines = [queue.summary]
    for entry in queue.entries:
        parts = (entry.id, age(entry.seconds), entry.sender or "<>", entry.recipient)
        lines.append("  ".join(f"{part:<{width}}" for part, width in zip(parts, _WIDTHS, strict=True)).rstrip())
        if entry.reason:
            lines.append(f"    {entry.reason}")
    return "\n".join(lines) + "\n"


def queue_json(queue: Queue) -> str:
    """Return the queue as JSON: server, whether there is more, and the entries; `seconds` is null if not told."""
    return json.dumps(asdict(queue), indent=2, ensure_ascii=False) + "\n"
