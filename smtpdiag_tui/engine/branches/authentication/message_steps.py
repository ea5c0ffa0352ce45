"""The step `authentication/message`: the message that was given, its signatures, and whether it fits.

It ends after the sessions, since their EHLO replies tell what fits; DMARC gets From and signatures before.
"""

import asyncio
from dataclasses import dataclass, field

from smtpdiag_tui.checks.authentication.dkim.signature_judgement import judge_signatures
from smtpdiag_tui.checks.authentication.dkim.verification import (
    MAX_SIGNATURES,
    KeyPlace,
    Parsed,
    places_of,
    read_signatures,
    verify,
)
from smtpdiag_tui.checks.authentication.message.judgement import Examined, examine, judge_message
from smtpdiag_tui.checks.authentication.message.notes import message_beyond, notes
from smtpdiag_tui.checks.authentication.message.reading import ReadMessage, read_message
from smtpdiag_tui.checks.authentication.message.room import Room, judge_room, rooms
from smtpdiag_tui.checks.authentication.seen import MessageSeen
from smtpdiag_tui.checks.lookups.record_set import RecordSet, look_up
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.authentication import Beyond
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.smtp.commands import MessageNeeds

STEP = "authentication/message"
TITLE = "Message"
EXPLANATION = """\
Reads the given message as it would go out, and verifies its DKIM signatures. Nothing of it is sent.
Fails if:
- the From field is missing, duplicated or invalid, or holds several addresses
- a DKIM signature does not verify
- the message is larger than an MX address accepts (SIZE)"""


@dataclass(frozen=True, slots=True)
class TakenApart:
    """The message and its signatures, read once in a run; `findings` are those that no receiver changes."""

    examined: Examined
    parsed: tuple[Parsed, ...]
    needs: MessageNeeds
    findings: tuple[Finding, ...] = field(default=(), repr=False)


def take_apart(content: bytes, now: float) -> TakenApart:
    """Read a message; `now` is in POSIX seconds. A second or less for 64 MiB."""
    read = read_message(content)
    examined = examine(read)
    return TakenApart(examined, read_signatures(read, now), needs_of(read), tuple(judge_message(examined)))


def needs_of(read: ReadMessage) -> MessageNeeds:
    """Return what MAIL says of a message; header fields that are no UTF-8 are nothing that SMTPUTF8 allows."""
    return MessageNeeds(read.size, read.eight_bit, smtputf8=read.eight_bit_header and read.header_is_utf8)


async def taken_apart(ctx: RunContext) -> TakenApart | None:
    """Return the message of the run taken apart, once for whoever asks; None where there is no content."""
    given = ctx.settings.message
    if given is None or given.content is None:
        return None
    if ctx.message is None:
        now = ctx.network.utc().timestamp()
        ctx.message = asyncio.create_task(_in_a_thread(given.content, now))
    found = await asyncio.shield(ctx.message)
    return found if isinstance(found, TakenApart) else None


async def _in_a_thread(content: bytes, now: float) -> object:
    return await asyncio.to_thread(take_apart, content, now)


async def read_given(ctx: RunContext) -> MessageSeen | None:
    """Read the message and verify its signatures; None without a message. The step goes on."""
    given = ctx.settings.message
    if given is None:
        return None
    if not ctx.wanted(STEP):
        earlier = ctx.earlier(STEP)
        if isinstance(earlier, MessageSeen):
            return earlier
    if ctx.wanted(STEP):
        ctx.recorder.start(STEP)
    taken = await taken_apart(ctx)
    if taken is None:
        return MessageSeen(given.size, readable=False)
    read = taken.examined.read
    keys = await _look_up(ctx, places_of(taken.parsed))
    signatures = await asyncio.to_thread(verify, read, taken.parsed, keys)
    return MessageSeen(
        size=read.size,
        from_addresses=taken.examined.origin.addresses,
        signatures=signatures,
        eight_bit=read.eight_bit,
        smtputf8=taken.needs.smtputf8,
        unverified=max(0, len(read.named(b"dkim-signature")) - MAX_SIGNATURES),
    )


async def _look_up(ctx: RunContext, places: tuple[KeyPlace, ...]) -> dict[KeyPlace, RecordSet]:
    work = (look_up(ctx.dns, ctx.machine.route_servers, place.name, "TXT") for place in places)
    return dict(zip(places, await asyncio.gather(*work), strict=True))


async def run_message(ctx: RunContext, message: "asyncio.Task[MessageSeen | None]") -> Beyond | None:
    """Judge the message once the sessions have ended, and end the step."""
    seen = await message
    if not ctx.wanted(STEP):
        return message_beyond(seen, ctx.recorder.report.steps[STEP].findings) if seen is not None else None
    if ctx.recorder.report.steps[STEP].status.ended:
        return None  # an accident, told there
    if seen is None:
        ctx.recorder.skip(STEP, "no message given (--message FILE checks one)")
        return None
    taken = await taken_apart(ctx)
    if taken is None:
        detail = "message not kept with the report"
        ctx.recorder.finish(STEP, status=Status.UNKNOWN, detail=detail, observation=seen)
        return message_beyond(seen, ())
    ctx.recorder.notes(STEP, notes(taken.examined, taken.parsed, seen))
    await ctx.ended("delivery")
    offers = rooms(_sessions(ctx))
    findings = [*taken.findings, *judge_room(taken.needs, offers), *judge_signatures(seen)]
    ctx.recorder.finish(STEP, findings, detail=_detail(seen, offers), observation=seen)
    return message_beyond(seen, findings)


def _sessions(ctx: RunContext) -> list[SessionObservation]:
    """Return the sessions, those of an earlier run included, one for each address."""
    found: dict[str, SessionObservation] = {}
    for step in ctx.recorder.report.descendants("delivery"):
        if isinstance(step.observation, SessionObservation):
            found.setdefault(step.observation.target.address, step.observation)
    return list(found.values())


def _detail(seen: MessageSeen, offers: tuple[Room, ...]) -> str:
    words = [counted(seen.size, "byte"), counted(len(seen.signatures), "signature")]
    if not offers:
        words.append("no MX address to compare with")
    return ", ".join(words)
