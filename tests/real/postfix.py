"""A Postfix of the tests' own: its configuration, queue and log in a folder that goes with it."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import trustme

SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
GREYLISTED = "450 4.2.0 Greylisted, please come back later"


class Postfix:
    """Postfix on two addresses, with STARTTLS. `run` runs a command where Postfix lives and returns its stdout."""

    ADDRESSES: tuple[str, ...] = ("192.0.2.25", "2001:db8::25")

    def __init__(self, folder: Path, run: Callable[..., str], authority: trustme.CA) -> None:
        self.folder = folder
        self.log = folder / "mail.log"
        self._run = run
        self._authority = authority

    def start(self) -> None:
        """Write the configuration and start."""
        for name in ("queue", "data", "config"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        chain = self.folder / "chain.pem"
        issued = self._authority.issue_cert("mx1.partner.test")
        pem = issued.private_key_pem.bytes() + b"".join(item.bytes() for item in issued.cert_chain_pems)
        chain.touch(mode=0o600)
        chain.write_bytes(pem)
        config = self.folder / "config"
        (config / "main.cf").write_text(self._main(chain), encoding="ascii")
        (config / "master.cf").write_text(self._listeners() + SERVICES, encoding="ascii")
        self._run("postfix", "-c", str(config), "start")

    def stop(self) -> None:
        """Stop at once."""
        self._run("postfix", "-c", str(self.folder / "config"), "abort")

    def queued(self) -> str:
        """Return what is queued, one JSON object a line."""
        return self._run("postqueue", "-c", str(self.folder / "config"), "-j")

    def sessions(self, at_least: int = 0) -> list[str]:
        """Return the log's lines on sessions that ended, once there are so many; the log is a little late."""
        for _ in range(100):
            lines = [line for line in self.log.read_text().splitlines() if " disconnect from " in line]
            if len(lines) >= at_least:
                break
            time.sleep(0.05)
        return lines

    def _listeners(self) -> str:
        """Return the lines of master.cf that listen."""
        named = (f"[{address}]" if ":" in address else address for address in self.ADDRESSES)
        return "".join(f"{address}:smtp inet n - n - - smtpd\n" for address in named)

    def _recipients(self) -> str:
        """Return the lines of main.cf on whom mail is accepted for."""
        return f"""\
relay_domains = partner.test, only.test, serial.test, noroute.test
relay_recipient_maps = inline:{{ {{ bob@partner.test=ok }}, {{ bob@only.test=ok }}, {{ temp@only.test=ok }},
    {{ bob@serial.test=ok }}, {{ bob@noroute.test=ok }} }}
transport_maps = inline:{{ {{ partner.test=discard: }} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ temp@only.test = {GREYLISTED} }} }},
    reject_unauth_destination
"""

    def _main(self, chain: Path) -> str:
        folder = self.folder
        return f"""\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = {", ".join(self.ADDRESSES)}
inet_protocols = all
myhostname = mx1.partner.test
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
{self._recipients()}smtpd_tls_security_level = may
smtpd_tls_chain_files = {chain}
smtpd_peername_lookup = no
maillog_file = {self.log}
maillog_file_prefixes = /var, /dev/stdout, {folder}
"""


class DomainsPostfix(Postfix):
    """Postfix that accepts mail for any recipient in some domains, each address with a certificate of its own.

    `certificates` maps an address to the file with key and chain, None for no STARTTLS.
    """

    def __init__(
        self,
        folder: Path,
        run: Callable[..., str],
        authority: trustme.CA,
        domains: Sequence[str],
        certificates: Mapping[str, Path | None],
    ) -> None:
        super().__init__(folder, run, authority)
        self.domains = domains
        self.certificates = certificates
        self.ADDRESSES = tuple(certificates)

    def _listeners(self) -> str:
        lines = []
        for address, file in self.certificates.items():
            option = "smtpd_tls_security_level=none" if file is None else f"smtpd_tls_chain_files={file}"
            listen = f"[{address}]" if ":" in address else address
            lines.append(f"{listen}:smtp inet n - n - - smtpd -o {option}\n")
        return "".join(lines)

    def _recipients(self) -> str:
        # In place of the others: Postfix warns of what is given twice, and its logger hangs over many warnings.
        return f"""\
relay_domains = {", ".join(self.domains)}
relay_recipient_maps = static:all
transport_maps = static:discard:
smtpd_recipient_restrictions = reject_unauth_destination
"""
