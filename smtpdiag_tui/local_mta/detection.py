"""Which mail server is installed here, and which of several is the one that sends."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.programs import find_program

SERVERS = {"Postfix": ("postconf",), "Exim": ("exim4", "exim"), "OpenSMTPD": ("smtpctl",)}
_ALTERNATIVES = Path("/etc/alternatives")
_LINKS = ("mta", "mta-sendmail", "sendmail")  # Debian, Red Hat
_MARKS = {"Postfix": r"postfix", "Exim": r"exim", "OpenSMTPD": r"opensmtpd|smtpctl"}
_OTHERS = r"nullmailer|msmtp|ssmtp|qmail|masqmail|dma\b|esmtp"


def installed(find: Callable[[str], str | None] = find_program) -> dict[str, str]:
    """Return the servers that are installed, each with the name of the program that tells of its settings."""
    servers = {}
    for server, programs in SERVERS.items():
        program = next((name for name in programs if find(name)), None)
        if program is not None:
            servers[server] = program
    return servers


def active(servers: Sequence[str], targets: Sequence[str]) -> str | None:
    """Return the one of `servers` that `sendmail` leads to, by where its links end; None if unclear."""
    if len(servers) == 1 and not any(re.search(_OTHERS, path) for path in targets):
        return servers[0]
    for path in targets:
        named = [server for server in servers if re.search(_MARKS[server], path)]
        if len(named) == 1:
            return named[0]
    return None


def sendmail_targets(folder: Path = _ALTERNATIVES) -> tuple[str, ...]:
    """Return where the links of `sendmail` end on this machine."""
    paths = [folder / name for name in _LINKS]
    sendmail = find_program("sendmail")
    if sendmail is not None:
        paths.append(Path(sendmail))
    return tuple(os.path.realpath(path) for path in paths if path.is_symlink())


def choose(servers: dict[str, str], targets: Sequence[str]) -> str:
    """Return the one of the installed servers that sends; raises LocalMtaError if none does, or none for sure."""
    if not servers:
        raise LocalMtaError("no mail server found on this host: must be Postfix, Exim or OpenSMTPD")
    server = active(list(servers), targets)
    if server is None:
        if len(servers) == 1:
            found = f"{next(iter(servers))} is installed, but sendmail is another program"
        else:
            found = f"{' and '.join(servers)} are installed, and sendmail is none of them"
        raise LocalMtaError(f"cannot tell which mail server this host uses: {found}")
    return server
