"""The DNS servers in use: what this machine is called, whom it asks, and which transports work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtpdiag_tui.checks.lookups.answers import USABLE, Answer, AnswerKind, Pair, cite
from smtpdiag_tui.network.seam import SystemResolver, Transport
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, Settings

EXPLANATION = """\
Sends one query of this run to every resolver in use, over UDP and over TCP. Mail servers query over UDP first and
turn to TCP for long answers.
Fails if:
- a firewall between this host and the resolver drops UDP or TCP port 53; TCP is often forgotten
- the resolver is down, does not serve this host, or fails every query
- no DNS server is configured on this host"""


_USUAL = SystemResolver(())
_SHOWN = 60  # characters of a word that is no address


@dataclass(frozen=True, slots=True)
class MachineObservation:
    """The DNS servers that this host uses, the target servers given, and how its resolver library asks."""

    system: tuple[DnsServer, ...]
    targets: tuple[DnsServer, ...]
    stub: SystemResolver = _USUAL

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
    name = host_name or "none (no FQDN)"
    system = ", ".join(server.label for server in machine.system) or "none configured"
    if machine.stub.assumed:
        system += " (none configured, default of the resolver library)"
    targets = ", ".join(server.label for server in machine.targets) or "none given, the system's are used"
    lines = [
        f"Host name: {name}",
        f"System DNS servers: {system}",
        f"Target DNS servers: {targets}",
    ]
    lines.extend(machine.stub.remarks)
    if not machine.stub.remarks and machine.stub != replace(_USUAL, servers=machine.stub.servers):
        lines.append(f"Resolver options: {_options(machine.stub)}")
    if settings.ehlo:
        lines.append(f"EHLO name given: {settings.ehlo}")
    return tuple(lines)


def _options(stub: SystemResolver) -> str:
    switches = ("use-vc", stub.use_vc), ("rotate", stub.rotate), ("trust-ad", stub.trust_ad)
    words = [word for word, given in switches if given]
    return " ".join([*words, f"timeout:{stub.timeout}", f"attempts:{stub.attempts}"])


def judge(machine: MachineObservation, *, broken: bool = False) -> tuple[Finding, ...]:
    """Return the findings about the servers as a whole. `broken`: none of them gives a usable answer."""
    if not machine.servers:
        return (finding("no-dns-servers", "No DNS server is configured on this host, and none was given"),)
    found: list[Finding] = []
    if machine.stub.assumed and broken and not machine.targets:
        message = "No DNS server is configured on this host, and none answers on 127.0.0.1"
        found.append(finding("no-dns-servers", message))
    if machine.stub.ignored:
        labels = ", ".join(server.label for server in machine.stub.ignored)
        message = f"The resolver library ignores {labels} (it uses the first 3 servers)"
        advice = f"Remove {labels} from the resolver configuration, or move it among the first 3."
        found.append(finding("dns-server-ignored", message, advice=advice))
    if machine.stub.invalid:
        words = ", ".join(visible(word[:_SHOWN]) for word in machine.stub.invalid)
        message = f"The resolver configuration has invalid name server addresses: {words}"
        advice = f"Correct or remove {words} in the resolver configuration."
        found.append(finding("dns-server-ignored", message, advice=advice))
    return tuple(found)


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
    referred = _of_kind(asked, AnswerKind.REFERRAL)
    refused = _of_kind(asked, AnswerKind.REFUSED)
    recursive = any("RA" in item.flags for item in asked)
    if referred or len(refused) == len(asked) or not recursive:
        return (*referred, *refused)
    return ()


def _of_kind(answers: Sequence[Answer], kind: AnswerKind) -> list[Answer]:
    return [item for item in answers if item.kind is kind]


def judge_service(answers: Sequence[Answer], server: DnsServer) -> tuple[Finding, ...]:
    """Return the finding that a server answers, but does not serve this host as a resolver, if so."""
    shown = unserved(answers, server)
    if shown:
        evidence = tuple(dict.fromkeys(map(cite, shown)))
        question = shown[0].question
        what = "referral" if shown[0].kind is AnswerKind.REFERRAL else "REFUSED"
        message = f"{server.label} does not resolve for this host ({what} for {question})"
        advice = (
            f"Allow this host recursion on {server.label}, or remove {server.label} from the DNS servers in use."
        )
        return (finding("dns-no-recursion", message, advice=advice, evidence=evidence),)
    if not broken(answers, server):
        return ()
    failed = [item for item in answers if item.server == server]
    lines = dict.fromkeys(f"{item.question}: {item.rcode or item.kind} {item.extended}".strip() for item in failed)
    message = f"Resolver {server.label} answered but failed every query of this run"
    advice = f"Check the forwarders, the outbound connectivity and the DNSSEC trust anchor of {server.label}."
    return (finding("dns-resolver-broken", message, advice=advice, evidence=tuple(lines)),)
