"""What a run was told beyond the two addresses, in one line."""

from smtpdiag_tui.settings import Settings, TlsPolicy


def settings_line(settings: Settings) -> str:
    """Return the settings that differ from the defaults, the empty string if none does."""
    parts: list[str] = []
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
    if settings.family is not None:
        parts.append(f"IPv{settings.family} only")
    if settings.tls is not TlsPolicy.AUTO:
        parts.append(f"TLS {settings.tls}")
    if settings.retry_greylisted is not None:
        parts.append(f"greylisting waited out, {settings.retry_greylisted:g} s")
    if settings.all_addresses:
        parts.append("all addresses")
    return "; ".join(parts)
