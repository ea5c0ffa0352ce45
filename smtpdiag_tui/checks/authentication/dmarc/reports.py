"""Whether the hosts that a DMARC record has reports sent to consent to that (RFC 9990 §4). Pure."""

from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.authentication.dmarc.discovery import Applied, Walk
from smtpdiag_tui.checks.authentication.dmarc.record import read_published

MAX_HOSTS = 8  # whose consent is asked for
MAX_NAME = 253  # of a name in the DNS, in text


class Consent(StrEnum):
    """What is known of a report host."""

    GIVEN = "given"
    NEEDLESS = "needless"  # it belongs to the same organization
    MISSING = "missing"
    TOO_LONG = "too long"  # no record can stand at that name
    UNKNOWN = "unknown"  # a query failed


@dataclass(frozen=True, slots=True)
class ReportHost:
    """One host, and its consent to reports for the domain that names it."""

    host: str
    consent: Consent


def foreign_hosts(applied: Applied) -> tuple[str, ...]:
    """Return the hosts other than the record's own domain, at most `MAX_HOSTS`."""
    return tuple(host for host in applied.record.report_hosts if host != applied.domain)[:MAX_HOSTS]


def consent_name(applied: Applied, host: str) -> str:
    """Return the name at which a host consents."""
    return f"{applied.domain}._report._dmarc.{host}"


def has_consent(texts: tuple[bytes, ...]) -> bool:
    """Whether one of the TXT records there is a DMARC record: that is all it takes."""
    return bool(read_published(texts).records)


def same_organization(domain: Walk, host: Walk) -> bool | None:
    """Whether two domains have the same organizational domain; None if that is not known."""
    mine, theirs = domain.organizational_domain, host.organizational_domain
    return None if mine is None or theirs is None else mine == theirs
