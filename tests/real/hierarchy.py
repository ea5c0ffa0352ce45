"""A DNS hierarchy of the tests' own: a root, a zone of top level, and domains each with a trouble of its own."""

from dataclasses import dataclass

ROOT = "192.0.2.60"
TOP = ("192.0.2.61", "192.0.2.62")  # of the zone lab
FIRST, FIRST_V6, SECOND = "192.0.2.71", "2001:db8::71", "192.0.2.72"  # Knot
THIRD = "192.0.2.73"  # NSD
UNTRUE = "192.0.2.76"  # a script
NOBODY, HOLE = "192.0.2.75", "192.0.2.78"  # ports are closed, packets vanish
UNBOUND, VALIDATING, REFUSING, TCP_ONLY = "192.0.2.81", "192.0.2.82", "192.0.2.88", "192.0.2.89"
BIND_FILTER, BIND_REWRITES, BIND_VALIDATES, BIND_AUTHORITY = (f"192.0.2.{n}" for n in (83, 84, 85, 74))
DNSMASQ, DNSMASQ_PORTAL = "192.0.2.86", "192.0.2.87"
SLOW_TCP = "192.0.2.90"
NO_TCP, NO_EDNS = "192.0.2.79", "192.0.2.77"  # UNBOUND as well, where a firewall is before it
SEARCH_PAGE = "192.0.2.80"
PUBLIC = "1.1.1.10"  # of the sending machine: lists are asked for public addresses alone
MX, DEAD_MX = "192.0.2.26", "192.0.2.75"  # aiosmtpd, which takes everything; and a host where port 25 is closed

ADDRESSES = [ROOT, *TOP, FIRST, FIRST_V6, SECOND, THIRD, UNTRUE, NOBODY, HOLE, UNBOUND, VALIDATING, REFUSING]
ADDRESSES += [TCP_ONLY, BIND_FILTER, BIND_REWRITES, BIND_VALIDATES, BIND_AUTHORITY]
ADDRESSES += [DNSMASQ, DNSMASQ_PORTAL, SLOW_TCP, SEARCH_PAGE, NO_TCP, NO_EDNS]

_HOSTS = {"ns1": FIRST, "ns2": SECOND, "ns3": THIRD, "ns-untrue": UNTRUE, "ns-dead": NOBODY, "ns-hole": HOLE}
_NAMES = [f"a-mail-host-with-a-name-that-does-not-fit-into-512-octets-{number:04}" for number in range(8)]
_LONG = "\n".join(f"@ MX 10 {name}\n{name} A {MX}" for name in _NAMES)
_SERIAL = 2026112402


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain below `lab`. `parent` and `own` are the name servers that each of both names, `at` who serves it.

    `other` are records that the last of them holds instead of `records`.
    """

    name: str
    records: str
    parent: tuple[str, ...] = ("ns1", "ns2")
    own: tuple[str, ...] = ()
    at: tuple[str, ...] = ("first", "second")
    other: str = ""
    bad_ds: bool = False

    def zone(self, records: str = "", serial: int = _SERIAL) -> str:
        """Return a master file, with other records if these are given."""
        head = f"$ORIGIN {self.name}.lab.\n$TTL 300\n@ SOA ns1.nic.lab. hostmaster {serial} 7200 3600 1209600 60\n"
        servers = "".join(f"@ NS {host}.nic.lab.\n" for host in self.own or self.parent)
        return head + servers + (records or self.records) + "\n"


def _mail(address: str = MX) -> str:
    return f"@ MX 10 mx\nmx A {address}"


_BOTH = f"\nmx A {MX}\nother A {DEAD_MX}"
DOMAINS = {
    item.name: item
    for item in (
        Domain("sender", "@ MX 10 mail\nmail A 192.0.2.10\nmail AAAA 2001:db8::10"),
        Domain("healthy", _mail()),
        Domain("stale", f"@ MX 10 old\nold A {DEAD_MX}", ("ns1",), at=("first",)),
        Domain("moved", _mail(DEAD_MX), ("ns2",), at=("second", "first"), other=_mail()),
        Domain("filtered", _mail()),
        Domain("split", _mail()),
        Domain("nulled", _mail()),
        Domain("refused", _mail()),
        Domain("bogus", _mail(), bad_ds=True),
        Domain("lame", _mail(), ("ns1", "ns3"), at=("first",)),
        Domain("parentonly", _mail(), ("ns1", "ns-dead"), ("ns1",), at=("first",)),
        Domain(
            "differ", "@ MX 10 mx" + _BOTH, ("ns1", "ns3"), at=("first", "third"), other="@ MX 10 other" + _BOTH
        ),
        Domain("big", _LONG),
        Domain("dead", "", ("ns-hole",), at=()),
        Domain("servfail", "", ("ns3",), at=()),
        Domain("untrue", "", ("ns-untrue",), at=()),
        Domain("apex", "", ("ns-untrue",), at=()),
        Domain("null", "@ MX 0 ."),
        Domain("self", "@ MX 10 mail.sender.lab."),
        Domain("nohosts", "@ MX 10 mx\nmx TXT none"),
        Domain("typo", "@ MX 10 mx.typo.lab"),
        Domain("implicit", f"@ A {MX}"),
        Domain("bl", "2.0.0.127 A 127.0.0.2\n2.0.0.127 TXT test"),
    )
}
_NOT_DELEGATED = "cnamed.below CNAME healthy.lab."


def root_zone() -> str:
    """Return the root's master file."""
    return f"""\
$ORIGIN .
$TTL 300
@ SOA a.root. hostmaster.root. 1 7200 3600 1209600 60
@ NS a.root.
a.root. A {ROOT}
lab NS a.nic.lab.
lab NS b.nic.lab.
a.nic.lab. A {TOP[0]}
b.nic.lab. A {TOP[1]}
"""


def top_zone(moved_to: str = "ns2", serial: int = 1) -> str:
    """Return the master file of `lab`; `moved_to` is the name server of the domain that moves."""
    lines = [
        f"$ORIGIN lab.\n$TTL 300\n@ SOA a.nic hostmaster {serial} 7200 3600 1209600 60",
        f"@ NS a.nic\n@ NS b.nic\na.nic A {TOP[0]}\nb.nic A {TOP[1]}",
        *(f"{host}.nic A {address}" for host, address in _HOSTS.items()),
        f"ns1.nic AAAA {FIRST_V6}",
        _NOT_DELEGATED,
    ]
    for domain in DOMAINS.values():
        servers = (moved_to,) if domain.name == "moved" else domain.parent
        lines += [f"{domain.name} NS {host}.nic" for host in servers]
        if domain.bad_ds:
            lines.append(f"{domain.name} DS 12345 13 2 {'ab' * 32}")
    return "\n".join(lines) + "\n"
