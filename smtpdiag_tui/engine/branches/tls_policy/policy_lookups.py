"""What the steps about a domain's policies share: where none applies, and how their questions are told."""

from smtpdiag_tui.checks.lookups.answers import describe, label
from smtpdiag_tui.checks.lookups.record_set import RecordSet
from smtpdiag_tui.checks.lookups.routing import RouteKind
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext

_SHOWN = 20  # records of an answer
_LONGEST = 400  # characters of a record


async def not_applicable(ctx: RunContext) -> str:
    """Say why nothing that the recipient's domain publishes counts for this message; "" if it does."""
    if ctx.recipient.literal is not None:
        return "address literal, no domain to look up"
    if relayed(ctx.settings):
        return "the message goes through a relay host"
    route = await ctx.found_route()
    if route is not None and route.kind is RouteKind.NOT_FOUND:
        return "recipient domain does not exist"
    return ""


def note_records(ctx: RunContext, step: str, found: RecordSet) -> None:
    """Put a question and its answers into a step's transcript."""
    for answer in found.resolution.answers:
        ctx.recorder.notes(step, [f"{label(answer)}: {describe(answer)}"])
    for data in found.data[:_SHOWN]:
        text = data if len(data) <= _LONGEST else f"{data[:_LONGEST]}… ({len(data)} characters)"
        ctx.recorder.notes(step, [f"{found.question.rdtype} {text}"])


async def failed(ctx: RunContext, found: RecordSet) -> str:
    """Say in a few words that a question got no usable answer; that the DNS here is broken is told once."""
    if await ctx.resolvers_broken():
        return "no usable answer from any DNS server"
    kind = f" ({found.answer.kind})" if found.answer is not None else ""
    return f"{found.question.rdtype} lookup failed{kind}"
