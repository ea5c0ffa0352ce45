"""Finding the mail hosts: each row of what a question for MX may come to, and each of what a target may be."""

import itertools

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.checks.lookups.domain import DomainObservation, ServerLookup
from smtpdiag_tui.checks.lookups.domain_judgement import judge
from smtpdiag_tui.checks.lookups.routing import (
    HostLookup,
    MailHost,
    Resolution,
    RouteKind,
    find_route,
    look_up_host,
)
from smtpdiag_tui.checks.mail_hosts import AddressFacts, judge_address, judge_host, none_usable
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.told import Told
from tests.checks.making import DOMAIN, OTHER, SERVER, answer, codes, pair

HOST = "mx.partner.example"


async def route(mx: Answer, **others: Answer) -> tuple[RouteKind, list[tuple[str, int | None]], list[str], Told]:
    """Return kind, hosts, the codes at the recipient's domain, and who was asked."""
    told = Told(table={(DOMAIN, "MX"): mx, **{(DOMAIN, key): value for key, value in others.items()}})
    found = await find_route(told, [SERVER], DOMAIN)
    seen = DomainObservation(DOMAIN, False, (), found)
    return found.kind, [(host.name, host.preference) for host in found.hosts], codes(judge(seen)), told


async def test_mx_are_taken_by_ascending_preference_and_nothing_else_is() -> None:
    kind, hosts, found, told = await route(answer(data=["20 b.example.", "10 a.example.", "20 A2.example."]))
    assert (kind, found) == (RouteKind.MX, [])
    assert hosts == [("a.example", 10), ("a2.example", 20), ("b.example", 20)]
    assert [question.rdtype for question in told.asked] == ["MX"]


async def test_an_mx_through_cname_goes_on_with_the_canonical_name() -> None:
    kind, hosts, found, _ = await route(answer(data=["10 a.example."], aliases=[(DOMAIN, "other.example")]))
    assert (kind, hosts, found) == (RouteKind.MX, [("a.example", 10)], ["mx-through-cname"])


async def test_a_circle_of_cnames_is_a_failure() -> None:
    circle = answer(aliases=[(DOMAIN, "b.example"), ("b.example", DOMAIN)], soa=None)
    kind, _, found, _ = await route(circle)
    assert (kind, found) == (RouteKind.LOOP, ["cname-loop"])


async def test_a_chain_of_more_than_16_names_is_a_failure_one_of_16_is_not() -> None:
    names = [DOMAIN, *(f"n{number}.example" for number in range(1, 18))]
    links = list(itertools.pairwise(names))
    long = await route(answer(data=["10 a.example."], aliases=links))
    assert long[0] is RouteKind.LOOP
    fitting = await route(answer(data=["10 a.example."], aliases=links[:16]))
    assert fitting[0] is RouteKind.MX


async def test_the_null_mx_alone() -> None:
    kind, hosts, found, _ = await route(answer(data=["0 ."]))
    assert (kind, hosts, found) == (RouteKind.NULL, [], ["null-mx"])


@pytest.mark.parametrize("data", [["0 .", "10 a.example."], ["10 .", "10 a.example."]])
async def test_a_null_mx_that_is_not_alone_is_ignored(data: list[str]) -> None:
    kind, hosts, found, _ = await route(answer(data=data))
    assert (kind, hosts, found) == (RouteKind.MX, [("a.example", 10)], ["null-mx-not-alone"])


async def test_a_dot_with_another_preference_is_no_null_mx() -> None:
    kind, hosts, found, _ = await route(answer(data=["10 ."]))
    assert (kind, hosts, found) == (RouteKind.MX, [], ["null-mx-not-alone"])


async def test_no_mx_means_the_domains_own_addresses() -> None:
    kind, hosts, found, told = await route(answer(), A=answer("A"), AAAA=answer("AAAA", ["2001:db8::1"]))
    assert (kind, hosts, found) == (RouteKind.IMPLICIT, [(DOMAIN, 0)], ["implicit-mx"])
    assert {question.rdtype for question in told.asked} == {"MX", "A", "AAAA"}


async def test_neither_mx_nor_address() -> None:
    kind, _, found, _ = await route(answer(), A=answer("A"), AAAA=answer("AAAA"))
    assert (kind, found) == (RouteKind.NO_HOST, ["no-mail-host"])


async def test_no_mx_and_addresses_that_cannot_be_looked_up_is_a_failed_lookup() -> None:
    broken = answer("A", kind=AnswerKind.SERVFAIL)
    kind, _, found, _ = await route(answer(), A=broken, AAAA=answer("AAAA"))
    assert (kind, found) == (RouteKind.FAILED, ["dns-server-failure"])


async def test_nxdomain_asks_no_further() -> None:
    kind, _, found, told = await route(answer(kind=AnswerKind.NXDOMAIN))
    assert (kind, found) == (RouteKind.NOT_FOUND, ["domain-not-found"])
    assert len(told.asked) == 1


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (AnswerKind.SERVFAIL, ["dns-server-failure"]),
        (AnswerKind.REFUSED, ["dns-server-failure"]),
        (AnswerKind.TIMEOUT, []),
    ],
)
async def test_a_failed_lookup_never_falls_back_to_addresses(kind: AnswerKind, found: list[str]) -> None:
    route_kind, hosts, seen, told = await route(answer(kind=kind), A=answer("A", ["192.0.2.1"]))
    assert (route_kind, hosts, seen) == (RouteKind.FAILED, [], found)
    assert len(told.asked) == 1


async def test_the_senders_null_mx_or_missing_domain_is_our_side() -> None:
    for mx, code in ((answer(data=["0 ."]), "null-mx"), (answer(kind=AnswerKind.NXDOMAIN), "domain-not-found")):
        told = Told(table={(DOMAIN, "MX"): mx})
        seen = DomainObservation(DOMAIN, True, (), await find_route(told, [SERVER], DOMAIN))
        assert codes(judge(seen)) == [code]


async def test_another_server_with_another_answer_is_a_warning_that_explains() -> None:
    told = Told(table={(DOMAIN, "MX"): answer(data=["10 out.example."], server=OTHER)})
    found = await find_route(told, [OTHER], DOMAIN)
    inside = ServerLookup(SERVER, (pair(["10 in.example."], ["10 in.example."]),))
    outside = ServerLookup(OTHER, (pair(["10 out.example."], ["10 out.example."], server=OTHER),))
    seen = DomainObservation(DOMAIN, False, (inside, outside), found, targets=(OTHER,))
    [item] = judge(seen)
    assert (item.code, item.severity) == ("dns-answers-differ", "warning")
    assert item.message == "192.0.2.54 and 192.0.2.53 return different MX records (expected with split DNS)"
    assert item.advice == "None, if 192.0.2.54 and 192.0.2.53 differ for partner.example on purpose."
    same = DomainObservation(
        DOMAIN, False, (ServerLookup(SERVER, outside.pairs), outside), found, targets=(OTHER,)
    )
    assert judge(same) == ()


async def test_a_senders_domain_that_only_the_outside_knows() -> None:
    told = Told(table={(DOMAIN, "MX"): answer(kind=AnswerKind.NXDOMAIN)})
    found = await find_route(told, [SERVER], DOMAIN)
    inside = ServerLookup(SERVER, (pair(AnswerKind.NXDOMAIN, AnswerKind.NXDOMAIN),))
    outside = ServerLookup(OTHER, (pair(["10 out.example."], ["10 out.example."], server=OTHER),))
    seen = DomainObservation(DOMAIN, True, (inside, outside), found, targets=(OTHER,))
    assert "domain-only-outside" in codes(judge(seen))
    assert "domain-not-found" not in codes(judge(seen))
    recipient = DomainObservation(DOMAIN, False, (inside, outside), found, targets=(OTHER,))
    assert "domain-only-outside" not in codes(judge(recipient))


def lookup(a: Answer, aaaa: Answer, name: str = HOST) -> HostLookup:
    return HostLookup(MailHost(name, 10), Resolution((a,), a.chain, a.looping), Resolution((aaaa,), aaaa.chain))


A, AAAA = answer("A", ["192.0.2.25"], name=HOST), answer("AAAA", ["2001:db8::25"], name=HOST)
NO_A, NO_AAAA = answer("A", name=HOST), answer("AAAA", name=HOST)
FAIL_A = answer("A", name=HOST, kind=AnswerKind.SERVFAIL)
FAIL_AAAA = answer("AAAA", name=HOST, kind=AnswerKind.TIMEOUT)


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (lookup(A, AAAA), []),
        (lookup(A, NO_AAAA), []),
        (lookup(NO_A, NO_AAAA), ["mx-unresolvable"]),
        (lookup(answer("A", name=HOST, kind=AnswerKind.NXDOMAIN), NO_AAAA), ["mx-unresolvable"]),
        (lookup(A, FAIL_AAAA), ["mx-lookup-partial"]),
        (lookup(FAIL_A, AAAA), ["mx-lookup-partial"]),
        (lookup(FAIL_A, FAIL_AAAA), ["mx-lookup-failed"]),
        (lookup(NO_A, FAIL_AAAA), ["mx-lookup-failed"]),
        (lookup(NO_A, AAAA), ["mx-ipv6-only"]),
        (
            lookup(answer("A", ["192.0.2.25"], name=HOST, aliases=[(HOST, "real.example")]), NO_AAAA),
            ["mx-is-cname"],
        ),
        (
            lookup(answer("A", name=HOST, aliases=[(HOST, "b.example"), ("b.example", HOST)]), NO_AAAA),
            ["mx-unresolvable"],
        ),
        (HostLookup(MailHost("192.0.2.25", 10)), ["mx-is-address"]),
    ],
)
def test_what_a_target_comes_to(seen: HostLookup, found: list[str]) -> None:
    assert codes(judge_host(seen)) == found


async def test_an_exchange_that_looks_like_an_address_is_not_looked_up() -> None:
    told = Told()
    seen = await look_up_host(told, [SERVER], MailHost("192.0.2.25", 10))
    assert (seen.addresses, told.asked) == ((), [])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("255.255.255.255", "broadcast"),
    ],
)
def test_addresses_that_are_never_connected_to(address: str, reason: str) -> None:
    [found] = judge_address(AddressFacts(address, HOST, public=False, own=False))
    assert found.code == "mx-address-unusable"
    assert reason in found.message


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (AddressFacts("9.9.9.9", HOST, public=True, own=False), []),
        (AddressFacts("9.9.9.9", HOST, public=True, own=True), ["mx-is-this-machine"]),
        (AddressFacts("10.0.0.1", HOST, public=False, own=False), ["mx-address-not-public"]),
        (AddressFacts("9.9.9.9", HOST, public=True, own=False, hosts=(HOST, "b.example")), ["mx-shared-address"]),
    ],
)
def test_addresses_that_are_connected_to_with_a_remark(facts: AddressFacts, found: list[str]) -> None:
    assert codes(judge_address(facts)) == found


def test_none_usable() -> None:
    unusable = lookup(answer("A", ["127.0.0.1"], name=HOST), NO_AAAA)
    found = none_usable([unusable, lookup(NO_A, NO_AAAA)], DOMAIN)
    assert found is not None
    assert found.code == "mx-none-usable"
    assert none_usable([unusable, lookup(A, NO_AAAA)], DOMAIN) is None
    assert none_usable([unusable, lookup(FAIL_A, FAIL_AAAA)], DOMAIN) is None


def test_servers_are_told_by_address_and_port() -> None:
    assert DnsServer("2001:db8::1", 5353).label == "[2001:db8::1]:5353"
