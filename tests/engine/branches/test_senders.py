"""The branch `senders`: glyph and word agree, in each profile and above them."""

import json
from collections.abc import Mapping

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine.branches.tls_policy import dane_steps, mta_sts_steps
from smtpdiag_tui.engine.branches.tls_policy.dane_steps import DaneSeen
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.render.answer import answer_senders
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.rollup import of_outcome
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.verdict.walk import PROFILES
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


MX1 = ("mx1.partner.example", "192.0.2.21")
MISMATCH = "TLSA record does not match the certificate of mx.expired.example"
Where = tuple[str, str]


def demand(
    monkeypatch: pytest.MonkeyPatch,
    dane: Mapping[Where, str] | None = None,
    sts: Mapping[Where, str] | None = None,
    *hosts: str,
) -> None:
    """Let DANE and MTA-STS have found that."""

    async def run_dane(ctx: RunContext) -> DaneSeen:
        ctx.recorder.finish(dane_steps.STEP, status=Status.PASSED)
        return DaneSeen(dane or {}, frozenset(hosts))

    async def run_mta_sts(ctx: RunContext) -> Mapping[Where, str]:
        ctx.recorder.finish(mta_sts_steps.STEP, status=Status.PASSED)
        return sts or {}

    monkeypatch.setattr(dane_steps, "run_dane", run_dane)
    monkeypatch.setattr(mta_sts_steps, "run_mta_sts", run_mta_sts)


async def test_a_strict_sender_ends_with_its_reason_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("mx.expired.example", "192.0.2.37")
    demand(monkeypatch, {where: MISMATCH}, None, where[0])
    async with DemoNetwork() as network:
        report = await run(network, "bob@expired.example")
        again = await run(network, "bob@expired.example", only=["senders"], previous=report)
    ends = {item.name: (item.outcome, item.summary) for item in report.senders}
    assert report.outcome is Outcome.ACCEPTED
    assert ends["dane"] == ends["dane-or-mta-sts"] == (Outcome.DEFERRED, MISMATCH)
    assert ends["mta-sts"] == ends["standard"]
    assert at(report, "senders/dane").status is Status.WARNING
    assert at(report, "senders/dane").detail == f"deferred: {MISMATCH}"
    assert f"deferred: DANE, DANE/MTA-STS ({MISMATCH})" in " ".join(to_text(report).split())
    assert f"- ! deferred: DANE, DANE/MTA-STS ({MISMATCH})" in to_markdown(report).replace("\\", "")
    found = {item["id"]: item for item in json.loads(to_json(report))["senders"]}
    assert (found["dane"]["outcome"], found["dane"]["summary"]) == ("deferred", MISMATCH)
    assert found["dane"]["attempts"][0]["reply"] == MISMATCH
    assert again.senders == report.senders


async def test_one_address_of_many_that_fails_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    demand(monkeypatch, {MX1: "no match"}, {MX1: "not listed"}, MX1[0])
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    tries = {item.name: [(one.host, one.address) for one in item.attempts] for item in report.senders}
    assert tries["standard"] == [MX1]
    assert tries["dane"][:2] == tries["mta-sts"][:2] == [MX1, ("mx1.partner.example", "2001:db8::21")]
    assert {item.outcome for item in report.senders} == {Outcome.ACCEPTED}
    assert at(report, "senders").status is Status.PASSED


async def test_of_several_reasons_the_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = [(f"mx{n}.partner.example", f"192.0.2.2{n}") for n in (1, 2, 3)]
    hosts += [(name, address.replace("192.0.2.", "2001:db8::")) for name, address in hosts]
    demand(monkeypatch, None, {where: f"{where[0]} is not in the policy" for where in hosts})
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    ends = {item.name: item for item in report.senders}
    assert ends["mta-sts"].outcome is Outcome.DEFERRED
    assert ends["mta-sts"].summary == "mx1.partner.example is not in the policy; stops after 5 addresses"
    assert ends["dane"].outcome is Outcome.ACCEPTED


async def test_a_valid_dane_that_outweighs_mta_sts_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    demand(monkeypatch, None, {MX1: "mx1.partner.example is not in the policy"}, MX1[0])
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    ends = {item.name: item for item in report.senders}
    assert ends["dane-or-mta-sts"].summary.endswith(
        "; a valid DANE outweighs the failing MTA-STS (common practice)"
    )
    assert "outweighs" not in ends["dane"].summary


async def test_what_is_not_known_is_unknown_and_colours_nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("mx.rollover.example", "192.0.2.175")
    demand(monkeypatch, {where: ""}, None, where[0])
    async with DemoNetwork() as network:
        report = await run(network, "bob@rollover.example")
    ends = {item.name: (item.outcome, item.summary) for item in report.senders}
    assert ends["dane"] == ends["dane-or-mta-sts"]
    assert ends["dane"] == (Outcome.UNKNOWN, "could not be determined at mx.rollover.example [192.0.2.175]")
    assert at(report, "senders/dane").status is Status.UNKNOWN
    assert at(report, "senders").status is Status.PASSED  # the standard sender's


async def test_greylisted_mail_waits_whether_or_not_a_policy_is_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = ("mx.greylist.example", "192.0.2.33")
    demand(monkeypatch, {where: ""}, {where: ""}, where[0])
    async with DemoNetwork() as network:
        report = await run(network, "bob@greylist.example")
    strict = [item for item in report.senders if item.name in ("dane", "mta-sts", "dane-or-mta-sts")]
    assert [(item.outcome, item.summary) for item in strict] == [(Outcome.DEFERRED, "450 4.2.0")] * 3


async def test_each_profile_says_what_it_is() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
    told = [at(report, f"senders/{item.name}").explanation for item in PROFILES]
    assert all(told)
    assert len(set(told)) == len(PROFILES)
