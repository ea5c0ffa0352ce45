"""Sending servers that enforce DANE, MTA-STS or both: what they demand at an address, and how their walk ends."""

from collections.abc import Mapping

import pytest

from smtpdiag_tui.checks.session.session import Attempt, AttemptResult
from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.strict_senders import outweighed, with_policies
from smtpdiag_tui.verdict.walk import PROFILES, Demand, HostAddress, HostAddresses, Walk, walk

OK = Attempt(AttemptResult.ACCEPTED, "250 2.1.5 Ok", in_session=True)
NO = Attempt(AttemptResult.REJECTED, "550 5.1.1 no", in_session=True)
LATER = Attempt(AttemptResult.TRANSIENT, "450 4.2.0 later", in_session=True)
DOWN = Attempt(AttemptResult.CONNECTION_FAILED, "connection refused")
NOWHERE = Attempt(AttemptResult.NO_ROUTE, "no IPv6 route")
REFUSED = Attempt(AttemptResult.GREETING_REJECTED, "554 go away")
A, B = "mx1.a.example", "mx2.a.example"
MISMATCH, NOT_LISTED = "TLSA record does not match", "not in the MTA-STS policy"
Where = tuple[str, str]


def host(name: str, preference: int, addresses: Mapping[str, Attempt | None]) -> HostAddresses:
    items = (HostAddress(address, f"delivery/{name}/{address}", item) for address, item in addresses.items())
    return HostAddresses(name, preference, None, tuple(items))


def ends(policies: PolicyDemands, *hosts: HostAddresses) -> dict[str, Walk]:
    """Return how the walk of each profile ends that a policy matters to, and the standard one's."""
    judged = with_policies(hosts, policies)
    names = ("standard", "dane", "mta-sts", "dane-or-mta-sts")
    return {profile.name: walk(profile, judged) for profile in PROFILES if profile.name in names}


def outcomes(policies: PolicyDemands, *hosts: HostAddresses) -> tuple[Outcome, ...]:
    """Return the outcomes of the standard sender, DANE, MTA-STS, and DANE or MTA-STS."""
    found = ends(policies, *hosts)
    return tuple(found[name].outcome for name in ("standard", "dane", "mta-sts", "dane-or-mta-sts"))


def policies(
    dane: Mapping[Where, str] | None = None, sts: Mapping[Where, str] | None = None, *dane_hosts: str
) -> PolicyDemands:
    return PolicyDemands(dane or {}, sts or {}, frozenset(dane_hosts))


def unproved(dane: Mapping[Where, str] | None = None, sts: Mapping[Where, str] | None = None) -> PolicyDemands:
    """Return demands where nobody could prove to this host that A has TLSA records."""
    return PolicyDemands(dane or {}, sts or {}, dane_open=frozenset({A}))


ONE = host(A, 10, {"192.0.2.1": OK})
HERE = (A, "192.0.2.1")
ACCEPTED, DEFERRED, UNKNOWN, BOUNCED = Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.UNKNOWN, Outcome.BOUNCED


@pytest.mark.parametrize(
    ("demands", "dane", "sts", "both"),
    [
        (policies(), ACCEPTED, ACCEPTED, ACCEPTED),
        (policies(None, None, A), ACCEPTED, ACCEPTED, ACCEPTED),
        (policies({HERE: MISMATCH}, None, A), DEFERRED, ACCEPTED, DEFERRED),
        (policies({HERE: MISMATCH}, {HERE: NOT_LISTED}, A), DEFERRED, DEFERRED, DEFERRED),
        (policies(None, {HERE: NOT_LISTED}, A), ACCEPTED, DEFERRED, ACCEPTED),
        (policies(None, {HERE: NOT_LISTED}), ACCEPTED, DEFERRED, DEFERRED),
        (policies(None, {HERE: NOT_LISTED}, B), ACCEPTED, DEFERRED, DEFERRED),
        (policies({HERE: ""}, None, A), UNKNOWN, ACCEPTED, UNKNOWN),
        (policies({HERE: ""}), UNKNOWN, ACCEPTED, UNKNOWN),
        (policies({HERE: ""}, {HERE: NOT_LISTED}), UNKNOWN, DEFERRED, UNKNOWN),
        (policies({HERE: MISMATCH}), DEFERRED, ACCEPTED, DEFERRED),
        (policies(None, {HERE: ""}), ACCEPTED, UNKNOWN, UNKNOWN),
        (policies(None, {HERE: ""}, A), ACCEPTED, UNKNOWN, ACCEPTED),
        (policies({HERE: MISMATCH}, {HERE: ""}, A), DEFERRED, UNKNOWN, DEFERRED),
        (unproved(), ACCEPTED, ACCEPTED, ACCEPTED),
        (unproved(None, {HERE: NOT_LISTED}), ACCEPTED, DEFERRED, UNKNOWN),
        (unproved(None, {HERE: ""}), ACCEPTED, UNKNOWN, UNKNOWN),
        (unproved({HERE: ""}), UNKNOWN, ACCEPTED, UNKNOWN),
    ],
)
def test_dane_decides_where_it_is_published_and_mta_sts_elsewhere(
    demands: PolicyDemands, dane: Outcome, sts: Outcome, both: Outcome
) -> None:
    """Never is a failing DANE overridden (RFC 8461 §2); that a valid one outweighs MTA-STS is common practice."""
    assert outcomes(demands, ONE) == (ACCEPTED, dane, sts, both)


def test_a_host_that_does_not_meet_dane_is_skipped_for_the_next() -> None:
    demands = policies({HERE: MISMATCH}, None, A, B)
    found = ends(demands, ONE, host(B, 20, {"192.0.2.2": OK}))
    assert [found[name].outcome for name in ("standard", "dane")] == [ACCEPTED, ACCEPTED]
    assert [item.address.host for item in found["standard"].tries] == [A]
    assert [item.address.host for item in found["dane"].tries] == [A, B]
    assert found["dane"].tries[0].attempt.reply == MISMATCH
    assert [item.address.host for item in found["dane-or-mta-sts"].tries] == [A, B]


def test_each_address_counts_by_itself_in_both_families() -> None:
    both = host(A, 10, {"2001:db8::1": OK, "192.0.2.1": OK})
    six = (A, "2001:db8::1")
    found = ends(policies({six: MISMATCH}, None, A), both)
    assert found["dane"].outcome is ACCEPTED
    assert [item.address.address for item in found["dane"].tries] == ["2001:db8::1", "192.0.2.1"]
    assert outcomes(policies({six: MISMATCH, HERE: MISMATCH}, None, A), both)[1] is DEFERRED


def test_of_equal_preference_the_one_that_meets_it_is_come_to_in_every_order() -> None:
    equal = (ONE, host(B, 10, {"192.0.2.2": OK}))
    found = ends(policies({HERE: MISMATCH}, None, A, B), *equal)["dane"]
    assert (found.outcome, found.best_case) == (ACCEPTED, None)


def test_a_handshake_that_fails_is_no_session_that_senders_count() -> None:
    """Postfix counts those that got past its HELO, STARTTLS with it (smtp_mx_session_limit)."""
    hosts = [host(f"mx{number}.a.example", number, {f"192.0.2.{number}": OK}) for number in range(1, 5)]
    where = {(f"mx{number}.a.example", f"192.0.2.{number}"): MISMATCH for number in range(1, 4)}
    assert outcomes(policies(where), *hosts)[1] is ACCEPTED


def test_the_limit_of_addresses_holds_for_them_too() -> None:
    hosts = [host(f"mx{number}.a.example", number, {f"192.0.2.{number}": OK}) for number in range(1, 7)]
    where = {(f"mx{number}.a.example", f"192.0.2.{number}"): MISMATCH for number in range(1, 6)}
    found = ends(policies(where), *hosts)
    assert (found["dane"].outcome, found["dane"].limit) == (DEFERRED, "5 addresses")
    assert found["standard"].outcome is ACCEPTED


@pytest.mark.parametrize("attempt", [DOWN, NOWHERE, REFUSED])
@pytest.mark.parametrize("reason", ["", MISMATCH])
def test_where_no_sender_came_to_tls_it_ends_as_for_every_sender(attempt: Attempt, reason: str) -> None:
    found = ends(policies({HERE: reason}, {HERE: reason}, A), host(A, 10, {"192.0.2.1": attempt}))
    assert len({(way.outcome, way.tries[0].attempt) for way in found.values()}) == 1
    beyond = host(B, 20, {"192.0.2.2": OK})
    assert outcomes(policies({HERE: reason}, {HERE: reason}, A), host(A, 10, {"192.0.2.1": attempt}), beyond) == (
        *(ACCEPTED,) * 4,
    )


def test_a_rejection_counts_where_the_demand_is_met_and_is_never_heard_where_it_is_not() -> None:
    rejecting = host(A, 10, {"192.0.2.1": NO})
    assert outcomes(policies(None, None, A), rejecting) == (BOUNCED,) * 4
    assert outcomes(policies({HERE: MISMATCH}, None, A), rejecting) == (BOUNCED, DEFERRED, BOUNCED, DEFERRED)
    assert outcomes(policies({HERE: ""}, None, A), rejecting)[1] is UNKNOWN


def test_an_address_that_defers_does_so_whether_or_not_the_demand_is_met() -> None:
    """As with greylisting in a session without TLS: the certificate is not known, and mail waits either way."""
    deferring = host(A, 10, {"192.0.2.1": LATER})
    assert outcomes(policies({HERE: ""}, {HERE: ""}, A), deferring) == (DEFERRED,) * 4
    beyond = host(B, 20, {"192.0.2.2": OK})
    assert outcomes(policies({HERE: ""}, {HERE: ""}, A), deferring, beyond) == (ACCEPTED,) * 4


def test_one_that_is_not_known_before_one_that_accepts_leaves_the_end_open_or_accepted() -> None:
    found = ends(policies({HERE: ""}, None, A), ONE, host(B, 20, {"192.0.2.2": OK}))["dane"]
    assert found.outcome is ACCEPTED  # one of the two takes it
    found = ends(policies({HERE: ""}, None, A), ONE, host(B, 20, {"192.0.2.2": NO}))["dane"]
    assert found.outcome is UNKNOWN


def test_an_address_that_was_left_out_stays_so_and_other_demands_stay() -> None:
    left = HostAddresses(
        A, 10, None, (HostAddress("192.0.2.1", f"delivery/{A}/192.0.2.1", None, {Demand.VERIFIED_TLS: "expired"}),)
    )
    demands = policies({HERE: MISMATCH}, {HERE: NOT_LISTED}, A)
    assert with_policies([left], demands)[0].addresses[0].unmet == {Demand.VERIFIED_TLS: "expired"}
    item = HostAddress("192.0.2.1", f"delivery/{A}/192.0.2.1", LATER, {Demand.VERIFIED_TLS: "expired"})
    assert with_policies([HostAddresses(A, 10, None, (item,))], demands)[0].addresses[0].unmet == {
        Demand.VERIFIED_TLS: "expired",
        Demand.DANE: MISMATCH,
        Demand.MTA_STS: NOT_LISTED,
        Demand.DANE_OR_MTA_STS: MISMATCH,
    }


@pytest.mark.parametrize(
    ("demands", "so"),
    [
        (policies(None, {HERE: NOT_LISTED}, A), True),
        (policies(None, {HERE: NOT_LISTED}), False),
        (policies(None, None, A), False),
        (policies(None, {HERE: ""}, A), False),
        (policies({HERE: MISMATCH}, {HERE: NOT_LISTED}, A), False),
        (policies({HERE: ""}, {HERE: NOT_LISTED}, A), False),
        (unproved(None, {HERE: NOT_LISTED}), False),
    ],
)
def test_it_is_known_where_a_valid_dane_outweighs_mta_sts(demands: PolicyDemands, so: bool) -> None:
    way = ends(demands, ONE)["dane-or-mta-sts"]
    assert outweighed(way.tries, demands) is so
    assert not outweighed((), demands)
