"""This machine's addresses, reverse names and EHLO names, made for tests."""

from smtpdiag_tui.checks.lookups.answers import AnswerKind
from smtpdiag_tui.checks.lookups.routing import HostLookup, MailHost, Resolution
from smtpdiag_tui.checks.machine.ehlo_name import NameIdentity
from smtpdiag_tui.checks.machine.identity import AddressIdentity, ReverseLookup, SeenAddress
from smtpdiag_tui.checks.machine.seen_address import Echo
from tests.checks.making import answer

OWN, OTHER, PRIVATE = "192.0.2.10", "192.0.2.70", "10.0.0.10"
NAME = "mail.sender.example"


def resolution(rdtype: str, *data: str, name: str = NAME, kind: AnswerKind | None = None) -> Resolution:
    return Resolution((answer(rdtype, data, kind=kind, name=name),), (name,))


def reverse(*names: str, to: tuple[str, ...] = (OWN,), kind: AnswerKind | None = None) -> ReverseLookup:
    ptr = resolution("PTR", *(f"{name}." for name in names), name="10.2.0.192.in-addr.arpa", kind=kind)
    return ReverseLookup(OWN, ptr, tuple((name, resolution("A", *to, name=name)) for name in names))


def echo(address: str, who: str = "mx1") -> Echo:
    return Echo(address, f"{who}.partner.example", f"250 {who} Hello {NAME} [{address}]")


def seen(source: str, *echoes: Echo, public: bool = True) -> SeenAddress:
    return SeenAddress(source, public, echoes, len(echoes))


def at(source: str = OWN, found: ReverseLookup | None = None) -> AddressIdentity:
    return AddressIdentity(seen(source), found if found is not None else reverse(NAME))


def lookup(*addresses: str, a: Resolution | None = None, aaaa: Resolution | None = None) -> HostLookup:
    v4, v6 = ([item for item in addresses if (":" in item) is six] for six in (False, True))
    return HostLookup(MailHost(NAME, None), a or resolution("A", *v4), aaaa or resolution("AAAA", *v6))


def said(found: HostLookup) -> NameIdentity:
    return NameIdentity(NAME, None, found)
