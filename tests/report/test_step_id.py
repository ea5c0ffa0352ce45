"""Step ids: what each part of one is, and what a step is about."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.report.step_id import (
    HOSTS_LEFT_OUT,
    NAME_SERVERS_LEFT_OUT,
    StepId,
    StepKind,
    within,
    within_any,
)
from smtpdiag_tui.settings import Probe
from tests.engine.running import run

KINDS = {
    "syntax": StepKind.BRANCH,
    "syntax/sender": StepKind.MAILBOX,
    "dns-servers/192.0.2.53": StepKind.SERVER,
    "remote/[2001:db8::53]:5353/tcp": StepKind.TRANSPORT,
    "soa/192.0.2.53": StepKind.SERVER,
    "soa/192.0.2.53:5353": StepKind.SERVER,
    "soa/2001:db8::53": StepKind.SERVER,
    "soa/192.0.2.53/udp": StepKind.TRANSPORT,
    "soa/ns1.example": StepKind.HOST,
    "soa/ns1.example/192.0.2.51": StepKind.ADDRESS,
    "soa/ns1.example/192.0.2.51/udp": StepKind.TRANSPORT,
    "soa/left out": StepKind.REST,
    "delivery": StepKind.BRANCH,
    "delivery/mx.example": StepKind.HOST,
    "delivery/...": StepKind.REST,
    "delivery/mx.example/...": StepKind.REST,
    "delivery/mx.example/192.0.2.1": StepKind.ADDRESS,
    "delivery/udp": StepKind.HOST,
    "delivery/mx.example/192.0.2.1/rcpt-to": StepKind.PHASE,
    "identity/ehlo-name": StepKind.NAME,
    "identity/ipv4-2": StepKind.SOURCE,
    "identity/dnsbl": StepKind.LISTS,
    "identity/dnsbl/zen.example": StepKind.LIST,
    "senders/standard": StepKind.PROFILE,
    "probes/postmaster": StepKind.PROBE,
    "delivery/a/b/c/d": StepKind.OTHER,
    "something/else": StepKind.OTHER,
}


@pytest.mark.parametrize(("step_id", "kind"), KINDS.items())
def test_an_id_tells_what_its_step_is_about(step_id: str, kind: StepKind) -> None:
    assert StepId(step_id).kind is kind


def test_a_session_is_read_part_by_part() -> None:
    session = StepId("delivery") / "mx.example" / "2001:db8::1"
    phase = session / "rcpt-to"
    assert phase == "delivery/mx.example/2001:db8::1/rcpt-to"
    assert (phase.branch, phase.host, phase.address, phase.phase) == (
        "delivery",
        "mx.example",
        "2001:db8::1",
        "rcpt-to",
    )
    assert (phase.name, phase.depth, phase.parent, phase.family) == ("rcpt-to", 3, session, 6)
    assert phase.above == ("delivery", "delivery/mx.example", session)
    assert (session.is_session, phase.is_session) == (True, False)
    assert (session.phase, session.server, session.transport) == ("", "", "")


def test_servers_and_name_servers_are_told_apart() -> None:
    server, authority = StepId("soa/192.0.2.53/tcp"), StepId("soa/ns1.example/192.0.2.51/tcp")
    assert (server.server, server.host, server.address, server.transport) == ("192.0.2.53", "", "", "tcp")
    assert (authority.server, authority.host, authority.address) == ("", "ns1.example", "192.0.2.51")
    assert (authority.transport, authority.is_session) == ("tcp", False)


@pytest.mark.parametrize(
    "branch", ["syntax", "dns-servers", "soa", "delivery", "identity", "senders", "other", ""]
)
def test_the_top_has_nothing_above_it(branch: str) -> None:
    top = StepId(branch)
    assert (top.parent, top.above, top.depth, top.host, top.family) == (None, (), 0, "", None)
    assert (top.kind, top.phase, top.server, top.is_session) == (StepKind.BRANCH, "", "", False)


def test_what_is_left_out_is_no_host() -> None:
    assert (StepId("delivery") / HOSTS_LEFT_OUT).host == ""
    assert (StepId("soa") / NAME_SERVERS_LEFT_OUT).host == ""
    below = StepId("delivery") / "mx.example" / HOSTS_LEFT_OUT
    assert (below.host, below.address) == ("mx.example", "")


@pytest.mark.parametrize(("name", "family"), [("ipv4", 4), ("ipv4-2", 4), ("ipv6", 6), ("ipv6-3", 6)])
def test_an_address_of_this_machine_has_a_family(name: str, family: int) -> None:
    assert (StepId("identity") / name).family == family


def test_to_lie_within_is_more_than_to_begin_alike() -> None:
    assert within("delivery/a/b", "delivery/a")
    assert StepId("delivery/a").within("delivery/a")
    assert not within("delivery/ab", "delivery/a")
    assert within_any("delivery/ab", ("soa", "delivery"))
    assert not within_any("delivery", ("delivery/a", "soa"))


def test_a_kind_that_nobody_knows_is_another_one() -> None:
    assert StepKind("of a later version") is StepKind.OTHER


async def test_every_step_of_a_run_has_a_kind_that_its_id_tells() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", probes=tuple(Probe), dnsbl=("bl.example",))
    kinds = {step.kind for step in report.steps.values()}
    assert kinds == set(StepKind) - {StepKind.OTHER, StepKind.REST}
    assert all(step.kind is StepId(key).kind for key, step in report.steps.items())
