"""The way to a delegation: which zones are asked, whom of them, and what their answers are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, Record
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.delegation import Delegation, ParentSays, ParentView, find_delegation, is_within
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer
from tests.checks.lookups.zone_made import NS, PARENT, ns_answer, parent, parent_answer, referral
from tests.checks.making import DOMAIN, SERVER, answer

SILENT = parent_answer(kind=AnswerKind.TIMEOUT)


@dataclass
class Internet(DnsClient):
    """A resolver that knows a few names, and name servers by address. What is not there is SERVFAIL, or silent."""

    network: object = None  # type: ignore[assignment]
    settings: object = None  # type: ignore[assignment]
    known: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    servers: Mapping[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    async def first_usable(self, servers: Sequence[DnsServer], question: Question) -> Answer | None:
        self.names.append(str(question))
        failed = answer(question.rdtype, name=question.name, kind=AnswerKind.SERVFAIL)
        return self.known.get((question.name, question.rdtype), failed)

    async def ask(self, server: DnsServer, question: Question, transport: Transport) -> Answer:
        assert not question.recurse
        if transport is Transport.UDP:
            self.asked.append(server.address)
        told = self.servers.get(server.address, answer(question.rdtype, kind=AnswerKind.TIMEOUT))
        return replace(told, question=question, server=server, transport=transport)


def zone(name: str, servers: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], Answer]:
    """Return what the resolver knows of a zone: SOA, name servers and their addresses."""
    known = {
        (name, "SOA"): answer("SOA", ["a. b. 1 2 3 4 5"], name=name),
        (name, "NS"): answer("NS", [f"{host}." for host in servers], name=name),
    }
    for host, addresses in servers.items():
        known[host, "A"] = answer("A", [item for item in addresses if "." in item], name=host)
        known[host, "AAAA"] = answer("AAAA", [item for item in addresses if ":" in item], name=host)
    return known


def tld(*addresses: str) -> dict[tuple[str, str], Answer]:
    return zone(PARENT, {f"{'abcdef'[n]}.nic.example": [address] for n, address in enumerate(addresses)})


async def found(internet: Internet, name: str = DOMAIN) -> Delegation:
    delegation = await find_delegation(internet, [SERVER], name)
    assert delegation is not None
    return delegation


async def test_two_servers_of_the_parent_are_asked() -> None:
    told = parent_answer(NS)
    internet = Internet(
        known=tld("192.0.2.1", "192.0.2.2", "192.0.2.3"), servers={"192.0.2.1": told, "192.0.2.2": told}
    )
    delegation = await found(internet)
    assert internet.asked == ["192.0.2.1", "192.0.2.2"]
    assert (delegation.parent, delegation.cut, delegation.names) == (PARENT, DOMAIN, frozenset(NS))
    assert [view.says for view in delegation.views] == [ParentSays.REFERRAL] * 2


async def test_others_stand_in_for_silent_ones_up_to_four() -> None:
    known = tld(*(f"192.0.2.{n}" for n in range(1, 7)))
    internet = Internet(known=known, servers={"192.0.2.3": parent_answer(NS)})
    delegation = await found(internet)
    assert internet.asked == ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
    assert [view.says for view in delegation.views].count(ParentSays.SILENCE) == 3
    assert delegation.names == frozenset(NS)
    assert not (await found(Internet(known=known))).answered


async def test_an_address_without_route_is_no_silence_of_the_server() -> None:
    known = zone(PARENT, {"a.nic.example": ["2001:db8::1", "192.0.2.1"]})
    no_route = answer("NS", kind=AnswerKind.NO_ROUTE)
    internet = Internet(known=known, servers={"2001:db8::1": no_route, "192.0.2.1": parent_answer(NS)})
    assert (await found(internet)).names == frozenset(NS)


async def test_the_closest_zone_that_the_resolver_knows_is_where_the_way_begins() -> None:
    internet = Internet(known=tld("192.0.2.1"), servers={"192.0.2.1": parent_answer(NS, name=f"mail.eu.{DOMAIN}")})
    delegation = await found(internet, f"mail.eu.{DOMAIN}")
    assert delegation.cut == DOMAIN
    assert f"SOA eu.{DOMAIN}" in internet.names


async def test_referrals_are_followed_by_their_glue() -> None:
    name = f"mail.{DOMAIN}"
    first = parent_answer(NS, [("ns1.example", "192.0.2.51"), ("ns2.example", "192.0.2.52")], name=name)
    second = parent_answer(["ns.elsewhere.example"], name=name, cut=name)
    internet = Internet(known=tld("192.0.2.1"), servers={"192.0.2.1": first, "192.0.2.51": second})
    delegation = await found(internet, name)
    assert (delegation.parent, delegation.cut) == (DOMAIN, name)
    assert internet.asked == ["192.0.2.1", "192.0.2.51", "192.0.2.52"]


async def test_a_name_in_the_zone_itself_ends_the_way_at_its_delegation() -> None:
    name = f"mail.{DOMAIN}"
    first = parent_answer(NS, [("ns1.example", "192.0.2.51"), ("ns2.example", "192.0.2.52")], name=name)
    inside = answer("NS", flags=("AA",), name=name)
    internet = Internet(known=tld("192.0.2.1"), servers={"192.0.2.1": first, "192.0.2.51": inside})
    assert (await found(internet, name)).cut == DOMAIN


async def test_a_loop_of_referrals_ends() -> None:
    name = "a.b.c.d.e.f.g.h.partner.example"
    cuts = [name.split(".", n)[n] for n in range(8, 0, -1)]
    servers = {"192.0.2.1": parent_answer(["n0.example"], [("n0.example", "192.0.2.60")], name=name, cut=cuts[0])}
    for n, cut in enumerate(cuts[1:]):
        glue = [(f"n{n + 1}.example", f"192.0.2.{61 + n}")]
        servers[f"192.0.2.{60 + n}"] = parent_answer([f"n{n + 1}.example"], glue, name=name, cut=cut)
    internet = Internet(known=tld("192.0.2.1"), servers=servers)
    await found(internet, name)
    assert len(internet.asked) <= 6


async def test_without_a_known_zone_above_there_is_nothing() -> None:
    assert await find_delegation(Internet(), [SERVER], DOMAIN) is None
    rooted = Internet(known=zone(".", {"a.root.example": ["192.0.2.9"]}), servers={"192.0.2.9": parent_answer(NS)})
    assert await find_delegation(rooted, [SERVER], DOMAIN) is None
    assert "SOA ." not in rooted.names
    below = parent_answer(["a.nic.example"], name="example", cut="example")
    rooted = Internet(known=rooted.known, servers={"192.0.2.9": below})
    assert (await found(rooted, "example")).cut == "example"
    assert await find_delegation(rooted, [SERVER], ".") is None


def said(told: Answer) -> ParentView:
    return parent(told).views[0]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (parent_answer(NS), ParentSays.REFERRAL),
        (parent_answer(NS, flags=("RA",)), ParentSays.REFERRAL),
        (replace(ns_answer(NS), flags=()), ParentSays.REFERRAL),
        (replace(ns_answer(NS), flags=("RA",)), ParentSays.NOTHING),
        (ns_answer(NS), ParentSays.OWN),
        (parent_answer(kind=AnswerKind.NXDOMAIN, flags=("AA",)), ParentSays.DENIAL),
        (parent_answer(kind=AnswerKind.NXDOMAIN), ParentSays.NOTHING),
        (parent_answer(kind=AnswerKind.REFUSED), ParentSays.NOTHING),
        (parent_answer(NS, cut=PARENT), ParentSays.NOTHING),
        (parent_answer(NS, cut="."), ParentSays.NOTHING),
        (parent_answer(NS, cut="other.example"), ParentSays.NOTHING),
        (parent_answer(NS, cut=f"below.{DOMAIN}"), ParentSays.NOTHING),
        (SILENT, ParentSays.SILENCE),
    ],
)
def test_what_an_answer_of_a_parent_is(told: Answer, says: ParentSays) -> None:
    view = said(told)
    assert view.says is says
    assert (view.cut is not None) is (says is ParentSays.REFERRAL)
    assert bool(view.names) is (says is ParentSays.REFERRAL)


def test_glue_counts_for_the_names_that_are_named_and_as_addresses_alone() -> None:
    told = parent_answer(
        NS, [("ns1.example", "192.0.2.51"), ("ns1.example", "2001:DB8::51"), ("x.example", "192.0.2.9")]
    )
    noise = Record("ns2.example", "TXT", 300, "text")
    delegation = parent(replace(told, additional=(*told.additional, noise)))
    assert delegation.glue == {"ns1.example": ("192.0.2.51", "2001:db8::51")}


def test_what_all_of_them_name_counts() -> None:
    both = parent(parent_answer(["ns1.example"]), parent_answer(["ns2.example"]), SILENT)
    assert both.names == frozenset(NS)
    assert both.answered
    assert not both.denied
    gone = parent(parent_answer(kind=AnswerKind.NXDOMAIN, flags=("AA",)))
    assert (gone.denied, gone.cut) == (True, None)
    assert not referral(*NS).denied
    assert not parent(SILENT).answered


def test_within() -> None:
    assert is_within("a.example", "example")
    assert is_within("example", "example")
    assert is_within("a.example", ".")
    assert not is_within("aexample", "example")
