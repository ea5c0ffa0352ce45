"""What a host over SSH tells of itself: its resolvers, addresses and name, and whether smtpdiag is there."""

import re
from dataclasses import dataclass

from smtpdiag_tui.network.machine import qualified
from smtpdiag_tui.network.resolv_conf import resolver_in
from smtpdiag_tui.network.ssh import SshCarrier
from smtpdiag_tui.network.through import FarFacts
from smtpdiag_tui.processes import Reading, ended
from smtpdiag_tui.settings import parse_ip

LIMIT = 20.0  # seconds; `hostname -f` may wait for a resolver that is dead
MAX_TOLD = 128 * 1024  # octets
MAX_ADDRESSES = 256
# Where `pipx` and `uv tool` put programs; a session without a terminal often has not read the user's profile.
PATHS = "PATH=$PATH:$HOME/.local/bin:/usr/local/bin:/opt/homebrew/bin; export PATH; LC_ALL=C.UTF-8; export LC_ALL"
# One line without quotes of its own: the user's shell there may be any.
_ASK = (
    f"{PATHS}; echo smtpdiag-resolver; cat /etc/resolv.conf 2>/dev/null; echo; echo smtpdiag-version;"
    " command -v smtpdiag >/dev/null 2>&1 && smtpdiag --version </dev/null 2>/dev/null; echo;"
    " echo smtpdiag-addresses; hostname -I 2>/dev/null; echo; echo smtpdiag-name; hostname -f 2>/dev/null"
)
_SECTIONS = re.compile(rb"^smtpdiag-(resolver|version|addresses|name)$", re.MULTILINE)
_VERSION = re.compile(rb"^smtpdiag (\d[\w.+-]{0,40})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FarHost:
    """What is known of the host; `version` is that of the smtpdiag installed there, "" for none."""

    facts: FarFacts
    version: str = ""


async def ask_far_host(carrier: SshCarrier) -> FarHost:
    """Ask a host of itself; where no shell answers, or not in time, less is known."""
    told = bytearray()
    with carrier.session(f"sh -c '{_ASK}'") as process:
        if process.stdin is not None:
            process.stdin.close()
        output = Reading(process.stdout)
        errors = Reading(process.stderr)

        def enough() -> bool:
            told.extend(output.read()[: MAX_TOLD - len(told)])
            errors.read()
            return len(told) >= MAX_TOLD

        await ended(process, enough, LIMIT)
        enough()
    return read_facts(bytes(told), carrier.host)


def read_facts(told: bytes, host: str) -> FarHost:
    """Read what a host answered; `host` is its name here, which it greets with where it tells none. Pure."""
    parts = _SECTIONS.split(told)
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    resolv_conf = sections.get(b"resolver", b"")
    resolver = resolver_in(resolv_conf) if b"nameserver" in resolv_conf else None
    words = sections.get(b"addresses", b"").decode("ascii", "replace").split()[:MAX_ADDRESSES]
    addresses = tuple(str(literal) for word in words if (literal := parse_ip(word)) is not None)
    name = sections.get(b"name", b"").decode("ascii", "replace").strip()
    version = _VERSION.search(sections.get(b"version", b""))
    return FarHost(
        FarFacts(qualified(name) or qualified(host), qualified(host), addresses, resolver),
        version[1].decode("ascii") if version else "",
    )
