"""The plan of branches: what is there, what rests on what, and what is judged anew."""

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import RECORDS, DnsScript, build_zones
from smtpdiag_tui.engine.branch import Branch, Ended, skipped
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.plan import PLAN, branches_for, resting_on
from smtpdiag_tui.engine.run import diagnose
from smtpdiag_tui.report.events import Event, StepStarted
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Probe, Settings
from tests.engine.running import at, codes, run

NAT = "bob@nat.example"
REFUSAL = b"550 5.7.25 no reverse DNS name for your address\r\n"


async def nothing(_ctx: RunContext) -> Ended:
    return Ended()


def test_ids_are_unique_and_what_a_branch_rests_on_is_there() -> None:
    ids = [branch.id for branch in PLAN]
    assert len(ids) == len(set(ids))
    for branch in PLAN:
        assert branch.title
        assert branch.explanation
        assert set(branch.after) < set(ids)
        assert branch.id not in branch.after


def test_probes_are_there_where_they_are_asked_for() -> None:
    settings = Settings("alice@sender.example", NAT)
    assert "probes" not in {branch.id for branch in branches_for(settings)}
    asked = Settings("alice@sender.example", NAT, probes=(Probe.POSTMASTER,))
    assert branches_for(asked) == PLAN


def test_what_rests_on_a_branch_runs_again_with_it_and_what_rests_on_that() -> None:
    plan = (
        Branch("identity", "", "", nothing),
        Branch("policy", "", "", nothing, after=("identity",)),
        Branch("result", "", "", nothing, after=("policy",)),
        Branch("soa", "", "", nothing),
    )
    assert resting_on({"identity"}, plan) == {"policy", "result"}
    assert resting_on({"soa"}, plan) == set()
    assert resting_on({"identity"}) == {"senders"}
    assert resting_on({"delivery"}) == {"senders"}, "a session held again is no reason to ask others again"


def name_address(network: DemoNetwork) -> None:
    """Give the address that others see a reverse name, which leads back to it."""
    forward = RECORDS["sender.example"] + "\nnat A 192.0.2.70"
    zones = {"sender.example": forward, "2.0.192.in-addr.arpa": "70 PTR nat.sender.example."}
    for key, script in network.resolvers.items():
        network.resolvers[key] = DnsScript({**script.zones, **build_zones(zones)}, script.recursive)


async def test_a_rerun_of_identity_judges_anew_what_rests_on_it() -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.60"] = SmtpScript("mx.nat.example", sees="192.0.2.70", rcpt=REFUSAL)
        name_address(network)
        first = await run(network, NAT)
        held = len(network.smtp["192.0.2.60"].sessions)
    async with DemoNetwork() as changed:
        changed.hosts["192.0.2.60"] = SmtpScript("mx.nat.example", sees="192.0.2.70", rcpt=REFUSAL)
        second = await run(changed, NAT, only={"identity"}, previous=first)
        assert not changed.smtp, "identity asks no mail host"
    assert held == 1
    assert "ptr-missing" not in codes(first, "identity")
    assert "ptr-missing" in codes(second, "identity")
    for report, code in ((first, "recipient-rejected"), (second, "reverse-name-here")):
        assert report.outcome is Outcome.BOUNCED
        assert report.causes[0].decides
        assert report.causes[0].code == code
    assert codes(first, "senders") == set()
    assert codes(second, "senders") == {"reverse-name-here"}
    assert second.summary.startswith(second.causes[0].message)
    assert second.side is second.causes[0].side
    assert second.advice != first.advice


def add(monkeypatch: pytest.MonkeyPatch, *branches: Branch) -> None:
    """Have branches run beside those of the plan."""
    plan = "smtpdiag_tui.engine.run.branches_for"
    monkeypatch.setattr(plan, lambda settings: (*branches_for(settings), *branches))


@pytest.mark.parametrize("late", [False, True])
async def test_the_ritual_of_a_branch(late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    said = finding("soa-missing", "There is none", advice="Wait.")

    async def judge(ctx: RunContext) -> Ended:
        await ctx.ended("delivery")
        return Ended((said,), detail="in short", observation="seen")

    branch = Branch("extra", "Extra", "What for.", judge, begins_itself=late)
    add(monkeypatch, branch)
    events: list[Event] = []
    async with DemoNetwork() as network:
        settings = network.prepare(Settings("alice@sender.example", "bob@[192.0.2.27]"))
        report = await diagnose(settings, network, events.append)
    step = at(report, "extra")
    assert (step.title, step.explanation, step.detail) == ("Extra", "What for.", "in short")
    assert step.findings == (said,)
    assert step.status is Status.FAILED
    assert step.observation == "seen"
    assert any(isinstance(event, StepStarted) and event.id == "extra" for event in events) is not late


async def test_an_accident_in_a_branch_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stumble(_ctx: RunContext) -> Ended:
        raise ZeroDivisionError

    async def look(ctx: RunContext) -> Ended:
        return skipped("nothing seen" if await ctx.result("broken", str) is None else "seen")

    branches = (Branch("broken", "Broken", "", stumble), Branch("other", "Other", "", look))
    add(monkeypatch, *branches)
    async with DemoNetwork() as network:
        report = await run(network, "bob@[192.0.2.27]")
    assert codes(report, "broken") == {"internal-error"}
    assert (at(report, "other").status, at(report, "other").detail) == (Status.SKIPPED, "nothing seen")
    assert report.outcome is Outcome.ACCEPTED


async def test_a_branch_that_does_not_run_again_hands_on_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    async def observe(_ctx: RunContext) -> Ended:
        ran.append("observes")
        return Ended(observation="seen")

    async def judge(ctx: RunContext) -> Ended:
        ran.append("judges")
        return Ended(detail=await ctx.result("observes", str) or "")

    branches = (
        Branch("observes", "Observes", "", observe),
        Branch("judges", "Judges", "", judge, after=("identity",)),
    )
    plan = (*PLAN, *branches)
    add(monkeypatch, *branches)
    monkeypatch.setattr("smtpdiag_tui.engine.run.resting_on", lambda running: resting_on(running, plan))
    async with DemoNetwork() as network:
        first = await run(network, "bob@[192.0.2.27]")
        ran.clear()
        second = await run(network, "bob@[192.0.2.27]", only={"identity"}, previous=first)
    assert ran == ["judges"]
    assert at(second, "judges").detail == "seen"
    assert at(second, "observes") == at(first, "observes")
