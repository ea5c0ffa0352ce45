"""Exim's own settings, as `exim -bP` and `exim -bt` print them (Exim specification, chapters 5 and 30). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtpdiag_tui.local_mta import facts
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.report.facts import hosts_in
from smtpdiag_tui.settings import Relay, SettingsError, TlsPolicy, parse_server

_ROUTED = re.compile(r"\s+router = ([^,\s]+)(?:, transport = (\S+))?")
_HOST = re.compile(r"\s+host (\S+)\s+\[([0-9A-Fa-f:.]+)\](.*)")
_EVERY = ("*", "0.0.0.0/0 : ::/0")


@dataclass(frozen=True, slots=True)
class Routing:
    """What `exim -bt` says of one recipient: its router, its transport and the hosts; or why there are none."""

    router: str = ""
    transport: str = ""
    hosts: tuple[Relay, ...] = ()
    problem: str = ""


def parse_options(lines: Sequence[str]) -> dict[str, str]:
    """Read options as `-bP` prints them: `name = value`, a switch as `name` or `no_name`."""
    options = {}
    for line in lines:
        name, equals, value = line.partition("=")
        name = name.strip()
        if equals:
            options[name] = value.strip()
        elif re.fullmatch(r"\w+", name):
            options[name.removeprefix("no_")] = "no" if name.startswith("no_") else "yes"
    return options


def parse_routing(lines: Sequence[str], errors: Sequence[str] = ()) -> Routing:
    """Read `exim -bt`; a host that several addresses stand for counts once."""
    router = transport = ""
    hosts: dict[Relay, None] = {}
    for line in lines:
        routed, host = _ROUTED.fullmatch(line), _HOST.fullmatch(line)
        relay = _relay(host[1], host[3]) if host else None
        if routed:
            router, transport = routed[1], routed[2] or ""
        elif relay:
            hosts[relay] = None
    if router:
        return Routing(router, transport, tuple(hosts))
    reason = next(filter(_says_why_not, (*lines, *errors)), "no router named")
    return Routing(problem=reason)


def _says_why_not(line: str) -> bool:
    return " is undeliverable" in line or " cannot be " in line


def _relay(name: str, rest: str) -> Relay | None:
    port = re.search(r"\bport=(\d{1,5})\b", rest)
    number = int(port[1]) if port else 25
    try:
        return Relay(parse_server(name), number) if 0 < number < 65536 else None
    except SettingsError:
        return None


def split_list(text: str) -> list[str]:
    """Return the items of a list: colons divide them, doubled ones stand for one; `<;` names another sign."""
    sign = ":"
    if text.startswith("<") and len(text) > 1:
        sign, text = text[1], text[2:]
    marked = text.replace(sign * 2, "\0")
    return [part.replace("\0", sign).strip() for part in marked.split(sign) if part.strip()]


def exim_facts(
    version: str,
    main: Mapping[str, str],
    router: Mapping[str, str],
    transport: Mapping[str, str],
    routing: Routing,
) -> LocalFacts:
    """Return how Exim would send to the recipient that `routing` is about."""
    ehlo = _ehlo(main, transport)
    source4, source6 = _source(transport, 4), _source(transport, 6)
    family, families = (4, "IPv4 only") if main.get("disable_ipv6") == "yes" else (None, "IPv4 and IPv6")
    smarthost = router.get("driver") == "manualroute" and transport.get("driver") == "smtp"
    relay = routing.hosts if smarthost else ()
    tls, meaning = _tls(transport)
    auth = _auth(transport)
    lines = (
        f"Local mail server: {version or 'Exim'} (from exim -bP and exim -bt)",
        _routing_line(routing, router),
        *_not_smtp(transport),
        f"EHLO name: {ehlo or 'not understood'} (helo_data of the transport)",
        facts.source_line(source4, source6),
        f"Address families: {families} (disable_ipv6)",
        facts.relay_line(relay, f"router {routing.router}" if routing.router else ""),
        f"TLS: {meaning}",
        facts.auth_line("hosts_require_auth and hosts_try_auth", auth=auth),
    )
    hosts = hosts_in([ehlo or "", *(hop.host for hop in relay)])
    return LocalFacts("Exim", ehlo, source4, source6, family, relay, auth, tls, lines, hosts)


def _routing_line(routing: Routing, router: Mapping[str, str]) -> str:
    if routing.problem:
        return f"Exim does not route the recipient: {routing.problem}"
    driver = router.get("driver", "driver unknown")
    transport = f", transport {routing.transport}" if routing.transport else ""
    return f"Recipient routed by {routing.router} ({driver}){transport}"


def _not_smtp(transport: Mapping[str, str]) -> list[str]:
    """Say that nothing goes out by SMTP, where that is known."""
    driver = transport.get("driver")
    if not transport or driver == "smtp":
        return []
    return [f"Transport driver {driver} does not use SMTP"]


def _ehlo(main: Mapping[str, str], transport: Mapping[str, str]) -> str | None:
    """Return the EHLO name where it is plain text or the primary host name; no other expansion is evaluated."""
    primary = main.get("primary_hostname", "")
    text = transport.get("helo_data", "$primary_hostname")
    text = re.sub(r"\$(?:primary_hostname\b|\{primary_hostname\})", lambda _: primary, text)
    return facts.greeting(text) if "$" not in text else None


def _source(transport: Mapping[str, str], version: int) -> str | None:
    """Return the first source address of one family that the transport names."""
    literals = (facts.literal(text, version) for text in split_list(transport.get("interface", "")))
    return next((literal for literal in literals if literal is not None), None)


def _tls(transport: Mapping[str, str]) -> tuple[TlsPolicy | None, str]:
    if not transport:
        return None, "unknown, tested with the default"
    if transport.get("protocol") == "smtps":
        return TlsPolicy.IMPLICIT, "from the first byte (protocol = smtps)"
    if transport.get("hosts_avoid_tls") in _EVERY:
        return TlsPolicy.OFF, "never (hosts_avoid_tls)"
    for name in ("hosts_require_tls", "hosts_require_dane"):
        if transport.get(name) in _EVERY:
            return (
                TlsPolicy.REQUIRE,
                f"required ({name}); {_verifying(transport)}",
            )
    some = [name for name in ("hosts_avoid_tls", "hosts_require_tls", "hosts_require_dane") if transport.get(name)]
    more = f"; {' and '.join(some)} may differ for some hosts" if some else ""
    return TlsPolicy.AUTO, f"if offered{more}"


def _verifying(transport: Mapping[str, str]) -> str:
    if transport.get("tls_verify_hosts") in _EVERY:
        return facts.stops_at_bad_certificate("Exim")
    return facts.ignores_bad_certificate("Exim")


def _auth(transport: Mapping[str, str]) -> bool | None:
    if not transport:
        return None
    named = [transport.get(name, "") for name in ("hosts_require_auth", "hosts_try_auth")]
    return any(named)
