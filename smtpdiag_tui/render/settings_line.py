"""What a run was told beyond the two addresses, in one line."""

from smtpdiag_tui.settings import Settings, TlsPolicy


def settings_line(settings: Settings) -> str:
    """Return the settings that differ from the defaults, the empty string if none does."""
    parts: list[str] = []
    if settings.as_local_mta is not None:
        parts.append(f"as {settings.as_local_mta or 'the local mail server'} here")
    if settings.relay and settings.server is None:
        parts.append(f"by way of {', '.join(item.label for item in settings.relay)}")
    if settings.dns:
        parts.append(f"target DNS {', '.join(server.label for server in settings.dns)}")
    if settings.server is not None:
        parts.append(f"server {settings.server} instead of the MX set")
    if settings.port != 25:
        parts.append(f"port {settings.port}")
    if settings.timeout is not None:
        parts.append(f"limit {settings.timeout:g} s")
    if settings.ehlo is not None:
        parts.append(f"EHLO {settings.ehlo}")
    if settings.source is not None:
        parts.append(f"from {settings.source}")
    parts += [f"from {item}" for item in (settings.source4, settings.source6) if item and not settings.source]
    if settings.family is not None:
        parts.append(f"IPv{settings.family} only")
    if settings.tls is not TlsPolicy.AUTO:
        parts.append(f"TLS {settings.tls}")
    if settings.all_addresses:
        parts.append("all addresses")
    return "; ".join(parts)
