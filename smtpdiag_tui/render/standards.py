"""What the checks of sender authentication and TLS policy come to, a few words for each standard. Pure."""

from collections.abc import Iterable

from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step

# The steps of a branch in the order that they are told in, and what each code stands for.
_STANDARDS = {
    "authentication": {
        "spf": {
            "spf-fail": "SPF fail",
            "spf-permerror": "SPF permerror",
            "spf-softfail": "SPF softfail",
            "spf-neutral": "SPF neutral",
            "spf-none": "no SPF record",
            "spf-temperror": "SPF temperror",
            "spf-address-unknown": "SPF unknown",
            "spf-pass": "SPF pass",
        },
        "dkim": {
            "dkim-signature-invalid": "DKIM fail",
            "dkim-key-missing": "DKIM key missing",
            "dkim-key-revoked": "DKIM key revoked",
            "dkim-key-invalid": "DKIM key invalid",
            "dkim-unsigned": "not signed",
            "dkim-selector-unknown": "DKIM unknown",
            "dkim-signature-valid": "DKIM pass",
            "dkim-key-weak": "DKIM key weak",
            "dkim-key-testing": "DKIM key in test mode",
            "dkim-key-valid": "DKIM key valid",
        },
        "dmarc": {
            "dmarc-would-fail": "DMARC fail",
            "dmarc-invalid": "DMARC record invalid",
            "dmarc-none": "no DMARC record",
            "dmarc-depends-on-dkim": "DMARC depends on DKIM",
            "dmarc-would-pass": "DMARC pass",
        },
        "receivers": {
            "receiver-requirement-unmet": "requirement unmet",
            "receiver-requirement-at-risk": "requirement at risk",
            "receiver-requirements-met": "requirements met",
        },
        "message": {
            "message-malformed": "message malformed",
            "message-too-large": "message too large",
            "message-risky": "message risky",
            "message-fits": "message fits",
        },
    },
    "tls-policy": {
        "dnssec": {
            "dnssec-bogus": "DNSSEC bogus",
            "dnssec-unknown": "DNSSEC unknown",
            "dnssec-insecure": "no DNSSEC",
            "dnssec-secure": "DNSSEC secure",
        },
        "dane": {
            "dane-lookup-failed": "TLSA lookup failed",
            "dane-mismatch": "DANE mismatch",
            "dane-no-starttls": "DANE without STARTTLS",
            "dane-unusable": "DANE unusable",
            "dane-untrusted": "DANE unknown",
            "dane-valid": "DANE valid",
            "dane-none": "no DANE",
        },
        "mta-sts": {
            "mta-sts-invalid": "MTA-STS invalid",
            "mta-sts-unreachable": "MTA-STS policy unreachable",
            "mta-sts-mx-mismatch": "MTA-STS mismatch",
            "mta-sts-tls-failed": "MTA-STS certificate failure",
            "mta-sts-policy": "MTA-STS policy",
            "mta-sts-none": "no MTA-STS",
        },
        "tls-rpt": {
            "tls-rpt-invalid": "TLS-RPT invalid",
            "tls-rpt-present": "TLS-RPT",
            "tls-rpt-none": "no TLS-RPT",
        },
    },
}
_NONE = "no "


def of_standards(report: Report, branch: Step) -> str:
    """Return what the standards of a branch come to, in the worst place of each; "" where none was checked.

    `SPF pass, DKIM unknown, DMARC pass`; what is not there stands last, together: `no DANE or MTA-STS`.
    """
    told = []
    for name, words in _STANDARDS.get(branch.id, {}).items():
        step = report.steps.get(f"{branch.id}/{name}")
        if step is not None and not step.stale:
            found = [*step.findings, *(item for below in report.descendants(step.id) for item in below.findings)]
            told += _worst(words, found)
    absent = [words.removeprefix(_NONE) for words in told if words.startswith(_NONE)]
    there = [words for words in told if not words.startswith(_NONE)]
    return ", ".join([*there, *([f"no {_or(absent)}"] if absent else [])])


def _worst(words: dict[str, str], found: Iterable[Finding]) -> list[str]:
    """Return the words for the first code of the table that was found."""
    codes = {item.code for item in found}
    return [told for code, told in words.items() if code in codes][:1]


def _or(names: list[str]) -> str:
    """Return names that are left out: `DANE, MTA-STS or TLS-RPT`."""
    records = [name.removesuffix(" record") for name in names]
    end = " record" if records != names else ""
    return f"{listed(records).replace(' and ', ' or ')}{end}"
