"""The demo's DNS data: zones as master files, and which server knows which version of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache

import dns.name
import dns.zone

from smtpdiag_tui.demo.authentication import INCLUDES_RECORDS, SENDER_RECORDS
from smtpdiag_tui.demo.hosts import LARGE
from smtpdiag_tui.demo.tls_policies import TLS_POLICY_RECORDS, MoreRecords

SERIAL = 2026112402
OLD_SERIAL = 2026112307

Zones = Mapping[dns.name.Name, dns.zone.Zone]

RECORDS = {
    "sender.example": SENDER_RECORDS
    + """
        @ MX 10 mx
        @ A 192.0.2.10
        mx A 192.0.2.11
        mx AAAA 2001:db8::11
        mail A 192.0.2.10
        mail AAAA 2001:db8::10""",
    "includes.example": INCLUDES_RECORDS,
    **TLS_POLICY_RECORDS,
    "dns.example": """
        ns1 A 192.0.2.51
        ns1 AAAA 2001:db8::51
        ns2 A 192.0.2.52
        ns2 AAAA 2001:db8::52""",
    "partner.example": """
        @ MX 10 mx1
        @ MX 20 mx2
        @ MX 30 mx3
        mx1 A 192.0.2.21
        mx1 AAAA 2001:db8::21
        mx2 A 192.0.2.22
        mx2 AAAA 2001:db8::22
        mx3 A 192.0.2.23
        mx3 AAAA 2001:db8::23""",
    "dead.example": """
        @ MX 10 mx1
        @ MX 20 mx2
        mx1 A 192.0.2.31
        mx2 A 192.0.2.32""",
    "greylist.example": "@ MX 10 mx\nmx A 192.0.2.33",
    "greylisted.example": "@ MX 10 mx\nmx A 192.0.2.94",
    "tcp.example": "@ MX 10 mx\nmx A 192.0.2.34",
    "serial.example": "@ MX 10 mx\nmx A 192.0.2.35",
    "serialmx.example": "@ MX 10 new\nnew A 192.0.2.36\nold A 192.0.2.58",
    "nat.example": "@ MX 10 mx\nmx A 192.0.2.60",
    # A blocklist with its test addresses, in both families (RFC 5782 §5); it lists the sending machine.
    "bl.example": f"""
        2.0.0.127 A 127.0.0.2
        2.0.0.127 TXT "test address"
        2.0.0.0.0.0.f.7.f.f.f.f{".0" * 20} A 127.0.0.2
        10.2.0.192 TXT "Mail to a trap on 2026-11-20; https://bl.example/query/ip/192.0.2.10"
        10.2.0.192 A 127.0.0.2""",
    "null.example": "@ MX 0 .",
    # The way to these leads over another connection to the internet.
    "uplink.example": "@ MX 10 mx\nmx A 192.0.2.170",
    "dkim.example": "@ MX 10 mx\nmx A 192.0.2.171",
    "lookups.example": "@ MX 10 mx\nmx A 192.0.2.172",
    "large-receiver.example": "@ MX 10 mx\nmx A 192.0.2.178\nmx AAAA 2001:db8::178",
    "expired.example": "@ MX 10 mx\nmx A 192.0.2.37",
    "differ.example": """
        @ MX 10 mx
        @ MX 20 backup
        mx A 192.0.2.91
        mx A 192.0.2.92
        mx AAAA 2001:db8::91
        backup A 192.0.2.93""",
    "slow.example": "@ MX 10 mx\nmx A 192.0.2.38",
    "hostile.example": "@ MX 10 mx\nmx A 192.0.2.39",
    "split.example": "@ MX 10 outside\noutside A 192.0.2.41",
    "private.example": "@ MX 10 mx\nmx A 10.0.0.25",
    "implicit.example": "@ A 192.0.2.42",
    "blocklist.example": "@ MX 10 mx\nmx A 192.0.2.43",
    "full.example": "@ MX 10 mx\nmx A 192.0.2.81",
    "greyplain.example": "@ MX 10 mx\nmx A 192.0.2.82",
    "fullexpired.example": "@ MX 10 mx\nmx A 192.0.2.83",
    "listedinside.example": "@ MX 10 mx\nmx A 10.0.1.43",
    "greyliteral.example": "@ MX 10 mx\nmx A 192.0.2.84",
    "tlsrefused.example": "@ MX 10 mx\nmx A 192.0.2.44",
    "inject.example": "@ MX 10 mx\nmx A 192.0.2.45",
    "plain.example": "@ MX 10 mx\nmx A 192.0.2.46",
    "handshake.example": "@ MX 10 mx\nmx A 192.0.2.47",
    "busy.example": "@ MX 10 mx\nmx A 192.0.2.48",
    "shared.example": "@ MX 10 a\n@ MX 20 b\na A 192.0.2.49\nb A 192.0.2.49",
    "masked.example": "@ MX 10 mx\nmx A 192.0.2.162",
    "utf8.example": "@ MX 10 mx\nmx A 192.0.2.56",
    "wrongname.example": "@ MX 10 mx\nmx A 192.0.2.57",
    "blocked.example": "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 198.51.100.25\nmx2 A 203.0.113.25",
    "seventh.example": "\n".join(
        [f"@ MX {10 * n} mx{n}\nmx{n} A 192.0.2.{140 + n}" for n in range(1, 8)],
    ),
    "stale.example": "@ MX 10 new\nnew A 192.0.2.59\nold A 192.0.2.62",
    "forgotten.example": "@ MX 10 mx\nmx A 192.0.2.63",
    "filtered.example": "@ MX 10 mx\nmx A 192.0.2.64",
    "alias.example": "@ MX 10 mx\nmx A 192.0.2.65",
    # Many mail hosts with long names: the answer takes more than the 512 octets of a datagram without EDNS.
    "long.example": "\n".join(
        f"@ MX {n} mx{n:02}-mailcluster-eu\nmx{n:02}-mailcluster-eu A 192.0.2.95" for n in range(1, 15)
    ),
    "large.example": "\n".join(
        f"@ MX {10 * n} mx{n}\nmx{n} {'AAAA' if ':' in address else 'A'} {address}" for n, address in LARGE.items()
    ),
    "bogus.example": "@ MX 10 mx\nmx A 192.0.2.97",
    "referral.example": "@ MX 10 mx\nmx A 192.0.2.96",
    "silent-dns.example": "ns1 A 192.0.2.203\nns2 A 192.0.2.204",  # where nobody answers
    "lame.example": "@ MX 10 mx\nmx A 192.0.2.110\nns3 A 192.0.2.115\nns4 A 192.0.2.203",
    "forked.example": "@ MX 10 new\nnew A 192.0.2.111\nold A 192.0.2.112",
    # A network whose gateway answers whatever is sent to port 53.
    "hotel.example": "ns1 A 192.0.2.117\nns2 A 192.0.2.118",
    "office.hotel.example": "@ MX 10 mx\nmx A 192.0.2.113\nns1 A 192.0.2.119\nns2 A 192.0.2.120",
    "timeout.example": """
        @ MX 10 mx1
        @ MX 20 mx2
        mx1 A 192.0.2.201
        mx2 A 192.0.2.202""",
}
# What the demo's addresses are called: the sending machine's alone have names.
REVERSE_RECORDS = {
    "2.0.192.in-addr.arpa": "10 PTR mail.sender.example.\n12 PTR out.sender.example.",
    "8.b.d.0.1.0.0.2.ip6.arpa": f"0.1.{'0.' * 21}0 PTR mail.sender.example.",
}
OLD_RECORDS = {
    "serial.example": RECORDS["serial.example"],
    "serialmx.example": "@ MX 10 old\nnew A 192.0.2.36\nold A 192.0.2.58",
}
# The same serial as elsewhere, other mail hosts.
FORKED_RECORDS = {"forked.example": "@ MX 10 old\nnew A 192.0.2.111\nold A 192.0.2.112"}
INSIDE_RECORDS = {"split.example": "@ MX 10 inside\ninside A 192.0.2.40"}
CACHED_RECORDS = {"stale.example": "@ MX 10 old\nnew A 192.0.2.59\nold A 192.0.2.62"}
REWRITING = "192.0.2.5"  # a resolver whose answers lead to a portal
PORTAL = "192.0.2.6"
# Who serves a zone that is not the demo's two name servers, as the zone and its parent name them.
_USUAL = ("ns1.dns.example", "ns2.dns.example")
NAME_SERVERS = {
    "hotel.example": ("ns1.hotel.example", "ns2.hotel.example"),
    "office.hotel.example": ("ns1.office.hotel.example", "ns2.office.hotel.example"),
}
# What the parent says instead, with its glue. Nobody is at the addresses from 192.0.2.203 on.
DELEGATIONS = {
    "lame.example": (*_USUAL, "ns3.lame.example", "ns4.lame.example"),
    "servfail.example": ("ns1.servfail.example", "ns2.servfail.example"),
    "silent.example": ("ns1.silent.example", "ns2.silent.example"),
}
GLUE = """
    ns1.dns A 192.0.2.51
    ns1.dns AAAA 2001:db8::51
    ns2.dns A 192.0.2.52
    ns2.dns AAAA 2001:db8::52
    ns1.hotel A 192.0.2.117
    ns2.hotel A 192.0.2.118
    ns3.lame A 192.0.2.115
    ns4.lame A 192.0.2.203
    ns1.servfail A 192.0.2.116
    ns2.servfail A 192.0.2.204
    ns1.silent A 192.0.2.205
    ns2.silent A 192.0.2.206"""
BROKEN = frozenset({dns.name.from_text("servfail.example")})
BOGUS = frozenset({dns.name.from_text("bogus.example")})
SILENT = frozenset({dns.name.from_text("silent.example")})


class Serves(StrEnum):
    """What a DNS server does for who asks."""

    ANSWERS = "answers"
    REFERS = "refers"  # to the root, whatever is asked
    REFUSES = "refuses"


class Datagrams(StrEnum):
    """What becomes of datagrams that are sent to a DNS server."""

    ARRIVE = "arrive"
    REFUSED = "refused"  # the port is closed
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class DnsScript:
    """How one DNS server answers: the zones it knows, as resolver or as authority, and what gets through.

    `broken`, `silent` and `bogus` are names at and below which it fails, never answers, or finds signatures that
    do not hold; `explains`: it says so. `remark` is an extended error that it adds to each answer (RFC 8914).
    `edns` False: queries with EDNS are lost over UDP. `largest` is the largest answer, in octets, that gets
    through over UDP.

    Of a resolver: `own` are domains that it answers for with authority, as for zones of its own; `forgotten` those
    that it holds for missing, from its cache; `blocked` those that it filters, saying so; `aliases` those that it
    holds a CNAME of, whatever is asked for. `made_up` is an address that it gives in place of NXDOMAIN. `more` are
    records beside those of the zones. `validates`: it tells which answers are secure (AD).
    """

    zones: Zones
    recursive: bool = False
    tcp: bool = True
    udp: Datagrams = Datagrams.ARRIVE
    serves: Serves = Serves.ANSWERS
    broken: frozenset[dns.name.Name] = BROKEN
    silent: frozenset[dns.name.Name] = SILENT
    bogus: frozenset[dns.name.Name] = BOGUS
    explains: bool = True
    remark: int | None = None
    edns: bool = True
    largest: int = 65535
    own: frozenset[dns.name.Name] = frozenset()
    forgotten: frozenset[dns.name.Name] = frozenset()
    blocked: frozenset[dns.name.Name] = frozenset()
    aliases: Mapping[dns.name.Name, dns.name.Name] = field(default_factory=dict)
    made_up: str = ""
    more: MoreRecords = field(default_factory=dict)
    validates: bool = True


@cache
def dns_servers() -> dict[str, DnsScript]:
    """Return the demo's DNS servers, address to script."""
    outside = build_zones(RECORDS, SERIAL)
    old = {**outside, **build_zones(OLD_RECORDS, OLD_SERIAL), **build_zones(FORKED_RECORDS)}
    above = {**_parents(), **build_zones(REVERSE_RECORDS)}
    cached = build_zones(CACHED_RECORDS, OLD_SERIAL)
    inside = {**above, **outside, **build_zones(INSIDE_RECORDS, SERIAL), **cached}
    everything = {**above, **outside}
    return {
        "192.0.2.53": DnsScript(
            inside,
            recursive=True,
            own=frozenset(build_zones(INSIDE_RECORDS)),
            forgotten=_names("forgotten.example"),
            blocked=_names("filtered.example"),
            aliases={dns.name.from_text("alias.example"): dns.name.from_text("implicit.example")},
        ),
        "192.0.2.54": DnsScript(everything, recursive=True),
        "192.0.2.55": DnsScript(everything, recursive=True, tcp=False),
        REWRITING: DnsScript(everything, recursive=True, made_up=PORTAL),
        "192.0.2.51": DnsScript(outside),
        "2001:db8::51": DnsScript(outside),
        "192.0.2.52": DnsScript(old),
        "2001:db8::52": DnsScript(old),
        **{address: DnsScript({}, serves=Serves.REFUSES) for address in ("192.0.2.115", "192.0.2.116")},
        **{f"192.0.2.{number}": DnsScript(everything, recursive=True) for number in range(117, 121)},
        "192.0.2.50": DnsScript({name: zone for name, zone in above.items() if name != dns.name.root}),
    }


def _names(*names: str) -> frozenset[dns.name.Name]:
    return frozenset(dns.name.from_text(name) for name in names)


def build_zones(records: Mapping[str, str], serial: int = SERIAL) -> Zones:
    """Build zones, domain to the text of its records; SOA and NS are added."""
    built = {}
    for domain, text in records.items():
        head = f"@ SOA ns1.dns.example. hostmaster.{domain}. {serial} 7200 3600 1209600 300"
        names = "\n".join(f"@ NS {name}." for name in NAME_SERVERS.get(domain, _USUAL))
        zone = _zone(domain, f"{head}\n{names}\n{text}")
        built[zone.origin or dns.name.root] = zone
    return built


def _parents() -> Zones:
    """Return the zones above the stories: `example` with its delegations, and the root."""
    told = {**dict.fromkeys(RECORDS, _USUAL), **NAME_SERVERS, **DELEGATIONS}
    delegations = "\n".join(
        f"{domain}. NS {name}." for domain, names in told.items() if domain.count(".") == 1 for name in names
    )
    head = f"@ SOA a.nic hostmaster.nic {SERIAL} 7200 3600 1209600 300\n@ NS a.nic\na.nic A 192.0.2.50\n"
    delegations += "\n" + "\n".join(
        f"silent.example. NS {server}.silent-dns.example." for server in ("ns1", "ns2")
    )
    example = _zone("example", head + delegations + GLUE)
    root = _zone(".", f"@ SOA a.nic.example. hostmaster.nic.example. {SERIAL} 7200 3600 1209600 300\n")
    return {dns.name.from_text("example"): example, dns.name.root: root}


@lru_cache(maxsize=1024)
def _zone(origin: str, text: str) -> dns.zone.Zone:
    """Build a zone, once: nobody changes one."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return dns.zone.from_text(f"$TTL 300\n{lines}\n", origin, relativize=False, check_origin=False)
