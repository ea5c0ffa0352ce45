"""The step `authentication/dmarc`: what DMARC comes to for mail from each address."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpdiag_tui.checks.authentication.dkim.signature_judgement import name_of
from smtpdiag_tui.checks.authentication.dmarc.beyond import dmarc_beyond
from smtpdiag_tui.checks.authentication.dmarc.discovery import PREFIX, Applied, Place, Source, Walk, walk
from smtpdiag_tui.checks.authentication.dmarc.evaluation import Author, evaluate
from smtpdiag_tui.checks.authentication.dmarc.judgement import (
    AddressCase,
    DmarcCase,
    detail,
    judge,
    notes,
    publishes,
)
from smtpdiag_tui.checks.authentication.dmarc.record import read_published, shown
from smtpdiag_tui.checks.authentication.dmarc.reports import (
    MAX_NAME,
    Consent,
    ReportHost,
    consent_name,
    foreign_hosts,
    has_consent,
    same_organization,
)
from smtpdiag_tui.checks.lookups.answers import describe, label
from smtpdiag_tui.checks.lookups.record_set import Found, RecordSet, look_up
from smtpdiag_tui.checks.syntax import check_address
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.authentication import Beyond, DkimResult, Dmarc, DmarcResult, SpfIdentity, SpfResult
from smtpdiag_tui.report.rollup import of_findings
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import parse_ip

if TYPE_CHECKING:
    from smtpdiag_tui.checks.authentication.seen import AddressSpf, MessageSeen, Signature

STEP = "authentication/dmarc"
TITLE = "DMARC"
EXPLANATION = """\
Looks up the DMARC record of the domain in the From field, by the tree walk of RFC 9989, and evaluates it for each
public IP address with SPF and the signatures of the given message. The From field is assumed to hold the sender's
address, unless --from or --message says otherwise.
Fails if:
- neither SPF nor a signature of the given message passes for an aligned domain, and the policy is quarantine or
  reject
Warns if:
- there is no DMARC record, more than one, or none with a usable policy
- the record names a report host of another organization that publishes no consent"""
MAX_SIGNERS = 16  # domains of signatures that a walk is made for
_NO_RECORD = ("dmarc-none", "dmarc-invalid")
_BROKEN = "no usable answer from any DNS server"
_SHOWN = 8  # TXT records of one answer in the transcript
_LABEL = 63  # octets
_UNUSUAL = frozenset(' \\"()@;')  # what master files read otherwise (RFC 1035 §5.1)


@dataclass(frozen=True, slots=True)
class DmarcSeen:
    """DMARC by the address that mail comes from; None is an address that is unknown.

    `domain` is that of the From field, "" where there is none to go by. `published`: whether a DMARC record that
    can be used applies to it, None if that is not known. `beyond` is what RCPT does not cover of it. `publishes`
    says in a clause whose record asks for what, "" without one; `actions` are what makes a usable record then.
    """

    of_address: tuple[tuple[str | None, Dmarc], ...] = ()
    domain: str = ""
    published: bool | None = None
    beyond: Beyond | None = None
    publishes: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class _From:
    """The domain of the From field; `reason` says why there is none to go by. `assumed`: it is the EHLO name's."""

    domain: str = ""
    reason: str = ""
    assumed: bool = False


async def run_dmarc(
    ctx: RunContext, spf: "asyncio.Task[tuple[AddressSpf, ...]]", message: "asyncio.Task[MessageSeen | None]"
) -> DmarcSeen:
    """Look up what the From domain publishes at once, and judge once SPF and the message are there."""
    if not ctx.wanted(STEP):
        seen = ctx.earlier(STEP)
        return seen if isinstance(seen, DmarcSeen) else DmarcSeen()
    ctx.recorder.start(STEP)
    author = await _from_domain(ctx, message)
    if not author.domain:
        await asyncio.gather(asyncio.shield(spf), asyncio.shield(message))
        ctx.recorder.skip(STEP, author.reason)
        return DmarcSeen()
    lookups = _Lookups(ctx)
    try:
        return await _close(ctx, await _evaluated(lookups, author, spf, message), lookups)
    finally:
        await lookups.close()


async def _evaluated(
    lookups: "_Lookups",
    author: _From,
    spf: "asyncio.Task[tuple[AddressSpf, ...]]",
    message: "asyncio.Task[MessageSeen | None]",
) -> DmarcCase:
    """Ask what the domain publishes while SPF is evaluated, then evaluate DMARC for each address."""
    async with asyncio.TaskGroup() as group:
        walked = group.create_task(lookups.walk(author.domain))
        exists = group.create_task(lookups.exists(author.domain))
        reports = group.create_task(_reports(lookups, walked))
        by_spf, given = await asyncio.gather(asyncio.shield(spf), asyncio.shield(message))
    signatures = given.signatures if given is not None and given.readable else None
    made = await _author(lookups, walked.result(), exists.result(), by_spf, signatures)
    cases = tuple(
        AddressCase(item.address, item.spf.mail_from, evaluate(made, item.spf.mail_from, signatures), item.actions)
        for item in by_spf
    )
    broken = tuple(name_of(item) for item in signatures or () if _is_broken(made, item))
    return DmarcCase(made, cases, reports.result(), author.assumed, signatures is not None, broken)


def _is_broken(author: Author, signature: "Signature") -> bool:
    """Whether a signature does not verify that would make DMARC pass, as far as that needs no question."""
    fails = signature.result in (DkimResult.FAIL, DkimResult.PERMERROR)
    return fails and signature.domain.lower() == author.domain


async def _close(ctx: RunContext, case: DmarcCase, lookups: "_Lookups") -> DmarcSeen:
    """End the step; that no DNS server answers is told once elsewhere, and what hangs on it is unknown."""
    ctx.recorder.notes(STEP, [*lookups.lines, *notes(case)])
    author = case.author
    published = None if author.walk.undecided else author.policy is not None
    found = judge(case)
    seen = DmarcSeen(
        tuple((item.address, item.dmarc) for item in case.addresses),
        author.domain,
        published,
        dmarc_beyond(case),
        publishes(author) if author.policy is not None else "",
        next((item.actions for item in found if item.code in _NO_RECORD), ()),
    )
    servers = ctx.machine.route_servers
    if author.walk.undecided and await ctx.useless_for(servers, author.domain):
        ctx.recorder.finish(STEP, status=Status.UNKNOWN, detail=_BROKEN, observation=seen)
        return seen
    status = of_findings(found)
    open_spf = any(item.dmarc.result is DmarcResult.TEMPERROR for item in case.addresses)
    if status is not Status.FAILED and open_spf:
        status = Status.UNKNOWN
    if not case.addresses and status is Status.PASSED:
        status = Status.SKIPPED  # what was not evaluated did not pass
    ctx.recorder.finish(STEP, found, status=status, detail=detail(case), observation=seen)
    return seen


async def _from_domain(ctx: RunContext, message: "asyncio.Task[MessageSeen | None]") -> _From:
    """Return the domain of the From field: the given address's, the message's, the sender's, the EHLO name's."""
    if ctx.settings.header_from is not None:
        return _of_addresses([ctx.settings.header_from])
    if ctx.settings.message is not None:
        seen = await asyncio.shield(message)
        if seen is not None and seen.readable:
            return _of_addresses(seen.from_addresses)
    if not ctx.sender.null:
        return _usable(ctx.sender.domain, ctx.sender.literal)
    name = (ctx.settings.ehlo or await asyncio.shield(ctx.host_name) or "").removesuffix(".").lower()
    if "." not in name or name.startswith("[") or parse_ip(name) is not None:
        return _From(reason="null sender, and no From address is known")
    return _From(name, assumed=True)


def _of_addresses(addresses: Sequence[str]) -> _From:
    """Return the one domain of the addresses in a From field (RFC 9989 §5.3.1)."""
    parts = [check_address(address, sender=False) for address in addresses]
    domains = {item.domain for item in parts}
    if not domains or "" in domains:
        return _From(reason="no valid From address")
    if len(domains) > 1:
        return _From(reason="From field with several domains")
    return _usable(parts[0].domain, parts[0].literal)


def _usable(domain: str, literal: str | None) -> _From:
    if literal is not None:
        return _From(reason="From domain is an address literal")
    return _From(domain) if domain else _From(reason="no From domain")


async def _author(
    lookups: "_Lookups",
    walked: Walk,
    exists: bool | None,
    by_spf: "Sequence[AddressSpf]",
    signatures: "Sequence[Signature] | None",
) -> Author:
    """Return the From domain with the walks that relaxed alignment needs: of domains that passed, each once."""
    applied = walked.applied
    if applied is None:
        return Author(walked, exists)
    names: list[str] = []
    if not applied.record.strict_spf:
        names += [identity.domain for item in by_spf if (identity := _may_pass(item.spf.mail_from)) is not None]
    if not applied.record.strict_dkim:
        open_results = (DkimResult.PASS, DkimResult.TEMPERROR)
        names += [item.domain for item in signatures or () if item.result in open_results][:MAX_SIGNERS]
    others = [name for name in dict.fromkeys(names) if name.lower() != walked.domain]
    walks = await asyncio.gather(*(lookups.walk(name.lower()) for name in others))
    return Author(walked, exists, dict(zip(others, walks, strict=True)))


def _may_pass(mail_from: SpfIdentity | None) -> SpfIdentity | None:
    may = mail_from is not None and mail_from.result in (SpfResult.PASS, SpfResult.TEMPERROR)
    return mail_from if may else None


async def _reports(lookups: "_Lookups", walked: "asyncio.Task[Walk]") -> tuple[ReportHost, ...]:
    """Ask the foreign hosts that reports go to for their consent."""
    applied = (await walked).applied
    if applied is None:
        return ()
    hosts = foreign_hosts(applied)
    consents = await asyncio.gather(*(_consent(lookups, applied, host) for host in hosts))
    return tuple(ReportHost(host, consent) for host, consent in zip(hosts, consents, strict=True))


async def _consent(lookups: "_Lookups", applied: Applied, host: str) -> Consent:
    """Return what is known of a host's consent; whether it needs any is asked only where it gives none."""
    name = consent_name(applied, host)
    too_long = len(name) > MAX_NAME
    if not too_long:
        seen = await lookups.ask(name, "TXT")
        if has_consent(seen.texts):
            return Consent.GIVEN
        if seen.found is Found.FAILED:
            return Consent.UNKNOWN
    same = same_organization(await lookups.walk(applied.domain), await lookups.walk(host))
    if same is None:
        return Consent.UNKNOWN
    if same:
        return Consent.NEEDLESS
    return Consent.TOO_LONG if too_long else Consent.MISSING


class _Lookups:
    """The questions of one evaluation, each walk made once; `lines` are the notes on them, in order."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._walks: dict[str, asyncio.Task[Walk]] = {}
        self.lines: list[str] = []

    async def ask(self, name: str, rdtype: str) -> RecordSet:
        """Ask for one RRset, and note who answered and what."""
        seen = await look_up(self._ctx.dns, self._ctx.machine.route_servers, name, rdtype)
        told = [f"{label(answer)}: {describe(answer)}" for answer in seen.resolution.answers]
        told += [f"  {shown(text)}" for text in seen.texts[:_SHOWN]]
        self.lines += told or [f"{name} {rdtype}: {seen.why}"]
        return seen

    async def walk(self, domain: str) -> Walk:
        """Walk the tree from a domain, once."""
        if domain not in self._walks:
            self._walks[domain] = asyncio.ensure_future(self._walk(domain))
        return await asyncio.shield(self._walks[domain])

    async def close(self) -> None:
        """Cancel what is still being asked."""
        for task in self._walks.values():
            task.cancel()
        await asyncio.gather(*self._walks.values(), return_exceptions=True)

    async def exists(self, domain: str) -> bool | None:
        """Whether a domain exists (RFC 8020), None if that is not known; asked only where its record asks."""
        walked = await self.walk(domain)
        applied = walked.applied
        if applied is None or applied.source is Source.OWN or applied.record.missing is None:
            return True
        seen = await self.ask(domain, "A")
        return None if seen.found is Found.FAILED else seen.found is not Found.NXDOMAIN

    async def _walk(self, domain: str) -> Walk:
        steps = walk(domain)
        name = next(steps)
        while True:
            place = await self._place(name)
            try:
                name = steps.send(place)
            except StopIteration as end:
                walked: Walk = end.value
                return walked

    async def _place(self, domain: str) -> Place:
        name = f"{PREFIX}{domain}"
        if not _is_name(name):
            return Place(domain)  # no record can stand there
        seen = await self.ask(name, "TXT")
        if seen.found is Found.FAILED:
            return Place(domain, failed=seen.why)
        return Place(domain, read_published(seen.texts))


def _is_name(name: str) -> bool:
    """Whether a name can be asked for: a signature may hold any text as its domain."""
    plain = name.isascii() and name.isprintable() and not _UNUSUAL.intersection(name)
    return plain and len(name) <= MAX_NAME and all(0 < len(label) <= _LABEL for label in name.split("."))
