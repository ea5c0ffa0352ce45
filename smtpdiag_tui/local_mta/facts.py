"""What a local mail server's own settings come to, and how they become ours."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Relay, Settings, SettingsError, TlsPolicy, parse_ehlo, parse_ip


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """How one mail server sends. None and () stand for the usual: the system's choice, the domain's mail hosts.

    `family` is 4 or 6; `auth` says whether it would log in at the relay host. `lines` tell all of it, and
    what could not be understood, a fact each; `hosts` are those that they name.
    """

    server: str
    ehlo: str | None = None
    source4: str | None = None
    source6: str | None = None
    family: int | None = None
    relay: tuple[Relay, ...] = ()
    auth: bool | None = None
    tls: TlsPolicy | None = None
    lines: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How it differs from what we would do by ourselves, in a few words."""
        parts = [f"EHLO name {self.ehlo}"] if self.ehlo else []
        parts += [f"source {source}" for source in (self.source4, self.source6) if source]
        parts += [f"relay host {relay.label}" for relay in self.relay[:1]]
        return f"uses {', '.join(parts)}" if parts else ""

    def differs(self, host_name: str | None) -> bool:
        """Whether a run would go out otherwise than as a machine called `host_name` by itself."""
        named = self.ehlo is not None and self.ehlo.lower() != (host_name or "").lower()
        return named or bool(self.relay or self.source4 or self.source6)


def greeting(name: str) -> str | None:
    """Return an EHLO name that can be used, None for one that cannot."""
    try:
        return parse_ehlo(name)
    except SettingsError:
        return None


def literal(text: str, version: int) -> str | None:
    """Return the IP address of one family that `text` is, None for anything else and the unspecified one."""
    address = parse_ip(text.strip().strip("[]").removeprefix("IPv6:"))
    if address is None or address.version != version or address.is_unspecified:
        return None
    return str(address)


def source_line(source4: str | None, source6: str | None) -> str:
    """Say which addresses the server connects from."""
    unset = "the system's choice"
    shown = (f"{value or unset} for {family}" for value, family in ((source4, "IPv4"), (source6, "IPv6")))
    return f"Source address: {', '.join(shown)}"


def relay_line(relay: tuple[Relay, ...], why: str) -> str:
    """Say where mail goes instead of the domain's mail hosts."""
    if not relay:
        reason = f" ({why})" if why else ""
        return f"Relay host: none{reason}, straight to the MX hosts"
    names = ", ".join(host.label for host in relay)
    how = "with MX lookup" if any(host.mx for host in relay) else "without MX lookup"
    return f"Relay host: {names} ({why}; {how})"


def auth_line(setting: str, *, auth: bool | None) -> str:
    """Say whether the server logs in, which we never do."""
    words = {True: "yes", False: "no", None: "unknown"}[auth]
    return f"AUTH at the relay host: {words} ({setting}); smtpdiag never sends AUTH and reads no password"


def stops_at_bad_certificate(server: str) -> str:
    """Say what becomes of a certificate that `server` would not accept."""
    return f"certificate errors are reported as failures ({server} would stop, smtpdiag continues)"


def ignores_bad_certificate(server: str) -> str:
    """Say what becomes of a certificate that `server` would overlook."""
    return f"certificate errors are reported as failures ({server} would ignore them)"


def as_local(
    settings: Settings, facts: LocalFacts, given: Collection[str], is_own: Callable[[str], bool]
) -> Settings:
    """Return the settings of a run that goes out as the local server would; what the user gave wins.

    `given` holds the names of settings that were given though they have their default value. A source address
    that this machine does not have is left to the system, as the servers do.
    """
    relay = _relay_in_force(settings, facts, given)
    source4, line4 = _own_source(facts.source4, is_own)
    source6, line6 = _own_source(facts.source6, is_own)
    family = settings.family
    if settings.source is not None:
        source4 = source6 = None
    elif family is None:
        family = facts.family
    return replace(
        settings,
        as_local_mta=facts.server,
        ehlo=settings.ehlo or facts.ehlo,
        source4=source4,
        source6=source6,
        family=family,
        tls=_tls_in_force(settings, facts, given),
        relay=relay,
        relay_auth=facts.auth if relay else None,
        local_facts=tuple(visible(line) for line in (*facts.lines, *line4, *line6)),
        local_hosts=tuple(visible(host) for host in facts.hosts),
    )


def _own_source(address: str | None, is_own: Callable[[str], bool]) -> tuple[str | None, tuple[str, ...]]:
    """Return a source address that this machine has; for another one None, and a line that tells of it."""
    if address is None or is_own(address):
        return address, ()
    return None, (f"Source address {address} is not on this host; the system chooses one",)


def _relay_in_force(settings: Settings, facts: LocalFacts, given: Collection[str]) -> tuple[Relay, ...]:
    """Return the relay hosts, on the port that the user gave; none where the user named a server."""
    if settings.server is not None:
        return ()
    if settings.port == 25 and "port" not in given:
        return facts.relay
    return tuple(replace(host, port=settings.port) for host in facts.relay)


def _tls_in_force(settings: Settings, facts: LocalFacts, given: Collection[str]) -> TlsPolicy:
    by_user = settings.tls is not TlsPolicy.AUTO or "tls" in given
    if by_user or facts.tls is None:
        return settings.tls
    return facts.tls
