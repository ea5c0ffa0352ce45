"""What a branch of the tree is, and what is done for each of them: opened, started, guarded, finished."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.facts import NO_FACTS, StepFacts
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a branch ended: its findings, its status where they do not give it, and a few words beside its title.

    `observation` is what other branches await (`RunContext.result`), and what is taken over where the branch
    does not run again. `facts` are what it tells as data.
    """

    findings: Sequence[Finding] = ()
    status: Status | None = None
    detail: str = ""
    observation: object | None = None
    facts: StepFacts = NO_FACTS


def skipped(reason: str) -> Ended:
    """Return the end of a branch that does not apply."""
    return Ended(status=Status.SKIPPED, detail=reason)


def _always(_settings: Settings) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Branch:
    """One step at the top of the tree, and what runs it.

    `after` names the branches that its judgement rests on: where one of them runs again, it does too. Whoever
    only awaits another's result, and should ask nothing again for its sake, does not name it. `when` says whether
    the branch is there at all.

    `every_run`: it runs in each rerun, and asks only where `RunContext.wanted` says so, because others need what
    it puts together. `begins_itself`: it opens and starts its step itself, later than the run begins.
    """

    id: str
    title: str
    explanation: str
    run: Callable[[RunContext], Awaitable[Ended]]
    after: tuple[str, ...] = ()
    when: Callable[[Settings], bool] = _always
    every_run: bool = False
    begins_itself: bool = False


def begin(ctx: RunContext, step_id: str, title: str, explanation: str, facts: StepFacts = NO_FACTS) -> None:
    """Open and start a step that has others below it; it keeps what it holds where only some of them run."""
    ctx.open(step_id, title, explanation, again=ctx.whole(step_id))
    ctx.recorder.start(step_id, facts=facts)


async def run_branch(ctx: RunContext, branch: Branch) -> object | None:
    """Run a branch and return what it observed, None after an accident.

    Where it does not run now, that is what it observed in an earlier run.
    """
    if not branch.every_run and not ctx.wanted(branch.id):
        return ctx.earlier(branch.id)
    return await ctx.recorder.guard(branch.id, _from_begin_to_end(ctx, branch))


async def _from_begin_to_end(ctx: RunContext, branch: Branch) -> object | None:
    if not branch.begins_itself:
        begin(ctx, branch.id, branch.title, branch.explanation)
    ended = await branch.run(ctx)
    ctx.recorder.finish(
        branch.id,
        ended.findings,
        status=ended.status,
        detail=ended.detail,
        observation=ended.observation,
        facts=ended.facts,
    )
    return ended.observation


async def guarded(ctx: RunContext, step_id: str, work: Coroutine[Any, Any, T], otherwise: T) -> T:
    """Return what the work of one step comes to, `otherwise` after an accident: the steps beside it go on."""
    result = await ctx.recorder.guard(step_id, work)
    return otherwise if result is None else result
