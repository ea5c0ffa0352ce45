"""A third machine beside those of the lab: it has sshd and a SOCKS proxy, and another way to the mail servers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.real.lab import Lab

ROOT = Path(__file__).parents[2]
GATE = "203.0.113.5"  # what the mail servers see it by
NEAR_SIDE = "198.51.100.2"  # where the sending machine finds it
PORTS = {"gate": 22, "whole": 2201, "older": 2202, "closed": 2203, "nologin": 2204}
SOCKS, SOCKS_LOGIN = 1080, 1081
TOOLS = ("sshd", "ssh", "ssh-keygen", "danted")
_SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_LIMIT = 20.0


def missing_tools() -> list[str]:
    """Return what the tests of vantage points need beyond the lab, and this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool, path=_SBIN) is None]


class VantageLab:
    """The third machine. `ended` waits until what a test began is gone, and says what is not."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.gate = f"smtpdiag-gate-{os.getpid()}"
        self.folder = lab.folder / "vantage"
        self.near_temporary, self.far_temporary = self.folder / "near", self.folder / "far"
        self._resolv = Path(f"/etc/netns/{self.gate}/resolv.conf")
        self._usual: set[str] = set()
        self._usual_near: set[str] = set()  # other labs' servers

    def open(self) -> None:
        """Make the machine and start its servers."""
        for folder in (self.folder, self.near_temporary, self.far_temporary, self.folder / "home"):
            folder.mkdir()
        self._network()
        self._keys()
        self._programs()
        for name, port in PORTS.items():
            self._sshd(name, port)
        for port, method in ((SOCKS, "none"), (SOCKS_LOGIN, "username")):
            self._dante(port, method)
        for port in (*PORTS.values(), SOCKS, SOCKS_LOGIN):
            self.lab.wait_for(NEAR_SIDE, port)
        time.sleep(0.3)  # sshd ends its processes for those who looked
        self._usual = self._running(self.gate)
        self._usual_near = self._running(self.lab.near)

    def close(self) -> None:
        """Stop everything."""
        done = subprocess.run(["ip", "netns", "pids", self.gate], check=False, capture_output=True, text=True)
        kill_all([int(pid) for pid in done.stdout.split()])
        subprocess.run(["ip", "netns", "del", self.gate], check=False, capture_output=True)
        shutil.rmtree(self._resolv.parent, ignore_errors=True)

    def start(self, via: str, *words: str) -> subprocess.Popen[str]:
        """Start a run from a vantage point on the sending machine."""
        command = [
            "ip",
            "netns",
            "exec",
            self.lab.near,
            sys.executable,
            "-m",
            "tests.real.via_driver",
            via,
            *words,
        ]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment(), "PYTHONPATH": str(ROOT)},
        )

    def run(self, via: str, *words: str) -> dict[str, Any]:
        """Run from a vantage point; return what the driver prints."""
        forked = self.lab.fork("tests.real.via_driver:main", via, *words, environment=self._environment())
        out, err = forked.communicate(timeout=55)
        assert forked.returncode == 0, err
        found: dict[str, Any] = json.loads(out)
        return found

    def _environment(self) -> dict[str, str]:
        """Return what differs on the sending machine: its `ssh` knows the third one."""
        return {"PATH": f"{self.folder}/near-bin:{_SBIN}", "TMPDIR": str(self.near_temporary)}

    def left(self) -> list[str]:
        """Return what is left of a run once it has had its time: processes, files and sockets; mostly nothing."""
        end = time.monotonic() + _LIMIT
        while (found := self._left()) and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def sshd_children(self) -> list[int]:
        """Return the processes that serve connections now."""
        return [int(pid) for pid in self._running(self.gate) - self._usual]

    def _left(self) -> list[str]:
        near = [f"near: {self._command(pid)}" for pid in self._running(self.lab.near) - self._usual_near]
        far = [f"gate: {self._command(pid)}" for pid in self._running(self.gate) - self._usual]
        files = [str(path) for folder in (self.near_temporary, self.far_temporary) for path in folder.iterdir()]
        return [*near, *far, *files, *map(str, (self.folder / "home").iterdir())]

    @staticmethod
    def _command(pid: str) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return pid

    def _running(self, place: str) -> set[str]:
        """Return the processes on a machine, but those of the proxy, which has helpers come and go."""
        done = subprocess.run(["ip", "netns", "pids", place], check=False, capture_output=True, text=True)
        return {pid for pid in done.stdout.split() if not self._command(pid).startswith("danted")}

    def _network(self) -> None:
        near, far, gate = self.lab.near, self.lab.far, self.gate
        number = os.getpid() % 100000
        subprocess.run(["ip", "netns", "add", gate], check=True)
        self._resolv.parent.mkdir(parents=True)
        self._resolv.write_text("nameserver 192.0.2.53\n", encoding="ascii")
        ends = (f"vn{number}", near, "198.51.100.1/24", f"vg{number}", NEAR_SIDE), (
            f"vf{number}", far, "203.0.113.1/24", f"vh{number}", GATE
        )  # fmt: skip
        self.lab.call(gate, "ip", "link", "set", "lo", "up")
        for device, place, address, peer, peer_address in ends:
            link = f"ip link add {device} netns {place} type veth peer name {peer} netns {gate}"
            subprocess.run(link.split(), check=True)
            for where, name, what in ((place, device, address), (gate, peer, f"{peer_address}/24")):
                self.lab.call(where, "ip", "addr", "add", what, "dev", name)
                self.lab.call(where, "ip", "link", "set", name, "up")
        self.lab.call(gate, "ip", "route", "add", "192.0.2.0/24", "via", "203.0.113.1")

    def _keys(self) -> None:
        for name in ("host", "other", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        host, other = ((self.folder / f"{name}.pub").read_text().split()[:2] for name in ("host", "other"))
        known = [f"known {' '.join(host)}", f"changed {' '.join(other)}"]
        (self.folder / "known_hosts").write_text("\n".join(known) + "\n", encoding="ascii")
        lines = [
            f"Host {name}\n HostName {NEAR_SIDE}\n Port {port}\n HostKeyAlias known"
            for name, port in PORTS.items()
        ]
        lines += [
            f"Host {name}\n HostName {NEAR_SIDE}\n HostKeyAlias {name}\n" for name in ("unheard-of", "changed")
        ]
        lines.append(f"Host refusing\n HostName {NEAR_SIDE}\n Port 2299\n")
        lines.append(
            f"Host *\n User root\n IdentityFile {self.folder}/user\n IdentitiesOnly yes\n IdentityAgent none\n"
            f" UserKnownHostsFile {self.folder}/known_hosts\n GlobalKnownHostsFile none\n"
        )
        (self.folder / "ssh_config").write_text("\n".join(lines), encoding="ascii")

    def _programs(self) -> None:
        ssh = f'exec /usr/bin/ssh -F {self.folder}/ssh_config "$@"'
        smtpdiag = f'cd {ROOT}; PYTHONPATH={ROOT} {sys.executable} -m smtpdiag_tui "$@"'
        unknown = (
            'for word; do case $word in --timeout*) echo "smtpdiag: unknown argument" >&2; exit 2; esac; done'
        )
        programs = {
            "near-bin/ssh": ssh,
            "whole-bin/smtpdiag": smtpdiag,
            "older-bin/smtpdiag": f"{unknown}; {smtpdiag}",
        }
        for place, text in programs.items():
            path = self.folder / place
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
            path.chmod(0o755)

    def _sshd(self, name: str, port: int) -> None:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        programs = f"{self.folder}/{name}-bin:/usr/sbin:/usr/bin:/sbin:/bin"
        key = "stranger" if name == "nologin" else "user"
        home = self.folder / "home"
        config = self.folder / f"sshd-{name}"
        config.write_text(
            f"Port {port}\nListenAddress {NEAR_SIDE}\nHostKey {self.folder}/host\nUsePAM no\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder}/{key}.pub\nStrictModes no\nPasswordAuthentication no\n"
            f"KbdInteractiveAuthentication no\nAllowTcpForwarding {'no' if name == 'closed' else 'yes'}\n"
            f"SetEnv PATH={programs} TMPDIR={self.far_temporary} HOME={home}\n",
            encoding="ascii",
        )
        self.lab.spawn("/usr/sbin/sshd", "-D", "-e", "-f", str(config), place=self.gate)

    def _dante(self, port: int, method: str) -> None:
        config = self.folder / f"danted-{port}"
        config.write_text(
            f"internal: {NEAR_SIDE} port = {port}\nexternal: {GATE}\nsocksmethod: {method}\nclientmethod: none\n"
            "user.privileged: root\nuser.unprivileged: nobody\nerrorlog: stderr\n"
            "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n"
            "socks block { from: 0.0.0.0/0 to: 192.0.2.26/32 }\n"
            "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n",
            encoding="ascii",
        )
        self.lab.spawn("danted", "-f", str(config), place=self.gate)


def kill_all(pids: list[int]) -> None:
    """End processes at once, as far as they are still there."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
