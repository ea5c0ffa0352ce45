"""DANE and MTA-STS of one domain at once, against real Knot, Unbound, Postfix and an HTTPS server."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contradictions.checker import contradictions
from tests.real.lab import Lab
from tests.real.policy_lab import policy
from tests.real.postfix import DomainsPostfix
from tests.real.reading import codes
from tests.real.running import reports_on
from tests.real.signed_lab import SignedLab, SignedZone

SENDER = "alice@sender.sec"
pytestmark = pytest.mark.timeout(180)  # all servers and runs are the first test's
GOOD, SIX, EXPIRED, WEB = "192.0.2.121", "2001:db8::121", "192.0.2.122", "192.0.2.123"
OTHER_KEY = "3 1 1 " + "ab" * 32
UNLISTED = "mail.elsewhere.sec"
OUTWEIGHED = "; a valid DANE outweighs the failing MTA-STS (common practice)"
NO_MATCH, NOT_LISTED = "TLSA record does not match the certificate", "not in the MTA-STS policy"
OLD = "certificate expired 3 days ago"
# Domain to the codes of DANE and MTA-STS, and what senders of DANE, MTA-STS and both come to.
CASES = {
    "both": ({"dane-valid", "mta-sts-policy"}, "accepted", "accepted", "accepted"),
    "unlisted": ({"dane-valid", "mta-sts-policy", "mta-sts-mx-mismatch"}, "accepted", NOT_LISTED, OUTWEIGHED),
    "mismatch": ({"dane-mismatch", "mta-sts-policy"}, NO_MATCH, "accepted", NO_MATCH),
    "unusable": ({"dane-unusable", "mta-sts-policy", "mta-sts-mx-mismatch"}, "accepted", NOT_LISTED, NOT_LISTED),
    "oldkey": ({"dane-valid", "mta-sts-policy", "mta-sts-tls-failed"}, "accepted", OLD, OUTWEIGHED),
    "oldissuer": ({"dane-mismatch", "mta-sts-policy", "mta-sts-tls-failed"}, NO_MATCH, OLD, NO_MATCH),
    "halfsix": ({"dane-valid", "dane-mismatch", "mta-sts-none"}, "accepted", "accepted", "accepted"),
    "hosted": ({"dane-valid", "mta-sts-none", "dnssec-bogus"}, "accepted", "accepted", "accepted"),
}


def zone(address: str, tlsa: str, *more: str) -> SignedZone:
    lines = ["@ MX 10 mx", f"mx A {address}", f"_25._tcp.mx TLSA {tlsa}", *more]
    return SignedZone("\n".join(lines))


@pytest.fixture(scope="module")
def signed(lab: Lab) -> Iterator[SignedLab]:
    """Return the hierarchy, with a Postfix at its mail hosts and an HTTPS server at its policy hosts."""
    made = SignedLab(lab, number=1)
    named = [f"mx.{name}.sec" for name in CASES]
    good, other, old = made.certificate(*named), made.certificate(*named), made.certificate(*named, days=-3)
    sts = f'mta-sts A {WEB}\n_mta-sts TXT "v=STSv1; id=20261128T120000"'
    zones = {
        "sender.sec": SignedZone("@ MX 10 mail\nmail A 192.0.2.10"),
        "both.sec": zone(GOOD, good.tlsa(), sts),
        "unlisted.sec": zone(GOOD, good.tlsa(), sts),
        "mismatch.sec": zone(GOOD, OTHER_KEY, sts),
        "unusable.sec": zone(GOOD, "1 1 1 " + "ab" * 32, sts),
        "oldkey.sec": zone(EXPIRED, old.tlsa(), sts),
        "oldissuer.sec": zone(EXPIRED, old.tlsa(2), sts),
        "halfsix.sec": zone(GOOD, good.tlsa(), f"mx AAAA {SIX}"),
        "broken.sec": SignedZone(f"mx A {GOOD}", bad_ds=True),
        "hosted.sec": SignedZone("@ MX 10 mx.broken.sec.\n@ MX 20 mx.both.sec."),
    }
    lab.add_addresses([GOOD, SIX, EXPIRED, WEB])
    made.open(zones)
    listen = {WEB: str(made.certificate(*(f"mta-sts.{name}.sec" for name in CASES)).file)}
    texts = {name: policy(UNLISTED if name in ("unlisted", "unusable") else f"mx.{name}.sec") for name in CASES}
    serve(lab, made, {"listen": listen, "replies": {f"mta-sts.{key}.sec": reply(texts[key]) for key in CASES}})
    folder = lab.folder / "postfix-both"
    folder.mkdir()
    files = {GOOD: good.file, SIX: other.file, EXPIRED: old.file}
    run = lambda *command: lab.call(lab.far, *command)  # noqa: E731 - what a Postfix is given
    postfix = DomainsPostfix(folder, run, made.authority, list(zones), files)
    postfix.start()
    try:
        for address in files:
            lab.wait_for(address, 25)
        lab.wait_for(WEB, 443)
        yield made
    finally:
        postfix.stop()


def serve(lab: Lab, made: SignedLab, told: dict[str, Any]) -> None:
    config = made.folder / "server.json"
    config.write_text(json.dumps(told), encoding="utf-8")
    lab.spawn(sys.executable, "-m", "tests.real.policy_server", str(config))


def reply(text: str) -> dict[str, str]:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n"
    return {"text": head + text}


@pytest.fixture(scope="module")
def reports(lab: Lab, signed: SignedLab) -> Iterator[dict[str, dict[str, Any]]]:
    """Return the report on each domain."""
    authority = signed.folder / "authority.pem"
    authority.write_bytes(signed.authority.cert_pem.bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority))
        patch.setenv("SSL_CERT_DIR", str(signed.folder / "nothing"))
        with signed.resolver():
            recipients = {name: f"bob@{name}.sec" for name in CASES}
            yield reports_on(lab, SENDER, recipients, "--ehlo", "mail.sender.sec")


@pytest.mark.parametrize("name", CASES)
def test_what_senders_of_each_policy_come_to(reports: dict[str, dict[str, Any]], name: str) -> None:
    report = reports[name]
    found, *ends = CASES[name]
    assert report["outcome"] == "accepted"  # the standard sender looks at neither
    wanted = {"dnssec-bogus", *(code for code in codes(report) if code.startswith(("dane-", "mta-sts-")))}
    assert wanted & set(codes(report)) == found
    rows = {item["name"]: item for item in report["senders"]}
    for row, end in zip(("dane", "mta-sts", "dane-or-mta-sts"), ends, strict=True):
        outcome, summary = rows[row]["outcome"], rows[row]["summary"]
        if end in ("accepted", OUTWEIGHED):
            assert outcome == "accepted", row
            assert summary.endswith(OUTWEIGHED) is (end == OUTWEIGHED), row
        else:
            assert (outcome, summary) == ("deferred", end), row
    assert contradictions(report) == []


def test_the_family_whose_certificate_is_another_one_is_named(reports: dict[str, dict[str, Any]]) -> None:
    row = next(item for item in reports["halfsix"]["senders"] if item["name"] == "dane")
    assert [(item["address"], item["result"]) for item in row["attempts"]] in (
        [(SIX, "transient"), (GOOD, "accepted")],
        [(GOOD, "accepted")],
    )
    step = next(item for item in all_findings(reports["halfsix"]) if item["code"] == "dane-mismatch")
    assert step["message"] == f"Certificate of mx.halfsix.sec [{SIX}] matches no TLSA record"


def all_findings(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings of the steps below the branch that this is about."""
    branch = next(step for step in report["steps"] if step["id"] == "tls-policy")
    dane = next(step for step in branch["steps"] if step["id"] == "tls-policy/dane")
    return [item for host in dane["steps"] for item in host["findings"]]
