"""The branch `senders`: glyph and word agree, in each profile and above them."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.answer import answer_senders
from smtpdiag_tui.report.rollup import of_outcome
from smtpdiag_tui.report.status import Outcome, Status
from tests.engine.running import at, run


@pytest.mark.parametrize("recipient", ["bob@full.example", "bob@expired.example", "bob@plain.example"])
async def test_a_profile_looks_as_it_ends_and_one_without_an_address_is_not_reachable(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    for sender in report.senders:
        step = at(report, f"senders/{sender.name}")
        nowhere = sender.name != "standard" and not sender.attempts
        assert step.status is (Status.SKIPPED if nowhere else of_outcome(sender.outcome))
        assert step.detail.startswith("not reachable: " if nowhere else f"{sender.outcome}: ")
    assert any(step.status is Status.SKIPPED for step in report.children("senders"))


async def test_the_branch_is_not_green_above_a_profile_that_is_deferred() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@expired.example")
        well = await run(network, "bob@partner.example")
        bounced = await run(network, "bob@full.example")
    assert report.outcome is Outcome.ACCEPTED
    assert at(report, "senders/tls-verified").status is Status.WARNING
    assert at(report, "senders").status is Status.WARNING
    assert at(well, "senders").status is Status.PASSED
    assert at(bounced, "senders").status is at(bounced, "senders/ipv4-only").status is Status.FAILED


async def test_an_accepted_address_names_the_phase_that_was_not_well() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@expired.example")
    assert at(report, "delivery/mx.expired.example/192.0.2.37").detail == "STARTTLS: warning; 250 2.1.5 Ok"


@pytest.mark.parametrize(
    "recipient", ["bob@misspelt.example", "bob@stale.example", "bob@bogus.example", "bob@fullexpired.example"]
)
async def test_tree_transcript_and_findings_beside_it_say_the_same_of_a_profile(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    for shown, sender in zip(answer_senders(report.senders), report.senders, strict=True):
        step = at(report, f"senders/{sender.name}")
        word = "not reachable" if step.status is Status.SKIPPED else sender.outcome.value
        assert step.status is shown.status
        assert step.detail.partition(":")[0] == word
        for entry in step.transcript[-1:]:
            assert entry.text.startswith(f"{word}: ")


async def test_after_the_last_address_no_next_one_is_spoken_of() -> None:
    async with DemoNetwork() as network:
        one = await run(network, "bob@greylist.example")
        two = await run(network, "bob@dead.example")
    lines = [entry.text for entry in at(one, "senders/standard").transcript]
    assert lines[0].startswith("1. mx.greylist.example [192.0.2.33] (not accepted): 450 ")
    lines = [entry.text for entry in at(two, "senders/standard").transcript][:-1]
    assert all(", next address)" in line for line in lines[:-1])
    assert len(lines) > 1
    assert "next address" not in lines[-1]
