"""How the DNS servers of a made-up world answer. Pure."""

from functools import cache

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.contradictions.world import RESOLVER, ZONES, Records, World, is_resolver

SEARCH_PAGE = "192.0.2.80"
_RCODES = {"SERVFAIL", "REFUSED", "NXDOMAIN", "NOTIMP"}


def reply_to(query: dns.message.Message, world: World, server: str, transport: str) -> dns.message.Message | str:
    """Return a server's reply, or the word for what comes instead: `silent`, `refused`, `malformed`."""
    question = query.question[0]
    name, rdtype = (
        question.name.to_text(omit_final_dot=True).lower() or ".",
        dns.rdatatype.to_text(question.rdtype),
    )
    how = world.answer_of(server, transport, name, rdtype)
    if how in ("silent", "refused", "malformed"):
        return how
    if how == "no edns" and query.edns >= 0:
        return "silent"
    reply = dns.message.make_response(query)
    reply.flags &= ~dns.flags.AA
    if how in _RCODES:
        reply.set_rcode(dns.rcode.from_text(how))
        _as_resolver(reply, server)
    elif how.startswith("SERVFAIL "):
        reply.set_rcode(dns.rcode.SERVFAIL)
        reply.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode(int(how.split()[1])), "told so")])
        _as_resolver(reply, server)
    elif how == "truncated":
        reply.flags |= dns.flags.TC
        _as_resolver(reply, server)
    elif how == "stub":
        _resolve(reply, world.records(RESOLVER), name, rdtype)
        reply.flags |= dns.flags.RA
    elif is_resolver(server):
        _resolver(reply, world, server, name, rdtype, how)
    else:
        _authority(reply, world.records(server), server, name, rdtype, how)
    return reply


def _as_resolver(reply: dns.message.Message, server: str) -> None:
    if is_resolver(server):
        reply.flags |= dns.flags.RA


def _resolver(reply: dns.message.Message, world: World, server: str, name: str, rdtype: str, how: str) -> None:
    reply.flags |= dns.flags.RA
    if how == "referral":
        reply.flags &= ~dns.flags.RA
        _add(reply.authority, ".", "NS", ("a.root.example.",))
        return
    _resolve(reply, world.records(server), name, rdtype)
    if how == "rewritten" and reply.rcode() == dns.rcode.NXDOMAIN:
        reply.set_rcode(dns.rcode.NOERROR)
        reply.authority.clear()
        if rdtype == "A":
            _add(reply.answer, name, "A", (SEARCH_PAGE,))
    if how == "filtered":
        reply.answer.clear()
        reply.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.FILTERED, "filtered")])
        if rdtype in ("A", "AAAA"):
            _add(reply.answer, name, rdtype, ("0.0.0.0" if rdtype == "A" else "::",))


def _authority(
    reply: dns.message.Message, records: Records, server: str, name: str, rdtype: str, how: str
) -> None:
    zone = _zone(name)
    if server not in ZONES[zone]:
        above = next((outer for outer in _above(zone) if server in ZONES[outer]), None)
        if above is None:
            reply.set_rcode(dns.rcode.REFUSED)
            return
        delegated = records.get((f"delegation of {zone}", "NS")) or records[zone, "NS"]
        _add(reply.authority, zone, "NS", delegated)
        for host in delegated:
            for kind in ("A", "AAAA"):
                _add(reply.additional, host.rstrip("."), kind, records.get((host.rstrip("."), kind), ()))
        return
    if how != "no authority":
        reply.flags |= dns.flags.AA
    _resolve(reply, records, name, rdtype)


def _resolve(reply: dns.message.Message, records: Records, name: str, rdtype: str) -> None:
    """Answer from records, through one CNAME after the other."""
    for _ in range(8):
        alias = records.get((name, "CNAME"))
        if not alias or rdtype == "CNAME":
            break
        _add(reply.answer, name, "CNAME", alias)
        name = alias[0].rstrip(".")
    found = records.get((name, rdtype), ())
    _add(reply.answer, name, rdtype, found)
    if found:
        return
    zone = _zone(name)
    _add(reply.authority, zone, "SOA", records.get((zone, "SOA"), ()))
    if not any(owner == name or owner.endswith(f".{name}") for (owner, _), data in records.items() if data):
        reply.set_rcode(dns.rcode.NXDOMAIN)


def _zone(name: str) -> str:
    labels = name.split(".")
    for start in range(len(labels)):
        zone = ".".join(labels[start:])
        if zone in ZONES:
            return zone
    return "."


def _above(zone: str) -> list[str]:
    """Return the zones above one, the nearest first."""
    labels = zone.split(".")
    outer = [".".join(labels[start:]) for start in range(1, len(labels))]
    return [*(name for name in outer if name in ZONES), "."]


def _add(section: list[dns.rrset.RRset], name: str, rdtype: str, data: tuple[str, ...]) -> None:
    if data:
        section.append(_rrset(name, rdtype, data))


@cache
def _rrset(name: str, rdtype: str, data: tuple[str, ...]) -> dns.rrset.RRset:
    """Return an RRset; nobody changes it, and reading text takes most of the time that an answer takes."""
    return dns.rrset.from_text_list(dns.name.from_text(name), 300, "IN", rdtype, list(data))
