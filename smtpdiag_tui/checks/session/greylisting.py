"""Greylisting carried through: how long to wait before the second try, and what came of it (RFC 6647). Pure.

The server knows a try again by client address, sender and recipient, some also by the EHLO name: the second try
must have all of them the same.
"""

import re

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import GREYLIST_LEAST, GREYLIST_MOST, GREYLIST_WINDOW
from smtpdiag_tui.smtp.reply import Reply

_UNITS = {"h": 3600, "m": 60, "s": 1}
_CLOCK = r"\d{1,2}:[0-5]\d:[0-5]\d(?![:\d])"
_SPAN = r"\d{1,5} ?(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b"
_TIME = rf"(?P<time>{_CLOCK}|{_SPAN}(?:,? (?:and )?{_SPAN}){{0,2}}|{_SPAN}(?: ?{_SPAN}){{1,2}})"
# Not behind "at" a time of day, nor behind "expires in" or "within" how long the server remembers.
_BEHIND = rf"(?:in|after|for|of|about|least|another|every|:) {{0,2}}(?:(?:about|at least|another) )?{_TIME}"
_COUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:try|again|retry|retries|retried|resend|resubmit|(?:come|be) back|return|wait)\b"
        rf"(?:(?! (?:expires?|within|until|at) )[^\d.;()\[\]]){{0,40}}?(?:\b|(?=:)){_BEHIND}",
        rf"\b(?:wait|delay|retry) {_TIME}",
        rf"gr[ea]y[- ]?list(?:ed|ing)\b[^\d.;()\[\]]{{0,30}}?(?:\b|(?=:)){_BEHIND}",
        rf"(?<!expires )(?<!expire )(?<!valid )\b(?:in|after|for) {_TIME}",
    )
)


def greylisted(seen: SessionObservation | None) -> Exchange | None:
    """Return the exchange that a session was greylisted at, None if it was not."""
    if seen is None or not seen.before_quit:
        return None
    last = seen.before_quit[-1]
    if last.answer is None or last.answer.first_digit != 4:
        return None
    codes = [refusal.code for refusal in judge_refusal(seen, last)]
    return last if "greylisted" in codes else None


def told_window(reply: Reply) -> float | None:
    """Return the seconds after which a reply says to come back, None if it names no time.

    Understood are times such as `300 seconds`, `4 minutes and 30 seconds` and `00:05:00` behind "in", "after" or
    "for": best where trying again is spoken of, else behind "greylisted", else the first.
    """
    text = reply_texts.masked(reply_texts.words(reply))
    for pattern in _COUNTS:
        match = pattern.search(text)
        if match:
            return _seconds(match["time"])
    return None


def _seconds(text: str) -> float:
    if ":" in text:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
        return float(3600 * hours + 60 * minutes + seconds)
    whole = 0.0
    for number, unit in re.findall(r"(\d{1,5}) ?([a-z])", text, re.IGNORECASE):
        whole += int(number) * _UNITS[unit.lower()]
    return whole


def window(seen: SessionObservation, asked: float | None) -> tuple[float, bool]:
    """Return how many seconds after a greylisted session to try again, and whether the server named them.

    Its own number counts if it lies within 61 s and an hour; else what was `asked` for, 300 s without.
    """
    deferral = greylisted(seen)
    if deferral is not None and deferral.reply is not None:
        named = told_window(deferral.reply)
        if named is not None and GREYLIST_LEAST <= named <= GREYLIST_MOST:
            return named, True
    return asked or GREYLIST_WINDOW, False


def judge_second_try(seen: SessionObservation) -> tuple[Finding, ...]:
    """Return what the second try came to; none if `seen` is no second try or ended for another reason."""
    if seen.greylisted_for is None:
        return ()
    where, waited = seen.target.where, f"{seen.greylisted_for:.0f} s"
    last = seen.last(Phase.RCPT)
    if last is not None and last.accepted:
        message = f"{where} takes the recipient at the second try, {waited} after it was greylisted."
        return (finding("greylisting-passed", message, evidence=reply_texts.lines(last.reply)),)
    if greylisted(seen) is not None:
        message = f"{where} still defers the mail, {waited} after the first try."
        return (finding("greylisting-persists", message),)
    return ()
