"""Sessions with addresses: when each is held, and how its steps tell of it in each place."""

import asyncio
import math
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.mail_hosts import AddressFacts, judge_address
from smtpdiag_tui.checks.session.attempts import (
    ADDRESS_EXPLANATION,
    EXPLANATIONS,
    attempt,
    is_rate_limited,
    phase_detail,
    phase_facts,
    session_facts,
    skip_reason,
)
from smtpdiag_tui.checks.session.conversation import MAX_SESSION, observe
from smtpdiag_tui.checks.session.greylisting import greylisted, judge_second_try, window
from smtpdiag_tui.checks.session.interference import judge_session
from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.session import (
    AttemptResult,
    ConnectError,
    Envelope,
    Phase,
    SessionObservation,
    Target,
)
from smtpdiag_tui.checks.session.told import told_of_session
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.politeness import SECONDS_APART, Polite
from smtpdiag_tui.report.events import TranscriptGrew
from smtpdiag_tui.report.facts import SessionFacts, StepFacts
from smtpdiag_tui.report.rollup import of_findings, worst
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.transcript import Budget

MAX_RECEIVED = 16 * 1024 * 1024  # bytes from all MX hosts of a run; a usual session takes one or two thousand
LEAST_RECEIVED = 32 * 1024  # bytes that no session is denied, whatever the others sent

_NOT_WELL = (Status.FAILED, Status.WARNING, Status.UNKNOWN)

# What is wrong with a certificate that proves nothing of who showed it.
_NO_PROOF = frozenset({"certificate-untrusted", "certificate-name-mismatch", "certificate-malformed"})

TITLES = {
    Phase.CONNECT: "Connect",
    Phase.GREETING: "Greeting",
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.MAIL: "MAIL FROM",
    Phase.RCPT: "RCPT TO",
    Phase.QUIT: "QUIT",
}


@dataclass(slots=True)
class Place:
    """One address below one mail host. `seen` is the session with the address, whoever it was held for.

    `host` is the name that the step id holds, `server_name` the SNI, None for an address literal; `port` is None
    for the port of the settings, and a relay host's own. `names` are those of an MX host, its aliases and the
    recipient's domain; none where no MX names the host. `certified`: the certificate shown is trusted and fits.
    """

    step: str
    host: str
    address: str
    server_name: str | None
    seen: SessionObservation | None = None
    port: int | None = None
    names: tuple[str, ...] = ()
    certified: bool = False


@dataclass(slots=True)
class SessionJob:
    """The one session with an address, shown in each of its places; the first is whom it is held for."""

    owner: "Sessions"
    places: list[Place]
    phases_done: set[Phase] = field(default_factory=set)
    done: bool = False

    @property
    def address(self) -> str:
        """The address that is connected to."""
        return self.places[0].address

    async def run(self) -> None:
        """Hold the session, or take over what an earlier run saw of it."""
        ctx, step = self.owner.ctx, self.places[0].step
        if not any(ctx.wanted(place.step) for place in self.places):
            earlier = ctx.earlier(step)
            for place in self.places:
                place.seen = earlier if isinstance(earlier, SessionObservation) else None
        else:
            await ctx.recorder.guard(step, self._begin())
        self.done = True

    async def _begin(self) -> None:
        """Hold the session, or try again after the one of an earlier run that was greylisted."""
        ctx = self.owner.ctx
        earlier = ctx.earlier(self.places[0].step) if ctx.second_try else None
        if isinstance(earlier, SessionObservation):
            for place in self.places:
                place.seen = earlier
            if greylisted(earlier) is not None:
                await self.try_again(earlier)
            return
        for place in self.places:
            open_place(ctx, place)
        await self.hold()

    async def try_again(self, first: SessionObservation) -> None:
        """Wait until the time that greylisting sets is over, and hold the same session once more."""
        ctx, network = self.owner.ctx, self.owner.ctx.network
        seconds, told = window(first, ctx.settings.retry_greylisted)
        ended = network.now() if first.ended is None else first.ended
        left = max(0.0, ended + network.pace(seconds) - network.now())
        told_by = " (the server's own number)" if told else ""
        quick = f"; the demo waits {network.pace(seconds):g} s" if network.pace(seconds) < seconds else ""
        transcript = ctx.recorder.transcript(self.places[0].step)
        transcript.note(f"greylisted; retry after {seconds:g} s{told_by}{quick}")
        try:
            for place in self.places:
                ctx.recorder.start(place.step, math.ceil(left))
            await network.sleep(left)
        except asyncio.CancelledError:
            transcript.note("cancelled; no retry")
            for place in self.places:
                self._close_address(place, first)
            raise
        await self.hold("retry with the same source address, EHLO name, sender and recipient", first)

    async def hold(self, again: str = "", before: SessionObservation | None = None) -> None:
        """Hold a session with the address once, and tell of it.

        `again` is noted between this session and the first. After `before`, which was greylisted, it is held with
        the same envelope from the same source address.
        """
        owner, ctx, first = self.owner, self.owner.ctx, self.places[0]
        transcript = ctx.recorder.transcript(first.step)
        async with owner.politeness.session(first.host, self.address):
            if again:
                transcript.note(again)
                self.phases_done.clear()
            for place in self.places if again else [first]:  # they all have waited
                ctx.recorder.start(place.step)
            session = await self._talk(before)
            if is_rate_limited(session):
                owner.politeness.narrow(first.host)
        transcript.flush()
        for place in self.places:
            place.seen = session
            self.close(place)
        if before is None and self._to_be_tried_again(session):
            owner.later(first.step, self.try_again(session))

    async def _talk(self, before: SessionObservation | None) -> SessionObservation:
        """Hold the session; after `before`, with the same envelope from the same source address."""
        owner, ctx, first = self.owner, self.owner.ctx, self.places[0]
        envelope, settings = owner.envelope, ctx.settings
        if before is not None:
            envelope, settings = before.envelope, replace(settings, source=before.source or settings.source)
        target = Target(first.host, self.address, first.port or ctx.settings.port, first.server_name)
        watcher, transcript = _PhaseSteps(self, first), ctx.recorder.transcript(first.step)
        session = await observe(target, envelope, settings, ctx.network, transcript, watcher, owner.octets)
        if before is None:
            return session
        waited = ctx.network.now() - (before.ended or 0.0)
        return replace(session, settings=ctx.settings, greylisted_for=waited)

    def _to_be_tried_again(self, session: SessionObservation) -> bool:
        ctx = self.owner.ctx
        asked_for = ctx.second_try or ctx.settings.retry_greylisted is not None
        return asked_for and greylisted(session) is not None

    def close(self, place: Place) -> None:
        """End the steps of one place; those of a place where the session was not held are filled from it."""
        seen = place.seen
        if seen is None:
            return
        if place is self.places[0]:
            self._close_second_session(place, seen)
        else:
            self._fill(place, seen)
        for phase in Phase:
            if phase not in self.phases_done:
                self._close_unreached(place, phase, seen)
        self._close_address(place, seen)

    def _close_second_session(self, place: Place, seen: SessionObservation) -> None:
        """End anew the phases, over for the first session, in which the second, in clear, may have ended."""
        if any(exchange.session for exchange in seen.exchanges):
            for phase in (Phase.GREETING, Phase.EHLO):
                self.close_phase(place, phase, seen)

    def _fill(self, place: Place, seen: SessionObservation) -> None:
        """Show in a place what was said in the first one, and end the phases that were come to there."""
        recorder, first = self.owner.ctx.recorder, self.places[0]
        shown = recorder.report.steps[place.step]
        already = 0 if shown.stale else len(shown.transcript)
        entries = recorder.report.steps[first.step].transcript[already:]
        recorder.start(place.step)
        recorder.publish(TranscriptGrew(recorder.run, place.step, entries))
        for phase in Phase:
            if phase in self.phases_done:
                recorder.start(f"{place.step}/{phase}")
                self.close_phase(place, phase, seen)

    def _close_unreached(self, place: Place, phase: Phase, seen: SessionObservation) -> None:
        """End a phase that was not come to: that STARTTLS or SMTPUTF8 is not offered is a finding all the same."""
        ctx = self.owner.ctx
        found = judge_phase(seen, phase, ctx.network.trust_store(), ctx.network.utc(), (place.host,))
        if found and seen.connect_error is None:
            ctx.recorder.finish(f"{place.step}/{phase}", found, detail=phase_detail(seen, phase))
        else:
            ctx.recorder.skip(f"{place.step}/{phase}", skip_reason(seen, phase))

    def close_phase(self, place: Place, phase: Phase, seen: SessionObservation) -> None:
        """Judge one phase for one place, and end its step."""
        ctx = self.owner.ctx
        found = judge_phase(seen, phase, ctx.network.trust_store(), ctx.network.utc(), (place.host,))
        status = None
        if phase is Phase.CONNECT and seen.connect_error is ConnectError.NO_ROUTE:
            status = Status.SKIPPED
        detail = phase_detail(seen, phase)
        facts = phase_facts(seen, phase)
        ctx.recorder.finish(f"{place.step}/{phase}", found, status=status, detail=detail, facts=facts)

    def _close_address(self, place: Place, seen: SessionObservation) -> None:
        ctx = self.owner.ctx
        network = ctx.network
        facts = AddressFacts(
            address=self.address,
            host=place.host,
            public=network.is_public(self.address) or place.port is not None,  # relay hosts are often inside
            own=network.is_own(self.address),
            hosts=tuple(item.host for item in self.places),
            probed_as=self.places[0].host,
        )
        place.certified = _certified(ctx, place, seen)
        found = (
            *judge_address(facts),
            *judge_second_try(seen),
            *judge_session(seen, place.names, certified=place.certified),
        )
        below = worst(step.status for step in ctx.recorder.report.children(place.step))
        status = Status.SKIPPED if below is Status.SKIPPED else worst([of_findings(found), below])
        detail = _address_detail(ctx, place, seen)
        told = session_facts(seen).merged(StepFacts(session=self._told(place, seen)))
        ctx.recorder.finish(place.step, found, status=status, detail=detail, observation=seen, facts=told)

    def _told(self, place: Place, seen: SessionObservation) -> SessionFacts:
        """Return what a session came to, as data."""
        network = self.owner.ctx.network
        codes = _codes_of_starttls(self.owner.ctx, place)
        return told_of_session(seen, place.host, codes, network.trust_store(), network.utc())


def _codes_of_starttls(ctx: RunContext, place: Place) -> frozenset[str]:
    """Return the codes of what STARTTLS was found to be at a place."""
    step = ctx.recorder.report.steps.get(f"{place.step}/{Phase.STARTTLS}")
    return frozenset(item.code for item in step.findings) if step is not None else frozenset()


def _address_detail(ctx: RunContext, place: Place, seen: SessionObservation) -> str:
    """Return the reply that decides; where that is a good one, before it the phases that were not well."""
    made = attempt(seen)
    if made.result is not AttemptResult.ACCEPTED:
        return made.reply
    phases = ctx.recorder.report.children(place.step)
    remarks = [f"{step.title}: {step.status}" for step in phases if step.status in _NOT_WELL]
    return "; ".join([*remarks, made.reply])  # nothing of ours behind what is quoted


def _certified(ctx: RunContext, place: Place, seen: SessionObservation) -> bool:
    """Whether the server proved by its certificate that it is the host that the place stands for."""
    step = ctx.recorder.report.steps.get(f"{place.step}/{Phase.STARTTLS}")
    if step is None or seen.tls is None or seen.tls.session is None or not seen.tls.session.chain:
        return False
    return not _NO_PROOF & _codes_of_starttls(ctx, place)


@dataclass(slots=True)
class Sessions:
    """All sessions of a run, one for each distinct address."""

    ctx: RunContext
    envelope: Envelope
    politeness: Polite
    jobs: dict[str, SessionJob] = field(default_factory=dict)
    octets: Budget = field(default_factory=lambda: Budget(MAX_RECEIVED, MAX_SESSION, LEAST_RECEIVED))
    _given: set[str] = field(default_factory=set)
    second_tries: list["asyncio.Task[None]"] = field(default_factory=list)

    def add(self, place: Place) -> None:
        """Have a session held with an address, or shown here too if it already is."""
        job = self.jobs.get(place.address)
        if job is None:
            self.jobs[place.address] = SessionJob(self, [place])
            return
        job.places.append(place)
        if job.address in self._given and self.ctx.wanted(place.step):
            open_place(self.ctx, place)
            place.seen = job.places[0].seen
            if job.done:
                job.close(place)

    def fresh(self) -> Iterable[SessionJob]:
        """Return the jobs that were added since the last call."""
        new = [job for address, job in self.jobs.items() if address not in self._given]
        self._given.update(self.jobs)
        return new

    async def ask_rate_limited_again(self) -> None:
        """Ask each address once more whose host said that there were too many sessions."""
        for job in self.jobs.values():
            first = job.places[0]
            if first.seen is not None and is_rate_limited(first.seen) and self.ctx.wanted(first.step):
                words = f"second session because of the rate limit, {SECONDS_APART:g} s or more after the first"
                await self.ctx.recorder.guard(first.step, job.hold(words))

    def later(self, step: str, work: Coroutine[None, None, None]) -> None:
        """Have a second try go on beside all else; an accident in it is its step's own."""
        self.second_tries.append(asyncio.ensure_future(self.ctx.recorder.guard(step, work)))

    def close_unusable(self, place: Place) -> None:
        """End the step of an address that is never connected to."""
        facts = AddressFacts(place.address, place.host, public=False, own=False)
        self.ctx.recorder.start(place.step)
        self.ctx.recorder.finish(place.step, judge_address(facts), detail="not usable as MX address")


class _PhaseSteps:
    """Turns what a session tells of its phases into steps."""

    def __init__(self, job: SessionJob, place: Place) -> None:
        self._job = job
        self._place = place

    def phase_started(self, phase: Phase, limit: float) -> None:
        """Start the phase's step."""
        self._job.owner.ctx.recorder.start(f"{self._place.step}/{phase}", limit)

    def phase_ended(self, phase: Phase, so_far: SessionObservation) -> None:
        """End the phase's step."""
        self._job.phases_done.add(phase)
        self._job.owner.ctx.session_progress.put_nowait(so_far)
        self._job.close_phase(self._place, phase, so_far)


def open_place(ctx: RunContext, place: Place) -> None:
    """Plan an address and the phases of its session."""
    ctx.open(place.step, place.address, ADDRESS_EXPLANATION)
    for phase in Phase:
        ctx.open(f"{place.step}/{phase}", TITLES[phase], EXPLANATIONS[phase])
