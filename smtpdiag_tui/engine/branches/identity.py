"""The branch `identity`: what the sessions showed of this host, and what the DNS says of that."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.machine.ehlo_name import (
    NAME_EXPLANATION,
    NameIdentity,
    fits,
    inside_only,
    judge_names,
    name_notes,
    observe_name,
)
from smtpdiag_tui.checks.machine.identity import (
    ADDRESS_EXPLANATION,
    AddressIdentity,
    SeenAddress,
    address_detail,
    address_notes,
    judge_address,
    observe_reverse,
)
from smtpdiag_tui.checks.machine.identity_facts import address_facts, name_facts
from smtpdiag_tui.checks.machine.seen_address import echo_of
from smtpdiag_tui.checks.machine.views import Views
from smtpdiag_tui.engine.branch import Ended
from smtpdiag_tui.engine.branches.blocklist_steps import Blocklists
from smtpdiag_tui.engine.branches.public_addresses import given_addresses, names_said, own_name, seen_addresses
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.facts import together
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import family_of

STEP = "identity"
TITLE = "Sending host"
NAME_STEP = f"{STEP}/ehlo-name"
MAX_AHEAD = 16  # addresses that are looked up before it is known which ones count
_LOOKUPS = frozenset({"ptr-lookup-failed", "ehlo-name-lookup-failed"})
_BROKEN = "no usable answer from any DNS server"
# What is wrong with the addresses and the name, in the words of the branch's line.
_WRONG = {
    "ptr-missing": "no PTR record",
    "ptr-mismatch": "PTR name does not resolve back",
    "ptr-generic": "generic PTR name",
    "ptr-lookup-failed": "PTR unknown",
    "ehlo-name-not-fqdn": "EHLO name not fully qualified",
    "ehlo-name-private": "EHLO name is a private literal",
    "ehlo-name-literal": "EHLO name is a literal",
    "ehlo-name-unresolvable": "EHLO name does not resolve",
    "ehlo-name-mismatch": "EHLO name does not match",
    "ehlo-name-lookup-failed": "EHLO name unknown",
}


@dataclass(frozen=True, slots=True)
class _Identities:
    """What is judged together: the names said in EHLO, and step id to address; `broken`: the DNS says nothing."""

    names: tuple[NameIdentity, ...]
    places: dict[str, AddressIdentity]
    broken: bool

    @property
    def addresses(self) -> tuple[AddressIdentity, ...]:
        """The addresses by themselves."""
        return tuple(self.places.values())

    @property
    def outside(self) -> tuple[str, ...]:
        """The addresses that others see, each once."""
        return tuple(dict.fromkeys(item.seen.outside for item in self.addresses if item.seen.outside is not None))


async def run_identity(ctx: RunContext) -> Ended:
    """Look up names while the sessions are held, and judge once these have ended."""
    if ctx.wanted(NAME_STEP):
        ctx.open(NAME_STEP, "EHLO name", NAME_EXPLANATION)
        ctx.recorder.start(NAME_STEP)
    views = _views(ctx)
    lists = Blocklists(ctx, ctx.machine.own_servers)
    early = [asyncio.create_task(_look_ahead(ctx, views)), asyncio.create_task(_name_ahead(ctx, views))]
    lists.begin()
    try:
        await ctx.ended("delivery")
        identities = await _observe(ctx, views)
        _close_name(ctx, identities)
        for step, address in identities.places.items():
            _close_address(ctx, step, address, _public_name(identities), broken=identities.broken)
        await lists.finish(identities.outside, broken=identities.broken)
    finally:
        for task in early:
            task.cancel()
        await asyncio.gather(*early, lists.close(), return_exceptions=True)
    if ctx.whole(STEP):
        ctx.recorder.drop_others(STEP, {NAME_STEP, *identities.places, *Blocklists.steps(ctx)})
    status = worst(ctx.recorder.statuses_below(STEP))
    if status is Status.PASSED and not identities.outside:
        status = Status.SKIPPED  # what was not seen did not pass
    return Ended(status=status, detail=_detail(ctx, identities))


def _views(ctx: RunContext) -> Views:
    """Return whom to ask for names as the outside sees them: the target servers, where there are any."""
    targets = ctx.machine.targets
    inside = tuple(server for server in ctx.machine.system if server not in targets)
    return Views(targets, inside, ctx.network.is_public)


async def _look_ahead(ctx: RunContext, views: Views) -> None:
    """Ask for the names of addresses as soon as a session shows them: the answers are kept by the DNS client."""
    given = given_addresses(ctx)
    if given:
        await asyncio.gather(*(observe_reverse(ctx.dns, views, address) for address in given[:MAX_AHEAD]))
        return
    asked: set[str] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            session = await ctx.session_progress.get()
            echo = echo_of(session, (session.target.address,), ctx.network.is_public)
            source = canonical(session.source or "")
            for address in (source, echo.address if echo is not None else ""):
                if ctx.network.is_public(address) and address not in asked and len(asked) < MAX_AHEAD:
                    asked.add(address)
                    group.create_task(observe_reverse(ctx.dns, views, address))


async def _name_ahead(ctx: RunContext, views: Views) -> None:
    name = await own_name(ctx)
    if name:
        await observe_name(ctx.dns, views, name)


async def _observe(ctx: RunContext, views: Views) -> _Identities:
    names = await names_said(ctx)
    found = await asyncio.gather(*(observe_name(ctx.dns, views, name) for name in names))
    addresses = await asyncio.gather(*(_address(ctx, views, item) for item in seen_addresses(ctx)))
    broken = all([await ctx.server_broken(server) for server in views.servers])
    return _Identities(tuple(found), _places(addresses), broken)


def _places(addresses: Sequence[AddressIdentity]) -> dict[str, AddressIdentity]:
    """Return step id to address: `ipv4`, `ipv6`, and `ipv4-2` and so on where connections leave by several.

    An address that was given is none that connections leave by: its step is called by the address itself.
    """
    places: dict[str, AddressIdentity] = {}
    for item in addresses:
        if item.seen.given:
            places[f"{STEP}/{item.seen.source}"] = item
            continue
        family = f"{STEP}/ipv{family_of(item.seen.source)}"
        number = sum(step.startswith(family) for step in places) + 1
        places[family if number == 1 else f"{family}-{number}"] = item
    return places


async def _address(ctx: RunContext, views: Views, seen: SeenAddress) -> AddressIdentity:
    if seen.outside is None:
        return AddressIdentity(seen)
    return AddressIdentity(seen, await observe_reverse(ctx.dns, views, seen.outside))


def _close_name(ctx: RunContext, identities: _Identities) -> None:
    if not ctx.wanted(NAME_STEP):
        return
    if not identities.names:
        ctx.recorder.skip(NAME_STEP, _nameless(ctx))
        return
    lines = dict.fromkeys(line for name in identities.names for line in name_notes(name))
    ctx.recorder.notes(NAME_STEP, lines, together(map(name_facts, identities.names)))
    findings = judge_names(identities.names, identities.addresses, ctx.network.is_public, ctx.settings.ehlo)
    detail = _name_detail(identities, findings)
    _close(ctx, NAME_STEP, findings, detail, broken=identities.broken, observation=identities.names)


def _nameless(ctx: RunContext) -> str:
    given = given_addresses(ctx)
    if given:
        return f"EHLO name of the host at {', '.join(given)} not given (--ehlo)"
    return "no host name, and no session that shows the public IP address"


def _name_detail(identities: _Identities, findings: Sequence[Finding]) -> str:
    names = ", ".join(name.name for name in identities.names)
    if any(item.is_problem for item in findings) or not _all_fit(identities):
        return names
    return f"{names} matches"


def _all_fit(identities: _Identities) -> bool:
    """Whether there is something to compare, and each name leads to each address."""
    names = [name for name in identities.names if name.lookup]
    fitting = [fits(name, address) for name in names for address in identities.addresses]
    return bool(fitting) and all(fitting)


def _close_address(ctx: RunContext, step: str, item: AddressIdentity, ehlo: str, *, broken: bool) -> None:
    if not ctx.wanted(step):
        return
    seen = item.seen
    ctx.open(step, _title(seen), ADDRESS_EXPLANATION)
    ctx.recorder.start(step)
    ctx.recorder.notes(step, address_notes(item), address_facts(item))
    found, detail = judge_address(item, ehlo), address_detail(item)
    if seen.outside is None:
        # Nothing failed: there was nobody to tell it, and a private address has no name outside.
        ctx.recorder.finish(step, found, status=Status.SKIPPED, detail=detail, observation=item)
    else:
        _close(ctx, step, found, detail, broken=broken, observation=item)


def _title(seen: SeenAddress) -> str:
    if seen.given:
        return f"{seen.source} (--as-address)"
    if seen.through:
        return seen.outside or f"IPv{family_of(seen.source)} address behind {seen.through}"
    return f"{seen.source}, seen as {seen.outside}" if seen.translated else seen.source


def _close(
    ctx: RunContext, step: str, found: Sequence[Finding], detail: str, *, broken: bool, observation: object
) -> None:
    """End a step; that the DNS here is broken is told once elsewhere, and what hangs on it is unknown."""
    kept = [item for item in found if not (broken and item.code in _LOOKUPS)]
    status = Status.UNKNOWN if len(kept) < len(found) else None
    ctx.recorder.finish(step, kept, status=status, detail=_BROKEN if status else detail, observation=observation)


def _public_name(identities: _Identities) -> str:
    """Return the EHLO name that a PTR record can hold, "" where there is none."""
    names = [name.name for name in identities.names if name.lookup is not None and not inside_only(name.name)]
    return visible(names[0].removesuffix(".").lower()) if names else ""


def _detail(ctx: RunContext, identities: _Identities) -> str:
    """Return the public addresses, and what is right or wrong with their PTR records and the EHLO name."""
    if not identities.outside:
        return "; ".join([_name_words(ctx, identities), "no session showed the public IP address"])
    outside = ", ".join(identities.outside)
    if ctx.settings.as_addresses:
        outside += " (--as-address)"
    words = ", ".join(_wrong(ctx)) or _right(identities)
    return f"{outside}: {words}" if words else outside


def _name_words(ctx: RunContext, identities: _Identities) -> str:
    """Return the EHLO name, or what is wrong with it: all that is known without a public address."""
    names = ", ".join(visible(name.name) for name in identities.names)
    return ", ".join(_wrong(ctx)) or (f"EHLO name {names}" if names else "no host name")


def _wrong(ctx: RunContext) -> list[str]:
    """Return what is wrong, each once, the PTR records first."""
    steps = [step for step in ctx.recorder.report.children(STEP) if not step.stale]
    codes = {item.code for step in steps for item in step.findings if item.is_problem}
    return [words for code, words in _WRONG.items() if code in codes]


def _right(identities: _Identities) -> str:
    """Return what is known to match; "" where nothing is."""
    if identities.broken:
        return _BROKEN
    seen = [item for item in identities.addresses if item.seen.outside is not None]
    reverse = all(item.reverse is not None and item.reverse.confirmed for item in seen)
    match reverse, _all_fit(identities):
        case True, True:
            return "PTR and EHLO name match"
        case True, False:
            return "PTR matches"
        case False, True:
            return "EHLO name matches"
        case _:
            return ""
