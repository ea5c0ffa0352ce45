"""Whether the message arrives, and of one that is deferred, whether a retry can succeed. Pure.

A deferred message is retried for days, and then returned (RFC 5321 §4.5.4.1): what matters is whether anything has
to change first.
"""

from collections.abc import Mapping, Sequence

from smtpdiag_tui.report.conclusions import Cause, Retry
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.report.step_id import StepId
from smtpdiag_tui.verdict.outcome import Verdict

NOTHING_SENT = "unknown; nothing was sent"
_ACCEPTED = "yes, up to RCPT TO; filtering after DATA and later bounces are not tested"
_ANY = "yes, up to RCPT TO, where {host} accepts any recipient; a later bounce is possible"
_BOUNCED = "no; the sending server returns the message to the sender"
_BY_CHANCE = "by chance; another MX host of the same preference accepts, at worst the message is returned"
_BY_CHANCE_LATE = "by chance; another MX host of the same preference accepts, at worst the message waits"
_UNKNOWN = "unknown; could not be determined from this host"
_RETRIED = {
    Retry.BY_ITSELF: "delayed; the sending server retries on its own",
    Retry.UNKNOWN: "delayed; the sending server retries, and whether a retry succeeds is unknown",
}
# What has to happen first, by the cause; where a retry may succeed without, the code stands below.
_UNTIL: Mapping[str, str] = {
    "senders-give-up": "the MX records of {domain} are corrected",
    "cname-loop": "the CNAMEs of {domain} are corrected",
    "dnssec-bogus": "the DNSSEC records of {domain} are corrected",
    "mx-none-usable": "the MX records of {domain} are corrected",
    "mx-is-address": "the MX records of {domain} are corrected",
    "mx-address-unusable": "the MX hosts of {domain} have usable addresses",
    "mx-address-not-public": "the MX hosts of {domain} have public addresses, or this host reaches their network",
    "mx-unresolvable": "the MX hosts of {domain} have addresses",
    "starttls-not-offered": "{host} offers STARTTLS, or TLS is not required",
    "starttls-required": "the sending server uses STARTTLS",
    "tls-handshake-failed": "{host} and the sending server agree on TLS, or TLS is not required",
    "certificate-expired": "{host} has a valid certificate",
    "certificate-untrusted": "{host} has a certificate of a trusted issuer",
    "certificate-name-mismatch": "{host} has a certificate with its name",
    "egress-blocked": "outbound TCP port {port} is open",
    "smtp-egress-blocked": "outbound TCP port {port} is open",
    "answer-needs-tcp": "the resolver answers this host over TCP",
    "dns-truncated": "the resolver answers this host over TCP",
    "dns-answer-too-slow": "the resolver answers faster, or this host waits longer",
    "resolver-broken": "the resolver answers this host",
    "stale-resolver": "the resolver drops its outdated copy",
    "answer-filtered": "the resolver stops filtering {domain}",
    "nxdomain-rewritten": "the resolver stops rewriting NXDOMAIN",
    "reverse-name-here": "the PTR of this host is corrected",
    "blocklisted-here": "this host is no longer listed",
    "ehlo-name-private": "this host has a usable EHLO name",
}
_UNTIL_REASON: Mapping[Reason, str] = {
    Reason.MAILBOX_DISABLED: "the mailbox is reopened",
    Reason.MAILBOX_FULL: "the recipient frees space",
    Reason.NOT_HOSTED: "{host} hosts {domain}, or the MX records are corrected",
    Reason.RECIPIENT_POLICY: "the recipient's side changes its policy",
    Reason.IP_BLOCKLIST: "this host is no longer listed",
    Reason.DYNAMIC_ADDRESS: "the address of this host is no longer taken for a dynamic one",
    Reason.REVERSE_DNS: "the PTR of this host is corrected",
    Reason.EHLO_NAME: "the EHLO name is corrected",
    Reason.DOMAIN_BLOCKLIST: "the sender's domain is no longer listed",
    Reason.AUTHENTICATION: "SPF, DKIM or DMARC of the sender's domain are corrected",
    Reason.SENDER_DOMAIN: "the sender's domain resolves",
    Reason.SENDER_POLICY: "the recipient's side accepts the sender",
    Reason.NULL_SENDER: "the recipient's side accepts the null sender",
    Reason.OWN_ACCOUNT: "the sending account is in order",
    Reason.LOGIN_REQUIRED: "the sending server authenticates",
    Reason.TLS_REQUIRED: "the sending server uses TLS",
    Reason.SMTPUTF8: "{host} supports SMTPUTF8",
    Reason.SIZE: "{host} accepts messages of that size",
}
_BY_ITSELF = frozenset({Reason.GREYLISTING, Reason.RATE_LIMIT, Reason.RECIPIENT_RATE_LIMIT})
_BY_ITSELF_CODES = frozenset({"greylisted", "rate-limited", "rate-limited-here"})
_OPEN_CODES = frozenset({"greylisting-persists"})


def delivered_when(report: Report, verdict: Verdict, causes: Sequence[Cause]) -> tuple[Retry | None, str]:
    """Return whether a retry can succeed, None unless the message is deferred, and whether the message arrives."""
    way = verdict.walk
    by_chance = way is not None and way.best_case is not None and way.best_case.outcome is Outcome.ACCEPTED
    match verdict.outcome:
        case Outcome.ACCEPTED:
            return None, _accepted(report, verdict)
        case Outcome.BOUNCED:
            return None, _BY_CHANCE if by_chance else _BOUNCED
        case Outcome.UNKNOWN:
            return None, _UNKNOWN
        case _ if by_chance:
            return Retry.BY_ITSELF, _BY_CHANCE_LATE
    retry, until = _retry(causes[0]) if causes and causes[0].decides else (Retry.UNKNOWN, "")
    if retry is Retry.NOT_BEFORE_CHANGE:
        return retry, f"not until {_filled(report, verdict, until)}"
    return retry, _RETRIED[retry]


def _retry(cause: Cause) -> tuple[Retry, str]:
    """Return whether a retry can succeed, and what has to happen first where it cannot."""
    if cause.code in _OPEN_CODES or cause.contradicted or cause.probable:
        return Retry.UNKNOWN, ""
    if cause.code in _BY_ITSELF_CODES or cause.reason in _BY_ITSELF:
        return Retry.BY_ITSELF, ""
    until = _UNTIL.get(cause.code) or (_UNTIL_REASON.get(cause.reason) if cause.reason is not None else None)
    return (Retry.NOT_BEFORE_CHANGE, until) if until else (Retry.UNKNOWN, "")


def _accepted(report: Report, verdict: Verdict) -> str:
    probes = [item.code for step in report.children("probes") for item in step.findings]
    if "accepts-any-recipient" in probes:
        return _ANY.format(host=_host(report, verdict))
    return _ACCEPTED


def _filled(report: Report, verdict: Verdict, until: str) -> str:
    domain = report.settings.recipient.rpartition("@")[2]
    return until.format(domain=domain, host=_host(report, verdict), port=report.settings.port)


def _host(report: Report, verdict: Verdict) -> str:
    return StepId(verdict.step or "").host or report.facts.destination
