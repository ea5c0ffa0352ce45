"""The steps `authentication/dkim`: the keys of the selectors that are known, each in a step below."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.dkim.judgement import (
    EXPLANATION,
    KEY_EXPLANATION,
    detail,
    judge,
    no_selector,
    notes,
)
from smtpdiag_tui.checks.authentication.dkim.observation import KeyObservation, key_of, observed
from smtpdiag_tui.checks.authentication.seen import DkimKey, KeyState, MessageSeen, Signature
from smtpdiag_tui.checks.lookups.answers import id_name
from smtpdiag_tui.checks.lookups.record_set import look_up
from smtpdiag_tui.checks.registered_domain import related
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.network.signer_files import SigningSelector
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import host_name

__all__ = ["EXPLANATION", "STEP", "TITLE", "run_dkim"]

STEP = "authentication/dkim"
TITLE = "DKIM"
MOST_KEYS = 32  # that are looked up
_BROKEN = "no usable answer from any DNS server"
_STATES = {
    KeyState.VALID: "valid",
    KeyState.MISSING: "missing",
    KeyState.REVOKED: "revoked",
    KeyState.INVALID: "invalid",
    KeyState.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A selector with its domain, and the signer that is set to it, "" where the user gave it."""

    selector: str
    domain: str
    source: str = ""

    @property
    def title(self) -> str:
        return f"{self.selector}@{self.domain}"

    @property
    def step(self) -> str:
        return f"{STEP}/{id_name(self.title)}"


async def run_dkim(ctx: RunContext, message: "asyncio.Task[MessageSeen | None]") -> tuple[DkimKey, ...]:
    """Look up the keys side by side, and return what became of all, those of an earlier run included.

    The signatures of the given message name keys too.
    """
    if not ctx.wanted(STEP):
        earlier = ctx.earlier(STEP)
        return earlier if isinstance(earlier, tuple) else ()
    ctx.recorder.start(STEP)
    installed = await _installed(ctx)
    given = await message
    domain = from_domain(ctx, given)
    places = _places(ctx, domain, installed, () if given is None else given.signatures)
    for place in places:
        if ctx.wanted(place.step):
            ctx.open(place.step, place.title, KEY_EXPLANATION)
            ctx.recorder.start(place.step)
    broken = await _broken(ctx) if places else False
    work = [ctx.recorder.guard(place.step, _one(ctx, place, domain, broken=broken)) for place in places]
    keys = tuple(key for key in await asyncio.gather(*work) if key is not None)
    if ctx.whole(STEP):
        ctx.recorder.drop_others(STEP, {place.step for place in places})
    _finish(ctx, domain, places, keys, installed)
    return keys


def from_domain(ctx: RunContext, message: MessageSeen | None = None) -> str:
    """Return the domain that messages are from: the given From address's, the message's, the sender's.

    "" for the null sender and an address literal.
    """
    if ctx.settings.header_from is not None:
        return host_name(ctx.settings.header_from.rpartition("@")[2])
    domains = {address.rpartition("@")[2].lower() for address in message.from_addresses} if message else set()
    if len(domains) == 1:
        found = domains.pop()
        return "" if found.startswith("[") else found
    return "" if ctx.sender.literal is not None else ctx.sender.domain


async def _installed(ctx: RunContext) -> tuple[SigningSelector, ...]:
    """Return the selectors of the signers installed here; another host's mail is not signed by them."""
    return () if ctx.settings.as_addresses else await ctx.network.signing_selectors()


def _places(
    ctx: RunContext, domain: str, installed: Iterable[SigningSelector], signatures: Iterable[Signature]
) -> list[_Place]:
    """Return where keys are looked for, each once: those that the user gave first, then those of the message."""
    found: dict[str, _Place] = {}
    for item in ctx.settings.dkim_selectors:
        if item.domain or domain:
            place = _Place(item.selector, item.domain or domain)
            found.setdefault(place.step, place)
    for signature in signatures:
        if signature.selector and signature.domain:
            place = _Place(signature.selector, signature.domain)
            found.setdefault(place.step, place)
    for signer in installed:
        if signer.selector and _signs_for(signer, domain):
            # A file may hold any text there; what is no name finds no key.
            place = _Place(visible(signer.selector), visible(signer.domain or domain), signer.source)
            found.setdefault(place.step, place)
    return list(found.values())[:MOST_KEYS]


def _signs_for(signer: SigningSelector, domain: str) -> bool:
    """Whether a signature of that domain can count for mail from `domain`: both belong to one organization."""
    if not domain:
        return False
    return signer.domain is None or related(signer.domain, domain)


async def _broken(ctx: RunContext) -> bool:
    """Whether no server in use answers anything: that is told once elsewhere."""
    servers = ctx.machine.route_servers
    return all(await asyncio.gather(*(ctx.server_broken(server) for server in servers)))


async def _one(ctx: RunContext, place: _Place, domain: str, *, broken: bool) -> DkimKey:
    """Look up one key, and judge it for mail from a domain; where it does not run now, return what was seen."""
    unknown = DkimKey(place.selector, place.domain, KeyState.UNKNOWN)
    if not ctx.wanted(place.step):
        earlier = ctx.earlier(place.step)
        return key_of(earlier) if isinstance(earlier, KeyObservation) else unknown
    if broken:
        ctx.recorder.finish(place.step, status=Status.UNKNOWN, detail=_BROKEN)
        return unknown
    name = f"{place.selector}._domainkey.{place.domain}"
    answer = await look_up(ctx.dns, ctx.machine.route_servers, name, "TXT")
    seen = observed(place.selector, place.domain, place.source, answer)
    key = key_of(seen)
    ctx.recorder.notes(place.step, map(visible, notes(seen)))
    found = judge(seen, own=not domain or related(place.domain, domain))
    ctx.recorder.finish(place.step, found, detail=detail(seen), observation=seen)
    return key


def _finish(
    ctx: RunContext,
    domain: str,
    places: Sequence[_Place],
    keys: tuple[DkimKey, ...],
    installed: Iterable[SigningSelector],
) -> None:
    """End the step above the keys. That no selector is known colours nothing: it is the usual case."""
    lines = [f"{item.source}: {item.unknown} could not be determined" for item in installed if item.unknown]
    ctx.recorder.notes(STEP, map(visible, lines))
    if places:
        status = worst(ctx.recorder.statuses_below(STEP))
        ctx.recorder.finish(STEP, status=status, detail=_detail(keys), observation=keys)
    elif ctx.settings.message is not None:
        reason = "no selector given, and no signature of the given message names one"
        ctx.recorder.finish(STEP, status=Status.SKIPPED, detail=reason, observation=keys)
    else:
        found = (no_selector(domain),)
        ctx.recorder.finish(STEP, found, status=Status.SKIPPED, detail="no selector known", observation=keys)


def _detail(keys: Sequence[DkimKey]) -> str:
    """Return what the keys come to: "2 keys valid, 1 key missing"."""
    words = []
    for state, word in _STATES.items():
        number = sum(key.state is state for key in keys)
        if number:
            words.append(f"{counted(number, 'key')} {word}")
    return ", ".join(words)
