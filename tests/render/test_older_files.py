"""Reports that versions without kinds and facts saved: what they tell in sentences is found there."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.older_files import local_hosts_in
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.facts import NO_FACTS
from tests.engine.running import run
from tests.render.made import accepted, made

NEW = ("kind", "facts", "party", "local_hosts")
ANSWER = ("headline", "delivery", "retry", "responsible", "actions", "reply")  # of a later version still
# What such a version wrote of this machine, by what is written today.
SENTENCES = {
    "Host name: ": "This computer's name: ",
    "source address: ": "address of this machine: ",
    "reported address: ": "address of this machine: ",
    "EHLO literal: ": "address of this machine: ",
    "EHLO name: ": "name of this machine: ",
    "PTR name: ": "name of this machine: ",
    "CNAME: ": "name of this machine: ",
    "resolves to: ": "address of that name: ",
}


def older(text: str, new: Collection[str] = NEW) -> str:
    """Return a report as an earlier version saved it."""

    def without(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: without(value) for key, value in found.items() if key not in new}
        if isinstance(found, str):
            said = next((said for said in SENTENCES if found.startswith(said)), "")
            return SENTENCES.get(said, "") + found[len(said) :]
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


@pytest.mark.parametrize(
    ("recipient", "delivery"),
    [
        ("bob@partner.example", "yes, up to RCPT TO"),
        ("nobody@partner.example", "no; the sending server returns the message to the sender"),
        (
            "bob@greylist.example",
            "delayed; the sending server retries, and whether a retry succeeds is unknown",
        ),
    ],
)
async def test_an_older_file_has_an_answer(recipient: str, delivery: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    old = from_json(older(to_json(report), (*NEW, *ANSWER)))
    new = answer_of(from_json(to_json(report)))
    answer = answer_of(old)
    assert (answer.headline, answer.delivery, answer.retry) == (report.summary, delivery, None)
    assert (answer.responsible, answer.why, answer.status) == (new.responsible, new.why, new.status)
    assert list(map(str, answer.actions)) == list(map(str, new.actions))
    assert answer.reply == new.reply
    assert answer.profiles == new.profiles
    lines = to_text(old).splitlines()
    assert all(len(line) <= 80 for line in lines[:4])
    assert to_json(from_json(to_json(old))) == to_json(old)


def test_an_older_file_may_say_that_there_is_nothing_to_do() -> None:
    found = json.loads(older(to_json(made()), (*NEW, *ANSWER)))
    for advice, actions in ((None, ()), ([], ()), ("", ()), ("Wait.", (Action("", "Wait."),))):
        found["steps"][0]["findings"][0]["advice"] = advice
        assert from_json(json.dumps(found)).steps["syntax"].findings[0].actions == actions


async def test_a_report_without_session_facts_has_the_reply_of_its_last_command() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@busy.example")
    bare = {key: replace(step, facts=NO_FACTS) for key, step in report.steps.items()}
    reply = answer_of(replace(report, steps=bare)).reply
    assert reply is not None
    assert (reply.command, reply.source) == ("connect", "")
    assert reply.text == "421 4.7.0 mx.busy.example Error: too many connections from 192.0.2.10"


def test_an_older_file_says_once_what_was_not_tested() -> None:
    found = json.loads(to_json(accepted()))
    before = "yes, up to RCPT TO; filtering after DATA and later bounces are not tested"
    found["delivery"] = before
    assert from_json(json.dumps(found)).delivery == before
    del found["beyond"], found["authentication"]
    answer = answer_of(from_json(json.dumps(found)))
    assert answer.delivery == "yes, up to RCPT TO"
    assert answer.after_data == "SPF, DKIM, DMARC and content filtering are not tested"
    found["delivery"] = "no; the sending server returns the message to the sender"
    assert from_json(json.dumps(found)).delivery == found["delivery"]
