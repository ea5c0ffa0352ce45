"""Masking of whole runs whose SPF record spells out what is private: macros, explanations, EHLO names."""

import re
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import DkimSelector, GivenMessage, Relay, Settings
from tests.engine.authenticating import Publishing
from tests.engine.policies import publish
from tests.engine.running import codes, ignore, run
from tests.masking.written import everything
from tests.private import found

LOCAL, DOMAIN, NAME = "quetzq.voss", "sender9.example", "vaultq7.intq.example"
V4, V6 = "192.0.2.10", "2001:db8::10"
GIVEN4, GIVEN6 = "198.18.5.5", "2001:db8:7::5"
MACROS = "exists:%{i}._spf.%{d} exists:%{ir}.%{v}.x.%{d} exists:%{l}.%{lr-}.l.%{d} exists:%{h}.h.%{d}"
WHY = "%{i} %{c} sender %{s} local %{l} %{L} helo %{h} via %{ir}.%{v}.arpa %{p} %{r}"
ZONE = f"""
    @ TXT "v=spf1 {MACROS} ptr -all exp=e.%{{d}}"
    e TXT "{WHY} https://why.example/?s=%{{S}}&h=%{{H}}&i=%{{I}}"
    *.l A 127.0.0.2
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarcq@{DOMAIN}"
    s1._domainkey TXT "v=DKIM1; p=abc"
"""
INSIDE = """
    vaultq7 A 192.0.2.10
    vaultq7 TXT "v=spf1 a:none.sender9.example -all exp=e.sender9.example"
    insideq A 192.0.2.21
    _25._tcp.insideq TLSA 3 1 1 aaaa
"""
MESSAGE = f"""From: Vossq <fromq.x@{DOMAIN}>
Date: Fri, 27 Nov 2026 12:00:00 +0000
Message-ID: <idq@{NAME}>
DKIM-Signature: v=1; a=rsa-sha256; d={DOMAIN}; i=idq.i@{DOMAIN}; s=s1; h=from; bh=AAAA; b=AAAA
DKIM-Signature: v=1; a=rsa-sha256; d={NAME}; s=s2; h=from; bh=AAAA; b=AAAA

hi
""".encode()
SERVER = "insideq.intq.example"
RUNS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "its own addresses": ({}, (V4, V6)),
    "an address literal as EHLO name": ({"ehlo": f"[{V4}]"}, (V4, V6)),
    "given addresses": ({"as_addresses": (GIVEN4, GIVEN6)}, (GIVEN4, GIVEN6)),
    "null sender": ({"sender": ""}, (V4, V6)),
    "a message": ({"message": GivenMessage("/home/quetzq/secretq.eml", len(MESSAGE), MESSAGE)}, (V4, V6)),
    "From and selectors": (
        {"header_from": f"fromq.x@{DOMAIN}", "dkim_selectors": (DkimSelector("s1"), DkimSelector("k", NAME))},
        (V4, V6),
    ),
    "a server inside": ({"server": SERVER}, (V4,)),
    "a relay host": ({"relay": (Relay(SERVER, 25),)}, (V4,)),
    "a relay host whose address is given": (
        {"relay": (Relay(SERVER, 25),), "as_addresses": (GIVEN4,)},
        (GIVEN4,),
    ),
}
WORDS = ["voss", "quetzq", "vaultq7", "fromq", "idq", "secretq", "bobq"]


@pytest.mark.parametrize("name", RUNS)
async def test_nothing_private_is_left_of_a_run(name: str) -> None:
    given_settings, addresses = RUNS[name]
    more = {"ehlo": NAME, "sender": f"{LOCAL}@{DOMAIN}", **given_settings}
    async with Publishing({DOMAIN: ZONE, "intq.example": INSIDE}) as network:
        publish(network, "partner.example")
        report = await run(network, "bobq@partner.example", **more)
    assert "internal-error" not in codes(report)
    masked = redact(report)
    inside = ["intq"] if name in ("null sender", "a server inside") or "relay" in name else []
    assert found(everything(masked), [*WORDS, *inside], list(addresses)) == []
    assert redact(masked) == masked
    text = to_json(masked)
    assert to_json(from_json(text)) == text
    assert to_json(redact(from_json(text))) == text


async def test_names_that_macros_made_of_a_local_part_are_masked_and_others_stay() -> None:
    async with Publishing({DOMAIN: ZONE}) as network:
        report = await run(network, "bob@dead.example", sender=f"{LOCAL}@{DOMAIN}")
    notes = [entry.text for entry in report.steps[f"authentication/spf/{V4}/mail-from"].transcript]
    assert any(f"A {LOCAL}.{LOCAL}.l.{DOMAIN}" in text for text in notes)
    masked = redact(report)
    notes = [entry.text for entry in masked.steps["authentication/spf/own-ipv4-1/mail-from"].transcript]
    assert any(re.search(r"A host\d+\.masked: ", text) for text in notes)
    assert any(f"A own-ipv4-1._spf.{DOMAIN}: NXDOMAIN" in text for text in notes)
    assert any("exists:%{l}.%{lr-}.l.%{d}" in text for text in notes)


async def test_without_such_macros_a_host_with_the_senders_local_part_as_its_name_stays() -> None:
    zone = '@ TXT "v=spf1 a:mail.sender9.example -all"\n    mail A 192.0.2.10'
    async with Publishing({DOMAIN: zone}) as network:
        report = await run(network, "bob@dead.example", sender=f"mail@{DOMAIN}")
    assert "A mail.sender9.example" in everything(redact(report)).replace("a mail", "A mail")


def named(report: Report, name: str, local: str) -> Report:
    """Return a run of the demo as if its host and its sender had these names."""
    text = to_json(report).replace("mail.sender.example", name).replace("out.sender.example", f"o{name}")
    return from_json(text.replace("alice", local))


LABELS = st.from_regex(r"\A[a-z]{4,8}q[0-9]\Z")
PAST = (
    "bob@dead.example",
    "bob@uplink.example",
    "bob@dkim.example",
    "bob@large-receiver.example",
    "bob@dane.example",
)


@pytest.mark.timeout(120)  # runs of several stories, masked several times
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.sampled_from(PAST), LABELS, LABELS, LABELS)
async def test_no_own_name_or_address_is_left_of_a_story(
    recipient: str, host: str, domain: str, local: str
) -> None:
    async with DemoNetwork() as network:
        report = await diagnose(network.prepare(Settings(DEFAULT_SENDER, recipient)), network, ignore)
    masked = redact(named(report, f"{host}.{domain}.example", local))
    own = [item.address for item in report.authentication if item.address is not None]
    assert found(to_json(masked).lower(), [host, domain, f"{local}@", f"{local}%40"], own) == []
    assert redact(masked) == masked
