"""The settings of a run but for its two addresses: one entry each, in the order of the help. Pure.

A new setting is a field of `Settings` and an entry here; arguments, help, the user's file, the settings form, the
settings line, JSON and masking read it from here.
"""

from smtpdiag_tui import settings as values
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
from smtpdiag_tui.settings import Probe, Settings, TlsPolicy

_POLICIES = {
    TlsPolicy.AUTO: "auto: if it is offered",
    TlsPolicy.OFF: "off: never",
    TlsPolicy.REQUIRE: "require: or do not go on",
    TlsPolicy.IMPLICIT: "implicit: from the first byte",
}
_PROBES = (
    (),
    *((probe,) for probe in Probe),
    (Probe.POSTMASTER, Probe.NULL_SENDER),
    (Probe.POSTMASTER, Probe.RANDOM_RECIPIENT),
    (Probe.NULL_SENDER, Probe.RANDOM_RECIPIENT),
    tuple(Probe),
)


def _local_choices(settings: Settings, local: str | None) -> tuple[tuple[object, str], ...]:
    """Offer the local mail server, if there is one; its name is kept once it was read."""
    server = settings.as_local_mta or local
    if server is None:
        return ()
    return (None, "no: as this machine"), (settings.as_local_mta or "", f"yes: as {server} here would send")


def _retry_choices(settings: Settings, _local: str | None) -> tuple[tuple[object, str], ...]:
    """Offer the wait that was asked for, the usual one if none was."""
    seconds = settings.retry_greylisted or values.GREYLIST_WINDOW
    return (None, "leave it at that"), (seconds, "wait, and try the same again")


def _own_source(settings: Settings, address: str | None) -> str:
    """Say from where the local mail server's settings make the mail go; an address that was given goes before."""
    return f"from {address}" if address and not settings.source else ""


def _relay_words(settings: Settings) -> str:
    """Name the relay hosts; a server that was given goes before."""
    return f"by way of {', '.join(labels(settings.relay))}" if settings.server is None else ""


OPTIONS: tuple[Option, ...] = (
    Option(
        name="dns",
        flags=(
            Flag(
                names=("-d", "--dns"),
                metavar="SERVER",
                help="target DNS server for the recipient's domain: IP, IP:PORT or [IPv6]:PORT; repeatable",
            ),
        ),
        parse=lambda texts: tuple(dict.fromkeys(values.parse_dns_server(text) for text in texts)),
        several=True,
        in_file=InFile(
            allowed="one or more DNS servers, each IP, IP:PORT or [IPv6]:PORT, as a list or separated by blanks"
            " or commas",
            lists=True,
        ),
        phrase=Phrase(3, lambda settings: f"target DNS {', '.join(labels(settings.dns))}"),
        json=Json(shape=Shape.TEXTS, required=True, write=labels, parse=saved_dns_servers, most=500),
        masked=Masked.DNS_SERVERS,
    ),
    Option(
        name="verbose",
        flags=(Flag(names=("-v", "--verbose"), help="explain every test (also /v)"),),
        json=Json(shape=Shape.SWITCH),
        masked=Masked.NOT,
        with_saved=True,
    ),
    Option(
        name="port",
        flags=(Flag(names=("-p", "--port"), metavar="N", help="SMTP port (25)"),),
        parse=values.parse_port,
        in_file=InFile(allowed="a number from 1 to 65535", numbers=(int,)),
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
                help="limit in seconds for each wait: connect, greeting, each reply",
            ),
        ),
        parse=values.parse_timeout,
        in_file=InFile(allowed="a positive number of seconds", numbers=(int, float)),
        form=Typed(
            label="Limit of each wait, seconds",
            placeholder="30 to connect, 60 to reply",
            show=lambda seconds: f"{seconds:.10g}",
        ),
        phrase=Phrase(6, lambda settings: f"limit {settings.timeout:g} s"),
        json=Json(shape=Shape.SECONDS),
        masked=Masked.NOT,
    ),
    Option(
        name="ehlo",
        flags=(Flag(names=("--ehlo",), metavar="NAME", help="name to greet with"),),
        parse=values.parse_ehlo,
        in_file=InFile(allowed="a host name or address literal"),
        form=Typed(label="EHLO name", placeholder="this machine's own"),
        phrase=Phrase(7, lambda settings: f"EHLO {settings.ehlo}"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.OWN_HOST,
        local_mta_sets=True,
    ),
    Option(
        name="source",
        flags=(Flag(names=("--source",), metavar="ADDRESS", help="local address to connect from"),),
        parse=values.parse_source,
        in_file=InFile(allowed="an IP address"),
        form=Typed(label="Source address", placeholder="the system's choice"),
        phrase=Phrase(8, lambda settings: f"from {settings.source}"),
        json=Json(shape=Shape.TEXT, parse=saved_source),
        masked=Masked.OWN_ADDRESS,
        local_mta_sets=True,
    ),
    Option(
        name="family",
        flags=(
            Flag(names=("-4",), means=4, dest="ipv4", help="IPv4 only"),
            Flag(names=("-6",), means=6, dest="ipv6", help="IPv6 only"),
        ),
        parse=values.parse_family,
        form=Chosen(
            label="Address family",
            place=1,
            choices=lambda _settings, _local: ((None, "IPv4 and IPv6"), (4, "IPv4 only"), (6, "IPv6 only")),
        ),
        phrase=Phrase(9, lambda settings: f"IPv{settings.family} only"),
        json=Json(shape=Shape.WHOLE_NUMBER, wrong="its settings are none."),
        masked=Masked.NOT,
    ),
    Option(
        name="tls",
        flags=(
            Flag(
                names=("--tls",),
                metavar="POLICY",
                choices=tuple(policy.value for policy in TlsPolicy),
                help=f"{', '.join(TlsPolicy)} (auto)",
            ),
        ),
        parse=values.parse_tls,
        in_file=InFile(allowed=", ".join(TlsPolicy)),
        form=Chosen(label="TLS", place=2, choices=lambda _settings, _local: tuple(_POLICIES.items())),
        phrase=Phrase(10, lambda settings: f"TLS {settings.tls}"),
        json=Json(shape=Shape.TEXT, required=True, wrong="'tls' has no value that a report knows."),
        masked=Masked.NOT,
        local_mta_sets=True,
    ),
    Option(
        name="server",
        flags=(
            Flag(
                names=("--server",),
                metavar="HOST",
                help="talk to this host or address instead of the MX set",
            ),
        ),
        parse=values.parse_server,
        form=Typed(label="Server in place of MX hosts", placeholder="none"),
        phrase=Phrase(4, lambda settings: f"server {settings.server} instead of the MX set"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.MAIL_HOST,
    ),
    Option(
        name="as_local_mta",
        flags=(
            Flag(
                names=("--as-local-mta",),
                means="",
                help="go out as the mail server installed here would: its name, addresses, TLS level and relay"
                " host",
            ),
        ),
        form=Chosen(label="As the local mail server", place=4, choices=_local_choices),
        phrase=Phrase(1, lambda settings: f"as {settings.as_local_mta or 'the local mail server'} here"),
        json=Json(shape=Shape.TEXT),
        masked=Masked.NOT,
    ),
    Option(
        name="all_addresses",
        flags=(Flag(names=("--all-addresses",), help="also beyond 64 addresses"),),
        form=Chosen(
            label="Beyond 64 addresses",
            place=3,
            choices=lambda _settings, _local: ((False, "skip the rest"), (True, "test them all")),
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
                help=f"side probes, each one more session with the best mail host: {', '.join(Probe)}",
            ),
        ),
        parse=values.parse_probes,
        several=True,
        form=Chosen(
            label="Side probes, asked before",
            place=6,
            choices=lambda _settings, _local: tuple((probes, ", ".join(probes) or "none") for probes in _PROBES),
        ),
        phrase=Phrase(14, lambda settings: f"side probes {', '.join(settings.probes)}"),
        json=Json(shape=Shape.TEXTS, wrong="its settings name a side probe that there is not."),
        masked=Masked.NOT,
    ),
    Option(
        name="dnsbl",
        flags=(
            Flag(
                names=("--dnsbl",),
                metavar="LIST",
                alone="",
                help="ask this DNS blocklist for the address that others see; repeatable; without LIST, a small"
                " set",
            ),
        ),
        parse=values.parse_blocklists,
        several=True,
        in_file=InFile(allowed="a blocklist's domain, several separated by blanks, or default", separators=BLANKS),
        form=Typed(label="Blocklists to ask", placeholder="none (default: a small set)", show=" ".join),
        phrase=Phrase(13, lambda settings: f"blocklists {', '.join(settings.dnsbl)}"),
        json=Json(
            shape=Shape.TEXTS,
            parse=saved_blocklists,
            wrong="its settings name a blocklist that is no domain name.",
            most=values.MAX_BLOCKLISTS,
            too_many="its settings name more blocklists than a run asks.",
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
                help="where greylisted, wait (300 s, or as long as the server says) and try again",
            ),
        ),
        parse=values.parse_retry,
        form=Chosen(label="Where greylisted", place=5, choices=_retry_choices),
        phrase=Phrase(11, lambda settings: f"greylisting waited out, {settings.retry_greylisted:g} s"),
        json=Json(shape=Shape.SECONDS, wrong="its settings are none."),
        masked=Masked.NOT,
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
