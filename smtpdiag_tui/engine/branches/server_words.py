"""Which DNS servers answered, and over what, in the few words beside a branch's title. Pure."""

from collections.abc import Iterable, Sequence

from smtpdiag_tui.checks.lookups.answers import AnswerKind, Pair
from smtpdiag_tui.checks.lookups.domain import ServerLookup
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.soa import ResolverView
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step

_NAMED = 3  # servers of one kind that are named
_ANSWERED, _ALL_THAT_GOES, _NO_ROUTE = "over UDP and TCP", "over TCP", "no IPv6 route"
_GOOD = frozenset({_ANSWERED, _ALL_THAT_GOES, _NO_ROUTE})
_BAD = frozenset({Status.FAILED, Status.UNKNOWN})


def all_servers(steps: Iterable[Step]) -> str:
    """Return what became of every server: "192.0.2.53 over UDP and TCP; 192.0.2.54: no answer".

    One that answers at all is told by its transports alone, unless its step says that it resolves nothing.
    """
    return _together((step, _words(step, told_by=step.status in _BAD)) for step in steps)


def failing_servers(steps: Iterable[Step]) -> str:
    """Return what became of the servers that do not settle what they were asked over both transports, if any."""
    each = [(step, _words(step, told_by=True)) for step in steps]
    return _together((step, words) for step, words in each if words not in _GOOD)


def _together(each: Iterable[tuple[Step, str]]) -> str:
    groups: dict[str, list[str]] = {}
    for step, words in each:
        groups.setdefault(words, []).append(_label(step))
    return "; ".join(_group(words, labels) for words, labels in groups.items())


def _group(words: str, labels: Sequence[str]) -> str:
    who = listed(labels) if len(labels) <= _NAMED else counted(len(labels), "server")
    return f"{who} {words}" if words.startswith("over ") else f"{who}: {words}"


def _label(step: Step) -> str:
    return step.id.rpartition("/")[2]


def _words(step: Step, *, told_by: bool) -> str:
    """Return how one server answered what it was asked for in a branch; `told_by`: what it answered counts too."""
    if step.status is Status.SKIPPED:
        return _NO_ROUTE
    pairs = _pairs(step.observation)
    if not pairs:
        return "not tested"
    if not any(pair.sent for pair in pairs):
        return "not queried"
    udp = any(pair.udp.well_formed for pair in pairs)
    tcp = any(pair.tcp.well_formed for pair in pairs)
    if not (udp or tcp):
        return "no answer"
    if told_by and not any(pair.best.usable for pair in pairs):
        best = pairs[0].best
        return "referral" if best.kind is AnswerKind.REFERRAL else best.rcode or str(best.kind)
    if udp and tcp:
        return _ANSWERED
    if not any(pair.udp.carried for pair in pairs):
        return _ALL_THAT_GOES
    return "over UDP only" if udp else "over TCP only"


def _pairs(observation: object) -> tuple[Pair, ...]:
    match observation:
        case ServerObservation() | ResolverView():
            return (observation.pair,)
        case ServerLookup():
            return observation.pairs
        case _:
            return ()
