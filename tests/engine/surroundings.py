"""One mail host for each of many replies, all in one network, with something else wrong around them."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.network import OWN, DemoNetwork
from smtpdiag_tui.demo.zones import build_zones
from smtpdiag_tui.report.report import Report
from tests.checks.session.reason_cases import CLIENT, Case, cases
from tests.engine.running import run
from tests.verdict.siblings import lead_to

CASES = cases()
DOMAIN, ADDRESS, INSIDE = "partner.example", "192.0.2.21", "10.9.9.9"
PLAIN_EHLO = "250 mx.partner.example"
_PLACES = {Phase.GREETING: "greeting", Phase.MAIL: "mail", Phase.RCPT: "rcpt"}


@dataclass(frozen=True)
class Surrounding:
    """What else is wrong: with the host's TLS, its address, our EHLO name, or this host's PTR record (IPv4)."""

    name: str
    script: dict[str, Any] = field(default_factory=dict)
    inside: bool = False
    ehlo: str | None = None
    ptr: str | None = None


SURROUNDINGS = (
    Surrounding("tidy"),
    Surrounding("no-starttls", {"tls": Tls.ABSENT}),
    Surrounding("expired", {"days": -3}),
    Surrounding("foreign", {"names": ("other.example",)}),
    Surrounding("inside", inside=True),
    Surrounding("literal", ehlo=f"[{OWN[0]}]"),
    Surrounding("no-ptr", ptr="11 PTR other.example."),
    Surrounding("generic-ptr", ptr="10 PTR 192-0-2-10.dyn.sender.example."),
)


async def played(
    surrounding: Surrounding, chosen: Iterable[tuple[int, Case]]
) -> AsyncIterator[tuple[int, Case, Report]]:
    """Run to a host that says what each case says, one after the other; yield its number, it and the report."""
    address = INSIDE if surrounding.inside else ADDRESS
    async with DemoNetwork() as network:
        lead_to(network, DOMAIN, address)
        if surrounding.ptr is not None:
            give_ptr(network, surrounding.ptr)
        for number, case in chosen:
            script = script_of(case, surrounding)
            network.hosts[address] = script
            if address in network.smtp:
                network.smtp[address].script = script
            yield number, case, await _run(network, case, surrounding, address)


async def _run(network: DemoNetwork, case: Case, surrounding: Surrounding, address: str) -> Report:
    settings: dict[str, Any] = {"ehlo": surrounding.ehlo, "server": address if case.aside else None}
    return await run(network, f"bob@{DOMAIN}", sender=case.sender, **settings)


def script_of(case: Case, surrounding: Surrounding) -> SmtpScript:
    """Return a host that says what a case says; the address of this host is the demo's."""
    said = {
        "greeting": f"{case.greeting}\r\n".encode(),
        "ehlo": b"" if case.ehlo == PLAIN_EHLO else f"{case.ehlo}\r\n".encode(),
        _PLACES[case.phase]: "".join(f"{line}\r\n" for line in case.lines).replace(CLIENT, OWN[0]).encode(),
    }
    return SmtpScript(f"mx.{DOMAIN}", **{**said, **surrounding.script})


def give_ptr(network: DemoNetwork, records: str) -> None:
    """Let everybody find other names for the demo's IPv4 addresses."""
    zones = build_zones({"2.0.192.in-addr.arpa": records})
    for key, script in list(network.resolvers.items()):
        network.resolvers[key] = replace(script, zones={**script.zones, **zones})
