"""Lines of qmail-send: messages, deliveries, and how each ended. Pure.

A report stands in them with its blanks as `_` and its line feeds as `/`.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime

from smtpdiag_tui.bounces.cleaning import mail_address, sender_address
from smtpdiag_tui.bounces.logs.collected import Collected
from smtpdiag_tui.bounces.logs.line import Line
from smtpdiag_tui.bounces.prose.qmail import PROGRAM, reported
from smtpdiag_tui.report.status import Outcome

_INFO = re.compile(r"\binfo msg (?P<message>\d{1,12}): bytes \d{1,12} from <(?P<sender>[^<>\s]{0,320})>")
_STARTING = re.compile(
    r"\bstarting delivery (?P<number>\d{1,12}): msg (?P<message>\d{1,12}) to (?:remote|local) "
    r"(?P<recipient>\S{1,320})"
)
_ENDED = re.compile(r"\bdelivery (?P<number>\d{1,12}): (?P<how>success|failure|deferral): (?P<report>\S{0,6000})")
_OUTCOMES = {"success": Outcome.ACCEPTED, "failure": Outcome.BOUNCED, "deferral": Outcome.DEFERRED}
_LABEL = re.compile(r"@(?P<seconds>[0-9a-f]{16})(?P<nanoseconds>[0-9a-f]{8}) ")
_EPOCH = (1 << 62) + 10  # the TAI64 label of 1970-01-01 00:00:00 UTC


def read_line(line: Line, into: Collected) -> bool:
    """Take what a line tells; False where it is none of qmail's."""
    text = line.text
    if "delivery " not in text and "info msg " not in text:
        return False
    starting = _STARTING.search(text)
    if starting is not None:
        into.starting(starting["number"], starting["message"], starting["recipient"])
        return True
    info = _INFO.search(text)
    if info is not None:
        into.sender(info["message"], sender_address(info["sender"]))
        return True
    ended = _ENDED.search(text)
    if ended is None:
        return False
    message, recipient = into.started.get(ended["number"], ("", ""))
    report = ended["report"].rstrip("/").replace("_", " ").split("/")
    told = reported(mail_address(recipient), _lines(report), line.number)
    at = line.at or _labelled(text)
    into.add((message, recipient), replace(told, outcome=_OUTCOMES[ended["how"]], at=at, program=PROGRAM))
    return True


def _lines(report: list[str]) -> list[str]:
    """Return the lines of a report; a `/` of the reply's own, as in a link, has parted what belongs together."""
    lines: list[str] = []
    for part in report:
        begins = part.startswith(("Remote host said:", "Giving up on")) or re.match(r"\d{3}[ -]", part)
        if lines and not begins:
            lines[-1] += f"/{part}"
        else:
            lines.append(part)
    return lines


def _labelled(text: str) -> datetime | None:
    """Return the time of a TAI64N label as multilog writes it, in UTC."""
    found = _LABEL.match(text)
    if found is None:
        return None
    try:
        whole = datetime.fromtimestamp(int(found["seconds"], 16) - _EPOCH, UTC)
        return whole.replace(microsecond=int(found["nanoseconds"], 16) // 1000)
    except (ValueError, OverflowError, OSError):
        return None
