"""The given message in a run: what MAIL says of it, what its step tells, alone and again."""

import asyncio
import json
from typing import Any

import pytest

from smtpdiag_tui.checks.authentication.seen import MessageSeen
from smtpdiag_tui.demo.authentication import signed_message
from smtpdiag_tui.demo.hosts import KEYWORDS, SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.branches.authentication import message_steps
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.authentication import BeyondVerdict, DkimResult
from smtpdiag_tui.report.findings import Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import GivenMessage, Probe, Settings
from tests.engine.running import at, codes, ignore, others, run
from tests.masking.written import everything

STEP = "authentication/message"
ADDRESS = "192.0.2.57"  # of a story with one MX host
BOB = "bob@wrongname.example"
HOST = "mx.wrongname.example"
PLAIN = (
    b"From: Alice Wonder <carol@sender.example>\n"
    b"Date: Fri, 27 Nov 2026 12:00:00 +0000\n"
    b"Message-ID: <secret@inside.sender.example>\n"
    b"Subject: secret matter\n"
    b"\n"
    b"secret text\n"
)
EIGHT_BIT = PLAIN.replace(b"Subject", b"MIME-Version: 1.0\nSubject").replace(b"text", "täxt".encode())
OWN_WORDS = ("secret", "Wonder", "matter")


def given(content: bytes | None, name: str = "message.eml") -> GivenMessage:
    return GivenMessage(name, 0 if content is None else len(content), content)


def size_of(content: bytes) -> int:
    return len(content.replace(b"\n", b"\r\n"))


async def run_with(
    content: bytes, script: SmtpScript | None = None, **settings: Any
) -> tuple[Report, DemoNetwork]:
    """Run with a message to the one MX host, which talks by `script`."""
    async with DemoNetwork() as network:
        if script is not None:
            network.hosts = {**network.hosts, ADDRESS: script}
        report = await run(network, BOB, message=given(content), **settings)
        return report, network


def said(network: DemoNetwork, session: int = 0) -> str:
    """Return the MAIL command of a session with the MX host."""
    (line,) = [line for line, _ in network.smtp[ADDRESS].sessions[session].commands if line.startswith("MAIL")]
    return line


async def test_without_a_message_mail_says_nothing_more_and_the_step_is_skipped() -> None:
    async with DemoNetwork() as network:
        report = await run(network, BOB)
        assert said(network) == "MAIL FROM:<alice@sender.example>"
    step = at(report, STEP)
    assert (step.status, step.detail) == (Status.SKIPPED, "no message given (--message FILE checks one)")
    assert [item for item in report.beyond if item.name == "message"] == []


async def test_mail_says_what_the_message_needs() -> None:
    _, network = await run_with(PLAIN)
    assert said(network) == f"MAIL FROM:<alice@sender.example> SIZE={size_of(PLAIN)}"
    _, network = await run_with(EIGHT_BIT)
    assert said(network) == f"MAIL FROM:<alice@sender.example> SIZE={size_of(EIGHT_BIT)} BODY=8BITMIME"
    utf8 = PLAIN.replace(b"Wonder", "Wünder".encode())
    _, network = await run_with(utf8)
    assert said(network) == f"MAIL FROM:<alice@sender.example> SIZE={size_of(utf8)} SMTPUTF8"


async def test_mail_says_nothing_that_is_not_offered() -> None:
    report, network = await run_with(EIGHT_BIT, SmtpScript(HOST, keywords=("PIPELINING",)))
    assert said(network) == "MAIL FROM:<alice@sender.example>"
    assert report.outcome is Outcome.ACCEPTED
    messages = [item.message for item in at(report, STEP).findings]
    assert f"{HOST} does not offer 8BITMIME and the message needs it" in messages


async def test_a_probe_says_the_same() -> None:
    _, network = await run_with(PLAIN, probes=(Probe.NULL_SENDER,))
    assert said(network, 1) == f"MAIL FROM:<> SIZE={size_of(PLAIN)}"


async def test_a_second_try_says_the_same() -> None:
    grey = SmtpScript(HOST, rcpt=b"450 4.2.0 Greylisted, try again in 300 seconds\r\n", greylist=0.2)
    _, network = await run_with(PLAIN, grey, retry_greylisted=61.0)
    assert len(network.smtp[ADDRESS].sessions) == 2
    assert said(network, 0) == said(network, 1) == f"MAIL FROM:<alice@sender.example> SIZE={size_of(PLAIN)}"


async def test_a_message_that_is_too_large_for_the_server() -> None:
    refusing = SmtpScript(
        HOST,
        keywords=("SIZE 100", *KEYWORDS[2:]),
        mail=b"552 5.3.4 Message size exceeds fixed limit\r\n",
    )
    report, _ = await run_with(PLAIN, refusing)
    assert report.outcome is Outcome.BOUNCED
    assert report.headline == f"{HOST} rejected the message: too large"
    found = {item.code: item for item in at(report, STEP).findings}
    assert found["message-too-large"].message == f"{HOST} accepts messages of at most 100 bytes"
    assert at(report, STEP).status is Status.FAILED
    (told,) = [item for item in report.beyond if item.name == "message"]
    assert (told.verdict, told.message) == (BeyondVerdict.FAIL, f"{HOST} accepts messages of at most 100 bytes")


async def test_the_signed_message_of_the_demo() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dkim.example")
    step = at(report, STEP)
    assert step.status is Status.PASSED
    assert {item.code for item in step.findings} == {"message-fits", "dkim-signature-valid"}
    assert isinstance(step.observation, MessageSeen)
    assert [item.result for item in step.observation.signatures] == [DkimResult.PASS]
    assert step.observation.from_addresses == ("alice@sender.example",)


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        (b"s=mail;", b"s=gone;", "There is no key at gone._domainkey.sender.example."),
        (b"Subject: ", b"Subject: Re: ", "Signature does not match: a signed header field was changed"),
        (b"\n\n", b"\n\nx", "Body hash does not match: the body was changed after signing"),
    ],
)
async def test_signatures_are_verified_with_keys_from_the_dns(old: bytes, new: bytes, because: str) -> None:
    content = signed_message()
    assert content.count(old) >= 1
    async with DemoNetwork() as network:
        report = await run(network, "bob@dkim.example", message=given(content.replace(old, new, 1)))
    (item,) = [item for item in at(report, STEP).findings if item.code == "dkim-signature-invalid"]
    assert item.meaning.startswith(because)
    assert at(report, STEP).status is Status.FAILED
    assert report.outcome is Outcome.ACCEPTED


async def test_the_keys_that_signatures_name_are_checked_each_in_its_step() -> None:
    other = b"DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=gone; h=from; bh=AAAA; b=AAAA\n"
    async with DemoNetwork() as network:
        report = await run(network, "bob@dkim.example", message=given(other + signed_message()))
    assert at(report, "authentication/dkim/mail@sender.example").status is Status.PASSED
    assert codes(report, "authentication/dkim/gone@sender.example") == {"dkim-key-missing"}
    found = [(item.code, item.severity) for item in at(report, STEP).findings if item.code.startswith("dkim")]
    assert found == [
        ("dkim-signature-invalid", Severity.WARNING),
        ("dkim-signature-valid", Severity.INFO),
    ]


async def test_a_message_without_signature_names_no_key() -> None:
    # Signers that are installed here do not sign another host's messages.
    report, _ = await run_with(PLAIN, as_addresses=("192.0.2.99",))
    step = at(report, "authentication/dkim")
    words = "no selector given, and no signature of the given message names one"
    assert (step.status, step.detail) == (Status.SKIPPED, words)


async def test_a_rerun_of_the_step_alone_talks_to_nobody_and_judges_the_sessions_held_before() -> None:
    async with DemoNetwork() as network:
        first = await run(network, BOB, message=given(PLAIN))
        sessions = len(network.smtp[ADDRESS].sessions)
        again = await run(network, BOB, message=given(PLAIN), only=[STEP], previous=first)
        assert len(network.smtp[ADDRESS].sessions) == sessions
    assert at(again, STEP).findings == at(first, STEP).findings
    assert codes(again, STEP) == {"message-fits", "dkim-unsigned"}
    assert again.beyond == first.beyond


async def test_a_rerun_of_another_step_keeps_the_message() -> None:
    async with DemoNetwork() as network:
        first = await run(network, BOB, message=given(PLAIN))
        again = await run(network, BOB, message=given(PLAIN), only=["authentication/spf"], previous=first)
    assert at(again, STEP) == at(first, STEP)
    assert again.beyond == first.beyond


async def test_a_saved_report_names_the_message_alone() -> None:
    async with DemoNetwork() as network:
        report = await run(network, BOB, message=GivenMessage("message.eml", 123))
        assert said(network) == "MAIL FROM:<alice@sender.example>"
    assert (at(report, STEP).status, at(report, STEP).detail) == (
        Status.UNKNOWN,
        "message not kept with the report",
    )
    assert at(report, STEP).observation == MessageSeen(123, readable=False)


async def test_without_a_session_the_message_is_judged_and_fits_nowhere() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@dead.example", message=given(b"To: x\n\nhi\n"), timeout=0.2, family=6)
    assert "message-malformed" in codes(report, STEP)
    assert "message-fits" not in codes(report, STEP)
    assert at(report, STEP).detail.endswith("no MX address to compare with")


async def test_an_accident_is_the_steps_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(message_steps, "verify", fail)
    report, _ = await run_with(PLAIN)
    assert codes(report, STEP) == {"internal-error"}
    assert report.outcome is Outcome.ACCEPTED
    assert at(report, "authentication/receivers").status.ended


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.1, 0.5])
async def test_a_cancelled_run_leaves_nothing_behind(seconds: float) -> None:
    before = others()
    async with DemoNetwork() as network:
        settings = Settings("alice@sender.example", "bob@timeout.example", message=given(PLAIN + PLAIN * 20_000))
        task = asyncio.create_task(diagnose(network.prepare(settings), network, ignore))
        await asyncio.sleep(seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0.05)
    assert others() == before


async def test_no_report_tells_of_content_and_a_masked_one_of_no_local_part() -> None:
    report, _ = await run_with(PLAIN)
    for text in (to_text(report, verbose=True), to_markdown(report), json.dumps(json.loads(to_json(report)))):
        for word in OWN_WORDS:
            assert word not in text
    assert "carol@sender.example" in everything(report)
    masked = everything(redact(report))
    for local in ("carol", "alice@", "bob@"):
        assert local not in masked


@pytest.mark.parametrize(
    "value", [b"carol", b"Carol Wonder <carol", b"carol@, dave@x.example", b"carol@a.example, carol@b.example"]
)
async def test_a_masked_report_tells_no_local_part_of_an_invalid_from_field(value: bytes) -> None:
    content = b"From: " + value + PLAIN[PLAIN.index(b"\n") :]
    report, _ = await run_with(content)
    assert "message-malformed" in codes(report, STEP)
    masked = everything(redact(report)).lower()
    assert "carol" not in masked
    assert "dave" not in masked
