"""The words of mail servers where no reply is quoted, and what they tell. Pure."""

from dataclasses import dataclass

from smtpdiag_tui.local_mta.deferrals import DeferralKind
from smtpdiag_tui.report.findings import Side


@dataclass(frozen=True, slots=True)
class Case:
    """Words that tell a case, one of which is enough, and all in lower case.

    `code` is the finding of a run that means the same: its catalogue entry has the rest.
    """

    kind: DeferralKind
    signs: tuple[str, ...]
    title: str
    headline: str
    code: str = ""
    meaning: str = ""
    side: Side | None = None


_CONNECT, _LOST, _DNS, _TLS = DeferralKind.CONNECT, DeferralKind.LOST, DeferralKind.DNS, DeferralKind.TLS
_LOCAL = DeferralKind.LOCAL
_EXPIRED = (
    "message expired",
    "delivery expired",
    "retry timeout exceeded",
    "retry time not reached",
    "been in the queue too long",
    "could not be delivered for",
    "delivery time expired",
    "delivery timeout",
    "couldn't be delivered within",
    "ultimate delay",
    "message delayed",
    "queue.expired",
    "failing for a long time",
    "returned to sender",
)
# That the time was up is what remains where the words do not say what failed all that time.
_GAVE_UP = Case(
    _LOCAL,
    _EXPIRED,
    title="queue lifetime exceeded",
    headline="The sending server gave up after retrying for too long",
    meaning=(
        "No retry succeeded for as long as the sending server keeps a message. Its log of the attempts tells why."
    ),
)
_DELAYED = Case(
    _LOCAL,
    ("message delayed",),
    title="delayed",
    headline="The sending server has not delivered the message yet, and retries",
    meaning="The text does not say why the attempts so far failed. The log of the sending server tells.",
)
# The first case that fits counts.
_CASES = (
    Case(
        _DNS,
        (
            "nullmx",
            "null mx",
            "does not accept mail",
        ),
        title="null MX",
        headline="{domain} accepts no mail: its MX record is the null MX",
        code="null-mx",
    ),
    Case(
        _LOCAL,
        (
            "loops back to myself",
            "points to self",
            "lowest numbered mx record points to local",
            "config error: mail loops",
            "mail forwarding loop",
        ),
        title="mail loops back to this host",
        headline="The MX hosts of {domain} resolve to the sending server",
        code="mx-is-this-machine",
    ),
    Case(
        DeferralKind.UNKNOWN,
        ("exceeds size limit",),
        title="message too large",
        headline="The message is larger than {where} accepts",
        meaning="{host} names its limit in its reply to EHLO (SIZE). The sending server did not send the message.",
        side=Side.POLICY,
    ),
    Case(
        DeferralKind.UNKNOWN,
        ("smtputf8 is required", "smtputf8 required"),
        title="SMTPUTF8 not offered",
        headline="{where} does not support SMTPUTF8, which this message requires",
        meaning="An address or a header of the message is not ASCII. {host} does not offer SMTPUTF8 (RFC 6531).",
        side=Side.RECIPIENT,
    ),
    Case(
        _TLS,
        (
            "tlsa lookup",
            "tlsa record lookup",
            "dnssec lookup",
        ),
        title="TLSA lookup failed",
        headline="The sending server could not look up the TLSA records (DANE) of {host}",
        meaning=(
            "The resolver of the sending server got no usable answer for the TLSA records of {host}. Without it "
            "the sending server holds the message (RFC 7672, section 2.1)."
        ),
    ),
    Case(
        _TLS,
        ("mta-sts",),
        title="MTA-STS policy not met",
        headline="The MX hosts of {domain} do not meet its MTA-STS policy",
        meaning="The sending server enforces the MTA-STS policy of {domain}, and the MX host does not meet it.",
        side=Side.RECIPIENT,
    ),
    Case(
        _TLS,
        (
            "certificate-host-mismatch",
            "certificate not verified",
        ),
        title="certificate does not match",
        headline="The certificate of {where} does not match the names that are required",
        code="certificate-name-mismatch",
    ),
    Case(
        _TLS,
        ("certificate",),
        title="certificate not verified",
        headline="The certificate of {where} was not verified, and TLS is required",
        code="certificate-untrusted",
    ),
    Case(
        _TLS,
        (
            "tls is required",
            "tls required",
            "requires tls",
            "tls session is required, but the server did not offer",
            "starttls not",
            "starttls is required",
            "starttls is not",
            "starttls-not",
        ),
        title="TLS required, not available",
        headline="{where} does not offer the TLS that the sending server requires",
        meaning=(
            "The sending server requires TLS for {domain}, and {host} does not offer it. Nothing was sent "
            "unencrypted."
        ),
        code="starttls-not-offered",
    ),
    Case(
        _TLS,
        (
            "tls handshake",
            "cannot start tls",
            "tls session",
            "ssl_connect",
            "starttls handshake",
            "tls error",
        ),
        title="TLS handshake failed",
        headline="TLS with {where} failed",
        meaning=(
            "TLS between the sending server and {host} could not be negotiated: their versions, ciphers or "
            "certificates do not fit, or the session was disturbed."
        ),
        code="tls-handshake-failed",
    ),
    Case(
        _LOST,
        (
            "may be sent more than once",
            "while sending end of data",
            "response to end of data",
            "connection died. possible duplicate",
        ),
        title="end of message not confirmed",
        headline="{where} did not confirm the end of the message",
        meaning=(
            "The session ended after the message was sent and before {host} replied. {host} may have accepted "
            "it: a retry may deliver it twice."
        ),
        side=Side.RECIPIENT,
    ),
    Case(
        _LOST,
        (
            "lost connection with",
            "lost connection while",
            "remote server closed",
            "remote host closed",
            "connection closed",
            "connection lost",
            "closed connection",
            "closed the connection",
            "broken pipe",
            "premature",
            "connection dropped",
        ),
        title="session ended early",
        headline="{where} closed the session early",
        code="closed-early",
    ),
    Case(
        _LOST,
        (
            "timed out while",
            "timeout while",
            "timeout after",
            "smtp timeout",
            "read timeout",
            "timed out on",
        ),
        title="session timed out",
        headline="{where} stopped answering in the session",
        code="reply-timeout",
    ),
    Case(
        _CONNECT,
        (
            "connection timed out",
            "error code: 10060",
            "error code 10060",
            "operation timed out",
            "connect timeout",
            "connection timeout",
            "timed out",
            "timeout",
            "connection expired",
        ),
        title="connection timed out",
        headline="Connection to {where} timed out",
        code="connection-timeout",
    ),
    Case(
        _CONNECT,
        ("refused", "error code: 10061", "error code 10061"),
        title="connection refused",
        headline="{where} port 25 refused the connection",
        code="connection-refused",
    ),
    Case(
        _CONNECT,
        (
            "reset by",
            "connection reset",
        ),
        title="connection reset",
        headline="{where} reset the connection",
        code="connection-reset",
    ),
    Case(
        _CONNECT,
        ("no route",),
        title="no route to the host",
        headline="The sending server has no route to {where}",
        code="network-unreachable",
    ),
    Case(
        _CONNECT,
        ("unreachable", "error code: 10051", "error code 10051"),
        title="network unreachable",
        headline="The sending server has no route to {where}",
        code="network-unreachable",
    ),
    Case(
        _CONNECT,
        ("establish an smtp connection", "failed to connect", "cannot connect", "network error on destination"),
        title="no connection",
        headline="The sending server could not connect to {where}",
        meaning="The text does not say whether the connection was refused, or timed out, or had no route.",
    ),
    Case(
        _DNS,
        (
            "found, try",
            "server failure",
            "dns query failed",
            "servfail",
            "temporary failure in name",
            "temporarily unable to look up",
            "host lookup did not complete",
            "dns timeout",
            "lookup failed temporarily",
            "dns error: temporary",
            "name server timeout",
            "failure in name resolution",
        ),
        title="DNS lookup failed",
        headline="The DNS lookup of {domain} failed on the sending server",
        code="dns-server-failure",
    ),
    Case(
        _DNS,
        (
            "host not found",
            "host or domain name not found",
            "host unknown",
            "nxdomain",
            "enotfound",
            "domain does not exist",
            "infodomainnonexistent",
            "nonexistentdomain",
            "domain not found",
            "name or service not known",
            "could not be found",
            "unrouteable mail domain",
            "domain isn't found",
            "couldn't find any host named",
            "no such domain",
        ),
        title="domain not found",
        headline="{domain} does not exist in the DNS",
        code="domain-not-found",
    ),
    Case(
        _DNS,
        (
            "no mx",
            "no valid hosts",
            "no a record",
            "all relevant mx records point to non-existent",
        ),
        title="no MX host",
        headline="{domain} has no MX host to deliver to",
        code="no-mail-host",
    ),
    Case(
        _LOCAL,
        ("unrouteable address",),
        title="unrouteable address",
        headline="The sending server has no route to {recipient}",
        meaning=(
            "Exim writes this of a domain for which the DNS names no MX host, and of a mailbox unknown to it in "
            "a domain of its own. The text does not say which."
        ),
    ),
    Case(
        _LOCAL,
        (
            "command output:",
            "command died",
            "mail transport unavailable",
            "maildir delivery failed",
            "cannot update mailbox",
            "mta-imposed quota",
            "local delivery",
        ),
        title="local delivery failed",
        headline="Delivery to {recipient} failed on the mail server itself",
        meaning="The mail server that wrote this delivers mail for {domain} itself. No other server is involved.",
        side=Side.HERE,
    ),
    Case(
        _LOCAL,
        (
            "unknown user",
            "user unknown",
            "unknown local part",
            "user doesn't exist",
            "by that name",
            "recipient address rejected",
        ),
        title="unknown on this host",
        headline="The recipient does not exist on the sending server",
        meaning=(
            "The mail server that wrote this delivers mail for {domain} itself, and knows no such "
            "mailbox. No other server is involved."
        ),
        side=Side.HERE,
    ),
)


def case_of(lower: str) -> Case | None:
    """Return the case that words in lower case tell: what failed, rather than that the time for it was up."""
    bare = lower
    for sign in _EXPIRED:
        bare = bare.replace(sign, "")
    for case in (*_CASES, _DELAYED, _GAVE_UP):
        text = lower if case in (_DELAYED, _GAVE_UP) else bare
        if any(sign in text for sign in case.signs):
            return case
    return None
