"""Vantage points as they are given and saved. Pure."""

import re
from collections.abc import Iterable

from smtpdiag_tui.settings import Settings, SettingsError, Via, host_name, parse_ip, parse_port

MAX_VANTAGE_POINTS = 8
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?"
_SSH = re.compile(rf"ssh:(?:({_NAME})@)?({_NAME}|[0-9A-Fa-f:]{{2,39}}(?:%[A-Za-z0-9_.-]{{1,15}})?)")
_SOCKS = re.compile(r"socks5://(?:\[([0-9A-Fa-f:.]{2,45})\]|([^\[\]:/@\s]{1,253})):(\d{1,5})/?")
_FORMS = "local, ssh:[USER@]HOST or socks5://HOST:PORT"


def parse_vantage_points(texts: Iterable[str]) -> tuple[Via, ...]:
    """Read vantage points, each once; raises SettingsError."""
    points = tuple(dict.fromkeys(parse_via(text) for text in texts))
    if len(points) > MAX_VANTAGE_POINTS:
        raise SettingsError(f"too many vantage points: {len(points)} given, at most {MAX_VANTAGE_POINTS} allowed")
    return points


def parse_via(text: str) -> Via:
    """Read one vantage point; raises SettingsError. A host that ssh(1) would take for an option is none."""
    value = text.strip(" ")
    if value == "local":
        return Via("local")
    ssh, socks = _SSH.fullmatch(value), _SOCKS.fullmatch(value)
    if ssh:
        return Via("ssh", ssh[2], user=ssh[1] or "")
    if socks:
        address = parse_ip(socks[1] or socks[2])
        host = str(address) if address is not None else host_name(socks[2] or "")
        if host:
            return Via("socks5", host, parse_port(socks[3], "SOCKS port"))
    raise SettingsError(f"invalid vantage point {text!r}: must be {_FORMS}")


def vantage_problem(settings: Settings, *, demo: bool) -> str | None:
    """Return why a run cannot be made from its vantage points, None where it can.

    A source address and the local mail server's settings are this host's, and nothing to any other.
    """
    remote = next((point.label for point in settings.via if point.kind != "local"), None)
    if remote is None:
        return None
    if demo:
        return f"vantage point '{remote}' is not in the demo network: omit it"
    if settings.as_local_mta is not None:
        return f"the settings of the local mail server do not apply to vantage point '{remote}': omit one of them"
    if settings.source is not None:
        return f"source address '{settings.source}' is not on vantage point '{remote}': omit one of them"
    return None
