"""Reports that versions without kinds and facts saved: what they tell in sentences is found there."""

import json
from typing import Any

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.older_files import local_hosts_in
from tests.engine.running import run

NEW = ("kind", "facts", "party", "local_hosts")
# What remarks begin with, and what they began with before there were facts.
FORMERLY = {
    "Host name: ": "This computer's name: ",
    "source address: ": "address of this machine: ",
    "reported address: ": "address of this machine: ",
    "EHLO literal: ": "address of this machine: ",
    "PTR name: ": "name of this machine: ",
    "EHLO name: ": "name of this machine: ",
    "CNAME: ": "name of this machine: ",
    "resolves to: ": "address of that name: ",
}


def older(text: str) -> str:
    """Return a report as an earlier version saved it."""

    def without(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: without(value) for key, value in found.items() if key not in NEW}
        if isinstance(found, str):
            return next((old + found[len(new) :] for new, old in FORMERLY.items() if found.startswith(new)), found)
        return [without(item) for item in found] if isinstance(found, list) else found

    return json.dumps(without(json.loads(text)))


@pytest.mark.parametrize(
    "recipient", ["bob@partner.example", "bob@nat.example", "bob@dead.example", "bob@blocklist.example"]
)
async def test_what_an_older_file_tells_is_what_it_told(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    new, old = from_json(to_json(report)), from_json(older(to_json(report)))
    assert [step.kind for step in old.steps.values()] == [step.kind for step in new.steps.values()]
    assert old.facts.host_name == new.facts.host_name == "mail.sender.example"
    assert (old.facts.ehlo, old.facts.ehlo_origin) == (new.facts.ehlo, new.facts.ehlo_origin)
    assert set(old.facts.sources) == set(new.facts.sources)
    whole = [{*facts.sources, *facts.seen_as, *facts.addresses} for facts in (old.facts, new.facts)]
    assert whole[0] == whole[1]
    assert set(old.facts.names) == set(new.facts.names)
    for key, step in new.steps.items():
        assert (old.steps[key].facts.said, old.steps[key].facts.timed) == (step.facts.said, step.facts.timed), key


@pytest.mark.parametrize("recipient", ["bob@partner.example", "bob@nat.example", "nobody@partner.example"])
async def test_an_older_file_is_masked_as_a_new_one(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient, ehlo="greets.sender.example")
    new, old = redact(report), redact(from_json(older(to_json(report))))
    assert older(to_json(old)) == older(to_json(new))


def test_the_hosts_of_a_local_mail_server_are_found_in_its_lines() -> None:
    lines = (
        "master.cf sets for the transport smtp: smtp_helo_name = out7.lan, smtp_bind_address = 10.66.77.89",
        "EHLO name: myhost.secret.lan (smtp_helo_name)",
        "Relay host: [mx1.partner.example]:587 (relayhost; no MX looked up)",
        "Relay host: none (the default); the recipient's mail hosts are talked to",
        "EHLO name: not understood (smtp_helo_name)",
        "Fallback relay: [spare.secret.lan] (smtp_fallback_relay), where others cannot be reached",
    )
    assert local_hosts_in(lines) == ("out7.lan", "myhost.secret.lan", "mx1.partner.example", "spare.secret.lan")
