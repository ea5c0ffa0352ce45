"""Two network namespaces: one for the machine that sends, one for real DNS and mail servers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import trustme

from tests.interrupting import interruptible
from tests.real.forks import COMMAND, Forked
from tests.real.postfix import Postfix
from tests.real.zones import DOMAINS, OLD_SERIAL, SERIAL, knot_config, unbound_config, zone_text

SERVERS = [f"192.0.2.{n}" for n in (25, 26, 51, 52, 53)] + ["2001:db8::25", "2001:db8::51"]
PUBLIC = ("1.1.1.0/24", "9.9.9.0/24")  # documentation addresses say nothing of the way out; nobody is there
Run = Callable[..., tuple[int, dict[str, Any]]]
TOOLS = (
    "postfix",
    "knotd",
    "unbound",
    "named",
    "dnsmasq",
    "nsd",
    "nft",
    "ip",
    "dig",
    "kdig",
    "swaks",
    "openssl",
    "curl",
)
_SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_LIMIT = 50.0
WARNINGS = "default::ResourceWarning"


def missing() -> list[str]:
    """Return what the tests need and this machine lacks."""
    lacking = [tool for tool in TOOLS if shutil.which(tool, path=_SBIN) is None]
    return lacking if os.geteuid() == 0 else [*lacking, "root"]


class Lab:
    """The namespaces and their servers; `close` leaves nothing behind."""

    def __init__(self) -> None:
        self.near = f"smtpdiag-near-{os.getpid()}"
        self.far = f"smtpdiag-far-{os.getpid()}"
        self.folder = Path(tempfile.mkdtemp(prefix="smtpdiag-real-"))
        self.folder.chmod(0o755)  # Postfix wants to reach its own folders as another user
        self._resolv = Path(f"/etc/netns/{self.near}/resolv.conf")
        self._devices = f"near{os.getpid() % 100000}", f"far{os.getpid() % 100000}"
        self._authority = trustme.CA()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._forks = self.folder / "forks"
        postfix = self.folder / "postfix"
        postfix.mkdir()
        self.postfix = Postfix(postfix, lambda *command: self.call(self.far, *command), self._authority)

    def open(self) -> None:
        """Make the namespaces and start all servers."""
        self._network()
        self._forking()
        self._dns()
        self._second_mta()
        self.postfix.start()
        self._forked()
        for address in SERVERS:
            self.wait_for(address, 25 if address.endswith(("25", "26")) else 53)

    def close(self) -> None:
        """Stop everything."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.postfix.stop()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        for name in (self.near, self.far):
            for pid in self._quiet("ip", "netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            self._quiet("ip", "netns", "del", name)
        shutil.rmtree(f"/etc/netns/{self.near}", ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, place: str, *command: str) -> str:
        """Run a command in a namespace to its end; return its stdout."""
        whole = ["ip", "netns", "exec", place, *command]
        environment = {**os.environ, "PATH": _SBIN}
        done = subprocess.run(whole, check=True, capture_output=True, text=True, timeout=_LIMIT, env=environment)
        return done.stdout

    def fork(
        self,
        function: str,
        *words: str,
        environment: Mapping[str, str] | None = None,
        resolv: Path | None = None,
    ) -> Forked:
        """Run a function as a program on the sending machine; its name is MODULE:NAME.

        `environment` is what differs from the tests' own, `resolv` a resolv.conf for this program alone.
        """
        whole = {**os.environ, "TERM": "dumb", "PATH": _SBIN, **(environment or {})}
        return Forked(self._forks, function, *words, environment=whole, resolv=resolv)

    def run(self, *arguments: str, limit: float = _LIMIT) -> tuple[int, str, str]:
        """Run the command that is tested on the sending machine; return exit status, stdout and stderr."""
        forked = self.fork(COMMAND, *arguments)
        out, err = forked.communicate(limit)
        assert forked.returncode is not None
        return forked.returncode, out, err

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command that is tested on the sending machine, as whoever types it does."""
        command = ["ip", "netns", "exec", self.near, sys.executable, "-m", "smtpdiag_tui", *arguments]
        environment = {**os.environ, "TERM": "dumb", "PATH": _SBIN, "PYTHONWARNINGS": WARNINGS}
        with interruptible():
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )

    @contextlib.contextmanager
    def rules(self, *rules: str) -> Iterator[None]:
        """Keep nftables rules for what the sending machine sends out."""
        self.call(self.near, "nft", "add table inet smtpdiag")
        try:
            chain = "add chain inet smtpdiag out { type filter hook output priority 0; }"
            self.call(self.near, "nft", chain)
            for rule in rules:
                self.call(self.near, "nft", f"add rule inet smtpdiag out {rule}")
            yield
        finally:
            self.call(self.near, "nft", "delete table inet smtpdiag")

    @contextlib.contextmanager
    def refusing(self, rule: str) -> Iterator[None]:
        """Have the servers' machine refuse what arrives: unlike a rule here, it tells by ICMP, now and then."""
        self.call(self.far, "nft", "add table inet smtpdiag")
        try:
            self.call(self.far, "nft", "add chain inet smtpdiag in { type filter hook input priority 0; }")
            self.call(self.far, "nft", f"add rule inet smtpdiag in {rule} reject")
            yield
        finally:
            self.call(self.far, "nft", "delete table inet smtpdiag")

    def sink(self, address: str) -> None:
        """Start a mail server that takes everything."""
        listen = ["-c", "aiosmtpd.handlers.Sink", "-l", f"{address}:25"]
        files = ["--tlscert", str(self.folder / "cert.pem"), "--tlskey", str(self.folder / "key.pem")]
        self.spawn(sys.executable, "-m", "aiosmtpd", "-n", *listen, *files)

    @contextlib.contextmanager
    def chain(self, hook: str, *rules: str, place: str = "") -> Iterator[Callable[[], str]]:
        """Keep rules in an nftables chain of its own; yields a function that lists them with their counters.

        `hook` says which packets they see, as `type filter hook output priority 0`, `place` on which side: the
        sending machine's, unless another is named. What a machine's own chain drops on the way out, its programs
        see as an error; what gets lost on the network is dropped where it comes in.
        """
        place = place or self.near
        lines = [f"{hook};", *rules]
        self.call(place, "nft", "table inet held {\nchain one {\n" + "\n".join(lines) + "\n}\n}\n")
        try:
            yield lambda: self.call(place, "nft", "list table inet held")
        finally:
            self.call(place, "nft", "delete table inet held")

    def add_public_address(self, address: str) -> None:
        """Give the sending machine an address that counts as public, and the far side a route to it."""
        self.call(self.near, "ip", "addr", "add", f"{address}/32", "dev", self._devices[0])
        self.call(self.far, "ip", "route", "add", address, "dev", self._devices[1])

    @contextlib.contextmanager
    def resolv_conf(self, text: str) -> Iterator[None]:
        """Keep another resolv.conf on the sending machine."""
        before = self._resolv.read_text(encoding="ascii")
        self._resolv.write_text(text, encoding="ascii")
        try:
            yield
        finally:
            self._resolv.write_text(before, encoding="ascii")

    def add_addresses(self, addresses: list[str]) -> None:
        """Give the far side more addresses."""
        for address in addresses:
            self._add_address(self.far, self._devices[1], address)

    def _network(self) -> None:
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "add", name], check=True)
        self._resolv.parent.mkdir(parents=True)
        self._resolv.write_text("nameserver 192.0.2.53\n", encoding="ascii")
        pair = self._devices
        link = f"ip link add {pair[0]} netns {self.near} type veth peer name {pair[1]} netns {self.far}"
        subprocess.run(link.split(), check=True)
        ends = (self.near, pair[0], ["192.0.2.10", "2001:db8::10"]), (self.far, pair[1], SERVERS)
        for name, device, addresses in ends:
            self.call(name, "ip", "link", "set", "lo", "up")
            for address in addresses:
                self._add_address(name, device, address)
            self.call(name, "ip", "link", "set", device, "up")
        for network in PUBLIC:
            self.call(self.near, "ip", "route", "add", network, "dev", pair[0])

    def _add_address(self, place: str, device: str, address: str) -> None:
        length, extra = ("64", ["nodad"]) if ":" in address else ("24", [])
        self.call(place, "ip", "addr", "add", f"{address}/{length}", "dev", device, *extra)

    def _dns(self) -> None:
        instances = ("knot1", ["192.0.2.51", "2001:db8::51"], False), ("knot2", ["192.0.2.52"], True)
        for name, addresses, old in instances:
            folder = self.folder / name
            (folder / "db").mkdir(parents=True)
            for domain, records in DOMAINS.items():
                serial = OLD_SERIAL if old and domain == "serial.test" else SERIAL
                (folder / f"{domain}.zone").write_text(zone_text(domain, records, serial), encoding="ascii")
            (folder / "knot.conf").write_text(knot_config(str(folder), addresses), encoding="ascii")
            self.spawn("knotd", "-c", str(folder / "knot.conf"))
        config = self.folder / "unbound.conf"
        config.write_text(unbound_config("192.0.2.53"), encoding="ascii")
        self.spawn("unbound", "-d", "-c", str(config))

    def _forking(self) -> None:
        """Start what runs programs on the sending machine."""
        command = ["env", f"PYTHONWARNINGS={WARNINGS}", sys.executable, "-m", "tests.real.forks", str(self._forks)]
        with interruptible():
            self.spawn(*command, place=self.near)

    def _forked(self) -> None:
        """Wait until programs can be run."""
        end = time.monotonic() + _LIMIT
        while not self._forks.exists():
            if time.monotonic() > end:
                raise TimeoutError(f"nobody listens at {self._forks}:\n{self._logs()}")
            time.sleep(0.02)

    def _second_mta(self) -> None:
        issued = self._authority.issue_cert("mx2.partner.test")
        key, chain = self.folder / "key.pem", self.folder / "cert.pem"
        key.write_bytes(issued.private_key_pem.bytes())
        chain.write_bytes(b"".join(item.bytes() for item in issued.cert_chain_pems))
        self.sink("192.0.2.26")

    def spawn(self, *command: str, place: str = "") -> None:
        """Start a server on the far side, unless another is named; it ends with the lab."""
        log = self.folder / f"{len(self._processes)}.log"
        with log.open("wb") as file:
            whole = ["ip", "netns", "exec", place or self.far, *command]
            environment = {**os.environ, "PATH": _SBIN}
            process = subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment)
        self._processes.append(process)

    def wait_for(self, address: str, port: int) -> None:
        """Wait until a server listens."""
        forked = self.fork("tests.real.errands:wait_for", address, str(port), str(_LIMIT))
        forked.communicate(2 * _LIMIT)
        if forked.returncode:
            raise TimeoutError(f"{address} port {port} does not come up:\n{self._logs()}")

    def _logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    @staticmethod
    def _quiet(*command: str) -> str:
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout
