"""MTA-STS against real Knot, Unbound and Postfix, with policies served by Python's ssl."""

from typing import Any

import pytest

from tests.contradictions.checker import contradictions
from tests.real.lab import Lab, Run
from tests.real.policy_lab import PolicyLab
from tests.real.reading import steps
from tests.real.running import reports_on

SENDER, STEP = "alice@sender.test", "tls-policy/mta-sts"
pytestmark = pytest.mark.timeout(180)  # all servers and runs are the first test's


@pytest.fixture
def trusting(policies: PolicyLab, monkeypatch: pytest.MonkeyPatch, run: Run) -> Run:
    """Return a function that runs the command where the lab's authority is trusted, and no other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(policies.authority))
    monkeypatch.setenv("SSL_CERT_DIR", str(policies.folder / "nothing"))
    return run


@pytest.fixture(scope="module")
def reports(lab: Lab, policies: PolicyLab) -> dict[str, dict[str, Any]]:
    """Return the report on each domain, where the lab's authority is trusted."""
    recipients = {name: f"bob@{name}.test" for name in CASES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(policies.authority))
        patch.setenv("SSL_CERT_DIR", str(policies.folder / "nothing"))
        return reports_on(lab, SENDER, recipients, "--ehlo", "mail.sender.test")


def rows(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {item["name"]: (item["outcome"], item["summary"]) for item in report["senders"]}


CASES = {
    "enforce": ({"mta-sts-policy"}, "enforce", "accepted"),
    "unlisted": (
        {"mta-sts-policy", "mta-sts-mx-mismatch"},
        "enforce (1 MX host not listed)",
        "not in the MTA-STS policy",
    ),
    "testing": ({"mta-sts-policy", "mta-sts-mx-mismatch"}, "testing (1 MX host not listed)", "accepted"),
    "oldmail": (
        {"mta-sts-policy", "mta-sts-tls-failed"},
        "enforce (TLS failed at 1 address)",
        "certificate expired 3 days ago",
    ),
    "oldweb": ({"mta-sts-unreachable"}, "policy not fetched (certificate not verified)", "accepted"),
    "foreignweb": ({"mta-sts-unreachable"}, "policy not fetched (certificate not verified)", "accepted"),
    "large": ({"mta-sts-unreachable"}, "policy not fetched (too long)", "accepted"),
    "redirect": ({"mta-sts-unreachable"}, "policy not fetched (redirect)", "accepted"),
    "html": ({"mta-sts-invalid"}, "policy invalid", "accepted"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_of_senders_that_enforce_mta_sts(reports: dict[str, dict[str, Any]], name: str) -> None:
    report = reports[name]
    assert report["outcome"] == "accepted"
    assert contradictions(report) == []
    found, detail, end = CASES[name]
    step = steps(report)[STEP]
    assert ({item["code"] for item in step["findings"]}, step["detail"]) == (found, detail)
    outcome, summary = rows(report)["mta-sts"]
    if end == "accepted":
        assert outcome == "accepted"
    else:
        assert (outcome, summary) == ("deferred", end)
    assert rows(report)["standard"][0] == "accepted"
    assert steps(report)["tls-policy/tls-rpt"]["status"] == "passed"


def test_a_policy_host_that_drips_does_not_prolong_the_run(trusting: Run) -> None:
    status, report = trusting(SENDER, "bob@drips.test", "--timeout", "2")
    assert status == 0
    step = steps(report)[STEP]
    assert step["detail"] == "policy not fetched (timed out)"
    assert step["seconds"] < 5
    assert rows(report)["mta-sts"][0] == "accepted"


def test_without_the_authority_neither_policy_nor_hosts_are_verified(policies: PolicyLab, run: Run) -> None:
    assert policies.authority.exists()
    _, report = run(SENDER, "bob@enforce.test")
    step = steps(report)[STEP]
    assert step["detail"] == "policy not fetched (certificate not verified)"
    assert report["outcome"] == "accepted"
