"""DANE against real Knot, Unbound and Postfix, with Postfix's own client as referee."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.contradictions.checker import contradictions
from tests.real.lab import Lab, Run
from tests.real.local_postfix import LocalPostfix
from tests.real.postfix import DomainsPostfix
from tests.real.reading import codes, steps
from tests.real.running import reports_on
from tests.real.signed_lab import Certificate, SignedLab, SignedZone

SENDER = "alice@sender.sec"
pytestmark = pytest.mark.timeout(180)  # all servers and runs are the first test's
FIRST, SECOND, CLEAR, BOTH = "192.0.2.91", "192.0.2.92", "192.0.2.93", "192.0.2.94"
OTHER_KEY = "3 1 1 " + "ab" * 32


def zone(address: str, *records: str, signed: bool = True, bad_ds: bool = False) -> SignedZone:
    """Return a domain with one MX host at an address, and TLSA records for it."""
    lines = ["@ MX 10 mx", f"mx A {address}", *(f"_25._tcp.mx TLSA {record}" for record in records)]
    return SignedZone("\n".join(lines), signed=signed, bad_ds=bad_ds)


def zones(named: Certificate, other: Certificate, both: tuple[Certificate, Certificate]) -> dict[str, SignedZone]:
    """Return the domains: `named` is the certificate at FIRST for mx.issuer.sec, `other` that at SECOND."""
    full = named.chain[0].hex()
    return {
        "sender.sec": SignedZone("@ MX 10 mail\nmail A 192.0.2.10"),
        "valid.sec": zone(FIRST, named.tlsa()),
        "full.sec": zone(FIRST, f"3 0 0 {full}"),
        "issuer.sec": zone(FIRST, named.tlsa(2, 0, 1)),
        "wrongname.sec": zone(SECOND, other.tlsa(2, 1, 1)),
        "mismatch.sec": zone(FIRST, OTHER_KEY),
        "rollover.sec": zone(FIRST, OTHER_KEY, named.tlsa()),
        "agility.sec": zone(FIRST, named.tlsa(), f"3 1 2 {'cd' * 64}"),
        "unusable.sec": zone(FIRST, f"1 1 1 {'ab' * 32}", "3 1 1 abcd"),
        "noencryption.sec": zone(CLEAR, f"3 1 1 {'ab' * 32}"),
        "unusableclear.sec": zone(CLEAR, f"0 1 1 {'ab' * 32}"),
        "missing.sec": zone(FIRST),
        "plain.sec": zone(FIRST, OTHER_KEY, signed=False),
        "bogus.sec": zone(FIRST, named.tlsa(), bad_ds=True),
        "hosted.sec": SignedZone("@ MX 10 mx.mismatch.sec.", signed=False),
        "alias.sec": SignedZone(f"@ MX 10 mx\nmx CNAME mx.plain.sec.\n_25._tcp.mx TLSA {OTHER_KEY}"),
        "onward.sec": SignedZone(f"@ MX 10 mx\nmx CNAME mx.valid.sec.\n_25._tcp.mx TLSA {OTHER_KEY}"),
        "servfail.sec": SignedZone(f"@ MX 10 mx\nmx A {FIRST}\n_25._tcp.mx CNAME _25._tcp.mx.bogus.sec."),
        "two.sec": SignedZone(f"@ MX 10 mx\n@ MX 20 mx.valid.sec.\nmx A {FIRST}\n_25._tcp.mx TLSA {OTHER_KEY}"),
        "keys.sec": zone(BOTH, both[0].tlsa()),
    }


@pytest.fixture(scope="module")
def signed(lab: Lab) -> Iterator[SignedLab]:
    """Return the signed hierarchy, with a Postfix that accepts mail for all domains in it."""
    made = SignedLab(lab)
    named = made.certificate("mx.issuer.sec", "mx.valid.sec")
    other = made.certificate("elsewhere.sec")
    both = made.certificate("mx.keys.sec"), made.certificate("mx.keys.sec", key_type=trustme.KeyType.RSA)
    together = made.folder / "both.pem"
    together.touch(mode=0o600)
    together.write_bytes(both[1].file.read_bytes() + both[0].file.read_bytes())
    held = zones(named, other, both)
    lab.add_addresses([FIRST, SECOND, CLEAR, BOTH])
    made.open(held)
    folder = lab.folder / "postfix-dane"
    folder.mkdir()
    files = {FIRST: named.file, SECOND: other.file, CLEAR: None, BOTH: together}
    run = lambda *command: lab.call(lab.far, *command)  # noqa: E731 - what a Postfix is given
    postfix = DomainsPostfix(folder, run, made.authority, list(held), files)
    postfix.start()
    try:
        for address in files:
            lab.wait_for(address, 25)
        yield made
    finally:
        postfix.stop()


@pytest.fixture(scope="module")
def referee(lab: Lab, signed: SignedLab) -> Iterator[LocalPostfix]:
    """Return a Postfix on the sending machine that enforces DANE, and asks the resolver there."""
    folder = Path(tempfile.mkdtemp(prefix="smtpdiag-dane-"))
    folder.chmod(0o755)
    made = LocalPostfix(lab, folder)
    made.configure(
        "smtp_tls_security_level = dane", "smtp_dns_support_level = dnssec", "inet_interfaces = 192.0.2.10"
    )
    with signed.resolver():
        made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def verdicts(report: dict[str, Any]) -> tuple[set[str], str]:
    """Return the codes about DANE, and what the DANE sender comes to."""
    row = next(item for item in report["senders"] if item["name"] == "dane")
    return {code for code in codes(report) if code.startswith("dane-")}, row["outcome"]


CASES = {
    "valid": ({"dane-valid"}, "accepted"),
    "full": ({"dane-valid"}, "accepted"),
    "issuer": ({"dane-valid"}, "accepted"),
    "wrongname": ({"dane-mismatch"}, "deferred"),
    "mismatch": ({"dane-mismatch"}, "deferred"),
    "rollover": ({"dane-valid"}, "accepted"),
    "agility": ({"dane-mismatch"}, "deferred"),
    "unusable": ({"dane-unusable"}, "accepted"),
    "noencryption": ({"dane-no-starttls"}, "deferred"),
    "unusableclear": ({"dane-unusable", "dane-no-starttls"}, "deferred"),
    "missing": ({"dane-none"}, "accepted"),
    "plain": ({"dane-none"}, "accepted"),
    "hosted": ({"dane-mismatch"}, "deferred"),
    "alias": ({"dane-mismatch"}, "deferred"),
    "onward": ({"dane-valid"}, "accepted"),
    "servfail": ({"dane-lookup-failed"}, "deferred"),
    "two": ({"dane-mismatch", "dane-valid"}, "accepted"),
}


@pytest.fixture(scope="module")
def reports(lab: Lab, signed: SignedLab) -> dict[str, dict[str, Any]]:
    """Return the report on each domain."""
    recipients = {name: f"bob@{name}.sec" for name in CASES}
    with signed.resolver():
        return reports_on(lab, SENDER, recipients, "--ehlo", "mail.sender.test")


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_of_dane_senders(reports: dict[str, dict[str, Any]], name: str) -> None:
    assert verdicts(reports[name]) == CASES[name]
    assert reports[name]["outcome"] == "accepted"  # the standard sender does not look
    assert contradictions(reports[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_postfix_comes_to_the_same(signed: SignedLab, referee: LocalPostfix, name: str) -> None:
    with signed.resolver():
        line = referee.send(SENDER, f"bob@{name}.sec")
    assert ("status=sent" in line) is (CASES[name][1] == "accepted"), line


# It stops at the first host that it gets through to, verified or not.
@pytest.mark.parametrize("name", [name for name in CASES if name != "two"])
def test_posttls_finger_verifies_the_same(signed: SignedLab, name: str) -> None:
    said = finger(signed, f"{name}.sec")
    verified = "posttls-finger: Verified TLS connection" in said
    assert verified is ("dane-valid" in CASES[name][0]), said


def finger(signed: SignedLab, domain: str) -> str:
    """Return what Postfix's own client says of the first MX host of a domain that it gets through to."""
    options = ["-c", "-t", "10", "-T", "10", "-l", "dane", "-L", "summary"]
    with signed.resolver():
        command = ["ip", "netns", "exec", signed.lab.near, "posttls-finger", *options, domain]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_a_bogus_zone_is_told_as_that(signed: SignedLab, run: Run) -> None:
    with signed.resolver():
        status, report = run(SENDER, "bob@bogus.sec")
    assert (status, report["outcome"], report["side"]) == (1, "deferred", "recipient")
    assert "tls-policy/dnssec" in codes(report)["dnssec-bogus"]
    assert steps(report)["tls-policy/dane"]["status"] == "skipped"


@pytest.mark.parametrize(
    ("resolver", "trust_ad", "found", "outcome"),
    [
        ("far", True, {"dane-mismatch"}, "deferred"),
        ("far", False, {"dane-mismatch", "dane-untrusted"}, "unknown"),
        ("plain", True, {"dane-mismatch", "dane-untrusted"}, "unknown"),
    ],
)
def test_ad_counts_where_the_way_is_trusted(
    signed: SignedLab, run: Run, resolver: str, trust_ad: bool, found: set[str], outcome: str
) -> None:
    with signed.resolver(getattr(signed, resolver), trust_ad=trust_ad):
        _, report = run(SENDER, "bob@mismatch.sec")
    assert verdicts(report) == (found, outcome)
    assert ("dnssec-unknown" in codes(report)) is (outcome == "unknown")


def test_the_second_key_is_found_by_the_probe(signed: SignedLab, run: Run) -> None:
    with signed.resolver():
        _, report = run(SENDER, "bob@keys.sec", "--probe", "dane-keys")
    assert codes(report)["dane-valid"] == ["tls-policy/dane/mx.keys.sec"]
    probe = steps(report)["probes/dane-keys"]
    assert [item["code"] for item in probe["findings"]] == ["dane-mismatch"]
    assert probe["findings"][0]["message"] == "RSA certificate of mx.keys.sec matches no TLSA record"
    lines = [entry["text"] for entry in probe["transcript"] if entry["direction"] == "sent"]
    assert lines == ["EHLO mail.sender.test", "STARTTLS", "QUIT"] * 2


def test_one_key_alone_is_well(signed: SignedLab, run: Run) -> None:
    with signed.resolver():
        _, report = run(SENDER, "bob@valid.sec", "--probe", "dane-keys")
    probe = steps(report)["probes/dane-keys"]
    assert [item["code"] for item in probe["findings"]] == ["dane-valid"]
