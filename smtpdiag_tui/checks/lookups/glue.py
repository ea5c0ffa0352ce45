"""The addresses that a zone itself gives for its name servers, where the parent gives others (RFC 1034 §4.2.1)."""

import asyncio

from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.authority import ask_once
from smtpdiag_tui.checks.lookups.authority_judgement import authoritative
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.settings import DnsServer, parse_ip

_SERVERS = 2  # of the zone, that are asked


async def ask_own_addresses(dns: DnsClient, seen: SoaObservation) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Ask servers of the zone for the addresses of those name servers that have glue unknown to the resolvers.

    A name that they do not answer for with authority is left out: it is another zone's.
    """
    servers = [DnsServer(view.address) for view in authoritative(seen)[:_SERVERS]]
    hosts = [server.host for server in seen.zone.name_servers.servers if server.glue]
    told = await asyncio.gather(*(_own_addresses(dns, servers, host) for host in hosts))
    return tuple((host, own) for host, own in zip(hosts, told, strict=True) if own is not None)


async def _own_addresses(dns: DnsClient, servers: list[DnsServer], host: str) -> tuple[str, ...] | None:
    questions = [Question(host, rdtype, recurse=False) for rdtype in ("A", "AAAA")]
    asking = (ask_once(dns, server, question) for server in servers for question in questions)
    answers = [answer for answer in await asyncio.gather(*asking) if answer.usable and "AA" in answer.flags]
    if {answer.question.rdtype for answer in answers} != {"A", "AAAA"}:
        return None
    found = {str(parse_ip(record.data) or record.data) for answer in answers for record in answer.records}
    return tuple(sorted(found))
