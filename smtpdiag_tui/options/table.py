"""The settings of a run but for its two addresses: one entry each, in the order of the help. Pure.

A new setting is a field of `Settings` and an entry here; arguments, help, the user's file, the settings form, the
settings line, JSON and masking read it from here.
"""

from smtpdiag_tui import settings as values
from smtpdiag_tui.options.message_options import MESSAGE_OPTIONS
from smtpdiag_tui.options.option import (
    BLANKS,
    Chosen,
    Flag,
    InFile,
    Json,
    Masked,
    Option,
    Phrase,
    Shape,
    Typed,
    labels,
)
from smtpdiag_tui.options.saved_values import saved_blocklists, saved_dns_servers, saved_source
from smtpdiag_tui.options.vantage_values import MAX_VANTAGE_POINTS, parse_vantage_points
from smtpdiag_tui.settings import Probe, Settings, TlsPolicy

_POLICIES = {
    TlsPolicy.AUTO: "auto: if offered",
    TlsPolicy.OFF: "off: never",
    TlsPolicy.REQUIRE: "require: stop without TLS",
    TlsPolicy.IMPLICIT: "implicit: from the first byte",
}


def _local_choices(settings: Settings, local: str | None) -> tuple[tuple[object, str], ...]:
    """Offer the local mail server, if there is one; its name is kept once it was read."""
    server = settings.as_local_mta or local
    if server is None:
        return ()
    return (None, "no"), (settings.as_local_mta or "", f"yes: as {server} would send")


def _retry_choices(settings: Settings, _local: str | None) -> tuple[tuple[object, str], ...]:
    """Offer the wait that was asked for, the usual one if none was."""
    seconds = settings.retry_greylisted or values.GREYLIST_WINDOW
    return (None, "do not retry"), (seconds, "wait and retry")


def _own_source(settings: Settings, address: str | None) -> str:
    """Say from where the local mail server's settings make the mail go; an address that was given goes before."""
    return f"source {address}" if address and not settings.source else ""


def _relay_words(settings: Settings) -> str:
    """Name the relay hosts; a server that was given goes before."""
    return f"relay host {', '.join(labels(settings.relay))}" if settings.server is None else ""


OPTIONS: tuple[Option, ...] = (
    Option(
        name="dns",
        flags=(
            Flag(
                names=("-d", "--dns"),
                metavar="SERVER",
                help="query this DNS server for the recipient's domain: IP, IP:PORT or [IPv6]:PORT; repeatable"
                " (default: the system's resolvers)",
            ),
        ),
        parse=lambda texts: tuple(dict.fromkeys(values.parse_dns_server(text) for text in texts)),
        several=True,
        in_file=InFile(
            allowed="one or more of IP, IP:PORT or [IPv6]:PORT, as a list or separated by spaces or commas",
            lists=True,
        ),
        phrase=Phrase(3, lambda settings: f"target DNS {', '.join(labels(settings.dns))}"),
        json=Json(shape=Shape.TEXTS, required=True, write=labels, parse=saved_dns_servers, most=500),
        masked=Masked.DNS_SERVERS,
    ),
    Option(
        name="verbose",
        flags=(Flag(names=("-v", "--verbose"), help="print every test with its explanation (also /v)"),),
        json=Json(shape=Shape.SWITCH),
        masked=Masked.NOT,
        with_saved=True,
    ),
    Option(
        name="port",
        flags=(Flag(names=("-p", "--port"), metavar="N", help="connect to this port (default: 25)"),),
        parse=values.parse_port,
        in_file=InFile(allowed="1 to 65535", numbers=(int,)),
        form=Typed(label="SMTP port", placeholder="25"),
        phrase=Phrase(5, lambda settings: f"port {settings.port}"),
        json=Json(shape=Shape.WHOLE_NUMBER, required=True),
        masked=Masked.NOT,
        local_mta_sets=True,
    ),
    Option(
        name="timeout",
        flags=(
            Flag(
                names=("--timeout",),
                metavar="S",
                help="limit each wait to this many seconds (default: 30 to connect, 60 for the greeting and each"
                " reply)",
            ),
        ),
        parse=values.parse_timeout,
        in_file=InFile(allowed=f"{values.MIN_TIMEOUT:g} to {values.MAX_TIMEOUT} seconds", numbers=(int, float)),
        form=Typed(
            label="Timeout in seconds",
            placeholder="30 to connect, 60 to reply",
            show=lambda seconds: f"{seconds:.10g}",
        ),
        phrase=Phrase(6, lambda settings: f"timeout {settings.timeout:g} s"),
        json=Json(shape=Shape.SECONDS),
        masked=Masked.NOT,
    ),
    Option(
        name="ehlo",
        flags=(
            Flag(names=("--ehlo",), metavar="NAME", help="send this EHLO name (default: the FQDN of this host)"),
        ),
        parse=values.parse_ehlo,
        in_file=InFile(
            allowed="a host name or address literal, without spaces, angle brackets or control characters"
        ),
        form=Typed(label="EHLO name", placeholder="FQDN of this host"),
        phrase=Phrase(7, lambda settings: f"EHLO {settings.ehlo}"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.OWN_HOST,
        local_mta_sets=True,
    ),
    Option(
        name="source",
        flags=(
            Flag(
                names=("--source",),
                metavar="ADDRESS",
                help="connect from this local address (default: the system's choice)",
            ),
        ),
        parse=values.parse_source,
        in_file=InFile(allowed="an IP address"),
        form=Typed(label="Source address", placeholder="the system's choice"),
        phrase=Phrase(8, lambda settings: f"source {settings.source}"),
        json=Json(shape=Shape.TEXT, parse=saved_source),
        masked=Masked.OWN_ADDRESS,
        local_mta_sets=True,
    ),
    Option(
        name="family",
        flags=(
            Flag(names=("-4",), means=4, dest="ipv4", help="use IPv4 only"),
            Flag(names=("-6",), means=6, dest="ipv6", help="use IPv6 only"),
        ),
        parse=values.parse_family,
        form=Chosen(
            label="Address family",
            place=1,
            choices=lambda _settings, _local: ((None, "IPv4 and IPv6"), (4, "IPv4 only"), (6, "IPv6 only")),
        ),
        phrase=Phrase(9, lambda settings: f"IPv{settings.family} only"),
        json=Json(shape=Shape.WHOLE_NUMBER, wrong="invalid 'family' in its settings"),
        masked=Masked.NOT,
    ),
    Option(
        name="tls",
        flags=(
            Flag(
                names=("--tls",),
                metavar="POLICY",
                help=f"set the TLS policy: {', '.join(TlsPolicy)} (default: {TlsPolicy.AUTO})",
            ),
        ),
        parse=values.parse_tls,
        in_file=InFile(allowed=f"one of {', '.join(TlsPolicy)}"),
        form=Chosen(label="TLS", place=2, choices=lambda _settings, _local: tuple(_POLICIES.items())),
        phrase=Phrase(10, lambda settings: f"TLS {settings.tls}"),
        json=Json(shape=Shape.TEXT, required=True, wrong="invalid 'tls' in its settings"),
        masked=Masked.NOT,
        local_mta_sets=True,
    ),
    Option(
        name="server",
        flags=(
            Flag(
                names=("--server",),
                metavar="HOST",
                help="connect to this host or address instead of the MX hosts",
            ),
        ),
        parse=values.parse_server,
        form=Typed(label="Server instead of MX hosts", placeholder="none"),
        phrase=Phrase(4, lambda settings: f"server {settings.server} instead of the MX hosts"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.MAIL_HOST,
    ),
    Option(
        name="as_local_mta",
        flags=(
            Flag(
                names=("--as-local-mta",),
                means="",
                help="connect as the local Postfix, Exim or OpenSMTPD would: EHLO name, source address, TLS level,"
                " relay host",
            ),
        ),
        form=Chosen(label="As the local mail server", place=4, choices=_local_choices),
        phrase=Phrase(1, lambda settings: f"as the local {settings.as_local_mta or 'mail server'}"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.NOT,
    ),
    Option(
        name="all_addresses",
        flags=(Flag(names=("--all-addresses",), help="test every address (default: the first 64)"),),
        form=Chosen(
            label="More than 64 addresses",
            place=3,
            choices=lambda _settings, _local: ((False, "test the first 64"), (True, "test all")),
        ),
        phrase=Phrase(12, lambda _: "all addresses"),
        json=Json(shape=Shape.SWITCH),
        masked=Masked.NOT,
    ),
    Option(
        name="probes",
        flags=(
            Flag(
                names=("--probe",),
                metavar="PROBE,...",
                help=f"run extra probes, each one more session with the preferred MX host: {', '.join(Probe)}",
            ),
        ),
        parse=values.parse_probes,
        several=True,
        form=Typed(label="Extra probes", placeholder=f"none ({', '.join(list(Probe)[:2])}, ...)", show=", ".join),
        phrase=Phrase(14, lambda settings: f"extra probes {', '.join(settings.probes)}"),
        json=Json(shape=Shape.TEXTS, wrong="unknown probe in its settings"),
        masked=Masked.NOT,
    ),
    Option(
        name="dnsbl",
        flags=(
            Flag(
                names=("--dnsbl",),
                metavar="LIST",
                alone="",
                help="query this DNS blocklist for the public IP address; repeatable (default: a small set)",
            ),
        ),
        parse=values.parse_blocklists,
        several=True,
        in_file=InFile(allowed="one or more domains, separated by spaces, or default", separators=BLANKS),
        form=Typed(label="Blocklists", placeholder="none ('default': a small set)", show=" ".join),
        phrase=Phrase(13, lambda settings: f"blocklists {', '.join(settings.dnsbl)}"),
        json=Json(
            shape=Shape.TEXTS,
            parse=saved_blocklists,
            wrong="invalid blocklist in its settings",
            most=values.MAX_BLOCKLISTS,
            too_many=f"more than {values.MAX_BLOCKLISTS} blocklists in its settings",
        ),
        masked=Masked.BLOCKLISTS,
    ),
    Option(
        name="retry_greylisted",
        flags=(
            Flag(
                names=("--retry-greylisted",),
                metavar="SECONDS",
                alone=f"{values.GREYLIST_WINDOW:g}",
                help="wait and retry if greylisted (default: 300 s, or as long as the server says)",
            ),
        ),
        parse=values.parse_retry,
        form=Chosen(label="If greylisted", place=5, choices=_retry_choices),
        phrase=Phrase(11, lambda settings: f"retry after greylisting, {settings.retry_greylisted:g} s"),
        json=Json(shape=Shape.SECONDS, wrong="invalid 'retry_greylisted' in its settings"),
        masked=Masked.NOT,
    ),
    *MESSAGE_OPTIONS,
    Option(
        name="via",
        flags=(
            Flag(
                names=("--via",),
                metavar="POINT",
                help="run from another host: ssh:[USER@]HOST, socks5://HOST:PORT or local; repeatable",
            ),
        ),
        parse=parse_vantage_points,
        several=True,
        in_file=InFile(
            allowed="one or more of local, ssh:[USER@]HOST or socks5://HOST:PORT, as a list or with spaces",
            separators=BLANKS,
            lists=True,
        ),
        form=Typed(label="Vantage points", placeholder="this host", show=lambda points: " ".join(labels(points))),
        phrase=Phrase(19, lambda settings: f"via {', '.join(labels(settings.via))}"),
        json=Json(shape=Shape.TEXTS, write=labels, most=MAX_VANTAGE_POINTS),
        masked=Masked.VANTAGE_POINTS,
    ),
    # What is read off the local mail server, and cannot be given.
    Option(
        name="source4",
        phrase=Phrase(8, lambda settings: _own_source(settings, settings.source4)),
        json=Json(shape=Shape.TEXT, parse=saved_source),
        masked=Masked.OWN_ADDRESS,
    ),
    Option(
        name="source6",
        phrase=Phrase(8, lambda settings: _own_source(settings, settings.source6)),
        json=Json(shape=Shape.TEXT, parse=saved_source),
        masked=Masked.OWN_ADDRESS,
    ),
    Option(
        name="relay",
        phrase=Phrase(2, _relay_words),
        json=Json(shape=Shape.RELAYS),
        masked=Masked.RELAYS,
    ),
    Option(name="relay_auth", json=Json(shape=Shape.YES_NO), masked=Masked.NOT),
    Option(name="local_facts", parse=tuple, several=True, json=Json(shape=Shape.TEXTS), masked=Masked.LINES),
    Option(name="local_hosts", parse=tuple, several=True, json=Json(shape=Shape.TEXTS), masked=Masked.OWN_HOSTS),
)
