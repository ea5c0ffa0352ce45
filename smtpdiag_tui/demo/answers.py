"""What a DNS server of the demo answers to a question."""

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from smtpdiag_tui.demo.zones import DnsScript, Serves, Zones

MAX_CHAIN = 16


def is_silent(query: dns.message.Message, script: DnsScript) -> bool:
    """Whether `script` never answers `query`."""
    return any(item.name.is_subdomain(name) for item in query.question for name in script.silent)


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
    if any(name.is_subdomain(broken) for broken in script.broken):
        _explain(reply, query, dns.edns.EDECode.NO_REACHABLE_AUTHORITY, "at delegation servfail.example")
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply
    zone = _zone_of(script.zones, name)
    outside = zone is not None and zone.origin == dns.name.root != name
    if zone is None or outside:
        # Saying that such a name does not exist would be a lie: the demo does not know.
        _explain(
            reply,
            query,
            dns.edns.EDECode.OTHER,
            "the demo knows names under example and of its own addresses alone",
        )
        reply.set_rcode(dns.rcode.REFUSED)
        return reply
    _fill(reply, zone, script, name, rdtype)
    return reply


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
            return
        reply.flags |= dns.flags.AA
    for _ in range(MAX_CHAIN):
        records = _rrset(zone, name, rdtype)
        if records is not None:
            reply.answer.append(records)
            return
        alias = _rrset(zone, name, dns.rdatatype.CNAME)
        if alias is None:
            break
        reply.answer.append(alias)
        name = alias[0].target
        zone = _zone_of(script.zones, name) or zone
    _negative(reply, zone, name)


def _negative(reply: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name) -> None:
    """Say that there is nothing: NODATA where the name or one below it exists, else NXDOMAIN (RFC 2308 §2)."""
    if not any(node == name or node.is_subdomain(name) for node in zone.nodes):
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


def _rrset(zone: dns.zone.Zone, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
    rdataset = zone.get_rdataset(name, rdtype)
    if rdataset is None:
        return None
    return dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset))
