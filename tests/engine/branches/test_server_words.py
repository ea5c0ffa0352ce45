"""The line about DNS servers: which answered, over what, and what the others did instead."""

from collections.abc import Sequence

import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind, Pair
from smtpdiag_tui.checks.lookups.domain import ServerLookup
from smtpdiag_tui.checks.lookups.servers import ServerObservation
from smtpdiag_tui.checks.lookups.soa import ResolverView
from smtpdiag_tui.engine.branches.server_words import all_servers, failing_servers
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import pair

DATA, TIMEOUT, SERVFAIL = AnswerKind.DATA, AnswerKind.TIMEOUT, AnswerKind.SERVFAIL


def step(number: int, one: Pair, status: Status = Status.PASSED) -> Step:
    """Return the step of a server that was asked one question."""
    label = f"192.0.2.{number}"
    return Step(f"dns-servers/{label}", label, status=status, observation=ServerObservation(DnsServer(label), one))


WELL = step(53, pair(DATA, DATA))
UDP_ONLY = step(54, pair(DATA, TIMEOUT), Status.WARNING)
TCP_ONLY = step(55, pair(TIMEOUT, DATA), Status.FAILED)
DEAD = step(56, pair(TIMEOUT, TIMEOUT), Status.UNKNOWN)
BROKEN = step(57, pair(SERVFAIL, SERVFAIL), Status.UNKNOWN)
NO_SOCKET = step(58, pair(AnswerKind.NO_SOCKET, AnswerKind.NO_SOCKET), Status.UNKNOWN)
SKIPPED = Step("dns-servers/2001:db8::53", "2001:db8::53", status=Status.SKIPPED)
CRASHED = Step("dns-servers/192.0.2.59", "192.0.2.59", status=Status.FAILED)


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ([WELL], "192.0.2.53 over UDP and TCP"),
        ([UDP_ONLY], "192.0.2.54 over UDP only"),
        ([TCP_ONLY], "192.0.2.55 over TCP only"),
        ([DEAD], "192.0.2.56: no answer"),
        ([BROKEN], "192.0.2.57: SERVFAIL"),
        ([NO_SOCKET], "192.0.2.58: not queried"),
        ([CRASHED], "192.0.2.59: not tested"),
        ([WELL, SKIPPED], "192.0.2.53 over UDP and TCP; 2001:db8::53: no IPv6 route"),
        ([WELL, step(60, pair(DATA, DATA))], "192.0.2.53 and 192.0.2.60 over UDP and TCP"),
        ([WELL, DEAD, UDP_ONLY], "192.0.2.53 over UDP and TCP; 192.0.2.56: no answer; 192.0.2.54 over UDP only"),
        ([step(number, pair(DATA, DATA)) for number in range(60, 65)], "5 servers over UDP and TCP"),
        ([], ""),
    ],
)
def test_every_server_is_told_by_how_it_answered(steps: Sequence[Step], line: str) -> None:
    assert all_servers(steps) == line


def test_a_servers_error_for_one_domain_does_not_speak_against_its_transports() -> None:
    fails_one = step(53, pair(SERVFAIL, SERVFAIL))
    assert all_servers([fails_one]) == "192.0.2.53 over UDP and TCP"
    assert failing_servers([fails_one]) == "192.0.2.53: SERVFAIL"


def test_only_the_servers_that_fail_are_told_beside_a_domain() -> None:
    assert failing_servers([WELL, SKIPPED]) == ""
    assert failing_servers([WELL, UDP_ONLY, DEAD]) == "192.0.2.54 over UDP only; 192.0.2.56: no answer"


def test_one_question_that_is_answered_is_an_answer() -> None:
    server = DnsServer("192.0.2.53")
    lookup = ServerLookup(server, (pair(TIMEOUT, TIMEOUT), pair(DATA, DATA, "A")))
    domain = Step("remote/192.0.2.53", "192.0.2.53", status=Status.FAILED, observation=lookup)
    assert failing_servers([domain]) == ""
    view = ResolverView(server, pair(AnswerKind.REFERRAL, AnswerKind.REFERRAL, "SOA"))
    zone = Step("soa/192.0.2.53", "192.0.2.53", status=Status.UNKNOWN, observation=view)
    assert failing_servers([zone]) == "192.0.2.53: referral"
