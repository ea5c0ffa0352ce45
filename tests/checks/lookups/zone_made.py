"""Zones, their name servers and their parents as observations made by hand."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Pair, Question, Record
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.delegation import Delegation, ParentView
from smtpdiag_tui.checks.lookups.name_servers import NameServer, NameServers
from smtpdiag_tui.checks.lookups.soa import ResolverView, SoaObservation, ZoneObservation
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.settings import DnsServer
from tests.checks.making import DOMAIN, SERVER, answer

NS = ("ns1.example", "ns2.example")
PARENT = "example"


def soa(serial: int, *, flags: tuple[str, ...] = ("AA",), transport: Transport = Transport.UDP) -> Answer:
    """Return an answer with the domain's SOA."""
    data = f"ns1.example. hostmaster.example. {serial} 7200 3600 1209600 300"
    return answer("SOA", [data], flags=flags, transport=transport)


def both(one: Answer) -> Pair:
    """Return the same answer over both transports."""
    return Pair(one, replace(one, transport=Transport.TCP))


def ns_answer(names: Sequence[str], flags: tuple[str, ...] = ("AA",)) -> Answer:
    """Return an answer with the domain's NS set."""
    return answer("NS", [f"{name}." for name in names], flags=flags)


def view(host: int, serial: int, mx: Sequence[str] | None = None, ns: Sequence[str] = NS) -> AuthorityView:
    """Return a name server, by its number, that answers with authority; `mx` is None where it was not asked."""
    told = answer("MX", mx, flags=("AA",)) if mx is not None else None
    return AuthorityView(NS[host], f"192.0.2.{51 + host}", both(soa(serial)), ns=ns_answer(ns), mx=told)


def silent(host: int) -> AuthorityView:
    """Return a name server, by its number, that does not answer."""
    return AuthorityView(NS[host], f"192.0.2.{51 + host}", both(answer("SOA", kind=AnswerKind.TIMEOUT)))


def answering(host: int, one: Answer) -> AuthorityView:
    """Return a name server, by its number, that answers so over both transports."""
    return AuthorityView(NS[host], f"192.0.2.{51 + host}", both(one))


def parent_answer(
    names: Sequence[str] = (),
    glue: Sequence[tuple[str, str]] = (),
    *,
    kind: AnswerKind = AnswerKind.NODATA,
    flags: tuple[str, ...] = (),
    name: str = DOMAIN,
    cut: str = DOMAIN,
) -> Answer:
    """Return what a parent's server answers to the question for the NS set of `name`: a referral to `cut`."""
    told = answer("NS", kind=kind, flags=flags, name=name, soa=None)
    authority = tuple(Record(cut, "NS", 300, f"{host}.") for host in names)
    additional = tuple(Record(host, "AAAA" if ":" in ip else "A", 300, ip) for host, ip in glue)
    return replace(told, question=Question(name, "NS", recurse=False), authority=authority, additional=additional)


def parent(*answers: Answer) -> Delegation:
    """Return what the parent's servers answered, one answer each."""
    views = []
    for number, told in enumerate(answers):
        server = DnsServer(f"192.0.2.{100 + number}")
        views.append(ParentView(f"{'abcd'[number]}.nic.example", PARENT, replace(told, server=server)))
    return Delegation(PARENT, tuple(views))


def referral(*names: str, glue: Sequence[tuple[str, str]] = ()) -> Delegation:
    """Return a delegation of the domain by one server of the parent."""
    return parent(parent_answer(names, glue))


def zone(**more: object) -> ZoneObservation:
    """Return the domain's zone as the resolver found it."""
    hosts = tuple(NameServer(name, (f"192.0.2.{51 + n}",)) for n, name in enumerate(NS))
    ns = ns_answer(NS, ("RD", "RA"))
    made = ZoneObservation(DOMAIN, DOMAIN, soa(7, flags=("RD", "RA")), NameServers(hosts), ns=ns)
    return replace(made, **more)  # type: ignore[arg-type]


def seen(*views: AuthorityView, resolver: int | None = 7, **more: object) -> SoaObservation:
    """Return the zone at these name servers, and at a resolver with this serial; None for no resolver."""
    resolvers: tuple[ResolverView, ...] = ()
    if resolver is not None:
        resolvers = (ResolverView(SERVER, both(soa(resolver, flags=("RD", "RA")))),)
    return SoaObservation(zone(**more), resolvers, views)
