"""What a reply is about that only the session around it tells: who greeted, and which sender was named. Pure."""

import re

from smtpdiag_tui.checks.session.replies.names import Names
from smtpdiag_tui.checks.session.replies.normal_form import NormalReply
from smtpdiag_tui.checks.session.replies.vocabulary import reason_in_words
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.reasons import Reason

_SPAMD = re.compile(r"\bspamd\b|spam blocker|hello, spam sender")  # OpenBSD's greylisting daemon
_PROVIDER = re.compile(
    r"(?:your|the|our) (?:own )?(?:isp|provider|internet provider|network|internet service provider)(?:'?s)?"
    r" (?:\w{2,9} )?(?:outgoing|outbound|smtp|mail|relay)"
    r"|(?:smtp|mail|outgoing|relay) ?(?:server|relay|host)? (?:of|at|from|provided by) (?:your |the )?(?:own )?"
    r"(?:isp|provider|internet provider|network|internet service provider)\b"
)
# What a proxy wants of a host that it keeps from the server: to log in, or to send another way.
_OF_PROXY = frozenset({Reason.LOGIN_REQUIRED, Reason.NOT_HOSTED, Reason.DYNAMIC_ADDRESS})
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,9}")
_ABOUT_SENDER = frozenset(
    {Reason.SENDER_POLICY, Reason.SENDER_DOMAIN, Reason.SENDER_CALLOUT, Reason.RECIPIENT_POLICY, None}
)


def reason_of_situation(reply: NormalReply, phase: Phase, names: Names) -> Reason | None:
    """Return what a reply is about where the session around it tells that, else None."""
    if reply.first_digit == 4 and phase in (Phase.MAIL, Phase.RCPT) and _SPAMD.search(names.greeting):
        return Reason.GREYLISTING
    if _answered_by_another(reply, phase, names):
        return Reason.PATH_INTERFERENCE
    if _refuses_null_sender(reply, phase, names):
        return Reason.NULL_SENDER
    return None


def _answered_by_another(reply: NormalReply, phase: Phase, names: Names) -> bool:
    """Whether a provider's proxy, or a host of another domain, sends to the provider's own mail server."""
    if names.proxied and not names.aside and reason_in_words(reply, phase) in _OF_PROXY:
        return True
    return _PROVIDER.search(reply.words) is not None and (names.proxied or _greeted_by_another(names))


def _greeted_by_another(names: Names) -> bool:
    """Whether a host of another domain greeted than the one that was connected to."""
    greeting = names.greeting.partition("\n")[0]
    name = _NAME.match(greeting)
    if name is None or not names.host:
        return False
    return _domain(name[0]) != _domain(names.host)


def _domain(host: str) -> str:
    return ".".join(host.rstrip(".").split(".")[-2:])


def _refuses_null_sender(reply: NormalReply, phase: Phase, names: Names) -> bool:
    """Whether a refusal of a session with the null sender is about that: at MAIL unless it says otherwise."""
    if names.sender != "" or phase not in (Phase.MAIL, Phase.RCPT) or reply.first_digit != 5:
        return False
    of_sender = phase is Phase.MAIL or "<nullsender>" in reply.words or "sender" in reply.words
    return of_sender and reason_in_words(reply, phase) in _ABOUT_SENDER
