"""All that was asked to hold a domain's answers against the authority's, and what came of it. Plain data."""

from dataclasses import dataclass
from datetime import datetime

from smtpdiag_tui.checks.lookups.answers import Answer
from smtpdiag_tui.checks.lookups.arbiter import Ruling
from smtpdiag_tui.checks.lookups.host_views import HostView
from smtpdiag_tui.checks.lookups.rewriting import RandomName
from smtpdiag_tui.settings import DnsServer


@dataclass(frozen=True, slots=True)
class Alias:
    """A CNAME at a mail domain. `cut`: a zone begins there, so that SOA and NS stand beside it.

    `own` is the MX answer of that zone's own name server, None where none gave any.
    """

    answer: Answer
    cut: bool = False
    own: Answer | None = None

    @property
    def hides(self) -> bool:
        """Whether the zone has an MX that whoever follows the alias does not see."""
        return self.own is not None and bool(self.own.records)


@dataclass(frozen=True, slots=True)
class Arbitration:
    """What the servers in use say of a domain, judged; the random names asked, and its mail hosts' addresses.

    `at` is the time in UTC, from which what is left of a TTL counts.
    """

    rulings: tuple[Ruling, ...] = ()
    random: tuple[RandomName, ...] = ()
    hosts: tuple[HostView, ...] = ()
    alias: Alias | None = None
    at: datetime | None = None

    def ruling(self, server: DnsServer | None) -> Ruling | None:
        """Return what a server's answer is judged to be; None if it was not judged."""
        return next((item for item in self.rulings if item.server == server), None)

    def random_at(self, server: DnsServer) -> RandomName | None:
        """Return the random name that a server was asked for, None if none was."""
        return next((item for item in self.random if item.resolver.server == server), None)
