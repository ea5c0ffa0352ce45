"""Whom to write to about a cause, and what to quote. Pure."""

from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import within_any

# It passes by itself, is ours to see to, or nobody there reads mail.
_NOBODY_TO_WRITE_TO = frozenset(
    {"domain-not-found", "no-mail-host", "null-mx", "greeting-timeout", "reply-timeout"}
    | {"greylisted", "greylisting-persists", "rate-limited", "rate-limited-here"}
)
HOSTMASTERS = frozenset(
    {"cname-loop", "dns-server-failure", "mx-is-address", "mx-lookup-failed", "mx-none-usable", "mx-unresolvable"}
    | {
        "dnssec-bogus",
        "domain-lookup-failed",
        "mx-address-not-public",
        "mx-address-unusable",
        "soa-missing",
        "soa-mx-mismatch",
    }
)
# Whoever is turned to there is named here, not by the recipient's domain.
GIVEN_HERE = frozenset({DestinationKind.SERVER, DestinationKind.RELAY})
_MAIL_BRANCHES = ("delivery", "senders")


def contact(report: Report, cause: Cause) -> str | None:
    """Say whom to write to about a cause on the recipient's side, and what to quote; None if to nobody there."""
    if cause.side not in (Side.RECIPIENT, Side.POLICY) or cause.code in _NOBODY_TO_WRITE_TO:
        return None
    if cause.code in HOSTMASTERS:
        return _to_hostmaster(report)
    if not any(within_any(key, _MAIL_BRANCHES) for key in cause.evidence):
        return None
    return f"{_to_postmaster(report)}, {_quoting(report, cause)}."


def _to_hostmaster(report: Report) -> str | None:
    who, domain = _hostmaster(report), _domain(report)
    return f"Write to {who}, who keeps the zone of {domain}, and quote this report." if who else None


def _to_postmaster(report: Report) -> str:
    """Return whom to turn to about a mail host: who runs the one that was given, else the domain's postmaster."""
    settings = report.settings
    if report.facts.destination_kind in GIVEN_HERE:
        whose = settings.server or ", ".join(relay.label for relay in settings.relay)
        return f"Turn to whoever runs {whose}"
    return f"Write to postmaster@{_domain(report)}, by a way that this does not stop"


def _quoting(report: Report, cause: Cause) -> str:
    """Say what to quote: the last line that the server itself said where the cause was seen, if it said any."""
    steps = [report.steps[key] for key in cause.evidence if key in report.steps]
    found = (item for step in steps for item in step.findings if item.code == cause.code)
    quoted = next((line for item in found for line in item.evidence[-1:]), "")
    return f'and quote: "{quoted}"' if quoted else "and quote this report"


def _domain(report: Report) -> str:
    return report.settings.recipient.rpartition("@")[2]


def _hostmaster(report: Report) -> str | None:
    """Return the mailbox that the zone's SOA names as responsible (RFC 1035 §3.3.13)."""
    seen = report.steps["soa"].observation if "soa" in report.steps else None
    answer = seen.zone.answer if isinstance(seen, SoaObservation) else None
    soa = answer.soa() if answer is not None else None
    if soa is None or len(soa.fields) != 7:
        return None
    local, dot, domain = soa.fields[1].rstrip(".").replace("\\.", "\0").partition(".")
    return f"{local}@{domain}".replace("\0", ".") if dot and domain else None
