"""The same mail given to a real Postfix on the same machine: it ends there as the command says."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.dns_lab import SENDER, DnsLab
from tests.real.hierarchy import UNBOUND
from tests.real.lab import Lab
from tests.real.local_postfix import LocalPostfix

STATUS = {"accepted": "sent", "bounced": "bounced", "deferred": "deferred"}


@pytest.fixture(scope="module")
def referee(lab: Lab, dns: DnsLab) -> Iterator[LocalPostfix]:
    """Return a Postfix on the sending machine that asks UNBOUND, as the command does."""
    folder = Path(tempfile.mkdtemp(prefix="smtpdiag-referee-"))
    folder.chmod(0o755)
    made = LocalPostfix(lab, folder)
    made.configure("smtp_tls_security_level = may", "smtp_connect_timeout = 5s", "inet_interfaces = 192.0.2.10")
    with dns.resolvers(UNBOUND):
        made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    "domain",
    [
        "healthy",
        "cnamed.below",
        "apex",
        "null",
        "servfail",
        "self",
        "nohosts",
        "typo",
        "missing",
        "implicit",
        "refused",
    ],
)
def test_postfix_comes_to_the_same(dns: DnsLab, referee: LocalPostfix, domain: str) -> None:
    recipient = f"bob@{domain}.lab"
    with dns.resolvers(UNBOUND):
        report = dns.ask(recipient)
        line = referee.send(SENDER, recipient)
    assert f"status={STATUS[report['outcome']]} " in line, (line, report["summary"])


def test_postfix_goes_to_the_address_where_others_bounce(dns: DnsLab, referee: LocalPostfix) -> None:
    with dns.resolvers(UNBOUND):
        report = dns.ask("bob@untrue.lab")
        line = referee.send(SENDER, "bob@untrue.lab")
    assert report["outcome"] == "bounced"  # Exim does; the worst of both counts
    assert "status=sent " in line
