"""What a standard sender would do with the attempts it makes."""

import pytest

from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, RouteKind
from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.report.rollup import status_if_one_is_enough, worst
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.outcome import of_hosts, of_route
from smtpdiag_tui.verdict.walk import HostAddress, HostAddresses

OK, NO, LATER = AttemptResult.ACCEPTED, AttemptResult.REJECTED, AttemptResult.TRANSIENT
DOWN, TURNED, OURS, NOWHERE = (
    AttemptResult.CONNECTION_FAILED,
    AttemptResult.GREETING_REJECTED,
    AttemptResult.OUR_LIMIT,
    AttemptResult.NO_ROUTE,
)


def hosts(*groups: tuple[int, list[AttemptResult]]) -> list[HostAddresses]:
    """Return one host for each preference and the results of its addresses."""
    made = []
    for number, (preference, results) in enumerate(groups):
        name = f"mx{number}.example"
        attempts = tuple(
            HostAddress(f"192.0.2.{place}", f"delivery/{name}/192.0.2.{place}", Attempt(result, f"said {result}"))
            for place, result in enumerate(results)
        )
        made.append(HostAddresses(name, preference, None, attempts))
    return made


@pytest.mark.parametrize(
    ("groups", "outcome"),
    [
        ([(10, [OK])], Outcome.ACCEPTED),
        ([(10, [DOWN]), (20, [OK])], Outcome.ACCEPTED),
        ([(10, [LATER]), (20, [OK])], Outcome.ACCEPTED),
        ([(10, [TURNED]), (20, [OK])], Outcome.ACCEPTED),
        ([(10, [OURS]), (20, [OK])], Outcome.ACCEPTED),
        ([(10, [NOWHERE, OK])], Outcome.ACCEPTED),
        ([(20, [NO]), (10, [OK])], Outcome.ACCEPTED),
        ([(10, [NO])], Outcome.BOUNCED),
        ([(10, [NO]), (20, [OK])], Outcome.BOUNCED),
        ([(10, [LATER]), (20, [NO])], Outcome.BOUNCED),
        ([(10, [DOWN, NO])], Outcome.BOUNCED),
        ([(10, [OK, NO])], Outcome.BOUNCED),
        ([(10, [OK]), (10, [NO])], Outcome.BOUNCED),
        ([(10, [LATER])], Outcome.DEFERRED),
        ([(10, [DOWN]), (20, [LATER])], Outcome.DEFERRED),
        ([(10, [TURNED]), (20, [TURNED])], Outcome.DEFERRED),
        ([(10, [DOWN, DOWN])], Outcome.DEFERRED),
        ([(10, [OURS])], Outcome.UNKNOWN),
        ([(10, [OURS]), (20, [LATER])], Outcome.UNKNOWN),
        ([(10, [OURS]), (20, [NO])], Outcome.UNKNOWN),
        ([(10, [NOWHERE])], Outcome.UNKNOWN),
    ],
)
def test_the_walk(groups: list[tuple[int, list[AttemptResult]]], outcome: Outcome) -> None:
    verdict = of_hosts(hosts(*groups))
    assert verdict.outcome is outcome
    assert verdict.headline
    assert not verdict.headline.endswith(".")
    assert not verdict.note or verdict.note.endswith(".")
    assert verdict.step


def test_where_orders_end_differently_the_note_says_so() -> None:
    verdict = of_hosts(hosts((10, [OK]), (10, [NO])))
    assert (
        verdict.note
        == "mx0.example [192.0.2.0] of the same preference accepts; which one is tried first is chance."
    )
    assert verdict.step == "delivery/mx1.example/192.0.2.0"


def test_the_first_address_that_decides_is_named() -> None:
    assert of_hosts(hosts((10, [OK, OK]))).headline == "mx0.example [192.0.2.0] accepted the recipient"


def test_hosts_without_any_address_bounce_and_such_that_cannot_be_looked_up_do_not() -> None:
    nothing = HostAddresses("mx.example", 10, HostLookup(MailHost("mx.example", 10)), ())
    assert of_hosts([nothing]).outcome is Outcome.BOUNCED


@pytest.mark.parametrize(
    ("kind", "broken", "outcome"),
    [
        (RouteKind.NULL, False, Outcome.BOUNCED),
        (RouteKind.NOT_FOUND, False, Outcome.BOUNCED),
        (RouteKind.NO_HOST, False, Outcome.BOUNCED),
        (RouteKind.FAILED, False, Outcome.DEFERRED),
        (RouteKind.LOOP, False, Outcome.DEFERRED),
        (RouteKind.FAILED, True, Outcome.UNKNOWN),
    ],
)
def test_what_the_route_alone_decides(kind: RouteKind, broken: bool, outcome: Outcome) -> None:
    verdict = of_route(kind, "partner.example", broken=broken)
    assert verdict is not None
    assert verdict.outcome is outcome


def test_a_route_with_hosts_decides_nothing() -> None:
    assert of_route(RouteKind.MX, "partner.example", broken=False) is None
    assert of_route(RouteKind.IMPLICIT, "partner.example", broken=False) is None


@pytest.mark.parametrize(
    ("below", "status"),
    [
        ([Status.PASSED, Status.PASSED], Status.PASSED),
        ([Status.PASSED, Status.SKIPPED], Status.PASSED),
        ([Status.PASSED, Status.FAILED], Status.WARNING),
        ([Status.WARNING, Status.UNKNOWN], Status.WARNING),
        ([Status.FAILED, Status.UNKNOWN], Status.FAILED),
        ([Status.UNKNOWN, Status.UNKNOWN], Status.UNKNOWN),
        ([Status.SKIPPED], Status.SKIPPED),
        ([Status.PASSED, Status.CANCELLED], Status.CANCELLED),
    ],
)
def test_one_way_is_enough(below: list[Status], status: Status) -> None:
    assert status_if_one_is_enough(below) is status


def test_the_worst() -> None:
    assert worst([Status.PASSED, Status.UNKNOWN, Status.FAILED, Status.SKIPPED]) is Status.FAILED
    assert worst([]) is Status.SKIPPED


@pytest.mark.parametrize("reply", ["550 5.1.1 no", "550 see https://x.example/a?b=c", "550 cut …"])
def test_no_words_of_a_reply_stand_in_the_headline(reply: str) -> None:
    for result in (NO, LATER):
        item = HostAddress("192.0.2.21", "delivery/mx.example/192.0.2.21", Attempt(result, reply, in_session=True))
        verdict = of_hosts([HostAddresses("mx.example", 10, None, (item,))])
        assert reply not in f"{verdict.headline} {verdict.note}"
        assert "mx.example [192.0.2.21]" in verdict.headline
