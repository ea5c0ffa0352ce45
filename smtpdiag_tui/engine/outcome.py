"""The outcome: what a standard sending server would do (RFC 5321 §5.1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.routing import HostLookup, RouteKind
from smtpdiag_tui.checks.session import Attempt, AttemptResult
from smtpdiag_tui.engine.status import Outcome
from smtpdiag_tui.findings import Side


@dataclass(frozen=True, slots=True)
class AddressAttempt:
    """One address of a mail host: how it ended, None if it was not talked to; `step` is its step's id."""

    address: str
    step: str
    attempt: Attempt | None


@dataclass(frozen=True, slots=True)
class HostAttempts:
    """One mail host with its preference (None where no MX names it) and its addresses."""

    name: str
    preference: int | None
    lookup: HostLookup | None
    addresses: tuple[AddressAttempt, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, one sentence, and the step that decided it, if one did.

    `side` is given where it is another than that of the findings there.
    """

    outcome: Outcome
    summary: str
    step: str | None = None
    side: Side | None = None


class _End(IntEnum):
    """How one way through a group of hosts may end; the worst is the largest."""

    ACCEPTED = 0
    REJECTED = 1


def of_route(kind: RouteKind, domain: str, *, broken: bool) -> Verdict | None:
    """Return the outcome that the route alone decides, None if the mail hosts do.

    `broken`: every DNS server in use is broken, so that nothing is known.
    """
    if broken:
        summary = "Whether the mail would be delivered is not known: no DNS server here gives a usable answer."
        return Verdict(Outcome.UNKNOWN, summary, "dns-servers")
    match kind:
        case RouteKind.NULL:
            text = f"The mail would be returned: {domain} says with a null MX that it takes no mail (5.1.10)."
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.NOT_FOUND:
            text = f"The mail would be returned: the recipient's domain {domain} does not exist."
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.NO_HOST:
            text = f"The mail would be returned: {domain} has neither MX nor address (5.4.4)."
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.LOOP:
            text = f"The mail would be queued and tried again: the CNAMEs of {domain} lead nowhere."
            return Verdict(Outcome.DEFERRED, text, "remote")
        case RouteKind.FAILED:
            text = f"The mail would be queued and tried again: the mail hosts of {domain} cannot be looked up now."
            return Verdict(Outcome.DEFERRED, text, "remote")
        case _:
            return None


def of_hosts(hosts: Sequence[HostAttempts], recipient: str) -> Verdict:
    """Walk the hosts as a standard sender would: groups by ascending preference, all orders inside a group.

    A group ends the walk when an address in it accepts or rejects; the others are passed over. Where orders end
    differently, the worst counts and the summary says so.
    """
    ours: AddressAttempt | None = None
    for group in _groups(hosts):
        ends = {
            _END[item.attempt.result]: item
            for item in reversed(group)  # of each end, the first one is named
            if item.attempt is not None and item.attempt.result in _END
        }
        ours = ours or _first(group, AttemptResult.OUR_LIMIT)
        if ends and (_End.ACCEPTED in ends or ours is None):
            return _ended(ends, recipient)
        if ends and ours is not None:
            break
    if ours is not None:
        return _unknown(ours)
    return _exhausted(hosts)


_END = {AttemptResult.ACCEPTED: _End.ACCEPTED, AttemptResult.REJECTED: _End.REJECTED}


def _groups(hosts: Sequence[HostAttempts]) -> list[list[AddressAttempt]]:
    ordered = sorted({host.preference or 0 for host in hosts})
    return [
        [item for host in hosts if (host.preference or 0) == preference for item in host.addresses]
        for preference in ordered
    ]


def _first(group: Sequence[AddressAttempt], result: AttemptResult) -> AddressAttempt | None:
    return next((item for item in group if item.attempt is not None and item.attempt.result is result), None)


def _ended(ends: dict[_End, AddressAttempt], recipient: str) -> Verdict:
    worst = ends[max(ends)]
    where = _where(worst)
    said = worst.attempt.reply if worst.attempt else ""
    if max(ends) is _End.REJECTED:
        text = f"The mail would be returned: {where} rejects it: {said}."
        if len(ends) > 1:
            other = ends[_End.ACCEPTED]
            text = (
                f"The mail may be returned: {where} rejects it with {said}, while {_where(other)}"
                " of the same preference accepts; which one a sender asks first is chance."
            )
        return Verdict(Outcome.BOUNCED, text, worst.step)
    text = (
        f"The mail would be accepted: {where} takes {recipient or 'the recipient'} at RCPT ({said})."
        " Checks of the content, recipient checks after DATA and later bounces are not covered."
    )
    return Verdict(Outcome.ACCEPTED, text, worst.step)


def _unknown(item: AddressAttempt) -> Verdict:
    said = item.attempt.reply if item.attempt else ""
    text = (
        f"Whether the mail would be delivered is not known: {_where(item)} needs longer than the"
        f" limit set here ({said}), a standard sender would wait on."
    )
    return Verdict(Outcome.UNKNOWN, text, item.step)


def _exhausted(hosts: Sequence[HostAttempts]) -> Verdict:
    tried = [item for host in hosts for item in host.addresses if item.attempt is not None]
    talked = [item for item in tried if item.attempt and item.attempt.result is not AttemptResult.NO_ROUTE]
    if not tried:
        return _nobody(hosts)
    if not talked:
        text = "Whether the mail would be delivered is not known: this machine has no route to any mail host."
        return Verdict(Outcome.UNKNOWN, text, tried[0].step)
    best = next((item for item in talked if _answered(item)), talked[0])
    said = best.attempt.reply if best.attempt else ""
    number = len(talked)
    which = f"{_where(best)} does not take it now"
    if number > 1:
        which = f"none of {number} mail host addresses takes it now, {_where(best)} among them"
    return Verdict(Outcome.DEFERRED, f"The mail would be queued and tried again: {which}: {said}.", best.step)


def _answered(item: AddressAttempt) -> bool:
    return item.attempt is not None and item.attempt.result is not AttemptResult.CONNECTION_FAILED


def _nobody(hosts: Sequence[HostAttempts]) -> Verdict:
    """No address was talked to: what the lookups say decides."""
    lookups = [host.lookup for host in hosts if host.lookup is not None]
    if any(item.failed for item in lookups):
        text = "The mail would be queued and tried again: the mail hosts' addresses cannot be looked up now."
        return Verdict(Outcome.DEFERRED, text, "delivery")
    if any(unusable_reason(address) for item in lookups for address in item.addresses):
        if all(unusable_reason(address) for item in lookups for address in item.addresses):
            text = (
                "The mail would be queued and tried again: no mail host has an address that can be connected to."
            )
            return Verdict(Outcome.DEFERRED, text, "delivery")
    elif not any(item.addresses for item in lookups):
        text = "The mail would be returned: none of the mail hosts has an address (5.4.4)."
        return Verdict(Outcome.BOUNCED, text, "delivery")
    text = "Whether the mail would be delivered is not known: no address was talked to."
    return Verdict(Outcome.UNKNOWN, text, "delivery")


def _where(item: AddressAttempt) -> str:
    host = item.step.split("/")[1] if item.step.count("/") >= 2 else ""
    literal = f"[{item.address}]"
    return literal if host in ("", literal) else f"{host} {literal}"
