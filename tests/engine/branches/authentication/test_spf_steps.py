"""SPF in whole runs: for each address that others see, rerun, broken off, without DNS, without an address."""

import asyncio

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript, Tls
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.demo.zones import DnsScript
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.branches.authentication import spf_lookups, spf_steps
from smtpdiag_tui.report.authentication import BeyondName, SpfIdentity, SpfResult
from smtpdiag_tui.report.events import Event, StepFinished, StepPlanned
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import StepId, StepKind
from smtpdiag_tui.settings import DnsServer, Relay, Settings
from tests.engine.running import at, codes, ignore, others, run
from tests.engine.sending import Asked, Inside, with_spf

STEP, PARTNER, NAT = "authentication/spf", "bob@partner.example", "bob@nat.example"
OWN, SIX = f"{STEP}/192.0.2.10", f"{STEP}/2001:db8::10"


def results(report: Report) -> dict[str | None, tuple[str, str]]:
    """Return address to the results of MAIL FROM and EHLO; `-` for one that was not judged."""
    return {item.address: (_result(item.spf.mail_from), _result(item.spf.ehlo)) for item in report.authentication}


def _result(found: SpfIdentity | None) -> str:
    return "-" if found is None else found.result.value


def below(report: Report) -> list[str]:
    return [step.id for step in report.descendants(STEP)]


def said_of_spf(report: Report) -> tuple[str, str]:
    [item] = [item for item in report.beyond if item.name is BeyondName.SPF]
    return item.verdict.value, item.message


async def test_every_address_that_others_see_is_judged_with_both_identities() -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER)
    assert [step.id for step in report.children(STEP)] == [OWN, SIX]
    for place in (OWN, SIX):
        assert [step.id for step in report.children(place)] == [f"{place}/mail-from", f"{place}/ehlo"]
    assert StepId(OWN).kind is StepKind.PUBLIC_ADDRESS
    assert StepId(f"{OWN}/ehlo").kind is StepKind.IDENTITY
    assert results(report) == {"192.0.2.10": ("pass", "none"), "2001:db8::10": ("pass", "none")}
    assert at(report, f"{OWN}/mail-from").title == "MAIL FROM sender.example"
    assert at(report, f"{OWN}/mail-from").detail == "pass, 0 of 10 lookups"
    ehlo = at(report, f"{OWN}/ehlo")
    assert (ehlo.title, ehlo.status, ehlo.detail) == (
        "EHLO mail.sender.example",
        Status.PASSED,
        "none, no SPF record",
    )
    assert at(report, STEP).detail == "pass for 192.0.2.10 and 2001:db8::10"
    assert said_of_spf(report) == (
        "pass",
        "SPF of sender.example passes for 192.0.2.10 and 2001:db8::10",
    )
    assert at(report, OWN).facts.seen_as == ("192.0.2.10",)


async def test_each_question_stands_in_the_transcript_with_who_answered_it() -> None:
    async with DemoNetwork() as network:
        with_spf(network, "v=spf1 a:mail.sender.example mx -all")
        report = await run(network, PARTNER)
    lines = [entry.text for entry in at(report, f"{OWN}/mail-from").transcript]
    assert lines[0].startswith("192.0.2.53 over UDP: TXT sender.example: NOERROR")
    assert any("192.0.2.53 over UDP: A mail.sender.example: NOERROR" in line for line in lines)
    assert not any("AAAA" in line for line in lines)


async def test_an_address_that_is_not_allowed_fails_and_the_run_is_a_warning() -> None:
    async with DemoNetwork() as network:
        with_spf(network, "v=spf1 ip4:192.0.2.10 -all")
        report = await run(network, PARTNER)
    assert results(report) == {"192.0.2.10": ("pass", "none"), "2001:db8::10": ("fail", "none")}
    assert codes(report, f"{SIX}/") == {"spf-fail"}
    assert [at(report, key).status for key in (SIX, STEP, "authentication")] == [Status.FAILED] * 3
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)
    assert at(report, STEP).detail == "pass for 192.0.2.10, fail for 2001:db8::10"
    assert said_of_spf(report)[0] == "fail"
    assert "2001:db8::10" in said_of_spf(report)[1]
    assert "192.0.2.10" not in said_of_spf(report)[1]


@pytest.mark.parametrize(("end", "result"), [("~all", "softfail"), ("?all", "neutral")])
async def test_what_is_less_than_a_fail_is_a_warning(end: str, result: str) -> None:
    async with DemoNetwork() as network:
        with_spf(network, f"v=spf1 {end}")
        report = await run(network, PARTNER)
    assert results(report)["192.0.2.10"] == (result, "none")
    assert at(report, f"{OWN}/mail-from").status is Status.WARNING
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.WARNING)


async def test_behind_a_translator_the_address_that_the_server_names_counts() -> None:
    async with DemoNetwork() as network:
        report = await run(network, NAT)
    assert results(report) == {"192.0.2.70": ("pass", "none")}
    assert f"{STEP}/10.0.0.10" not in report.steps


async def test_a_private_address_that_nobody_translates_is_unknown_and_makes_the_run_no_worse() -> None:
    async with Inside() as network:
        report = await run(network, PARTNER)
    assert codes(report, STEP) == {"spf-address-unknown"}
    [found] = at(report, STEP).findings
    assert found.severity is Severity.UNKNOWN
    assert found.message == "SPF not evaluated for 10.0.0.10: public IP address unknown"
    assert at(report, STEP).status is Status.UNKNOWN
    assert at(report, STEP).detail == "public IP address unknown"
    assert below(report) == []
    assert results(report) == {None: ("-", "-")}
    assert (report.outcome, report.status) == (Outcome.ACCEPTED, Status.PASSED)
    assert not any("--as-address" in text for text in report.advice)
    assert said_of_spf(report)[0] == "unknown"


@pytest.mark.parametrize(
    ("records", "code", "result"),
    [
        (["v=spf1 ip4:192.0.2.10/99 -all"], "spf-permerror", "permerror"),
        (["v=spf1 -all", "v=spf1 +all"], "spf-permerror", "permerror"),
        ([], "spf-none", "none"),
        (["v=spf1 +all"], "spf-record-risky", "-"),
        (["v=spf1 ip4:192.0.2.10 include:nothing.sender.example -all"], "spf-record-risky", "-"),
    ],
)
async def test_what_is_wrong_for_every_address_is_told_without_one(
    records: list[str], code: str, result: str
) -> None:
    async with Inside() as network:
        with_spf(network, *records)
        report = await run(network, PARTNER)
    assert codes(report, STEP) == {"spf-address-unknown", code}
    assert results(report) == {None: (result, "-")}
    told = " ".join(
        f"{item.message} {item.advice} {' '.join(item.evidence)}" for item in at(report, STEP).findings
    )
    assert "0.0.0.0" not in told


async def test_too_many_lookups_are_a_risk_where_no_address_is_known_and_an_error_where_one_is() -> None:
    sender = "alice@includes.example"
    async with Inside() as network:
        unknown = await run(network, PARTNER, sender=sender)
    async with DemoNetwork() as network:
        known = await run(network, PARTNER, sender=sender, as_addresses=("203.0.113.10",))
    assert codes(unknown, STEP) == {"spf-address-unknown", "spf-record-risky"}
    assert results(unknown) == {None: ("-", "-")}
    assert codes(known, STEP) >= {"spf-permerror"}
    assert results(known) == {"203.0.113.10": ("permerror", "none")}


async def test_nothing_is_asked_in_the_name_of_an_address_that_is_not_known() -> None:
    class Both(Asked, Inside):
        pass

    async with Both() as network:
        with_spf(network, "v=spf1 exists:%{ir}.bl.sender.example exists:%{i}.x.sender.example ptr -all")
        report = await run(network, PARTNER)
    assert results(report) == {None: ("-", "-")}
    assert not any("0.0.0.0" in item for item in network.asked)
    assert not any("10.0.0.10" in item for item in network.asked)


async def test_without_a_session_nothing_is_judged_but_the_record() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example")
    assert codes(report, STEP) == set()
    assert at(report, STEP).status is Status.SKIPPED
    assert results(report) == {None: ("-", "-")}


async def test_through_a_relay_host_its_address_counts_and_is_unknown_unless_given() -> None:
    async with DemoNetwork() as network:
        network.hosts["192.0.2.99"] = SmtpScript("relay.example", tls=Tls.ABSENT)
        relay = (Relay("192.0.2.99"),)
        report = await run(network, PARTNER, relay=relay)
        given = await run(network, PARTNER, relay=relay, as_addresses=("203.0.113.10",))
    [found] = at(report, STEP).findings
    assert found.code == "spf-address-unknown"
    assert found.message == "SPF not evaluated: public IP address of relay host 192.0.2.99 unknown"
    assert results(report) == {None: ("-", "-")}
    assert results(given) == {"203.0.113.10": ("fail", "none")}
    assert "spf-address-unknown" not in codes(given)


async def test_given_addresses_are_judged_instead_and_without_a_session() -> None:
    given = ("::ffff:192.0.2.10", "203.0.113.10", "2001:db8::99")
    async with DemoNetwork() as network:
        report = await run(network, "bob@null.example", as_addresses=given)
    assert results(report) == {
        "192.0.2.10": ("pass", "none"),
        "203.0.113.10": ("fail", "none"),
        "2001:db8::99": ("fail", "none"),
    }
    assert at(report, OWN).title == "192.0.2.10 (--as-address)"


async def test_the_null_sender_is_judged_as_postmaster_at_the_ehlo_name() -> None:
    async with DemoNetwork() as network:
        with_spf(network, "v=spf1 +all", more='mail TXT "v=spf1 ip4:192.0.2.10 -all"\n')
        report = await run(network, PARTNER, sender="")
    assert results(report) == {"192.0.2.10": ("pass", "pass"), "2001:db8::10": ("fail", "fail")}
    step = at(report, f"{OWN}/mail-from")
    assert step.title == "MAIL FROM <> (postmaster@mail.sender.example)"
    [item] = [item for item in report.authentication if item.address == "192.0.2.10"]
    assert item.spf.mail_from == SpfIdentity("mail.sender.example", SpfResult.PASS)


@pytest.mark.parametrize(
    ("ehlo", "why"),
    [
        ("[192.0.2.10]", "the EHLO name is an address literal"),
        ("mailhost", "the EHLO name is not fully qualified"),
    ],
)
async def test_an_ehlo_name_that_is_none_is_skipped_with_the_reason(ehlo: str, why: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER, ehlo=ehlo)
        bounce = await run(network, PARTNER, ehlo=ehlo, sender="")
    step = at(report, f"{OWN}/ehlo")
    assert (step.status, step.detail) == (Status.SKIPPED, why)
    assert results(report)["192.0.2.10"] == ("pass", "-")
    assert results(bounce)["192.0.2.10"] == ("-", "-")
    assert at(bounce, f"{OWN}/mail-from").detail == why
    assert "spf" not in {item.name.value for item in bounce.beyond}


async def test_a_sender_at_an_address_literal_has_no_spf() -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER, sender="alice@[192.0.2.10]")
    step = at(report, f"{OWN}/mail-from")
    assert (step.status, step.detail) == (Status.SKIPPED, "the sender's domain is an address literal")


async def test_a_single_identity_is_judged_again_and_the_others_keep_what_they_held() -> None:
    asked = Settings(DEFAULT_SENDER, PARTNER)
    events: list[Event] = []
    async with DemoNetwork() as network:
        first = await diagnose(asked, network, ignore)
    async with DemoNetwork() as network:
        with_spf(network, "v=spf1 -all")
        again = await diagnose(asked, network, events.append, [f"{OWN}/mail-from"], first)
        whole = await diagnose(asked, network, ignore, [STEP], again)
    assert results(first)["192.0.2.10"] == ("pass", "none")
    assert results(again) == {"192.0.2.10": ("fail", "none"), "2001:db8::10": ("pass", "none")}
    ended = {event.id for event in events if isinstance(event, StepFinished)}
    assert {f"{OWN}/mail-from", OWN, STEP, "authentication"} <= ended
    assert not ended & {f"{OWN}/ehlo", SIX, f"{SIX}/mail-from", "identity"}
    assert at(again, STEP).detail == "fail for 192.0.2.10, pass for 2001:db8::10"
    assert results(whole) == {"192.0.2.10": ("fail", "none"), "2001:db8::10": ("fail", "none")}


async def test_what_does_not_run_again_keeps_what_it_held() -> None:
    async with DemoNetwork() as network:
        first = await run(network, PARTNER)
        again = await run(network, PARTNER, only=["soa"], previous=first)
        beside = await run(network, PARTNER, only=["authentication/dmarc"], previous=first)
    for report in (again, beside):
        assert results(report) == results(first)
        assert report.beyond[0] == first.beyond[0]
        assert below(report) == below(first)


async def test_addresses_that_are_no_longer_seen_leave_the_tree() -> None:
    class Moving(DemoNetwork):
        sees = "192.0.2.10"

        def local_name(self, address: str, remote: str) -> str:
            return self.sees if ":" not in remote else super().local_name(address, remote)

    asked = Settings(DEFAULT_SENDER, PARTNER, family=4)
    async with Moving() as network:
        first = await diagnose(asked, network, ignore)
        network.sees = "192.0.2.12"
        again = await diagnose(asked, network, ignore, ["delivery", STEP], first)
    assert set(results(first)) == {"192.0.2.10"}
    assert set(results(again)) == {"192.0.2.12"}
    assert OWN not in again.steps


async def test_cancelling_leaves_nothing_running() -> None:
    asked = Settings(DEFAULT_SENDER, "bob@null.example", as_addresses=("192.0.2.10",), timeout=30)
    planned = asyncio.Event()

    def look(event: Event) -> None:
        if isinstance(event, StepPlanned) and event.id == f"{OWN}/mail-from":
            planned.set()

    async with Asked(late=5.0) as network:
        task = asyncio.create_task(diagnose(asked, network, look))
        await planned.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not [item for item in others() if "spf" in repr(item)]


async def test_without_any_usable_dns_the_domain_is_not_blamed() -> None:
    async with DemoNetwork() as network:
        network.resolvers["192.0.2.53"] = DnsScript({}, recursive=False)
        report = await run(network, "bob@[192.0.2.27]", timeout=0.5)
    assert codes(report, STEP) == set()
    step = at(report, f"{OWN}/mail-from")
    assert (step.status, step.detail) == (Status.UNKNOWN, "no usable answer from any DNS server")
    assert results(report) == {"192.0.2.10": ("temperror", "temperror")}


async def test_without_any_dns_server_it_is_unknown() -> None:
    async with DemoNetwork() as network:
        network.system_servers = lambda: ()  # type: ignore[method-assign]
        report = await run(network, "bob@[192.0.2.27]")
    assert codes(report, STEP) == set()
    assert at(report, STEP).status is Status.UNKNOWN


async def test_a_domain_whose_name_servers_fail_is_told_of() -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER, sender="alice@servfail.example")
    assert codes(report, f"{OWN}/mail-from") == {"spf-temperror"}
    assert results(report)["192.0.2.10"] == ("temperror", "none")
    assert (report.outcome, at(report, STEP).status) == (Outcome.ACCEPTED, Status.UNKNOWN)


async def test_an_evaluation_that_takes_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spf_lookups, "LIMIT", 0.3)
    async with Asked(late=1.0) as network:
        report = await run(network, PARTNER, timeout=5)
    assert results(report)["192.0.2.10"] == ("temperror", "temperror")
    assert codes(report, f"{OWN}/mail-from") == {"spf-temperror"}


async def test_records_are_looked_up_while_the_sessions_are_held() -> None:
    async with Asked() as network:
        with_spf(network, "v=spf1 include:a.sender.example -all", more='a TXT "v=spf1 mx:partner.example -all"\n')
        script = SmtpScript("mx.nat.example", sees="192.0.2.70", greeting_delay=0.3)
        network.hosts["192.0.2.60"] = script
        began = network.now()
        report = await run(network, NAT)
    assert results(report)["192.0.2.70"] == ("fail", "none")
    for question in (
        "TXT sender.example.",
        "TXT a.sender.example.",
        "TXT mail.sender.example.",
        "A mx1.partner.example.",
    ):
        assert network.asked[question] < began + 0.3, question


async def test_an_accident_with_one_identity_leaves_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(evaluation: object, _addresses: object) -> tuple[object, ...]:
        if evaluation.request.scope.value == "ehlo":  # type: ignore[attr-defined]
            raise RuntimeError("an accident")
        return ()

    monkeypatch.setattr(spf_steps, "judge", broken)
    async with DemoNetwork() as network:
        report = await run(network, PARTNER)
    assert codes(report, STEP) == {"internal-error"}
    assert results(report)["192.0.2.10"] == ("pass", "-")


async def test_an_invalid_address_starts_nothing() -> None:
    async with Asked() as network:
        report = await run(network, PARTNER, sender="alice@-bad-.example")
    assert below(report) == []
    assert at(report, "authentication").status is Status.SKIPPED
    assert not any(item.startswith("TXT") for item in network.asked)


async def test_a_server_that_is_given_is_as_good_as_an_mx_host() -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER, server="192.0.2.27")
    assert results(report) == {"192.0.2.10": ("pass", "none")}


async def test_the_target_servers_are_asked_where_they_are_given() -> None:
    async with DemoNetwork() as network:
        report = await run(network, PARTNER, dns=(DnsServer("192.0.2.54"),))
    lines = [entry.text for entry in at(report, f"{OWN}/mail-from").transcript]
    assert lines[0].startswith("192.0.2.54 over UDP: TXT sender.example")
