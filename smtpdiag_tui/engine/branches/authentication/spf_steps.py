"""The step `authentication/spf`: SPF for every address that receivers see this host by (RFC 7208)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.authentication.seen import AddressSpf
from smtpdiag_tui.checks.authentication.spf.judgement import judge, to_report
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    SpfEvaluation,
    SpfRequest,
    SpfScope,
)
from smtpdiag_tui.checks.authentication.spf.trace import spf_lines
from smtpdiag_tui.checks.authentication.spf.without_address import PLACEHOLDERS, is_certain, without_address
from smtpdiag_tui.checks.lookups.answers import Answer
from smtpdiag_tui.checks.machine.ehlo_name import is_qualified
from smtpdiag_tui.checks.machine.identity import answer_note
from smtpdiag_tui.engine.branch import begin
from smtpdiag_tui.engine.branches.authentication.spf_lookups import LIMIT, drive
from smtpdiag_tui.engine.branches.public_addresses import given_addresses, names_said, own_name, seen_addresses
from smtpdiag_tui.engine.branches.relaying import relayed
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.authentication import Spf, SpfIdentity, SpfResult
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.rollup import of_findings, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.visible import visible

STEP = "authentication/spf"
TITLE = "SPF"
EXPLANATION = """\
Evaluates SPF as receivers do, for each public IP address of this host: for the domain of MAIL FROM and for the
EHLO name (RFC 7208). Queries the DNS servers in use; each term of the records is shown with what it found.
Fails if:
- the SPF record does not authorise the public IP address
- there are several records, a syntax error, or more than 10 terms that need a lookup
Warns if:
- there is no record, or it is neutral or softfail for the address
- the record is close to a limit, or authorises every host"""
ADDRESS_EXPLANATION = """\
Evaluates SPF for one public IP address of this host.
Fails if:
- the record of the domain in MAIL FROM, or that of the EHLO name, does not authorise it"""
MAIL_EXPLANATION = """\
Evaluates SPF of the domain in MAIL FROM; for the null sender, of postmaster at the EHLO name (RFC 7208 §2.4).
Fails if:
- the record does not authorise the public IP address, or is invalid"""
EHLO_EXPLANATION = """\
Evaluates SPF of the EHLO name (RFC 7208 §2.3). A name without a record is usual, and no fault.
Fails if:
- the record does not authorise the public IP address, or is invalid"""
_NO_PASS = frozenset({"spf-fail", "spf-softfail", "spf-neutral", "spf-none", "spf-permerror"})
_BROKEN = "no usable answer from any DNS server"
_EXPLANATIONS = {SpfScope.MAIL_FROM: MAIL_EXPLANATION, SpfScope.EHLO: EHLO_EXPLANATION}


@dataclass(frozen=True, slots=True)
class _Senders:
    """The addresses that mail comes from, each with its EHLO name; `unknown` tells of one that is not known."""

    ehlo: Mapping[str, str]
    unknown: Finding | None = None


async def run_spf(ctx: RunContext) -> tuple[AddressSpf, ...]:
    """Look the records up while the sessions are held, and judge once it is known which addresses others see."""
    if not ctx.wanted(STEP):
        return _earlier(ctx.earlier(STEP))
    begin(ctx, STEP, TITLE, EXPLANATION)
    early = asyncio.create_task(_look_ahead(ctx))
    try:
        await ctx.ended("delivery")
        senders = await _senders(ctx)
        broken = all([await ctx.server_broken(server) for server in ctx.machine.route_servers])
        work = (_address(ctx, address, senders.ehlo, broken=broken) for address in senders.ehlo)
        await asyncio.gather(*work)
        return await _close(ctx, senders, broken=broken)
    finally:
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)


def _earlier(observed: object) -> tuple[AddressSpf, ...]:
    items = observed if isinstance(observed, tuple) else ()
    return tuple(item for item in items if isinstance(item, AddressSpf))


async def _look_ahead(ctx: RunContext) -> None:
    """Evaluate for the likely addresses, or for none in particular: the answers are kept by the DNS client."""
    name = await own_name(ctx)
    families = (ctx.settings.family,) if ctx.settings.family else tuple(PLACEHOLDERS)
    likely = given_addresses(ctx) or tuple(PLACEHOLDERS[family] for family in families)
    requests = [SpfRequest(address, ctx.sender.path, name, scope) for address in likely for scope in SpfScope]
    await asyncio.gather(*(drive(ctx, item) for item in requests if not _why_not(ctx, item)))


async def _senders(ctx: RunContext) -> _Senders:
    """Return the addresses that others see; where single steps run again, those of the steps that are there."""
    names = await names_said(ctx)
    common = names[0] if names else ""
    found: dict[str, str] = {}
    if not ctx.whole(STEP):
        found = {StepId(step.id).name: common for step in ctx.recorder.report.children(STEP)}
    if relayed(ctx.settings) and not ctx.settings.as_addresses:
        return _Senders(found, _behind_relay(ctx))
    seen = seen_addresses(ctx)
    for item in seen:
        if item.outside is not None:
            said = () if item.given else await names_said(ctx, canonical(item.source))
            found[item.outside] = next(iter(said), common)
    unseen = [item.through or canonical(item.source) for item in seen if item.outside is None]
    return _Senders(found, _not_seen(unseen) if unseen else None)


def _behind_relay(ctx: RunContext) -> Finding:
    relays = listed(relay.host for relay in ctx.settings.relay)
    message = f"SPF not evaluated: public IP address of relay host {relays} unknown"
    advice = f"Rerun with --as-address and the public IP address that {relays} sends from."
    return finding("spf-address-unknown", message, advice=advice)


def _not_seen(unseen: Sequence[str]) -> Finding:
    """Return the finding about source addresses that nobody says the public ones of."""
    return finding("spf-address-unknown", f"SPF not evaluated for {listed(unseen)}: public IP address unknown")


async def _address(ctx: RunContext, address: str, names: Mapping[str, str], *, broken: bool) -> None:
    """Judge both identities for an address; `names` are the EHLO names of all addresses that mail comes from."""
    step = f"{STEP}/{address}"
    if not ctx.wanted(step):
        return
    facts = StepFacts(seen_as=(address,))
    begin(ctx, step, _title(ctx, address), ADDRESS_EXPLANATION, facts)
    work = []
    for scope in SpfScope:
        request = SpfRequest(address, ctx.sender.path, names[address], scope)
        together = [
            other
            for other, name in names.items()
            if SpfRequest(other, ctx.sender.path, name, scope).domain == request.domain
        ]
        place = f"{step}/{scope}"
        work.append(ctx.recorder.guard(place, _identity(ctx, place, request, together, broken=broken)))
    await asyncio.gather(*work)
    spf = _of_steps(ctx, step)
    status = worst(ctx.recorder.statuses_below(step))
    ctx.recorder.finish(step, status=status, detail=_address_words(spf), observation=spf, facts=facts)


def _title(ctx: RunContext, address: str) -> str:
    return f"{address} (--as-address)" if address in given_addresses(ctx) else address


async def _identity(
    ctx: RunContext, step: str, request: SpfRequest, together: Sequence[str], *, broken: bool
) -> None:
    """Judge one identity; `together` are all addresses that the same record is for."""
    if not ctx.wanted(step):
        return
    ctx.open(step, _identity_title(request), _EXPLANATIONS[request.scope])
    why_not = _why_not(ctx, request)
    if why_not:
        ctx.recorder.skip(step, why_not)
        return
    ctx.recorder.start(step, LIMIT)
    evaluation = await drive(ctx, request, lambda answers: _note(ctx, step, answers))
    ctx.recorder.notes(step, spf_lines(evaluation))
    found, status, detail = judge(evaluation, together), None, _detail(evaluation)
    if broken and evaluation.result is SpfResult.TEMPERROR:
        found, status, detail = (), Status.UNKNOWN, _BROKEN  # told once elsewhere: the domain is not to blame
    ctx.recorder.finish(step, found, status=status, detail=detail, observation=evaluation)


def _identity_title(request: SpfRequest) -> str:
    if request.scope is SpfScope.EHLO:
        return f"EHLO {visible(request.domain)}".rstrip()
    domain = visible(request.domain)
    return f"MAIL FROM {domain}" if request.sender else f"MAIL FROM <> (postmaster@{domain})"


def _why_not(ctx: RunContext, request: SpfRequest) -> str:
    """Return why an identity is not judged, "" where it is: SPF is about names (RFC 7208 §2.3, §2.4)."""
    if not request.by_ehlo:
        return "the sender's domain is an address literal" if ctx.sender.literal is not None else ""
    if not request.ehlo:
        return "no EHLO name"
    if request.ehlo.startswith("["):
        return "the EHLO name is an address literal"
    return "" if is_qualified(request.ehlo) else "the EHLO name is not fully qualified"


def _note(ctx: RunContext, step: str, answers: Iterable[Answer]) -> None:
    ctx.recorder.notes(step, map(answer_note, answers))


def _detail(evaluation: SpfEvaluation) -> str:
    if evaluation.result is SpfResult.NONE:
        return "none, no SPF record"
    return f"{evaluation.result}, {evaluation.lookups} of {MOST_LOOKUPS} lookups"


def _of_steps(ctx: RunContext, step: str) -> Spf:
    """Return what the steps of an address come to, those included that did not run again."""
    found: dict[SpfScope, SpfIdentity] = {}
    for scope in SpfScope:
        below = ctx.recorder.report.steps.get(f"{step}/{scope}")
        if below is not None and isinstance(below.observation, SpfEvaluation):
            found[scope] = to_report(below.observation)
    return Spf(found.get(SpfScope.MAIL_FROM), found.get(SpfScope.EHLO))


def _remedy(ctx: RunContext, step: str) -> tuple[Action, ...]:
    """Return what lets MAIL FROM pass for the address of a step, as its finding tells."""
    below = ctx.recorder.report.steps.get(f"{step}/{SpfScope.MAIL_FROM}")
    found = below.findings if below is not None else ()
    return next((item.actions for item in found if item.code in _NO_PASS), ())


async def _close(ctx: RunContext, senders: _Senders, *, broken: bool) -> tuple[AddressSpf, ...]:
    """End the step above all addresses, and return what its steps come to."""
    if ctx.whole(STEP):
        ctx.recorder.drop_others(STEP, {f"{STEP}/{address}" for address in senders.ehlo})
    steps = [StepId(step.id) for step in ctx.recorder.report.children(STEP)]
    seen = [AddressSpf(step.name, _of_steps(ctx, step), _remedy(ctx, step)) for step in steps]
    found = [senders.unknown] if senders.unknown is not None else []
    if not seen:
        known, of_record = await _record_alone(ctx, broken=broken)
        seen.append(AddressSpf(None, Spf(known)))
        found.extend(of_record)
    elif found:
        seen.append(AddressSpf(None, Spf()))
    status = worst([*ctx.recorder.statuses_below(STEP), *([of_findings(found)] if found else [])])
    observation = tuple(seen)
    ctx.recorder.finish(STEP, found, status=status, detail=_words(observation), observation=observation)
    return observation


async def _record_alone(ctx: RunContext, *, broken: bool) -> tuple[SpfIdentity | None, tuple[Finding, ...]]:
    """Judge the record of MAIL FROM as far as no address is needed; the identity where its result is certain."""
    request = SpfRequest(PLACEHOLDERS[ctx.settings.family or 4], ctx.sender.path, await own_name(ctx))
    if _why_not(ctx, request):
        return None, ()
    evaluation = await drive(ctx, request, lambda answers: _note(ctx, STEP, answers))
    if broken and evaluation.result is SpfResult.TEMPERROR:
        return None, ()
    ctx.recorder.notes(STEP, spf_lines(evaluation))
    known = to_report(evaluation) if is_certain(evaluation) else None
    return known, without_address(evaluation, judge(evaluation, ()))


def _address_words(spf: Spf) -> str:
    words = [f"MAIL FROM {spf.mail_from.result}"] if spf.mail_from is not None else []
    words += [f"EHLO {spf.ehlo.result}"] if spf.ehlo is not None else []
    return ", ".join(words) or "not evaluated"


def _words(seen: Sequence[AddressSpf]) -> str:
    """Return what all addresses come to, those that come to the same together: "pass for 192.0.2.10"."""
    together: dict[str, list[str]] = {}
    for item in seen:
        found = item.spf.mail_from or item.spf.ehlo
        if item.address is not None and found is not None:
            together.setdefault(str(found.result), []).append(item.address)
    words = [f"{result} for {listed(addresses)}" for result, addresses in together.items()]
    if any(item.address is None for item in seen):
        words.append("public IP address unknown")
    return ", ".join(words) or "not evaluated"
