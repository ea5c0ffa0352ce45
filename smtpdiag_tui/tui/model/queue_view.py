"""The queue as it is listed: filtered, grouped by destination or by reason, and each reason explained. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.bounces.without_reply import TITLES, no_reply
from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import Names
from smtpdiag_tui.checks.session.replies.reasons import reason_texts
from smtpdiag_tui.checks.session.reply_meanings import explain
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.local_mta.deferrals import Deferral, DeferralKind, deferral
from smtpdiag_tui.local_mta.queue import Queued
from smtpdiag_tui.smtp.reply import Reply

_PHASES = {
    "RCPT TO": Phase.RCPT,
    "MAIL FROM": Phase.MAIL,
    "EHLO": Phase.EHLO,
    "HELO": Phase.EHLO,
    "STARTTLS": Phase.STARTTLS,
}
_NO_DOMAIN = "no domain"
_NO_REASON = TITLES[DeferralKind.NONE]


class Grouping(StrEnum):
    """How the messages are listed."""

    MESSAGES = "messages"
    DESTINATION = "destination"
    REASON = "reason"

    @property
    def next(self) -> "Grouping":
        """The one that follows, the first behind the last."""
        all_of_them = list(Grouping)
        return all_of_them[(all_of_them.index(self) + 1) % len(all_of_them)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message with what is known of its reason: `title` in a few words, the others in sentences."""

    message: Queued
    title: str
    meaning: str = ""
    actions: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """Where it is to go, in lower case."""
        return _domain(self.message)


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that have something in common; `name` says what, "" where they are not grouped."""

    name: str
    waiting: tuple[Waiting, ...]

    @property
    def oldest(self) -> float | None:
        """How long the one that waits longest has waited, in seconds; None if no listing tells."""
        return max(
            (item.message.seconds for item in self.waiting if item.message.seconds is not None), default=None
        )

    @property
    def titles(self) -> tuple[str, ...]:
        """The reasons, the most frequent first."""
        return _by_frequency(item.title for item in self.waiting)

    @property
    def domains(self) -> tuple[str, ...]:
        """The destinations, the most frequent first."""
        return _by_frequency(item.domain for item in self.waiting)


def _by_frequency(names: Iterable[str]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return tuple(sorted(counts, key=lambda name: -counts[name]))


def _domain(message: Queued) -> str:
    local, _, domain = message.recipient.rpartition("@")
    return domain.lower() if local else ""


def explained(message: Queued) -> Waiting:
    """Return a message with what its reason means, by what is known of such replies."""
    told = deferral(message.reason)
    if told.kind is DeferralKind.REPLY:
        return _of_reply(message, told)
    domain = _domain(message)
    host = f"{told.host} [{told.address}]" if told.host else f"The MX host of {domain}"
    found = no_reply(
        message.reason,
        {
            "host": host,
            "where": host,
            "domain": domain or "the domain",
            "recipient": message.recipient or "the recipient",
            "contact": f"postmaster@{domain}" if domain else "the administrator",
            "port": "25",
            "client": "this host",
        },
    )
    retried = " This host retries." if found.retried else ""
    meaning = found.meaning or found.why
    return Waiting(message, found.title or _NO_REASON, f"{meaning}{retried}" if meaning else "")


def _of_reply(message: Queued, told: Deferral) -> Waiting:
    names = Names(
        servers=frozenset({told.address}) - {""},
        sender=message.sender,
        recipient=message.recipient,
        host=told.host.lower(),
    )
    reply = Reply(int(told.reply[:3]), (told.reply.encode("utf-8", "replace"),))
    meaning = explain(reply, _PHASES.get(told.command, Phase.GREETING if not told.command else Phase.RCPT), names)
    if meaning is None:
        return Waiting(message, TITLES[DeferralKind.UNKNOWN])
    name = meaning.name or reason_texts()[meaning.reason].name
    likely = "probably " if meaning.perhaps else ""
    actions = tuple(filled(str(action), names) for action in meaning.actions)
    return Waiting(message, f"{likely}{filled(name, names)}", filled(meaning.meaning, names), actions)


def groups(waiting: Sequence[Waiting], grouping: Grouping, words: str = "") -> tuple[Group, ...]:
    """Return the messages that hold `words`, in groups, the largest first; ungrouped they are one group."""
    found = tuple(item for item in waiting if matches(item, words))
    if grouping is Grouping.MESSAGES:
        return (Group("", found),) if found else ()
    by_name: dict[str, list[Waiting]] = {}
    for item in found:
        name = item.domain or _NO_DOMAIN if grouping is Grouping.DESTINATION else item.title
        by_name.setdefault(name, []).append(item)
    made = [Group(name, tuple(items)) for name, items in by_name.items()]
    return tuple(sorted(made, key=lambda group: -len(group.waiting)))


def matches(item: Waiting, words: str) -> bool:
    """Whether a message holds all words, in whatever case: in its id, addresses, reason and its title."""
    message = item.message
    text = f"{message.id} {message.sender or '<>'} {message.recipient} {message.reason} {item.title}".lower()
    return all(word in text for word in words.lower().split())
