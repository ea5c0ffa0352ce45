"""Whom to contact about a cause, and through which channel. Pure."""

import re

from smtpdiag_tui.checks.lookups.answers import Answer
from smtpdiag_tui.checks.lookups.arbiter import responsible
from smtpdiag_tui.checks.lookups.routing import HostLookup
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.conclusions import Cause
from smtpdiag_tui.report.facts import DestinationKind
from smtpdiag_tui.report.filling import contact_of
from smtpdiag_tui.report.findings import Finding, Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import StepId, within_any

# It passes by itself, is for this host to see to, or nobody at the domain reads mail.
_NOBODY_TO_WRITE_TO = frozenset(
    {"domain-not-found", "no-mail-host", "null-mx", "greeting-timeout", "reply-timeout", "smtputf8-not-offered"}
    | {"greylisted", "greylisting-persists", "rate-limited", "rate-limited-here"}
)
# It passes, or the recipient alone can help.
_PASSES = frozenset({Reason.GREYLISTING, Reason.RATE_LIMIT, Reason.RECIPIENT_RATE_LIMIT, Reason.MAILBOX_FULL})
# No mail arrives at all, from whatever mailbox.
_UNREACHED = frozenset({"connection-refused", "connection-reset", "senders-give-up"})
_DNS_ADMINISTRATOR = "DNS administrator of "
# Faults of a zone: whoever keeps it is told, not whoever runs a mail host.
HOSTMASTERS = frozenset(
    {"cname-loop", "dns-server-failure", "mx-is-address", "mx-lookup-failed", "mx-none-usable", "mx-unresolvable"}
    | {"mx-address-not-public", "mx-address-unusable", "soa-missing", "soa-mx-mismatch", "domain-lookup-failed"}
    | {"dnssec-bogus", "mx-differ-same-serial", "answers-contradict", "cname-at-apex", "mx-missing-dot"}
)
# The zone that holds a mail host's name fails: it may be another than the recipient's.
_OF_HOSTS_ZONE = frozenset({"mx-lookup-failed"})
# Whoever is turned to there is named here, not by the recipient's domain.
GIVEN_HERE = frozenset({DestinationKind.SERVER, DestinationKind.RELAY})
_REPLY = re.compile(r"[2-5]\d\d(?:[ -]|$)")
_MAIL_BRANCHES = ("delivery", "senders")


def contact(report: Report, cause: Cause) -> tuple[Action, ...]:
    """Say whom to contact about a cause on the recipient's side; nothing where nobody there can help."""
    if cause.side not in (Side.RECIPIENT, Side.POLICY):
        return ()
    if cause.code in _NOBODY_TO_WRITE_TO or cause.reason in _PASSES:
        return ()
    if cause.code in HOSTMASTERS:
        return _to_hostmaster(report, cause)
    if not any(within_any(key, _MAIL_BRANCHES) for key in cause.evidence):
        return ()
    whom = contact_of(report.settings)
    if whom.partition(" from ")[0] in cause.advice:  # whom to contact is told there
        return ()
    if cause.code in _UNREACHED and report.destination_kind not in GIVEN_HERE:
        whom = f"the MX administrator of {_domain(report)} through another channel"
    replied = _has_reply(report, cause) and cause.code not in _UNREACHED
    quote = "the reply" if replied else "this report"
    return (Action("", f"Contact {whom}; quote {quote}."),)


def _to_hostmaster(report: Report, cause: Cause) -> tuple[Action, ...]:
    """Say who keeps the zone that fails, by the mailbox in its SOA record where one is known; not twice."""
    zone, soa = _failing_zone(report, cause)
    who = responsible(soa)
    if who is not None:
        contact = Action("", f"Contact {who} (SOA of {zone}); quote this report.")
        return () if who in cause.advice else (contact,)
    if any(action.who.startswith(_DNS_ADMINISTRATOR) for action in cause.actions):
        return ()  # who is to act is told, and nothing better is known
    return (Action("", f"Contact the DNS administrator of {zone} through another channel; quote this report."),)


def _failing_zone(report: Report, cause: Cause) -> tuple[str, Answer | None]:
    """Return the name whose zone fails, and an answer with that zone's SOA record if one came."""
    domain = _domain(report)
    hosts = dict.fromkeys(StepId(key).host for key in cause.evidence if StepId(key).branch == "delivery")
    for host in hosts:
        outside = host and host != domain and not host.endswith(f".{domain}")
        if outside and cause.code in _OF_HOSTS_ZONE:
            return host, _answer_about(report, host)
    seen = report.steps["soa"].observation if "soa" in report.steps else None
    return domain, seen.zone.answer if isinstance(seen, SoaObservation) else None


def _answer_about(report: Report, host: str) -> Answer | None:
    """Return the answer about a host's addresses that names the zone, as negative answers do (RFC 2308 §3)."""
    step = report.steps.get(f"delivery/{host}")
    seen = step.observation if step is not None else None
    if not isinstance(seen, HostLookup):
        return None
    answers = (found.last for found in seen.found)
    return next((answer for answer in answers if answer is not None and answer.soa() is not None), None)


def _has_reply(report: Report, cause: Cause) -> bool:
    """Whether a server replied where the cause was seen: there is something to quote."""
    steps = [report.steps[key] for key in cause.evidence if key in report.steps]
    return any(_quotes(item) and _stands_for(cause, item) for step in steps for item in step.findings)


def _quotes(item: Finding) -> bool:
    """Whether the evidence of a finding holds a reply, not an error of TLS or of the connection."""
    return any(_REPLY.match(line) for line in item.evidence)


def _stands_for(cause: Cause, item: Finding) -> bool:
    """Whether a cause is what a finding tells, by its code or by what the reply is about."""
    if item.code == cause.code:
        return True
    return cause.reason is not None and item.reason is cause.reason


def _domain(report: Report) -> str:
    return report.settings.recipient.rpartition("@")[2]
