"""What a reply that defers or refuses is about: what known receivers say, else its words, else its status. Pure.

The knowledge stands in data files (`data/`), read when the first refusal is judged:

- `receivers.toml`, `filters.toml`, `lists.toml`, `servers.toml`: patterns. Each entry has `receiver` (who words it
  so), `pattern`, `reason`, `meaning`, `side`, `advice`, `reference`, and if need be: `class` (4 or 5) and `phases`
  that it holds for alone, `code` (the finding that the words settle, one of `CODES`), `who` is refused ("machine",
  "sender", "recipient"; "server" where it is nobody, but trouble there), `blocklist` (what to call it) and `exact`
  (in lists and servers: the words are nobody else's).
- `vocabulary.toml`: what a reply is about by its words, whoever says it.
- `reasons.toml`: what each reason comes to, where no entry of the receivers says more.
- `enhanced_status.toml`: the registry of enhanced status codes (RFC 3463, RFC 5248 and those that add to it).

They are asked in this order, since a reply's words beat its status, and a receiver's own code beats common words:

1. receivers and filters, and what else is `exact`, the first entry that fits: they word it always the same (not
   where the words are those of another server, which the reply quotes);
2. the vocabulary; then the first entry of lists and servers that fits and has that reason tells more of it;
3. the first entry of lists and servers that fits: it may know a link where the words say nothing;
4. greylisting, perhaps, where a 450 or 451 to RCPT says no more than to try again later;
5. the enhanced status code, else the reply code;
6. nothing: it is unexplained.

A pattern is in lower case and is searched in `NormalReply.told`: "550 5.7.1 text of all lines", addresses masked.
It has no open-ended repetition, since a peer may send anything.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from smtpdiag_tui.checks.session import reply_texts
from smtpdiag_tui.checks.session.replies.names import NOBODY, Names
from smtpdiag_tui.checks.session.replies.normal_form import NormalReply, normal_form
from smtpdiag_tui.checks.session.replies.reasons import reason_texts
from smtpdiag_tui.checks.session.replies.situations import reason_of_situation
from smtpdiag_tui.checks.session.replies.vocabulary import QUOTING, VAGUE, class_in_words
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.actions import Action, actions_from
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.smtp.reply import Reply

CODES = frozenset({"greylisted", "blocklisted", "rate-limited", "service-unavailable", "starttls-required"})

_EXACT = ("receivers", "filters")
_MORE = ("lists", "servers")
_PRECISE = re.compile(r"530 (?![45]\.)|[45][0-9]{2} [45]\.7\.2[0-9] ")
# What the list that is named may make of a listing.
_LISTINGS = {Reason.IP_BLOCKLIST, Reason.DOMAIN_BLOCKLIST, Reason.DYNAMIC_ADDRESS}
_OF_RECIPIENT = ("1.", "2.")  # statuses that speak of the recipient, and mean nothing before there is one
_OF_SENDER = ("1.7", "1.8")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reply means, whose side it is on and what to do.

    `id` is the entry's name, the reason where the vocabulary told it, the status code, or "unexplained";
    `settled`: its words told it. `code` is the finding that an entry settles, `blocklist` what to call the list,
    each "" where it does not say. `who` is refused, None where that is not said. `of_receiver`: an entry tells it,
    not a reason's general text. `perhaps`: it is guessed, and must be told so. `name`: why, in a few words, where
    that is more precise than the reason's own; "" where it is not.
    """

    id: str
    reason: Reason
    meaning: str
    side: Side | None
    actions: tuple[Action, ...]
    reference: str | None
    settled: bool
    receiver: str = ""
    code: str = ""
    who: Party | None = None
    blocklist: str = ""
    of_receiver: bool = False
    perhaps: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of the data files: where it fits, and what it then means."""

    regex: re.Pattern[str]
    first_digit: int
    phases: frozenset[Phase]
    explanation: Explanation
    exact: bool = False

    def fits(self, text: str, first_digit: int, phase: Phase) -> bool:
        """Whether a reply, as `NormalReply.told`, is meant at this phase."""
        if self.first_digit not in (0, first_digit) or (self.phases and phase not in self.phases):
            return False
        return self.regex.search(text) is not None


def explain(reply: Reply, phase: Phase, names: Names = NOBODY, *, of_message: bool = False) -> Explanation | None:
    """Return what a 4yz or 5yz reply means, None for any other reply.

    `of_message`: it is to DATA or to the end of the message, where `phase` is the last one before that.
    """
    if reply.first_digit not in (4, 5):
        return None
    normal = normal_form(reply, names)
    perhaps_greylisting = reply_texts.may_be_greylisting(reply, at_rcpt=phase is Phase.RCPT and not of_message)
    return _explained(normal, phase, names, perhaps_greylisting=perhaps_greylisting)


@lru_cache(maxsize=256)
def _explained(normal: NormalReply, phase: Phase, names: Names, *, perhaps_greylisting: bool) -> Explanation:
    situation = reason_of_situation(normal, phase, names)
    if situation is not None:
        return _general(situation, normal.first_digit, aside=names.aside)
    exact = _first(_exact(), normal, phase)
    if exact is not None and not _quotes(normal, phase):
        return exact
    found = _by_text(normal, phase, names)
    if found is not None:
        return found
    if perhaps_greylisting:
        general = _general(Reason.GREYLISTING, normal.first_digit, aside=names.aside)
        return replace(general, id="perhaps-greylisting", settled=False, perhaps=True)
    return _by_status(normal, phase, names) or _unexplained(normal, phase)


def _by_text(normal: NormalReply, phase: Phase, names: Names) -> Explanation | None:
    """Return what the words or a link tell, or a status that is more precise than they are."""
    found = _by_words(normal, phase, names) or _by_link(normal, names)
    if found is not None and found.reason is Reason.RECIPIENT_POLICY and _PRECISE.match(normal.told):
        return _by_status(normal, phase, names)  # "access denied" and its like do not say why, these statuses do
    return found


def _quotes(normal: NormalReply, phase: Phase) -> bool:
    """Whether a reply quotes another server: then a receiver's known words are that one's."""
    told = class_in_words(normal, phase)
    return told is not None and told.rank == QUOTING


def _by_words(normal: NormalReply, phase: Phase, names: Names) -> Explanation | None:
    told = class_in_words(normal, phase)
    if told is None:
        return _first(_common(), normal, phase)
    reason = told.reason
    if told.rank >= VAGUE or reason is Reason.IP_REPUTATION:
        named = _first(_common_about(_LISTINGS), normal, phase)  # a link may name a list
        if named is not None:
            return named
    wanted = _LISTINGS if reason is Reason.IP_BLOCKLIST else {reason}
    return _first(_common_about(wanted), normal, phase) or _general(reason, normal.first_digit, aside=names.aside)


def _by_link(normal: NormalReply, names: Names) -> Explanation | None:
    """Return that a list is the reason where only a link to look the address up says so."""
    if reply_texts.listing(normal.said) is None:
        return None
    return _general(Reason.IP_BLOCKLIST, normal.first_digit, aside=names.aside)


def _first(candidates: Iterable[Pattern], normal: NormalReply, phase: Phase) -> Explanation | None:
    """Return what the first entry that fits says."""
    text = normal.told
    for pattern in candidates:
        if pattern.fits(text, normal.first_digit, phase):
            return pattern.explanation
    return None


def _general(reason: Reason, first_digit: int, *, aside: bool) -> Explanation:
    text = reason_texts()[reason]
    side = text.side
    if reason is Reason.LOGIN_REQUIRED and not aside:
        side = Side.RECIPIENT  # an MX host must accept mail for its domain without
    return Explanation(
        id=reason.value,
        reason=reason,
        meaning=text.meaning_for(first_digit),
        side=side,
        actions=text.actions_for(first_digit, aside=aside),
        reference=text.reference,
        settled=True,
        who=text.party,
    )


def status_entry(normal: NormalReply) -> tuple[str, dict[str, Any]] | None:
    """Return the enhanced status code, else the reply code, and what the registry says of it; None if nothing."""
    if normal.status[2:] in statuses():
        return normal.status, statuses()[normal.status[2:]]
    code = str(normal.code)
    entry = _data("enhanced_status")["replies"].get(code)
    return (code, entry) if entry is not None and not normal.status else None


def status_reason(normal: NormalReply, phase: Phase) -> Reason | None:
    """Return what the status code alone says that a reply is about, None where it says nothing of that."""
    found = status_entry(normal)
    if found is None or "reason" not in found[1]:
        return None
    detail = normal.status[2:]
    of_recipient = detail.startswith(_OF_RECIPIENT) and detail not in _OF_SENDER
    if phase is not Phase.RCPT and (of_recipient or found[0] == "552"):
        return None
    return Reason(found[1]["reason"])


def _by_status(normal: NormalReply, phase: Phase, names: Names) -> Explanation | None:
    reason, found = status_reason(normal, phase), status_entry(normal)
    if reason is None or found is None:
        return None
    code, entry = found
    general = _general(reason, normal.first_digit, aside=names.aside)
    return replace(
        general,
        id=code,
        meaning=f"{code} means: {entry['name']}. {entry['meaning']}",
        actions=actions_from(entry) or general.actions,
        reference=entry["reference"],
        who=Party(entry["who"]) if "who" in entry else general.who,
        settled=False,
    )


def _unexplained(normal: NormalReply, phase: Phase) -> Explanation:
    """Return what is told where nothing is said: nothing is guessed."""
    at_greeting = phase is Phase.GREETING
    if at_greeting and normal.code == 554 and not normal.status.startswith("5.7"):
        return replace(_general(Reason.SERVER_CLOSED, 5, aside=False), settled=False, name="554, no reason given")
    general = _general(Reason.UNEXPLAINED, normal.first_digit, aside=False)
    side = Side.RECIPIENT if at_greeting and normal.code == 421 else Side.POLICY
    return replace(general, side=side, settled=False)


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns in the order in which they are tried, compiled once."""
    return (*_exact(), *_common())


@cache
def _exact() -> tuple[Pattern, ...]:
    """Return the patterns that are tried before the vocabulary."""
    flagged = (pattern for pattern in _all_of(_MORE) if pattern.exact)
    return (*_all_of(_EXACT), *flagged)


@cache
def _common() -> tuple[Pattern, ...]:
    """Return the patterns that tell more of what the vocabulary has told."""
    return tuple(pattern for pattern in _all_of(_MORE) if not pattern.exact)


def _common_about(reasons: Collection[Reason]) -> list[Pattern]:
    """Return those of the common patterns that have one of the reasons."""
    return [pattern for pattern in _common() if pattern.explanation.reason in reasons]


@cache
def _all_of(files: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(_pattern(name, entry) for file in files for name, entry in _data(file).items())


@cache
def statuses() -> dict[str, dict[str, Any]]:
    """Return the registry of enhanced status codes by subject and detail: "1.1" stands for x.1.1."""
    found: dict[str, dict[str, Any]] = _data("enhanced_status")["codes"]
    return found


def _pattern(name: str, entry: dict[str, Any]) -> Pattern:
    reason = Reason(entry["reason"])
    explanation = Explanation(
        id=name,
        reason=reason,
        meaning=entry["meaning"],
        side=Side(entry["side"]),
        actions=actions_from(entry),
        reference=entry["reference"],
        settled=True,
        receiver=entry["receiver"],
        code=entry.get("code", ""),
        who=Party(entry["who"]) if "who" in entry else reason_texts()[reason].party,
        blocklist=entry.get("blocklist", ""),
        of_receiver=True,
        name=entry.get("name", ""),
    )
    phases = frozenset(Phase(phase) for phase in entry.get("phases", ()))
    return Pattern(
        re.compile(entry["pattern"]), entry.get("class", 0), phases, explanation, entry.get("exact", False)
    )


@cache
def _data(file: str) -> dict[str, Any]:
    # A run that meets no refusal needs neither.
    import tomllib
    from importlib import resources

    path = resources.files(__package__).joinpath("data", f"{file}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
