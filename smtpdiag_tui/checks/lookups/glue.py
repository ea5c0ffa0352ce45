"""The addresses that a zone itself gives for its name servers, where the parent gives others (RFC 1034 §4.2.1)."""

import asyncio

from smtpdiag_tui.checks.lookups.answers import Answer, Question
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
    answers = await _ask_for_addresses(dns, servers, host)
    settled = [answer for answer in answers if answer.usable and answer.authoritative]
    if {answer.question.rdtype for answer in settled} != {"A", "AAAA"}:
        return None
    records = [record for answer in settled for record in answer.records]
    return tuple(sorted({str(parse_ip(record.data) or record.data) for record in records}))


async def _ask_for_addresses(dns: DnsClient, servers: list[DnsServer], host: str) -> list[Answer]:
    questions = [Question(host, rdtype, recurse=False) for rdtype in ("A", "AAAA")]
    return await asyncio.gather(*(ask_once(dns, server, one) for server in servers for one in questions))
