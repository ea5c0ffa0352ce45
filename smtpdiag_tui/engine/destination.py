"""Where mail goes: to the domain's mail hosts, an address literal, a server given by hand, or relay hosts. Pure.

Which of them it is, is chosen once; what a delivery does differently for it, and says differently, stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import AnswerKind, id_name
from smtpdiag_tui.checks.lookups.routing import MailHost, Route, RouteKind
from smtpdiag_tui.report.amounts import noun_for
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.settings import Relay, Settings, parse_ip
from smtpdiag_tui.verdict.outcome import Verdict, of_route

DELIVERY = "delivery"  # the step above all of them
_PREFERENCES = 65536  # how many an MX record can have
_NO_HOSTS = {
    RouteKind.NULL: "no connection made, null MX",
    RouteKind.NOT_FOUND: "no connection made, recipient domain does not exist",
    RouteKind.NO_HOST: "no connection made, recipient domain has no MX host",
    RouteKind.LOOP: "no connection made, CNAME loop at the recipient domain",
    RouteKind.FAILED: "no connection made, MX hosts could not be determined",
}


@dataclass(frozen=True, slots=True)
class DestinationHost:
    """One host to deliver to. `literal`: it is given by its address, and nothing is looked up.

    `relay` is the relay host that it stands for, `rank` that one's place among all.
    """

    host: MailHost
    literal: bool = False
    relay: Relay | None = None
    rank: int = 0

    @property
    def id_name(self) -> str:
        """Its name as step ids hold it, an address in brackets."""
        return id_name(f"[{self.host.name}]" if self.literal else self.host.name)

    @property
    def step(self) -> str:
        """The id of its step."""
        return f"{DELIVERY}/{self.id_name}"

    @property
    def title(self) -> str:
        """The title of its step."""
        title = self.host.name
        if self.host.preference is not None:
            title += f" (preference {self.host.preference})"
        if self.relay is not None:
            title += f" (relay host, port {self.relay.port})"
        return title

    @property
    def order(self) -> int | None:
        """Its place among all hosts, as a preference: relay hosts are tried in the order given."""
        if self.relay is None:
            return self.host.preference
        return self.rank * _PREFERENCES + (self.host.preference or 0)

    @property
    def by_mx(self) -> bool:
        """Whether the recipient's domain names it."""
        return self.relay is None and self.host.preference is not None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the mail goes: the hosts, the preferred ones first. Each kind says what is its own.

    `domain` is the recipient's. An address literal (RFC 5321 §4.1.3) has nothing of its own.
    """

    hosts: tuple[DestinationHost, ...]
    domain: str

    @property
    def subject(self) -> str:
        """What its hosts are the hosts of, in a sentence."""
        return self.domain

    @property
    def needs_dns(self) -> bool:
        """Whether its hosts cannot be known, or cannot be found, while the DNS here says nothing."""
        return not all(host.literal for host in self.hosts)

    @property
    def unplanned(self) -> int:
        """How many hosts there are beyond those that are planned."""
        return 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is told of the way that the mail takes."""
        return ()

    @property
    def why_nobody(self) -> str:
        """Why nobody is talked to, where that is known beforehand."""
        return ""

    def known_beforehand(self, *, dns_broken: bool) -> Verdict | None:
        """Return the outcome where it is known before anybody is talked to.

        `dns_broken`: the destination needs the DNS, and no server says anything.
        """
        return of_route(RouteKind.FAILED, self.domain, broken=True) if dns_broken else None

    def in_its_words(self, verdict: Verdict) -> Verdict:
        """Return the outcome of the sessions as it is told of this destination."""
        return verdict

    def without_address(self, verdict: Verdict) -> Verdict:
        """Return the outcome as it is told where none of its hosts has an address."""
        return verdict


@dataclass(frozen=True, slots=True)
class MailHosts(Destination):
    """The mail hosts of the recipient's domain."""

    route: Route

    @property
    def needs_dns(self) -> bool:
        """Whether nothing came of the question for them."""
        return self.route.kind is RouteKind.FAILED

    @property
    def nobody_asked(self) -> bool:
        """Whether the question for them was never sent: this machine had no socket left."""
        return self.needs_dns and self.route.mx.kind is AnswerKind.NO_SOCKET

    @property
    def unplanned(self) -> int:
        """How many MX hosts there are beyond those that are planned."""
        return self.route.unplanned

    @property
    def why_nobody(self) -> str:
        """Why there is no mail host."""
        return _NO_HOSTS.get(self.route.kind, "")

    def known_beforehand(self, *, dns_broken: bool) -> Verdict | None:
        """Return the outcome where the domain has no mail hosts, or where these are not known."""
        return of_route(self.route.kind, self.domain, broken=dns_broken)


@dataclass(frozen=True, slots=True)
class GivenServer(Destination):
    """A server that the user gave: it is talked to instead of the domain's mail hosts."""

    @property
    def server(self) -> str:
        """The server as it was given."""
        return self.hosts[0].host.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """That it was given."""
        message = f"{self.server} was given and is tested instead of the MX hosts of {self.domain}"
        return (finding("server-override", message),)

    def without_address(self, verdict: Verdict) -> Verdict:
        """Say that the server is not found: what becomes of mail by another way is not known then."""
        return Verdict(
            Outcome.UNKNOWN, f"The given server {self.server} has no address", DELIVERY, verdict.walk, Side.HERE
        )


@dataclass(frozen=True, slots=True)
class RelayHosts(Destination):
    """The relay hosts that the local mail server would send the mail through."""

    settings: Settings

    @property
    def subject(self) -> str:
        """The relay hosts in words."""
        labels = [relay.label for relay in self.settings.relay]
        return f"the {noun_for(len(labels), 'relay host')} {', '.join(labels)}"

    @property
    def needs_dns(self) -> bool:
        """Whether one of them is given by name."""
        return not all(is_address(relay.host) for relay in self.settings.relay)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The route, and where it is known from."""
        mta = self.settings.as_local_mta or "The local mail server"
        message = f"{mta} sends this message through {self.subject}"
        return (finding("relay-route", message, evidence=self.settings.local_facts),)

    @property
    def why_nobody(self) -> str:
        """Why there is none."""
        return "relay host not found"

    def known_beforehand(self, *, dns_broken: bool) -> Verdict | None:
        """Return the outcome where no relay host stands for any of the names, or that is not known."""
        if not self.hosts and not dns_broken:
            return self._not_found()
        return Destination.known_beforehand(self, dns_broken=dns_broken)

    def without_address(self, verdict: Verdict) -> Verdict:
        """Say that none of them is found."""
        return replace(self._not_found(), walk=verdict.walk)

    def in_its_words(self, verdict: Verdict) -> Verdict:
        """Say what it means that a relay host takes the mail or not."""
        if verdict.outcome is Outcome.ACCEPTED:
            more = "The relay host accepted; what the recipient's MX hosts reply to it later is not tested."
        elif verdict.outcome is Outcome.BOUNCED:
            more = "The relay host replied, not an MX host of the recipient."
        else:
            more = f"The message goes through {self.subject}."
        # A relay that takes nothing now, or wants a login, is ours to see to, not the recipient's.
        side = Side.HERE if verdict.outcome in (Outcome.DEFERRED, Outcome.UNKNOWN) else None
        return replace(verdict, note=f"{verdict.note} {more}".strip(), side=side)

    def _not_found(self) -> Verdict:
        """Return the outcome where none can be found: a misconfiguration, which servers wait out."""
        labels = ", ".join(relay.label for relay in self.settings.relay)
        text = f"{noun_for(len(self.settings.relay), 'Relay host')} {labels} not found"
        return Verdict(Outcome.DEFERRED, text, DELIVERY, side=Side.HERE)


def mail_hosts(route: Route) -> MailHosts:
    """Return the mail hosts that a domain's route leads to."""
    return MailHosts(tuple(DestinationHost(host) for host in route.hosts), route.domain, route)


def address_literal(address: str, domain: str) -> Destination:
    """Return what a recipient's address literal names."""
    return Destination((DestinationHost(MailHost(address, None), literal=True),), domain)


def given_server(server: str, domain: str) -> GivenServer:
    """Return the server that the user gave, by name or address."""
    return GivenServer((DestinationHost(MailHost(server, None), is_address(server)),), domain)


def relay_hosts(settings: Settings, found: Sequence[Sequence[MailHost]], domain: str) -> RelayHosts:
    """Return the hosts that the relays stand for, `found` for each of them, each once, in the relays' order."""
    by_step: dict[str, DestinationHost] = {}
    for rank, (relay, hosts) in enumerate(zip(settings.relay, found, strict=True)):
        for host in hosts:
            item = DestinationHost(host, is_address(host.name), relay, rank)
            by_step.setdefault(item.step, item)
    return RelayHosts(tuple(by_step.values()), domain, settings)


def is_address(host: str) -> bool:
    """Whether a host is given by its address."""
    return parse_ip(host) is not None
