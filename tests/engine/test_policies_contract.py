"""What other programs rely on of authentication and TLS policy: step ids, keys, closed sets, in all runs."""

import json
import re
from typing import Any

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.settings import DkimSelector, DnsServer, Relay
from tests.engine.running import codes, run

ADDRESS = r"[0-9a-f.:]+"
PATHS = [
    r"authentication",
    r"authentication/(?:spf|dmarc|dkim|message|receivers)",
    rf"authentication/spf/{ADDRESS}(?:/(?:mail-from|ehlo))?",
    r"authentication/dkim/[^/@\s]+@[^/@\s]+",
    r"tls-policy",
    r"tls-policy/(?:dnssec|mta-sts|tls-rpt|dane)",
    r"tls-policy/dane/[^/\s]+",
]
STEP_ID = re.compile("|".join(f"(?:{path})" for path in PATHS))
SPF = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
DKIM = {"pass", "fail", "permerror", "temperror", "key"}
DMARC = {"pass", "fail", "none", "temperror", "permerror", "unknown"}
POLICY = {"none", "quarantine", "reject", None}
BEYOND = {"spf", "dkim", "dmarc", "receivers", "message"}
SENDERS = ["standard", "ipv4-only", "ipv6-only", "tls-verified", "mta-sts", "dane", "dane-or-mta-sts"]


def check_identity(item: dict[str, Any] | None) -> None:
    if item is None:
        return
    assert set(item) == {"domain", "result", "explanation", "lookups", "void_lookups"}
    assert item["result"] in SPF
    assert all(type(item[key]) is int for key in ("lookups", "void_lookups"))


def check_address(item: dict[str, Any]) -> None:
    assert set(item) == {"address", "spf", "dkim", "dmarc", "results_header"}
    assert set(item["spf"]) == {"mail_from", "ehlo"}
    check_identity(item["spf"]["mail_from"])
    check_identity(item["spf"]["ehlo"])
    for one in item["dkim"]:
        assert set(one) == {"selector", "domain", "result"}
        assert one["result"] in DKIM
    if item["dmarc"] is not None:
        assert set(item["dmarc"]) == {"from", "organizational_domain", "policy", "result", "because"}
        assert item["dmarc"]["result"] in DMARC
        assert item["dmarc"]["policy"] in POLICY
    assert not item["results_header"].lower().startswith("authentication-results")
    assert item["results_header"].isprintable()


def check(text: str) -> dict[str, Any]:
    """Check all that is promised of a report, and return it."""
    report: dict[str, Any] = json.loads(text)
    for item in report["authentication"]:
        check_address(item)
    addresses = [item["address"] for item in report["authentication"]]
    assert len(addresses) == len(set(addresses))
    for item in report["beyond"]:
        assert set(item) == {"name", "verdict", "message"}
        assert item["name"] in BEYOND
        assert item["verdict"] in {"pass", "fail", "unknown"}
        assert item["message"]
        assert not item["message"].endswith(".")
    ids = [item["id"] for item in report["senders"]]
    assert ids == [name for name in SENDERS if name in ids]
    steps = list(from_json(text).steps)
    assert [
        key
        for key in steps
        if StepId(key).branch in ("authentication", "tls-policy") and not STEP_ID.fullmatch(key)
    ] == []
    below = [StepId(key).name for key in steps if re.fullmatch(rf"authentication/spf/{ADDRESS}", key)]
    assert [address for address in addresses if address is not None] == below
    return report


KINDS: dict[str, dict[str, Any]] = {
    "healthy": {},
    "a stranger's null sender": {"sender": ""},
    "no name for the null sender": {"sender": "", "ehlo": "[192.0.2.10]"},
    "literal": {"recipient": "bob@[192.0.2.27]"},
    "sender at a literal": {"sender": "alice@[192.0.2.10]"},
    "relay": {"relay": (Relay("mx1.partner.example", 25),)},
    "relay whose address is known": {
        "relay": (Relay("mx1.partner.example", 25),),
        "as_addresses": ("198.51.100.1",),
    },
    "two addresses": {"as_addresses": ("198.51.100.1", "2001:db8::77")},
    "two addresses and no session": {
        "recipient": "bob@null.example",
        "as_addresses": ("198.51.100.1", "192.0.2.1"),
    },
    "server": {"server": "mx1.partner.example"},
    "server by its address": {"server": "192.0.2.21"},
    "no session": {"recipient": "bob@null.example"},
    "no TLS": {"recipient": "bob@plain.example"},
    "broken DNS": {"dns": (DnsServer("192.0.2.251"),), "timeout": 0.5},
    "selectors": {"dkim_selectors": (DkimSelector("s1"), DkimSelector("s1", "other.example"))},
    "From elsewhere": {"header_from": "carol@other.example"},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_runs_of_every_kind_keep_the_contract(kind: str) -> None:
    settings = dict(KINDS[kind])
    async with DemoNetwork() as network:
        report = await run(network, settings.pop("recipient", "bob@partner.example"), **settings)
    assert "internal-error" not in codes(report)
    told = check(to_json(report))
    assert told["authentication"]
    assert {"spf", "dkim", "dmarc"} >= {item["name"] for item in told["beyond"]}
    assert to_json(from_json(to_json(report))) == to_json(report)


@pytest.mark.parametrize(("sender", "recipient"), [("alice@", "bob@partner.example"), ("a@b.example", "bob")])
async def test_where_nothing_runs_the_keys_are_there(sender: str, recipient: str) -> None:
    async with DemoNetwork() as network:
        told = check(to_json(await run(network, recipient, sender=sender)))
    assert (told["authentication"], told["beyond"], told["senders"]) == ([], [], [])


class Signing(DemoNetwork):
    """A host whose signer is set to a selector and a domain that no DNS name can be."""

    async def signing_selectors(self) -> tuple[SigningSelector, ...]:
        odd = ("a/b", "s\x1b[31m", "two words", "[bold]x", "é", "s" * 300, "x@y", "\u202e")
        return tuple(SigningSelector(name, "sender.example", "OpenDKIM") for name in odd)


async def test_no_selector_forges_an_id_or_breaks_a_title() -> None:
    async with Signing() as network:
        report = await run(network, "bob@dead.example")
    assert "internal-error" not in codes(report)
    below = list(report.children("authentication/dkim"))
    assert len(below) >= 8
    for step in below:
        assert re.fullmatch(r"authentication/dkim/[^/ ]+", step.id)
        assert step.id.isprintable()
        assert step.title.isprintable()
        assert all(item.message.isprintable() for item in step.findings)
    text = to_json(report)
    assert to_json(from_json(text)) == text


def test_the_exit_status_follows_the_outcome_alone() -> None:
    """DMARC fails or is unknown in these stories, TLS policy warns: the recipient was accepted."""
    from smtpdiag_tui.cli.main import main

    for name in ("uplink", "lookups", "rollover", "large-receiver"):
        assert main(["--demo", "--report", "json", "alice@sender.example", f"bob@{name}.example"]) == 0
