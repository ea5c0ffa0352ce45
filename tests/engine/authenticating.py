"""Runs whose SPF, keys and message are given, over the demo's network with records of a test's own."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from smtpdiag_tui.checks.authentication.seen import AddressSpf, DkimKey, MessageSeen, Signature
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.zones import DnsScript, build_zones
from smtpdiag_tui.engine.branches.authentication import dkim_steps, message_steps, spf_steps
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.network.seam import DnsReply, Transport
from smtpdiag_tui.report.authentication import Spf, SpfIdentity, SpfResult
from smtpdiag_tui.settings import DnsServer

T = TypeVar("T")
V4, V6 = "192.0.2.10", "2001:db8::10"


def spf_of(
    address: str | None, result: SpfResult | None = SpfResult.PASS, domain: str = "sender.example"
) -> AddressSpf:
    """Return SPF of MAIL FROM for one address; None where it was not judged."""
    return AddressSpf(address, Spf(SpfIdentity(domain, result) if result is not None else None))


def message_from(*addresses: str, signatures: tuple[Signature, ...] = (), readable: bool = True) -> MessageSeen:
    """Return a message with these addresses in its From field."""
    return MessageSeen(1000, addresses, signatures, readable=readable)


def given(
    patch: pytest.MonkeyPatch,
    *spf: AddressSpf,
    message: MessageSeen | None = None,
    keys: tuple[DkimKey, ...] = (),
) -> None:
    """Let the steps beside DMARC and the requirements come to this."""
    for part, name, result in (
        (spf_steps, "run_spf", spf),
        (message_steps, "read_given", message),
        (dkim_steps, "run_dkim", keys),
    ):
        patch.setattr(part, name, _coming_to(part.STEP, result))
    patch.setattr(message_steps, "run_message", _ended)


async def _ended(_ctx: RunContext, _message: object) -> None:
    """The step has ended with what it came to."""


def _coming_to(step: str, result: T) -> Callable[..., Awaitable[T]]:
    async def come(ctx: RunContext, *_more: object) -> T:
        if ctx.wanted(step):
            ctx.recorder.skip(step, "given by the test")
        return result

    return come


class Publishing(DemoNetwork):
    """The demo's network with zones of a test's own. `asked` holds the TXT names; `failing` ones get SERVFAIL."""

    def __init__(self, zones: Mapping[str, str] | None = None, *, failing: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.failing = failing
        more = build_zones(zones or {})
        for key, script in self.resolvers.items():
            self.resolvers[key] = DnsScript({**script.zones, **more}, script.recursive)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        if question.rdtype == dns.rdatatype.TXT and transport is Transport.UDP:
            self.asked.append(name)
        reply = await super().exchange(query, server, transport, limit)
        if name in self.failing:
            reply.message.answer.clear()
            reply.message.set_rcode(dns.rcode.SERVFAIL)
        return reply
