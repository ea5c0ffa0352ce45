"""The mail server of the demo's host: what waits there is of the demo's own internet."""

import re

from smtpdiag_tui.demo.hosts import SMTP_HOSTS
from smtpdiag_tui.demo.local_mta import HOST_NAME, DemoMta
from smtpdiag_tui.demo.network import HOST_NAME as OF_NETWORK
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import story_of
from smtpdiag_tui.demo.zones import RECORDS
from smtpdiag_tui.local_mta.deferrals import DeferralKind, deferral
from smtpdiag_tui.local_mta.installed import resolve
from smtpdiag_tui.settings import Settings


async def test_messages_wait_for_several_reasons_and_all_go_to_stories() -> None:
    queue = await DemoMta().queue()
    assert all(story_of(entry.recipient) is not None for entry in queue.entries)
    kinds = {deferral(entry.reason).kind for entry in queue.entries}
    assert kinds == {DeferralKind.REPLY, DeferralKind.CONNECT, DeferralKind.DNS, DeferralKind.NONE}
    assert DeferralKind.UNKNOWN not in kinds
    assert len({entry.id for entry in queue.entries}) == len(queue.entries)


async def test_the_servers_that_its_reasons_name_are_those_of_the_demo() -> None:
    named = set()
    for entry in (await DemoMta().queue()).entries:
        named |= set(re.findall(r"([\w.-]+)\[([\d.]+)\]", entry.reason))
    assert named
    for host, address in named:
        name, _, domain = host.partition(".")
        assert f"{name} A {address}" in RECORDS[domain]
        assert address not in SMTP_HOSTS or SMTP_HOSTS[address].host == host


async def test_it_sends_as_the_demo_does() -> None:
    assert HOST_NAME == OF_NETWORK
    facts = await DemoMta().facts("", "")
    assert not facts.differs(await DemoMta().host_name())
    async with DemoNetwork() as network:
        settings = await resolve(
            Settings("a@b.example", "c@d.example", as_local_mta=""), DemoMta(), network.is_own
        )
    assert (settings.as_local_mta, settings.ehlo, settings.relay) == ("Postfix", HOST_NAME, ())
