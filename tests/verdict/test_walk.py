"""How senders of several kinds walk through the mail hosts: order, limits, chance, demands."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.outcome import accepting_beyond, of_hosts
from smtpdiag_tui.verdict.walk import PROFILES, STANDARD, Demand, HostAddress, HostAddresses, Profile, walk

OK = Attempt(AttemptResult.ACCEPTED, "250 Ok", in_session=True)
NO = Attempt(AttemptResult.REJECTED, "550 no", in_session=True)
LATER = Attempt(AttemptResult.TRANSIENT, "450 later", in_session=True)
BUSY = Attempt(AttemptResult.TRANSIENT, "421 busy")  # before EHLO: no session for a sender
DOWN = Attempt(AttemptResult.CONNECTION_FAILED, "connection refused")
NOWHERE = Attempt(AttemptResult.NO_ROUTE, "no IPv6 route")
OURS = Attempt(AttemptResult.OUR_LIMIT, "no reply within 2 s", in_session=True)


def hosts(*groups: tuple[int, Sequence[Attempt | None]], family: int = 4) -> list[HostAddresses]:
    """Return one host for each preference, each with addresses of its own."""
    made = []
    for number, (preference, attempts) in enumerate(groups):
        name = f"mx{number}.example"
        prefix = f"192.0.{number}." if family == 4 else f"2001:db8:{number}::"
        addresses = tuple(
            HostAddress(f"{prefix}{place}", f"delivery/{name}/{prefix}{place}", item)
            for place, item in enumerate(attempts, 1)
        )
        made.append(HostAddresses(name, preference, None, addresses))
    return made


def tried(profile: Profile, found: list[HostAddresses]) -> list[str]:
    return [item.address.address for item in walk(profile, found).tries]


def test_it_goes_by_preference_and_stops_where_it_ends() -> None:
    found = hosts((20, [NO]), (10, [DOWN, OK]), (30, [OK]))
    assert tried(STANDARD, found) == ["192.0.1.1", "192.0.1.2"]


@pytest.mark.parametrize(
    ("attempts", "outcome", "limit"),
    [
        ([DOWN] * 4 + [OK], Outcome.ACCEPTED, ""),
        ([DOWN] * 5 + [OK], Outcome.DEFERRED, "5 addresses"),
        ([DOWN] * 6 + [OK], Outcome.DEFERRED, "5 addresses"),
        ([LATER, OK], Outcome.ACCEPTED, ""),
        ([LATER, LATER, OK], Outcome.DEFERRED, "2 sessions"),
        ([BUSY, BUSY, OK], Outcome.ACCEPTED, ""),
        ([DOWN, LATER, DOWN, LATER, OK], Outcome.DEFERRED, "2 sessions"),
        ([DOWN] * 5 + [NO], Outcome.DEFERRED, "5 addresses"),
        ([OURS, LATER, OK], Outcome.UNKNOWN, "2 sessions"),
        ([LATER, LATER], Outcome.DEFERRED, ""),
    ],
)
def test_it_gives_up_after_five_addresses_or_two_sessions(
    attempts: list[Attempt], outcome: Outcome, limit: str
) -> None:
    way = walk(STANDARD, hosts(*((10 * n, [item]) for n, item in enumerate(attempts))))
    assert (way.outcome, way.limit) == (outcome, limit)


def test_what_has_no_route_from_here_costs_nothing() -> None:
    found = hosts(*((10 * n, [NOWHERE, DOWN]) for n in range(4)), (50, [OK]))
    assert walk(STANDARD, found).outcome is Outcome.ACCEPTED


def test_the_seventh_address_is_named_and_never_asked() -> None:
    found = hosts(*((10 * n, [DOWN]) for n in range(6)), (70, [OK]))
    way = walk(STANDARD, found)
    assert [item.address.address for item in accepting_beyond(way)] == ["192.0.6.1"]
    verdict = of_hosts(found)
    assert verdict.step == "senders/standard"
    assert verdict.headline == "Only the seventh MX address accepts; sending servers stop after five"


@pytest.mark.parametrize(
    ("group", "worst", "best"),
    [
        ([OK, NO], Outcome.BOUNCED, Outcome.ACCEPTED),
        ([OK, *[DOWN] * 5], Outcome.DEFERRED, Outcome.ACCEPTED),
        ([OK, LATER, LATER], Outcome.DEFERRED, Outcome.ACCEPTED),
        ([NO, LATER, LATER], Outcome.BOUNCED, Outcome.DEFERRED),
        ([OK, *[DOWN] * 4], Outcome.ACCEPTED, None),
        ([OK, LATER, DOWN], Outcome.ACCEPTED, None),
    ],
)
def test_equal_preference_counts_in_its_worst_order(
    group: list[Attempt | None], worst: Outcome, best: Outcome | None
) -> None:
    way = walk(STANDARD, hosts((10, group)))
    assert way.outcome is worst
    assert (way.best_case.outcome if way.best_case else None) is best


def test_chance_is_told_where_limits_meet_it() -> None:
    verdict = of_hosts(hosts((10, [OK, LATER, LATER])))
    assert verdict.outcome is Outcome.DEFERRED
    assert verdict.note.endswith("is chance.")


def test_an_address_of_several_hosts_counts_for_each() -> None:
    first, second = hosts((10, [DOWN]), (20, [OK]))
    shared = HostAddresses("also.example", 15, None, first.addresses)
    assert tried(STANDARD, [first, shared, second]) == ["192.0.0.1", "192.0.0.1", "192.0.1.1"]


def test_the_limit_leaves_each_family_its_share() -> None:
    six, four = hosts((10, [DOWN] * 6), family=6)[0], hosts((20, [OK]))[0]
    four = HostAddresses("four.example", 20, None, four.addresses)
    assert walk(STANDARD, [six, four]).outcome is Outcome.ACCEPTED
    assert walk(STANDARD, hosts((10, [DOWN] * 6), (20, [OK]))).outcome is Outcome.DEFERRED
    many = HostAddresses("many.example", 20, None, hosts((20, [DOWN, DOWN, OK]))[0].addresses)
    assert [item.address.family for item in walk(STANDARD, [six, many]).tries] == [6, 6, 6, 4, 4]


def test_a_best_host_that_is_this_machine_ends_the_list_before_it_begins() -> None:
    own, other = hosts((10, [DOWN]), (20, [OK]))
    own = replace(own, own=True)
    verdict = of_hosts([own, other])
    assert verdict.outcome is Outcome.BOUNCED
    assert verdict.side is Side.HERE
    assert verdict.headline == "Best MX host mx0.example is this host"
    assert "5.4.6" in verdict.note
    # Behind a better host, this machine ends the list; where it takes the mail, it is a host like any other.
    assert walk(STANDARD, [replace(other, preference=5), own]).outcome is Outcome.ACCEPTED
    assert walk(STANDARD, [replace(hosts((10, [OK]))[0], own=True)]).outcome is Outcome.ACCEPTED


def test_sessions_that_use_up_the_limit_are_no_dead_hosts() -> None:
    verdict = of_hosts(hosts((10, [LATER]), (20, [LATER]), (30, [OK])))
    assert (verdict.outcome, verdict.step) == (Outcome.DEFERRED, "delivery/mx0.example/192.0.0.1")
    assert "stop after" not in verdict.headline
    missed = "mx2.example [192.0.2.1] accepts, but is not tried in that attempt"
    assert verdict.note == f"{missed}: it ends after 2 sessions."


def test_what_was_not_tested_is_passed_over() -> None:
    assert tried(STANDARD, hosts((10, [None, OK]))) == ["192.0.0.2"]


def by_name(name: str) -> Profile:
    return next(item for item in PROFILES if item.name == name)


def test_senders_of_one_family_see_that_family_alone() -> None:
    found = [*hosts((10, [NO])), *hosts((20, [OK]), family=6)]
    assert walk(by_name("ipv4-only"), found).outcome is Outcome.BOUNCED
    assert walk(by_name("ipv6-only"), found).outcome is Outcome.ACCEPTED
    assert tried(by_name("ipv6-only"), found) == ["2001:db8:0::1"]


def test_a_demand_that_is_not_met_sends_the_sender_on_and_one_not_known_leaves_the_end_open() -> None:
    def host(reason: str | None) -> HostAddresses:
        unmet = {} if reason is None else {Demand.VERIFIED_TLS: reason}
        item = HostAddress("192.0.2.1", "delivery/mx.example/192.0.2.1", OK, unmet)
        return HostAddresses("mx.example", 10, None, (item,))

    insisting = by_name("tls-verified")
    assert walk(insisting, [host(None)]).outcome is Outcome.ACCEPTED
    assert walk(insisting, [host("STARTTLS is not offered")]).outcome is Outcome.DEFERRED
    assert walk(insisting, [host("")]).outcome is Outcome.UNKNOWN
    assert walk(STANDARD, [host("STARTTLS is not offered")]).outcome is Outcome.ACCEPTED
