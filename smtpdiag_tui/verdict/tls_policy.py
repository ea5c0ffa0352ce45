"""What the checks of TLS policy come to, a few words for each standard. Pure."""

from collections.abc import Iterable

from smtpdiag_tui.report.amounts import listed
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step

_BRANCH = "tls-policy"
# Its steps in the order that they are told in, and what each code stands for, the worst first. Which names are
# signed is not told: it is a matter of DANE alone, and of the sender's domain too.
_STANDARDS = {
    "dnssec": {
        "dnssec-bogus": "DNSSEC bogus",
        "dnssec-unknown": "DNSSEC unknown",
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
        "mta-sts-tls-failed": "MTA-STS TLS failure",
        "mta-sts-policy": "MTA-STS policy",
        "mta-sts-none": "no MTA-STS",
    },
    "tls-rpt": {
        "tls-rpt-invalid": "TLS-RPT invalid",
        "tls-rpt-present": "TLS-RPT requested",
        "tls-rpt-none": "no TLS-RPT",
    },
}
_NONE = "no "
_DANE_UNKNOWN = "DANE unknown"


def tls_policy(report: Report) -> str:
    """Return what the standards come to, in the worst place of each; "" where none was checked.

    `DNSSEC bogus, DANE mismatch`; what is not there stands last, together: `no MTA-STS or TLS-RPT`.
    """
    told = []
    for name, words in _STANDARDS.items():
        step = report.steps.get(f"{_BRANCH}/{name}")
        if step is not None and not step.stale:
            found = [*step.findings, *(item for below in report.descendants(step.id) for item in below.findings)]
            told += _worst(words, found) or _undecided(report, step)
    absent = [words.removeprefix(_NONE) for words in told if words.startswith(_NONE)]
    there = [words for words in told if not words.startswith(_NONE)]
    return ", ".join([*there, *([_NONE + listed(absent).replace(" and ", " or ")] if absent else [])])


def _undecided(report: Report, step: Step) -> list[str]:
    """Return that DANE is unknown where no finding says so: its records are there, and no session had TLS."""
    unknown = any(item.status is Status.UNKNOWN for item in (step, *report.descendants(step.id)))
    return [_DANE_UNKNOWN] if step.id == f"{_BRANCH}/dane" and unknown else []


def _worst(words: dict[str, str], found: Iterable[Finding]) -> list[str]:
    """Return the words for the first code of the table that was found."""
    codes = {item.code for item in found}
    return [told for code, told in words.items() if code in codes][:1]
