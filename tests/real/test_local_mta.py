"""A run that goes out as the real Postfix beside it would, through its relay host."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.lab import Lab
from tests.real.local_postfix import EHLO, LocalPostfix
from tests.real.reading import Step, codes, sent, steps

SENDER, RECIPIENT = "alice@sender.test", "bob@partner.test"
TLS = ("smtp_tls_security_level = may",)


@pytest.fixture
def local(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalPostfix]:
    """Return the near side's Postfix, which is what the command finds there."""
    folder = Path(tempfile.mkdtemp(prefix="smtpdiag-local-"))
    folder.chmod(0o755)
    made = LocalPostfix(lab, folder)
    monkeypatch.setenv("MAIL_CONFIG", str(made.config))
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(lab: Lab, recipient: str = RECIPIENT, *more: str) -> tuple[int, dict[str, object]]:
    status, out, err = lab.run(SENDER, recipient, "--report", "json", "--as-local-mta", *more)
    assert err == ""
    return status, json.loads(out)


def talked(report: dict[str, object]) -> dict[str, Step]:
    return {key: step for key, step in steps(report).items() if key.startswith("delivery/") and sent(step)}


def test_the_relay_host_is_the_route_as_it_is_for_postfix_itself(lab: Lab, local: LocalPostfix) -> None:
    local.configure("relayhost = [mx2.partner.test]", "smtp_bind_address = 192.0.2.10", *TLS)
    local.start()
    try:
        line = local.send(SENDER, RECIPIENT)
        status, report = run(lab)
    finally:
        local.stop()
    assert "relay=mx2.partner.test[192.0.2.26]:25" in line
    assert "status=sent" in line
    assert (status, report["outcome"]) == (0, "accepted")
    assert list(talked(report)) == ["delivery/mx2.partner.test/192.0.2.26"]
    assert sent(talked(report)["delivery/mx2.partner.test/192.0.2.26"])[0][0] == f"EHLO {EHLO}"
    assert codes(report)["relay-route"] == ["delivery"]
    assert "at the relay host; what MX hosts of partner.test reply" in str(report["delivery"])
    assert "mx1.partner.test" in str(steps(report)["remote"])
    settings = report["settings"]
    assert isinstance(settings, dict)
    assert settings["relay"] == [{"host": "mx2.partner.test", "port": 25, "mx": False}]
    assert (settings["as_local_mta"], settings["source4"], settings["source6"]) == ("Postfix", "192.0.2.10", None)


def test_without_brackets_the_mx_of_the_relay_domain_are_looked_up(lab: Lab, local: LocalPostfix) -> None:
    local.configure("relayhost = partner.test", "inet_protocols = ipv4", *TLS)
    status, report = run(lab, "bob@only.test")
    assert status == 0
    assert list(talked(report)) == [
        "delivery/mx1.partner.test/192.0.2.25",
        "delivery/mx2.partner.test/192.0.2.26",
    ]
    assert steps(report)["delivery/mx1.partner.test/2001:db8::25"]["status"] == "skipped"


def test_the_transport_table_comes_before_the_relay_host(lab: Lab, local: LocalPostfix) -> None:
    table = "transport_maps = inline:{ { partner.test = smtp:[192.0.2.25]:25 } }"
    local.configure("relayhost = [mx2.partner.test]", table, "smtp_tls_security_level = none")
    _, report = run(lab)
    session = talked(report)["delivery/[192.0.2.25]/192.0.2.25"]
    assert [text.split()[0] for text, _ in sent(session)] == ["EHLO", "MAIL", "RCPT", "QUIT"]


def test_a_relay_that_does_not_relay_is_told_as_the_one_that_refuses(lab: Lab, local: LocalPostfix) -> None:
    local.configure("relayhost = [mx1.partner.test]", "inet_protocols = ipv4")
    status, report = run(lab, "bob@elsewhere.test")
    assert (status, report["outcome"]) == (1, "deferred")
    assert "454 4.7.1" in str(report["reply"])
    assert "through the relay host [mx1.partner.test]" in str(report["causes"])
    assert str(report["delivery"]).startswith("not until mx1.partner.test relays messages from this host")
    local.configure("relayhost = [mx1.partner.test]", "inet_protocols = ipv4", "smtp_sasl_auth_enable = yes")
    status, report = run(lab, "bob@elsewhere.test")
    assert (status, report["outcome"]) == (4, "unknown")
    assert codes(report)["authentication-required"] == ["delivery/mx1.partner.test/192.0.2.25/rcpt-to"]


def test_what_the_command_line_gives_wins(lab: Lab, local: LocalPostfix) -> None:
    local.configure("relayhost = [mx2.partner.test]", "smtp_tls_security_level = encrypt")
    given = ("--ehlo", "given.sender.test", "--server", "192.0.2.25", "--tls", "auto")
    status, report = run(lab, RECIPIENT, *given)
    assert status == 0
    assert list(talked(report)) == ["delivery/[192.0.2.25]/192.0.2.25"]
    settings = report["settings"]
    assert isinstance(settings, dict)
    assert (settings["ehlo"], settings["tls"], settings["relay"]) == ("given.sender.test", "auto", [])
    assert "relay-route" not in codes(report)


def test_the_queue_lists_what_is_stuck(lab: Lab, local: LocalPostfix) -> None:
    local.configure("relayhost = [192.0.2.25]:2626")
    local.start()
    try:
        line = local.send(SENDER, "bob@elsewhere.test")
        status, out, err = lab.run("--queue")
    finally:
        local.stop()
    assert "status=deferred" in line
    assert (status, err) == (0, "")
    assert "1 entry in the Postfix queue." in out
    assert "bob@elsewhere.test" in out
    assert "Connection refused" in out
