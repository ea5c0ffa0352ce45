"""Greylisting carried through: how long to wait before the second try, and what came of it (RFC 6647). Pure.

The server knows a try again by client address, sender and recipient, some also by the EHLO name: the second try
must have all of them the same.
"""

import re

from smtpdiag_tui.checks import reply_texts
from smtpdiag_tui.checks.refusals import judge_refusal
from smtpdiag_tui.checks.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.findings import Finding, finding
from smtpdiag_tui.settings import GREYLIST_LEAST, GREYLIST_MOST, GREYLIST_WINDOW
from smtpdiag_tui.smtp.reply import Reply

_CLOCK = re.compile(r"\b(\d{1,2}):([0-5]\d):([0-5]\d)\b")
_SPAN = re.compile(r"\b(\d{1,5}) ?(h|hours?|m|min|mins|minutes?|s|secs?|seconds?)\b", re.IGNORECASE)
_UNITS = {"h": 3600, "m": 60, "s": 1}


def greylisted(seen: SessionObservation | None) -> Exchange | None:
    """Return the exchange that a session was greylisted at, None if it was not."""
    talked = [item for item in seen.exchanges if item.phase is not Phase.QUIT] if seen is not None else []
    if seen is None or not talked or talked[-1].reply is None or talked[-1].ending is not None:
        return None
    last = talked[-1]
    transient = last.reply is not None and last.reply.first_digit == 4
    return last if transient and any(item.code == "greylisted" for item in judge_refusal(seen, last)) else None


def told_window(reply: Reply) -> float | None:
    """Return the seconds after which a reply says to come back, None if it names no time.

    Understood are times such as `300 seconds`, `4 minutes and 30 seconds` and `00:05:00`.
    """
    text = reply_texts.words(reply)
    clock = _CLOCK.search(text)
    if clock:
        hours, minutes, seconds = (int(part) for part in clock.groups())
        return float(3600 * hours + 60 * minutes + seconds)
    spans = [int(number) * _UNITS[unit[0].lower()] for number, unit in _SPAN.findall(text)]
    return float(sum(spans)) if spans else None


def window(seen: SessionObservation, asked: float | None) -> tuple[float, bool]:
    """Return how many seconds after a greylisted session to try again, and whether the server named them.

    Its own number counts if it lies within 61 s and an hour; else what was `asked` for, 300 s without.
    """
    item = greylisted(seen)
    told = told_window(item.reply) if item is not None and item.reply is not None else None
    if told is not None and GREYLIST_LEAST <= told <= GREYLIST_MOST:
        return told, True
    return asked or GREYLIST_WINDOW, False


def judge_second_try(seen: SessionObservation) -> tuple[Finding, ...]:
    """Return what the second try came to; none if `seen` is no second try or ended for another reason."""
    if seen.greylisted_for is None:
        return ()
    where, waited = seen.target.where, f"{seen.greylisted_for:.0f} s"
    last = seen.last(Phase.RCPT)
    if last is not None and last.reply is not None and last.ending is None and last.reply.first_digit == 2:
        message = f"{where} takes the recipient at the second try, {waited} after it was greylisted."
        return (finding("greylisting-passed", message, evidence=reply_texts.lines(last.reply)),)
    if greylisted(seen) is not None:
        message = f"{where} still defers the mail, {waited} after the first try."
        return (finding("greylisting-persists", message),)
    return ()
