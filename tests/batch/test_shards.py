"""Splitting a batch by operator: every pair in exactly one part, the same on each machine."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.batch import run as batch_run
from smtpdiag_tui.batch.done import Done, DoneLine
from smtpdiag_tui.batch.operators import operator_by, shard_of
from smtpdiag_tui.checks.lookups.routing import MailHost, Resolution, Route, RouteKind
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from tests.batch.world import Kept, World, batched
from tests.checks.fake_network import run


def route(*hosts: tuple[int, str], kind: RouteKind = RouteKind.MX) -> Route:
    mail_hosts = tuple(MailHost(name, preference) for preference, name in hosts)
    return Route("customer.example", kind, Resolution((), ("customer.example",)), mail_hosts)


def world() -> World:
    made = World()
    for place in range(40):
        operator = place % 10
        host = f"mx{place % 3}.op{operator}.example"
        made.mx[f"d{place}.example"] = [host, "backup.other.example"]
        made.at[host] = [f"9.9.{operator}.{place % 3 + 1}"]
    made.at["backup.other.example"] = ["9.9.99.9"]
    made.hanging = {"d7.example"}
    return made


async def at_once(settings: Settings, *_rest: object, **_more: object) -> Report:
    return Report(settings)


@pytest.fixture(autouse=True)
def _no_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "diagnose", at_once)


@given(st.text(min_size=1), st.integers(1, 9999))
def test_each_operator_belongs_to_one_part(operator: str, number: int) -> None:
    assert 1 <= shard_of(operator, number) <= number


def test_the_parts_do_not_depend_on_the_machine_or_its_version() -> None:
    assert [shard_of(name, 7) for name in ("google.com", "outlook.com", "op1.example")] == [1, 3, 2]


@pytest.mark.parametrize(
    ("found", "operator"),
    [
        (route((10, "aspmx.l.google.com"), (20, "mx.other.example")), "google.com"),
        (route((10, "mx.z.example"), (10, "mx.a.example")), "a.example"),
        (route((10, "aspmx2.googlemail.com")), "google.com"),
        (route((5, "contoso-com.b-v1.mx.microsoft")), "outlook.com"),
        (route((5, "contoso-com.mail.protection.outlook.com")), "outlook.com"),
        (route((10, "192.0.2.1")), "192.0.2.1"),
        (route(kind=RouteKind.FAILED), "customer.example"),
        (route(kind=RouteKind.NULL), "customer.example"),
        (route((10, "mx.a.co.uk")), "a.co.uk"),
    ],
)
def test_the_operator_is_that_of_the_most_preferred_host(found: Route, operator: str) -> None:
    assert operator_by(found) == operator


def told(sink: Kept) -> list[str]:
    return [value.get("recipient", value.get("text")) for value in map(json.loads, sink.lines)]


@pytest.mark.parametrize("number", [2, 3])
def test_all_parts_together_are_the_whole_and_no_pair_is_in_two(number: int) -> None:
    given_lines = [*world().mx, "what is this?", "bob@[192.0.2.7]", "bob@[192.0.2.7]"]
    parts = []
    for part in range(1, number + 1):
        sink = Kept()
        batch = run(batched(world(), given_lines, sink, shard=(part, number), jobs=16))
        assert batch.tally.dealt_with == len(given_lines)
        parts.append(told(sink))
    whole = Kept()
    run(batched(world(), given_lines, whole, jobs=16))
    assert sorted(name for part in parts for name in part) == sorted(told(whole))
    owners = [{name.partition("@")[2] for name in part} for part in parts]
    for operator in range(10):
        domains = {f"d{place}.example" for place in range(40) if place % 10 == operator} - {"d7.example"}
        assert sum(bool(domains & owner) for owner in owners) == 1, "one machine alone meets an operator"


def test_a_server_that_is_given_is_the_operator_of_all() -> None:
    settings = Settings("", "", dnsbl=(), server="192.0.2.99")
    numbers = []
    for part in (1, 2):
        sink = Kept()
        run(batched(world(), list(world().mx)[:4], sink, shard=(part, 2), settings=settings))
        numbers.append(len(sink.lines))
    assert sorted(numbers) == [0, 4]


def test_pairs_that_were_done_and_pairs_that_stand_twice_are_run_once() -> None:
    done, sink = Done(), Kept()
    done.add(DoneLine("alice@sender.example\npostmaster@d1.example", ("bounced", "null-mx")))
    names = ["d1.example", "d2.example", "D2.example", "postmaster@d2.example", "d3.example"]
    batch = run(batched(world(), names, sink, done=done))
    assert sorted(told(sink)) == ["postmaster@d2.example", "postmaster@d3.example"]
    assert (batch.tally.earlier, batch.tally.repeated) == ({("bounced", "null-mx"): 1}, 2)
