"""The outcome in sentences: what a standard sending server would do (RFC 5321 §5.1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import id_name
from smtpdiag_tui.checks.lookups.routing import RouteKind
from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.verdict.nobody import OUTCOMES, Nobody, nobody, not_asked, self_address
from smtpdiag_tui.verdict.walk import STANDARD, HostAddresses, Try, Walk, before_self, walk

_RETURNS = "A sender returns the mail."
_QUEUES = "A sender queues the mail and tries again."
NOT_COVERED = " Checks of the content, recipient checks after DATA and later bounces are not covered."
GIVES_UP = "senders/standard"  # the step where it is told that the sender stops before the end of the list


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, one sentence, the step that decided it, if one did, and the walk that led there, if one did.

    `side` is given where it is another than that of the findings there.
    """

    outcome: Outcome
    summary: str
    step: str | None = None
    walk: Walk | None = None
    side: Side | None = None


def of_route(kind: RouteKind, domain: str, *, broken: bool) -> Verdict | None:
    """Return the outcome that the route alone decides, None if the mail hosts do.

    `broken`: every DNS server in use is broken, so that nothing is known.
    """
    if broken:
        summary = "Whether the mail would be delivered is not known: no DNS server here gives a usable answer."
        return Verdict(Outcome.UNKNOWN, summary, "dns-servers")
    match kind:
        case RouteKind.NULL:
            text = f"{domain} says with a null MX that it takes no mail (5.1.10). {_RETURNS}"
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.NOT_FOUND:
            text = f"The recipient's domain {domain} does not exist. {_RETURNS}"
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.NO_HOST:
            text = f"{domain} has neither MX nor address (5.4.4). {_RETURNS}"
            return Verdict(Outcome.BOUNCED, text, "remote")
        case RouteKind.LOOP:
            text = f"The CNAMEs of {domain} lead nowhere. {_QUEUES}"
            return Verdict(Outcome.DEFERRED, text, "remote")
        case RouteKind.FAILED:
            text = f"The mail hosts of {domain} cannot be looked up now. {_QUEUES}"
            return Verdict(Outcome.DEFERRED, text, "remote")
        case _:
            return None


def of_hosts(hosts: Sequence[HostAddresses], recipient: str, way: Walk | None = None) -> Verdict:
    """Say how a walk through the hosts ends: `way`, or the standard sender's.

    Where orders of equal preference end differently, the worst counts and the summary says so.
    """
    way = way or walk(STANDARD, hosts)
    return replace(_of_walk(way, hosts, recipient), walk=way)


def _of_walk(way: Walk, hosts: Sequence[HostAddresses], recipient: str) -> Verdict:
    if not way.tries:
        return _nobody(hosts)
    if way.undecided is not None and way.outcome is Outcome.UNKNOWN:
        return _unknown(way.undecided)
    if way.last is not None:
        return _ended(way, way.last, recipient)
    return _given_up(way) if way.limit else _exhausted(way)


def _ended(way: Walk, last: Try, recipient: str) -> Verdict:
    where, said = last.address.where, last.attempt.reply
    if way.outcome is Outcome.BOUNCED:
        text = f"{where} rejects the mail: {_closed(said)} {_RETURNS}"
        other = way.best_case.last if way.best_case else None
        if other is not None:
            text = (
                f"{where} rejects the mail with {_quoted(said)}, while {other.address.where} of the same"
                " preference accepts: which one a sender asks first is chance. At worst it returns the mail."
            )
        return Verdict(Outcome.BOUNCED, text, last.address.step)
    text = f"{where} takes {visible(recipient) or 'the recipient'} at RCPT ({said}).{NOT_COVERED}"
    return Verdict(Outcome.ACCEPTED, text, last.address.step)


def _quoted(said: str) -> str:
    """Return a reply as it stands in a sentence: marked as a quotation if it ends in a link, which ends there."""
    return f'"{said}"' if "://" in said.rpartition(" ")[2] else said


def _closed(said: str) -> str:
    """Return a reply that ends a sentence."""
    quoted = _quoted(said)
    return quoted if quoted.endswith(("…", "!", "?")) else f"{quoted}."


def _nobody(hosts: Sequence[HostAddresses]) -> Verdict:
    """No address was talked to: what the lookups say decides."""
    why = nobody(hosts)
    if why is Nobody.SELF:
        return _to_self(hosts)
    kept = before_self(hosts)
    step = "delivery" if len(kept) == len(hosts) else f"delivery/{id_name(kept[0].name)}"
    text = {
        Nobody.NO_PRIMARY: f"No MX host preferred to this host has an address (4.4.4). {_QUEUES}",
        Nobody.NOT_ASKED: f"Whether the mail would be delivered is not known: {not_asked(hosts)}.",
        Nobody.NOT_LOOKED_UP: f"The mail hosts' addresses cannot be looked up now. {_QUEUES}",
        Nobody.UNUSABLE: f"No mail host has an address that can be connected to. {_QUEUES}",
        Nobody.NO_ADDRESS: f"None of the mail hosts has an address (5.4.4). {_RETURNS}",
        Nobody.NOT_TESTED: "Whether the mail would be delivered is not known: no address was talked to.",
    }[why]
    return Verdict(OUTCOMES[why], text, step, side=Side.HERE if why is Nobody.NOT_ASKED else None)


def _to_self(hosts: Sequence[HostAddresses]) -> Verdict:
    """Tell of a best mail host that is this machine, where no mail server takes the domain as its own.

    A loopback address is every sender's own: whoever published it is at fault, not this machine.
    """
    own, item = self_address(hosts)
    step = item.step if item is not None else "delivery"
    if item is not None and unusable_reason(item.address):
        text = (
            f"The best MX host, {item.where}, has a loopback address: the sending server reaches itself and"
            " returns the message (5.4.6)."
        )
        return Verdict(Outcome.BOUNCED, text, step)
    text = (
        f"The best mail host, {own.name}, is this machine: a mail server here that does not have the domain as its"
        " own returns the mail (5.4.6, it loops back)."
    )
    return Verdict(Outcome.BOUNCED, text, step, side=Side.HERE)


def nobody_answered(verdict: Verdict) -> bool:
    """Whether mail waits because no server answers, one that everybody should reach among them."""
    tries = verdict.walk.tries if verdict.walk is not None else ()
    failed = [item for item in tries if item.attempt.result is not AttemptResult.NO_ROUTE]
    if verdict.outcome is not Outcome.DEFERRED or all(item.address.inside for item in failed):
        return False
    return all(item.attempt.result is AttemptResult.CONNECTION_FAILED for item in failed)


def _given_up(way: Walk) -> Verdict:
    """Tell of a sender that stops before the end of the list: what would follow is never asked.

    Where sessions used up the limit, their replies are what matters: the next try may meet others.
    """
    beyond = accepting_beyond(way)
    if not beyond:
        return _queued(way)
    if any(item.attempt.in_session for item in way.tries):
        verdict = _queued(way)
        where = f"{beyond[0].address.where}, which accepts,"
        more = f"{where} is not asked in that try: it ends after {way.limit}."
        if way.best_case is not None and way.best_case.outcome is Outcome.ACCEPTED:
            more = f"Whether {where} is asked first is chance: a try ends after {way.limit}."
        return replace(verdict, summary=f"{verdict.summary} {more}")
    accepting = f"{beyond[0].address.where}, which accepts"
    if way.best_case is not None and way.best_case.outcome is Outcome.ACCEPTED:
        text = (
            f"A standard sender stops after {way.limit}; whether {accepting}, is among"
            " them is chance. At worst it queues the mail and tries again."
        )
    else:
        text = (
            f"A standard sender stops after {way.limit} and never comes to {accepting}."
            " It queues the mail and tries again, in vain."
        )
    return Verdict(Outcome.DEFERRED, text, GIVES_UP)


def accepting_beyond(way: Walk) -> list[Try]:
    """Return the addresses that would accept, and that the walk does not come to."""
    return [
        Try(item, item.attempt)
        for item in way.passed_over
        if item.attempt is not None and item.attempt.result is AttemptResult.ACCEPTED
    ]


def _unknown(undecided: Try) -> Verdict:
    where, reply = undecided.address.where, undecided.attempt.reply
    if undecided.attempt.result is AttemptResult.NOT_TESTED:
        text = f"Whether the mail would be delivered is not known: {where} {reply}."
        return Verdict(Outcome.UNKNOWN, text, undecided.address.step)
    text = (
        f"Whether the mail would be delivered is not known: {where} needs longer than the"
        f" limit set here ({reply}), a standard sender would wait on."
    )
    return Verdict(Outcome.UNKNOWN, text, undecided.address.step)


def _exhausted(way: Walk) -> Verdict:
    if all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries):
        text = "Whether the mail would be delivered is not known: this machine has no route to any mail host."
        return Verdict(Outcome.UNKNOWN, text, way.tries[0].address.step)
    return _queued(way)


def _queued(way: Walk) -> Verdict:
    talked = [item for item in way.tries if item.attempt.result is not AttemptResult.NO_ROUTE]
    best = _most_telling(talked)
    others = len(talked) + len(way.passed_over) - len(accepting_beyond(way)) - 1
    said = _closed(best.attempt.reply)
    text = f"{best.address.where} does not take the mail now: {said}{_nor_do(others)} {_QUEUES}"
    return Verdict(Outcome.DEFERRED, text, best.address.step)


def _most_telling(talked: Sequence[Try]) -> Try:
    """Return the first address that answered, else the first that everybody should reach, else the first."""
    answered = (item for item in talked if item.attempt.result is not AttemptResult.CONNECTION_FAILED)
    outside = (item for item in talked if not item.address.inside)
    return next(answered, None) or next(outside, None) or talked[0]


def _nor_do(others: int) -> str:
    if others == 0:
        return ""
    return " Nor does the other address." if others == 1 else f" Nor do the other {others}."
