"""Configuration of real DNS servers, each with a trouble that people have with it."""

from pathlib import Path

from tests.real.hierarchy import (
    BIND_AUTHORITY,
    BIND_FILTER,
    BIND_REWRITES,
    BIND_VALIDATES,
    DNSMASQ,
    DNSMASQ_PORTAL,
    MX,
    NO_EDNS,
    NO_TCP,
    REFUSING,
    ROOT,
    SEARCH_PAGE,
    TCP_ONLY,
    THIRD,
    UNBOUND,
    VALIDATING,
    top_zone,
)

# dnsmasq takes documentation addresses for private ones.
_REBIND_OK = "--rebind-domain-ok=/healthy.lab/nic.lab/nulled.lab/sender.lab/"
# What the network itself sees of a domain of its own.
SPLIT = f"""\
$TTL 300
@ SOA inside root.inside 7 7200 3600 1209600 60
@ NS inside
inside A 10.0.0.53
@ MX 10 inside-mx
inside-mx A {MX}
"""
_HEAD = "$TTL 300\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n"
HINTS = f". 3600000 NS a.root.\na.root. 3600000 A {ROOT}\n"


def knot(folder: Path, addresses: list[str], zones: dict[str, str], *, signed: bool = False) -> list[str]:
    """Write what an authority needs, zones by name, and return its command."""
    (folder / "db").mkdir(parents=True)
    for name, text in zones.items():
        write_zone(folder, name, text)
    listen = ", ".join(f"{address}@53" for address in addresses)
    listed = "\n".join(f'  - domain: "{name}"\n    file: "{_file(name)}"' for name in zones)
    config = folder / "knot.conf"
    config.write_text(
        f"""\
server:
    rundir: {folder}
    listen: [ {listen} ]
    user: root:root
control:
    listen: {folder}/knot.sock
database:
    storage: {folder}/db
template:
  - id: default
    storage: {folder}
    semantic-checks: soft
    zonefile-load: {"difference-no-serial" if signed else "whole"}
    journal-content: {"all" if signed else "changes"}
    zonefile-sync: -1
    dnssec-signing: {"on" if signed else "off"}
zone:
{listed}
""",
        encoding="ascii",
    )
    return ["knotd", "-c", str(config)]


def write_zone(folder: Path, name: str, text: str) -> None:
    """Write a zone where its server looks for it."""
    (folder / _file(name)).write_text(text, encoding="ascii")


def nsd(folder: Path, zones: dict[str, str]) -> list[str]:
    """Write what an NSD needs, and return its command."""
    folder.mkdir()
    listed = ""
    for name, text in zones.items():
        write_zone(folder, name, text)
        listed += f'zone:\n    name: "{name}"\n    zonefile: "{_file(name)}"\n'
    config = folder / "nsd.conf"
    config.write_text(
        f"""\
server:
    ip-address: {THIRD}
    zonesdir: "{folder}"
    username: ""
    pidfile: ""
    database: ""
    xfrdfile: "{folder}/xfrd.state"
    zonelistfile: "{folder}/zone.list"
    server-count: 1
remote-control:
    control-enable: no
{listed}""",
        encoding="ascii",
    )
    return ["nsd", "-d", "-c", str(config)]


def unbound(folder: Path, address: str, anchor: str = "") -> list[str]:
    """Write what a resolver needs, and return its command; with a trust anchor it validates."""
    folder.mkdir()
    (folder / "hints").write_text(HINTS, encoding="ascii")
    if anchor:
        (folder / "anchor").write_text(anchor, encoding="ascii")
    extra = {
        UNBOUND: f"interface: {NO_TCP}@53\n    interface: {NO_EDNS}@53\n"
        '    local-zone: "refused.lab." always_refuse',
        VALIDATING: f'trust-anchor-file: "{folder}/anchor"\n    ede: yes\n    val-log-level: 2',
        REFUSING: "access-control: 192.0.2.10/32 refuse\n    access-control: 2001:db8::/32 refuse",
        TCP_ONLY: "do-udp: no\n    udp-upstream-without-downstream: yes",
    }[address]
    config = folder / "unbound.conf"
    config.write_text(
        f"""\
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
    module-config: "{"validator iterator" if anchor else "iterator"}"
    trust-anchor-signaling: no
    {extra}
""",
        encoding="ascii",
    )
    return ["unbound", "-d", "-c", str(config)]


def bind(folder: Path, anchor: str) -> list[str]:
    """Write what BIND needs, and return its command: four servers in one, told apart by their addresses."""
    folder.mkdir()
    (folder / "hints").write_text(HINTS, encoding="ascii")
    (folder / "rpz").write_text(
        f"{_HEAD}mx.filtered.lab CNAME .\n",
        encoding="ascii",
    )
    (folder / "split").write_text(SPLIT, encoding="ascii")
    (folder / "redirect").write_text(
        f"{_HEAD}*. A {SEARCH_PAGE}\n",
        encoding="ascii",
    )
    (folder / "lab").write_text(top_zone(), encoding="ascii")
    hint = f'zone "." {{ type hint; file "{folder}/hints"; }};'
    listen = "; ".join((BIND_FILTER, BIND_REWRITES, BIND_VALIDATES, BIND_AUTHORITY))
    config = folder / "named.conf"
    config.write_text(
        f"""\
options {{
    directory "{folder}"; pid-file none; session-keyfile none; lock-file none;
    listen-on {{ {listen}; }}; listen-on-v6 {{ none; }};
    allow-query {{ any; }}; empty-zones-enable no;
    resolver-query-timeout 6000;
}};
controls {{ }};
view filter {{
    match-destinations {{ {BIND_FILTER}; }}; recursion yes; allow-recursion {{ any; }}; dnssec-validation no;
    response-policy {{ zone "rpz"; }} break-dnssec yes;
    zone "rpz" {{ type primary; file "{folder}/rpz"; }};
    zone "split.lab" {{ type primary; file "{folder}/split"; }};
    {hint}
}};
view rewrites {{
    match-destinations {{ {BIND_REWRITES}; }}; recursion yes; allow-recursion {{ any; }}; dnssec-validation no;
    {hint}
    zone "." {{ type redirect; file "{folder}/redirect"; }};
}};
view validates {{
    match-destinations {{ {BIND_VALIDATES}; }}; recursion yes; allow-recursion {{ any; }}; dnssec-validation yes;
    {anchor}
    {hint}
}};
view authority {{
    match-destinations {{ {BIND_AUTHORITY}; }}; recursion no;
    zone "lab" {{ type primary; file "{folder}/lab"; }};
}};
""",
        encoding="ascii",
    )
    return ["named", "-g", "-n", "1", "-c", str(config)]


def dnsmasq(address: str) -> list[str]:
    """Return the command of a forwarder that filters, or of one that leads everybody to its own page."""
    common = ["dnsmasq", "-k", "-C", "/dev/null", "--user=root", "--pid-file=", "--no-resolv", "--no-hosts"]
    common += ["--bind-interfaces", f"--listen-address={address}", f"--server={UNBOUND}", "--cache-size=0"]
    special = {
        DNSMASQ: ["--address=/mx.nulled.lab/0.0.0.0", "--stop-dns-rebind", _REBIND_OK],
        DNSMASQ_PORTAL: [f"--address=/#/{SEARCH_PAGE}"],
    }
    return [*common, *special[address]]


def _file(name: str) -> str:
    return "root.zone" if name == "." else f"{name.rstrip('.')}.zone"
