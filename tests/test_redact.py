"""Masking: what must not be seen is nowhere, and what is needed is still there."""

import base64
import json
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.engine.report import Report
from smtpdiag_tui.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from tests.engine.running import run


async def report_of(recipient: str, sender: str = "alice@sender.example") -> Report:
    async with DemoNetwork() as network:
        return await run(network, recipient, sender=sender)


def everything(report: Report) -> str:
    """Return all that is written about a report, the exact bytes included."""
    text = to_json(report)
    raws: list[str] = []

    def collect(found: object) -> None:
        if isinstance(found, dict):
            if "raw" in found:
                raws.append(base64.b64decode(found["raw"]).decode("latin-1"))
            for value in found.values():
                collect(value)
        elif isinstance(found, list):
            for value in found:
                collect(value)

    collect(json.loads(text))
    return "\n".join([text, to_markdown(report), to_text(report, verbose=True), *raws]).lower()


@pytest.mark.parametrize(
    "recipient", ["bob@partner.example", "nobody@partner.example", "bob@blocklist.example", "bob@hostile.example"]
)
async def test_nothing_that_must_not_be_seen_is_seen_anywhere(recipient: str) -> None:
    report = await report_of(recipient)
    before, after = everything(report), everything(redact(report))
    local = recipient.partition("@")[0]
    for secret in ("alice@", f"{local}@", "mail.sender.example", "192.0.2.10", "2001:db8::10"):
        assert secret in before or secret.startswith("2001") or secret == "192.0.2.10"
        assert secret not in after.replace("2001:db8::10e", ""), secret
    for needed in ("partner.example" if "partner" in recipient else recipient.partition("@")[2], "sender.example"):
        assert needed in after


async def test_the_same_thing_has_the_same_mask_and_others_have_others() -> None:
    report = redact(await report_of("nobody@partner.example"))
    text = to_text(report)
    assert "MAIL FROM:<user1@sender.example>" in text
    assert "RCPT TO:<user2@partner.example>" in text
    assert "550 5.1.1 <user2@partner.example>" in text
    assert "EHLO host1.masked" in text
    assert "connected from own-ipv4-1" in text
    assert "connected from own-ipv6-2" in text or "connected from own-ipv6-1" in text


async def test_masking_twice_changes_nothing_more() -> None:
    once = redact(await report_of("bob@blocklist.example"))
    assert to_json(redact(once)) == to_json(once)


async def test_outcome_and_tree_stay() -> None:
    report = await report_of("bob@dead.example")
    masked = redact(report)
    assert list(masked.steps) == list(report.steps)
    assert [step.status for step in masked.steps.values()] == [step.status for step in report.steps.values()]
    assert masked.outcome is report.outcome


async def test_the_null_sender_stays_and_further_names_can_be_given() -> None:
    report = await report_of("bob@partner.example", sender="")
    masked = redact(report, names=["mx1.partner.example"])
    assert masked.settings.sender == ""
    assert "mx1.partner.example" not in everything(masked)


async def test_what_others_see_of_this_machine_is_masked_in_every_form() -> None:
    key = "abcdefghijklmnopqrstuvwx"
    lists = ("bl.example", f"{key}.zen.example")
    async with DemoNetwork() as network:
        script = network.hosts["192.0.2.60"]
        network.hosts["2001:db8::60"] = replace(script, sees="")
        zones = {
            "nat.example": "@ MX 10 mx\nmx A 192.0.2.60\nmx AAAA 2001:db8::60",
            "2.0.192.in-addr.arpa": "70 PTR host-192-0-2-70.pool.isp.example.",
            "isp.example": "host-192-0-2-70.pool A 192.0.2.71",
        }
        for name, known in network.resolvers.items():
            network.resolvers[name] = DnsScript({**known.zones, **build_zones(zones)}, known.recursive)
        report = await run(network, "bob@nat.example", dnsbl=lists)
    before, after = everything(report), everything(redact(report))
    secrets = [
        *("10.0.0.10", "192.0.2.70", "192.0.2.71", "70.2.0.192", "192-0-2-70", "isp.example"),
        *("2001:db8::10", "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d", "mail.sender.example", key),
    ]
    for secret in secrets:
        assert secret in before, secret
        assert secret not in after, secret
    assert "bl.example" in after
    assert from_json(to_json(redact(report))).settings.dnsbl[1].endswith(".zen.example")
    saved = redact(from_json(to_json(report)))
    assert to_json(saved) == to_json(redact(report))
    assert to_json(redact(saved)) == to_json(saved)
