"""The evaluation of SPF (RFC 7208 §4) as a generator that asks questions and gets answers. Pure.

Every round walks the records from the start by the answers that are known. Where one is missing, the walk goes on
as if that term did not match, and so finds what may be asked side by side; no more than the terms that the limits
allow. A walk that misses nothing is what evaluation one by one comes to: what was asked ahead of it leaves no
trace in it.
"""

from dataclasses import replace

from smtpdiag_tui.checks.authentication.spf.costs import costs_of, dead_in, look_further
from smtpdiag_tui.checks.authentication.spf.model import (
    MANY_LOOKUPS,
    SpfRequest,
    SpfWork,
)
from smtpdiag_tui.checks.authentication.spf.walk import Known, Walk
from smtpdiag_tui.report.authentication import SpfResult

MOST_AT_ONCE = 40  # questions
MOST_AHEAD = 120  # questions of one evaluation that are asked before they are needed


def evaluate(request: SpfRequest) -> SpfWork:
    """Yield batches of questions, each once, take as many answers in their order, return the evaluation.

    The first question of a batch is needed now, the others may be. At most some 120 are needed at all
    (§4.6.4: 10 terms, each of at most 11 questions). One batch more tells whether the other includes have targets;
    and where there were too many lookups or nearly, some more tell which term costs how many.
    """
    known = Known()
    ahead = MOST_AHEAD
    while True:
        walk = Walk(request, known)
        evaluation = walk.run()
        missing = list(walk.answers.missing)
        if not missing:
            break
        batch = tuple(missing[: min(MOST_AT_ONCE, 1 + ahead)])
        ahead -= len(batch) - 1
        known.learn(batch, (yield batch))
    if evaluation.result is not SpfResult.TEMPERROR:  # what does not answer is asked no more
        yield from look_further(evaluation, known)
    if evaluation.lookups >= MANY_LOOKUPS:
        evaluation = replace(evaluation, costs=(yield from costs_of(evaluation, known)))
    return replace(evaluation, dead=dead_in(evaluation, known))
