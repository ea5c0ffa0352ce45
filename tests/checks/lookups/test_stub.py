"""What the resolver library of this host makes of the answers that a run got."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Pair
from smtpdiag_tui.checks.lookups.stub import (
    StubEnd,
    StubView,
    answered,
    at_server,
    heard_as_it_is,
    judge_obstacle,
    judge_system,
    judge_turns,
    obstacle,
    patience,
)
from smtpdiag_tui.network.seam import SystemResolver, Transport
from smtpdiag_tui.report.findings import Side
from tests.checks.making import OTHER, SERVER, answer, pair

USUAL = SystemResolver((SERVER, OTHER))
USE_VC = replace(USUAL, use_vc=True)
MX = ["10 mx.partner.example."]
DATA, TIMEOUT, CLOSED, TRUNCATED = AnswerKind.DATA, AnswerKind.TIMEOUT, AnswerKind.CLOSED, AnswerKind.TRUNCATED
SERVFAIL, NXDOMAIN = AnswerKind.SERVFAIL, AnswerKind.NXDOMAIN


def large(tcp: AnswerKind = DATA, size: int = 700) -> Pair:
    data = MX if tcp is DATA else ()
    return Pair(answer(data=MX, plain_size=size), answer(data=data, kind=tcp, transport=Transport.TCP))


@pytest.mark.parametrize(
    ("pair_", "stub", "end"),
    [
        (pair(DATA, DATA), USUAL, StubEnd.ANSWERED),
        (pair(DATA, TIMEOUT), USUAL, StubEnd.ANSWERED),
        (pair(NXDOMAIN, TIMEOUT), USUAL, StubEnd.ANSWERED),
        (pair(TRUNCATED, DATA), USUAL, StubEnd.ANSWERED),
        (pair(TRUNCATED, TIMEOUT), USUAL, StubEnd.NEEDS_TCP),
        (large(DATA), USUAL, StubEnd.ANSWERED),
        (large(TIMEOUT), USUAL, StubEnd.NEEDS_TCP),
        (large(CLOSED), USUAL, StubEnd.NEEDS_TCP),
        (large(TIMEOUT, size=512), USUAL, StubEnd.ANSWERED),
        (pair(TIMEOUT, DATA), USUAL, StubEnd.NO_UDP),
        (pair(CLOSED, DATA), USUAL, StubEnd.NO_UDP),
        (pair(AnswerKind.NO_SOCKET, DATA), USUAL, StubEnd.FAILED),
        (pair(TIMEOUT, TIMEOUT), USUAL, StubEnd.FAILED),
        (pair(SERVFAIL, SERVFAIL), USUAL, StubEnd.FAILED),
        (pair(AnswerKind.REFERRAL, AnswerKind.REFERRAL), USUAL, StubEnd.FAILED),
        (pair(TIMEOUT, DATA), USE_VC, StubEnd.ANSWERED),
        (pair(DATA, TIMEOUT), USE_VC, StubEnd.NO_TCP),
        (pair(TIMEOUT, TIMEOUT), USE_VC, StubEnd.FAILED),
    ],
)
def test_each_way_to_meet_a_server(pair_: Pair, stub: SystemResolver, end: StubEnd) -> None:
    assert at_server(pair_, stub).end is end


def test_what_fits_when_it_is_asked_for_without_edns_needs_no_tcp() -> None:
    seems_large = large(TIMEOUT)
    assert at_server(seems_large, USUAL, answer(data=MX, plain_size=400)).end is StubEnd.ANSWERED
    assert at_server(seems_large, USUAL, answer(kind=TRUNCATED)).end is StubEnd.NEEDS_TCP
    assert at_server(seems_large, USUAL, answer(kind=TIMEOUT)).end is StubEnd.NEEDS_TCP


def test_an_answer_that_came_without_edns_is_the_stubs_own() -> None:
    dropped = Pair(
        answer(data=MX, edns_trouble=EdnsTrouble.DROPPED), answer(kind=TIMEOUT, transport=Transport.TCP)
    )
    assert at_server(dropped, USUAL).end is StubEnd.ANSWERED


@pytest.mark.parametrize(("timeout", "attempts", "seconds"), [(5, 2, 10), (1, 1, 1), (0, 2, 2), (30, 5, 150)])
def test_how_long_the_stub_waits(timeout: int, attempts: int, seconds: int) -> None:
    stub = replace(USUAL, timeout=timeout, attempts=attempts)
    assert patience(stub) == seconds
    slow = replace(pair(DATA, DATA), udp=replace(answer(data=MX), seconds=seconds + 0.5))
    quick = replace(pair(DATA, DATA), udp=replace(answer(data=MX), seconds=seconds - 0.5))
    assert at_server(slow, stub).end is StubEnd.TOO_SLOW
    assert at_server(quick, stub).end is StubEnd.ANSWERED
    [found] = judge_obstacle(at_server(slow, stub), stub)
    assert found.code == "dns-answer-too-slow"


def view(end: StubEnd, of: Answer | None = None) -> StubView:
    shown = of or answer(data=MX)
    return StubView(shown.server, end, shown)


@pytest.mark.parametrize(
    ("ends", "hit"),
    [
        ([StubEnd.ANSWERED], None),
        ([StubEnd.FAILED, StubEnd.ANSWERED], None),
        ([StubEnd.NEEDS_TCP, StubEnd.ANSWERED], None),  # the library goes on to the next
        ([StubEnd.NO_UDP, StubEnd.ANSWERED], None),
        ([StubEnd.FAILED], None),  # nobody got an answer
        ([], None),
        ([StubEnd.NEEDS_TCP], StubEnd.NEEDS_TCP),
        ([StubEnd.FAILED, StubEnd.NO_UDP], StubEnd.NO_UDP),
    ],
)
def test_an_obstacle_is_one_where_no_server_gives_the_answer(ends: list[StubEnd], hit: StubEnd | None) -> None:
    found = obstacle([view(end) for end in ends])
    assert (found.end if found is not None else None) is hit


def test_an_answer_that_needs_tcp_is_told_with_its_server_and_size() -> None:
    [found] = judge_obstacle(at_server(large(TIMEOUT), USUAL), USUAL)
    assert (found.code, found.side) == ("answer-needs-tcp", Side.HERE)
    assert found.message == "The answer to MX partner.example needs TCP, but TCP to 192.0.2.53 failed"
    assert found.evidence[1] == "size without EDNS: 700 bytes, over UDP at most 512"
    assert "192.0.2.53" in found.advice
    assert judge_obstacle(None, USUAL) == ()
    assert judge_obstacle(view(StubEnd.NO_UDP), USUAL) == ()  # the transport's step tells that


def test_the_systems_own_servers_fail_where_none_of_them_answers() -> None:
    failed = [
        view(StubEnd.FAILED, answer(kind=SERVFAIL)),
        view(StubEnd.FAILED, answer(kind=TIMEOUT, server=OTHER)),
    ]
    [found] = judge_system("partner.example", failed)
    assert (found.code, found.side) == ("system-resolver-fails", Side.HERE)
    assert found.message == "The DNS servers of this host failed for partner.example (192.0.2.53, 192.0.2.54)"
    assert found.evidence[0].startswith("192.0.2.53: ")
    assert found.evidence[1].startswith("192.0.2.54: ")
    assert judge_system("partner.example", [*failed, view(StubEnd.ANSWERED)]) == ()
    assert judge_system("partner.example", [view(StubEnd.ANSWERED, answer(kind=NXDOMAIN))]) == ()
    assert judge_system("partner.example", []) == ()


def test_servers_that_take_turns_matter_where_they_differ() -> None:
    rotating = replace(USUAL, rotate=True)
    differing = [view(StubEnd.ANSWERED), view(StubEnd.ANSWERED, answer(kind=NXDOMAIN, server=OTHER))]
    [found] = judge_turns("partner.example", differing, rotating)
    assert found.code == "dns-answers-rotate"
    assert found.message == "192.0.2.53 and 192.0.2.54 return different MX records and take turns (rotate)"
    assert judge_turns("partner.example", differing, USUAL) == ()
    equal = [view(StubEnd.ANSWERED), view(StubEnd.ANSWERED, answer(data=MX, server=OTHER))]
    assert judge_turns("partner.example", equal, rotating) == ()
    failing = [view(StubEnd.ANSWERED), view(StubEnd.FAILED, answer(kind=SERVFAIL, server=OTHER))]
    assert judge_turns("partner.example", failing, rotating) == ()
    assert answered(failing) is failing[0]


def test_what_is_heard_as_it_is() -> None:
    udp, tcp = answer(data=MX), answer(data=MX, transport=Transport.TCP)
    assert heard_as_it_is(udp, USUAL)
    assert not heard_as_it_is(tcp, USUAL)
    assert heard_as_it_is(tcp, USE_VC)
    assert not heard_as_it_is(udp, USE_VC)
    assert not heard_as_it_is(answer(data=MX, plain_size=513), USUAL)
    assert not heard_as_it_is(answer(kind=SERVFAIL), USUAL)
    assert not heard_as_it_is(None, USUAL)
