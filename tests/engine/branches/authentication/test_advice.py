"""What SPF, DMARC and a receiver's requirements advise together: one change of one record, in the same words."""

import pytest

from smtpdiag_tui.report.authentication import BeyondName
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import GivenMessage, Relay
from tests.engine.authenticating import Publishing
from tests.engine.running import at, run

RECEIVER = "bob@large-receiver.example"
MAIL = "@ MX 10 mx\n@ A 192.0.2.10\nmx A 192.0.2.11\nmail A 192.0.2.10\nmail AAAA 2001:db8::10"
REJECT = '_dmarc TXT "v=DMARC1; p=reject"'


def about_spf(report: Report) -> set[str]:
    """Return all sentences about SPF records that any finding advises."""
    actions = [action.what for step in report.steps.values() for item in step.findings for action in item.actions]
    return {what for what in actions if "v=spf1" in what or "SPF record" in what}


async def told(*records: str, recipient: str = RECEIVER, relay: tuple[Relay, ...] = ()) -> Report:
    async with Publishing({"sender.example": "\n".join([MAIL, REJECT, *records])}) as network:
        return await run(network, recipient, relay=relay)


async def test_without_a_record_one_is_advised_for_all_addresses_and_nothing_is_added_to_it() -> None:
    report = await told()
    assert about_spf(report) == {
        'Publish the TXT record "v=spf1 ip4:192.0.2.10 ip6:2001:db8::12 ~all" at sender.example.',
        "Add every other host that sends for sender.example to its SPF record.",
    }
    assert at(report, "authentication/receivers").findings[1].actions[0].what.startswith("Publish the TXT record")


async def test_the_term_is_told_with_its_place_by_all_that_need_it() -> None:
    report = await told('@ TXT "v=spf1 ip4:192.0.2.10 -all"')
    assert about_spf(report) == {"Add ip6:2001:db8::12 to the SPF record of sender.example, before -all."}


async def test_a_broken_record_is_repaired_and_not_added_to() -> None:
    report = await told('@ TXT "v=spf1 foo -all"')
    assert about_spf(report) == {
        "Correct or remove foo in the SPF record of sender.example; unknown mechanism.",
    }


async def test_a_record_that_begins_wrongly_is_told_as_that_without_an_address_too() -> None:
    relay = (Relay("mx.plain.example"),)
    report = await told('@ TXT "v=spf1include:x -all"', recipient="bob@plain.example", relay=relay)
    (found,) = [item for item in at(report, "authentication/spf").findings if item.code == "spf-none"]
    (action,) = found.actions
    assert action.what == (
        'Begin the TXT record "v=spf1include:x -all" of sender.example with "v=spf1" and a space.'
    )


async def test_who_publishes_the_policy_is_told_alike_by_spf_and_dmarc() -> None:
    zone = f'{MAIL}\n_dmarc TXT "v=DMARC1; p=reject; psd=y"\nnews MX 10 mx\nnews TXT "v=spf1 -all"'
    message = GivenMessage("m.eml", 0, b"From: a@news.sender.example\r\n\r\nHello\r\n")
    async with Publishing({"sender.example": zone}) as network:
        report = await run(network, "bob@plain.example", sender="a@news.sender.example", message=message)
    beyond = {item.name: item.message for item in report.beyond}
    follows = "sender.example publishes p=reject: receivers that enforce DMARC reject the message after DATA"
    assert beyond[BeyondName.SPF] == f"SPF of news.sender.example fails for 192.0.2.10 and {follows}"
    assert beyond[BeyondName.DMARC] == f"DMARC fails for 192.0.2.10 and {follows}"


@pytest.mark.parametrize("record", ["@ A 192.0.2.10", '_dmarc TXT "v=DMARC1; p=rejct"'])
async def test_a_dmarc_record_is_advised_once_and_no_second_beside_a_broken_one(record: str) -> None:
    async with Publishing({"sender.example": f"{MAIL}\n{record}"}) as network:
        report = await run(network, RECEIVER)
    of_record = at(report, "authentication/dmarc").findings[0]
    bulk = at(report, "authentication/receivers").findings[-1]
    assert of_record.code in ("dmarc-none", "dmarc-invalid")
    about = [action for action in bulk.actions if "_dmarc" in action.what]
    assert about == list(of_record.actions)


async def test_a_signature_that_is_there_and_broken_is_to_be_made_to_verify() -> None:
    content = b"DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n"
    message = GivenMessage("m.eml", 0, content + b"From: a@sender.example\r\n\r\nHello\r\n")
    async with Publishing({"sender.example": f'{MAIL}\n{REJECT}\n@ TXT "v=spf1 -all"'}) as network:
        report = await run(network, "bob@plain.example", message=message)
    (found,) = [item for item in at(report, "authentication/dmarc").findings if item.code == "dmarc-would-fail"]
    assert found.actions[0].what == "Make the DKIM signature s1@sender.example verify."
