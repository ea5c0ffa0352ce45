"""What all questions of a run say of a DNS server in use: it is judged once enough of them have come."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import Answer, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.checks.lookups.servers import broken, unserved, works_over
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer

# Seconds without any answer after which something is wrong: the questions about other domains are put then.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Resolvers:
    """Judges the servers in use by the whole run.

    `questions` are the run's own, which every server in use is asked. `controls` are about the zones above: they
    are put where none of the run's own is answered, since both domains may be dead and the server well.
    """

    dns: DnsClient
    questions: tuple[Question, ...]
    controls: tuple[Question, ...]

    async def broken(self, server: DnsServer) -> bool:
        """Whether no question of the run gets data, NODATA or NXDOMAIN from this server.

        One usable answer settles it; else all the run's own questions are waited for, and the controls.
        """

        def settled() -> bool:
            return any(item.usable and item.question.checking for item in self._of(server))

        await self._until(server, tuple(Transport), settled, lambda: True)
        return broken(self.dns.answers(), server)

    async def works_over(self, server: DnsServer, transport: Transport) -> bool:
        """Whether this server answers anything over a transport.

        One answer settles it; else all the run's own questions are waited for. Where the other transport answers
        some of these, the domains are well, and no control is needed.
        """
        other = next(item for item in Transport if item is not transport)

        def settled() -> bool:
            return works_over(self.dns.answers(), server, transport)

        await self._until(server, (transport,), settled, lambda: not works_over(self.dns.answers(), server, other))
        return settled()

    async def useless_for(self, server: DnsServer, domain: str) -> bool:
        """Whether this server says nothing of a domain because of itself: it is broken, or does not resolve."""
        if await self.broken(server):
            return True
        about = [item for item in self._of(server) if item.question.name == domain and item.question.checking]
        return bool(unserved(self._of(server), server)) and not any(item.usable for item in about)

    def _of(self, server: DnsServer) -> list[Answer]:
        return [item for item in self.dns.answers() if item.server == server]

    async def _until(
        self,
        server: DnsServer,
        transports: Collection[Transport],
        settled: Callable[[], bool],
        controlled: Callable[[], bool],
    ) -> None:
        """Ask the run's questions until `settled`, then the controls if `controlled` still wants them."""
        if settled():
            return
        waiting = self._ask(server, self.questions, transports)
        controls = self.controls
        try:
            while waiting:
                limit = PATIENCE if controls else None
                done, waiting = await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                if settled():
                    return
                if controls and (not done or not waiting) and controlled():
                    waiting |= self._ask(server, controls, transports)
                    controls = ()
        finally:
            for task in waiting:
                task.cancel()  # the question itself goes on, for who else wants its answer

    def _ask(
        self, server: DnsServer, questions: Sequence[Question], transports: Collection[Transport]
    ) -> set["asyncio.Task[Answer]"]:
        return {
            asyncio.ensure_future(self.dns.ask(server, question, transport))
            for question in questions
            for transport in transports
        }


def controls_for(domains: Sequence[str]) -> tuple[Question, ...]:
    """Return a question about the zone above each domain, which the domain's own servers have no part in."""
    above = (domain.partition(".")[2] or "." for domain in domains)
    return tuple(dict.fromkeys(Question(name, "SOA") for name in above))
