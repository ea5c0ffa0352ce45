"""The local mail server as the rest of the program sees it: found, its settings taken, its queue listed."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from smtpdiag_tui.local_mta.facts import LocalFacts, as_local
from smtpdiag_tui.local_mta.programs import Runner, run_program
from smtpdiag_tui.local_mta.queue import Queue
from smtpdiag_tui.local_mta.reading import read_facts, read_queue
from smtpdiag_tui.local_mta.servers import choose, installed, sendmail_targets
from smtpdiag_tui.settings import Settings


class LocalMta(Protocol):
    """The mail server of this machine; all calls raise LocalMtaError where there is none, or it cannot tell."""

    async def facts(self, sender: str, recipient: str, host_name: str | None = None) -> LocalFacts:
        """Return how it would send between these addresses; both may be empty."""

    async def queue(self) -> Queue:
        """Return what waits in its queue."""


@dataclass(frozen=True, slots=True)
class InstalledMta:
    """The one that is installed; `run` runs its programs."""

    run: Runner = run_program
    servers: Callable[[], dict[str, str]] = field(default=installed)

    async def facts(self, sender: str, recipient: str, host_name: str | None = None) -> LocalFacts:
        """Return how it would send; raises LocalMtaError."""
        server, program = self._chosen()
        return await read_facts(server, program, sender, recipient, self.run, host_name)

    async def queue(self) -> Queue:
        """Return what waits in its queue; raises LocalMtaError."""
        server, program = self._chosen()
        return await read_queue(server, program, self.run)

    def _chosen(self) -> tuple[str, str]:
        found = self.servers()
        server = choose(found, sendmail_targets())
        return server, found[server]


async def resolve(
    settings: Settings,
    local: LocalMta,
    is_own: Callable[[str], bool],
    host_name: Callable[[], Awaitable[str | None]],
    given: Collection[str] = (),
) -> Settings:
    """Return the settings of a run, the local server's put in if that is asked for; raises LocalMtaError."""
    if settings.as_local_mta is None:
        return settings
    facts = await local.facts(settings.sender, settings.recipient, await host_name())
    return as_local(settings, facts, given, is_own)
