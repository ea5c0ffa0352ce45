"""Mail servers that misbehave: each ends within its limit with its own finding, and its siblings are unharmed."""

import asyncio
import re
import tracemalloc
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from dataclasses import replace

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.step_id import within
from tests.engine.hostile import Talk, put_smtp
from tests.engine.running import at, codes, others, run
from tests.hurry import Clock

ADDRESS = "192.0.2.21"
SESSION = f"delivery/mx1.partner.example/{ADDRESS}"
LIMIT = 1.0
READY = b"220 mx1.partner.example ESMTP\r\n"
OFFER = b"250-mx1.partner.example\r\n250-STARTTLS\r\n250 SIZE\r\n"
PLAIN = b"250-mx1.partner.example\r\n250 SIZE\r\n"
PYTHONS_WORDS = re.compile(r"Errno|Connect call failed|_ssl\.c|Traceback|\w{1,40}Error\b")


def saying(*replies: bytes, then: Talk | None = None) -> Talk:
    """Send each of `replies`, all but the first after a command; then do what `then` says, or hang up."""

    async def talk(reader: Reader, writer: Writer) -> None:
        for number, reply in enumerate(replies):
            if number:
                await reader.readuntil(b"\n")
            writer.write(reply)
            await writer.drain()
        if then is not None:
            await then(reader, writer)

    return talk


async def endless(_: Reader, writer: Writer) -> None:
    while True:
        writer.write(b"220-" + b"x" * 500 + b"\r\n")
        await writer.drain()


async def megabyte(_: Reader, writer: Writer) -> None:
    writer.write(b"220 " + b"y" * 1_000_000)
    await writer.drain()
    await asyncio.sleep(30)


async def drip(_: Reader, writer: Writer) -> None:
    for byte in b"220 a greeting that takes its time\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)
    await asyncio.sleep(30)


async def reset(_: Reader, writer: Writer) -> None:
    writer.transport.get_extra_info("socket").setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of 0 s: RST
    writer.transport.abort()


async def silence(reader: Reader, _: Writer) -> None:
    await reader.read()
    await asyncio.sleep(30)


async def hang_up(_: Reader, writer: Writer) -> None:
    writer.close()


async def deaf(_: Reader, writer: Writer) -> None:
    """Say 220 to STARTTLS, and nothing more."""
    await asyncio.sleep(30)


FLOODS = {
    "bare line feeds": (b"220 hi\r\n" + b"\n" * 400_000, "reply-unexpected"),
    "line feeds alone": (b"\n" * 400_000, "reply-malformed"),
    "220- of nothing": (b"220-\r\n" * 40_000 + b"220 x\r\n", ""),
    "220- of nothing, in bare line feeds": (b"220-\n" * 50_000 + b"220 x\n", "bare-line-feed"),
    "a word in each line": (b"220-a\r\n" * 30_000 + b"220 x\r\n", ""),
    "lines of controls": ((b"220-" + b"\x1b" * 60_000 + b"\r\n") * 3 + b"220 x\r\n", ""),
    "CR alone": (b"220-" + b"\r" * 60_000 + b"\r\n220 x\r\n", "bare-carriage-return"),
}


CASES: dict[str, tuple[Talk, str]] = {
    "an endless greeting": (endless, "reply-too-long"),
    "a line of a megabyte": (megabyte, "reply-too-long"),
    "ten bytes a second": (drip, "greeting-timeout"),
    "a reset before the greeting": (reset, "connection-reset"),
    "hanging up before the greeting": (hang_up, "closed-early"),
    "silence from the start": (silence, "greeting-timeout"),
    "another protocol": (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", then=silence), "reply-malformed"),
    "a code that makes no sense": (saying(b"354 go ahead\r\n", then=silence), "reply-malformed"),
    "silence after EHLO": (saying(READY, then=silence), "reply-timeout"),
    "an endless EHLO reply": (
        saying(READY, then=saying(b"", b"250-X\r\n" * 60_000, then=silence)),
        "reply-too-long",
    ),
    "garbage instead of TLS": (saying(READY, OFFER, b"220 go\r\nrubbish\r\n" * 50), "starttls-injection"),
    "no handshake": (saying(READY, OFFER, b"220 go\r\n", then=deaf), "tls-handshake-failed"),
    "a reset at RCPT": (saying(READY, PLAIN, b"250 ok\r\n", b"", then=reset), "closed-early"),
    "421 at MAIL": (saying(READY, PLAIN, b"421 4.3.2 shutting down\r\n"), "service-unavailable"),
    "no answer to QUIT": (saying(READY, PLAIN, b"250 ok\r\n", b"250 ok\r\n", then=silence), "quit-unanswered"),
    "codes that differ": (
        saying(READY, b"250-a\r\n251 b\r\n", b"250 ok\r\n", b"250 ok\r\n", b"221 x\r\n"),
        "reply-codes-differ",
    ),
    "bare line feeds": (saying(READY, b"250-a\n250 b\n", b"250 ok\n", b"250 ok\n", b"221 x\n"), "bare-line-feed"),
}


async def against(talk: Talk) -> Report:
    async with DemoNetwork() as network:
        await put_smtp(network, ADDRESS, talk)
        report = await run(network, "bob@partner.example", timeout=LIMIT)
    assert others() == set()
    return report


@pytest.mark.parametrize(("talk", "code"), CASES.values(), ids=CASES)
async def test_misbehaviour_has_its_finding(talk: Talk, code: str, clock: Clock) -> None:
    began = clock.now
    report = await against(talk)
    assert clock.now - began < 8 * LIMIT
    assert code in codes(report, SESSION)
    assert "internal-error" not in codes(report)
    assert PYTHONS_WORDS.findall(to_json(report)) == []
    assert all(step.status.ended for step in report.steps.values())
    assert at(report, "delivery/mx1.partner.example/2001:db8::21").status is Status.PASSED
    assert at(report, "delivery/mx2.partner.example").status is Status.PASSED
    assert report.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("talk", [endless, megabyte], ids=["endless", "megabyte"])
async def test_memory_stays_bounded(talk: Talk) -> None:
    tracemalloc.start()
    try:
        await against(talk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


@pytest.mark.parametrize(("flood", "code"), FLOODS.values(), ids=FLOODS)
async def test_a_flood_of_small_lines_is_told_in_a_report_of_ordinary_size(flood: bytes, code: str) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(flood)
        while await reader.readline():
            writer.write(flood.replace(b"220", b"250"))
            await writer.drain()

    async with DemoNetwork() as network:
        await put_smtp(network, ADDRESS, talk)
        report = await run(network, "bob@partner.example", timeout=4 * LIMIT)
    entries = at(report, SESSION).transcript
    assert len(entries) < 3_000
    assert any(entry.text.endswith("not shown") for entry in entries)
    assert entries[-1].text == "connection closed"
    assert not code or code in codes(report, SESSION)
    assert "internal-error" not in codes(report)
    assert report.outcome is Outcome.ACCEPTED
    only = replace(report, steps={key: step for key, step in report.steps.items() if within(key, SESSION)})
    assert len(to_json(only)) < 5_000_000


async def test_a_flooder_takes_no_room_from_the_other_mail_hosts() -> None:
    async def flood(_: Reader, writer: Writer) -> None:
        writer.write(b"220-word\r\n" * 200_000)
        await writer.drain()

    report = await against(flood)
    others_there = [f"delivery/mx{number}.partner.example/192.0.2.2{number}" for number in (2, 3)]
    for step_id in others_there:
        texts = [entry.text for entry in at(report, step_id).transcript]
        assert "RCPT TO:<bob@partner.example>" in texts
        assert not any("not shown" in text for text in texts)


async def test_what_a_peer_sends_is_kept_whole_and_shown_printable() -> None:
    banner = b"220-\x1b]0;x\x07 \x1b[2J [red]x[/red] \x00 \x9b \xe2\x80\xae\xc2\x85\t\r\n220 ok\r\n"
    report = await against(saying(banner, PLAIN, b"250 ok\r\n", b"550 5.1.1 \x1b[31mno\r\n", b"221 x\r\n"))
    lines = [entry for entry in at(report, SESSION).transcript if entry.direction == "received"]
    assert lines[0].raw == banner.split(b"\r\n")[0]
    assert lines[0].text == r"220-\x1b]0;x\x07 \x1b[2J [red]x[/red] \x00 \x9b \u202e\x85\x09"
    [rejected] = [item for item in at(report, f"{SESSION}/rcpt-to").findings if item.code == "recipient-rejected"]
    assert rejected.evidence == (r"550 5.1.1 \x1b[31mno",)
    assert all(text.isprintable() for text in (rejected.message, *rejected.evidence))


async def test_one_server_that_never_ends_does_not_delay_the_others() -> None:
    report = await against(silence)
    slow = at(report, SESSION)
    other = at(report, "delivery/mx3.partner.example/192.0.2.23")
    assert slow.started is not None
    assert slow.seconds is not None
    assert other.started is not None
    assert other.seconds is not None
    assert other.started + other.seconds < slow.started + slow.seconds
