"""The contract of sender authentication and TLS policy: which codes there are, and how severe each is."""

import pytest

from smtpdiag_tui.report.findings import Severity, catalogue

F, W, U, I = Severity.FAILURE, Severity.WARNING, Severity.UNKNOWN, Severity.INFO  # noqa: E741 - as a table reads
PROMISED = {
    "spf-fail": F,
    "spf-permerror": F,
    "spf-softfail": W,
    "spf-neutral": W,
    "spf-none": W,
    "spf-record-risky": W,
    "spf-temperror": U,
    "spf-address-unknown": U,
    "spf-pass": I,
    "dkim-signature-invalid": F,
    "dkim-key-missing": F,
    "dkim-key-revoked": F,
    "dkim-key-invalid": F,
    "dkim-key-weak": W,
    "dkim-key-testing": W,
    "dkim-unsigned": W,
    "dkim-selector-unknown": U,
    "dkim-key-valid": I,
    "dkim-signature-valid": I,
    "dmarc-would-fail": F,
    "dmarc-invalid": W,
    "dmarc-none": W,
    "dmarc-report-unauthorised": W,
    "dmarc-depends-on-dkim": U,
    "dmarc-would-pass": I,
    "dmarc-policy": I,
    "receiver-requirement-unmet": F,
    "receiver-requirement-at-risk": W,
    "receiver-requirements-met": I,
    "message-malformed": F,
    "message-too-large": F,
    "message-risky": W,
    "message-fits": I,
    "dnssec-bogus": F,
    "dnssec-unknown": U,
    "dnssec-secure": I,
    "dnssec-insecure": I,
    "mta-sts-invalid": W,
    "mta-sts-unreachable": W,
    "mta-sts-mx-mismatch": W,
    "mta-sts-tls-failed": W,
    "mta-sts-none": I,
    "mta-sts-policy": I,
    "tls-rpt-invalid": W,
    "tls-rpt-none": I,
    "tls-rpt-present": I,
    "dane-mismatch": W,
    "dane-unusable": W,
    "dane-no-starttls": W,
    "dane-lookup-failed": W,
    "dane-untrusted": U,
    "dane-none": I,
    "dane-valid": I,
}
# By addition: a lookup that failed is nobody's fault, and says nothing of what stands there.
ADDED = {"dmarc-lookup-failed": U, "dkim-lookup-failed": U, "dkim-signature-unknown": U, "dnssec-remark": I}
AREAS = ("spf-", "dkim-", "dmarc-", "receiver-", "message-", "dnssec-", "mta-sts-", "tls-rpt-", "dane-")


@pytest.mark.parametrize("code", PROMISED | ADDED)
def test_every_code_is_there_and_as_severe_as_it_says(code: str) -> None:
    assert catalogue()[code].severity is (PROMISED | ADDED)[code]


def test_there_are_no_others() -> None:
    assert {code for code in catalogue() if code.startswith(AREAS)} == {*PROMISED, *ADDED}
