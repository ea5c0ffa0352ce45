"""DKIM keys in whole runs: those that the user names, those of the local signer, broken ones, and reruns."""

import asyncio
from dataclasses import replace

import dns.message
import dns.rcode
import pytest

from smtpdiag_tui.checks.authentication.seen import DkimKey, KeyState
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, build_zones
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.report.authentication import BeyondName
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DkimSelector, DnsServer, GivenMessage, Settings
from tests.checks.authentication.dkim.keys import der, made_rsa, text
from tests.engine.running import at, codes, ignore, others, run

STEP = "authentication/dkim"
RECIPIENT = "bob@plain.example"
DOMAIN = "keys.example"
SENDER = f"alice@{DOMAIN}"
GOOD = f'"v=DKIM1; p={text(der(1024))}"'
RECORDS_OF_KEYS = f"""
    @ TXT "v=spf1 -all"
    weak._domainkey TXT {GOOD}
    short._domainkey TXT "p={text(made_rsa((1 << 767) + 1))}"
    revoked._domainkey TXT "v=DKIM1; p="
    testing._domainkey TXT "v=DKIM1; t=y; k=ed25519; p={text(bytes(range(32)))}"
    two._domainkey TXT {GOOD}
    two._domainkey TXT "v=DKIM1; p="
    other._domainkey TXT "v=spf1 -all"
    empty._domainkey A 192.0.2.1
    alias._domainkey CNAME weak._domainkey
    nowhere._domainkey CNAME gone.partner.example.
    loop._domainkey CNAME loop2._domainkey
    loop2._domainkey CNAME loop._domainkey
    *._wild TXT "parked"
"""
EXPECTED = {
    "weak": ("dkim-key-weak", KeyState.VALID, f"RSA key at weak._domainkey.{DOMAIN} has 1024 bits"),
    "alias": ("dkim-key-weak", KeyState.VALID, f"RSA key at alias._domainkey.{DOMAIN} has 1024 bits"),
    "short": ("dkim-key-invalid", KeyState.INVALID, f"RSA key at short._domainkey.{DOMAIN} has only 768 bits"),
    "revoked": ("dkim-key-revoked", KeyState.REVOKED, f"DKIM key at revoked._domainkey.{DOMAIN} is revoked"),
    "testing": (
        "dkim-key-testing",
        KeyState.VALID,
        f"DKIM key at testing._domainkey.{DOMAIN} is in testing mode",
    ),
    "two": ("dkim-key-invalid", KeyState.INVALID, f"two._domainkey.{DOMAIN} has 2 TXT records"),
    "other": (
        "dkim-key-missing",
        KeyState.MISSING,
        f"TXT record at other._domainkey.{DOMAIN} is not a DKIM key",
    ),
    "empty": ("dkim-key-missing", KeyState.MISSING, f"No DKIM key at empty._domainkey.{DOMAIN}"),
    "gone": ("dkim-key-missing", KeyState.MISSING, f"No DKIM key at gone._domainkey.{DOMAIN}"),
    "nowhere": ("dkim-key-missing", KeyState.MISSING, f"No DKIM key at nowhere._domainkey.{DOMAIN}"),
}


class Keys(DemoNetwork):
    """A network with a domain of many keys, a signer that is told, and a count of what is asked."""

    def __init__(self, *installed: SigningSelector) -> None:
        super().__init__()
        self.installed = installed
        self.asked: list[str] = []
        self.begun = asyncio.Event()
        self.failing = ""
        zones = build_zones({**RECORDS, DOMAIN: RECORDS_OF_KEYS})
        for key, script in self.resolvers.items():
            self.resolvers[key] = replace(script, zones={**script.zones, **zones})

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        return self.installed

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        name = query.question[0].name.to_text(omit_final_dot=True)
        if "_domainkey" in name and transport is Transport.UDP:
            self.asked.append(name)
            self.begun.set()
        reply = await super().exchange(query, server, transport, limit)
        if self.failing and name.startswith(self.failing):
            reply.message.answer.clear()
            reply.message.set_rcode(dns.rcode.SERVFAIL)
        return reply


def selectors(*names: str) -> tuple[DkimSelector, ...]:
    return tuple(DkimSelector(name) for name in names)


def keys(report: Report) -> tuple[DkimKey, ...]:
    """Return what the step tells other checks."""
    found = at(report, STEP).observation
    assert isinstance(found, tuple)
    return found


async def test_each_key_is_judged_in_a_step_of_its_own() -> None:
    async with Keys() as network:
        report = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors(*EXPECTED))
    states = {key.selector: key.state for key in keys(report)}
    for name, (code, state, message) in EXPECTED.items():
        [found] = at(report, f"{STEP}/{name}@{DOMAIN}").findings
        assert (found.code, found.message, states[name]) == (code, message, state)
        assert found.side is not None
        assert f"{name}._domainkey.{DOMAIN}" in found.actions[0].what or DOMAIN in found.actions[0].what
        assert len(found.message) <= 80
    assert at(report, STEP).detail == "3 keys valid, 4 keys missing, 1 key revoked, 2 keys invalid"
    assert at(report, STEP).status is Status.FAILED
    assert report.outcome is Outcome.ACCEPTED
    assert len(network.asked) == len(set(network.asked))


async def test_nxdomain_and_nodata_are_told_apart() -> None:
    async with Keys() as network:
        report = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("empty", "gone"))
    meanings = [at(report, f"{STEP}/{name}@{DOMAIN}").findings[0].meaning for name in ("empty", "gone")]
    assert meanings == [
        "The name has no TXT record. Receivers cannot verify signatures with this selector.",
        "The name does not exist. Receivers cannot verify signatures with this selector.",
    ]


@pytest.mark.parametrize("name", ["weak", "loop"])
async def test_a_lookup_that_failed_says_that_alone(name: str) -> None:
    async with Keys() as network:
        network.failing = "weak"
        report = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors(name, "testing"))
    step = at(report, f"{STEP}/{name}@{DOMAIN}")
    [found] = step.findings
    assert (step.status, step.detail) == (Status.UNKNOWN, "lookup failed")
    assert (found.code, found.message) == (
        "dkim-lookup-failed",
        f"TXT query for {name}._domainkey.{DOMAIN} failed",
    )
    assert found.advice == f"Rerun later. Check the name servers of {DOMAIN}, if it persists."
    [why] = found.evidence
    assert "SERVFAIL" in why or "loop" in why
    assert [key.state for key in keys(report)] == [KeyState.UNKNOWN, KeyState.VALID]
    assert codes(report, STEP) == {"dkim-key-testing", "dkim-lookup-failed"}
    [told] = [item.message for item in report.beyond if item.name is BeyondName.DKIM]
    assert told == f"DKIM key at {name}._domainkey.{DOMAIN} could not be looked up"


async def test_no_selector_known_colours_nothing() -> None:
    async with Keys() as network:
        report = await run(network, RECIPIENT, sender=SENDER)
    step = at(report, STEP)
    assert codes(report, STEP) == {"dkim-selector-unknown"}
    assert (step.status, step.detail) == (Status.SKIPPED, "no selector known")
    assert step.findings[0].message == f"DKIM selector of {DOMAIN} is unknown"
    assert keys(report) == ()
    assert network.asked == []


async def test_with_a_message_its_own_keys_count() -> None:
    message = GivenMessage("m.eml", 20, b"From: a@keys.example\r\n\r\n")
    async with Keys() as network:
        report = await run(network, RECIPIENT, sender=SENDER, message=message)
    assert (at(report, STEP).status, at(report, STEP).findings) == (Status.SKIPPED, ())


async def test_the_local_signer_is_asked_for_the_domain_that_mail_is_from() -> None:
    installed = (
        SigningSelector("weak", None, "Rspamd"),
        SigningSelector("testing", DOMAIN, "OpenDKIM"),
        SigningSelector("gone", f"mail.{DOMAIN}", "OpenDKIM"),
        SigningSelector("mail", "sender.example", "OpenDKIM"),
        SigningSelector("", None, "Exim", "dkim_selector = ${lookup{$domain}}"),
    )
    async with Keys(*installed) as network:
        report = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("weak"))
    places = [(key.selector, key.domain) for key in keys(report)]
    assert places == [("weak", DOMAIN), ("testing", DOMAIN), ("gone", f"mail.{DOMAIN}")]
    notes = [entry.text for entry in at(report, f"{STEP}/testing@{DOMAIN}").transcript]
    assert notes[0] == "selector configured in OpenDKIM"
    notes = [entry.text for entry in at(report, STEP).transcript]
    assert notes == ["Exim: dkim_selector = ${lookup{$domain}} could not be determined"]


async def test_the_signer_here_does_not_sign_for_another_host() -> None:
    async with Keys(SigningSelector("weak", None, "Rspamd")) as network:
        report = await run(network, RECIPIENT, sender=SENDER, as_addresses=("192.0.2.99",))
    assert codes(report, STEP) == {"dkim-selector-unknown"}


async def test_the_from_field_says_whose_keys_count() -> None:
    signer = SigningSelector("weak", None, "Rspamd")
    async with Keys(signer) as network:
        report = await run(network, RECIPIENT, header_from=SENDER, dkim_selectors=selectors("testing"))
        nobody = await run(network, RECIPIENT, sender="", dkim_selectors=(DkimSelector("mail", "sender.example"),))
        unnamed = await run(network, RECIPIENT, sender="", dkim_selectors=selectors("weak"))
    assert [key.domain for key in keys(report)] == [DOMAIN, DOMAIN]
    assert [(key.selector, key.domain) for key in keys(nobody)] == [("mail", "sender.example")]
    assert at(unnamed, STEP).findings[0].message == "DKIM selector is unknown"


async def test_the_from_field_of_the_message_says_whose_keys_count_unless_another_is_given() -> None:
    message = GivenMessage("m.eml", 24, b"From: a@KEYS.example\r\n\r\n")
    two = GivenMessage("m.eml", 42, b"From: a@keys.example, b@plain.example\r\n\r\n")
    bare = selectors("testing")
    async with Keys() as network:
        by_message = await run(network, RECIPIENT, message=message, dkim_selectors=bare)
        for_nobody = await run(network, RECIPIENT, sender="", message=message, dkim_selectors=bare)
        given = await run(network, RECIPIENT, message=message, header_from="a@plain.example", dkim_selectors=bare)
        several = await run(network, RECIPIENT, message=two, dkim_selectors=bare)
    found = [keys(report)[0].domain for report in (by_message, for_nobody, given, several)]
    assert found == [DOMAIN, DOMAIN, "plain.example", "sender.example"]


async def test_who_signs_for_others_is_who_can_act() -> None:
    content = b"DKIM-Signature: v=1; a=rsa-sha256; d=keys.example; s=revoked; h=from; bh=AAAA; b=AAAA\r\n"
    message = GivenMessage("m.eml", 0, content + b"From: alice@sender.example\r\n\r\n")
    async with Keys() as network:
        foreign = await run(network, RECIPIENT, message=message)
        own = await run(network, RECIPIENT, message=message, header_from=f"a@mail.{DOMAIN}")
    who = [at(report, f"{STEP}/revoked@{DOMAIN}").findings[0].actions[0].who for report in (foreign, own)]
    assert who == [f"Administrator of {DOMAIN}", ""]


async def test_one_key_is_looked_up_again_alone() -> None:
    names = selectors("weak", "testing")
    async with Keys() as network:
        first = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=names)
        network.asked.clear()
        network.failing = "weak"
        step = f"{STEP}/weak@{DOMAIN}"
        again = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=names, only={step}, previous=first)
    assert set(network.asked) == {f"weak._domainkey.{DOMAIN}"}
    assert at(again, step).status is Status.UNKNOWN
    assert at(again, f"{STEP}/testing@{DOMAIN}") == at(first, f"{STEP}/testing@{DOMAIN}")
    assert [key.state for key in keys(again)] == [KeyState.UNKNOWN, KeyState.VALID]
    assert at(again, STEP).detail == "1 key valid, 1 key unknown"


async def test_what_does_not_run_again_keeps_what_it_held() -> None:
    async with Keys() as network:
        first = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("weak"))
        network.asked.clear()
        again = await run(
            network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("weak"), only={"soa"}, previous=first
        )
    assert network.asked == []
    assert at(again, STEP) == at(first, STEP)


async def test_a_selector_that_is_no_longer_given_goes_out_of_the_tree() -> None:
    async with Keys() as network:
        first = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("weak", "testing"))
        again = await run(
            network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("testing"), only={STEP}, previous=first
        )
    assert f"{STEP}/weak@{DOMAIN}" not in again.steps
    assert [key.selector for key in keys(again)] == ["testing"]


async def test_with_a_broken_dns_nothing_is_said_of_keys() -> None:
    async with Keys() as network:
        network.resolvers.clear()
        report = await run(
            network,
            RECIPIENT,
            sender=SENDER,
            dkim_selectors=selectors("weak"),
            dns=(DnsServer("192.0.2.53"),),
            timeout=0.3,
        )
    assert codes(report, STEP) == set()
    assert at(report, f"{STEP}/weak@{DOMAIN}").status in (Status.UNKNOWN, Status.SKIPPED)


async def test_a_run_that_is_cancelled_leaves_nothing_running() -> None:
    before = others()
    async with Keys() as network:
        asked = Settings(SENDER, RECIPIENT, dkim_selectors=selectors("weak", "testing"))
        task = asyncio.create_task(diagnose(network.prepare(asked), network, ignore))
        await network.begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert others() == before


async def test_a_masked_report_keeps_its_keys() -> None:
    async with Keys() as network:
        report = await run(network, RECIPIENT, sender=SENDER, dkim_selectors=selectors("weak"))
    assert f"{STEP}/weak@{DOMAIN}" in redact(report).steps


async def test_the_demo_signs_with_a_key_that_is_there() -> None:
    async with DemoNetwork() as network:
        report = await run(network, RECIPIENT)
    assert keys(report) == (DkimKey("mail", "sender.example", KeyState.VALID, "rsa", 2048),)
    assert at(report, STEP).status is Status.PASSED
