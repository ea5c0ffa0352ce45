"""The branch `identity` in whole runs: translated, listed, without a session, run again, broken off."""

import asyncio

import dns.message
import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.events import Event, StepFinished
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.settings import DEFAULT_BLOCKLISTS, DnsServer, Settings
from tests.engine.running import at, codes, ignore, open_files, others, run

NAT, LISTS = "bob@nat.example", ("bl.example",)


class Listening(DemoNetwork):
    """A network that writes down when each name was asked for; names that end in one of `silent` are not told."""

    def __init__(self, *silent: str) -> None:
        super().__init__()
        self.asked: dict[str, float] = {}
        self.silent = silent

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        name = query.question[0].name.to_text()
        self.asked.setdefault(name, self.now())
        if name.endswith(self.silent or ("no such name",)):
            await asyncio.sleep(limit)
            raise TimeoutError
        return await super().exchange(query, server, transport, limit)


def with_zone(network: DemoNetwork, domain: str, records: str) -> None:
    zones = build_zones({**RECORDS, domain: records})
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive)


async def test_a_translated_address_is_told_and_judged_as_others_see_it() -> None:
    async with Listening() as network:
        report = await run(network, NAT)
    assert report.outcome is Outcome.ACCEPTED
    assert report.status is Status.WARNING
    step = at(report, "identity/ipv4")
    assert step.title == "10.0.0.10, seen as 192.0.2.70"
    assert {item.code for item in step.findings} == {"address-translated", "ptr-missing"}
    assert any("Hello mail.sender.example [192.0.2.70]" in entry.text for entry in step.transcript)
    assert not any(name.startswith("10.0.0.10.") for name in network.asked)
    assert not any(name.endswith("10.in-addr.arpa.") for name in network.asked)
    assert codes(report, "identity/ehlo-name") == {"ehlo-name-mismatch"}


async def test_the_first_story_is_seen_as_it_is_in_both_families() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    steps = [(step.id, step.title) for step in report.children("identity")]
    assert steps == [
        ("identity/ehlo-name", "EHLO name"),
        ("identity/ipv4", "192.0.2.10"),
        ("identity/ipv6", "2001:db8::10"),
    ]
    assert codes(report, "identity") == set()
    assert at(report, "identity").detail == "192.0.2.10, 2001:db8::10: PTR and EHLO name match"


async def test_names_are_looked_up_while_the_sessions_are_held() -> None:
    async with Listening() as network:
        script = SmtpScript("mx.nat.example", sees="192.0.2.70", rcpt=b"250 ok\r\n", greeting_delay=0.3)
        network.hosts["192.0.2.60"] = script
        began = network.now()
        report = await run(network, NAT, dnsbl=LISTS)
    session = at(report, "delivery/mx.nat.example/192.0.2.60")
    assert session.started is not None
    assert session.seconds is not None
    ended = began + session.started + session.seconds
    for name in ("mail.sender.example.", "2.0.0.127.bl.example."):
        assert network.asked[name] < began + 0.3, name
    assert network.asked["70.2.0.192.in-addr.arpa."] < ended
    assert report.seconds is not None
    assert report.seconds < session.started + session.seconds + 0.5


async def test_a_silent_reverse_zone_is_unknown_and_keeps_nobody_waiting_for_long() -> None:
    async with Listening("in-addr.arpa.") as network:
        report = await run(network, NAT, timeout=0.3)
    assert codes(report, "identity/ipv4") == {"address-translated", "ptr-lookup-failed"}
    assert at(report, "identity/ipv4").status is Status.UNKNOWN
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)


async def test_without_any_dns_answer_it_is_told_once_and_not_here() -> None:
    async with Listening(".") as network:
        report = await run(network, "bob@[192.0.2.27]", timeout=0.2, dnsbl=LISTS)
    assert at(report, "identity").status is Status.UNKNOWN
    assert codes(report, "identity") == set()
    details = {step.detail for step in report.children("identity") if step.id != "identity/dnsbl"}
    assert details == {"no usable answer from any DNS server"}


@pytest.mark.parametrize("recipient", ["bob@null.example", "bob@missing.example", "bob@timeout.example"])
async def test_without_a_session_the_name_alone_is_judged(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient, timeout=0.3, dnsbl=LISTS)
    assert at(report, "identity/ehlo-name").status is Status.PASSED
    assert "identity/ipv4" not in report.steps
    assert at(report, "identity/dnsbl/bl.example").status is Status.SKIPPED
    assert (
        at(report, "identity").detail == "EHLO name mail.sender.example; no session showed the public IP address"
    )


class Nameless(DemoNetwork):
    """A machine without a name of its own."""

    async def host_name(self) -> str | None:
        return None


async def test_a_machine_without_a_name_greets_with_its_address() -> None:
    async with Nameless() as network:
        report = await run(network, "bob@plain.example")
        nobody = await run(network, "bob@null.example")
    assert codes(report, "identity") == {"ehlo-name-literal"}
    assert at(nobody, "identity/ehlo-name").status is Status.SKIPPED


async def test_the_private_literal_of_a_host_without_a_name_is_told_once_and_colours_no_mail_host() -> None:
    async with Nameless() as network:
        report = await run(network, NAT)
    told = {
        key for key, step in report.steps.items() for item in step.findings if item.code == "ehlo-name-private"
    }
    assert told == {"identity/ehlo-name"}
    assert "ehlo-name-mismatch" not in codes(report)
    assert {step.status for step in report.descendants("delivery")} == {Status.PASSED}
    assert at(report, "identity").status is Status.WARNING


async def test_a_private_address_that_nobody_speaks_of_is_skipped() -> None:
    async with Listening() as network:
        network.hosts["192.0.2.60"] = SmtpScript("mx.nat.example")
        report = await run(network, NAT, dnsbl=LISTS)
    assert codes(report, "identity") == {"address-unseen"}
    assert at(report, "identity/ipv4").status is Status.SKIPPED
    assert report.status is Status.PASSED
    assert at(report, "identity/dnsbl/bl.example").detail == "public IP address unknown"


async def test_the_name_given_is_the_one_that_is_judged() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@plain.example", ehlo="mx.sender.example")
        bare = await run(network, "bob@plain.example", ehlo="mailserver")
        gone = await run(network, "bob@plain.example", ehlo="gone.sender.example")
    assert codes(report, "identity") == {"ehlo-name-mismatch"}
    assert codes(bare, "identity") == {"ehlo-name-not-fqdn"}
    assert codes(gone, "identity") == {"ehlo-name-unresolvable"}
    assert report.outcome is bare.outcome is gone.outcome is Outcome.ACCEPTED


async def test_a_listing_is_a_warning_with_the_lists_reason() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", dnsbl=LISTS)
    [found] = at(report, "identity/dnsbl/bl.example").findings
    assert found.code == "dnsbl-listed"
    assert any("Mail to a trap" in line for line in found.evidence)
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)
    notes = [entry.text for entry in at(report, "identity/dnsbl/bl.example").transcript]
    assert any(f"2.0.0.0.0.0.f.7.f.f.f.f{'.0' * 20}.bl.example" in line for line in notes)


async def test_lists_are_asked_for_what_others_see_and_only_where_they_are_believed() -> None:
    async with Listening("dead.example.") as network:
        with_zone(network, "all.example", "* A 127.0.0.2")
        with_zone(network, "closed.example", "* A 192.0.2.1")
        report = await run(
            network, NAT, timeout=0.3, dnsbl=("bl.example", "all.example", "closed.example", "dead.example")
        )
    lists = {StepId(step.id).name: step.status for step in report.children("identity/dnsbl")}
    assert lists == {
        "bl.example": Status.PASSED,
        "all.example": Status.UNKNOWN,
        "closed.example": Status.UNKNOWN,
        "dead.example": Status.UNKNOWN,
    }
    assert "70.2.0.192.bl.example." in network.asked
    assert not any(name.startswith(("10.0.0.10", "10.2.0.192")) for name in network.asked if ".arpa" not in name)
    assert [name for name in network.asked if name.startswith("70.") and "bl.example" not in name] == [
        "70.2.0.192.in-addr.arpa."
    ]


async def test_no_list_is_asked_unless_it_is_named() -> None:
    async with Listening() as network:
        report = await run(network, NAT)
    assert "identity/dnsbl" not in report.steps
    assert not any("bl.example" in name for name in network.asked)


def test_the_demos_own_list_stands_for_the_default_set() -> None:
    settings = Settings("", "bob@partner.example", dnsbl=DEFAULT_BLOCKLISTS)
    assert DemoNetwork().prepare(settings).dnsbl == LISTS


async def again(network: DemoNetwork, previous: Report, *only: str) -> Report:
    return await run(network, NAT, dnsbl=LISTS, only=only, previous=previous)


async def test_it_runs_again_by_itself_on_what_the_sessions_had_shown() -> None:
    async with DemoNetwork() as network:
        first = await run(network, NAT, dnsbl=LISTS)
        second = await again(network, first, "identity")
        assert len(network.smtp["192.0.2.60"].sessions) == 1
    async with DemoNetwork() as changed:
        with_zone(changed, "2.0.192.in-addr.arpa", "70 PTR mail.sender.example.")
        third = await again(changed, second, "identity/ipv4")
    assert codes(second, "identity") == codes(first, "identity")
    assert list(second.steps) == list(first.steps)
    assert codes(third, "identity/ipv4") == {"address-translated", "ptr-mismatch"}
    for key in ("identity/ehlo-name", "identity/dnsbl/bl.example"):
        assert at(third, key) == at(second, key)


async def test_another_step_run_again_leaves_it_as_it_was() -> None:
    async with DemoNetwork() as network:
        first = await run(network, NAT, dnsbl=LISTS)
        second = await again(network, first, "delivery")
        third = await again(network, second, "identity/dnsbl/bl.example")
    for key in [key for key in first.steps if key.startswith("identity")]:
        assert at(second, key) == at(first, key)
    assert at(third, "identity/dnsbl/bl.example").status is Status.PASSED
    assert at(third, "identity/ipv4") == at(first, "identity/ipv4")


async def test_what_is_no_longer_seen_goes_from_the_tree() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@partner.example")
        assert "identity/ipv6" in first.steps
    async with DemoNetwork() as changed:
        with_zone(changed, "partner.example", "@ MX 10 mx4\nmx4 A 192.0.2.21")
        only = {"identity", "delivery", "remote"}
        second = await run(changed, "bob@partner.example", only=only, previous=first)
    assert "identity/ipv6" not in second.steps
    assert "identity/ipv4" in second.steps


async def test_a_run_that_is_broken_off_leaves_nothing_open() -> None:
    before = open_files()
    events: list[object] = []
    async with Listening("arpa.", "bl.example.") as network:
        network.hosts["192.0.2.60"] = SmtpScript("mx.nat.example", sees="192.0.2.70")
        task = asyncio.create_task(
            diagnose(Settings("alice@sender.example", NAT, dnsbl=LISTS), network, events.append)
        )
        await asyncio.sleep(0.6)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert others() == set()
    assert open_files() == before
    ended = {event.id: event.status for event in events if isinstance(event, StepFinished)}
    assert ended["identity"] is Status.CANCELLED


GIVEN = ("203.0.113.10", "::ffff:192.0.2.70", "2001:db8::10")


async def test_the_addresses_of_another_host_are_judged_instead_of_this_ones() -> None:
    async with Listening() as network:
        report = await run(network, "bob@partner.example", as_addresses=GIVEN, dnsbl=LISTS)
    assert [step.id for step in report.children("identity")] == [
        "identity/ehlo-name",
        "identity/192.0.2.70",
        "identity/203.0.113.10",
        "identity/2001:db8::10",
        "identity/dnsbl",
    ]
    step = at(report, "identity/203.0.113.10")
    assert step.title == "203.0.113.10 (--as-address)"
    assert StepId(step.id).kind is StepKind.PUBLIC_ADDRESS
    assert codes(report, "identity/192.0.2.70") == {"ptr-missing"}
    assert codes(report, "identity/2001:db8::10") == set()
    assert codes(report, "identity/ehlo-name") == {"ehlo-name-mismatch"}
    assert "10.2.0.192.in-addr.arpa." not in network.asked
    assert "10.113.0.203.bl.example." in network.asked
    assert "10.2.0.192.bl.example." not in network.asked
    detail = at(report, "identity").detail
    assert detail.startswith("192.0.2.70, 203.0.113.10, 2001:db8::10 (--as-address): no PTR record")


async def test_what_servers_say_of_this_host_is_told_beside_a_given_address_and_not_judged() -> None:
    async with DemoNetwork() as network:
        report = await run(network, NAT, as_addresses=("192.0.2.10",))
    step = at(report, "identity/192.0.2.10")
    assert codes(report, step.id) == set()
    lines = [entry.text for entry in step.transcript]
    assert lines[:2] == ["given address: 192.0.2.10", "the sessions left from: 10.0.0.10"]
    assert any("Hello mail.sender.example [192.0.2.70]" in line for line in lines)
    assert "192.0.2.10" in step.facts.seen_as
    assert step.facts.sources == ("10.0.0.10",)


async def test_a_given_address_is_judged_where_no_session_is_held() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example", as_addresses=("192.0.2.10",), dnsbl=LISTS)
    assert at(report, "identity/192.0.2.10").status is Status.PASSED
    assert codes(report, "identity/dnsbl/bl.example") == {"dnsbl-listed"}
    assert at(report, "identity").detail == "192.0.2.10 (--as-address): PTR and EHLO name match"


async def test_the_literal_of_this_host_says_nothing_of_another() -> None:
    async with Nameless() as network:
        report = await run(network, "bob@plain.example", as_addresses=("203.0.113.10",))
    step = at(report, "identity/ehlo-name")
    assert (step.status, step.detail) == (
        Status.SKIPPED,
        "EHLO name of the host at 203.0.113.10 not given (--ehlo)",
    )
    assert step.findings == ()


async def test_a_given_address_can_be_rerun_by_itself() -> None:
    asked = Settings(DEFAULT_SENDER, "bob@null.example", as_addresses=GIVEN)
    events: list[Event] = []
    async with DemoNetwork() as network:
        first = await diagnose(asked, network, ignore)
        again = await diagnose(asked, network, events.append, ["identity/203.0.113.10"], first)
    assert [step.id for step in again.children("identity")] == [step.id for step in first.children("identity")]
    ended = {event.id for event in events if isinstance(event, StepFinished)}
    assert "identity/203.0.113.10" in ended
    assert not {"identity/192.0.2.70", "identity/ehlo-name"} & ended
