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
    found = {}
    for line in lines:
        name, equals, value = line.partition("=")
        name = name.strip()
        if equals:
            found[name] = value.strip()
        elif re.fullmatch(r"\w+", name):
            found[name.removeprefix("no_")] = "no" if name.startswith("no_") else "yes"
    return found


def parse_routing(lines: Sequence[str], errors: Sequence[str] = ()) -> Routing:
    """Read `exim -bt`; a host that several addresses stand for counts once."""
    router = transport = ""
    hosts: dict[Relay, None] = {}
    for line in lines:
        routed, host = _ROUTED.fullmatch(line), _HOST.fullmatch(line)
        if routed:
            router, transport = routed[1], routed[2] or ""
        elif host:
            relay = _relay(host[1], host[3])
            if relay is not None:
                hosts[relay] = None
    if router:
        return Routing(router, transport, tuple(hosts))
    words = next((line for line in (*lines, *errors) if " is undeliverable" in line or " cannot be " in line), "")
    return Routing(problem=words or "no router is named")


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
    return [item.replace("\0", sign).strip() for item in marked.split(sign) if item.strip()]


def exim_facts(
    version: str,
    main: Mapping[str, str],
    router: Mapping[str, str],
    transport: Mapping[str, str],
    routing: Routing,
) -> LocalFacts:
    """Return how Exim would send to the recipient that `routing` is about."""
    lines = [f"{version or 'Exim'} is the local mail server, asked by exim -bP and exim -bt"]
    if routing.problem:
        lines.append(f"Exim does not route the recipient now: {routing.problem}")
    else:
        name = f", transport {routing.transport}" if routing.transport else ""
        lines.append(
            f"The recipient is routed by {routing.router} ({router.get('driver', 'driver not known')}){name}"
        )
    if transport and transport.get("driver") != "smtp":
        lines.append(f"The transport's driver is {transport.get('driver')}: this mail does not go out by SMTP")
    ehlo = _ehlo(main, transport)
    lines.append(f"EHLO name: {ehlo or 'not understood'} (helo_data of the transport)")
    sources = [_source(transport, item) for item in (4, 6)]
    lines.append(facts.source_line(sources[0], sources[1]))
    family = 4 if main.get("disable_ipv6") == "yes" else None
    lines.append(f"Address families: {'IPv4 only' if family else 'IPv4 and IPv6'} (disable_ipv6)")
    smarthost = router.get("driver") == "manualroute" and transport.get("driver") == "smtp"
    relay = routing.hosts if smarthost else ()
    if relay:
        lines.append(facts.relay_line(relay, f"the router {routing.router}"))
    else:
        lines.append(facts.relay_line((), f"the router {routing.router}" if routing.router else ""))
    tls, meaning = _tls(transport)
    lines.append(f"TLS: {meaning}")
    auth = _auth(transport)
    lines.append(facts.auth_line("hosts_require_auth and hosts_try_auth", auth=auth))
    hosts = hosts_in([ehlo or "", *(item.host for item in relay)])
    return LocalFacts("Exim", ehlo, sources[0], sources[1], family, relay, auth, tls, tuple(lines), hosts)


def _ehlo(main: Mapping[str, str], transport: Mapping[str, str]) -> str | None:
    """Return the EHLO name where it is plain text or the primary host name; no other expansion is evaluated."""
    primary = main.get("primary_hostname", "")
    text = transport.get("helo_data", "$primary_hostname")
    text = re.sub(r"\$(?:primary_hostname\b|\{primary_hostname\})", lambda _: primary, text)
    return facts.greeting(text) if "$" not in text else None


def _source(transport: Mapping[str, str], version: int) -> str | None:
    found = (facts.literal(item, version) for item in split_list(transport.get("interface", "")))
    return next((item for item in found if item is not None), None)


def _tls(transport: Mapping[str, str]) -> tuple[TlsPolicy | None, str]:
    if not transport:
        return None, "not known: tested as if nothing were set"
    if transport.get("protocol") == "smtps":
        return TlsPolicy.IMPLICIT, "from the first byte (protocol = smtps)"
    if transport.get("hosts_avoid_tls") in _EVERY:
        return TlsPolicy.OFF, "never (hosts_avoid_tls)"
    for name in ("hosts_require_tls", "hosts_require_dane"):
        if transport.get(name) in _EVERY:
            return (
                TlsPolicy.REQUIRE,
                f"required ({name}); a bad certificate is told as a failure{_verifying(transport)}",
            )
    some = [name for name in ("hosts_avoid_tls", "hosts_require_tls", "hosts_require_dane") if transport.get(name)]
    more = f"; {' and '.join(some)} may say otherwise for some hosts" if some else ""
    return TlsPolicy.AUTO, f"if it is offered{more}"


def _verifying(transport: Mapping[str, str]) -> str:
    if transport.get("tls_verify_hosts") in _EVERY:
        return ", but the session goes on, which Exim would end"
    return ", though Exim goes on with it"


def _auth(transport: Mapping[str, str]) -> bool | None:
    if not transport:
        return None
    named = [transport.get(name, "") for name in ("hosts_require_auth", "hosts_try_auth")]
    return any(named)
