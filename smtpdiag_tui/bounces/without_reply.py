"""What it means that a server gave no reply: in the words of the mail server that tells of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from smtpdiag_tui.bounces.no_reply_words import case_of
from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import NOBODY
from smtpdiag_tui.local_mta.deferrals import DeferralKind, deferral
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Side, catalogue

_LONGEST = 1000  # characters that are looked at
TITLES: Final[Mapping[DeferralKind, str]] = {
    DeferralKind.CONNECT: "no connection",
    DeferralKind.LOST: "session ended early",
    DeferralKind.DNS: "DNS lookup failed",
    DeferralKind.TLS: "TLS required, not available",
    DeferralKind.LOCAL: "held on this host",
    DeferralKind.UNKNOWN: "other reason",
    DeferralKind.NONE: "no reason listed",
}
_MEANINGS = {
    DeferralKind.CONNECT: "{host} did not accept a connection from {client}.",
    DeferralKind.LOST: "{host} closed the session early, or stopped answering.",
    DeferralKind.DNS: "The DNS did not return the MX hosts of {domain}.",
    DeferralKind.TLS: "The sending server requires TLS for {domain}, and {host} does not offer what it accepts.",
    DeferralKind.LOCAL: "The mail server that wrote this keeps the message. No other server is involved.",
}
_RETRIED = frozenset({DeferralKind.CONNECT, DeferralKind.LOST, DeferralKind.DNS})
_OF_A_RUN = frozenset({"reply-timeout"})  # its text speaks of the limit of a run


@dataclass(frozen=True, slots=True)
class NoReply:
    """What it means: `title` in a few words, the others in sentences.

    `meaning` is what happened, `why` what it comes from, as a run says it; each "" where nothing is known.
    `retried`: a mail server that keeps the message retries by itself. `code` is the finding of a run that means
    the same, "" where there is none.
    """

    kind: DeferralKind
    title: str
    headline: str = ""
    meaning: str = ""
    why: str = ""
    side: Side | None = None
    actions: tuple[Action, ...] = ()
    reference: str | None = None
    retried: bool = False
    code: str = ""


def no_reply(words: str, names: Mapping[str, str]) -> NoReply:
    """Return what the words of a mail server say where it quotes no reply.

    `names` are `host`, `where` (the host with its address), `domain`, `recipient`, `contact` and `port`: none is
    empty; `client` is the sending server where that is known, as in this host's own queue.
    """
    names = {"client": "the sending server", **names}
    case = case_of(words[:_LONGEST].lower())
    kind = case.kind if case is not None else deferral(words).kind
    happened = "" if case is not None and case.meaning else _put(_MEANINGS.get(kind, ""), names)
    if case is None:
        return NoReply(kind, TITLES.get(kind, ""), meaning=happened, retried=kind in _RETRIED)
    entry = catalogue().get(case.code)
    of_run = case.code in _OF_A_RUN
    return NoReply(
        kind=kind,
        title=case.title,
        headline=_put(case.headline, names),
        meaning=happened,
        why=_put(case.meaning or ("" if entry is None or of_run else entry.meaning), names),
        side=case.side or (None if entry is None else entry.side),
        actions=() if entry is None or of_run else _actions(entry.actions, names),
        reference=None if entry is None else entry.reference,
        retried=kind in _RETRIED,
        code=case.code,
    )


def _actions(actions: tuple[Action, ...], names: Mapping[str, str]) -> tuple[Action, ...]:
    return tuple(Action(_put(item.who, names), _put(item.what, names)) for item in actions)


def _put(text: str, names: Mapping[str, str]) -> str:
    return filled(text, NOBODY, **names)
