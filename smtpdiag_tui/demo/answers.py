"""What a DNS server of the demo answers to a question."""

from collections.abc import Iterator

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from smtpdiag_tui.demo.tls_policies import is_signed
from smtpdiag_tui.demo.zones import DnsScript, Serves, Zones

MAX_CHAIN = 16


def is_silent(query: dns.message.Message, script: DnsScript) -> bool:
    """Whether `script` never answers `query`."""
    asked = [item.name for item in query.question]
    return script.recursive and any(name.is_subdomain(silent) for name in asked for silent in script.silent)


def answer(query: dns.message.Message, script: DnsScript) -> dns.message.Message:
    """Return the answer that `script` gives to `query` (RFC 1034 §4.3.2)."""
    reply = dns.message.make_response(query, recursion_available=script.recursive, our_payload=1232)
    if len(query.question) != 1:
        reply.set_rcode(dns.rcode.FORMERR)
        return reply
    name, rdtype = query.question[0].name, query.question[0].rdtype
    if script.serves is not Serves.ANSWERS:
        _turn_away(reply, script.serves)
        return reply
    if _broken(reply, query, script, name) or _kept_back(reply, query, script, name):
        return reply
    if _bogus(reply, query, script, name):
        return reply
    zone = _known_zone(script, name)
    if zone is None:
        _refuse_unknown(reply, query)
        return reply
    _fill(reply, zone, script, name, rdtype)
    if script.recursive and script.validates and query.flags & dns.flags.AD and _is_secure(reply, script, name):
        reply.flags |= dns.flags.AD
    if script.made_up and reply.rcode() == dns.rcode.NXDOMAIN:
        _make_up(reply, script.made_up, name, rdtype)
    if script.remark is not None:
        _explain(reply, query, dns.edns.EDECode.make(script.remark), "")
    return reply


def _broken(
    reply: dns.message.Message, query: dns.message.Message, script: DnsScript, name: dns.name.Name
) -> bool:
    """Say SERVFAIL of a name whose authority a resolver does not reach; return whether it did."""
    if not script.recursive or not any(name.is_subdomain(broken) for broken in script.broken):
        return False
    _explain(reply, query, dns.edns.EDECode.NO_REACHABLE_AUTHORITY, "at delegation servfail.example")
    reply.set_rcode(dns.rcode.SERVFAIL)
    return True


def _bogus(reply: dns.message.Message, query: dns.message.Message, script: DnsScript, name: dns.name.Name) -> bool:
    """Say SERVFAIL of a name whose signatures do not hold, where a resolver checks them; return whether it did."""
    checks = script.recursive and not query.flags & dns.flags.CD
    if not checks or not any(name.is_subdomain(bogus) for bogus in script.bogus):
        return False
    if script.explains:
        _explain(reply, query, dns.edns.EDECode.SIGNATURE_EXPIRED, "RRSIG of the DNSKEY RRset")
    reply.set_rcode(dns.rcode.SERVFAIL)
    return True


def _known_zone(script: DnsScript, name: dns.name.Name) -> dns.zone.Zone | None:
    """Return the zone that holds a name; of what lies in the root zone the demo knows the root alone."""
    zone = _zone_of(script.zones, name)
    if zone is not None and zone.origin == dns.name.root and name != dns.name.root:
        return None
    return zone


def _is_secure(reply: dns.message.Message, script: DnsScript, name: dns.name.Name) -> bool:
    """Whether all that an answer says comes from signed zones (RFC 4035 §3.2.3)."""
    names = [name, *(rrset[0].target for rrset in reply.answer if rrset.rdtype == dns.rdatatype.CNAME)]
    zones = [(one, _zone_of(script.zones, one)) for one in names]
    return all(zone is not None and is_signed(one, zone.origin) for one, zone in zones)


def _refuse_unknown(reply: dns.message.Message, query: dns.message.Message) -> None:
    """Refuse: to say that such a name does not exist would be a lie, the demo does not know."""
    text = "the demo has only names under example and of its own addresses"
    _explain(reply, query, dns.edns.EDECode.OTHER, text)
    reply.set_rcode(dns.rcode.REFUSED)


def _kept_back(
    reply: dns.message.Message, query: dns.message.Message, script: DnsScript, name: dns.name.Name
) -> bool:
    """Say NXDOMAIN of a name that a resolver blocks, or holds for missing in its cache; return whether it did."""
    if any(name.is_subdomain(blocked) for blocked in script.blocked):
        _explain(reply, query, dns.edns.EDECode.BLOCKED, "the domain is on the list of this network")
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return True
    forgotten = next((item for item in script.forgotten if name.is_subdomain(item)), None)
    above = _zone_of(script.zones, forgotten.parent()) if forgotten is not None else None
    if above is None:
        return False
    _negative(reply, above, name, missing=True)
    return True


def _make_up(
    reply: dns.message.Message, address: str, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> None:
    """Answer with an address in place of NXDOMAIN, and with nothing where no address was asked for."""
    reply.set_rcode(dns.rcode.NOERROR)
    reply.authority = []
    if rdtype == dns.rdatatype.A:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", address))


def _turn_away(reply: dns.message.Message, serves: Serves) -> None:
    """Refuse, or refer to the root, as servers do that are no resolvers."""
    reply.flags &= ~dns.flags.RA
    if serves is Serves.REFUSES:
        reply.set_rcode(dns.rcode.REFUSED)
    else:
        reply.authority.append(dns.rrset.from_text(".", 300, "IN", "NS", "a.nic.example."))


def _explain(reply: dns.message.Message, query: dns.message.Message, code: dns.edns.EDECode, text: str) -> None:
    """Add an extended error (RFC 8914), where the question allows for one."""
    if query.edns >= 0:
        reply.use_edns(0, payload=1232, options=[dns.edns.EDEOption(code, text)])


def to_wire(reply: dns.message.Message, limit: int) -> bytes:
    """Return the answer as it is sent; what is larger than `limit` octets is truncated to its head."""
    try:
        return reply.to_wire(max_size=limit)
    except dns.exception.TooBig:
        reply.answer, reply.authority, reply.additional = [], [], []
        reply.flags |= dns.flags.TC
        return reply.to_wire()


def _zone_of(zones: Zones, name: dns.name.Name) -> dns.zone.Zone | None:
    while True:
        if name in zones:
            return zones[name]
        if name == dns.name.root:
            return None
        name = name.parent()


def _fill(
    reply: dns.message.Message,
    zone: dns.zone.Zone,
    script: DnsScript,
    name: dns.name.Name,
    rdtype: dns.rdatatype.RdataType,
) -> None:
    if not script.recursive:
        cut = _delegation(zone, name)
        if cut is not None:
            reply.authority.append(cut)
            reply.additional.extend(_glue(zone, cut))
            return
        reply.flags |= dns.flags.AA
    elif zone.origin in script.own:
        reply.flags |= dns.flags.AA
    for _ in range(MAX_CHAIN):
        target = script.aliases.get(name)
        records = script.more.get((name, rdtype)) or _rrset(zone, name, rdtype) if target is None else None
        if records is not None:
            reply.answer.append(records)
            return
        alias = _rrset(zone, name, dns.rdatatype.CNAME)
        if target is not None:
            alias = dns.rrset.from_text(name, 300, "IN", "CNAME", target.to_text())
        if alias is None:
            break
        reply.answer.append(alias)
        name = alias[0].target
        zone = _zone_of(script.zones, name) or zone
    _negative(reply, zone, name)


def _negative(
    reply: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name, *, missing: bool = False
) -> None:
    """Say that there is nothing: NODATA where the name or one below it exists, else NXDOMAIN (RFC 2308 §2)."""
    if missing or not (name in zone.nodes or any(node.is_subdomain(name) for node in zone.nodes)):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    soa = _rrset(zone, zone.origin or dns.name.root, dns.rdatatype.SOA)
    if soa is not None:
        reply.authority.append(soa)


def _delegation(zone: dns.zone.Zone, name: dns.name.Name) -> dns.rrset.RRset | None:
    while zone.origin is not None and name != zone.origin and name != dns.name.root:
        servers = _rrset(zone, name, dns.rdatatype.NS)
        if servers is not None:
            return servers
        name = name.parent()
    return None


def _glue(zone: dns.zone.Zone, cut: dns.rrset.RRset) -> Iterator[dns.rrset.RRset]:
    for server in cut:
        for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            addresses = _rrset(zone, server.target, rdtype)
            if addresses is not None:
                yield addresses


def _rrset(zone: dns.zone.Zone, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
    rdataset = zone.get_rdataset(name, rdtype)
    if rdataset is None:
        return None
    records = dns.rrset.RRset(name, rdataset.rdclass, rdataset.rdtype, rdataset.covers)
    records.ttl = rdataset.ttl
    records.items = rdataset.items.copy()  # to add them one by one hashes the octets of each
    return records
