"""Politeness and DNS over a whole batch, in virtual time."""

import json
from collections import defaultdict
from itertools import pairwise

import pytest

from smtpdiag_tui.batch.kept_network import KeptNetwork
from smtpdiag_tui.engine.politeness import SECONDS_APART, SESSIONS_PER_HOST, SESSIONS_PER_OPERATOR
from tests.batch.world import Held, Kept, World, at_once, batched
from tests.checks.fake_network import run


def shared_hosts(domains: int, hosts: int = 6, operators: int = 1) -> World:
    """Return domains whose mail a few hosts take, of so many operators."""
    world = World()
    names = {f"mx{host}.op{operator}.example" for host in range(hosts) for operator in range(operators)}
    for place, name in enumerate(sorted(names)):
        world.at[name] = [f"9.9.{place}.9"]
    for place in range(domains):
        operator = place % operators
        world.mx[f"d{place}.example"] = [f"mx{host}.op{operator}.example" for host in range(hosts)]
    return world


def by_address(world: World) -> dict[str, list[Held]]:
    found = defaultdict(list)
    for held in world.sessions:
        found[held.address].append(held)
    return found


def by_operator(world: World) -> dict[str, list[Held]]:
    owners = {address: host.partition(".")[2] for host, addresses in world.at.items() for address in addresses}
    found = defaultdict(list)
    for held in world.sessions:
        found[owners[held.address]].append(held)
    return found


def test_domains_that_share_hosts_meet_each_address_one_at_a_time_and_a_second_apart() -> None:
    world = shared_hosts(10)
    sink = Kept()
    batch = run(batched(world, world.mx, sink, jobs=8))
    assert batch.tally.kinds == {("accepted", ""): 10}
    sessions = by_address(world)
    assert {len(held) for held in sessions.values()} == {10}, "each run holds its own session"
    for held in sessions.values():
        for before, after in pairwise(held):
            assert after.began - before.ended >= SECONDS_APART - 1e-6


def test_an_operator_is_met_in_four_sessions_at_once_however_many_runs_there_are() -> None:
    world = shared_hosts(16, operators=2)
    run(batched(world, world.mx, Kept(), jobs=16))
    assert {at_once(held) for held in by_operator(world).values()} == {SESSIONS_PER_OPERATOR}


def test_a_host_with_many_addresses_is_met_in_two_sessions_at_once() -> None:
    world = shared_hosts(8, hosts=1)
    world.at["mx0.op0.example"] = [f"9.9.0.{place}" for place in range(1, 9)]
    run(batched(world, world.mx, Kept(), jobs=8))
    assert at_once(world.held) == SESSIONS_PER_HOST


def test_names_of_one_operator_count_together() -> None:
    world = World()
    for place in range(8):
        name = f"alt{place}.aspmx.{'google.com' if place % 2 else 'googlemail.com'}"
        world.at[name] = [f"9.9.{place}.9"]
        world.mx[f"d{place}.example"] = [name]
    run(batched(world, world.mx, Kept(), jobs=8))
    assert at_once(world.held) == SESSIONS_PER_OPERATOR


def test_who_says_that_there_are_too_many_is_met_one_at_a_time_after_a_rest_and_the_others_go_on() -> None:
    world = shared_hosts(24, hosts=2, operators=3)
    busy = world.at["mx0.op0.example"][0]
    world.busy[busy] = 3
    sink = Kept()
    batch = run(batched(world, world.mx, sink, jobs=8))
    assert batch.tally.runs == 24
    held = by_operator(world)["op0.example"]
    refused = by_address(world)[busy][0].ended
    later = [item for item in held if item.began > refused + 0.01]
    assert at_once(later) == 1
    assert min(item.began for item in later) - refused >= 4
    others = [item.ended for key, found in by_operator(world).items() if key != "op0.example" for item in found]
    assert max(others) < max(item.ended for item in held), "nobody else waits for it"


def test_a_domain_whose_dns_hangs_holds_up_nobody() -> None:
    world = shared_hosts(20, hosts=1, operators=10)
    world.hanging = {"d0.example"}
    sink = Kept()
    run(batched(world, world.mx, sink, jobs=2))
    told = [json.loads(line)["recipient"] for line in sink.lines]
    assert told[-1] == "postmaster@d0.example"
    assert len(told) == 20


def test_questions_are_asked_once_for_all_runs() -> None:
    world = shared_hosts(6, hosts=1)
    batch = run(batched(world, world.mx, Kept(), jobs=3))
    assert set(world.asked.values()) == {1}
    assert batch.answers.saved > batch.answers.asked


def test_an_answer_counts_as_long_as_its_ttl_says() -> None:
    kept, gone = (shared_hosts(6, hosts=1) for _ in range(2))
    gone.ttl = 1  # the runs are further apart
    for world in (kept, gone):
        run(batched(world, world.mx, Kept(), jobs=1))
    assert kept.asked.most_common(1)[0][1] == 1
    assert gone.asked.most_common(1)[0][1] == 6


def test_one_run_does_not_close_the_connections_of_the_others() -> None:
    world = World()
    released = []
    world.release = lambda: released.append(True)  # type: ignore[method-assign]
    network = KeptNetwork(world.as_network())
    network.release()
    assert released == []
    run(network.close())
    assert released == [True]


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_runs_at_once_than_jobs(jobs: int) -> None:
    world = shared_hosts(9, hosts=1, operators=9)
    run(batched(world, world.mx, Kept(), jobs=jobs))
    assert at_once(world.held) <= jobs
