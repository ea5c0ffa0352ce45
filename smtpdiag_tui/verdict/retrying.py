"""Whether a retry of a deferred message can succeed, and what has to happen first. Pure.

A deferred message is retried for days, and then returned (RFC 5321 §4.5.4.1). Servers that greylist or limit
rates accept a later attempt (RFC 6647 §2); a listing, a full mailbox or a wrong record stays until somebody acts;
of most other deferrals a reply does not tell.
"""

from collections.abc import Mapping, Sequence

from smtpdiag_tui.report.conclusions import Cause, Retry
from smtpdiag_tui.report.findings import Side
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.verdict.session_end import SessionEnd

# What has to happen first, by the code of the cause. {where} is the MX host with its address.
_UNTIL: Mapping[str, str] = {
    "senders-give-up": "the MX records of {domain} are corrected",
    "cname-loop": "the CNAME records of {domain} are corrected",
    "dnssec-bogus": "the DNSSEC records of {domain} are corrected",
    "mx-none-usable": "the MX records of {domain} are corrected",
    "mx-is-address": "the MX records of {domain} are corrected",
    "mx-address-unusable": "{host} has a reachable address",
    "mx-address-not-public": "{host} has a public address, or this host reaches its network",
    "mx-unresolvable": "{host} has an A or AAAA record",
    "starttls-not-offered": "{host} offers STARTTLS, or TLS is no longer required",
    "starttls-required": "the sending server uses STARTTLS with {host}",
    "tls-handshake-failed": "{host} and the sending server agree on TLS, or TLS is no longer required",
    "certificate-expired": "{host} has a valid certificate",
    "certificate-untrusted": "{host} has a certificate of a trusted issuer",
    "certificate-name-mismatch": "{host} has a certificate with its name",
    "egress-blocked": "outbound TCP port {port} is open",
    "smtp-egress-blocked": "outbound TCP port {port} is open",
    "answer-needs-tcp": "{server} answers over TCP",
    "dns-truncated": "{server} answers over TCP",
    "dns-answer-too-slow": "{server} answers faster, or this host waits longer",
    "resolver-broken": "{server} answers over UDP and TCP",
    "stale-resolver": "the outdated copy in {server} expires or is flushed",
    "answer-filtered": "{server} stops filtering {domain}",
    "nxdomain-rewritten": "{server} stops rewriting NXDOMAIN",
}
# By what the reply says.
_UNTIL_REASON: Mapping[Reason, str] = {
    Reason.NO_SUCH_MAILBOX: "the mailbox {recipient} exists",
    Reason.MAILBOX_DISABLED: "the mailbox {recipient} is reopened",
    Reason.MAILBOX_FULL: "the recipient frees space in {recipient}",
    Reason.NOT_HOSTED: "{host} hosts {domain}, or the MX records of {domain} are corrected",
    Reason.RECIPIENT_POLICY: "{domain} changes its policy for this sender or this host",
    Reason.IP_BLOCKLIST: "{client} is no longer listed{list}",
    Reason.DYNAMIC_ADDRESS: "{client} is no longer classified as dynamic, or the message goes through a relay",
    Reason.REVERSE_DNS: "the PTR of {client} resolves back to it",
    Reason.EHLO_NAME: "the EHLO name of this host is corrected",
    Reason.DOMAIN_BLOCKLIST: "{sender_domain} is no longer listed{list}",
    Reason.AUTHENTICATION: "SPF, DKIM or DMARC of {sender_domain} are corrected",
    Reason.SENDER_DOMAIN: "{sender_domain} resolves",
    Reason.SENDER_POLICY: "{domain} accepts this sender",
    Reason.NULL_SENDER: "{host} accepts the null sender",
    Reason.LOGIN_REQUIRED: "the sending server authenticates to {host}",
    Reason.TLS_REQUIRED: "the sending server uses the TLS that {host} requires",
    Reason.SMTPUTF8: "{host} supports SMTPUTF8",
    Reason.SIZE: "{host} accepts messages of that size",
    Reason.PATH_INTERFERENCE: "port {port} passes unchanged from this host to {host}",
}
# A list that is closed, or refuses the server's own resolver: nothing is listed that could be removed.
_UNTIL_LIST_IS_DROPPED = "{host} stops using that blocklist"
_BY_ITSELF = frozenset({Reason.GREYLISTING, Reason.RATE_LIMIT, Reason.RECIPIENT_RATE_LIMIT})
_BY_ITSELF_CODES = frozenset({"greylisted", "rate-limited", "rate-limited-here"})
_OPEN_CODES = frozenset({"greylisting-persists"})
# Of the mailbox or the sender, at whatever MX host a retry arrives.
_EVERYWHERE = frozenset(
    {Reason.NO_SUCH_MAILBOX, Reason.MAILBOX_DISABLED, Reason.MAILBOX_FULL, Reason.SENDER_DOMAIN}
)
_GIVES_UP = "senders-give-up"
_UNREACHED = frozenset({"connection-refused", "connection-reset", "connection-timeout", "network-unreachable"})


def retry_of(causes: Sequence[Cause], ends: Sequence[SessionEnd]) -> tuple[Retry, str]:
    """Return whether a retry can succeed, and what has to happen first where it cannot, with places to fill.

    `ends` are those of the addresses that the sending server came to: it queues the message because of all of
    them, and one that accepts a later attempt is enough. A fault of the DNS or the path is met at each attempt.
    """
    if not causes or not causes[0].decides:
        return Retry.UNKNOWN, ""
    first, own = causes[0], _of_cause(causes[0])
    of_session = any(end.step in first.evidence for end in ends)
    if (of_session or first.code == _GIVES_UP) and any(_accepts_later(end) for end in ends):
        return Retry.BY_ITSELF, ""
    others = [end for end in ends if end.step not in first.evidence]
    certain = not of_session or first.reason in _EVERYWHERE
    if own[0] is Retry.NOT_BEFORE_CHANGE and not certain and any(_may_pass(end, causes) for end in others):
        return Retry.UNKNOWN, ""
    return own


def _accepts_later(end: SessionEnd) -> bool:
    """Whether a server says that it accepts a later attempt, as far as it is believed."""
    item = end.finding
    if item.code in _OPEN_CODES or item.probable:
        return False
    return item.code in _BY_ITSELF_CODES or end.reason in _BY_ITSELF


def _may_pass(end: SessionEnd, causes: Sequence[Cause]) -> bool:
    """Whether an address that replied may accept later without anybody acting; of a dead one nothing is hoped."""
    if end.finding.code in _UNREACHED:
        return False
    contradicted = any(cause.contradicted for cause in causes if end.step in cause.evidence)
    return contradicted or end.finding.probable or not _until(end.finding.code, end.reason, end.finding.side)


def _of_cause(cause: Cause) -> tuple[Retry, str]:
    if cause.code in _OPEN_CODES or cause.contradicted or cause.probable:
        return Retry.UNKNOWN, ""
    if cause.code in _BY_ITSELF_CODES or cause.reason in _BY_ITSELF:
        return Retry.BY_ITSELF, ""
    until = _until(cause.code, cause.reason, cause.side)
    return (Retry.NOT_BEFORE_CHANGE, until) if until else (Retry.UNKNOWN, "")


def _until(code: str, reason: Reason | None, side: Side | None) -> str:
    """Return what has to happen before a retry succeeds; "" where nobody knows of anything."""
    if code in _UNTIL:
        return _UNTIL[code]
    if reason is Reason.IP_BLOCKLIST and side is Side.RECIPIENT:
        return _UNTIL_LIST_IS_DROPPED
    return _UNTIL_REASON.get(reason, "") if reason is not None else ""
