"""What a mail server on this host gets for a question: the stub resolver of the C library asks for it.

It asks without EDNS over UDP, over TCP where the answer is truncated, and turns to the next server where one
fails. It does not turn to TCP where UDP is silent. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, cite, difference, same
from smtpdiag_tui.checks.lookups.messages import PLAIN_PAYLOAD
from smtpdiag_tui.network.seam import SystemResolver, Transport
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import DnsServer


class StubEnd(StrEnum):
    """What the stub resolver meets at one server."""

    ANSWERED = "answered"
    NEEDS_TCP = "needs TCP"  # the answer is truncated, and TCP is dead
    NO_UDP = "no UDP"  # UDP is dead, TCP would answer
    NO_TCP = "no TCP"  # TCP is dead, UDP would answer, and the configuration has TCP alone be used
    FAILED = "failed"  # the server says so, or is silent
    TOO_SLOW = "too slow"  # an answer comes when it is waited for no longer


@dataclass(frozen=True, slots=True)
class StubView:
    """What the stub resolver meets at one server, and the answer that shows it."""

    server: DnsServer
    end: StubEnd
    answer: Answer


def is_plain(answer: Answer) -> bool:
    """Whether an answer over UDP would come without EDNS as it is: it fits into a datagram of 512 octets."""
    return answer.kind is not AnswerKind.TRUNCATED and answer.plain_size <= PLAIN_PAYLOAD


def at_server(pair: Pair, stub: SystemResolver, plain: Answer | None = None) -> StubView:
    """Return what the stub resolver meets at a server; `plain`: the answer over UDP without EDNS, if asked for."""
    if stub.use_vc or not pair.udp.carried:
        return _over_tcp_alone(pair, stub)
    udp = plain if plain is not None and plain.well_formed else pair.udp
    if not udp.well_formed:
        return _without_udp(udp, pair.tcp)
    if is_plain(udp):
        return StubView(udp.server, _end(udp, stub), udp)
    if pair.tcp.well_formed:
        return StubView(udp.server, _end(pair.tcp, stub), pair.tcp)
    return StubView(udp.server, StubEnd.NEEDS_TCP, pair.udp if pair.udp.whole else udp)


def _over_tcp_alone(pair: Pair, stub: SystemResolver) -> StubView:
    dead = pair.tcp.sent and not pair.tcp.well_formed
    if dead and pair.udp.usable:
        return StubView(pair.tcp.server, StubEnd.NO_TCP, pair.tcp)
    return StubView(pair.tcp.server, _end(pair.tcp, stub), pair.tcp)


def _without_udp(udp: Answer, tcp: Answer) -> StubView:
    """Return what the stub resolver meets where UDP is silent: it does not turn to TCP then."""
    end = StubEnd.NO_UDP if udp.sent and tcp.usable else StubEnd.FAILED
    return StubView(udp.server, end, udp)


def _end(answer: Answer, stub: SystemResolver) -> StubEnd:
    if not answer.usable:
        return StubEnd.FAILED
    return StubEnd.TOO_SLOW if answer.seconds > patience(stub) else StubEnd.ANSWERED


def patience(stub: SystemResolver) -> int:
    """Return how long the stub resolver waits for one server in all, in seconds (resolv.conf(5))."""
    return max(1, stub.timeout) * stub.attempts


def answered(views: Sequence[StubView]) -> StubView | None:
    """Return where the stub resolver gets its answer, of servers in their order; None if nowhere."""
    return next((view for view in views if view.end is StubEnd.ANSWERED), None)


def obstacle(views: Sequence[StubView]) -> StubView | None:
    """Return what keeps the stub resolver from an answer that this run got, None if nothing does.

    Where all servers fail, that is no matter of how they are asked.
    """
    if answered(views) is not None:
        return None
    return next((view for view in views if view.end is not StubEnd.FAILED), None)


def heard_as_it_is(answer: Answer | None, stub: SystemResolver) -> bool:
    """Whether the stub resolver gets an answer just as this run did, so that nothing else need be known."""
    if answer is None or not answer.usable or _end(answer, stub) is not StubEnd.ANSWERED:
        return False
    return (
        answer.transport is Transport.TCP
        if stub.use_vc
        else answer.transport is Transport.UDP and is_plain(answer)
    )


def judge_turns(domain: str, views: Sequence[StubView], stub: SystemResolver) -> tuple[Finding, ...]:
    """Return the finding that servers which take turns at being first answer differently, if so."""
    usable = [view for view in views if view.end is StubEnd.ANSWERED]
    others = [view for view in usable if not same(view.answer, usable[0].answer)]
    if not stub.rotate or not others:
        return ()
    labels = f"{usable[0].server.label} and {others[0].server.label}"
    message = f"{labels} return different MX records and take turns (rotate)"
    lines = difference(usable[0].answer, others[0].answer)
    meaning = f"Which MX records of {domain} a mail server on this host gets depends on whose turn it is."
    return (finding("dns-answers-rotate", message, meaning=meaning, evidence=lines),)


def judge_obstacle(view: StubView | None, stub: SystemResolver) -> tuple[Finding, ...]:
    """Return the finding of an answer that mail servers do not get; a dead transport is told where it was met."""
    if view is None:
        return ()
    question = view.answer.question
    if view.end is StubEnd.NEEDS_TCP:
        return (needs_tcp(view),)
    if view.end is StubEnd.TOO_SLOW:
        took = f"{view.answer.seconds:.1f} s"
        message = f"{view.server.label} took {took} for {question}; this host waits {patience(stub)} s"
        options = f"resolver options: timeout:{stub.timeout} attempts:{stub.attempts}"
        return (finding("dns-answer-too-slow", message, evidence=(cite(view.answer), options)),)
    return ()


def needs_tcp(view: StubView) -> Finding:
    """Return the finding of an answer that is too long for a datagram without EDNS, where TCP is dead."""
    message = f"The answer to {view.answer.question} needs TCP, but TCP to {view.server.label} failed"
    advice = f"Let TCP port 53 through between this host and {view.server.label}, both ways."
    evidence = [cite(view.answer)]
    if view.answer.kind is not AnswerKind.TRUNCATED:
        evidence.append(f"size without EDNS: {view.answer.plain_size} bytes, over UDP at most {PLAIN_PAYLOAD}")
    return finding("answer-needs-tcp", message, advice=advice, evidence=tuple(evidence))


def judge_system(domain: str, views: Sequence[StubView]) -> tuple[Finding, ...]:
    """Return the finding that the system's own servers fail for a domain whose route others told, if they do."""
    if not views or answered(views) is not None:
        return ()
    labels = ", ".join(view.server.label for view in views)
    message = f"The DNS servers of this host failed for {domain} ({labels})"
    advice = f"Repair {labels}, or replace them in the resolver configuration of this host."
    evidence = tuple(cite(view.answer) for view in views)
    return (finding("system-resolver-fails", message, advice=advice, evidence=evidence),)
