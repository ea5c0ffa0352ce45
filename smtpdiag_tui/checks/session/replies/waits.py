"""How long a reply asks to wait before the next try (RFC 6647 §2.1). Pure."""

import re

from smtpdiag_tui.checks.session.replies.normal_form import NormalReply
from smtpdiag_tui.report.amounts import counted

_UNITS = {"h": 3600, "st": 3600, "m": 60, "s": 1}  # "st": Stunden
_CLOCK = r"\d{1,2}:[0-5]\d:[0-5]\d(?![:\d])"
_SPAN = (
    r"\d{1,5} ?(?:hours?|hrs?|heures?|horas?|stunden?|h|minut(?:es?|en|os?|i)|mins?|m"
    r"|se[ck](?:onds?|onden?|ondes?|unden?|undos?|ondi|s)?|segundos?|s)\b"
)
_TIME = rf"(?P<time>{_CLOCK}|{_SPAN}(?:,? (?:and )?{_SPAN}){{0,2}}|{_SPAN}(?: ?{_SPAN}){{1,2}})"
# Not behind "at" a time of day, nor behind "expires in" or "within" how long the server remembers.
_BEHIND = rf"(?:in|after|for|of|about|least|another|every|:) {{0,2}}(?:(?:about|at least|another) )?{_TIME}"
_COUNTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:try|again|retry|retries|retried|resend|resubmit|(?:come|be) back|return|wait)\b"
        rf"(?:(?! (?:expires?|within|until|at) )[^\d.;()\[\]]){{0,40}}?(?:\b|(?=:)){_BEHIND}",
        rf"\b(?:wait|delay|retry) {_TIME}",
        rf"gr[ea]y[- ]?list(?:ed|ing)\b[^\d.;()\[\]]{{0,30}}?(?:\b|(?=:)){_BEHIND}",
        rf"(?<!expires )(?<!expire )(?<!valid )\b(?:in|after|for) {_TIME}",
    )
)


def told_wait(reply: NormalReply) -> float | None:
    """Return the seconds after which a reply says to come back, None if it names no time.

    Understood are times such as `300 seconds`, `4 minutes and 30 seconds` and `00:05:00` behind "in", "after" or
    "for": best where trying again is spoken of, else behind "greylisted", else the first.
    """
    for pattern in _COUNTS:
        match = pattern.search(reply.text)
        if match:
            return _seconds(match["time"])
    return None


def wait_in_words(seconds: float) -> str:
    """Return a time to wait as people say it: `50 seconds`, `5 minutes`, `4 minutes 58 seconds`, `1 hour`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
    return " ".join(counted(number, unit) for number, unit in parts if number) or "0 seconds"


def _seconds(text: str) -> float:
    if ":" in text:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
        return float(3600 * hours + 60 * minutes + seconds)
    whole = 0.0
    for number, unit in re.findall(r"(\d{1,5}) ?(st|[hms])", text):
        whole += int(number) * _UNITS[unit]
    return whole
