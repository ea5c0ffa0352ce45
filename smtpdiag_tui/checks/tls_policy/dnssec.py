"""Whether names are signed, as the answers of the run tell: AD, and whose AD counts (RFC 4035, RFC 6840)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.extended_errors import is_bogus
from smtpdiag_tui.checks.lookups.routing import HostLookup, Resolution
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.settings import DnsServer, parse_ip

ROOT = Question(".", "SOA")  # signed since 2010: a resolver that validates anything validates it


class Security(StrEnum):
    """What is known of the signatures of a name's records (RFC 4035 §4.3)."""

    SECURE = "secure"
    INSECURE = "insecure"
    BOGUS = "bogus"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """The way to a resolver. On one that leads through a network, anybody could set AD."""

    LOOPBACK = "loopback"
    OWN = "own address"
    TRUST_AD = "trust-ad"
    OPEN = "network"


@dataclass(frozen=True, slots=True)
class Validator:
    """What AD from a server is worth. `validates` is None where it could not be found out."""

    server: DnsServer
    way: Way
    validates: bool | None

    @property
    def trusted(self) -> bool:
        """Whether its AD counts."""
        return self.validates is True and self.way is not Way.OPEN


@dataclass(frozen=True, slots=True)
class State:
    """What is known of some records; `claimed` is what would be so if the server and the way to it were trusted.

    `answer` is the one that tells it, `unchecked` the same question with checking disabled, if it was asked.
    """

    security: Security = Security.UNKNOWN
    claimed: Security = Security.UNKNOWN
    answer: Answer | None = None
    unchecked: Answer | None = None

    @property
    def untrusted(self) -> bool:
        """Whether a server tells it whose word does not count."""
        return self.security is Security.UNKNOWN and self.claimed is not Security.UNKNOWN


NOT_KNOWN = State()


async def observe_validators(
    dns: DnsClient, servers: Sequence[DnsServer], machine: MachineObservation, is_own: Callable[[str], bool]
) -> tuple[Validator, ...]:
    """Ask each server for the root's SOA record, and return what its AD is worth."""
    answers = await asyncio.gather(*(dns.first_usable([server], ROOT) for server in servers))
    return tuple(
        Validator(server, way_to(server, machine, is_own), _validates(answer))
        for server, answer in zip(servers, answers, strict=True)
    )


def way_to(server: DnsServer, machine: MachineObservation, is_own: Callable[[str], bool]) -> Way:
    """Return the way to a server, as far as AD can come by it unchanged."""
    literal = parse_ip(server.address)
    literal = getattr(literal, "ipv4_mapped", None) or literal
    if literal is not None and literal.is_loopback:
        return Way.LOOPBACK
    if is_own(server.address):
        return Way.OWN
    return Way.TRUST_AD if machine.stub.trust_ad and server in machine.system else Way.OPEN


def _validates(answer: Answer | None) -> bool | None:
    """Whether the answer about the root shows a server that validates; None where it shows nothing."""
    if answer is None or answer.kind is not AnswerKind.DATA:
        return None
    if "AD" in answer.flags:
        return True
    return False if answer.edns else None


async def state_of(dns: DnsClient, found: Resolution, validators: Sequence[Validator]) -> State:
    """Return what is known of the records that a resolution led to.

    Where a server fails them without saying why, it is asked once more over the other transport, and with checking
    disabled.
    """
    failed = next((answer for answer in found.answers if answer.kind is AnswerKind.SERVFAIL), None)
    return judge_state(found, validators, await _unchecked(dns, failed) if failed is not None else None)


async def _unchecked(dns: DnsClient, failed: Answer) -> Answer | None:
    """Return the answer with checking disabled to a question that fails twice, without saying why; else None."""
    if is_bogus(failed):
        return None
    pair = await dns.pair(failed.server, failed.question)
    if {pair.udp.kind, pair.tcp.kind} != {AnswerKind.SERVFAIL}:
        return None
    return await dns.first_usable([failed.server], replace(failed.question, checking=False))


def judge_state(found: Resolution, validators: Sequence[Validator], unchecked: Answer | None = None) -> State:
    """Return what is known of the records that a resolution led to. Pure."""
    if not found.answers or found.looping:
        return NOT_KNOWN
    bogus = next((answer for answer in found.answers if is_bogus(answer, unchecked)), None)
    if bogus is not None:
        return State(Security.BOGUS, Security.BOGUS, bogus, unchecked)
    last = found.answers[-1]
    by_server = {item.server: item for item in validators}
    used = [by_server.get(answer.server) for answer in found.answers]
    if not all(answer.usable for answer in found.answers):
        return State(answer=last)
    if not all(item is not None and item.validates for item in used):
        return State(answer=last)
    unsigned = [answer for answer in found.answers if "AD" not in answer.flags]
    if any(not answer.edns for answer in unsigned):  # without EDNS a server may have no way to say it
        return State(answer=last)
    claimed = Security.INSECURE if unsigned else Security.SECURE
    trusted = all(item is not None and item.trusted for item in used)
    return State(claimed if trusted else Security.UNKNOWN, claimed, unsigned[0] if unsigned else last)


def of_addresses(states: Sequence[tuple[Resolution, State]]) -> State:
    """Return what is known of a host's addresses: of the families that it has addresses of. Pure.

    One family whose records are broken takes nothing from the other's (RFC 7672 §2.2.2 judges what is used).
    """
    used = [state for found, state in states if found.kind is AnswerKind.DATA]
    order = (Security.UNKNOWN, Security.INSECURE, Security.SECURE)
    if used:
        return min(used, key=lambda state: (order.index(state.claimed), order.index(state.security)))
    return next((state for _, state in states if state.security is Security.BOGUS), NOT_KNOWN)


async def states_of_host(
    dns: DnsClient, lookup: HostLookup, validators: Sequence[Validator]
) -> list[tuple[Resolution, State]]:
    """Return a host's address lookups, each with what is known of it."""
    states = await asyncio.gather(*(state_of(dns, found, validators) for found in lookup.found))
    return list(zip(lookup.found, states, strict=True))
