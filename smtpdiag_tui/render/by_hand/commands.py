"""From a step to the commands that reproduce it. Pure.

Only the report is read, as it is: where it is masked, so are the commands, and a mask stays visible as a mask.
Such a command runs once whoever has it puts the true name in.
"""

from collections.abc import Iterator
from itertools import islice

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.context import Context, context_of
from smtpdiag_tui.render.by_hand.dns_commands import dns_commands
from smtpdiag_tui.render.by_hand.policy_commands import dane_commands, policy_commands
from smtpdiag_tui.render.by_hand.questions import questions
from smtpdiag_tui.render.by_hand.session_commands import UNTIL, session_commands, sessions_of
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId, StepKind

MOST = 60  # commands of one step, those of the steps below it included
_SESSIONS = frozenset({"delivery", "probes"})


class ByHand:
    """The commands for the steps of one report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """What the commands of all steps go by, looked up once."""
        if self._context is None:
            self._context = context_of(self._report)
        return self._context

    def own(self, step: Step) -> tuple[Command, ...]:
        """Return the commands for what a step did itself, none for one that did nothing on the network."""
        return tuple(islice(dict.fromkeys(self._own(step)), MOST))

    def at(self, step_id: str, most: int = MOST) -> tuple[Command, ...]:
        """Return the commands for a step and for the steps below it, each once, `most` of them at most."""
        step = self._report.steps.get(step_id)
        if step is None:
            return ()
        if step.kind is StepKind.PHASE:
            return self._phase(StepId(step.id))[:most]
        return tuple(islice(dict.fromkeys(self._with_below(step)), most))

    def _with_below(self, step: Step) -> Iterator[Command]:
        yield from self.own(step)
        for below in self._report.children(step.id):
            if below.kind is not StepKind.PHASE:  # a part of its session
                yield from self._with_below(below)

    def _own(self, step: Step) -> Iterator[Command]:
        for asked in questions(self.context, step):
            yield from dns_commands(asked)
        if step.branch in _SESSIONS:
            for session in sessions_of(self.context, step):
                yield from session_commands(session)
        elif step.id == "tls-policy/mta-sts":
            yield from policy_commands(self.context, step)
        elif step.id.startswith("tls-policy/dane/"):
            yield from dane_commands(self.context, step)

    def _phase(self, step: StepId) -> tuple[Command, ...]:
        """Return the commands that come as far as a phase: its session's transcript tells of it."""
        session = self._report.steps.get(step.parent or "")
        if session is None or step.name not in UNTIL:
            return ()
        held = sessions_of(self.context, session)
        return tuple(dict.fromkeys(c for item in held for c in session_commands(item, UNTIL[step.name])))


def by_hand(report: Report, step_id: str, most: int = MOST) -> tuple[Command, ...]:
    """Return the commands that reproduce a step: `ByHand(report).at(step_id, most)`."""
    return ByHand(report).at(step_id, most)
