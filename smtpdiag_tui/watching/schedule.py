"""When a watched delivery is tried again: politely, and more slowly as time goes on. Pure."""

from collections.abc import Iterator

from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.replies.waits import told_wait
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report

LEAST = 60.0  # seconds between two attempts
SLOWEST = 900.0  # seconds that they grow to, unless more was asked for
SHARE = 0.1  # of the time that has gone by
RATE_LIMITED = 300.0  # seconds of peace for a server that says it is too much
NAMED_MOST = 3600.0  # seconds: what a server says counts up to here


def wait_before_next(report: Report, watched: float, every: float) -> float:
    """Return the seconds to the next attempt, `watched` seconds after the first; `every` were asked for.

    A tenth of the time that has gone by, so 60 s for ten minutes and 15 minutes from two and a half hours on. A
    server that names a time, or limits this host, is not met before.
    """
    least = max(LEAST, every)
    slower = min(max(least, watched * SHARE), max(SLOWEST, least))
    return max(slower, *_asked_for(report), 0.0)


def _asked_for(report: Report) -> Iterator[float]:
    """Yield the seconds of peace that servers ask for in the replies that their sessions ended with."""
    for step in report.steps.values():
        if any(_is_too_much(item) for item in step.findings):
            yield RATE_LIMITED
        seen = step.observation
        if step.is_session and isinstance(seen, SessionObservation):
            yield _named(seen)


def _is_too_much(item: Finding) -> bool:
    return item.reason is Reason.RATE_LIMIT


def _named(seen: SessionObservation) -> float:
    last = seen.before_quit[-1] if seen.before_quit else None
    if last is None or last.reply is None or last.reply.first_digit != 4:
        return 0.0
    named = told_wait(normal_form(last.reply))
    return min(named + 1, NAMED_MOST) if named else 0.0
