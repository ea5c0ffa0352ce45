"""The local mail server as the rest of the program sees it: found, its settings taken, its queue listed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from smtpdiag_tui.local_mta.detection import choose, installed, sendmail_targets
from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.facts import LocalFacts, as_local
from smtpdiag_tui.local_mta.programs import RunProgram, run_program
from smtpdiag_tui.local_mta.queue import Queue
from smtpdiag_tui.settings import Settings

HOST_NAME_LIMIT = 2.0  # seconds


class LocalMta(Protocol):
    """The mail server of this machine; all calls raise LocalMtaError where there is none, or it cannot tell."""

    async def facts(self, sender: str, recipient: str) -> LocalFacts:
        """Return how it would send between these addresses; both may be empty."""

    async def queue(self) -> Queue:
        """Return what waits in its queue."""

    async def host_name(self) -> str | None:
        """Return this machine's fully qualified name, None if it has none."""


@dataclass(frozen=True, slots=True)
class InstalledMta:
    """The one that is installed; `run` runs its programs."""

    run: RunProgram = run_program
    servers: Callable[[], dict[str, str]] = field(default=installed)

    async def facts(self, sender: str, recipient: str) -> LocalFacts:
        """Return how it would send; raises LocalMtaError."""
        from smtpdiag_tui.local_mta.reading import read_facts

        server, program = self._chosen()
        host_name = await self.host_name() if server == "OpenSMTPD" else None
        return await read_facts(server, program, sender, recipient, self.run, host_name)

    async def queue(self) -> Queue:
        """Return what waits in its queue; raises LocalMtaError."""
        from smtpdiag_tui.local_mta.reading import read_queue

        server, program = self._chosen()
        return await read_queue(server, program, self.run)

    async def host_name(self) -> str | None:
        """Return this machine's fully qualified name, None if it has none."""
        from smtpdiag_tui.network import machine  # it imports ssl: not before the first frame

        return await machine.host_name(HOST_NAME_LIMIT)

    def _chosen(self) -> tuple[str, str]:
        servers = self.servers()
        server = choose(servers, sendmail_targets())
        return server, servers[server]


async def resolve(
    settings: Settings, local: LocalMta, is_own: Callable[[str], bool], given: Collection[str] = ()
) -> Settings:
    """Return the settings of a run, the local server's put in if that is asked for; raises LocalMtaError."""
    if settings.as_local_mta is None:
        return settings
    facts = await local.facts(settings.sender, settings.recipient)
    return as_local(settings, facts, given, is_own)


async def hint(settings: Settings, local: LocalMta) -> str | None:
    """Return one line that offers the local server's settings, None where they were given or do not differ."""
    if settings.as_local_mta is not None or settings.ehlo or settings.source or settings.server:
        return None
    try:
        facts = await local.facts(settings.sender, settings.recipient)
    except LocalMtaError:
        return None
    if not facts.differs(await local.host_name()):
        return None
    return f"{facts.server} on this host {facts.summary}: test as {facts.server} with --as-local-mta"
