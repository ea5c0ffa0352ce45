"""Which DNS servers answered, and over what, in the few words beside a branch's title. Pure."""

from collections.abc import Iterable, Sequence

from smtpdiag_tui.checks.lookups.answers import Pair
from smtpdiag_tui.checks.lookups.domain import ServerLookup
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.soa import ResolverView
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step

_NAMED = 3  # servers of one kind that are named
_ANSWERED = "over UDP and TCP"
_BAD = frozenset({Status.FAILED, Status.UNKNOWN})


def all_servers(steps: Iterable[Step]) -> str:
    """Return what became of every server: "192.0.2.53 over UDP and TCP; 192.0.2.54: no answer"."""
    groups: dict[str, list[str]] = {}
    for step in steps:
        groups.setdefault(_words(step), []).append(_label(step))
    return "; ".join(_group(words, labels) for words, labels in groups.items())


def failing_servers(steps: Iterable[Step]) -> str:
    """Return what became of the servers that do not answer over both transports; "" where there is none."""
    return all_servers(step for step in steps if _words(step) not in (_ANSWERED, _NO_ROUTE))


_NO_ROUTE = "no IPv6 route"


def _group(words: str, labels: Sequence[str]) -> str:
    who = listed(labels) if len(labels) <= _NAMED else counted(len(labels), "server")
    return f"{who} {words}" if words.startswith("over ") else f"{who}: {words}"


def _label(step: Step) -> str:
    return step.id.rpartition("/")[2]


def _words(step: Step) -> str:
    """Return how one server answered what it was asked for in a branch."""
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
    if udp and tcp:
        return "no usable answer" if step.status in _BAD and not _any_usable(pairs) else _ANSWERED
    return "over UDP only" if udp else "over TCP only"


def _any_usable(pairs: Sequence[Pair]) -> bool:
    return any(pair.best.usable for pair in pairs)


def _pairs(observation: object) -> tuple[Pair, ...]:
    match observation:
        case ServerObservation() | ResolverView():
            return (observation.pair,)
        case ServerLookup():
            return observation.pairs
        case _:
            return ()
