"""The step `authentication/receivers`: what the receiver has published that it requires of senders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpdiag_tui.checks.authentication.receivers.judgement import detail, judge, notes, receivers_beyond
from smtpdiag_tui.checks.authentication.receivers.known import Receiver, receiver_of
from smtpdiag_tui.checks.authentication.receivers.requirements import Form, Passage, Reverse, SenderFacts, Signed
from smtpdiag_tui.checks.authentication.seen import DkimKey, KeyState, MessageSeen
from smtpdiag_tui.checks.machine.identity import AddressIdentity, ReverseLookup
from smtpdiag_tui.checks.machine.reverse_names import generic_reason
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.engine.branches.authentication.message_steps import taken_apart
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.authentication import Beyond, DkimResult
from smtpdiag_tui.report.rollup import of_findings
from smtpdiag_tui.report.status import Status

if TYPE_CHECKING:
    import asyncio

    from smtpdiag_tui.checks.authentication.seen import AddressSpf
    from smtpdiag_tui.engine.branches.authentication.dmarc_steps import DmarcSeen

STEP = "authentication/receivers"
TITLE = "Receiver requirements"
EXPLANATION = """\
Compares this host and the sender domain with the requirements that large receivers publish. Google, Yahoo,
Outlook.com, Exchange Online, iCloud Mail, GMX, WEB.DE, T-Online, Comcast, Orange and La Poste are recognised by
the names of their MX hosts.
Fails if:
- a requirement for all mail is not met
Warns if:
- a requirement for bulk mail is not met
- a requirement depends on the message, and SPF, a DKIM key or a session indicates that it is not met"""
_FORMS = {"message-malformed": Form.MALFORMED, "message-risky": Form.RISKY}
_BAD_KEYS = (KeyState.MISSING, KeyState.REVOKED, KeyState.INVALID)


@dataclass(frozen=True, slots=True)
class ReceiversSeen:
    """What RCPT does not cover of the requirements, in sentences; none where no receiver is known."""

    told: tuple[Beyond, ...] = ()


async def run_receivers(
    ctx: RunContext,
    spf: "asyncio.Task[tuple[AddressSpf, ...]]",
    keys: "asyncio.Task[tuple[DkimKey, ...]]",
    message: "asyncio.Task[MessageSeen | None]",
    dmarc: "asyncio.Task[DmarcSeen]",
) -> tuple[Beyond, ...]:
    """Judge once the sessions have ended and the other standards are there; nothing is asked for its sake."""
    if not ctx.wanted(STEP):
        seen = ctx.earlier(STEP)
        return seen.told if isinstance(seen, ReceiversSeen) else ()
    ctx.recorder.start(STEP)
    found = _known(await _hosts(ctx))
    reason = _not_judged(ctx, found)
    if reason:
        ctx.recorder.skip(STEP, reason)
        return ()
    by_spf, known_keys, given, by_dmarc = await spf, await keys, await message, await dmarc
    await ctx.ended("identity")
    passages = _passages(ctx, by_spf, by_dmarc)
    form = await _form(ctx)
    judged = [(item, _facts(ctx, item, passages, known_keys, given, by_dmarc, form)) for item in found]
    return _close(ctx, judged)


def _close(ctx: RunContext, judged: Sequence[tuple[Receiver, SenderFacts]]) -> tuple[Beyond, ...]:
    ctx.recorder.notes(STEP, [line for receiver, facts in judged for line in notes(receiver, facts)])
    found = [item for receiver, facts in judged for item in judge(receiver, facts)]
    beyond = receivers_beyond(judged)
    told = (beyond,) if beyond is not None else ()
    status = of_findings(found) if found else Status.SKIPPED  # what could not be checked did not pass
    words = "; ".join(detail(receiver, facts) for receiver, facts in judged)
    ctx.recorder.finish(STEP, found, status=status, detail=words, observation=ReceiversSeen(told))
    return told


def _not_judged(ctx: RunContext, found: Sequence[Receiver]) -> str:
    """Return why nothing is judged, "" where it is."""
    if relayed(ctx.settings) and not ctx.settings.as_addresses:
        return "relayed; the receiver sees the relay host"
    return "" if found else "no published requirements known for the MX hosts"


async def _hosts(ctx: RunContext) -> list[str]:
    """Return the names of the hosts that take the mail: the given server, or the MX hosts of the domain."""
    if ctx.settings.server is not None:
        return [ctx.settings.server]
    route = await ctx.found_route()
    return [] if route is None else [host.name for host in route.hosts]


def _known(hosts: Iterable[str]) -> tuple[Receiver, ...]:
    found = (receiver_of(host) for host in hosts)
    return tuple(dict.fromkeys(item for item in found if item is not None))


def _passages(ctx: RunContext, by_spf: "Sequence[AddressSpf]", by_dmarc: "DmarcSeen") -> tuple[Passage, ...]:
    """Return each public address with its reverse DNS, SPF and DMARC; one unknown where none is known."""
    reverse = {item.address: item for item in _reverse_lookups(ctx)}
    spf = {item.address: item.spf.mail_from.result if item.spf.mail_from else None for item in by_spf}
    allow = {item.address: item.actions for item in by_spf}
    dmarc = {address: item.result for address, item in by_dmarc.of_address}
    addresses: list[str | None] = list(spf) or (list(reverse) if not relayed(ctx.settings) else [])
    return tuple(
        Passage(
            address,
            _reverse(reverse.get(address or "")),
            _generic(reverse.get(address or "")),
            spf.get(address),
            dmarc.get(address),
            allow.get(address, ()),
        )
        for address in addresses or [None]
    )


def _reverse_lookups(ctx: RunContext) -> list[ReverseLookup]:
    steps = ctx.recorder.report.descendants("identity")
    seen = [step.observation for step in steps if isinstance(step.observation, AddressIdentity)]
    return [item.reverse for item in seen if item.reverse is not None]


def _reverse(lookup: ReverseLookup | None) -> Reverse:
    if lookup is None:
        return Reverse.UNKNOWN
    if lookup.confirmed:
        return Reverse.CONFIRMED
    if lookup.ptr.absent:
        return Reverse.MISSING
    return Reverse.CONTRADICTED if lookup.contradicting else Reverse.UNKNOWN


def _generic(lookup: ReverseLookup | None) -> bool:
    """Whether every name that resolves back looks as if a provider had given it."""
    names = lookup.confirmed if lookup is not None else ()
    return bool(names) and all(generic_reason(name, lookup.address if lookup else "") for name in names)


def _facts(
    ctx: RunContext,
    receiver: Receiver,
    passages: tuple[Passage, ...],
    keys: Sequence[DkimKey],
    given: MessageSeen | None,
    by_dmarc: "DmarcSeen",
    form: Form,
) -> SenderFacts:
    sessions = _sessions(ctx, receiver)
    message = given if given is not None and given.readable else None
    return SenderFacts(
        passages,
        header_from=by_dmarc.domain,
        ehlo=next((item.envelope.ehlo for item in sessions), ""),
        signed=_signed(message, keys),
        published=by_dmarc.published,
        publish=by_dmarc.actions,
        tls=_tls(sessions),
        form=form,
    )


def _sessions(ctx: RunContext, receiver: Receiver) -> list[SessionObservation]:
    """Return the sessions that were connected to hosts of a receiver, those of earlier runs included."""
    steps = ctx.recorder.report.descendants("delivery")
    seen = [step.observation for step in steps if isinstance(step.observation, SessionObservation)]
    return [item for item in seen if item.source is not None and receiver.has(item.target.host)]


def _tls(sessions: Sequence[SessionObservation]) -> bool | None:
    """Whether TLS was established where it was tried; None where it was tried nowhere."""
    tried = [item.tls for item in sessions if item.tls is not None]
    return any(item.session is not None for item in tried) if tried else None


def _signed(message: MessageSeen | None, keys: Sequence[DkimKey]) -> Signed:
    if message is None:
        return Signed.BAD_KEYS if keys and all(item.state in _BAD_KEYS for item in keys) else Signed.UNKNOWN
    results = {item.result for item in message.signatures}
    if DkimResult.PASS in results:
        return Signed.VERIFIED
    return Signed.UNKNOWN if DkimResult.TEMPERROR in results else Signed.NOT


async def _form(ctx: RunContext) -> Form:
    """Return what is found of the given message's form."""
    taken = await taken_apart(ctx)
    if taken is None:
        return Form.UNKNOWN
    codes = {item.code for item in taken.findings}
    return next((form for code, form in _FORMS.items() if code in codes), Form.GOOD)
