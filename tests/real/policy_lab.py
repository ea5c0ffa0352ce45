"""MX hosts and policy hosts of domains with an MTA-STS policy, on the lab's far side."""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from tests.real.lab import Lab
from tests.real.postfix import DomainsPostfix
from tests.real.zones import (
    EXPIRED_MX,
    EXPIRED_WEB,
    FOREIGN_WEB,
    POLICY_HOSTS,
    POLICY_MX,
    POLICY_WEB,
)

ALL = (POLICY_MX, EXPIRED_MX, POLICY_WEB, EXPIRED_WEB, FOREIGN_WEB)


class PolicyLab:
    """A real Postfix at the MX hosts, an HTTPS server at the policy hosts; `authority` is the file to trust."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.folder = Path(tempfile.mkdtemp(prefix="policies-", dir=lab.folder))
        self.folder.chmod(0o755)  # Postfix reads there as a user of its own
        self._authority = trustme.CA()
        self.authority = self.folder / "authority.pem"
        self.authority.write_bytes(self._authority.cert_pem.bytes())
        folder = self.folder / "postfix"
        folder.mkdir()
        names = [f"mx.{name}.test" for name in POLICY_HOSTS]
        files = {POLICY_MX: self._certificate(names), EXPIRED_MX: self._certificate(names, days=-3)}
        domains = [f"{name}.test" for name in POLICY_HOSTS]
        self._postfix = DomainsPostfix(
            folder, lambda *command: lab.call(lab.far, *command), self._authority, domains, files
        )

    def open(self) -> None:
        """Start all servers and wait for them."""
        self.lab.add_addresses(list(ALL))
        self._postfix.start()
        names = [f"mta-sts.{name}.test" for name in POLICY_HOSTS]
        listen = {
            POLICY_WEB: self._certificate(names),
            EXPIRED_WEB: self._certificate(names, days=-3),
            FOREIGN_WEB: self._certificate(["www.elsewhere.test"]),
        }
        told = {"listen": {address: str(file) for address, file in listen.items()}, "replies": replies()}
        config = self.folder / "server.json"
        config.write_text(json.dumps(told), encoding="utf-8")
        self.lab.spawn(sys.executable, "-m", "tests.real.policy_server", str(config))
        for address in (POLICY_MX, EXPIRED_MX):
            self.lab.wait_for(address, 25)
        for address in listen:
            self.lab.wait_for(address, 443)

    def close(self) -> None:
        """Stop Postfix; the rest ends with the lab."""
        self._postfix.stop()

    def _certificate(self, names: list[str], days: int = 90) -> Path:
        issued = self._authority.issue_cert(*names, not_after=datetime.now(UTC) + timedelta(days=days))
        file = self.folder / f"{len(list(self.folder.iterdir()))}.pem"
        file.touch(mode=0o600)
        chain = b"".join(item.bytes() for item in issued.cert_chain_pems)
        file.write_bytes(issued.private_key_pem.bytes() + chain)
        return file


def replies() -> dict[str, dict[str, Any]]:
    """Return what the policy hosts send, host to reply."""
    told = {name: _reply(policy(f"mx.{name}.test")) for name in POLICY_HOSTS}
    told["unlisted"] = _reply(policy("mail.elsewhere.test"))
    told["testing"] = _reply(policy("mail.elsewhere.test", "testing"))
    told["large"] = _reply(policy("mail.elsewhere.test") + "x: y\n" * 20480)
    told["redirect"] = "HTTP/1.1 301 Moved\r\nLocation: https://www.redirect.test/\r\nContent-Length: 0\r\n\r\n"
    told["html"] = _reply("<html>not found</html>")
    return {f"mta-sts.{name}.test": {"text": text, "drips": name == "drips"} for name, text in told.items()}


def policy(mx: str, mode: str = "enforce") -> str:
    """Return the text of a policy."""
    return f"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 604800\n"


def _reply(body: str) -> str:
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}"
