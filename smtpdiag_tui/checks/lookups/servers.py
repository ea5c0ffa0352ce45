"""The DNS servers in use: what this machine is called, whom it asks, and which transports work."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.lookups.answers import USABLE, Answer, AnswerKind, Pair, cite
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.settings import DnsServer, Settings

EXPLANATION = """\
Every DNS server in use is asked one of this run's questions over UDP and over TCP. Mail servers ask over UDP
first and turn to TCP when an answer is too long. This test can fail for 3 reasons.
1) A firewall between here and the server drops one transport; often it is TCP port 53 that was forgotten.
2) The server is down, or does not serve this machine.
3) No DNS server is configured here."""


@dataclass(frozen=True, slots=True)
class MachineObservation:
    """The DNS servers that this machine uses, and the target servers given."""

    system: tuple[DnsServer, ...]
    targets: tuple[DnsServer, ...]

    @property
    def servers(self) -> tuple[DnsServer, ...]:
        """Every server once, the system's first."""
        return tuple(dict.fromkeys(self.system + self.targets))

    @property
    def route_servers(self) -> tuple[DnsServer, ...]:
        """The servers that the recipient's domain is looked up at: the targets if given, else the system's."""
        return self.targets or self.system

    @property
    def own_servers(self) -> tuple[DnsServer, ...]:
        """The servers that a mail server here asks: the system's, if there are any."""
        return self.system or self.targets

    def role(self, server: DnsServer) -> str:
        """Say why a server is asked."""
        roles = [word for word, group in (("system", self.system), ("target", self.targets)) if server in group]
        return " and ".join(roles)


@dataclass(frozen=True, slots=True)
class ServerObservation:
    """One question to one server over both transports."""

    server: DnsServer
    pair: Pair


def notes(machine: MachineObservation, settings: Settings, host_name: str | None) -> tuple[str, ...]:
    """Return the lines that tell what this machine is called and whom it asks.

    `host_name` is None if it has no fully qualified name.
    """
    name = host_name or "no fully qualified name"
    system = ", ".join(server.label for server in machine.system) or "none configured"
    targets = ", ".join(server.label for server in machine.targets) or "none given: the system's are used"
    lines = [
        f"This computer's name: {name}",
        f"The system's DNS servers: {system}",
        f"Target DNS servers: {targets}",
    ]
    if settings.ehlo:
        lines.append(f"EHLO name given: {settings.ehlo}")
    return tuple(lines)


def judge(machine: MachineObservation) -> tuple[Finding, ...]:
    """Return the findings about the servers as a whole."""
    if machine.servers:
        return ()
    return (finding("no-dns-servers", "This machine has no DNS server configured, and none was given."),)


def broken(answers: Sequence[Answer], server: DnsServer) -> bool:
    """Whether a resolver is broken: it was asked, and no question got data, NODATA or NXDOMAIN from it.

    What it gives unchecked (CD) does not count: no mail server asks for that.
    """
    asked = [answer for answer in answers if answer.server == server and answer.question.checking]
    return bool(asked) and not any(answer.kind in USABLE for answer in asked)


def works_over(answers: Sequence[Answer], server: DnsServer, transport: Transport) -> bool:
    """Whether a server has answered anything over a transport, whatever it said."""
    return any(item.well_formed for item in answers if (item.server, item.transport) == (server, transport))


def unserved(answers: Sequence[Answer], server: DnsServer) -> tuple[Answer, ...]:
    """Return the answers that show that a server in use does not resolve for this host; none if it does.

    It refers elsewhere (RFC 1034 §4.3.1), or refuses and never says that recursion is available (RA).
    """
    asked = [item for item in answers if item.server == server and item.question.recurse and item.well_formed]
    referred = [item for item in asked if item.kind is AnswerKind.REFERRAL]
    refused = [item for item in asked if item.kind is AnswerKind.REFUSED]
    recursive = any("RA" in item.flags for item in asked)
    if referred or len(refused) == len(asked) or not recursive:
        return (*referred, *refused)
    return ()


def judge_service(answers: Sequence[Answer], server: DnsServer) -> tuple[Finding, ...]:
    """Return the finding that a server answers, but does not serve this host as a resolver, if so."""
    shown = unserved(answers, server)
    if shown:
        evidence = tuple(dict.fromkeys(map(cite, shown)))
        question = shown[0].question
        does = f"refused {question}"
        if shown[0].kind is AnswerKind.REFERRAL:
            does = f"referred to other servers for {question}"
        message = f"{server.label} does not resolve for this host: it {does}"
        return (finding("dns-no-recursion", message, evidence=evidence),)
    if not broken(answers, server):
        return ()
    failed = [item for item in answers if item.server == server]
    lines = dict.fromkeys(f"{item.question}: {item.rcode or item.kind} {item.extended}".strip() for item in failed)
    message = f"{server.label} answered, but failed every query of this run"
    return (finding("dns-resolver-broken", message, evidence=tuple(lines)),)
