"""What is measured about a refusal, and what measuring needs: the steps about the host that was refused. Pure."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.addresses import canonical
from smtpdiag_tui.checks.lookups.routing import Resolution
from smtpdiag_tui.checks.machine.identity import AddressIdentity
from smtpdiag_tui.checks.session.replies.named import addresses_named
from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, gravest_first
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.verdict.case import Case
from smtpdiag_tui.verdict.quoting import whole_reply
from smtpdiag_tui.verdict.session_end import SessionEnd


@dataclass(frozen=True, slots=True)
class Measured:
    """What this run found: `fact` in sentences, and whether it `agrees` with the reply.

    `actions` are to be done instead of the refusal's own, none where these are right. `steps` are those
    where what agrees was found.
    """

    fact: str
    agrees: bool
    actions: tuple[Action, ...]
    steps: tuple[str, ...] = ()


def agreeing(step: Step, codes: Sequence[str]) -> Measured | None:
    """Return what was found wrong at a step, if one of the codes was: the reply is right then."""
    found = gravest_first(item for item in step.findings if item.code in codes)
    if not found:
        return None
    return Measured(f"{found[0].message.rstrip('.')}.", True, found[0].actions, (step.id,))


def fresh(case: Case, step_id: str) -> Step | None:
    """Return a step of this run, None for none and for one that only an earlier run knows."""
    step = case.report.steps.get(step_id)
    return None if step is None or step.stale else step


def source_step(case: Case, end: SessionEnd) -> Step | None:
    """Return the step about the address of this host that a session was held from."""
    family, source = StepId(end.address).family, source_of(case, end)
    steps = _source_steps(case, f"identity/ipv{family}")
    exact = [step for step in steps if source and source in step.facts.sources]
    if exact:
        return exact[0]
    # Where one of the two does not say, a single address of the family can only be the one.
    told = source and any(step.facts.sources for step in steps)
    return steps[0] if len(steps) == 1 and not told else None


def source_seen(case: Case, end: SessionEnd) -> AddressIdentity | None:
    """Return what was seen of the address of this host that a session was held from."""
    step = source_step(case, end)
    if step is None or not isinstance(step.observation, AddressIdentity):
        return None
    return step.observation


def _source_steps(case: Case, first: str) -> list[Step]:
    """Return the steps about this host's addresses of a family: where there are several, they are numbered."""
    found: list[Step] = []
    for number in itertools.count(1):
        step = case.report.steps.get(first if number == 1 else f"{first}-{number}")
        if step is None:
            break
        found.append(step)
    return [step for step in found if not step.stale]


def source_of(case: Case, end: SessionEnd) -> str:
    """Return the address of this host that a session was held from, "" if that is not known."""
    seen = case.observed(end.address, SessionObservation)
    if seen is not None:
        return canonical(next(iter(seen.known_sources), ""))
    step = case.report.steps.get(end.address)
    return canonical(step.facts.sources[0]) if step is not None and step.facts.sources else ""


def known_as(seen: AddressIdentity) -> set[str]:
    """Return the addresses that a server may call this host by."""
    return {canonical(seen.seen.source), *seen.seen.votes, seen.seen.outside or ""}


def is_about(refusal: Finding, addresses: set[str]) -> bool:
    """Whether a reply names none but these addresses: another is a relay's of their own, or not measured here."""
    named = addresses_named(whole_reply(refusal.evidence))
    return not named or bool(named & addresses)


def their_resolver(end: SessionEnd) -> str:
    """Return what must be wrong where a server did not find what this run found."""
    return f"the resolver of {end.host} fails or holds an old answer."


def advice(end: SessionEnd, checked: str, here: str, found: Iterable[Resolution | None]) -> tuple[Action, ...]:
    """Return what the remote side checks, then what the sending side does."""
    theirs = Action(f"MX administrator of {end.host}", f"check that the resolver of {end.host} {checked}.")
    ours = f"Check that {here} returns the same."
    ttls = [record.ttl for item in found if item is not None for record in item.records]
    if ttls:
        ours += f" If the record has just changed, wait for its TTL ({max(ttls)} s) and rerun."
    return (theirs, Action("", ours))
