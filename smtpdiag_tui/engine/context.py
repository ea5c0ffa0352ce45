"""What all branches of one run share."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from smtpdiag_tui.checks.addresses import is_inside
from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.domain import RDTYPES
from smtpdiag_tui.checks.lookups.servers import MachineObservation
from smtpdiag_tui.checks.syntax import AddressObservation
from smtpdiag_tui.engine.recorder import Recorder
from smtpdiag_tui.engine.resolvers import Resolvers, controls_for
from smtpdiag_tui.engine.sharing import Shared
from smtpdiag_tui.network.seam import Network
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepKind, within
from smtpdiag_tui.settings import DnsServer, Settings

if TYPE_CHECKING:
    from smtpdiag_tui.checks.lookups.routing import Route
    from smtpdiag_tui.checks.session.session import SessionObservation
    from smtpdiag_tui.engine.branches.sessions import Sessions

T = TypeVar("T")


@dataclass(slots=True)
class RunContext:
    """One run: what was asked for, the world, and what earlier runs saw.

    `only` names the steps to run again on top of `previous`; None runs all of them. `second_try`: of those, the
    sessions that were greylisted are not held anew, but tried again when their time has come.

    Branches run side by side and await each other here: `route` are the recipient's mail hosts (None for an
    address literal), `results` maps the id of each branch to what it observed. Each session goes into
    `session_progress` as far as it has come, at the end of each of its phases, for who does not wait for its
    end; `sessions` holds all of them from when the mail hosts are known. `message` is the given message being
    taken apart, once for all who ask (`message_steps.taken_apart`). `shared` is what this run
    shares with others of a batch.
    """

    settings: Settings
    network: Network
    dns: DnsClient
    recorder: Recorder
    sender: AddressObservation
    recipient: AddressObservation
    machine: MachineObservation
    host_name: "asyncio.Future[str | None]"
    only: frozenset[str] | None = None
    previous: Report | None = None
    sessions: "Sessions | None" = None
    session_progress: "asyncio.Queue[SessionObservation]" = field(default_factory=asyncio.Queue)
    second_try: bool = False
    message: "asyncio.Future[object] | None" = None
    route: "asyncio.Future[Route | None] | None" = None
    results: "dict[str, asyncio.Future[object | None]]" = field(default_factory=dict)
    shared: Shared | None = None

    async def found_route(self) -> "Route | None":
        """Return the recipient's mail hosts once they are known; None for an address literal."""
        return None if self.route is None else await asyncio.shield(self.route)

    async def own_host_name(self) -> str | None:
        """Return this host's fully qualified name once it is known; None where it has none."""
        return await asyncio.shield(self.host_name)

    async def result(self, branch: str, kind: type[T]) -> T | None:
        """Return what a branch observed once it has ended; None where that is nothing of this kind."""
        observed = await asyncio.shield(self.results[branch]) if branch in self.results else None
        return observed if isinstance(observed, kind) else None

    async def ended(self, *branches: str) -> None:
        """Wait until these branches have ended, as far as they are there."""
        await asyncio.gather(*(asyncio.shield(self.results[item]) for item in branches if item in self.results))

    def wanted(self, step_id: str) -> bool:
        """Whether this step is to run now: named, part of a named branch, above a named step, or new."""
        if self.only is None or self._new(step_id):
            return True
        return any(within(name, step_id) or within(step_id, name) for name in self.only)

    def whole(self, branch: str) -> bool:
        """Whether the branch is to run now as a whole, not only parts of it."""
        if self.only is None or self._new(branch):
            return True
        return any(within(branch, name) for name in self.only)

    def _new(self, step_id: str) -> bool:
        return self.previous is None or step_id not in self.previous.steps

    def earlier(self, step_id: str) -> object | None:
        """Return what an earlier run observed at this step, None if nothing."""
        step = self.previous.steps.get(step_id) if self.previous and self.only is not None else None
        return step.observation if step else None

    def open(
        self,
        step_id: str,
        title: str,
        explanation: str = "",
        *,
        again: bool = True,
        kind: StepKind | None = None,
    ) -> None:
        """Plan a step that runs now; one that only stands above a rerun keeps what it holds.

        `again` is False for such a step. `kind` is given where the step's id does not tell it.
        """
        if again or step_id not in self.recorder.report.steps:
            self.recorder.plan(step_id, title, explanation, kind)

    def reached_inside(self, address: str) -> bool:
        """Whether only this site reaches an address, as the network has it."""
        return is_inside(address) and not self.network.is_public(address)

    def core_questions(self) -> tuple[Question, ...]:
        """Return the questions that every server in use is asked, in every run."""
        questions = [Question(domain, rdtype) for domain in self._domains() for rdtype in RDTYPES]
        if self.recipient.literal is None:
            questions.append(Question(self.recipient.domain, "SOA"))
        return tuple(dict.fromkeys(questions))

    def _domains(self) -> list[str]:
        return [item.domain for item in (self.recipient, self.sender) if item.domain and not item.literal]

    @property
    def resolvers(self) -> Resolvers:
        """What judges the servers in use by the whole run."""
        return Resolvers(self.dns, self.core_questions(), controls_for(self._domains()))

    async def server_broken(self, server: DnsServer) -> bool:
        """Whether no question of the run gets data, NODATA or NXDOMAIN from this server."""
        return await self.resolvers.broken(server)

    async def useless_for(self, servers: Sequence[DnsServer], domain: str) -> bool:
        """Whether none of these servers says anything of a domain, because of themselves; False without any."""
        judged = await asyncio.gather(*(self.resolvers.useless_for(server, domain) for server in servers))
        return bool(judged) and all(judged)

    async def resolvers_broken(self) -> bool:
        """Whether no server that the recipient's domain is looked up at says anything of it."""
        if not self.core_questions():
            return False
        return await self.useless_for(self.machine.route_servers, self.recipient.domain)
