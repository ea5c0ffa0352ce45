"""The lookups of an SPF evaluation: whole batches side by side, at the servers in use, within a time."""

import asyncio
from collections.abc import Callable, Sequence

from smtpdiag_tui.checks.authentication.spf.evaluator import evaluate
from smtpdiag_tui.checks.authentication.spf.model import SpfEvaluation, SpfQuestion, SpfRequest, SpfTold, SpfWork
from smtpdiag_tui.checks.authentication.spf.without_address import hangs_on_placeholder
from smtpdiag_tui.checks.lookups.answers import Answer
from smtpdiag_tui.checks.lookups.record_set import Found, look_up
from smtpdiag_tui.engine.context import RunContext

LIMIT = 20.0  # seconds for one evaluation (RFC 7208 §4.6.4)

Tell = Callable[[Sequence[Answer]], None]


async def drive(ctx: RunContext, request: SpfRequest, tell: Tell | None = None) -> SpfEvaluation:
    """Evaluate a request; `tell` takes the answers to each question, in the order of the questions.

    What is not answered in time counts as a failed lookup. What hangs on a placeholder's address is not asked for,
    as if nothing stood there.
    """
    work = evaluate(request)
    deadline = asyncio.get_running_loop().time() + LIMIT
    told: tuple[SpfTold, ...] | None = None
    while True:
        try:
            questions = _next(work, told)
        except StopIteration as end:
            evaluation: SpfEvaluation = end.value
            return evaluation
        told = await _answers(ctx, request, questions, deadline, tell)


def _next(work: SpfWork, told: tuple[SpfTold, ...] | None) -> tuple[SpfQuestion, ...]:
    return next(work) if told is None else work.send(told)


async def _answers(
    ctx: RunContext, request: SpfRequest, questions: Sequence[SpfQuestion], deadline: float, tell: Tell | None
) -> tuple[SpfTold, ...]:
    asking = [asyncio.ensure_future(_answer(ctx, request, question, deadline)) for question in questions]
    try:
        found = await asyncio.gather(*asking)
    finally:
        for task in asking:
            task.cancel()
    for _, answers in found:
        if tell is not None and answers:
            tell(answers)
    return tuple(told for told, _ in found)


async def _answer(
    ctx: RunContext, request: SpfRequest, question: SpfQuestion, deadline: float
) -> tuple[SpfTold, tuple[Answer, ...]]:
    if hangs_on_placeholder(request, question):
        return SpfTold(Found.NXDOMAIN), ()
    try:
        async with asyncio.timeout_at(deadline):
            item = await look_up(ctx.dns, ctx.machine.route_servers, question.name, question.rdtype)
    except TimeoutError:
        return SpfTold(Found.FAILED, why=f"no answer within {LIMIT:.0f} s"), ()
    return SpfTold(item.found, item.data, item.texts, item.why), item.resolution.answers
