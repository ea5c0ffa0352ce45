"""What a run was told beyond the two addresses, in one line."""

from collections.abc import Iterator

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings, TlsPolicy


def settings_line(settings: Settings) -> str:
    """Return the settings that differ from the defaults, the empty string if none does."""
    return visible("; ".join((*_route(settings), *_session(settings), *_extras(settings))))


def _route(settings: Settings) -> Iterator[str]:
    """Yield where the mail goes, and whom that is asked of."""
    if settings.as_local_mta is not None:
        yield f"as {settings.as_local_mta or 'the local mail server'} here"
    if settings.relay and settings.server is None:
        yield f"by way of {', '.join(item.label for item in settings.relay)}"
    if settings.dns:
        yield f"target DNS {', '.join(server.label for server in settings.dns)}"
    if settings.server is not None:
        yield f"server {settings.server} instead of the MX set"


def _session(settings: Settings) -> Iterator[str]:
    """Yield how a session is held."""
    if settings.port != 25:
        yield f"port {settings.port}"
    if settings.timeout is not None:
        yield f"limit {settings.timeout:g} s"
    if settings.ehlo is not None:
        yield f"EHLO {settings.ehlo}"
    sources = (settings.source,) if settings.source else (settings.source4, settings.source6)
    yield from (f"from {item}" for item in sources if item)
    if settings.family is not None:
        yield f"IPv{settings.family} only"
    if settings.tls is not TlsPolicy.AUTO:
        yield f"TLS {settings.tls}"


def _extras(settings: Settings) -> Iterator[str]:
    """Yield what is asked for beyond the usual."""
    if settings.retry_greylisted is not None:
        yield f"greylisting waited out, {settings.retry_greylisted:g} s"
    if settings.all_addresses:
        yield "all addresses"
    if settings.dnsbl:
        yield f"blocklists {', '.join(settings.dnsbl)}"
    if settings.probes:
        yield f"side probes {', '.join(settings.probes)}"
