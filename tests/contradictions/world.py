"""A made-up internet: one sender, one recipient, their name servers and mail hosts, and what is wrong there.

A world is healthy but for its faults, so that one that shows a contradiction can be made smaller, fault by fault.
"""

from dataclasses import dataclass, replace

from smtpdiag_tui.settings import DnsServer, Settings, TlsPolicy

RECIPIENT, SENDER = "bob@partner.example", "alice@sender.example"
RESOLVER, OTHER_RESOLVER = "192.0.2.53", "192.0.2.54"
NS1, NS2, NS1_V6 = "192.0.2.51", "192.0.2.52", "2001:db8::51"
PARENT, OUTER_PARENT = "192.0.2.60", "192.0.2.61"
LISTS = "bl.example"
HOSTS = ("192.0.2.21", "2001:db8::21", "192.0.2.22")
SOA = "ns1.dns.example. hostmaster.{zone}. {serial} 7200 3600 1209600 300"
SERIAL = 2026112402

Records = dict[tuple[str, str], tuple[str, ...]]

ZONES = {
    ".": (OUTER_PARENT,),
    "example": (PARENT, OUTER_PARENT),
    "partner.example": (NS1, NS2, NS1_V6),
    "sender.example": (NS1, NS2, NS1_V6),
    "dns.example": (NS1, NS2, NS1_V6),
    "bl.example": (NS1, NS2, NS1_V6),
    "192.in-addr.arpa": (NS1, NS2, NS1_V6),
}
_NAMED = {
    ".": ("a.root.example.",),
    "example": ("a.nic.example.", "a.root.example."),
}
_RECORDS: Records = {
    ("partner.example", "MX"): ("10 mx1.partner.example.", "20 mx2.partner.example."),
    ("mx1.partner.example", "A"): ("192.0.2.21",),
    ("mx1.partner.example", "AAAA"): ("2001:db8::21",),
    ("mx2.partner.example", "A"): ("192.0.2.22",),
    ("sender.example", "MX"): ("10 mail.sender.example.",),
    ("mail.sender.example", "A"): ("192.0.2.10",),
    ("mail.sender.example", "AAAA"): ("2001:db8::10",),
    ("ns1.dns.example", "A"): (NS1,),
    ("ns1.dns.example", "AAAA"): (NS1_V6,),
    ("ns2.dns.example", "A"): (NS2,),
    ("ns3.dns.example", "A"): ("192.0.2.59",),
    ("a.nic.example", "A"): (PARENT,),
    ("a.root.example", "A"): (OUTER_PARENT,),
    ("10.2.0.192.in-addr.arpa", "PTR"): ("mail.sender.example.",),
    ("2.0.0.127.bl.example", "A"): ("127.0.0.2",),
    ("2.0.0.127.bl.example", "TXT"): ('"test"',),
}


@dataclass(frozen=True, slots=True)
class Record:
    """Somebody holds other records of a name and type than he should; none for `records` of () is NODATA.

    `server`: "" for all, `authorities` for the zone's own, else an address.
    """

    server: str
    name: str
    rdtype: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A server answers questions about a name and all below it ("." for all) in its own way, over a transport.

    `transport` and `rdtype`: "" for any. `how`: an rcode, `silent`, `refused`, `malformed`, `truncated`,
    `no authority`, `referral`, `filtered`, `stub` (like a resolver), `rewritten`, `no edns`.
    """

    server: str
    name: str
    rdtype: str
    transport: str
    how: str


@dataclass(frozen=True, slots=True)
class Host:
    """A mail host's address does something else at a phase: `how` is a reply, or a word for what comes instead.

    Words at `connect`: `refused`, `silent`, `unreachable`, `no route`. Elsewhere `silent`, `closed`, `reset`,
    `garbage`; at `starttls` also `not offered`, `broken`, `expired`, `other name`, `untrusted`.
    """

    address: str
    phase: str
    how: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the run, or of this machine where `name` begins with `machine`."""

    name: str
    value: object


Fault = Record | Answer | Host | Setting


@dataclass(frozen=True, slots=True)
class World:
    """A healthy internet with faults; later ones win."""

    faults: tuple[Fault, ...] = ()

    def without(self, fault: Fault) -> "World":
        """Return the world with one fault mended."""
        return replace(self, faults=tuple(item for item in self.faults if item is not fault))

    @property
    def settings(self) -> Settings:
        """What the run is asked to do."""
        settings = Settings(SENDER, RECIPIENT)
        for fault in self._settings():
            if not fault.name.startswith("machine"):
                value = fault.value
                if fault.name == "dns":
                    value = (DnsServer(str(value)),)
                if fault.name == "tls":
                    value = TlsPolicy(str(value))
                settings = replace(settings, **{fault.name: value})  # type: ignore[arg-type]
        return settings

    def machine(self, name: str, default: str) -> str:
        """Return what is so of this machine."""
        found = [str(fault.value) for fault in self._settings() if fault.name == f"machine {name}"]
        return found[-1] if found else default

    def records(self, server: str) -> Records:
        """Return all records as one server holds them."""
        found = dict(_base())
        for fault in self.faults:
            if isinstance(fault, Record) and concerns(fault.server, server):
                found[fault.name, fault.rdtype] = fault.records
        return found

    def answer_of(self, server: str, transport: str, name: str, rdtype: str) -> str:
        """Return how a server answers a question; "" for as it should."""
        found = ""
        for fault in self.faults:
            if not isinstance(fault, Answer) or not concerns(fault.server, server):
                continue
            about = fault.name == "." or name == fault.name or name.endswith(f".{fault.name}")
            if about and fault.transport in ("", transport) and fault.rdtype in ("", rdtype):
                found = fault.how
        return found

    def host(self, address: str, phase: str) -> str:
        """Return what a mail host does at a phase; "" for as it should."""
        found = ""
        for fault in self.faults:
            if isinstance(fault, Host) and fault.address == address and fault.phase == phase:
                found = fault.how
        return found

    def _settings(self) -> list[Setting]:
        return [fault for fault in self.faults if isinstance(fault, Setting)]


def concerns(whom: str, server: str) -> bool:
    """Whether a fault that is told of somebody is this server's."""
    groups = {"": True, "resolvers": is_resolver(server), "authorities": not is_resolver(server)}
    return groups.get(whom, whom == server)


def is_resolver(server: str) -> bool:
    """Whether a server resolves for others."""
    return server in (RESOLVER, OTHER_RESOLVER)


_made: Records = {}


def _base() -> Records:
    """Return the records of a world in which all is well."""
    if not _made:
        _made.update(_RECORDS)
        for zone in ZONES:
            _made[zone, "SOA"] = (SOA.format(zone=zone, serial=SERIAL),)
            _made[zone, "NS"] = _NAMED.get(zone, ("ns1.dns.example.", "ns2.dns.example."))
    return _made
