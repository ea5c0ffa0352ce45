"""Postfix's own settings, as `postconf` and `postmap -q` print them (postconf(5), transport(5)). Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.local_mta import facts
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.report.facts import hosts_in
from smtpdiag_tui.settings import Relay, TlsPolicy, parse_ip, parse_server

NAMES = (
    "mail_version", "myhostname", "smtp_helo_name", "smtp_bind_address", "smtp_bind_address6", "inet_interfaces",
    "inet_protocols", "smtp_address_preference", "relayhost", "transport_maps", "default_transport",
    "relay_transport", "relay_domains", "mydestination", "virtual_alias_domains", "virtual_mailbox_domains",
    "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps", "smtp_tls_security_level",
    "smtp_use_tls", "smtp_enforce_tls", "smtp_tls_wrappermode", "smtp_tls_policy_maps", "smtp_sasl_auth_enable",
    "smtp_fallback_relay", "parent_domain_matches_subdomains",
)  # fmt: skip
# Read from a file by postmap itself; others may ask a server, with a password.
_TABLES = frozenset(
    {"hash", "btree", "lmdb", "cdb", "dbm", "sdbm", "texthash", "regexp", "pcre", "inline", "static"}
)
_WHOLE_KEYS = frozenset({"regexp", "pcre"})  # such a table is asked for the whole address alone
_LOCAL = ("mydestination", "virtual_alias_domains", "virtual_mailbox_domains")
_PORTS = {"smtp": 25, "submission": 587, "submissions": 465, "smtps": 465}
_BIND = {4: "smtp_bind_address", 6: "smtp_bind_address6"}
_SMTP = (None, "smtp")  # the program of a transport that speaks SMTP; None where master.cf was not read
_LEVELS = {
    "none": (TlsPolicy.OFF, "never"),
    "may": (TlsPolicy.AUTO, "if offered"),
    "encrypt": (TlsPolicy.REQUIRE, f"required; {facts.ignores_bad_certificate('Postfix')}"),
    "dane": (TlsPolicy.AUTO, "if offered; unlike Postfix, smtpdiag does not check TLSA records"),
    "dane-only": (TlsPolicy.REQUIRE, "required; unlike Postfix, smtpdiag does not check TLSA records"),
    "fingerprint": (TlsPolicy.REQUIRE, "required; unlike Postfix, smtpdiag does not check the fingerprint"),
    "verify": (TlsPolicy.REQUIRE, f"required; {facts.stops_at_bad_certificate('Postfix')}"),
    "secure": (TlsPolicy.REQUIRE, f"required; {facts.stops_at_bad_certificate('Postfix')}"),
}


@dataclass(frozen=True, slots=True)
class Services:
    """What master.cf says: each transport's program, and the parameters that it overrides there."""

    programs: Mapping[str, str]
    overrides: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Hop:
    """The transport and the next hop of a recipient, "" for what is not set, and which parameter says so."""

    transport: str
    nexthop: str
    why: str


def parse_postconf(lines: Sequence[str]) -> dict[str, str]:
    """Read lines of `name = value`."""
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def parse_services(master: Sequence[str], overrides: Sequence[str]) -> Services:
    """Read `postconf -M` (a service a line) and `postconf -Px` (`service/type/parameter = value`)."""
    programs: dict[str, str] = {}
    for line in master:
        words = line.split()
        if len(words) >= 8 and words[1] in ("unix", "inet"):
            programs.setdefault(words[0], words[7])
    changed: dict[str, dict[str, str]] = {}
    for name, value in parse_postconf(overrides).items():
        parts = name.split("/")
        if len(parts) == 3:
            service, _, parameter = parts
            changed.setdefault(service, {})[parameter] = value
    return Services(programs, changed)


def split_list(text: str) -> list[str]:
    """Return the items of a list: commas and blanks divide them, but not inside braces."""
    parts, part, depth = [], "", 0
    for char in text:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        if depth <= 0 and (char == "," or char.isspace()):
            parts.append(part)
            part = ""
        else:
            part += char
    return [part for part in (*parts, part) if part]


def tables(text: str) -> tuple[list[str], list[str]]:
    """Return the tables of a list that postmap reads from a file, and those that are not asked."""
    asked: list[str] = []
    others: list[str] = []
    for name in split_list(text):
        table = name.removeprefix("proxy:")
        if table.partition(":")[0] in _TABLES:
            asked.append(table)
        else:
            others.append(table)
    return asked, others


def questions(address: str, maps: Sequence[str], *, sender: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys that Postfix looks an address up by, in its order, each with the tables to ask.

    A sender is found by address and `@domain`; a recipient by address, domain and each domain above.
    """
    if not (address and maps):
        return
    local, _, domain = address.lower().rpartition("@")
    yield f"{local}@{domain}", list(maps)
    partial = [table for table in maps if table.partition(":")[0] not in _WHOLE_KEYS]
    if not partial:
        return
    user, plus, _ = local.partition("+")
    if plus:
        yield f"{user}@{domain}", partial
    domain_keys = [f"@{domain}"] if sender else [*with_parents(domain), "*"]
    for key in domain_keys:
        yield key, partial


def with_parents(name: str, dot: str = ".") -> list[str]:
    """Return a domain and those above it, these with a leading `dot`: a.b.test, .b.test, .test; at most 8."""
    labels = name.split(".")
    return [name, *(dot + ".".join(labels[number:]) for number in range(1, min(len(labels), 8)))]


def policy_keys(nexthop: str, domain: str) -> list[str]:
    """Return the keys that smtp_tls_policy_maps are asked for, in Postfix's order.

    The domains above count for a plain domain alone, not for a next hop in brackets or with a port.
    """
    site = nexthop.lower() or domain
    plain_domain = re.fullmatch(r"[a-z0-9_.-]+", site) and parse_ip(site) is None
    return with_parents(site) if plain_domain else [site]


def relay_domain_keys(values: Mapping[str, str], domain: str) -> list[str]:
    """Return the names that relay_domains may hold for a domain to be one (parent_domain_matches_subdomains)."""
    parents = values.get("parent_domain_matches_subdomains", "relay_domains")
    return with_parents(domain, "" if "relay_domains" in split_list(parents) else ".")


def _is_relay_domain(values: Mapping[str, str], domain: str) -> bool:
    keys = relay_domain_keys(values, domain)
    for pattern in split_list(values.get("relay_domains", "").lower()):
        if pattern.removeprefix("!") in keys:
            return not pattern.startswith("!")
    return False


def next_hop(
    values: Mapping[str, str],
    domain: str,
    transport: str | None,
    default: str | None,
    relayhost: str | None,
    *,
    relayed: bool = False,
) -> Hop:
    """Return how Postfix routes a recipient's domain.

    `transport`, `default` and `relayhost` are what transport_maps, sender_dependent_default_transport_maps and
    sender_dependent_relayhost_maps say, None for nothing. `relayed`: a table in relay_domains holds the domain.
    """
    base = _base_hop(values, domain, default, relayhost, relayed=relayed or _is_relay_domain(values, domain))
    if not transport:
        return base
    name, _, hop = transport.partition(":")
    if not name and not hop:
        return base
    return Hop(name or base.transport, hop, "transport_maps")


def _base_hop(
    values: Mapping[str, str], domain: str, default: str | None, relayhost: str | None, *, relayed: bool
) -> Hop:
    # What is in mydestination too, the default of relay_domains, is delivered here.
    own = "relay_transport" if relayed and not _locally(values, domain) else "default_transport"
    text, why = values.get(own, "") or "smtp", own
    by_sender = _said(default)
    if own == "default_transport" and by_sender:
        text, why = by_sender, "sender_dependent_default_transport_maps"
    name, _, hop = text.partition(":")
    if hop:
        return Hop(name, hop, why)
    if _said(relayhost):
        return Hop(name, _said(relayhost), "sender_dependent_relayhost_maps")
    if values.get("relayhost"):
        return Hop(name, values["relayhost"], "relayhost")
    return Hop(name, "", why)


def _said(answer: str | None) -> str:
    """Return what a table said, "" for nothing; DUNNO says nothing either."""
    return "" if answer is None or answer == "DUNNO" else answer


def parse_nexthop(text: str) -> tuple[Relay, ...]:
    """Read the next hops of an SMTP transport: `domain`, `[host]`, either with `:port`; raises ValueError."""
    return tuple(map(_destination, split_list(text)))


def _destination(text: str) -> Relay:
    parts = re.fullmatch(r"(\[[^\[\]]+\]|[^:\[\]]+)(?::(\w+))?", text)
    if parts is None:
        raise ValueError(text)
    name, port = parts[1], parts[2] or "25"
    number = _PORTS.get(port) or (int(port) if port.isascii() and port.isdecimal() else 0)
    if not 0 < number < 65536:
        raise ValueError(text)
    host = parse_server(name)
    return Relay(host, number, mx=not name.startswith("[") and parse_ip(host) is None)


def tls_policy(level: str, *, wrapper: bool) -> tuple[TlsPolicy | None, str]:
    """Return the policy that comes nearest to a level, and what it means here."""
    if wrapper:
        return TlsPolicy.IMPLICIT, "from the first byte (smtp_tls_wrappermode)"
    return _LEVELS.get(level, (None, "not understood, tested with the default"))


def tls_level(values: Mapping[str, str]) -> str:
    """Return the level in force: the old switches count where smtp_tls_security_level is empty."""
    if values.get("smtp_tls_security_level"):
        return values["smtp_tls_security_level"].lower()
    if values.get("smtp_enforce_tls") == "yes":
        return "encrypt"
    if values.get("smtp_use_tls") == "yes":
        return "may"
    return "none"


def postfix_facts(
    values: Mapping[str, str],
    services: Services,
    hop: Hop,
    domain: str,
    policy: str | None,
    unasked: Sequence[str],
) -> LocalFacts:
    """Return how Postfix would send to `domain`.

    `policy` is what smtp_tls_policy_maps say about the next hop, None for nothing; `unasked` names the tables that
    were not asked.
    """
    overrides = services.overrides.get(hop.transport, {})
    own = {**values, **overrides}
    program = services.programs.get(hop.transport)
    smtp = program in _SMTP
    ehlo = facts.greeting(own.get("smtp_helo_name", ""))
    source4, source6 = _source(own, 4), _source(own, 6)
    protocols, preferred = own.get("inet_protocols", "all"), own.get("smtp_address_preference", "any")
    relay, relay_line = _relay(hop) if smtp else ((), facts.relay_line((), hop.why))
    fallback, fallback_lines = _fallback(own, after=bool(relay)) if smtp else ((), ())
    tls, tls_line = _tls(own, policy)
    auth = own.get("smtp_sasl_auth_enable") == "yes"
    lines = (
        f"Local mail server: Postfix {values.get('mail_version', '')} (from postconf)",
        *_locally(values, domain),
        *_not_smtp(domain, hop, program),
        *_overridden(hop.transport, overrides),
        f"EHLO name: {ehlo or 'not understood'} (smtp_helo_name)",
        facts.source_line(source4, source6),
        f"Address families: {protocols} (inet_protocols), preference {preferred} (smtp_address_preference)",
        relay_line,
        *fallback_lines,
        tls_line,
        facts.auth_line("smtp_sasl_auth_enable", auth=auth),
        *(f"Not queried, may need a server or a password: {table}" for table in unasked),
    )
    family = _family(protocols)
    next_hop = hop.nexthop if smtp else ""
    hosts = hosts_in((own.get("smtp_helo_name", ""), next_hop, own.get("smtp_fallback_relay", "")))
    return LocalFacts("Postfix", ehlo, source4, source6, family, (*relay, *fallback), auth, tls, lines, hosts)


def _not_smtp(domain: str, hop: Hop, program: str | None) -> list[str]:
    """Say that nothing goes out by SMTP, where that is so."""
    if program in _SMTP:
        return []
    return [f"{domain} uses transport {hop.transport} with program {program}, not SMTP ({hop.why})"]


def _overridden(transport: str, overrides: Mapping[str, str]) -> list[str]:
    """Say what master.cf sets. Another parameter may hold a password; those that we read by name do not."""
    changed = ", ".join(f"{name} = {value}" for name, value in overrides.items() if name in NAMES)
    return [f"Overrides in master.cf for transport {transport}: {changed}"] if changed else []


def _tls(values: Mapping[str, str], policy: str | None) -> tuple[TlsPolicy | None, str]:
    """Return the policy in force, and the line that tells of it; `policy` is what smtp_tls_policy_maps say."""
    level, where = tls_level(values), "smtp_tls_security_level"
    if policy:
        level, where = next(iter(policy.lower().split()), level), "smtp_tls_policy_maps"
    tls, meaning = tls_policy(level, wrapper=values.get("smtp_tls_wrappermode") == "yes")
    return tls, f"TLS level: {level} ({where}), {meaning}"


def _relay(hop: Hop) -> tuple[tuple[Relay, ...], str]:
    """Return the relay hosts, and the line that tells of them."""
    try:
        relay = parse_nexthop(hop.nexthop)
    except ValueError:
        return (), f"Relay host: {hop.nexthop} ({hop.why}) not understood, straight to the MX hosts"
    return relay, facts.relay_line(relay, hop.why)


def _fallback(values: Mapping[str, str], *, after: bool) -> tuple[tuple[Relay, ...], tuple[str, ...]]:
    """Return what is tried last, `after` a relay host alone, and the line that tells of it, if one is set."""
    text = values.get("smtp_fallback_relay", "")
    if not text:
        return (), ()
    line = f"Fallback relay: {text} (smtp_fallback_relay), if no host before it is found or reached"
    try:
        relay = parse_nexthop(text)
    except ValueError:
        return (), (f"{line}; not understood, not tested",)
    if after:
        return relay, (f"{line}; tried last",)
    return (), (f"{line}; not tested",)


def _locally(values: Mapping[str, str], domain: str) -> list[str]:
    """Say that the recipient's domain is one of the server's own, where nothing goes out at all."""
    for name in _LOCAL:
        if domain in split_list(values.get(name, "").lower()):
            return [f"{domain} is in {name}; Postfix on this host delivers it locally"]
    return []


def _source(values: Mapping[str, str], version: int) -> str | None:
    given = values.get(_BIND[version], "")
    if given:
        return facts.literal(given, version)
    # The only address that Postfix listens on is its source too, unless it is a loopback.
    listening = split_list(values.get("inet_interfaces", ""))
    if any(parse_ip(name.strip("[]")) is None for name in listening):
        return None
    literals = [literal for name in listening if (literal := facts.literal(name, version)) is not None]
    return literals[0] if len(literals) == 1 and not _is_loopback(literals[0]) else None


def _is_loopback(literal: str) -> bool:
    address = parse_ip(literal)
    return address is None or address.is_loopback


def _family(text: str) -> int | None:
    families = {"ipv4": 4, "ipv6": 6}
    named = {families.get(name.lower()) for name in split_list(text)}
    return named.pop() if len(named) == 1 else None
