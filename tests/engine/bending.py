"""DNS servers of the demo that answer some questions otherwise than their script has it."""

from collections.abc import Callable

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.demo.answers import answer
from smtpdiag_tui.demo.network import DemoNetwork
from tests.engine.hostile import put_dns

# What is done to an answer: it gets the name, without trailing dot, the type, and the answer to change.
Change = Callable[[str, str, dns.message.Message], None]


async def bend(network: DemoNetwork, address: str, change: Change) -> None:
    """Let a DNS server answer as before, but for what `change` makes of each answer."""
    script = network.resolvers[address]

    def respond(wire: bytes) -> list[bytes]:
        query = dns.message.from_wire(wire)
        reply = answer(query, script)
        question = query.question[0]
        change(question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype), reply)
        return [reply.to_wire()]

    await put_dns(network, address, respond, respond)


def say(reply: dns.message.Message, *data: str, ttl: int = 300, owner: str = "", rdtype: str = "") -> None:
    """Answer with these records of the type asked for, at the name asked for."""
    reply.set_rcode(dns.rcode.NOERROR)
    question = reply.question[0]
    name = dns.name.from_text(owner) if owner else question.name
    kind = rdtype or dns.rdatatype.to_text(question.rdtype)
    reply.answer = [dns.rrset.from_text(name, ttl, "IN", kind, *data)] if data else []
    reply.authority = []


def deny(reply: dns.message.Message, soa: str | None = None, ttl: int = 300) -> None:
    """Say that the name does not exist, with the SOA of a zone or without."""
    reply.set_rcode(dns.rcode.NXDOMAIN)
    reply.answer, reply.authority = [], []
    if soa is not None:
        data = f"ns1.dns.example. hostmaster.{soa}. 1 7200 3600 1209600 300"
        reply.authority = [dns.rrset.from_text(dns.name.from_text(soa), ttl, "IN", "SOA", data)]


def explain(reply: dns.message.Message, code: int, text: str) -> None:
    """Add an extended error."""
    reply.use_edns(0, payload=1232, options=[dns.edns.EDEOption(dns.edns.EDECode(code), text)])


def with_authority(reply: dns.message.Message) -> None:
    """Set AA."""
    reply.flags |= dns.flags.AA
