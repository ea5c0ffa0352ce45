"""The answer of several vantage points: one headline, who counts, and what follows for whom."""

from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.report.agreement.model import Agreement, Topic
from smtpdiag_tui.report.agreement.together import agreement_of
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.vantage import Vantage
from smtpdiag_tui.settings import Via
from tests.report.agreement.made import (
    ACCEPTED,
    DEFERRED,
    LOCAL,
    MX1,
    MX2,
    NO_ROUTE,
    OTHER,
    SETTINGS,
    SOCKS,
    SSH,
    TIMED_OUT,
    V6,
    accepted,
    blocked,
    greylisted,
    made,
    rejected,
)

GONE = Vantage(OTHER, error="ssh:ops@third.far.example refused the login")


def topics(found: Agreement) -> list[Topic]:
    return [item.topic for item in found.differences]


def test_all_agree() -> None:
    found = agreement_of([accepted(LOCAL), accepted(SSH), accepted(SOCKS)])
    assert found.headline == "All 3 vantage points agree: accepted"
    assert found.agree
    assert found.outcome is Outcome.ACCEPTED
    assert found.differences == ()
    assert found.shared == ()
    assert found.side is None


def test_two_agree() -> None:
    assert agreement_of([accepted(LOCAL), accepted(SSH)]).headline == "Both vantage points agree: accepted"


def test_outcomes_differ() -> None:
    found = agreement_of([accepted(LOCAL), accepted(SSH), greylisted(SOCKS)])
    words = "Accepted from 2 vantage points, greylisted from socks5://proxy.far.example:1080"
    assert found.headline == words
    assert not found.agree
    assert found.outcome is Outcome.DEFERRED
    assert Topic.OUTCOME in topics(found)


def test_short_names_are_told() -> None:
    found = agreement_of([accepted(LOCAL), greylisted(SSH)])
    assert found.headline == "Accepted from local, greylisted from ssh:mx2.far.example"


@pytest.mark.parametrize(
    ("points", "worst"),
    [
        ([accepted(LOCAL), greylisted(SSH), rejected(SOCKS, Reason.IP_BLOCKLIST)], Outcome.BOUNCED),
        ([accepted(LOCAL), made(SSH, Outcome.UNKNOWN, {})], Outcome.UNKNOWN),
        ([greylisted(LOCAL), made(SSH, Outcome.UNKNOWN, {})], Outcome.DEFERRED),
    ],
)
def test_the_worst_outcome_counts(points: list[Vantage], worst: Outcome) -> None:
    assert agreement_of(points).outcome is worst


def test_who_could_not_be_used_is_named_and_has_no_say() -> None:
    found = agreement_of([accepted(LOCAL), accepted(SSH), GONE])
    assert found.headline.startswith("2 of 3 vantage points agree: accepted")
    assert found.agree
    assert found.outcome is Outcome.ACCEPTED
    assert [item.point for item in found.uncounted] == [OTHER.label]
    assert found.uncounted[0].why == GONE.error


def test_one_is_no_agreement() -> None:
    found = agreement_of([accepted(LOCAL), GONE])
    assert found.headline == "Accepted from local; ssh:ops@third.far.example could not be used"
    assert found.meaning == ""
    assert found.side is None


def test_none_could_be_used() -> None:
    found = agreement_of([GONE, replace(GONE, via=SSH)])
    assert found.outcome is None
    assert not found.agree
    assert found.headline == "ssh:ops@third.far.example and ssh:mx2.far.example could not be used"


def test_a_run_cut_short_has_no_say_whatever_it_had_found() -> None:
    cut = replace(rejected(SSH, Reason.NO_SUCH_MAILBOX), error="the connection to ssh:mx2.far.example was lost")
    cancelled = made(SOCKS, Outcome.DEFERRED, {MX1: DEFERRED}, status=Status.CANCELLED)
    found = agreement_of([accepted(LOCAL), cut, cancelled])
    assert found.counted == ("local",)
    assert found.outcome is Outcome.ACCEPTED
    assert found.differences == ()


def test_runs_under_way_are_awaited() -> None:
    found = agreement_of([accepted(LOCAL), made(SSH, None, {}), Vantage(SOCKS)])
    assert found.headline == "1 of 3 vantage points done"
    assert [item.pending for item in found.uncounted] == [True, True]


class TestBlame:
    def test_accepted_elsewhere_blames_the_host_that_is_refused(self) -> None:
        found = agreement_of([rejected(LOCAL, Reason.IP_BLOCKLIST), accepted(SSH)])
        assert found.side is Side.HERE
        assert "local is refused because of a blocklist" in found.meaning

    def test_without_a_reason_that_is_only_probable(self) -> None:
        found = agreement_of([rejected(LOCAL, None), accepted(SSH)])
        assert found.side is Side.HERE
        assert "probably local" in found.meaning

    def test_a_remote_host_is_blamed_by_its_name(self) -> None:
        found = agreement_of([accepted(LOCAL), rejected(SSH, Reason.REVERSE_DNS)])
        assert "ssh:mx2.far.example is refused because of its reverse DNS" in found.meaning

    def test_refused_everywhere_for_the_recipient_is_the_recipients_side(self) -> None:
        found = agreement_of([rejected(via, Reason.NO_SUCH_MAILBOX) for via in (LOCAL, SSH)])
        assert found.agree
        assert found.side is Side.RECIPIENT

    def test_refused_everywhere_each_for_itself_is_not(self) -> None:
        found = agreement_of([rejected(via, Reason.REVERSE_DNS, code="x") for via in (LOCAL, SSH)])
        assert found.side is Side.HERE
        assert "Each vantage point" in found.meaning

    def test_refused_everywhere_for_different_reasons_has_no_single_cause(self) -> None:
        found = agreement_of([rejected(LOCAL, Reason.REVERSE_DNS), rejected(SSH, Reason.NO_SUCH_MAILBOX)])
        assert found.agree
        assert found.side is None
        assert "no single cause" in found.meaning

    def test_authentication_is_about_the_sender_domain(self) -> None:
        found = agreement_of([rejected(via, Reason.AUTHENTICATION) for via in (LOCAL, SSH)])
        assert found.side is Side.HERE
        assert "sender.example" in found.meaning

    def test_authentication_of_one_alone(self) -> None:
        found = agreement_of([accepted(LOCAL), rejected(SSH, Reason.AUTHENTICATION)])
        assert "SPF" in found.action
        assert "recipient is not the cause" in found.meaning

    def test_a_reply_about_the_recipient_that_others_do_not_get_is_undecided(self) -> None:
        found = agreement_of([accepted(LOCAL), rejected(SSH, Reason.NO_SUCH_MAILBOX)])
        assert found.side is None
        assert "decide by IP address" in found.meaning

    def test_trouble_of_the_server_may_have_passed(self) -> None:
        found = agreement_of([accepted(LOCAL), rejected(SSH, Reason.SERVER_TROUBLE)])
        assert found.side is None
        assert "may have passed" in found.meaning

    def test_one_that_could_not_tell_says_nothing_of_the_recipient(self) -> None:
        found = agreement_of([accepted(LOCAL), made(SSH, Outcome.UNKNOWN, {}, code="no-dns-servers")])
        assert "says nothing of the recipient" in found.meaning
        assert found.headline == "Accepted from local, unknown from ssh:mx2.far.example"


class TestGreylisting:
    def test_of_one_is_per_address(self) -> None:
        found = agreement_of([accepted(LOCAL), greylisted(SSH)])
        assert found.side is Side.POLICY
        assert "per IP address" in found.meaning

    def test_of_all_is_usual(self) -> None:
        found = agreement_of([greylisted(LOCAL), greylisted(SSH)])
        assert found.headline == "Both vantage points agree: greylisted"
        assert found.side is Side.POLICY

    def test_hides_what_comes_after_it(self) -> None:
        found = agreement_of([greylisted(LOCAL), rejected(SSH, Reason.NO_SUCH_MAILBOX)])
        assert "greylisted first" in found.meaning
        assert found.side is None

    def test_by_one_public_address_is_not_explained_by_the_address(self) -> None:
        same = ("198.51.100.1",)
        found = agreement_of([accepted(LOCAL, seen_as=same), greylisted(SOCKS, seen_as=same)])
        assert "its address is not the reason" in found.meaning
        assert found.side is None


class TestOneHostForReceivers:
    def test_two_points_of_one_address_are_one_opinion(self) -> None:
        same = ("198.51.100.1",)
        reason = Reason.NO_SUCH_MAILBOX
        found = agreement_of([rejected(LOCAL, reason, seen_as=same), rejected(SOCKS, reason, seen_as=same)])
        assert found.side is None
        assert "same public IP" in found.meaning
        [sentence] = found.shared
        assert "local and socks5://proxy.far.example:1080 share public IP 198.51.100.1" in sentence

    def test_a_third_one_elsewhere_makes_two(self) -> None:
        same = ("198.51.100.1",)
        reason = Reason.NO_SUCH_MAILBOX
        points = [rejected(LOCAL, reason, seen_as=same), rejected(SOCKS, reason, seen_as=same)]
        found = agreement_of([*points, rejected(SSH, reason)])
        assert found.side is Side.RECIPIENT
        assert found.shared

    def test_one_shared_family_is_enough(self) -> None:
        found = agreement_of(
            [
                accepted(LOCAL, seen_as=("198.51.100.1", "2001:db8::1")),
                accepted(SOCKS, seen_as=("198.51.100.1", "2001:db8::2")),
            ]
        )
        assert len(found.shared) == 1
        assert "2001" not in found.shared[0]

    def test_a_private_address_in_two_networks_is_two_hosts(self) -> None:
        found = agreement_of(
            [accepted(via, seen_as=(), sources=("10.0.0.5", "fd00::5")) for via in (LOCAL, SSH)],
        )
        assert found.shared == ()

    def test_an_address_that_was_given_is_nobodys(self) -> None:
        settings = replace(SETTINGS, as_addresses=("198.51.100.9",))
        seen = ("198.51.100.9",)
        found = agreement_of([accepted(via, seen_as=seen, settings=settings) for via in (LOCAL, SSH)])
        assert found.shared == ()


class TestPort:
    def test_blocked_from_one_alone(self) -> None:
        found = agreement_of([blocked(LOCAL), accepted(SSH), accepted(SOCKS)])
        [port] = [item for item in found.differences if item.topic is Topic.PORT]
        assert port.headline == "Port 25 is blocked from local only"
        assert found.side is Side.PATH
        assert "this host" in found.action
        assert Topic.SESSION not in topics(found), "told once, not for each address"

    def test_the_port_is_the_one_that_was_tested(self) -> None:
        settings = replace(SETTINGS, port=587)
        found = agreement_of([blocked(LOCAL, settings=settings), accepted(SSH, settings=settings)])
        assert "port 587" in found.meaning

    def test_silent_everywhere_is_no_block_of_one(self) -> None:
        found = agreement_of([blocked(LOCAL), blocked(SSH)])
        assert Topic.PORT not in topics(found)
        assert "probably down" in found.meaning
        assert found.side is Side.RECIPIENT

    def test_one_address_that_is_silent_is_no_blocked_port(self) -> None:
        partly = made(LOCAL, Outcome.ACCEPTED, {MX1: TIMED_OUT, MX2: ACCEPTED})
        found = agreement_of([partly, accepted(SSH)])
        assert topics(found) == [Topic.SESSION]

    def test_addresses_that_nobody_else_tried_prove_no_block(self) -> None:
        elsewhere = made(LOCAL, Outcome.DEFERRED, {("mx9.partner.example", "192.0.2.99"): TIMED_OUT}, seen_as=())
        found = agreement_of([elsewhere, accepted(SSH)])
        assert Topic.PORT not in topics(found)
        assert Topic.MX in topics(found)
        assert "other MX hosts" in found.meaning

    def test_blocked_here_and_refused_there(self) -> None:
        found = agreement_of([blocked(LOCAL), rejected(SSH, Reason.NO_SUCH_MAILBOX)])
        assert "blocked from local" in found.meaning


class TestIpv6:
    BOTH: ClassVar = {MX1: ACCEPTED, V6: ACCEPTED}

    def test_one_without_is_told_once(self) -> None:
        without = made(LOCAL, Outcome.ACCEPTED, {MX1: ACCEPTED, V6: NO_ROUTE})
        found = agreement_of([without, made(SSH, Outcome.ACCEPTED, self.BOTH)])
        assert topics(found) == [Topic.IPV6]
        assert found.agree
        assert found.differences[0].headline == "local has no IPv6 route"

    def test_it_explains_an_outcome_where_ipv6_alone_accepts(self) -> None:
        refused = SessionFacts(SessionEnd.REJECTED, "550 5.1.1")
        without = made(LOCAL, Outcome.BOUNCED, {MX1: refused, V6: NO_ROUTE}, Reason.NO_SUCH_MAILBOX)
        other = made(SSH, Outcome.ACCEPTED, {MX1: refused, V6: ACCEPTED})
        found = agreement_of([without, other])
        assert "Only IPv6 addresses accept" in found.meaning


LABELS = st.builds(Via, st.just("ssh"), st.text("abc-", min_size=1, max_size=250), user=st.text("u", max_size=60))
RUNS = st.sampled_from([accepted, greylisted, blocked, lambda via: rejected(via, None), None])


@given(st.lists(st.tuples(LABELS, RUNS), min_size=1, max_size=8, unique_by=lambda pair: pair[0]))
def test_a_headline_keeps_to_its_length(found: list[tuple[Via, object]]) -> None:
    points = [replace(make(SSH), via=via) if callable(make) else Vantage(via, error="gone") for via, make in found]
    told = agreement_of(points)
    assert 0 < len(told.headline) <= 80
    assert not told.headline.endswith(".")


@given(st.permutations([accepted(LOCAL), greylisted(SSH), rejected(SOCKS, Reason.IP_REPUTATION), blocked(OTHER)]))
def test_the_order_changes_no_conclusion(points: list[Vantage]) -> None:
    found = agreement_of(points)
    assert found.outcome is Outcome.BOUNCED
    assert found.side is None
    assert {item.topic for item in found.differences} == {Topic.OUTCOME, Topic.PORT, Topic.SESSION}


def test_the_same_report_from_two_points_differs_in_nothing() -> None:
    for make in (accepted, greylisted, blocked):
        assert agreement_of([make(LOCAL), make(SSH)]).differences == ()
