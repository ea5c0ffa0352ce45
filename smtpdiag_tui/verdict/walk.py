"""How a sender walks through the mail hosts: in which order, and where it ends (RFC 5321 §5.1). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import family_of


class Demand(StrEnum):
    """What a sender insists on before it names the recipient."""

    NOTHING = "nothing"
    VERIFIED_TLS = "verified-tls"
    MTA_STS = "mta-sts"
    DANE = "dane"
    DANE_OR_MTA_STS = "dane-or-mta-sts"  # DANE where it is published, else MTA-STS


POLICIES = frozenset({Demand.MTA_STS, Demand.DANE, Demand.DANE_OR_MTA_STS})  # published by the recipient's domain


@dataclass(frozen=True, slots=True)
class HostAddress:
    """One address of a mail host: how it ended, None if it was not talked to; `step` is its step's id.

    `unmet` says for a demand why this address does not meet it; an empty text: whether it does is not known.
    `own`: a mail server here knows itself by it. `inside`: an MX names it, and not everybody reaches it.
    """

    address: str
    step: str
    attempt: Attempt | None
    unmet: Mapping[Demand, str] = field(default_factory=dict)
    own: bool = False
    inside: bool = False

    @property
    def host(self) -> str:
        """The mail host's name, as its step has it."""
        step = StepId(self.step)
        return step.host if step.address else ""

    @property
    def where(self) -> str:
        """The host with the address, as sentences name them."""
        literal = f"[{self.address}]"
        return literal if self.host in ("", literal) else f"{self.host} {literal}"

    @property
    def family(self) -> int:
        """4 or 6."""
        return family_of(self.address)


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """One mail host with its preference (None where no MX names it) and its addresses.

    `own`: one of these is this machine's.
    """

    name: str
    preference: int | None
    lookup: HostLookup | None
    addresses: tuple[HostAddress, ...]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of sender. It gives up after so many `addresses`, and after so many `sessions` got past EHLO."""

    name: str
    title: str
    families: frozenset[int] = frozenset({4, 6})
    demand: Demand = Demand.NOTHING
    addresses: int = 5
    sessions: int = 2


# Postfix's defaults (smtp_mx_address_limit, smtp_mx_session_limit) bound every one of them.
STANDARD = Profile("standard", "standard")
PROFILES = (
    STANDARD,
    Profile("ipv4-only", "IPv4 only", families=frozenset({4})),
    Profile("ipv6-only", "IPv6 only", families=frozenset({6})),
    Profile("tls-verified", "verified TLS", demand=Demand.VERIFIED_TLS),
    Profile("mta-sts", "MTA-STS", demand=Demand.MTA_STS),
    Profile("dane", "DANE", demand=Demand.DANE),
    Profile("dane-or-mta-sts", "DANE/MTA-STS", demand=Demand.DANE_OR_MTA_STS),
)


@dataclass(frozen=True, slots=True)
class Try:
    """One address that the walk comes to, and what this sender takes from it."""

    address: HostAddress
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through the hosts. `last` ended it, if one did; `limit` names the limit that did.

    `undecided`: an address where a sender would wait longer than we did, or where the end is not known otherwise.
    `passed_over` are the addresses never come to. `best_case` is how it ends in another order of equal preference.
    """

    tries: tuple[Try, ...]
    outcome: Outcome
    last: Try | None = None
    undecided: Try | None = None
    limit: str = ""
    passed_over: tuple[HostAddress, ...] = ()
    best_case: "Walk | None" = None


_GRAVITY = (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.UNKNOWN, Outcome.BOUNCED)
_OPEN = frozenset({AttemptResult.OUR_LIMIT, AttemptResult.NOT_TESTED})
_FINAL = frozenset({AttemptResult.ACCEPTED, AttemptResult.REJECTED})

_Key = Callable[[Try], bool]
# Inside a group of equal preference every order may come (RFC 5321 §5.1): these bring all ends that there can be.
_ORDERS: tuple[_Key, ...] = (
    lambda _: False,
    lambda item: item.attempt.result is not AttemptResult.ACCEPTED,
    lambda item: item.attempt.result is not AttemptResult.REJECTED,
    lambda item: (
        item.attempt.result in (AttemptResult.ACCEPTED, AttemptResult.REJECTED) or not item.attempt.in_session
    ),
    lambda item: item.attempt.result in (AttemptResult.ACCEPTED, AttemptResult.REJECTED),
)


def walk(profile: Profile, hosts: Sequence[HostAddresses]) -> Walk:
    """Walk as `profile` would, in the worst order that chance may bring.

    An address without a route from here costs a sender nothing: it has that address family, or knows that not.
    """
    groups = _groups(profile, before_self(hosts))
    ways = [_go(profile, [sorted(group, key=key) for group in groups]) for key in _ORDERS]
    worst = max(ways, key=lambda way: _GRAVITY.index(way.outcome))  # of several the first: the order as listed
    best = min(ways, key=lambda way: _GRAVITY.index(way.outcome))
    return worst if best.outcome is worst.outcome else replace(worst, best_case=best)


def before_self(hosts: Sequence[HostAddresses]) -> list[HostAddresses]:
    """Return the hosts that a mail server here would turn to (RFC 5321 §5.1): those preferred to this machine.

    Where this machine's own server takes the mail it is a mail host like any other.
    """
    selves = [host.preference or 0 for host in hosts if host.own and not _takes(host)]
    return [host for host in hosts if not selves or (host.preference or 0) < min(selves)]


def _takes(host: HostAddresses) -> bool:
    taken = (item.attempt for item in host.addresses if item.attempt is not None)
    return any(item.result is AttemptResult.ACCEPTED for item in taken)


def _groups(profile: Profile, hosts: Sequence[HostAddresses]) -> list[list[Try]]:
    """Return the addresses that the profile can use, grouped by ascending preference."""
    groups: dict[int, list[Try]] = {}
    for host in sorted(hosts, key=lambda host: host.preference or 0):
        for item in host.addresses:
            if item.attempt is not None and item.family in profile.families:
                groups.setdefault(host.preference or 0, []).append(Try(item, _taken(profile, item, item.attempt)))
    return list(groups.values())


def _balanced(profile: Profile, order: Sequence[Try]) -> list[Try]:
    """Return the addresses within the limit: where there are more, each family keeps its share.

    As Postfix does (smtp_balance_inet_protocols), so that dead IPv6 addresses do not crowd out IPv4.
    """
    counted = [place for place in order if _counts(place)]
    if len(counted) <= profile.addresses:
        return list(order)
    room = _shares(profile.addresses, [place.address.family for place in counted])
    kept: list[Try] = []
    for place in order:
        if _counts(place):
            if room[place.address.family] <= 0:
                continue
            room[place.address.family] -= 1
        kept.append(place)
    return kept


def _counts(place: Try) -> bool:
    """Whether an address counts among those that a sender tries: one without a route costs nothing."""
    return place.attempt.result is not AttemptResult.NO_ROUTE


def _shares(limit: int, families: Sequence[int]) -> dict[int, int]:
    """Return how many addresses of each family are tried: half each, and what the other does not need."""
    half = limit // 2
    for family, other in ((6, 4), (4, 6)):
        number = families.count(family)
        if number <= half:
            return {family: number, other: limit - number}
    return {4: half, 6: limit - half}


def _taken(profile: Profile, item: HostAddress, attempt: Attempt) -> Attempt:
    """Return what this sender takes from an address: as all do, unless its demand is not met there.

    Where it is not known whether it is, an address that defers the mail does so either way.
    """
    reason = item.unmet.get(profile.demand)
    if reason is None or (not reason and attempt.result is AttemptResult.TRANSIENT):
        return attempt
    return Attempt(AttemptResult.TRANSIENT if reason else AttemptResult.NOT_TESTED, reason or attempt.reply)


def _go(profile: Profile, groups: Sequence[Sequence[Try]]) -> Walk:
    whole = list(chain.from_iterable(groups))
    tries = _tries(profile, _balanced(profile, whole))
    undecided = next((place for place in tries if place.attempt.result in _OPEN), None)
    last = tries[-1] if tries else None
    if last is not None and last.attempt.result in _FINAL:
        return Walk(tuple(tries), _final_outcome(last, undecided), last, undecided)
    left = tuple(place.address for place in whole if place not in tries)
    limit = _limit_met(profile, tries) if left else ""
    return Walk(tuple(tries), _open_outcome(tries, undecided), None, undecided, limit, left)


def _tries(profile: Profile, order: Sequence[Try]) -> list[Try]:
    """Return the addresses in turn, up to the one that ends the walk, or until the sender has had enough."""
    tries: list[Try] = []
    sessions = 0
    for place in order:
        tries.append(place)
        if place.attempt.in_session:
            sessions += 1
        if place.attempt.result in _FINAL or sessions >= profile.sessions:
            break
    return tries


def _final_outcome(last: Try, undecided: Try | None) -> Outcome:
    """Return what an address comes to that takes the mail or refuses it for good, if the sender gets there."""
    if last.attempt.result is AttemptResult.ACCEPTED:
        return Outcome.ACCEPTED
    return Outcome.BOUNCED if undecided is None else Outcome.UNKNOWN


def _open_outcome(tries: Sequence[Try], undecided: Try | None) -> Outcome:
    """Return what becomes of mail that no address decides on: it waits, if anybody was talked to for sure."""
    talked = any(_counts(place) for place in tries)
    return Outcome.DEFERRED if talked and undecided is None else Outcome.UNKNOWN


def _limit_met(profile: Profile, tries: Sequence[Try]) -> str:
    """Say which limit ends a walk before the end of the list."""
    if len([place for place in tries if place.attempt.in_session]) >= profile.sessions:
        return f"{profile.sessions} sessions"
    return f"{profile.addresses} addresses"
