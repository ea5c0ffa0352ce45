"""Causes that the ends of the sessions give away: one for all that ended alike. Pure.

A cause that stands for several refusals joins those alone that agree in reason and side, and keeps what their
findings know: the list's name, the meaning, what to do, and the link.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from smtpdiag_tui.checks.registered_domain import registered_domain
from smtpdiag_tui.report.actions import Action, actions_in, each_once
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import Party
from smtpdiag_tui.report.filling import given_name
from smtpdiag_tui.report.findings import Finding, Side, catalogue
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.settings import TlsPolicy, parse_ip
from smtpdiag_tui.verdict.case import SHOWN, Case
from smtpdiag_tui.verdict.contacts import GIVEN_HERE, HOSTMASTERS
from smtpdiag_tui.verdict.listings import (
    asked_and_listed,
    in_words,
    lists_named,
    lists_this_host,
    measured_listings,
    not_joined,
)
from smtpdiag_tui.verdict.measured import measured
from smtpdiag_tui.verdict.measuring import Measured, source_of
from smtpdiag_tui.verdict.session_end import NO_TLS, SessionEnd

_JOINED = frozenset({Reason.IP_BLOCKLIST, Reason.RATE_LIMIT, Reason.REVERSE_DNS})
_GIVEN = "{name} was given for this run. The MX hosts of the recipient domain are not at fault."
_TLS_REQUIRED = "TLS is required, so the sending server sends nothing unencrypted and queues the message."


def cause_of_end(case: Case, end: SessionEnd, ends: Sequence[SessionEnd], *, decides: bool) -> Cause:
    """Return the cause that stands for the end of a session, and for all of `ends` that are alike."""
    for look in (blocklisted, rate_limited, reverse_name):
        cause = look(case, end, ends, decides=decides)
        if cause is not None:
            return cause
    return plain(case, end, ends, decides=decides)


def joined_causes(case: Case, ends: Sequence[SessionEnd]) -> list[Cause]:
    """Return what several refusals have in common where another host accepts: nothing of it decides.

    A single refusal that this run found otherwise is told too: what its reply asks for is done already.
    """
    causes: list[Cause] = []
    for end in ends:
        covered = any(end.step in cause.evidence for cause in causes)
        if not covered and end.reason in _JOINED:
            cause = cause_of_end(case, end, ends, decides=False)
            own = measured(case, end)
            if cause.code != end.finding.code or (own is not None and not own.agrees):
                causes.append(cause)
    return causes


def plain(case: Case, end: SessionEnd, ends: Sequence[SessionEnd], *, decides: bool) -> Cause:
    """Return the finding itself as the cause, with what this run measured beside it."""
    own = measured(case, end)
    alike = [item.step for item in ends if item.kind == end.kind and _agrees(measured(case, item)) == _agrees(own)]
    item = _as_given(case, end.finding)
    meaning, actions = item.meaning, item.actions
    if own is not None:
        meaning = f"{meaning} {own.fact}".strip()
        actions = own.actions or actions  # what the reply asks for is done already where it is contradicted
    return Cause(
        code=item.code,
        side=_side(case, end, decides=decides),
        message=item.message,
        meaning=meaning,
        actions=actions,
        reference=item.reference,
        evidence=_each_once(end.step, *alike, *(own.steps if own is not None else ())),
        decides=decides,
        reason=end.reason,
        contradicted=own is not None and not own.agrees,
        probable=item.probable,
    )


def blocklisted(case: Case, end: SessionEnd, ends: Sequence[SessionEnd], *, decides: bool) -> Cause | None:
    """A public list that holds this host's address."""
    if not lists_this_host(end):
        return None
    listed = _on_one_side(end, [item for item in ends if lists_this_host(item)])
    lists = lists_named(listed)
    heard = measured_listings(case, listed)
    ended = _all_ended(lists, heard)
    message = _listing_told(case, end, lists, ended=ended)
    # What the replies assert is not told as a fact where none of those lists holds the address.
    asserted = "" if ended else end.finding.meaning
    facts = [_lists_told(lists), *(item.fact for item in heard), not_joined(ends)]
    meaning = " ".join(part for part in (asserted, *facts) if part)
    actions = _listing_actions(listed, heard, ended=ended)
    steps = (*_steps(listed), *asked_and_listed(case, list(lists)))
    cause = _joined(case, "blocklisted-here", end, message, meaning, actions, steps, decides=decides)
    return replace(cause, contradicted=ended)


def _all_ended(lists: Mapping[str, str], heard: Sequence[Measured]) -> bool:
    """Whether this run heard from every list that is named that it does not hold the address."""
    contradicting = [item for item in heard if not item.agrees]
    return bool(lists) and len(contradicting) == len(lists)


def _listing_told(case: Case, end: SessionEnd, lists: Mapping[str, str], *, ended: bool) -> str:
    """Return the headline on a listing; what the lists themselves say where this run heard that it has ended."""
    if not lists:
        return end.finding.message
    who = _listed_address(case, end, lists)
    one = next(iter(lists)) if len(lists) == 1 else ""
    if ended:
        without = f"{one} does not list it" if one else "the blocklists do not list it"
        return f"{end.host} {end.verb} {who or 'this host'}; {without}"
    subject = who or "This host"
    if end.finding.side is Side.POLICY:
        subject = f"The network of {who or 'this host'}"
    return f"{subject} is listed on {one or f'{len(lists)} blocklists'}; {end.host} {end.verb} it"


def _listed_address(case: Case, end: SessionEnd, lists: Mapping[str, str]) -> str:
    """Return the one address that is said to be listed, else that of the session; "" where it is not known."""
    named = {address for address in lists.values() if address}
    if len(named) > 1:
        return ""
    return next(iter(named)) if named else source_of(case, end)


def _lists_told(lists: Mapping[str, str]) -> str:
    """Return which lists these are, where the headline has no room for them."""
    return f"The lists are {in_words(lists)}." if len(lists) > 1 else ""


def _listing_actions(
    listed: Sequence[SessionEnd], heard: Sequence[Measured], *, ended: bool
) -> tuple[Action, ...]:
    """Return what to do about what this run heard from the lists, then, unless it has ended, about the listing."""
    actions = [action for item in heard for action in item.actions]
    if not ended:
        actions += [action for item in listed[:SHOWN] for action in item.finding.actions]
    return each_once(actions)


def reverse_name(case: Case, end: SessionEnd, ends: Sequence[SessionEnd], *, decides: bool) -> Cause | None:
    """Refusals because of this host's reverse DNS name, which is missing or poor indeed."""
    if end.reason is not Reason.REVERSE_DNS:
        return None
    own = measured(case, end)
    if own is None or not own.agrees:
        return None
    refused: list[str] = []
    looked_up: list[str] = []
    for item in _on_one_side(end, [item for item in ends if item.reason is Reason.REVERSE_DNS]):
        seen = measured(case, item)
        if seen is not None and seen.agrees:
            refused.append(item.step)
            looked_up.extend(seen.steps)
    message = f"{end.verb.capitalize()} because of this host's reverse DNS (PTR)"
    meaning = f"{own.fact} {catalogue()['reverse-name-here'].meaning}"
    steps = [*refused, *looked_up]
    return _joined(case, "reverse-name-here", end, message, meaning, own.actions, steps, decides=decides)


def rate_limited(case: Case, end: SessionEnd, ends: Sequence[SessionEnd], *, decides: bool) -> Cause | None:
    """Operators that have had enough of this host."""
    if not _limits_this_host(end):
        return None
    found = _on_one_side(end, [item for item in ends if _limits_this_host(item)])
    message = _limits_told(end, found)
    meaning, actions = end.finding.meaning, end.finding.actions
    return _joined(case, "rate-limited-here", end, message, meaning, actions, _steps(found), decides=decides)


def _limits_told(end: SessionEnd, ends: Sequence[SessionEnd]) -> str:
    """Return the headline on who limits this host: as one of them says it, where they belong together."""
    operators = list(dict.fromkeys(_operator(item.host) for item in ends if item.host))
    if len(operators) < 2:
        return end.finding.message
    names = ", ".join(operators[:SHOWN])
    more = f" and {len(operators) - SHOWN} more" if len(operators) > SHOWN else ""
    return f"{len(operators)} operators limit this host: {names}{more}"


def _limits_this_host(end: SessionEnd) -> bool:
    """Whether a session ended because of too much from this host, not from the sender's domain."""
    return end.reason is Reason.RATE_LIMIT and end.finding.party is not Party.SENDER


def _on_one_side(end: SessionEnd, ends: Iterable[SessionEnd]) -> list[SessionEnd]:
    """Return the end of a session, and behind it those others that are on the same side."""
    return [end, *(item for item in ends if item != end and item.finding.side == end.finding.side)]


def _joined(
    case: Case,
    code: str,
    end: SessionEnd,
    message: str,
    meaning: str,
    actions: tuple[Action, ...],
    steps: Iterable[str],
    *,
    decides: bool,
) -> Cause:
    return Cause(
        code=code,
        side=_side(case, end, decides=decides),
        message=message,
        meaning=meaning,
        actions=actions,
        reference=end.finding.reference or catalogue()[code].reference,
        evidence=_each_once(*steps),
        decides=decides,
        reason=end.reason,
    )


def _side(case: Case, end: SessionEnd, *, decides: bool) -> Side:
    """Return whose side an end is on: a verdict that knows better counts for what it rests on."""
    given = case.verdict.side if decides else None
    return given or end.finding.side or Side.RECIPIENT


def _as_given(case: Case, item: Finding) -> Finding:
    """Return a finding as it is told of what was given for this run: a host, or that TLS is required.

    The name of a host that was given is no affair of the domain's.
    """
    settings = case.report.settings
    if case.report.destination_kind in GIVEN_HERE and item.code in HOSTMASTERS:
        name = given_name(settings)
        advice = f"Check the spelling of {name}, and make it resolve."
        return replace(
            item, message=case.verdict.headline, meaning=_GIVEN.format(name=name), actions=actions_in(advice)
        )
    if settings.tls == TlsPolicy.REQUIRE and item.code in NO_TLS:
        return replace(item, meaning=_TLS_REQUIRED)
    return item


def _agrees(own: Measured | None) -> bool | None:
    return None if own is None else own.agrees


def _steps(ends: Iterable[SessionEnd]) -> tuple[str, ...]:
    return tuple(end.step for end in ends)


def _each_once(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _operator(host: str) -> str:
    """Return who runs a host, as far as its name tells; an address stands for itself."""
    bare = host.strip("[]")
    return host if parse_ip(bare) is not None else registered_domain(bare)
