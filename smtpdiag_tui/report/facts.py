"""What steps and runs tell beside their sentences, as data: nobody has to read a sentence of ours. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from smtpdiag_tui.settings import Settings, parse_ip

_HOST = re.compile(r"(?:\w+://)?(?:[^@]*@)?\[?([\w.-]+)\]?(?::\w+)?")


class Party(StrEnum):
    """Whom a refusal is about."""

    MACHINE = "machine"  # this one
    SENDER = "sender"
    RECIPIENT = "recipient"
    SERVER = "server"  # it has trouble of its own, and refuses nobody


class EhloOrigin(StrEnum):
    """Where the name said in EHLO comes from."""

    SETTINGS = "settings"  # it was given, or is the local mail server's
    HOST_NAME = "host-name"
    ADDRESS = "address"  # of this machine, as a literal: it has no name


class DestinationKind(StrEnum):
    """Whom a run turns to."""

    DOMAIN = "domain"  # the mail hosts of the recipient's domain
    LITERAL = "literal"  # the address in the recipient's address
    SERVER = "server"  # a host that was given
    RELAY = "relay"  # the local mail server's relay hosts


class SessionEnd(StrEnum):
    """How the session with one address of an MX host ended, as far as RCPT TO; the connection is a part of it."""

    ACCEPTED = "accepted"  # 2xx to RCPT TO
    DEFERRED = "deferred"  # 4xx
    REJECTED = "rejected"  # 5xx
    GREETING_REFUSED = "greeting-refused"  # 4xx or 5xx in the place of the greeting
    CONNECTION_REFUSED = "connection-refused"
    TIMEOUT = "timed-out"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    NO_ROUTE = "no-route"  # this host has none to an address of that family
    NO_SOCKET = "no-socket"  # this host has none left
    UNUSABLE = "unusable"  # never connected to
    CLOSED = "closed"  # without a reply
    NO_SMTP = "no-smtp"  # what came is no reply, or has no end
    TLS_FAILED = "tls-failed"  # the handshake, and nothing else was possible
    TLS_MISSING = "tls-missing"  # required by the settings, not available
    SMTPUTF8_MISSING = "smtputf8-missing"  # required by the addresses, not offered


class CertificateVerdict(StrEnum):
    """What is to be said of a certificate; several may hold at once."""

    VERIFIED = "verified"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"  # or not valid yet
    NAME_MISMATCH = "name-mismatch"
    MALFORMED = "malformed"
    NOT_JUDGED = "not-judged"  # no authorities here, or the certificate is that of another name (SNI)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the session with one address came to.

    `reply`: code and enhanced code of the reply that decided, as `550 5.1.1`; "" where there was none. `tls`: the
    protocol as the library names it (`TLSv1.3`), "" without TLS. `certificate`: the verdicts, the gravest first,
    none without TLS. `days`: until the certificate expires, less than 0 for one that has; None where it has no
    readable end. `software`: what the greeting says that the server is, "" where it says nothing known. Of the
    certificate, "" where it cannot be read: `expires` in UTC (ISO 8601), `subject` in one line, `fingerprint` the
    SHA-256 of its DER in hexadecimal.
    """

    end: SessionEnd
    reply: str = ""
    tls: str = ""
    certificate: tuple[CertificateVerdict, ...] = ()
    days: int | None = None
    software: str = ""
    expires: str = ""
    subject: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What one step tells of this machine and of an MX host, each empty where it tells nothing of that.

    `host_name`: its fully qualified name. `sources`: its addresses that connections left from. `seen_as`: the
    addresses that others see it by. `names`: those that these addresses have, and that lead to them. `addresses`:
    where its names lead. `ehlo`: the name, or the address literal, said in EHLO. `said`: what of the step's detail
    is a peer's own words, `timed` whether the detail ends with the time that the step's work took. `preference`:
    of an MX host. `session`: what the one with an address of an MX host came to. `serial`: the newest of the zone
    that its name servers tell.
    """

    host_name: str = ""
    sources: tuple[str, ...] = ()
    seen_as: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ehlo: str = ""
    said: str = ""
    timed: bool = False
    preference: int | None = None
    session: SessionFacts | None = None
    serial: int | None = None

    def merged(self, other: "StepFacts | None") -> "StepFacts":
        """Return these facts with others added; of one that there can be only one of, the other's counts."""
        if other is None or other is NO_FACTS or other == NO_FACTS:
            return self
        return StepFacts(
            host_name=other.host_name or self.host_name,
            sources=_union(self.sources, other.sources),
            seen_as=_union(self.seen_as, other.seen_as),
            names=_union(self.names, other.names),
            addresses=_union(self.addresses, other.addresses),
            ehlo=other.ehlo or self.ehlo,
            said=other.said or self.said,
            timed=other.timed or self.timed,
            preference=self.preference if other.preference is None else other.preference,
            session=other.session or self.session,
            serial=self.serial if other.serial is None else other.serial,
        )


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What a run tells of this machine and of whom it turned to: that of all steps, and of the settings.

    `destination` is the recipient's domain, the address literal without brackets, the host that was given, or the
    first relay host. `ehlo` is "" and `ehlo_origin` None where nobody was greeted and no name is known.
    """

    host_name: str
    sources: tuple[str, ...]
    seen_as: tuple[str, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    ehlo: str
    ehlo_origin: EhloOrigin | None
    relay_hosts: tuple[str, ...]
    destination: str
    destination_kind: DestinationKind


NO_FACTS = StepFacts()


def together(facts: Iterable[StepFacts | None]) -> StepFacts:
    """Return what several tell together; None tells nothing."""
    return reduce(StepFacts.merged, facts, NO_FACTS)


def gathered(settings: Settings, facts: Iterable[StepFacts]) -> ReportFacts:
    """Return what a run tells, from its settings and the facts of its steps in their order."""
    whole = together(facts)
    ehlo = settings.ehlo or whole.ehlo or whole.host_name
    kind, destination = destination_of(settings)
    return ReportFacts(
        host_name=whole.host_name,
        sources=whole.sources,
        seen_as=whole.seen_as,
        names=whole.names,
        addresses=whole.addresses,
        ehlo=ehlo,
        ehlo_origin=_origin(settings, ehlo),
        relay_hosts=tuple(relay.host for relay in settings.relay),
        destination=destination,
        destination_kind=kind,
    )


def _origin(settings: Settings, ehlo: str) -> EhloOrigin | None:
    if settings.ehlo:
        return EhloOrigin.SETTINGS
    if not ehlo:
        return None
    return EhloOrigin.ADDRESS if ehlo.startswith("[") else EhloOrigin.HOST_NAME


def destination_of(settings: Settings) -> tuple[DestinationKind, str]:
    """Return whom a run turns to: a server that was given comes before relay hosts, these before the domain."""
    if settings.server is not None:
        return DestinationKind.SERVER, settings.server
    if settings.relay:
        return DestinationKind.RELAY, settings.relay[0].host
    domain = settings.recipient.rpartition("@")[2]
    if domain.startswith("["):
        return DestinationKind.LITERAL, address_in(domain)
    return DestinationKind.DOMAIN, domain


def hosts_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts in lists as mail servers write them, `[host]:port` and so on, in lower case, each once."""
    found = (_HOST.fullmatch(item) for text in texts for item in re.split(r"[\s,;]+", text.lower()))
    names = (match[1].rstrip(".") for match in found if match is not None)
    return tuple(dict.fromkeys(name for name in names if re.search(r"[a-z_-]", name)))


def address_in(literal: str) -> str:
    """Return the address in an address literal (RFC 5321 §4.1.3), the text itself where there is none."""
    bare = literal.strip("[]").removeprefix("IPv6:")
    return bare if parse_ip(bare) is not None else literal


def _union(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))
