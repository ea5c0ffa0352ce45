"""The step `probes/dane-keys`: one session for each kind of key with the best address, up to the handshake."""

from dataclasses import replace

from smtpdiag_tui.checks.session.conversation import observe
from smtpdiag_tui.checks.session.session import SessionObservation, Watcher
from smtpdiag_tui.checks.tls_policy import key_probe
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.engine.politeness import Polite
from smtpdiag_tui.network.seam import KeyType
from smtpdiag_tui.settings import Probe, TlsPolicy

STEP = f"probes/{Probe.DANE_KEYS}"


async def hold_keys(ctx: RunContext, main: SessionObservation, politeness: Polite, watcher: Watcher) -> None:
    """Turn to TLS with each kind of key in a session of its own; nothing is said of sender and recipient."""
    await ctx.ended("tls-policy")
    step = ctx.recorder.report.steps.get(f"tls-policy/dane/{main.target.host}")
    host = step.observation if step is not None and isinstance(step.observation, HostTlsa) else None
    reason = key_probe.needless(host)
    if ctx.settings.tls is TlsPolicy.OFF:
        reason = "TLS is switched off"
    if host is None or reason is not None:
        ctx.recorder.skip(STEP, reason or "")
        return
    # Required: what fails is not to be followed by a session in clear.
    policy = TlsPolicy.IMPLICIT if ctx.settings.tls is TlsPolicy.IMPLICIT else TlsPolicy.REQUIRE
    settings = replace(ctx.settings, source=main.source or ctx.settings.source, tls=policy)
    transcript = ctx.recorder.transcript(STEP)
    seen: dict[KeyType, SessionObservation] = {}
    for keys in KeyType:
        async with politeness.session(main.target.host, main.target.address):
            if not seen:
                ctx.recorder.start(STEP)
            transcript.note(f"session with {keys.upper()} keys alone, TLS 1.2")
            seen[keys] = await observe(
                main.target, main.envelope, settings, ctx.network, transcript, watcher, keys=keys
            )
    found = key_probe.judge_keys(host, seen, ctx.network.utc())
    observation = tuple(seen.values())
    ctx.recorder.finish(STEP, found, detail=key_probe.detail(seen, found), observation=observation)
