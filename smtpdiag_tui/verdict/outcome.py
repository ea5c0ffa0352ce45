"""The outcome: what a standard sending server would do (RFC 5321 §5.1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.answers import id_name
from smtpdiag_tui.checks.lookups.routing import RouteKind
from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.nobody import OUTCOMES, Nobody, nobody, not_asked, self_address
from smtpdiag_tui.verdict.walk import STANDARD, HostAddress, HostAddresses, Try, Walk, before_self, walk

GIVES_UP = "senders/standard"  # the step where it is told that sending servers stop before the end of the list
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, one fact that tells it, the step that decided it, if one did, and the walk that led there.

    `headline` is that fact, without a full stop, where no cause tells it better. `note` holds sentences on what
    else is to be known. `side` is given where it is another than that of the findings there.
    """

    outcome: Outcome
    headline: str
    step: str | None = None
    walk: Walk | None = None
    side: Side | None = None
    note: str = ""


def of_route(kind: RouteKind, domain: str, *, broken: bool) -> Verdict | None:
    """Return the outcome that the route alone decides, None if the mail hosts do.

    `broken`: every DNS server in use is broken, so that nothing is known.
    """
    if broken:
        return Verdict(Outcome.UNKNOWN, "No DNS server of this host returned a usable answer", "dns-servers")
    match kind:
        case RouteKind.NULL:
            return Verdict(Outcome.BOUNCED, f"{domain} accepts no mail (null MX)", "remote")
        case RouteKind.NOT_FOUND:
            return Verdict(Outcome.BOUNCED, f"Domain {domain} does not exist", "remote")
        case RouteKind.NO_HOST:
            return Verdict(Outcome.BOUNCED, f"{domain} has no MX and no address record", "remote")
        case RouteKind.LOOP:
            return Verdict(Outcome.DEFERRED, f"The CNAMEs of {domain} form a loop", "remote")
        case RouteKind.FAILED:
            return Verdict(Outcome.DEFERRED, f"MX lookup for {domain} failed", "remote")
        case _:
            return None


def of_hosts(hosts: Sequence[HostAddresses], way: Walk | None = None) -> Verdict:
    """Say how a walk through the hosts ends: `way`, or the standard sender's.

    Where orders of equal preference end differently, the worst counts and the note says so.
    """
    way = way or walk(STANDARD, hosts)
    return replace(_of_walk(way, hosts), walk=way)


def _of_walk(way: Walk, hosts: Sequence[HostAddresses]) -> Verdict:
    if not way.tries:
        return _nobody(hosts)
    if way.undecided is not None and way.outcome is Outcome.UNKNOWN:
        return _unknown(way.undecided)
    if way.last is not None:
        return _ended(way, way.last)
    return _given_up(way) if way.limit else _exhausted(way)


def _ended(way: Walk, last: Try) -> Verdict:
    where = last.address.where
    if way.outcome is Outcome.ACCEPTED:
        return Verdict(Outcome.ACCEPTED, f"{where} accepted the recipient", last.address.step)
    other = way.best_case.last if way.best_case else None
    note = ""
    if other is not None:
        note = f"{other.address.where} of the same preference accepts; which one is tried first is chance."
    return Verdict(Outcome.BOUNCED, f"The message cannot be delivered to {where}", last.address.step, note=note)


def _nobody(hosts: Sequence[HostAddresses]) -> Verdict:
    """No session was held with any address: what the lookups say decides."""
    why = nobody(hosts)
    if why is Nobody.SELF:
        return _to_self(hosts)
    kept = before_self(hosts)
    step = "delivery" if len(kept) == len(hosts) else f"delivery/{id_name(kept[0].name)}"
    text = {
        Nobody.NO_PRIMARY: "No MX host preferred to this host has an address",
        Nobody.NOT_ASKED: "This host could not query its DNS servers",
        Nobody.NOT_LOOKED_UP: "The addresses of the MX hosts could not be looked up",
        Nobody.UNUSABLE: "No MX host has a usable address",
        Nobody.NO_ADDRESS: "No MX host has an address",
        Nobody.NOT_TESTED: "No address was tested",
    }[why]
    unsent = not_asked(hosts) if why is Nobody.NOT_ASKED else ""
    return Verdict(
        OUTCOMES[why], text, step, side=Side.HERE if unsent else None, note=f"{unsent}." if unsent else ""
    )


def _to_self(hosts: Sequence[HostAddresses]) -> Verdict:
    """Tell of a best mail host that is this machine, where no mail server takes the domain as its own.

    A loopback address is every sender's own: whoever published it is at fault, not this machine.
    """
    own, item = self_address(hosts)
    step = item.step if item is not None else "delivery"
    if item is not None and unusable_reason(item.address):
        text = f"Best MX host {item.where} has a loopback address"
        note = "The sending server reaches itself and returns the message (5.4.6)."
        return Verdict(Outcome.BOUNCED, text, step, note=note)
    note = "A mail server on this host returns the message (5.4.6) unless it accepts mail for the domain."
    return Verdict(Outcome.BOUNCED, f"Best MX host {own.name} is this host", step, side=Side.HERE, note=note)


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
    where = beyond[0].address.where
    by_chance = way.best_case is not None and way.best_case.outcome is Outcome.ACCEPTED
    chance = f"{where} accepts; whether a sending server tries it before it stops after {way.limit} is chance."
    if any(item.attempt.in_session for item in way.tries):
        missed = f"{where} accepts, but is not tried in that attempt: it ends after {way.limit}."
        return replace(_queued(way), note=chance if by_chance else missed)
    if by_chance:
        return Verdict(
            Outcome.DEFERRED, f"Only {where} accepts; sending servers may stop before it", GIVES_UP, note=chance
        )
    return Verdict(Outcome.DEFERRED, too_far_down(way, len(beyond)), GIVES_UP)


def too_far_down(way: Walk, accepting: int) -> str:
    """Return that what accepts stands too far down the list: a headline."""
    tried = sum(item.attempt.result is not AttemptResult.NO_ROUTE for item in way.tries)
    untried = [item for item in way.passed_over if item.attempt is not None]
    before = next((place for place, item in enumerate(untried) if _accepts(item)), 0)
    place = tried + before
    stop = f"sending servers stop after {_NUMBERS[tried - 1] if tried <= len(_NUMBERS) else tried}"
    if accepting == 1 and place < len(_ORDINALS):
        return f"Only the {_ORDINALS[place]} MX address accepts; {stop}"
    return f"MX addresses that accept stand too far down; {stop}"


def _accepts(item: HostAddress) -> bool:
    return item.attempt is not None and item.attempt.result is AttemptResult.ACCEPTED


def accepting_beyond(way: Walk) -> list[Try]:
    """Return the addresses that would accept, and that the walk does not come to."""
    return [Try(item, item.attempt) for item in way.passed_over if item.attempt is not None and _accepts(item)]


def _unknown(undecided: Try) -> Verdict:
    where, step = undecided.address.where, undecided.address.step
    if undecided.attempt.result is AttemptResult.NOT_TESTED:
        note = f"{where}: {undecided.attempt.reply}."
        return Verdict(Outcome.UNKNOWN, f"{where} was not tested", step, note=note)
    return Verdict(Outcome.UNKNOWN, f"{where} did not answer within the limit of this run", step)


def _exhausted(way: Walk) -> Verdict:
    if all(item.attempt.result is AttemptResult.NO_ROUTE for item in way.tries):
        return Verdict(Outcome.UNKNOWN, "This host has no route to any MX host", way.tries[0].address.step)
    return _queued(way)


def _queued(way: Walk) -> Verdict:
    talked = [item for item in way.tries if item.attempt.result is not AttemptResult.NO_ROUTE]
    best = _most_telling(talked)
    return Verdict(Outcome.DEFERRED, f"{best.address.where} did not accept the message", best.address.step)


def _most_telling(talked: Sequence[Try]) -> Try:
    """Return the first address that answered, else the first that everybody should reach, else the first."""
    answered = (item for item in talked if item.attempt.result is not AttemptResult.CONNECTION_FAILED)
    outside = (item for item in talked if not item.address.inside)
    return next(answered, None) or next(outside, None) or talked[0]
