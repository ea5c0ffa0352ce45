"""Settings: all that a run needs to know, in one frozen dataclass, and the rules its values keep.

How each is given, shown and kept is declared in `options.table`.
"""

import ipaddress
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

CONNECT_LIMIT = 30.0
GREETING_LIMIT = 60.0
REPLY_LIMIT = 60.0
QUIT_LIMIT = 5.0
UDP_LIMIT = 2.0
TCP_LIMIT = 5.0
MIN_TIMEOUT = 0.001
MAX_TIMEOUT = 86_400
MAX_ADDRESSES = 64
# Asked by --dnsbl without a list. All three answer the few questions of a run for nothing and unregistered, are
# used by receivers, and take addresses off for nothing. Lists that want a registration of each resolver or money
# for a removal, or that have closed, are left out.
DEFAULT_BLOCKLISTS = ("zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com")
MAX_BLOCKLISTS = 16
GREYLIST_WINDOW = 300.0  # what most greylisting servers are set to, at most
GREYLIST_LEAST = 61.0
GREYLIST_MOST = 3600.0

_ZONE = r"[\w.:@+~-]{1,32}"  # the name or number of an interface

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def family_of(address: str) -> int:
    """Return the address family of an address in text, 4 or 6: only IPv6 writes colons (RFC 4291 §2.2)."""
    return 6 if ":" in address else 4


def address_literal(address: str) -> str:
    """Return an address as mail writes it in the place of a domain (RFC 5321 §4.1.3)."""
    return f"[IPv6:{address}]" if family_of(address) == 6 else f"[{address}]"


class SettingsError(ValueError):
    """A value that cannot be used; its text says what is wrong and what is allowed, in one line."""


class TlsPolicy(StrEnum):
    """What to do about TLS: use it if offered, never, insist on it, or from the first byte."""

    AUTO = "auto"
    OFF = "off"
    REQUIRE = "require"
    IMPLICIT = "implicit"


class Probe(StrEnum):
    """A session beside the others, held on request alone."""

    POSTMASTER = "postmaster"
    NULL_SENDER = "null-sender"
    RANDOM_RECIPIENT = "random-recipient"
    DANE_KEYS = "dane-keys"


@dataclass(frozen=True, slots=True)
class DnsServer:
    """One DNS server: `address` in RFC 5952 form (IPv6 may carry a zone), and its port."""

    address: str
    port: int = 53

    @property
    def label(self) -> str:
        """The server as step ids name it: the address, with a port other than 53 `IP:PORT` or `[IPv6]:PORT`."""
        if self.port == 53:
            return self.address
        return f"[{self.address}]:{self.port}" if family_of(self.address) == 6 else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay host: a name or an address in RFC 5952 form, its port, and whether the name's MX are looked up."""

    host: str
    port: int = 25
    mx: bool = False

    @property
    def label(self) -> str:
        """The relay as Postfix writes it: brackets where no MX are looked up, and a port other than 25."""
        name = self.host if self.mx else f"[{self.host}]"
        return name if self.port == 25 else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Via:
    """A vantage point: `local`, an `ssh` host as ssh(1) takes it, or a `socks5` proxy (RFC 1928)."""

    kind: str
    host: str = ""
    port: int | None = None
    user: str = ""

    @property
    def label(self) -> str:
        """The vantage point as it is given: `local`, `ssh:user@host` or `socks5://host:port`."""
        if self.kind == "local":
            return self.kind
        if self.kind == "socks5":
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"socks5://{host}:{self.port}"
        return f"ssh:{self.user}@{self.host}" if self.user else f"ssh:{self.host}"


@dataclass(frozen=True, slots=True)
class DkimSelector:
    """Where a DKIM key stands: `selector`._domainkey.`domain`; None for the domain that the message is from."""

    selector: str
    domain: str | None = None

    @property
    def label(self) -> str:
        """The selector as it is given: `s1` or `s1@example.com`."""
        return self.selector if self.domain is None else f"{self.selector}@{self.domain}"


@dataclass(frozen=True, slots=True)
class GivenMessage:
    """A message as it would go out. `name` is its file, `-` for standard input.

    `content` are its octets, None where a saved report names the message alone; nothing of it is ever sent.
    """

    name: str
    size: int
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run needs. Addresses are as typed, stripped of blanks and of one pair of `<>`.

    `timeout` in seconds sets the limit of each wait but QUIT's, which takes the lesser; None takes the limits
    of RFC 5321's spirit: connect 30 s, greeting 60 s, each reply 60 s. `family` is 4, 6 or None for both.
    `dnsbl` holds the domains of blocklists to ask for this machine's address; none is asked unless it is named.

    `as_local_mta` names the local mail server whose settings are used, "" until they are read, None for none;
    `local_facts` are the lines that tell of them, `local_hosts` the hosts that these name. `source4` and `source6`
    hold where `source` names no address.
    With `relay` the mail goes by way of the first of these hosts that takes it; `relay_auth` says whether the
    local server would log in there, None if that is not known.
    `retry_greylisted` in seconds: wait so long where greylisted, unless the server names a time, and try again.
    `probes` are the side probes to hold, in their own order; none unless asked for.

    `as_addresses` are the addresses of another host that SPF, reverse DNS and blocklists are judged for instead of
    this one's, in RFC 5952 form. `header_from` is the address of the From field, None for the sender's;
    `dkim_selectors` name the keys that messages are signed with; `message` is one of these messages.
    `via` are the vantage points to run from, none for this host alone.
    """

    sender: str
    recipient: str
    dns: tuple[DnsServer, ...] = ()
    port: int = 25
    timeout: float | None = None
    ehlo: str | None = None
    source: str | None = None
    family: int | None = None
    tls: TlsPolicy = TlsPolicy.AUTO
    server: str | None = None
    all_addresses: bool = False
    verbose: bool = False
    dnsbl: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    as_local_mta: str | None = None
    source4: str | None = None
    source6: str | None = None
    relay: tuple[Relay, ...] = ()
    relay_auth: bool | None = None
    local_facts: tuple[str, ...] = ()
    local_hosts: tuple[str, ...] = ()
    retry_greylisted: float | None = None
    as_addresses: tuple[str, ...] = ()
    header_from: str | None = None
    dkim_selectors: tuple[DkimSelector, ...] = ()
    message: GivenMessage | None = None
    via: tuple[Via, ...] = ()

    def source_for(self, address: str) -> str | None:
        """The local address to connect to `address` from, None for the system's choice."""
        return self.source or (self.source6 if family_of(address) == 6 else self.source4)

    @property
    def connect_limit(self) -> float:
        """Seconds to wait for a TCP connection."""
        return CONNECT_LIMIT if self.timeout is None else self.timeout

    @property
    def greeting_limit(self) -> float:
        """Seconds to wait for the whole greeting."""
        return GREETING_LIMIT if self.timeout is None else self.timeout

    @property
    def reply_limit(self) -> float:
        """Seconds to wait for each whole reply, and for a TLS handshake."""
        return REPLY_LIMIT if self.timeout is None else self.timeout

    @property
    def quit_limit(self) -> float:
        """Seconds to wait for the reply to QUIT."""
        return QUIT_LIMIT if self.timeout is None else min(QUIT_LIMIT, self.timeout)

    @property
    def udp_limit(self) -> float:
        """Seconds to wait for one try of a DNS question over UDP."""
        return UDP_LIMIT if self.timeout is None else min(UDP_LIMIT, self.timeout)

    @property
    def tcp_limit(self) -> float:
        """Seconds to wait for a DNS question over TCP, the connection included."""
        return TCP_LIMIT if self.timeout is None else min(TCP_LIMIT, self.timeout)


def strip_address(text: str) -> str:
    """Return an address as typed without the blanks around it and one enclosing pair of `<>`."""
    blanks = " \t"  # not line ends: one that came along is a control character, and refused
    text = text.strip(blanks)
    if len(text) >= 2 and text[0] == "<" and text[-1] == ">":
        text = text[1:-1].strip(blanks)
    return "" if text == '""' else text


def parse_ip(text: str) -> IPAddress | None:
    """Return the IP address that `text` is, or None; a zone (`%eth0`, RFC 4007 §11) is kept if it can be one."""
    return _parsed_ip(text)


@lru_cache(maxsize=1024)  # a run asks a thousand times for some ten addresses
def _parsed_ip(text: str) -> IPAddress | None:
    _, percent, zone = text.partition("%")
    if percent and not re.fullmatch(_ZONE, zone, re.ASCII):
        return None
    try:
        return ipaddress.ip_address(text)  # which takes any characters for a zone
    except ValueError:
        return None


def parse_dns_server(text: str) -> DnsServer:
    """Read IP, IP:PORT, IPv6 or [IPv6]:PORT; raise SettingsError for anything else."""
    value = text.strip(" ")
    match = re.fullmatch(r"\[([^\[\]]+)\](?::(\d{1,5}))?|([^:\[\]]+):(\d{1,5})", value, re.ASCII)
    host, port = (match[1] or match[3], match[2] or match[4]) if match else (value, None)
    address = parse_ip(host)
    if address is None or (match is not None and match[1] is not None and address.version != 6):
        raise SettingsError(f"invalid DNS server {text!r}: must be IP, IP:PORT or [IPv6]:PORT")
    return DnsServer(str(address), parse_port(port, "DNS server port") if port is not None else 53)


def parse_dns_servers(text: str) -> tuple[DnsServer, ...]:
    """Read DNS servers separated by blanks or commas, each kept once; raise SettingsError for anything else."""
    return tuple(dict.fromkeys(parse_dns_server(part) for part in re.split(r"[\s,]+", text) if part))


def parse_port(text: str, what: str = "port") -> int:
    """Read a port number from 1 to 65535; raise SettingsError for anything else."""
    if re.fullmatch(r"\d{1,5}", text, re.ASCII) and 1 <= int(text) <= 65535:
        return int(text)
    raise SettingsError(f"invalid {what} {text!r}: must be 1 to 65535")


def parse_timeout(text: str) -> float:
    """Read a number of seconds, from 1 ms to a day; raise SettingsError for anything else."""
    try:
        value = float(text) if text.isascii() and text.isprintable() else math.nan
    except ValueError:
        value = math.nan
    if MIN_TIMEOUT <= value <= MAX_TIMEOUT:  # false for what is no number
        return value
    raise SettingsError(f"invalid timeout {text!r}: must be {MIN_TIMEOUT:g} to {MAX_TIMEOUT} seconds")


def parse_family(text: str) -> int:
    """Read the number of an address family, 4 or 6; raise SettingsError for anything else."""
    if text in ("4", "6"):
        return int(text)
    raise SettingsError(f"invalid address family {text!r}: must be 4 or 6")


def parse_tls(text: str) -> TlsPolicy:
    """Read what to do about TLS; raise SettingsError for anything else."""
    try:
        return TlsPolicy(text)
    except ValueError as error:
        raise SettingsError(f"unknown TLS policy {text!r}: must be one of {', '.join(TlsPolicy)}") from error


def parse_retry(text: str) -> float:
    """Read how many seconds to wait before a second try, 61 to 3600; raise SettingsError for anything else."""
    value = float(text) if re.fullmatch(r"\d{1,4}(\.\d+)?", text.strip(" "), re.ASCII) else math.nan
    if GREYLIST_LEAST <= value <= GREYLIST_MOST:
        return value
    raise SettingsError(f"invalid greylisting wait {text!r}: must be 61 to 3600 seconds")


def parse_probes(texts: Iterable[str]) -> tuple[Probe, ...]:
    """Read names of side probes, separated by commas; raise SettingsError for one that is none."""
    names = {name.strip(" ") for text in texts for name in text.split(",")}
    for name in sorted(names):
        if name not in tuple(Probe):
            raise SettingsError(f"unknown probe {name!r}: must be one of {', '.join(Probe)}")
    return tuple(probe for probe in Probe if probe.value in names)


def parse_ehlo(text: str) -> str:
    """Check a name to greet with, and raise SettingsError if it is none.

    It is printable ASCII of 1 to 255 octets, without blanks and without the angle brackets of a path.
    """
    if re.fullmatch(r"[!-;=?-~]{1,255}", text):
        return text
    raise SettingsError(
        f"invalid EHLO name {text!r}: must be a host name or address literal, without spaces, angle brackets or"
        " control characters"
    )


def parse_source(text: str) -> str:
    """Read the local address to connect from; raise SettingsError if it is no IP address."""
    address = parse_ip(text.strip(" "))
    if address is None:
        raise SettingsError(f"invalid source address {text!r}: must be an IP address")
    return str(address)


def parse_server(text: str) -> str:
    """Read a mail host given in place of the MX set: a name or an address, `[...]` taken off.

    Returns the address in RFC 5952 form, or the name as lower-case A-labels without trailing dot. Raises
    SettingsError.
    """
    value = text.strip(" ").removeprefix("[").removesuffix("]")
    value = value.removeprefix("IPv6:")
    address = parse_ip(value)
    if address is not None:
        return str(address)
    name = host_name(value)
    if name:
        return name
    raise SettingsError(f"invalid server {text!r}: must be a host name or an IP address")


def parse_blocklist(text: str) -> str:
    """Read a blocklist's domain; return it in lower case without trailing dot. Raises SettingsError."""
    name = text.strip(" ").removesuffix(".").lower()
    label = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
    if len(name) <= 253 and parse_ip(name) is None and re.fullmatch(rf"{label}(?:\.{label})+", name):
        return name
    raise SettingsError(f"invalid blocklist {text!r}: must be a domain such as {DEFAULT_BLOCKLISTS[0]}")


def parse_blocklists(texts: Iterable[str]) -> tuple[str, ...]:
    """Read blocklists, each once; "default" or an empty text stands for the default set. Raises SettingsError."""
    found: list[str] = []
    for text in texts:
        found += DEFAULT_BLOCKLISTS if text.strip(" ") in ("", "default") else [parse_blocklist(text)]
    lists = tuple(dict.fromkeys(found))
    if len(lists) > MAX_BLOCKLISTS:
        raise SettingsError(f"too many blocklists: {len(lists)} given, at most {MAX_BLOCKLISTS} allowed")
    return lists


def host_name(text: str) -> str:
    """Return a host name or domain as lower-case A-labels without trailing dot; "" for what is none."""
    name = "" if text.endswith("..") else _ascii(text.removesuffix("."))
    fits = len(name) <= 253 and all(_label(part) for part in name.split("."))
    return name if fits else ""


def _ascii(name: str) -> str:
    """Return a host name in lower case and A-labels (RFC 5890); "" if it has none."""
    if not name.isprintable():
        return ""  # the mapping to A-labels would drop what cannot be seen
    if name.isascii():
        return name.lower()
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def _label(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9_-]{1,63}", text) is not None
