"""Reading SPF records: which TXT record is one, and its terms (RFC 7208 §4.5, §4.6, §12). Pure."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from smtpdiag_tui.checks.authentication.spf import macros as spf_macros
from smtpdiag_tui.checks.authentication.spf.macros import MacroError
from smtpdiag_tui.checks.authentication.spf.model import (
    QUALIFIERS,
    Mechanism,
    SpfRecord,
    SpfTerm,
)
from smtpdiag_tui.report.authentication import SpfResult

VERSION = "v=spf1"
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=")
_MECHANISM = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_NEAR = re.compile(rb"^[\s\"']{0,4}(?:v=?)?\s?spf(?:1[\s:;,=+~?\-a-z]|[\s:;,+~?-])", re.IGNORECASE)
_MOST_NEAR = 3
_ONCE = ("redirect", "exp")  # modifiers (§6)
# What is published in the place of a mechanism, and what was meant.
_MEANT = {
    "ipv4": "ip4", "ipv6": "ip6", "ip": "ip4", "ip4v": "ip4", "inlcude": "include", "includes": "include",
    "incude": "include", "exist": "exists", "exits": "exists",
}  # fmt: skip


def is_record(text: bytes) -> bool:
    """Whether a TXT record is one of SPF: it begins with the version, then a blank or nothing (§4.5)."""
    size = len(VERSION)
    return text[:size].lower() == VERSION.encode() and text[size : size + 1] in {b"", b" "}


def records_in(texts: Iterable[bytes]) -> tuple[str, ...]:
    """Return the texts of the SPF records among TXT records, an octet a character."""
    return tuple(text.decode("latin-1") for text in texts if is_record(text))


def near_records_in(texts: Iterable[bytes]) -> tuple[str, ...]:
    """Return the texts of TXT records that are none of SPF and look as if they were meant to be, a few at most."""
    near = (text.decode("latin-1") for text in texts if _NEAR.search(text) and not is_record(text))
    return tuple(islice(near, _MOST_NEAR))


def parse_record(domain: str, text: str) -> SpfRecord:
    """Return a record with all its terms, those with a syntax error included (§4.6)."""
    terms: list[SpfTerm] = []
    seen: set[str] = set()
    for part in text[len(VERSION) :].split(" "):
        if not part:
            continue
        term = _term(part)
        if term.error:
            term = replace(term, meant=_meant(part))
        if term.mechanism is None and term.name in _ONCE:
            if term.name in seen and not term.error:
                term = SpfTerm(part, name=term.name, spec=term.spec, error=f"a second {term.name}=")
            seen.add(term.name)
        terms.append(term)
    return SpfRecord(domain, text, tuple(terms))


def _term(text: str) -> SpfTerm:
    found = _MODIFIER.match(text)
    if found is not None:
        return _modifier(text, found[1].lower(), text[found.end() :])
    result = QUALIFIERS.get(text[0])
    bare = text if result is None else text[1:]
    result = result or SpfResult.PASS
    named = _MECHANISM.match(bare)
    if named is None:
        return SpfTerm(text, error=_about_nameless(bare))
    name, rest = named[0].lower(), bare[named.end() :]
    try:
        mechanism = Mechanism(name)
    except ValueError:
        return SpfTerm(text, error=_about_unknown(name, rest))
    try:
        return _mechanism(text, mechanism, result, rest)
    except ValueError as error:
        return SpfTerm(text, mechanism, result, error=str(error))


def _modifier(text: str, name: str, value: str) -> SpfTerm:
    try:
        if name in _ONCE:
            spf_macros.check_domain_spec(value)
        else:
            spf_macros.check(value)
    except MacroError as error:
        return SpfTerm(text, name=name, spec=value, error=str(error))
    return SpfTerm(text, name=name, spec=value)


def _mechanism(text: str, mechanism: Mechanism, result: SpfResult, rest: str) -> SpfTerm:
    """Read what follows a mechanism's name; ValueError, with a clause, for a syntax error."""
    match mechanism:
        case Mechanism.ALL:
            if rest:
                raise ValueError("nothing may follow all")
            return SpfTerm(text, mechanism, result)
        case Mechanism.IP4 | Mechanism.IP6:
            return SpfTerm(text, mechanism, result, network=_network(mechanism, rest))
        case Mechanism.A | Mechanism.MX:
            spec, cidr4, cidr6 = _lengths(rest)
            return SpfTerm(text, mechanism, result, spec=_spec(spec, mechanism), cidr4=cidr4, cidr6=cidr6)
        case Mechanism.PTR:
            return SpfTerm(text, mechanism, result, spec=_spec(rest, mechanism))
        case _:
            if not rest:
                raise ValueError(f"{mechanism} needs a domain")
            return SpfTerm(text, mechanism, result, spec=_spec(rest, mechanism))


def _spec(rest: str, mechanism: Mechanism) -> str:
    """Return the domain-spec behind a colon, "" for none."""
    if not rest:
        return ""
    if not rest.startswith(":"):
        raise ValueError(f"'{rest[:20]}' may not follow {mechanism}")
    spf_macros.check_domain_spec(rest[1:])
    return rest[1:]


def _lengths(rest: str) -> tuple[str, int, int]:
    """Return what stands before the prefix lengths of a and mx, and these (dual-cidr-length, §5.3)."""
    cidr4, cidr6 = 32, 128
    before, slashes, digits = rest.rpartition("//")
    if slashes and _LENGTH.fullmatch(digits):
        rest, cidr6 = before, _within(int(digits), 128)
    before, slash, digits = rest.rpartition("/")
    if slash and not before.endswith("/") and _LENGTH.fullmatch(digits):
        rest, cidr4 = before, _within(int(digits), 32)
    return rest, cidr4, cidr6


def _network(mechanism: Mechanism, rest: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the network of ip4 and ip6 (§5.6)."""
    if not rest.startswith(":") or len(rest) == 1:
        raise ValueError(f"{mechanism} needs an address")
    most = 32 if mechanism is Mechanism.IP4 else 128
    address, slash, digits = rest[1:].partition("/")
    if slash and not _LENGTH.fullmatch(digits):
        raise ValueError(f"'/{digits[:20]}' is not a prefix length")
    length = _within(int(digits), most) if slash else most
    try:
        if mechanism is Mechanism.IP4:
            return ipaddress.IPv4Network((ipaddress.IPv4Address(address), length), strict=False)
        return ipaddress.IPv6Network((ipaddress.IPv6Address(_without_zone(address)), length), strict=False)
    except ipaddress.AddressValueError:
        raise ValueError(_about_address(mechanism, address)) from None


def _without_zone(address: str) -> str:
    if "%" in address:
        raise ipaddress.AddressValueError(address)
    return address


def _within(length: int, most: int) -> int:
    if length > most:
        raise ValueError(f"prefix length /{length} is over /{most}")
    return length


def _meant(text: str) -> str:
    """Return the term that was meant, where its text tells: an address, another mechanism's name, a modifier."""
    sign, bare = (text[0], text[1:]) if text[0] in QUALIFIERS else ("", text)
    name, colon, rest = bare.partition(":")
    if name.lower() in _ONCE and colon:
        found = f"{name.lower()}={rest}"
    elif name.lower() in _MEANT:
        found = f"{sign}{_MEANT[name.lower()]}:{rest}"
    else:
        address = rest if colon and name.lower() in {"ip4", "ip6", "a", "mx"} else bare
        version = _version(address)
        found = f"{sign}ip{version}:{address}" if version else ""
    return found if found and not _term(found).error else ""


def _version(address: str) -> int:
    """Return the version of an IP address or network, 0 for anything else."""
    if "%" in address:
        return 0
    try:
        return ipaddress.ip_network(address, strict=False).version
    except ValueError:
        return 0


def _about_address(mechanism: Mechanism, address: str) -> str:
    wanted = mechanism.value[-1]
    version = _version(address)
    return (
        f"an IPv{version} address needs the mechanism ip{version}"
        if version
        else f"'{address[:60]}' is not an IPv{wanted} address"
    )


def _about_nameless(bare: str) -> str:
    """Say what is wrong with a term that begins with no name."""
    version = _version(bare)
    return f"an IPv{version} address needs the mechanism ip{version}" if version else "a term begins with a letter"


def _about_unknown(name: str, rest: str) -> str:
    """Say what is wrong with a term of another name than the mechanisms'."""
    if name in _ONCE and rest.startswith(":"):
        return f"{name} is written with =, not with a colon"
    if name in {"v", "spf1"}:
        return "the version belongs at the start only"
    meant = _MEANT.get(name)
    return f"{name} is not a mechanism; {meant} probably is meant" if meant else "unknown mechanism"
