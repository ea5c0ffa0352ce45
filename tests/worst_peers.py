"""The worst peers that are known, and what a run against them costs: for the benchmark.

`python -m tests.worst_peers` starts itself twice for each peer: its servers in one process, what is measured in
another, so that the peak of memory is its own.
"""

import asyncio
import contextlib
import json
import resource
import subprocess
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dns.message
import dns.rdatatype

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import DEFAULT_SENDER
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.settings import Settings
from tests.engine.crowd import crowd
from tests.engine.hostile import Talk, put_dns, put_smtp
from tests.tui.crowd_main import Distant
from tests.tui.crowd_servers import ports

HOSTS, ADDRESSES = 16, 4
RECIPIENT = "bob@crowd.example"
TIMEOUT = 5.0
say = print  # this is a command

FLOODS = {
    "bare line feeds": b"220 hi\r\n" + b"\n" * 600_000,
    "220- of nothing": b"220-\r\n" * 40_000 + b"220 x\r\n",
    "a word in each line": b"220-a\r\n" * 36_000 + b"220 x\r\n",
    "NUL in lines of 60 KB": b"220 x\r\n" + (b"\0" * 60_000 + b"\r\n") * 8,
    "controls in long lines": (b"220-" + b"\x1b" * 60_000 + b"\r\n") * 3 + b"220 x\r\n",
}
DNS = "1,800 MX, thousands of addresses each"


def flooding(data: bytes) -> Talk:
    """Send `data` for a greeting and, as 250, for each reply."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(data)
            await writer.drain()
            while await reader.readline():
                writer.write(data.replace(b"220", b"250"))
                await writer.drain()

    return talk


def monstrous(query: bytes) -> list[bytes]:
    """Answer MX by 1,800 hosts, NS by 13 servers, A and AAAA by thousands of addresses, SOA by one."""
    asked = dns.message.from_wire(query)
    [question] = asked.question
    name = question.name.to_digestable()
    records: list[bytes] = []
    match question.rdtype:
        case dns.rdatatype.A:
            records = [bytes([198, 51, n >> 8, n & 0xFF]) for n in range(3800)]
        case dns.rdatatype.AAAA:
            records = [b"\x20\x01\x0d\xb8" + n.to_bytes(12) for n in range(2200)]
        case dns.rdatatype.MX:
            records = [(n % 400).to_bytes(2) + b"\x05" + b"%05d" % n + b"\xc0\x0c" for n in range(1800)]
        case dns.rdatatype.NS:
            records = [b"\x03ns%c\xc0\x0c" % (97 + n) for n in range(13)]
        case dns.rdatatype.SOA:
            records = [b"\xc0\x0c\xc0\x0c" + bytes(20)]
    kind = int(question.rdtype).to_bytes(2)
    head = query[:2] + b"\x84\x00" + b"\x00\x01" + len(records).to_bytes(2) + bytes(4)
    body = (b"\xc0\x0c" + kind + b"\x00\x01\x00\x00\x01\x2c" + len(data).to_bytes(2) + data for data in records)
    return [head + name + kind + b"\x00\x01" + b"".join(body)]


def truncated(query: bytes) -> list[bytes]:
    """Say over UDP that the answer does not fit."""
    answer = monstrous(query)[0]
    if len(answer) < 1200:
        return [answer]
    size = len(dns.message.from_wire(query).question[0].name.to_digestable()) + 16
    return [answer[:2] + b"\x86\x00" + answer[4:6] + bytes(6) + answer[12:size]]


async def serve(name: str) -> None:
    """Run one peer's servers until standard input closes; their ports go to stdout as JSON."""
    async with DemoNetwork() as network:
        crowd(network, HOSTS, ADDRESSES)
        if name in FLOODS:
            for address in [key for key, host in network.hosts.items() if host.host.endswith("crowd.example")]:
                await put_smtp(network, address, flooding(FLOODS[name]))
        else:
            await put_dns(network, "192.0.2.53", truncated, monstrous)
        sys.stdout.write(json.dumps(await ports(network)) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def distant(name: str) -> AsyncIterator[Distant]:
    """Yield a network that leads to the peer's servers in another process."""
    command = [sys.executable, "-m", "tests.worst_peers", "serve", name]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    servers = await asyncio.create_subprocess_exec(*command, **pipes, limit=1 << 20)  # type: ignore[arg-type]
    try:
        assert servers.stdout is not None
        async with Distant(json.loads(await servers.stdout.readline())) as network:
            network.resolvers = {key: value for key, value in network.resolvers.items() if key in network.dns}
            yield network
    finally:
        servers.kill()
        await servers.wait()


def asked() -> Settings:
    """Return what is asked for in each run."""
    return Settings(DEFAULT_SENDER, RECIPIENT, timeout=TIMEOUT)


async def headless(name: str) -> None:
    """Run without the interface, render JSON, keep the run, and print what it took."""
    from smtpdiag_tui.engine import diagnose
    from smtpdiag_tui.render.as_json import to_json

    began = time.monotonic()
    async with distant(name) as network:
        report = await diagnose(network.prepare(asked()), network, lambda _: None)
    seconds = time.monotonic() - began
    text = to_json(report)
    kept = keep(report)
    say(
        f"  headless: {_peak():.0f} MB, {seconds:.1f} s, {len(text) / 1e6:.1f} MB of JSON,"
        f" at most {_most(text) / 1e6:.1f} MB an address, kept {kept / 1e6:.1f} MB, {report.outcome}"
    )


def keep(report: Report) -> int:
    """Keep a run in a folder of its own; return the file's size."""
    import os

    from smtpdiag_tui.cli.kept_runs import save_run

    with TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        return Path(save_run(report)).stat().st_size


def _most(text: str) -> int:
    """Return the size of the JSON of the address that has most."""
    [delivery] = [step for step in json.loads(text)["steps"] if step["id"] == "delivery"]
    return max(len(json.dumps(place, indent=2)) for host in delivery["steps"] for place in host["steps"])


async def interface(name: str) -> None:
    """Run in the interface at 80x24, go through it, and print what it took."""
    from smtpdiag_tui.tui.app import SmtpDiagApp
    from smtpdiag_tui.tui.runner import RunNetwork

    @asynccontextmanager
    async def world() -> AsyncIterator[RunNetwork]:
        async with distant(name) as network:
            yield RunNetwork(network, network.prepare)

    app = SmtpDiagApp(asked(), world, start=True)
    began = time.monotonic()
    async with app.run_test(size=(80, 24)) as pilot:
        while app.live.report.seconds is None and time.monotonic() - began < 300:
            await pilot.pause(0.2)
        seconds = time.monotonic() - began
        for key in ("n", "n", "a", "escape", "z", "pagedown", "pagedown", "c"):
            await pilot.press(key)
            await pilot.pause(0.2)
    say(f"  interface: {_peak():.0f} MB, {seconds:.1f} s")


def main(arguments: list[str]) -> None:
    """Measure all peers, or play the part that is named."""
    if arguments:
        part, name = arguments
        asyncio.run({"serve": serve, "headless": headless, "interface": interface}[part](name))
        return
    for name in (*FLOODS, DNS):
        say(f"worst peer, {HOSTS * ADDRESSES} addresses: {name}")
        for part in ("headless", "interface"):
            subprocess.run([sys.executable, "-m", "tests.worst_peers", part, name], check=True)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
