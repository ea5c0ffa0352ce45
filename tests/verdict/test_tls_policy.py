"""What the standards of TLS policy come to, a few words each."""

import pytest

from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.verdict.tls_policy import tls_policy
from tests.render.made import SETTINGS

TLS = "tls-policy"


def report_of(branch: str, found: dict[str, str], status: Status = Status.PASSED) -> Report:
    """Return a report of one branch; below it a step for each name, with a finding of that code."""
    steps = {branch: Step(branch, "Title", status)}
    for name, code in found.items():
        key = f"{branch}/{name}"
        steps[key] = Step(key, key, Status.PASSED, findings=(Finding(code, Severity.INFO, "It is so"),))
    return Report(SETTINGS, steps=steps)


@pytest.mark.parametrize(
    ("branch", "found", "told"),
    [
        (
            TLS,
            {
                "dnssec": "dnssec-insecure",
                "dane": "dane-none",
                "mta-sts": "mta-sts-none",
                "tls-rpt": "tls-rpt-none",
            },
            "no DANE, MTA-STS or TLS-RPT",
        ),
        (
            TLS,
            {
                "dnssec": "dnssec-secure",
                "dane": "dane-valid",
                "mta-sts": "mta-sts-policy",
                "tls-rpt": "tls-rpt-none",
            },
            "DANE valid, MTA-STS policy, no TLS-RPT",
        ),
        (TLS, {"dnssec": "dnssec-bogus"}, "DNSSEC bogus"),
        (TLS, {}, ""),
        (TLS, {"dnssec": "spf-pass"}, ""),
        ("soa", {"dnssec": "dnssec-bogus"}, ""),
    ],
)
def test_it_is_told_in_a_line(branch: str, found: dict[str, str], told: str) -> None:
    report = report_of(branch, found)
    assert tls_policy(report) == told


def test_dane_that_no_session_could_show_is_unknown() -> None:
    report = report_of(TLS, {"mta-sts": "mta-sts-none", "tls-rpt": "tls-rpt-none"}, Status.UNKNOWN)
    host = Step("tls-policy/dane/mx.partner.example", "mx", Status.UNKNOWN)
    steps = {**report.steps, "tls-policy/dane": Step("tls-policy/dane", "DANE", Status.UNKNOWN), host.id: host}
    assert tls_policy(Report(SETTINGS, steps=steps)) == "DANE unknown, no MTA-STS or TLS-RPT"
    mta_sts = Step("tls-policy/mta-sts", "MTA-STS", Status.UNKNOWN)
    assert tls_policy(Report(SETTINGS, steps={**report.steps, mta_sts.id: mta_sts})) == "no TLS-RPT"


def test_of_several_places_the_worst_is_told() -> None:
    report = report_of(TLS, {"dane": "dane-none"})
    steps = dict(report.steps)
    for host, code in (("mx1.a.example", "dane-valid"), ("mx2.a.example", "dane-mismatch")):
        key = f"{TLS}/dane/{host}"
        steps[key] = Step(key, host, Status.WARNING, findings=(Finding(code, Severity.WARNING, "It is so"),))
    assert tls_policy(Report(SETTINGS, steps=steps)) == "DANE mismatch"
