"""Greylisting carried through: how long to wait before the second try, and what came of it (RFC 6647). Pure.

The server knows a try again by client address, sender and recipient, some also by the EHLO name: the second try
must have all of them the same.
"""

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.replies.waits import told_wait
from smtpdiag_tui.checks.session.session import Exchange, Phase, SessionObservation
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import GREYLIST_LEAST, GREYLIST_MOST, GREYLIST_WINDOW
from smtpdiag_tui.smtp.reply import Reply


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
    """Return the seconds after which a reply says to come back (`replies.waits`), None if it names no time."""
    return told_wait(normal_form(reply))


def window(seen: SessionObservation, asked: float | None) -> tuple[float, bool]:
    """Return how many seconds after a greylisted session to try again, and whether the server named them.

    Its own number counts up to an hour, a second added where it is a minute or less, since servers count by their
    own clock; else what was `asked` for, 300 s without.
    """
    deferral = greylisted(seen)
    if deferral is not None and deferral.reply is not None:
        named = told_window(deferral.reply)
        if named is not None and 1 <= named <= GREYLIST_MOST:
            return max(named, min(named + 1, GREYLIST_LEAST)), True
    return asked or GREYLIST_WINDOW, False


def judge_second_try(seen: SessionObservation) -> tuple[Finding, ...]:
    """Return what the second try came to; none if `seen` is no second try or ended for another reason."""
    if seen.greylisted_for is None:
        return ()
    where, waited = seen.target.where, f"{seen.greylisted_for:.0f} s"
    last = seen.last(Phase.RCPT)
    if last is not None and last.accepted:
        message = f"{where} accepted the retry {waited} after greylisting"
        return (finding("greylisting-passed", message, evidence=reply_texts.lines(last.reply)),)
    if greylisted(seen) is not None:
        message = f"{where} still greylists {waited} after the first attempt"
        return (finding("greylisting-persists", message),)
    return ()
