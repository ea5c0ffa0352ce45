"""Whom to write to about a cause, and what to quote. Pure."""

from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import within

# It passes by itself, is ours to see to, or nobody there reads mail.
_NOBODY_TO_WRITE_TO = frozenset(
    {"domain-not-found", "no-mail-host", "null-mx", "greeting-timeout", "reply-timeout"}
    | {"greylisted", "greylisting-persists", "rate-limited", "rate-limited-here"}
)
HOSTMASTERS = frozenset(
    {"cname-loop", "dns-server-failure", "mx-is-address", "mx-lookup-failed", "mx-none-usable", "mx-unresolvable"}
    | {"mx-address-not-public", "mx-address-unusable", "soa-missing", "soa-mx-mismatch"}
)


def contact(report: Report, cause: Cause) -> str | None:
    """Say whom to write to about a cause on the recipient's side, and what to quote; None if to nobody there."""
    if cause.side not in (Side.RECIPIENT, Side.POLICY) or cause.code in _NOBODY_TO_WRITE_TO:
        return None
    settings = report.settings
    domain = settings.recipient.rpartition("@")[2]
    if cause.code in HOSTMASTERS:
        who = _hostmaster(report)
        return f"Write to {who}, who keeps the zone of {domain}, and quote this report." if who else None
    if not any(within(key, "delivery") or within(key, "senders") for key in cause.evidence):
        return None
    steps = [report.steps[key] for key in cause.evidence if key in report.steps]
    found = (item for step in steps for item in step.findings if item.code == cause.code)
    quoted = next((line for item in found for line in item.evidence[-1:]), "")
    quote = f' and quote: "{quoted}"' if quoted else " and quote this report"
    if settings.server is not None or settings.relay:
        whose = settings.server or ", ".join(item.label for item in settings.relay)
        return f"Turn to whoever runs {whose},{quote}."
    return f"Write to postmaster@{domain}, by a way that this does not stop,{quote}."


def _hostmaster(report: Report) -> str | None:
    """Return the mailbox that the zone's SOA names as responsible (RFC 1035 §3.3.13)."""
    seen = report.steps["soa"].observation if "soa" in report.steps else None
    answer = seen.zone.answer if isinstance(seen, SoaObservation) else None
    soa = answer.soa() if answer is not None else None
    if soa is None or len(soa.fields) != 7:
        return None
    local, dot, domain = soa.fields[1].rstrip(".").replace("\\.", "\0").partition(".")
    return f"{local}@{domain}".replace("\0", ".") if dot and domain else None
