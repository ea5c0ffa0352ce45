"""Many real DNS servers on the lab's far side: started once, for all tests that need one of them."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.real import dns_software
from tests.real.forks import COMMAND, Forked
from tests.real.hierarchy import (
    ADDRESSES,
    BIND_FILTER,
    DNSMASQ,
    DNSMASQ_PORTAL,
    DOMAINS,
    FIRST,
    FIRST_V6,
    HOLE,
    PUBLIC,
    REFUSING,
    ROOT,
    SECOND,
    SLOW_TCP,
    TCP_ONLY,
    THIRD,
    TOP,
    UNBOUND,
    UNTRUE,
    VALIDATING,
    root_zone,
    top_zone,
)
from tests.real.lab import Lab

SENDER = "alice@sender.lab"
AT_ONCE = 4  # runs
LIMIT = 60.0  # seconds for one run on a machine with other work
Asked = tuple[tuple[str, ...], tuple[str, ...]]  # lines of resolv.conf; recipient and options


class DnsLab:
    """A hierarchy of authorities, and resolvers of many kinds that follow it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.folder = lab.folder / "dns"
        self.reports: list[dict[str, Any]] = []  # of all runs

    def open(self) -> None:
        """Start all servers and wait for them."""
        self.folder.mkdir()
        self.lab.add_addresses(ADDRESSES)
        self.lab.add_public_address(PUBLIC)
        self.lab.call(self.lab.far, "nft", "add table inet hole")
        self.lab.call(self.lab.far, "nft", "add chain inet hole in { type filter hook input priority 0; }")
        self.lab.call(self.lab.far, "nft", f"add rule inet hole in ip daddr {HOLE} drop")
        self._authorities()
        for address in (ROOT, TOP[0], FIRST, SECOND, THIRD):
            self.lab.wait_for(address, 53)
        self._resolvers()
        for address in (UNBOUND, VALIDATING, REFUSING, TCP_ONLY, BIND_FILTER, DNSMASQ, DNSMASQ_PORTAL, SLOW_TCP):
            self.lab.wait_for(address, 53)

    @contextlib.contextmanager
    def resolvers(self, *lines: str) -> Iterator[None]:
        """Let the sending machine's resolv.conf have these lines; an address stands for its `nameserver` line."""
        with self.lab.resolv_conf(_resolv_conf(lines)):
            yield

    def ask(self, recipient: str, *more: str, sender: str = SENDER) -> dict[str, Any]:
        """Run the command, and return its report."""
        return self._ended(self.lab.fork(COMMAND, *_words(sender, recipient, *more)))

    def ask_at_once(self, asked: Mapping[str, Asked]) -> dict[str, dict[str, Any]]:
        """Run the command side by side, each with resolvers of its own; return the reports.

        The first begin first: those that wait longest had better be there.
        """

        def report(name: str) -> dict[str, Any]:
            lines, words = asked[name]
            resolv = self.folder / f"resolv-{name}"
            resolv.write_text(_resolv_conf(lines), encoding="ascii")
            return self._ended(self.lab.fork(COMMAND, *_words(SENDER, *words), resolv=resolv))

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(asked, pool.map(report, asked), strict=True))

    def _ended(self, forked: Forked) -> dict[str, Any]:
        out, err = forked.communicate(LIMIT)
        assert err == ""
        report: dict[str, Any] = json.loads(out)
        self.reports.append(report)
        return report

    def look_up(self, server: str, name: str, rdtype: str) -> str:
        """Ask a server from the sending machine, as a cache is filled; return the data that came."""
        forked = self.lab.fork("tests.real.errands:look_up", server, name, rdtype)
        out, err = forked.communicate(LIMIT)
        assert forked.returncode == 0, err
        return out.strip()

    def change(self, server: str, zone: str, text: str) -> None:
        """Give an authority another version of a zone."""
        folder = self.folder / server
        dns_software.write_zone(folder, zone, text)
        self.lab.call(self.lab.far, "knotc", "-b", "-c", str(folder / "knot.conf"), "zone-reload", zone)

    def _authorities(self) -> None:
        served: dict[str, dict[str, str]] = {"first": {}, "second": {}, "third": {}}
        for domain in DOMAINS.values():
            for place in domain.at:
                records = domain.other if place == domain.at[-1] else ""
                served[place][f"{domain.name}.lab"] = domain.zone(records)
        self._spawn(dns_software.knot(self.folder / "root", [ROOT], {".": root_zone()}))
        self._spawn(dns_software.knot(self.folder / "top", list(TOP), {"lab": top_zone()}, signed=True))
        self._spawn(dns_software.knot(self.folder / "first", [FIRST, FIRST_V6], served["first"]))
        self._spawn(dns_software.knot(self.folder / "second", [SECOND], served["second"]))
        self._spawn(dns_software.nsd(self.folder / "third", served["third"]))
        self._spawn([sys.executable, "-m", "tests.real.scripted_dns", "untrue", UNTRUE])

    def _resolvers(self) -> None:
        keys = [line for line in self.look_up(TOP[0], "lab", "DNSKEY").splitlines() if line.startswith("257 ")]
        anchor = "".join(f"lab. DNSKEY {key}\n" for key in keys)
        for address in (UNBOUND, VALIDATING, REFUSING, TCP_ONLY):
            folder = self.folder / f"unbound-{address}"
            self._spawn(dns_software.unbound(folder, address, anchor if address == VALIDATING else ""))
        self._spawn(dns_software.bind(self.folder / "bind", _bind_anchor(keys)))
        self._spawn(dns_software.dnsmasq(DNSMASQ))
        self._spawn(dns_software.dnsmasq(DNSMASQ_PORTAL))
        self._spawn([sys.executable, "-m", "tests.real.scripted_dns", "slow", SLOW_TCP])

    def _spawn(self, command: list[str]) -> None:
        self.lab.spawn(*command)


def _words(*words: str) -> tuple[str, ...]:
    return *words, "--report", "json", "--ehlo", "mail.sender.lab"


def _resolv_conf(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" if " " in line else f"nameserver {line}\n" for line in lines)


def _bind_anchor(keys: list[str]) -> str:
    """Return keys as BIND's configuration has them."""
    lines = ""
    for key in keys:
        flags, protocol, algorithm, *data = key.split(" ")
        lines += f'lab. static-key {flags} {protocol} {algorithm} "{"".join(data)}"; '
    return f"trust-anchors {{ {lines}}};"
