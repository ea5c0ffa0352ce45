"""The branch `authentication`: what receivers check about the sender, mostly after DATA."""

import asyncio
from dataclasses import replace

from smtpdiag_tui.checks.authentication.beyond import beside_spf, dkim_beyond, in_order, spf_beyond
from smtpdiag_tui.checks.authentication.per_address import Authenticated, authentication_of, authentication_words
from smtpdiag_tui.checks.authentication.results_header import authserv_id, results_header
from smtpdiag_tui.checks.authentication.seen import MessageSeen
from smtpdiag_tui.engine.branch import Ended, guarded
from smtpdiag_tui.engine.branches.authentication import (
    dkim_steps,
    dmarc_steps,
    message_steps,
    receiver_steps,
    spf_steps,
)
from smtpdiag_tui.engine.branches.authentication.dmarc_steps import DmarcSeen
from smtpdiag_tui.engine.branches.delivery import Delivery
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.authentication import Authentication
from smtpdiag_tui.report.rollup import worst_known
from smtpdiag_tui.report.step_id import StepId

STEP = "authentication"
TITLE = "Authentication"
EXPLANATION = """\
Checks what receivers check about the sender, usually after DATA: SPF, DKIM, DMARC and the receiver's requirements.
Fails if:
- SPF of the sender domain does not authorise the public IP address of this host
- a DKIM key is missing or invalid, or a signature of the given message does not verify
- DMARC fails, and the domain of the From field asks receivers to reject or quarantine such mail
- this host or the sender domain does not meet a requirement that the receiver publishes"""


async def run_authentication(ctx: RunContext) -> Ended:
    """Run the checks of each standard side by side; DMARC and the requirements await the others."""
    for part in (spf_steps, dmarc_steps, dkim_steps, message_steps, receiver_steps):
        if ctx.wanted(part.STEP):
            ctx.open(part.STEP, part.TITLE, part.EXPLANATION, again=ctx.whole(part.STEP))
    await ctx.found_route()  # what delivery hangs on is asked first: a DNS server takes a few questions at a time
    async with asyncio.TaskGroup() as group:
        spf = group.create_task(guarded(ctx, spf_steps.STEP, spf_steps.run_spf(ctx), ()))
        message = group.create_task(guarded(ctx, message_steps.STEP, message_steps.read_given(ctx), None))
        keys = group.create_task(guarded(ctx, dkim_steps.STEP, dkim_steps.run_dkim(ctx, message), ()))
        dmarc = group.create_task(
            guarded(ctx, dmarc_steps.STEP, dmarc_steps.run_dmarc(ctx, spf, message), DmarcSeen())
        )
        work = receiver_steps.run_receivers(ctx, spf, keys, message, dmarc)
        requirements = group.create_task(guarded(ctx, receiver_steps.STEP, work, ()))
        ending = message_steps.run_message(ctx, message)
        of_message = group.create_task(guarded(ctx, message_steps.STEP, ending, None))
    by_dmarc, given = dmarc.result(), message.result()
    found = authentication_of(spf.result(), keys.result(), given, by_dmarc.of_address)
    of_spf = spf_beyond(spf.result(), by_dmarc.of_address, by_dmarc.publishes)
    beyond = in_order(
        [
            of_spf,
            dkim_beyond(keys.result(), given, by_dmarc.of_address),
            beside_spf(by_dmarc.beyond, of_spf, by_dmarc.of_address),
            *requirements.result(),
            of_message.result(),
        ]
    )
    told = await _with_headers(ctx, found, given)
    _note_headers(ctx, told)
    return Ended(
        status=worst_known(ctx.recorder.statuses_below(STEP)),
        detail=authentication_words(found, keys.result(), beyond),
        observation=Authenticated(told, beyond),
    )


def _note_headers(ctx: RunContext, found: tuple[Authentication, ...]) -> None:
    """Show the field for each address; what an earlier run showed is not shown again."""
    step = ctx.recorder.report.steps[STEP]
    shown = set() if step.stale else {entry.text for entry in step.transcript}
    lines = [
        f"{'' if item.address is None else f'from {item.address}: '}Authentication-Results: {item.results_header}"
        for item in found
        if item.results_header
    ]
    ctx.recorder.notes(STEP, [line for line in lines if line not in shown])


async def _with_headers(
    ctx: RunContext, found: tuple[Authentication, ...], message: MessageSeen | None
) -> tuple[Authentication, ...]:
    """Return what was found with the field that the receiver's mail host would write of it (RFC 8601)."""
    receiver = await _receiver(ctx)
    known = message is not None and message.readable

    def header(item: Authentication) -> str:
        if item.address is None and not (known and item.dkim):
            return ""  # a receiver would know the address
        return results_header(receiver, ctx.sender.path, item.spf, item.dkim, item.dmarc, message=known)

    return tuple(replace(item, results_header=header(item)) for item in found)


async def _receiver(ctx: RunContext) -> str:
    """Return the mail host that writes it: where the outcome comes from, unless that is a relay host."""
    route, delivery = await ctx.found_route(), await ctx.result("delivery", Delivery)
    hosts = [] if route is None else [host.name for host in route.hosts]
    step = delivery.verdict.step if delivery is not None and not relayed(ctx.settings) else None
    deciding = StepId(step).host if step is not None else ""
    return authserv_id(deciding, hosts, ctx.recipient.domain or ctx.recipient.path)
