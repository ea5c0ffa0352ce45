"""What the standards of a branch come to, a few words each."""

import pytest

from smtpdiag_tui.render.checks import checks
from smtpdiag_tui.render.standards import of_standards
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from tests.render.made import SETTINGS

AUTHENTICATION, TLS = "authentication", "tls-policy"


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
        (AUTHENTICATION, {"spf": "spf-pass", "dmarc": "dmarc-would-pass"}, "SPF pass, DMARC pass"),
        (
            AUTHENTICATION,
            {"dmarc": "dmarc-depends-on-dkim", "dkim": "dkim-selector-unknown", "spf": "spf-softfail"},
            "SPF softfail, DKIM unknown, DMARC depends on DKIM",
        ),
        (AUTHENTICATION, {"spf": "spf-none", "dmarc": "dmarc-none"}, "no SPF or DMARC record"),
        (
            AUTHENTICATION,
            {"spf": "spf-pass", "receivers": "receiver-requirement-unmet", "message": "message-fits"},
            "SPF pass, requirement unmet, message fits",
        ),
        (
            TLS,
            {
                "dnssec": "dnssec-insecure",
                "dane": "dane-none",
                "mta-sts": "mta-sts-none",
                "tls-rpt": "tls-rpt-none",
            },
            "no DNSSEC, DANE, MTA-STS or TLS-RPT",
        ),
        (
            TLS,
            {
                "dnssec": "dnssec-secure",
                "dane": "dane-valid",
                "mta-sts": "mta-sts-policy",
                "tls-rpt": "tls-rpt-none",
            },
            "DNSSEC secure, DANE valid, MTA-STS policy, no TLS-RPT",
        ),
        (TLS, {"dnssec": "dnssec-bogus"}, "DNSSEC bogus"),
        (TLS, {}, ""),
        (TLS, {"dnssec": "spf-pass"}, ""),
        ("soa", {"dnssec": "dnssec-bogus"}, ""),
    ],
)
def test_it_is_told_in_a_line(branch: str, found: dict[str, str], told: str) -> None:
    report = report_of(branch, found)
    assert of_standards(report, report.steps[branch]) == told
    assert checks(report)[0].detail == (told or "passed")


def test_of_several_places_the_worst_is_told() -> None:
    report = report_of(TLS, {"dane": "dane-none"})
    steps = dict(report.steps)
    for host, code in (("mx1.a.example", "dane-valid"), ("mx2.a.example", "dane-mismatch")):
        key = f"{TLS}/dane/{host}"
        steps[key] = Step(key, host, Status.WARNING, findings=(Finding(code, Severity.WARNING, "It is so"),))
    assert of_standards(Report(SETTINGS, steps=steps), steps[TLS]) == "DANE mismatch"


def test_while_it_runs_and_where_it_was_not_run_its_status_is_told() -> None:
    running = report_of(TLS, {"dane": "dane-valid"}, Status.RUNNING)
    assert checks(running)[0].detail == "running"
    assert checks(report_of(TLS, {}, Status.SKIPPED))[0].detail == "skipped"
