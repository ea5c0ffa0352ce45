"""A signed DNS hierarchy on the lab's far side, and resolvers that validate it: for DANE, MTA-STS and the like."""

import contextlib
import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.real.lab import Lab

TOP = "sec"  # the one zone below the root; all others are below it
_SERIAL = 2026112402
_SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class SignedZone:
    """A zone below `sec`: its records without SOA and NS. `bad_ds`: its parent's DS fits no key of it (bogus)."""

    records: str
    signed: bool = True
    bad_ds: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a mail or web server: the file with key and chain, and the chain as DER, leaf first."""

    file: Path
    chain: tuple[bytes, ...]

    def tlsa(self, usage: int = 3, selector: int = 1, matching: int = 1) -> str:
        """Return the RDATA of a TLSA record for the leaf, for the issuer with usage 2 (RFC 6698 §2.1)."""
        octets = self.chain[-1 if usage == 2 else 0]
        if selector == 1:
            key = x509.load_der_x509_certificate(octets).public_key()
            octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        data = {0: octets, 1: hashlib.sha256(octets).digest(), 2: hashlib.sha512(octets).digest()}[matching]
        return f"{usage} {selector} {matching} {data.hex()}"


class SignedLab:
    """Knot signs the root, `sec` and the zones given; Unbound validates, near and far.

    The lab closes all with itself. Where several are wanted in one lab, `number` tells them apart.

    `near` is the resolver on the sending machine, whose word can be trusted; `far` validates as well, but anybody
    on the way can set AD; `plain` does not validate.
    """

    def __init__(self, lab: Lab, authority: trustme.CA | None = None, number: int = 0) -> None:
        self.lab = lab
        self.name_server, self.far, self.plain = (f"192.0.2.{200 + 3 * number + place}" for place in range(3))
        self.near = f"127.0.0.{1 + number}"
        self.folder = lab.folder / f"signed-{number}"
        self.folder.mkdir()
        self.authority = authority or trustme.CA()

    def certificate(
        self, *names: str, key_type: trustme.KeyType = trustme.KeyType.ECDSA, days: int = 90
    ) -> Certificate:
        """Return a new certificate for these names, good for so many days, with the issuer's behind it."""
        end = datetime.now(UTC) + timedelta(days=days)
        issued = self.authority.issue_cert(*names, key_type=key_type, not_after=end)
        file = self.folder / f"{names[0]}-{key_type.name}-{len(list(self.folder.iterdir()))}.pem"
        pems = [*(item.bytes() for item in issued.cert_chain_pems), self.authority.cert_pem.bytes()]
        file.touch(mode=0o600)
        file.write_bytes(issued.private_key_pem.bytes() + b"".join(pems))
        return Certificate(
            file, tuple(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in pems)
        )

    def open(self, zones: Mapping[str, SignedZone]) -> None:
        """Start all servers and wait for them; `zones` maps names below `sec` to what they hold."""
        self.lab.add_addresses([self.name_server, self.far, self.plain])
        self._authority(zones)
        self.lab.spawn("knotd", "-c", str(self.folder / "knot.conf"))
        self.lab.wait_for(self.name_server, 53)
        anchor = self._keymgr(".", "dnskey")
        for address, place in ((self.near, self.lab.near), (self.far, ""), (self.plain, "")):
            config = self._resolver(address, anchor if address != self.plain else "")
            self.lab.spawn("unbound", "-d", "-c", str(config), place=place)
            self.lab.wait_for(address, 53)

    @contextlib.contextmanager
    def resolver(self, address: str = "", *, trust_ad: bool = False) -> Iterator[None]:
        """Have the sending machine ask one of the resolvers, its own unless another is given."""
        options = "options trust-ad\n" if trust_ad else ""
        with self.lab.resolv_conf(f"nameserver {address or self.near}\n{options}"):
            yield

    def _authority(self, zones: Mapping[str, SignedZone]) -> None:
        """Write the zones, each with the DS records of those below it, and what signs them."""
        (self.folder / "db").mkdir()
        names = {".": True, TOP: True, **{name: zone.signed for name, zone in zones.items()}}
        (self.folder / "knot.conf").write_text(
            _knot_config(self.folder, self.name_server, names), encoding="ascii"
        )
        for name, signed in names.items():
            if signed:
                self._keymgr(name, "generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes")
        below = [f"ns.nic.{TOP}. A {self.name_server}"]
        for name, zone in zones.items():
            below += [f"{name}. NS ns.nic.{TOP}.", *(self._ds(name, bad=zone.bad_ds) if zone.signed else [])]
            self._write(name, zone.records)
        self._write(TOP, "\n".join(below))
        delegation = [f"{TOP}. NS ns.nic.{TOP}.", f"ns.nic.{TOP}. A {self.name_server}", *self._ds(TOP)]
        self._write(".", "\n".join(delegation))

    def _ds(self, name: str, *, bad: bool = False) -> list[str]:
        lines = self._keymgr(name, "ds").splitlines()
        return [f"{line[:-8]}{'0' * 8}" if bad else line for line in lines]

    def _write(self, name: str, records: str) -> None:
        origin = "." if name == "." else f"{name}."
        lines = "\n".join(line.strip() for line in records.splitlines())
        soa = f"@ SOA ns.nic.{TOP}. hostmaster.nic.{TOP}. {_SERIAL} 7200 3600 1209600 60"
        text = f"$ORIGIN {origin}\n$TTL 300\n{soa}\n@ NS ns.nic.{TOP}.\n{lines}\n"
        (self.folder / _file(name)).write_text(text, encoding="ascii")

    def _keymgr(self, zone: str, *command: str) -> str:
        whole = ["keymgr", "-c", str(self.folder / "knot.conf"), zone, *command]
        environment = {**os.environ, "PATH": _SBIN}
        return subprocess.run(whole, check=True, capture_output=True, text=True, env=environment).stdout

    def _resolver(self, address: str, anchor: str) -> Path:
        """Write what a resolver needs; with a trust anchor it validates."""
        folder = self.folder / f"unbound-{address}"
        folder.mkdir()
        (folder / "hints").write_text(f". 3600000 NS ns.nic.{TOP}.\nns.nic.{TOP}. 3600000 A {self.name_server}\n")
        (folder / "anchor").write_text(anchor, encoding="ascii")
        config = folder / "unbound.conf"
        config.write_text(_unbound_config(folder, address, validates=bool(anchor)), encoding="ascii")
        return config


def _file(name: str) -> str:
    return "root.zone" if name == "." else f"{name}.zone"


def _knot_config(folder: Path, address: str, zones: Mapping[str, bool]) -> str:
    """Return the configuration of the authority; `zones` says of each whether it is signed."""
    listed = "\n".join(
        f'  - domain: "{name}"\n    file: {_file(name)}\n    dnssec-signing: {"on" if signed else "off"}'
        for name, signed in zones.items()
    )
    return f"""\
server:
    rundir: {folder}
    listen: [ {address}@53 ]
    user: root:root
control:
    listen: {folder}/knot.sock
database:
    storage: {folder}/db
policy:
  - id: by-hand
    manual: on
    single-type-signing: on
    algorithm: ecdsap256sha256
template:
  - id: default
    storage: {folder}
    semantic-checks: soft
    zonefile-load: difference-no-serial
    journal-content: all
    zonefile-sync: -1
    dnssec-policy: by-hand
zone:
{listed}
"""


def _unbound_config(folder: Path, address: str, *, validates: bool) -> str:
    anchor = f'trust-anchor-file: "{folder}/anchor"' if validates else ""
    return f"""\
server:
    interface: {address}@53
    access-control: 0.0.0.0/0 allow
    do-daemonize: no
    do-ip6: no
    num-threads: 1
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    root-hints: "{folder}/hints"
    module-config: "{"validator iterator" if validates else "iterator"}"
    trust-anchor-signaling: no
    ede: yes
    val-log-level: 2
    {anchor}
remote-control:
    control-enable: no
"""
