"""What follows from runs that agree or do not: whose side it is on, and how certain that is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.report.agreement.differences import blocked_from
from smtpdiag_tui.report.agreement.seen import REFUSED, Seen
from smtpdiag_tui.report.agreement.words import named, they
from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome

_MOST = 2  # sentences
OF_HOST = {
    Reason.RATE_LIMIT: "its traffic (too many connections or messages)",
    Reason.IP_BLOCKLIST: "a blocklist that lists it",
    Reason.IP_REPUTATION: "the reputation of its IP address",
    Reason.DYNAMIC_ADDRESS: "its dynamic IP address",
    Reason.REVERSE_DNS: "its reverse DNS (PTR)",
    Reason.EHLO_NAME: "its EHLO name",
}
OF_SENDER = frozenset(
    {
        Reason.DOMAIN_BLOCKLIST,
        Reason.DOMAIN_REPUTATION,
        Reason.SENDER_DOMAIN,
        Reason.SENDER_CALLOUT,
        Reason.SENDER_POLICY,
        Reason.NULL_SENDER,
        Reason.OWN_ACCOUNT,
    }
)
OF_RECIPIENT = frozenset(
    {
        Reason.NO_SUCH_MAILBOX,
        Reason.MAILBOX_DISABLED,
        Reason.MAILBOX_FULL,
        Reason.RECIPIENT_RATE_LIMIT,
        Reason.NOT_HOSTED,
        Reason.SERVER_TROUBLE,
        Reason.SERVER_CLOSED,
    }
)
_PASSING = frozenset({Reason.SERVER_TROUBLE, Reason.SERVER_CLOSED, Reason.RECIPIENT_RATE_LIMIT})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows, in at most two sentences, whose side it is on, and what to do."""

    text: str = ""
    side: Side | None = None
    action: str = ""


def opinions(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Return the vantage points, those together that share a public address: receivers take them for one host."""
    groups: list[list[Seen]] = []
    for item in seen:
        same = [group for group in groups if any(item.public & other.public for other in group)]
        merged = [*(each for group in same for each in group), item]
        groups = [group for group in groups if group not in same] + [merged]
    return groups


def shared_sentences(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return a sentence for each address by which receivers see several vantage points."""
    addresses = dict.fromkeys(address for item in seen for address in sorted(item.public))
    users = {address: tuple(item.point for item in seen if address in item.public) for address in addresses}
    together: dict[tuple[str, ...], list[str]] = {}
    for address, points in users.items():
        if len(points) > 1:
            together.setdefault(points, []).append(address)
    return tuple(
        f"{named(points)} share public IP {listed(shared)}; receivers see one host"
        for points, shared in together.items()
    )


def meaning_of(seen: Sequence[Seen]) -> Meaning:
    """Return what follows from the runs that came to an outcome; nothing from one alone."""
    if len(seen) < 2:
        return Meaning()
    if len({item.outcome for item in seen}) == 1:
        return _agreed(seen)
    accepted = [item for item in seen if item.outcome is Outcome.ACCEPTED]
    others = [item for item in seen if item.outcome is not Outcome.ACCEPTED]
    if not accepted:
        return _never_accepted(seen)
    found = [_compared(item, accepted, seen) for item in others]
    texts = dict.fromkeys(item.text for item in found)
    sides = {item.side for item in found}
    actions = dict.fromkeys(item.action for item in found if item.action)
    return Meaning(
        " ".join(list(texts)[:_MOST]),
        next(iter(sides)) if len(sides) == 1 else None,
        " ".join(list(actions)[:_MOST]),
    )


def _agreed(seen: Sequence[Seen]) -> Meaning:
    """Return what follows where all came to one outcome."""
    outcome = seen[0].outcome
    if len(opinions(seen)) < 2:
        return Meaning("All of them leave from the same public IP, so this says nothing of other networks.")
    if outcome is Outcome.ACCEPTED:
        return _all_accepted(seen)
    if outcome is Outcome.UNKNOWN:
        return Meaning("No vantage point could determine the outcome; each may have a reason of its own.")
    reasons = {item.reason for item in seen}
    if all(item.silent for item in seen):
        text = "No MX host answered anywhere. The MX hosts are probably down, unless each network blocks the port."
        return Meaning(text, Side.RECIPIENT, "Contact the MX administrator through another channel.")
    codes = {item.cause.code if item.cause else "" for item in seen}
    if len(reasons) > 1 or len(codes) > 1:
        return Meaning("The outcome is the same, but not the reason, so there is no single cause.")
    return _one_reason(seen, next(iter(reasons)))


def _all_accepted(seen: Sequence[Seen]) -> Meaning:
    """Return what follows where all are accepted: not each host may have accepted each."""
    refused = {place for item in seen for place, facts in item.sessions.items() if facts.end in REFUSED}
    accepting = {place for item in seen for place in item.accepting}
    if refused & accepting:
        return Meaning("Accepted from everywhere, but not by the same MX hosts; the sessions differ.")
    return Meaning("No vantage point is treated differently.")


def _one_reason(seen: Sequence[Seen], reason: Reason | None) -> Meaning:
    """Return what follows where all failed for the same reason."""
    sides = {item.report.side for item in seen}
    if reason is Reason.GREYLISTING:
        return Meaning("Greylisting is per IP address: each vantage point is new to the server.", Side.POLICY)
    if reason in OF_HOST:
        if Side.RECIPIENT in sides:
            return Meaning("The same from everywhere: the cause is on the recipient's side.", Side.RECIPIENT)
        text = (
            f"Each vantage point is refused because of {OF_HOST[reason]}: each has the fault, "
            "or the lookup fails at the server."
        )
        return Meaning(text, Side.HERE if sides == {Side.HERE} else None)
    if reason is Reason.AUTHENTICATION:
        domain = _sender_domain(seen[0])
        text = f"No vantage point passes authentication for {domain}: a record is wrong, or none may send for it."
        return Meaning(text, Side.HERE)
    if reason in OF_SENDER:
        return Meaning("The reason is the sender's domain or address, wherever the message comes from.", Side.HERE)
    if reason in OF_RECIPIENT or sides == {Side.RECIPIENT}:
        text = "The same from everywhere: the cause is on the recipient's side, not in one sending host."
        return Meaning(text, Side.RECIPIENT)
    return Meaning("The same from everywhere: probably not caused by one sending host.")


def _never_accepted(seen: Sequence[Seen]) -> Meaning:
    """Return what follows where the outcomes differ, and none is accepted."""
    waiting = [item.point for item in seen if item.reason is Reason.GREYLISTING]
    if waiting:
        verb = they(waiting, "is", "are")
        text = f"{named(waiting)} {verb} greylisted first: the outcome after the delay may be another one."
        return Meaning(text, None, f"Retry from {named(waiting)} after the delay.")
    blocked = blocked_from(seen)
    if blocked:
        port = seen[0].report.settings.port
        text = f"Port {port} is blocked from {named(blocked)}, so what the server would reply there is not known."
        return Meaning(text)
    return Meaning("Not accepted from anywhere, for different reasons.")


def _compared(item: Seen, accepted: Sequence[Seen], seen: Sequence[Seen]) -> Meaning:
    """Return why one is not accepted where others are."""
    elsewhere = named([other.point for other in accepted])
    untried = _untried(item, accepted)
    if item.outcome is Outcome.UNKNOWN and not item.silent:
        text = f"{item.point} could not determine the outcome, so it says nothing of the recipient."
        return Meaning(text)
    if untried:
        return untried
    if item.point in blocked_from(seen):
        port = item.report.settings.port
        text = f"The MX hosts answer {elsewhere}, so they are up, and port {port} is blocked for {item.point}."
        action = f"Check the firewall and the provider of {_host(item)} for outgoing port {port}."
        return Meaning(text, Side.PATH, action)
    if any(item.public & other.public for other in accepted):
        text = f"{item.point} has the same public IP as one that was accepted: its address is not the reason."
        return Meaning(text)
    return _by_reason(item, elsewhere, they(accepted, "is", "are"))


def _untried(item: Seen, accepted: Sequence[Seen]) -> Meaning | None:
    """Return why one never came to where others were accepted; None if it did."""
    accepting = frozenset[tuple[str, str]]().union(*(other.accepting for other in accepted))
    if item.tried & accepting or not accepting:
        return None
    if not item.sessions:
        elsewhere = named([other.point for other in accepted])
        text = f"The resolver of {item.point} does not return the MX hosts that accept from {elsewhere}."
        return Meaning(text, Side.HERE, f"Query the MX records from {_host(item)} and from a public resolver.")
    if item.without_ipv6 and all(":" in address for _, address in accepting):
        text = f"Only IPv6 addresses accept, and {item.point} has no IPv6 route."
        return Meaning(text, Side.HERE)
    if item.hosts is not None and any(other.hosts != item.hosts for other in accepted):
        text = f"{item.point} was sent to other MX hosts by its resolver: compare the MX records first."
        return Meaning(text, Side.HERE, f"Query the MX records from {_host(item)} and from a public resolver.")
    return Meaning(f"{item.point} did not come to an address that accepted elsewhere.")


def _by_reason(item: Seen, elsewhere: str, verb: str) -> Meaning:
    """Return what the reply to one says, where the same server accepted others."""
    point, reason = item.point, item.reason
    if reason is Reason.GREYLISTING:
        text = f"Greylisting is per IP address: {point} is new to the server, {elsewhere} {verb} known or exempt."
        return Meaning(text, Side.POLICY)
    if reason is Reason.AUTHENTICATION:
        text = f"{point} does not pass authentication for {_sender_domain(item)}; the recipient is not the cause."
        return Meaning(text, Side.HERE, f"Authorise {_host(item)} in SPF, or send through {elsewhere}.")
    if reason in OF_HOST:
        text = (
            f"{point} is refused because of {OF_HOST[reason]}; {elsewhere} {verb} not, so the recipient is fine."
        )
        return Meaning(text, Side.HERE)
    if reason in _PASSING:
        text = (
            f"The server had trouble with {point} and not with {elsewhere}: it may have passed between the runs."
        )
        return Meaning(text, None, f"Rerun from {_host(item)}.")
    if reason in OF_RECIPIENT or reason in OF_SENDER or reason is Reason.RECIPIENT_POLICY:
        text = (
            f"The reply to {point} does not blame the sending host, yet {elsewhere} got another:"
            " the servers differ, or decide by IP address."
        )
        return Meaning(text)
    text = f"Accepted from {elsewhere}, so the cause is probably {point}: its IP address, name or network."
    return Meaning(text, Side.HERE)


def _host(item: Seen) -> str:
    """Return what a vantage point is called in advice: `local` is this host."""
    return "this host" if item.point == "local" else item.point


def _sender_domain(item: Seen) -> str:
    return item.report.settings.sender.rpartition("@")[2] or "the sender"
