"""The exchange that decides comes first, whichever way the mail goes: several hosts, families, reruns, relays."""

from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import DnsServer, Relay
from tests.engine.running import at, codes, run

FULL = b"452 4.2.2 <bob@two.example>: Recipient address rejected: Mailbox is full\r\n"
NO_SENDER = b"550 5.7.1 <alice@sender.example>: Sender address rejected: Access denied\r\n"
GREY = b"450 4.2.0 <bob@two.example>: Recipient address rejected: Greylisted, please try again in 300 seconds\r\n"
BUSY = b"421 4.7.0 mx.two.example Error: too many connections from 192.0.2.10\r\n"
A, B, C = "192.0.2.161", "192.0.2.162", "192.0.2.163"
SIX = "2001:db8::161"
OK = b"250 2.1.5 Ok\r\n"


class Hosts(DemoNetwork):
    """A demo whose two.example has hosts of its own; each has a certificate that nobody should trust."""

    def __init__(self, records: str, **hosts: SmtpScript) -> None:
        super().__init__()
        zones = build_zones({"two.example": records})
        for key, script in list(self.resolvers.items()):
            self.resolvers[key] = DnsScript({**script.zones, **zones}, script.recursive, script.tcp)
        for name, host in hosts.items():
            named = replace(host, host=f"{name}.two.example", days=-3, names=("other.example",))
            self.hosts[{"a": A, "b": B, "c": C, "six": SIX}[name]] = named


def talking(rcpt: bytes = OK, **more: Any) -> SmtpScript:
    return SmtpScript("", rcpt=rcpt, **more)


def deciding(report: Report) -> list[str]:
    return [item.code for item in report.causes if item.decides]


def record(name: str, preference: int, address: str) -> str:
    kind = "AAAA" if ":" in address else "A"
    return f"@ MX {preference} {name}\n{name} {kind} {address}"


ONE = record("a", 10, A)


async def test_a_refusal_at_mail_beside_a_host_of_equal_preference_that_accepts() -> None:
    records = "\n".join([record("a", 10, A), record("b", 10, B)])
    async with Hosts(records, a=talking(mail=NO_SENDER, tls=Tls.ABSENT), b=talking()) as network:
        report = await run(network, "bob@two.example")
    assert report.outcome is Outcome.BOUNCED
    assert report.causes[0].evidence == (f"delivery/a.two.example/{A}/mail-from",)
    assert (deciding(report), report.side) == (["sender-rejected"], report.causes[0].side)


async def test_two_sessions_use_up_what_a_sender_holds_before_one_that_accepts() -> None:
    records = "\n".join([record("a", 10, A), record("b", 20, B), record("c", 30, C)])
    async with Hosts(records, a=talking(GREY), b=talking(FULL, tls=Tls.ABSENT), c=talking()) as network:
        report = await run(network, "bob@two.example")
    assert report.outcome is Outcome.DEFERRED
    assert deciding(report) == ["greylisted"]
    assert [key for item in report.causes for key in item.evidence] == [
        f"delivery/a.two.example/{A}/rcpt-to",
        f"delivery/b.two.example/{B}/rcpt-to",
    ]
    assert report.advice[0] == report.causes[0].advice


async def test_each_family_has_an_end_of_its_own() -> None:
    records = "\n".join([record("a", 10, A), record("six", 10, SIX)])
    async with Hosts(records, a=talking(greeting=BUSY), six=talking(GREY, tls=Tls.ABSENT)) as network:
        report = await run(network, "bob@two.example")
        only = await run(network, "bob@two.example", family=6)
    assert {item.code for item in report.causes} == {"rate-limited-here", "greylisted"}
    assert deciding(report) == [report.causes[0].code]
    assert deciding(only) == ["greylisted"]
    assert only.side is Side.POLICY


async def test_a_rerun_of_one_address_keeps_the_cause_until_the_reply_changes() -> None:
    step = f"delivery/a.two.example/{A}"
    async with Hosts(ONE, a=talking(GREY, tls=Tls.ABSENT)) as network:
        first = await run(network, "bob@two.example")
        again = await run(network, "bob@two.example", only={step}, previous=first)
    assert (again.causes[0], again.side, again.advice) == (first.causes[0], first.side, first.advice)
    async with Hosts(ONE, a=talking(FULL, tls=Tls.ABSENT)) as network:
        changed = await run(network, "bob@two.example", only={step}, previous=first)
    assert "greylisted" not in [item.code for item in changed.causes]
    assert deciding(changed) == ["recipient-deferred"]


@pytest.mark.parametrize(
    ("recipient", "settings"),
    [
        ("bob@two.example", {"dns": (DnsServer("192.0.2.54"),)}),
        ("bob@two.example", {"server": "a.two.example"}),
        ("bob@two.example", {"server": A}),
        (f"bob@[{A}]", {}),
        ("bob@two.example", {"sender": ""}),
        ("bob@two.example", {"tls": "off"}),
        ("bob@two.example", {"ehlo": "[192.0.2.10]"}),
        ("bob@two.example", {"relay": (Relay("a.two.example"),), "relay_auth": False}),
    ],
)
@pytest.mark.parametrize("tls", [Tls.OFFERED, Tls.ABSENT, Tls.REFUSED, Tls.GARBAGE])
async def test_the_reply_decides_whichever_way_the_mail_goes(
    recipient: str, settings: dict[str, Any], tls: Tls
) -> None:
    async with Hosts(ONE, a=talking(GREY, tls=tls)) as network:
        report = await run(network, recipient, **settings)
    assert report.outcome is Outcome.DEFERRED
    assert deciding(report) == ["greylisted"]
    assert report.causes[0].evidence[0].endswith("/rcpt-to")
    assert report.side is (Side.HERE if "relay" in settings else Side.POLICY)
    assert report.advice[0] == report.causes[0].advice
    assert not any("postmaster@" in text or "whoever runs" in text for text in report.advice[:1])


@pytest.mark.parametrize(
    ("tls", "code"),
    [
        (Tls.ABSENT, "starttls-not-offered"),
        (Tls.REFUSED, "starttls-refused"),
        (Tls.GARBAGE, "tls-handshake-failed"),
    ],
)
async def test_where_tls_is_required_its_absence_is_what_ended_the_session(tls: Tls, code: str) -> None:
    async with Hosts(ONE, a=talking(tls=tls)) as network:
        report = await run(network, "bob@two.example", tls="require")
    assert report.outcome is Outcome.DEFERRED
    assert deciding(report) == [code]
    assert report.causes[0].evidence == (f"delivery/a.two.example/{A}/starttls",)


async def test_where_tls_is_required_a_reply_under_tls_still_decides() -> None:
    async with Hosts(ONE, a=talking(GREY)) as network:
        report = await run(network, "bob@two.example", tls="require")
    assert "certificate-expired" in codes(report)
    assert deciding(report) == ["greylisted"]


async def test_an_address_that_needs_smtputf8_is_returned_for_that_alone() -> None:
    async with Hosts(ONE, a=talking(tls=Tls.ABSENT, keywords=("SIZE 1000",))) as network:
        report = await run(network, "jörg@two.example")
    assert deciding(report) == ["smtputf8-not-offered"]
    assert at(report, report.causes[0].evidence[0]).id.endswith("/mail-from")


async def test_a_greeting_that_takes_longer_than_the_limit_is_what_is_not_known() -> None:
    async with Hosts(ONE, a=talking(greeting_delay=9.0)) as network:
        report = await run(network, "bob@two.example", timeout=2)
    assert report.outcome is Outcome.UNKNOWN
    assert deciding(report) == ["greeting-timeout"]


class AtHome(Hosts):
    """The mail host is this machine itself."""

    def is_own(self, address: str) -> bool:
        return address == A


@pytest.mark.parametrize(
    "host", [talking(mail=NO_SENDER), talking(greeting_delay=9.0)], ids=["refuses", "is silent"]
)
async def test_the_best_host_is_this_machine_whatever_its_server_says_to_itself(host: SmtpScript) -> None:
    async with AtHome(ONE, a=host) as network:
        report = await run(network, "bob@two.example", timeout=2)
    assert report.outcome is Outcome.BOUNCED
    assert deciding(report) == ["mx-is-this-machine"]
    assert report.side is report.causes[0].side is Side.HERE
