"""The branch `probes`, there only where extra probes are asked for: one session each, after all others."""

import secrets
from dataclasses import replace

from smtpdiag_tui.checks.session.attempts import attempt, is_rate_limited
from smtpdiag_tui.checks.session.conversation import observe
from smtpdiag_tui.checks.session.probes import EXPLANATION, TITLES, judge_probe, needless, probe_envelope
from smtpdiag_tui.checks.session.session import AttemptResult, Phase, SessionObservation
from smtpdiag_tui.engine.branch import Ended, skipped
from smtpdiag_tui.engine.branches.key_probe import hold_keys
from smtpdiag_tui.engine.branches.sessions import Sessions
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.politeness import Polite
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.settings import Probe, Settings, TlsPolicy

STEP = "probes"
TITLE = "Extra probes"
_REPLIES = 6  # that a session waits for between its greeting and QUIT, at most


async def run_probes(ctx: RunContext) -> Ended:
    """Hold the extra probes that were asked for, one after the other, with the best usable address alone."""
    ctx.open(STEP, TITLE, EXPLANATION, again=ctx.whole(STEP))
    probes = [probe for probe in ctx.settings.probes if ctx.wanted(f"{STEP}/{probe}")]
    for probe in probes:
        ctx.open(f"{STEP}/{probe}", TITLES[probe])
    await ctx.ended("delivery")
    main = _main_session(ctx.sessions)
    if ctx.sessions is None or main is None:
        reason = "no MX host accepted a session"
        for probe in probes:
            ctx.recorder.skip(f"{STEP}/{probe}", reason)
        return skipped(reason)
    ctx.recorder.start(STEP)
    for probe in probes:
        politeness = ctx.sessions.politeness
        if probe is Probe.DANE_KEYS:
            work = hold_keys(ctx, main, politeness, _Silent())
        else:
            work = _hold(ctx, probe, main, politeness)
        await ctx.recorder.guard(f"{STEP}/{probe}", work)
    return Ended(status=worst(ctx.recorder.statuses_below(STEP)), detail=f"with {main.target.where}")


def _main_session(sessions: Sessions | None) -> SessionObservation | None:
    """Return the session with the address to probe."""
    return None if sessions is None else best([job.places[0].seen for job in sessions.jobs.values()])


def best(sessions: list[SessionObservation | None]) -> SessionObservation | None:
    """Return the session with the address to probe, of all in order of preference; None if there is none.

    The first that took the mail; else the first that let us in and did not say that there are too many of us.
    """
    seen = [item for item in sessions if item is not None]
    accepted = (item for item in seen if attempt(item).result is AttemptResult.ACCEPTED)
    return next(accepted, None) or next((item for item in seen if _answered(item)), None)


def _answered(seen: SessionObservation) -> bool:
    greeting = seen.last(Phase.GREETING)
    let_in = greeting is not None and greeting.reply is not None and greeting.reply.first_digit == 2
    return let_in and not is_rate_limited(seen)


async def _hold(ctx: RunContext, probe: Probe, main: SessionObservation, politeness: Polite) -> None:
    step = f"{STEP}/{probe}"
    reason = needless(probe, main.envelope)
    if reason is not None:
        ctx.recorder.skip(step, reason)
        return
    envelope = probe_envelope(probe, main.envelope, f"smtpdiag-{secrets.token_hex(10)}")
    settings = _settings(ctx.settings, main)
    transcript = ctx.recorder.transcript(step)
    async with politeness.session(main.target.host, main.target.address):
        ctx.recorder.start(step, _limit(settings))
        seen = await observe(main.target, envelope, settings, ctx.network, transcript, _Silent())
    found = judge_probe(probe, seen, main)
    ctx.recorder.finish(step, found, detail=attempt(seen).reply, observation=seen)


def _settings(settings: Settings, main: SessionObservation) -> Settings:
    """Return the settings of a probe: from the same address, and straight in clear where TLS failed before."""
    failed = main.tls is not None and main.tls.session is None and settings.tls is TlsPolicy.AUTO
    policy = TlsPolicy.OFF if failed else settings.tls
    return replace(settings, source=main.source or settings.source, tls=policy)


def _limit(settings: Settings) -> float:
    """Return how long a whole session may last, in seconds."""
    replies = _REPLIES * settings.reply_limit
    return settings.connect_limit + settings.greeting_limit + replies + settings.quit_limit


class _Silent:
    """A probe's phases are not steps: its transcript tells of them."""

    def phase_started(self, phase: Phase, limit: float) -> None:
        """Tell nothing."""

    def phase_ended(self, phase: Phase, so_far: SessionObservation) -> None:
        """Tell nothing."""
