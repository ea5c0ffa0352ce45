"""How much a JSON text would weigh once it is read: told before it is, since objects are many times their text."""

import re
from collections import Counter

MAX_SEPARATORS = 1_800_000  # commas: a value stands between two
MAX_CONTAINERS = 500_000  # objects and lists, each some 200 octets
MAX_NOT_ASCII = 16 * 1024 * 1024  # octets of a text with other characters, of which each takes up to four
# What is possessive keeps no way back: a string may have as many escapes as the text has octets.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)
_MOST_TOKENS = 10_000_000


def too_heavy(data: bytes) -> str | None:
    """Return in words what `data` has more of than a report can, None if it may be read. Takes linear time."""
    if len(data) > MAX_NOT_ASCII and not data.isascii():
        return f"larger than {MAX_NOT_ASCII // 1024 // 1024} MiB and not ASCII"
    commas, containers = data.count(b","), data.count(b"{") + data.count(b"[")
    if commas > MAX_SEPARATORS or containers > MAX_CONTAINERS:
        commas, containers = _outside_strings(data)
    if commas > MAX_SEPARATORS or containers > MAX_CONTAINERS:
        return "more values than a report can have"
    return None


def _outside_strings(data: bytes) -> tuple[int, int]:
    """Count the commas, and what opens a container, that are no text; at most one more of each than is allowed."""
    counts: Counter[bytes] = Counter()
    for number, token in enumerate(_TOKEN.finditer(data)):
        counts[token[0][:1]] += 1
        containers = counts[b"{"] + counts[b"["]
        if counts[b","] > MAX_SEPARATORS or containers > MAX_CONTAINERS:
            break
        if number > _MOST_TOKENS:  # strings behind strings: no JSON
            return MAX_SEPARATORS + 1, containers
    return counts[b","], counts[b"{"] + counts[b"["]
