"""The name servers of the recipient's zone: each address of each a step below the branch `soa`."""

import asyncio
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.lookups import authority, soa
from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, id_name
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.authority_judgement import (
    Standing,
    judge_authority,
    judge_unusable,
    outside,
    standing,
)
from smtpdiag_tui.checks.lookups.delegation import Delegation, find_delegation
from smtpdiag_tui.checks.lookups.glue import ask_own_addresses
from smtpdiag_tui.checks.lookups.interception import intercepted
from smtpdiag_tui.checks.lookups.name_servers import NameServer
from smtpdiag_tui.checks.lookups.soa import SoaObservation, ZoneObservation
from smtpdiag_tui.checks.lookups.soa_judgement import egress_blocked, nobody_answers, views_differ
from smtpdiag_tui.checks.lookups.transports import over
from smtpdiag_tui.engine.branches.transport_steps import close_server, open_server
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import finding
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step_id import NAME_SERVERS_LEFT_OUT, StepId, StepKind
from smtpdiag_tui.settings import family_of

STEP = "soa"
LEFT_OUT = StepId(STEP) / NAME_SERVERS_LEFT_OUT
DELEGATION_LIMIT = 8.0
_COPY = "named in a resolver's copy only"
_ROUNDS = 2  # in which servers turn up that the parent names, and then those that the zone itself does

_Place = tuple[str, str]


@dataclass(slots=True)
class NameServerSteps:
    """Asks the name servers of a zone, in rounds as they become known, and shows them."""

    ctx: RunContext
    opened: set[str] = field(default_factory=set)
    asked: dict[_Place, AuthorityView | None] = field(default_factory=dict)

    async def observe(self, zone: ZoneObservation) -> SoaObservation:
        """Ask every address of every name server that the resolvers, the parent or the zone itself names.

        Where they differ they are asked again after a few seconds: a transfer may be under way.
        """
        delegation = asyncio.create_task(self._delegation(zone))
        try:
            await self._ask(zone)
            zone = replace(zone, delegation=await delegation)
        finally:
            delegation.cancel()
        zone = await self._ask_more(zone)
        seen = SoaObservation(zone, (), self._views(zone))
        if views_differ(seen):
            await self.ctx.network.sleep(soa.RETRY_AFTER)
            views = await asyncio.gather(*(self._again(zone, view) for view in seen.authorities))
            seen = replace(seen, authorities=tuple(views), asked_again=True)
        return await self._with_own_addresses(seen)

    async def _with_own_addresses(self, seen: SoaObservation) -> SoaObservation:
        if seen.zone.apex is None or not self.ctx.whole(STEP):
            return seen
        own = await ask_own_addresses(self.ctx.dns, seen)
        return replace(seen, zone=replace(seen.zone, own_addresses=own))

    async def _delegation(self, zone: ZoneObservation) -> Delegation | None:
        ctx = self.ctx
        if zone.apex is None or zone.walked or not ctx.whole(STEP):
            return zone.delegation
        try:
            async with asyncio.timeout(DELEGATION_LIMIT):
                return await find_delegation(ctx.dns, ctx.machine.route_servers, zone.apex)
        except TimeoutError:
            return None

    async def _ask_more(self, zone: ZoneObservation) -> ZoneObservation:
        """Ask the name servers too that the parent alone names, and those that the zone alone does."""
        ctx = self.ctx
        for _ in range(_ROUNDS if zone.apex is not None and ctx.whole(STEP) else 0):
            try:
                async with asyncio.timeout(DELEGATION_LIMIT):
                    more = await soa.find_more_servers(ctx.dns, ctx.machine.route_servers, zone, self._views(zone))
            except TimeoutError:
                break
            if more.name_servers == zone.name_servers:
                break
            zone = more
            await self._ask(zone)
        return zone

    async def _ask(self, zone: ZoneObservation) -> None:
        """Ask the addresses that have not been asked yet."""
        new = [place for place in _places(zone) if place not in self.asked]
        self._open(zone)
        views = await asyncio.gather(*(self._one(zone, host, address) for host, address in new))
        self.asked.update(zip(new, views, strict=True))

    def _views(self, zone: ZoneObservation) -> tuple[AuthorityView, ...]:
        views = (self.asked.get(place) for place in _places(zone))
        return tuple(view for view in views if view is not None)

    async def _one(self, zone: ZoneObservation, host: str, address: str) -> AuthorityView | None:
        ctx, step_id = self.ctx, _step(host, address)
        earlier = ctx.earlier(step_id)
        if isinstance(earlier, AuthorityView) and not ctx.wanted(step_id):
            return earlier
        inside = ctx.reached_inside(address)
        apex = zone.apex or zone.domain
        asking = authority.observe_authority(ctx.dns, host, address, apex, zone.mail_name, inside=inside)
        return await ctx.recorder.guard(step_id, asking)

    async def _again(self, zone: ZoneObservation, view: AuthorityView) -> AuthorityView:
        if not self.ctx.wanted(_step(view.host, view.address)) or not view.answers:
            return view
        return await authority.observe_again(self.ctx.dns, view, zone.mail_name)

    def _open(self, zone: ZoneObservation) -> None:
        """Open the steps that are to run now, of those that are not open yet."""
        for host in zone.name_servers.servers:
            self._open_host(host)
            for address in host.addresses + host.unusable:
                step_id = _step(host.host, address)
                if step_id in self.opened or not self.ctx.wanted(step_id):
                    continue
                self.opened.add(step_id)
                if address in host.addresses:
                    open_server(self.ctx, step_id, address)
                else:  # it is never asked, and has no transports
                    self.ctx.open(step_id, address)
                    self.ctx.recorder.start(step_id)

    def _open_host(self, host: NameServer) -> None:
        ctx, step_id = self.ctx, host_step(host.host)
        not_now = not ctx.wanted(step_id) and step_id in ctx.recorder.report.steps
        if step_id in self.opened or not_now:
            return
        self.opened.add(step_id)
        ctx.open(step_id, f"{host.host} (name server)", again=ctx.whole(step_id), kind=StepKind.HOST)
        ctx.recorder.start(step_id)


def close_name_servers(ctx: RunContext, seen: SoaObservation) -> None:
    """Judge and end the steps of all name servers, and drop those that are the zone's no longer."""
    for view in seen.authorities:
        if ctx.wanted(_step(view.host, view.address)):
            _close_authority(ctx, seen, view)
    for host in seen.zone.name_servers.servers:
        for address in host.unusable:
            if ctx.wanted(_step(host.host, address)):
                found = judge_unusable(seen, host.host, address)
                ctx.recorder.finish(_step(host.host, address), found, detail="not queried")
    blocked = egress_blocked(seen)
    for host in seen.zone.name_servers.servers:
        if ctx.wanted(host_step(host.host)):
            _finish_name_server(ctx, host, blocked=blocked)
    _tell_left_out(ctx, seen.zone)
    _drop_old(ctx, seen.zone)


def host_step(host: str) -> str:
    """Return the id of a name server's step."""
    return f"{STEP}/{id_name(host)}"


def _step(host: str, address: str) -> str:
    return f"{host_step(host)}/{address}"


def _places(zone: ZoneObservation) -> list[_Place]:
    return [(host.host, address) for host in zone.name_servers.servers for address in host.addresses]


def _close_authority(ctx: RunContext, seen: SoaObservation, view: AuthorityView) -> None:
    stands, findings = standing(seen, view), judge_authority(seen, view)
    cause = _told_elsewhere(seen, view)
    close_server(
        ctx,
        _step(view.host, view.address),
        [view.pair],
        observation=view,
        findings=findings,
        detail=_detail(view, stands),
        compare=not intercepted(seen),
        suppressed=bool(cause),
        cause=cause,
        status=Status.WARNING if stands is Standing.DEAD else None,
        open_ways=_open_ways(seen, view),
    )


def _open_ways(seen: SoaObservation, view: AuthorityView) -> set[Transport]:
    """Return the transports over which other name servers answer this host in the family of this one."""
    family = family_of(view.address)
    others = [
        other for other in seen.authorities if other.host != view.host and family_of(other.address) == family
    ]
    return {item for item in Transport if any(over(other.pair, item).well_formed for other in others)}


def _told_elsewhere(seen: SoaObservation, view: AuthorityView) -> str:
    """Say why an address that does not serve the zone is no fault of its own; "" where it may be one."""
    match standing(seen, view):
        case Standing.INTERCEPTED:
            return "not reached, port 53 is intercepted"
        case Standing.COPY if view.serial is None and not view.inside:
            return _COPY
        case Standing.SILENT if nobody_answers(seen) and outside(view):
            # Where nobody answers, the cause is one, and stands at the branch.
            return "no name server answered this host"
        case Standing.SILENT if outside(view) and AnswerKind.MALFORMED not in (
            view.pair.udp.kind,
            view.pair.tcp.kind,
        ):
            return f"no name server answered this host over IPv{family_of(view.address)}"
        case _:
            return ""


def _detail(view: AuthorityView, stands: Standing) -> str:
    """Return the serial and how many mail hosts this address gives, in a few words."""
    words = [f"serial {view.serial}"] if view.serial is not None else []
    if view.serial is not None and view.mx is not None and view.mx.usable:
        words.append(_mail_words(view.mx))
    if words and stands is Standing.COPY:
        words.append(_COPY)
    return ", ".join(words)


def _mail_words(mx: Answer) -> str:
    if mx.kind is AnswerKind.NXDOMAIN:
        return "NXDOMAIN for MX"
    if len(mx.chain) > 1 and not mx.records:
        return "CNAME"
    return f"{len(mx.records) + mx.omitted or 'no'} MX"


def _finish_name_server(ctx: RunContext, host: NameServer, *, blocked: bool) -> None:
    step_id = host_step(host.host)
    below = ctx.recorder.statuses_below(step_id)
    status = worst(below) if below else Status.WARNING
    detail = f"does not resolve ({host.problem})" if host.problem and not host.addresses else ""
    if host.unusable and not host.addresses:
        detail = "no usable address"
    if blocked and host.addresses and status is not Status.SKIPPED:
        status = Status.UNKNOWN
    ctx.recorder.finish(step_id, status=status, detail=detail, observation=host)


def _tell_left_out(ctx: RunContext, zone: ZoneObservation) -> None:
    """Tell in one step how much of a huge set of name servers is left out."""
    servers = zone.name_servers
    if not (servers.names_left or servers.addresses_left) or not ctx.whole(STEP):
        return
    left = [
        counted(number, noun)
        for number, noun in ((servers.names_left, "more name"), (servers.addresses_left, "more address"))
        if number
    ]
    ctx.open(LEFT_OUT, "More name servers")
    message = f"{' and '.join(left)} of name servers were not queried"
    ctx.recorder.skip(LEFT_OUT, " and ".join(left), (finding("name-servers-left-out", message),))


def _drop_old(ctx: RunContext, zone: ZoneObservation) -> None:
    """Take name servers, and addresses of theirs, out of the tree that are the zone's no longer."""
    name_servers = zone.name_servers
    kept = {f"{STEP}/{server.label}" for server in ctx.machine.servers}
    kept |= {host_step(host.host) for host in name_servers.servers}
    if name_servers.names_left or name_servers.addresses_left:
        kept.add(LEFT_OUT)
    ctx.recorder.drop_others(STEP, kept)
    for host in name_servers.servers:
        addresses = {_step(host.host, address) for address in host.addresses + host.unusable}
        ctx.recorder.drop_others(host_step(host.host), addresses)
