"""What it means that a server gave no reply: in the words of the mail server that tells of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from smtpdiag_tui.checks.session.replies.filling import filled
from smtpdiag_tui.checks.session.replies.names import NOBODY
from smtpdiag_tui.local_mta.deferrals import DeferralKind, deferral
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Side, catalogue

_LONGEST = 1000  # characters that are looked at
TITLES: Final[Mapping[DeferralKind, str]] = {
    DeferralKind.CONNECT: "no connection",
    DeferralKind.LOST: "session ended early",
    DeferralKind.DNS: "DNS lookup failed",
    DeferralKind.TLS: "TLS required, not available",
    DeferralKind.LOCAL: "held on this host",
    DeferralKind.UNKNOWN: "other reason",
    DeferralKind.NONE: "no reason listed",
}
_MEANINGS = {
    DeferralKind.CONNECT: "{host} did not accept a connection from this host.",
    DeferralKind.LOST: "{host} closed the session early, or stopped answering.",
    DeferralKind.DNS: "The DNS did not return the MX hosts of {domain}.",
    DeferralKind.TLS: "This host requires TLS for {domain}, and {host} does not offer what it accepts.",
    DeferralKind.LOCAL: "The mail server of this host keeps the message. No other server is involved.",
}
_RETRIED = frozenset({DeferralKind.CONNECT, DeferralKind.LOST, DeferralKind.DNS})
_OF_A_RUN = frozenset({"reply-timeout"})  # its text speaks of the limit of a run


@dataclass(frozen=True, slots=True)
class _Case:
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
# The first case that fits counts.
_CASES = (
    _Case(
        _LOCAL,
        (
            "message expired",
            "delivery expired",
            "retry timeout exceeded",
            "retry time not reached",
            "been in the queue too long",
            "could not be delivered for",
            "delivery time",
            "couldn't be delivered within",
            "ultimate delay",
        ),
        title="queue lifetime exceeded",
        headline="The sending server gave up after retrying for too long",
        meaning=(
            "No retry succeeded for as long as the sending server keeps a message. Its log of the "
            "attempts tells why."
        ),
    ),
    _Case(
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
    _Case(
        _LOCAL,
        (
            "loops back to myself",
            "points to self",
            "lowest numbered mx record points to local",
            "config error: mail loops",
        ),
        title="mail loops back to this host",
        headline="The MX hosts of {domain} resolve to the sending server",
        code="mx-is-this-machine",
    ),
    _Case(
        _TLS,
        ("certificate",),
        title="certificate not verified",
        headline="The certificate of {where} was not verified, and TLS is required",
        code="certificate-untrusted",
    ),
    _Case(
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
        code="tls-handshake-failed",
    ),
    _Case(
        _TLS,
        (
            "tls is required",
            "tls required",
            "requires tls",
            "starttls not",
            "starttls is required",
        ),
        title="TLS required, not available",
        headline="{where} does not offer the TLS that the sending server requires",
        code="starttls-not-offered",
    ),
    _Case(
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
    _Case(
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
    _Case(
        _CONNECT,
        (
            "connection timed out",
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
    _Case(
        _CONNECT,
        ("refused",),
        title="connection refused",
        headline="{where} port 25 refused the connection",
        code="connection-refused",
    ),
    _Case(
        _CONNECT,
        (
            "reset by",
            "connection reset",
        ),
        title="connection reset",
        headline="{where} reset the connection",
        code="connection-reset",
    ),
    _Case(
        _CONNECT,
        ("no route",),
        title="no route to the host",
        headline="The sending server has no route to {where}",
        code="network-unreachable",
    ),
    _Case(
        _CONNECT,
        ("unreachable",),
        title="network unreachable",
        headline="The sending server has no route to {where}",
        code="network-unreachable",
    ),
    _Case(
        _DNS,
        (
            "found, try",
            "server failure",
            "servfail",
            "temporary failure in name",
            "temporarily unable to look up",
            "host lookup did not complete",
            "dns timeout",
            "dns error: temporary",
            "name server timeout",
            "failure in name resolution",
        ),
        title="DNS lookup failed",
        headline="The DNS lookup of {domain} failed on the sending server",
        code="dns-server-failure",
    ),
    _Case(
        _DNS,
        (
            "host not found",
            "host or domain name not found",
            "host unknown",
            "nxdomain",
            "domain does not exist",
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
    _Case(
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
    _Case(
        _LOCAL,
        (
            "unknown user",
            "user unknown",
            "unrouteable address",
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


@dataclass(frozen=True, slots=True)
class NoReply:
    """What it means: `title` in a few words, the others in sentences.

    `meaning` is what happened, `why` what it comes from, as a run says it; each "" where nothing is known.
    `retried`: a mail server that keeps the message retries by itself. `code` is the finding of a run that means
    the same, "" where there is none.
    """

    kind: DeferralKind
    title: str
    headline: str = ""
    meaning: str = ""
    why: str = ""
    side: Side | None = None
    actions: tuple[Action, ...] = ()
    reference: str | None = None
    retried: bool = False
    code: str = ""


def no_reply(words: str, names: Mapping[str, str]) -> NoReply:
    """Return what the words of a mail server say where it quotes no reply.

    `names` are `host`, `where` (the host with its address), `domain`, `recipient`, `contact` and `port`: none is
    empty.
    """
    lower = words[:_LONGEST].lower()
    case = next((case for case in _CASES if any(sign in lower for sign in case.signs)), None)
    kind = case.kind if case is not None else deferral(words).kind
    happened = "" if case is not None and case.meaning else _put(_MEANINGS.get(kind, ""), names)
    if case is None:
        return NoReply(kind, TITLES.get(kind, ""), meaning=happened, retried=kind in _RETRIED)
    entry = catalogue().get(case.code)
    of_run = case.code in _OF_A_RUN
    return NoReply(
        kind=kind,
        title=case.title,
        headline=_put(case.headline, names),
        meaning=happened,
        why=_put(case.meaning or ("" if entry is None or of_run else entry.meaning), names),
        side=case.side or (None if entry is None else entry.side),
        actions=() if entry is None or of_run else _actions(entry.actions, names),
        reference=None if entry is None else entry.reference,
        retried=kind in _RETRIED,
        code=case.code,
    )


def _actions(actions: tuple[Action, ...], names: Mapping[str, str]) -> tuple[Action, ...]:
    return tuple(Action(_put(item.who, names), _put(item.what, names)) for item in actions)


def _put(text: str, names: Mapping[str, str]) -> str:
    return filled(text, NOBODY, **names)
