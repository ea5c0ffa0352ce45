"""Name servers: all of an ordinary zone, few of a huge one, and none where nobody may be asked."""

import ipaddress
import time

import pytest

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.checks.lookups.name_servers import (
    MAX_ADDRESSES,
    MAX_NAME_SERVERS,
    MAX_OF_ONE,
    NameServer,
    NameServers,
    find_name_servers,
    look_up,
    look_up_more,
    within_limits,
)
from tests.checks.lookups.told import Told
from tests.checks.making import DOMAIN, SERVER, answer


def four(number: int) -> list[str]:
    return [str(ipaddress.IPv4Address("192.0.2.0") + n) for n in range(number)]


def six(number: int) -> list[str]:
    return [str(ipaddress.IPv6Address("2001:db8::") + n) for n in range(number)]


def told(names: int, addresses: int) -> Told:
    table = {(DOMAIN, "NS"): answer("NS", [f"ns{number:04}.example." for number in range(names)])}
    for number in range(names):
        name = f"ns{number:04}.example"
        table[name, "A"] = answer("A", four(addresses), name=name)
        table[name, "AAAA"] = answer("AAAA", six(addresses), name=name)
    return Told(table=table)


async def test_an_ordinary_set_is_asked_whole() -> None:
    found = await find_name_servers(told(MAX_NAME_SERVERS, 1), [SERVER], DOMAIN)
    assert (found.names_left, found.addresses_left) == (0, 0)
    assert [server.addresses for server in found.servers] == [("192.0.2.0", "2001:db8::")] * MAX_NAME_SERVERS


async def test_what_lies_beyond_the_limits_is_counted() -> None:
    found = await find_name_servers(told(1000, 100), [SERVER], DOMAIN)
    assert (len(found.servers), found.names_left) == (MAX_NAME_SERVERS, 1000 - MAX_NAME_SERVERS)
    kept = [address for server in found.servers for address in server.addresses]
    assert len(kept) == MAX_ADDRESSES
    assert found.addresses_left == MAX_NAME_SERVERS * 200 - MAX_ADDRESSES
    for server in found.servers:
        assert {":" in address for address in server.addresses} == {True, False}


async def test_names_that_are_left_out_are_not_looked_up() -> None:
    resolver = told(1000, 1)
    await find_name_servers(resolver, [SERVER], DOMAIN)
    assert len(resolver.asked) == 1 + 2 * MAX_NAME_SERVERS


@pytest.mark.parametrize(("v4", "v6"), [(100, 0), (0, 100), (100, 1), (1, 100), (100, 100)])
def test_one_name_has_few_addresses_of_both_families(v4: int, v6: int) -> None:
    [server], left = within_limits([NameServer("ns.example", (*four(v4), *six(v6)))])
    assert len(server.addresses) == MAX_OF_ONE
    assert left == v4 + v6 - MAX_OF_ONE
    assert any("." in address for address in server.addresses) is (v4 > 0)
    assert any(":" in address for address in server.addresses) is (v6 > 0)


async def test_addresses_that_are_never_asked_stand_apart_and_take_nobodys_place() -> None:
    addresses = [f"127.0.0.{number}" for number in range(1, 50)] + ["192.0.2.1", "0.0.0.0"]
    resolver = Told(table={("ns.example", "A"): answer("A", addresses, name="ns.example")})
    found = await look_up(resolver, [SERVER], "ns.example")
    assert found.addresses == ("192.0.2.1",)
    assert len(found.unusable) == 50
    [kept], left = within_limits([found])
    assert kept.addresses == ("192.0.2.1",)
    assert len(kept.unusable) == MAX_OF_ONE - 1
    assert left == 51 - MAX_OF_ONE


async def test_the_order_of_answers_does_not_matter() -> None:
    one = Told(table={("ns.example", "A"): answer("A", four(100), name="ns.example")})
    other = Told(table={("ns.example", "A"): answer("A", four(100)[::-1], name="ns.example")})
    assert await look_up(one, [SERVER], "ns.example") == await look_up(other, [SERVER], "ns.example")


async def test_a_name_without_address_says_why() -> None:
    found = await look_up(Told(), [SERVER], "ns.example")
    assert (found.addresses, found.unusable) == ((), ())
    assert found.problem == "NXDOMAIN for A, NXDOMAIN for AAAA"


@pytest.mark.parametrize("what", ["names", "addresses"])
async def test_thousands_of_records_in_one_answer_take_time_in_proportion(what: str) -> None:
    async def seconds(number: int) -> float:
        resolver = told(number, 1) if what == "names" else told(1, number)
        unusable_reason.cache_clear()
        begun = time.process_time()
        await find_name_servers(resolver, [SERVER], DOMAIN)
        return time.process_time() - begun

    small, large = [min([await seconds(number) for _ in range(3)]) for number in (500, 4000)]
    assert large < 3 * 8 * max(small, 0.001)


async def test_name_servers_and_addresses_are_added_to_what_is_known() -> None:
    known = NameServers((NameServer("ns0000.example", ("192.0.2.0",)),))
    glue = {"ns0000.example": ("192.0.2.0", "192.0.2.9"), "ns0001.example": ("192.0.2.1",)}
    found = await look_up_more(told(2, 2), [SERVER], known, ["ns0000.example", "ns0001.example"], glue)
    first, second = found.servers
    assert (first.addresses, first.glue) == (("192.0.2.0", "192.0.2.9"), ("192.0.2.9",))
    assert (second.addresses, second.glue) == (("192.0.2.0", "192.0.2.1", "2001:db8::", "2001:db8::1"), ())


async def test_a_name_with_glue_need_not_be_looked_up() -> None:
    resolver = told(2, 1)
    glue = {"ns0001.example": ("192.0.2.7", "127.0.0.1")}
    names = ["ns0000.example", "ns0001.example"]
    found = await look_up_more(resolver, [SERVER], NameServers(), names, glue, glue_is_enough=True)
    assert {question.name for question in resolver.asked} == {"ns0000.example"}
    assert (found.servers[1].addresses, found.servers[1].unusable) == (("192.0.2.7",), ("127.0.0.1",))


async def test_what_was_asked_already_is_kept_before_what_is_added() -> None:
    known = await find_name_servers(told(MAX_NAME_SERVERS, 2), [SERVER], DOMAIN)
    more = [f"more{n}.example" for n in range(20)]
    glue = {name: tuple(four(20)) for name in (*more, "ns0000.example")}
    found = await look_up_more(told(1, 1), [SERVER], known, more, glue)
    assert len(found.servers) == MAX_NAME_SERVERS
    before = {(server.host, address) for server in known.servers for address in server.addresses}
    after = {(server.host, address) for server in found.servers for address in server.addresses}
    assert before <= after
    assert len(after) == MAX_ADDRESSES
    assert found.names_left == 20
    assert found.addresses_left > known.addresses_left


async def test_nothing_new_changes_nothing() -> None:
    known = await find_name_servers(told(1000, 100), [SERVER], DOMAIN)
    names = [server.host for server in known.servers]
    assert await look_up_more(told(1, 1), [SERVER], known, names, {}) == known
