"""Extra probes in a run: never unasked, one session each, with one address, after the others."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.smtp_server import Session
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.settings_line import settings_line
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import Probe, Settings
from tests.engine.running import at, codes, ignore, run

ALL = tuple(Probe)
NO = b"550 5.1.1 no such user\r\n"


def told(session: Session) -> tuple[str, str]:
    """Return the sender and recipient of a session."""
    lines = {line.partition(":")[0]: line.partition(":")[2] for line, _ in session.commands}
    return lines["MAIL FROM"], lines["RCPT TO"]


async def test_none_is_held_unasked() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example")
        assert all(len(server.sessions) == 1 for server in network.smtp.values())
    assert not any(key.startswith("probes") for key in report.steps)


async def test_one_session_each_with_the_best_address_after_the_others() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@partner.example", probes=ALL)
        held = network.smtp["192.0.2.21"].sessions
        others = [server for address, server in network.smtp.items() if address != "192.0.2.21"]
        assert {len(server.sessions) for server in others} == {1}
        assert network.smtp["192.0.2.21"].most_at_once == 1
    assert [told(item) for item in held[:3]] == [
        ("<alice@sender.example>", "<bob@partner.example>"),
        ("<alice@sender.example>", "<postmaster@partner.example>"),
        ("<>", "<bob@partner.example>"),
    ]
    assert re.fullmatch(r"<smtpdiag-[0-9a-f]{20}@partner\.example>", told(held[3])[1])
    assert len(held) == 4
    assert {verb for item in held for verb in item.verbs} <= {"EHLO", "STARTTLS", "MAIL", "RCPT", "QUIT"}
    assert [step.id for step in report.children("probes")] == [f"probes/{probe}" for probe in Probe]
    assert at(report, "probes/dane-keys").detail == "no usable TLSA records to match"
    begun = [step.transcript[0].at for step in report.children("probes") if step.transcript]
    assert all(later - earlier >= 0.99 for earlier, later in itertools.pairwise(begun))
    main = at(report, "delivery/mx1.partner.example/192.0.2.21")
    assert begun[0] - main.transcript[-1].at >= 0.99
    assert {"postmaster-accepted", "null-sender-accepted", "accepts-any-recipient"} <= codes(report, "probes")
    assert report.status is Status.PASSED


async def test_the_made_up_name_is_another_one_in_each_run() -> None:
    names = set()
    for _ in range(2):
        async with DemoNetwork() as network:
            await run(network, "bob@plain.example", probes=(Probe.RANDOM_RECIPIENT,))
            names.add(told(network.smtp["192.0.2.46"].sessions[1])[1])
    assert len(names) == 2


async def test_the_first_that_accepts_is_probed_and_the_outcome_is_not_touched() -> None:
    async with DemoNetwork() as network:
        script = network.hosts["192.0.2.32"]
        network.hosts["192.0.2.32"] = replace(script, recipients={"postmaster": NO})
        plain = await run(network, "bob@dead.example")
        report = await run(network, "bob@dead.example", probes=(Probe.POSTMASTER,))
    step = at(report, "probes/postmaster")
    assert (step.status, [item.code for item in step.findings]) == (Status.WARNING, ["postmaster-refused"])
    assert (report.outcome, report.summary, report.side) == (plain.outcome, plain.summary, plain.side)
    assert report.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("recipient", ["bob@null.example", "bob@timeout.example", "bob@busy.example"])
async def test_where_nobody_lets_us_in_none_is_held(recipient: str) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient, probes=ALL, timeout=0.5)
    assert [step.status for step in report.steps.values() if step.id.startswith("probes")] == [Status.SKIPPED] * 5


async def test_an_invalid_address_holds_none() -> None:
    async with DemoNetwork() as network:
        report = await diagnose(Settings("alice@sender.example", "bob@", probes=ALL), network, ignore)
        assert network.smtp == {}
    assert at(report, "probes").status is Status.SKIPPED


async def test_what_was_asked_before_is_skipped() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "postmaster@plain.example", sender="", probes=ALL)
        assert len(network.smtp["192.0.2.46"].sessions) == 2
    skipped = [step.id for step in report.children("probes") if step.status is Status.SKIPPED]
    assert skipped == ["probes/postmaster", "probes/null-sender", "probes/dane-keys"]


async def test_they_go_where_the_session_before_went() -> None:
    async with DemoNetwork() as network:
        await run(network, "bob@partner.example", server="192.0.2.23", probes=(Probe.POSTMASTER,))
        assert [len(server.sessions) for server in network.smtp.values()] == [2]


async def test_after_a_failed_handshake_a_probe_is_one_session_in_clear() -> None:
    async with DemoNetwork() as network:
        await run(network, "bob@handshake.example", probes=(Probe.POSTMASTER,))
        verbs = [item.verbs for item in network.smtp["192.0.2.47"].sessions]
    assert verbs == [["EHLO", "STARTTLS"], *[["EHLO", "MAIL", "RCPT", "QUIT"]] * 2]


async def test_one_runs_again_by_itself() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@plain.example", probes=ALL)
        report = await run(network, "bob@plain.example", probes=ALL, only={"probes/postmaster"}, previous=first)
        held = network.smtp["192.0.2.46"].sessions
        assert len(held) == 5
        assert told(held[4])[1] == "<postmaster@plain.example>"
        await run(network, "bob@plain.example", probes=ALL, only={"delivery"}, previous=report)
        assert len(held) == 6
    assert report.outcome is Outcome.ACCEPTED
    assert at(report, "probes/null-sender") == at(first, "probes/null-sender")


async def test_keys_are_told_apart_in_sessions_that_end_behind_the_handshake() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dane.example", probes=(Probe.DANE_KEYS,))
        held = [item.verbs for item in network.smtp["192.0.2.173"].sessions[1:]]
        others = [server for address, server in network.smtp.items() if address != "192.0.2.173"]
        assert {len(server.sessions) for server in others} == {1}
    assert held == [["EHLO", "STARTTLS"], ["EHLO", "STARTTLS", "QUIT"]]
    step = at(report, "probes/dane-keys")
    assert (step.status, step.detail) == (Status.PASSED, "ECDSA certificate presented")
    assert [item.code for item in step.findings] == ["dane-valid"]


async def test_keys_are_looked_at_again_by_themselves() -> None:
    async with DemoNetwork() as network:
        first = await run(network, "bob@rollover.example", probes=(Probe.DANE_KEYS,))
        step = at(first, "probes/dane-keys")
        assert [item.code for item in step.findings] == ["dane-mismatch"]
        again = await run(
            network,
            "bob@rollover.example",
            only={"probes/dane-keys"},
            previous=first,
            probes=(Probe.DANE_KEYS,),
        )
        assert len(network.smtp["192.0.2.175"].sessions) == 5
    assert codes(again, "probes") == {"dane-mismatch"}


async def probed() -> Report:
    async with DemoNetwork() as network:
        return await run(network, "bob@plain.example", probes=ALL)


async def test_they_come_through_every_form() -> None:
    report = await probed()
    assert settings_line(report.settings) == "extra probes postmaster, null-sender, random-recipient, dane-keys"
    text = to_json(report)
    assert json.loads(text)["settings"]["probes"] == ["postmaster", "null-sender", "random-recipient", "dane-keys"]
    assert to_json(from_json(text)) == text
    assert from_json(text).settings == report.settings
    assert "Extra probes" in to_text(report)
    assert "RCPT TO:<postmaster@plain.example>" in to_markdown(report, verbose=True)


async def test_their_local_parts_are_masked() -> None:
    masked = redact(await probed())
    text = to_json(masked)
    assert "alice@" not in text
    assert "bob@" not in text
    assert not re.search(r"smtpdiag-[0-9a-f]{20}@", text)
    assert to_json(redact(masked)) == text
