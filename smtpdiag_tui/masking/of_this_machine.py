"""What a report tells of this machine: its names, its addresses, and the hosts that its own set-up names. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from smtpdiag_tui.masking.authentication import greeted_in_authentication, own_in_authentication
from smtpdiag_tui.masking.called_by_peers import addresses_in, called
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import Masked
from smtpdiag_tui.report.facts import address_in
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.settings import Settings, Via, parse_ip


@dataclass(slots=True)
class Own:
    """Names and addresses of this machine."""

    names: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def add_host(self, text: str) -> None:
        """Add what stands for a host: a name, an address, or an address literal."""
        address = address_in(text)
        if parse_ip(address) is not None:
            self.addresses.add(address)
        else:
            self.names.add(text.lower())

    def add_address(self, text: str) -> None:
        """Add an address; what is none, as in a report that was masked before, is not."""
        if parse_ip(text) is not None:
            self.addresses.add(text)


def own_things(report: Report) -> Own:
    """Return all that a report tells of this machine."""
    own, others = inside(report), theirs(report)
    _add_settings(own, report.settings)
    for address in own_in_authentication(report):
        own.add_address(address)
    for name in greeted_in_authentication(report):
        own.add_host(name)
    for step in report.steps.values():
        _add_step(own, step)
        if step.branch == "delivery":
            _add_called(own, step, others)
    return own


def inside(report: Report) -> Own:
    """Return the hosts that this machine's own set-up names: relay hosts, a server that no MX record names."""
    own = Own()
    server = report.settings.server
    public = server is not None and _is_public(report, server)
    for relay in report.settings.relay:
        own.add_host(relay.host)
    if server and not public:
        own.add_host(server)
    if (own.names or own.addresses) and not public:
        _add_destinations(own, report)
    return own


def theirs(report: Report) -> set[str]:
    """Return the names and addresses that are others': hosts and servers that steps are about."""
    found = {part.lower() for key in report.steps for part in StepId(key).parts[1:]}
    found -= set(own_in_authentication(report))
    found |= {server.address for server in report.settings.dns}
    found.add((report.settings.server or "").lower())
    return found


def _is_public(report: Report, server: str) -> bool:
    """Whether all can know of a server: an MX record names it, or it is a public address."""
    literal = parse_ip(server)
    if literal is not None:
        return literal.is_global
    record = re.compile(rf"\bMX \d+ {re.escape(server)}\.?(?![\w.-])", re.IGNORECASE)
    notes = (entry.text for step in report.steps.values() for entry in step.transcript if "MX" in entry.text)
    return any(record.search(text) for text in notes)


def _add_destinations(own: Own, report: Report) -> None:
    """Add all that delivery turned to, where that was by way of hosts inside."""
    for step_id in map(StepId, report.steps):
        if step_id.branch == "delivery" and step_id.host:
            own.add_host(step_id.host)
            own.add_address(step_id.address)


def _add_settings(own: Own, settings: Settings) -> None:
    """Add what the settings tell: those that were given, and the local mail server's."""
    for option in table.OPTIONS:
        value = getattr(settings, option.name)
        if not value:
            continue
        match option.masked:
            case Masked.OWN_ADDRESS:
                own.addresses.add(value)
            case Masked.OWN_ADDRESSES:
                for address in value:
                    own.add_address(address)
            case Masked.OWN_HOST:
                own.add_host(value)
            case Masked.OWN_HOSTS | Masked.VANTAGE_POINTS:
                for host in value:
                    own.add_host(host.host if isinstance(host, Via) else host)
            case Masked.LINES:
                for line in value:
                    own.addresses |= set(addresses_in(line))


def _add_step(own: Own, step: Step) -> None:
    facts = step.facts
    for address in (*facts.sources, *facts.seen_as, *facts.addresses):
        own.add_address(address)
    own.names |= {name.lower() for name in facts.names}
    if "." in facts.host_name:
        own.names.add(facts.host_name.lower())
    for name in (facts.ehlo, *_said_in_ehlo(step)):
        if name:
            own.add_host(name)


def _said_in_ehlo(step: Step) -> Iterator[str]:
    """Yield what this machine called itself in a session, one that still goes on too."""
    sent = (entry.text for entry in step.transcript if entry.direction is Direction.SENT)
    return (line[5:].strip() for line in sent if line.startswith(("EHLO ", "HELO ")))


def _add_called(own: Own, step: Step, others: set[str]) -> None:
    for kind, value in called(step, others):
        (own.addresses if kind == "address" else own.names).add(value)
