"""DMARC in whole runs: what is asked, whose From counts, addresses that differ, reruns, broken resolvers."""

import asyncio

import pytest

from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.branches.authentication.dmarc_steps import STEP, DmarcSeen
from smtpdiag_tui.report.authentication import DkimResult, DmarcResult, Policy, SpfResult
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import GivenMessage, Settings
from tests.engine.authenticating import V4, V6, Publishing, given, message_from, spf_of
from tests.engine.running import at, codes, ignore, others, run

TO = "bob@partner.example"
FAIL = SpfResult.FAIL
GIVEN = GivenMessage("message.eml", 1000, b"")
SIGNED = Signature("s1", "sender.example", DkimResult.PASS)


def seen(report: Report) -> DmarcSeen:
    found = at(report, STEP).observation
    assert isinstance(found, DmarcSeen)
    return found


def lines(report: Report) -> list[str]:
    return [entry.text for entry in at(report, STEP).transcript]


async def test_a_pass_by_spf(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), spf_of(V6))
    async with Publishing() as network:
        report = await run(network, TO)
    assert (at(report, STEP).status, at(report, STEP).detail) == (Status.PASSED, "pass (p=reject)")
    assert codes(report, STEP) == {"dmarc-would-pass"}
    assert [(address, item.result, item.policy) for address, item in seen(report).of_address] == [
        (V4, DmarcResult.PASS, Policy.REJECT),
        (V6, DmarcResult.PASS, Policy.REJECT),
    ]
    assert (seen(report).domain, seen(report).published) == ("sender.example", True)
    walked = [name for name in network.asked if name.startswith("_dmarc.")]
    assert walked == ["_dmarc.sender.example", "_dmarc.example"]
    assert lines(report)[0].startswith("192.0.2.53 over UDP: TXT _dmarc.sender.example: NOERROR")
    assert "  v=DMARC1; p=reject; rua=mailto:dmarc@sender.example" in lines(report)
    assert "192.0.2.10: pass (SPF of sender.example passes, aligned with sender.example)" in lines(report)


async def test_addresses_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), spf_of(V6, FAIL), message=message_from("alice@sender.example"))
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN)
    assert at(report, STEP).status is Status.FAILED
    assert at(report, STEP).detail == "pass for 192.0.2.10, fail for 2001:db8::10 (p=reject)"
    assert codes(report, STEP) == {"dmarc-would-pass", "dmarc-would-fail"}


async def test_dkim_saves_what_spf_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4, FAIL), message=message_from("alice@sender.example", signatures=(SIGNED,)))
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN)
    assert (at(report, STEP).status, codes(report, STEP)) == (Status.PASSED, {"dmarc-would-pass"})


@pytest.mark.parametrize("readable", [None, False])
async def test_without_a_message_nothing_fails(monkeypatch: pytest.MonkeyPatch, readable: bool | None) -> None:
    message = message_from("alice@sender.example", readable=False) if readable is False else None
    given(monkeypatch, spf_of(V4, FAIL), message=message)
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN if message is not None else None)
    assert (at(report, STEP).status, codes(report, STEP)) == (Status.UNKNOWN, {"dmarc-depends-on-dkim"})
    assert at(report, STEP).detail == "depends on DKIM (p=reject)"


async def test_whose_from_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), message=message_from("Eve@Message.Example"))
    async with Publishing({"message.example": '_dmarc TXT "v=DMARC1; p=none"'}) as network:
        of_message = await run(network, TO, message=GIVEN)
        of_option = await run(network, TO, message=GIVEN, header_from="alice@sender.example")
        of_sender = await run(network, TO)
    assert [seen(item).domain for item in (of_message, of_option, of_sender)] == [
        "message.example",
        "sender.example",
        "sender.example",
    ]


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        ((), "no valid From address"),
        (("alice",), "no valid From address"),
        (("a@sender.example", "b@partner.example"), "From field with several domains"),
        (("a@[192.0.2.10]",), "From domain is an address literal"),
    ],
)
async def test_a_from_without_a_domain(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...], reason: str
) -> None:
    given(monkeypatch, spf_of(V4), message=message_from(*addresses))
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN)
    assert (at(report, STEP).status, at(report, STEP).detail) == (Status.SKIPPED, reason)
    assert not [name for name in network.asked if name.startswith("_dmarc.")]


async def test_several_addresses_of_one_domain_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4), message=message_from("a@sender.example", "b@SENDER.example"))
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN)
    assert codes(report, STEP) == {"dmarc-would-pass"}


async def test_an_address_literal_has_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4, None))
    async with Publishing() as network:
        report = await run(network, TO, sender="alice@[192.0.2.10]")
    assert (at(report, STEP).status, at(report, STEP).detail) == (
        Status.SKIPPED,
        "From domain is an address literal",
    )


async def test_the_null_sender_is_its_ehlo_name(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4, SpfResult.PASS, "mail.sender.example"))
    async with Publishing() as network:
        report = await run(network, TO, sender="")
        nobody = await run(network, TO, sender="", ehlo="localhost")
        other = await run(network, TO, sender="", header_from="postmaster@sender.example")
    assert seen(report).domain == "mail.sender.example"
    assert seen(report).of_address[0][1].organizational_domain == "sender.example"
    assert "dmarc-would-pass" in codes(report, STEP)
    assert at(nobody, STEP).detail == "null sender, and no From address is known"
    assert seen(other).domain == "sender.example"


async def test_an_unknown_address_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(None, None))
    async with Publishing() as network:
        report = await run(network, TO)
    assert (at(report, STEP).status, codes(report, STEP)) == (Status.UNKNOWN, {"dmarc-depends-on-dkim"})
    assert seen(report).of_address[0][1].result is DmarcResult.UNKNOWN


async def test_np_is_for_names_that_do_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    records = '_dmarc TXT "v=DMARC1; p=none; sp=quarantine; np=reject"\nnews A 192.0.2.1'
    policies = []
    for name in ("news.many.example", "nothing.many.example", "many.example"):
        given(monkeypatch, spf_of(V4, FAIL, name), message=message_from(f"a@{name}"))
        async with Publishing({"many.example": records}) as network:
            report = await run(network, TO, message=GIVEN)
        policies.append(seen(report).of_address[0][1].policy)
        assert ("dmarc-would-fail" in codes(report, STEP)) is (policies[-1] is not Policy.NONE)
    assert policies == [Policy.QUARANTINE, Policy.REJECT, Policy.NONE]


async def test_foreign_report_hosts_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    records = (
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:a@yes.example,mailto:a@no.example,mailto:a@in.many.example,'
        'mailto:a@many.example"'
    )
    consent = 'many.example._report._dmarc TXT "v=DMARC1;"'
    given(monkeypatch, spf_of(V4, SpfResult.PASS, "many.example"))
    zones = {"many.example": records, "yes.example": consent, "no.example": "@ A 192.0.2.1"}
    async with Publishing(zones) as network:
        report = await run(network, TO, sender="a@many.example")
    assert [item.message for item in at(report, STEP).findings if item.code == "dmarc-report-unauthorised"] == [
        "no.example publishes no consent to DMARC reports for many.example"
    ]
    asked = [name for name in network.asked if "_report" in name]
    assert sorted(asked) == [
        "many.example._report._dmarc.in.many.example",
        "many.example._report._dmarc.no.example",
        "many.example._report._dmarc.yes.example",
    ]
    assert "_dmarc.yes.example" not in network.asked
    assert len(network.asked) == len(set(network.asked))


async def test_a_query_that_fails_is_told_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing(failing=("_dmarc.sender.example",)) as network:
        report = await run(network, TO)
    assert (at(report, STEP).status, codes(report, STEP)) == (Status.UNKNOWN, {"dmarc-lookup-failed"})
    assert (seen(report).published, seen(report).of_address[0][1].result) == (None, DmarcResult.TEMPERROR)


async def test_broken_resolvers_are_told_once_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4, SpfResult.TEMPERROR))
    async with Publishing() as network:
        network.resolvers.clear()
        report = await run(network, TO, timeout=0.2)
    assert (at(report, STEP).status, at(report, STEP).findings) == (Status.UNKNOWN, ())
    assert at(report, STEP).detail == "no usable answer from any DNS server"


async def test_a_rerun_judges_anew_and_what_does_not_run_keeps_what_it_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing() as network:
        first = await run(network, TO)
        asked = len(network.asked)
        kept = await run(network, TO, only={"authentication/dkim"}, previous=first)
        assert len(network.asked) == asked
        given(monkeypatch, spf_of(V4, FAIL), message=message_from("alice@sender.example"))
        again = await run(network, TO, only={STEP}, previous=first, message=GIVEN)
    assert at(kept, STEP) == at(first, STEP)
    assert codes(again, STEP) == {"dmarc-would-fail"}
    assert codes(again, "identity") == codes(first, "identity")


async def test_hostile_records_harm_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = " ".join(f'"{"mailto:r@h.net," * 16}"' for _ in range(240))
    records = f'_dmarc TXT "v=DMARC1; p=reject; rua=" {texts}'
    given(monkeypatch, spf_of(V4, SpfResult.PASS, "many.example"))
    async with Publishing({"many.example": records}) as network:
        report = await run(network, TO, sender="a@many.example")
    assert "dmarc-would-pass" in codes(report, STEP)
    assert max(map(len, lines(report))) < 2000
    assert "internal-error" not in codes(report)


async def test_a_signature_with_any_text_as_its_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ["x" * 70 + ".example", "a..b.example", "\u00fc.example", 'a"b\\.example', "a b.example", ".", ""]
    signatures = tuple(Signature("s", domain, DkimResult.PASS) for domain in odd)
    given(monkeypatch, spf_of(V4, FAIL), message=message_from("a@sender.example", signatures=signatures))
    async with Publishing() as network:
        report = await run(network, TO, message=GIVEN)
    assert codes(report, STEP) == {"dmarc-would-fail"}


async def test_a_cancelled_run_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spf_of(V4))
    async with Publishing() as network:

        async def never(*_args: object) -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr(network, "exchange", never)
        settings = network.prepare(Settings("alice@sender.example", TO))
        before = others()
        task = asyncio.create_task(diagnose(settings, network, ignore))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert others() <= before
