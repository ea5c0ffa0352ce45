"""Why a message waits, read out of the words of a mail server's own queue listing. Pure.

Postfix words are those of its SMTP client (smtp(8), `smtp_proto.c`, `smtp_connect.c`, `smtp_addr.c`), OpenSMTPD's
those of mta(8). Exim's listing has no reasons.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_LONGEST = 1000  # characters of a reason that are looked at
_HOST = r"(?P<host>[\w.-]{1,255})\[(?P<address>[0-9A-Fa-f.:]{2,45})\]"
_SUSPENDED = "delivery temporarily suspended: "
_SAID = re.compile(rf"host {_HOST} (?:said|refused to talk to me): (?P<reply>[45]\d\d[ -].*)")
_IN_REPLY = re.compile(r" \(in reply to (?P<command>[A-Za-z ()]{1,40}?)(?: command)?\)$")
_CONNECT = re.compile(rf"connect to {_HOST}:\d{{1,5}}: (?P<why>.{{1,200}})")
_LOST = re.compile(rf"(?:lost connection with|conversation with) {_HOST}")
_TLS = re.compile(rf"(?:TLS is required, but was not offered by host {_HOST}|Cannot start TLS)")
_REPLY = re.compile(r"[45]\d\d[ -]\S.*")
_DNS = ("host or domain name not found", "name service error", "unable to look up host", "mx lookup", "resolv")
_CERTIFICATE = ("server certificate not", "certificate verif", "tls handshake", "tls required")
_NETWORK = ("network error on destination", "connection timeout", "connection refused", "timeout", "network is")
_LOCAL = ("mail transport unavailable", "loops back to myself", "on hold", "frozen", "queue file", "disk")


class DeferralKind(StrEnum):
    """What keeps a message in the queue."""

    REPLY = "reply"  # the server deferred it
    CONNECT = "connect"  # no connection came about
    LOST = "lost"  # the session ended early
    DNS = "dns"  # the domain or its MX hosts could not be looked up
    TLS = "tls"  # TLS is required and cannot be had
    LOCAL = "local"  # something on this host
    UNKNOWN = "unknown"  # the listing gives no reason, or none that is known
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Deferral:
    """What a listing tells of one message; `host` and `address` of the server, "" where it names none.

    `reply` is the server's own reply with its code, `command` what it answered, as `RCPT TO`; both "" where no
    reply is quoted. `why` is what the system said about a connection.
    """

    kind: DeferralKind
    host: str = ""
    address: str = ""
    reply: str = ""
    command: str = ""
    why: str = ""


def deferral(reason: str) -> Deferral:
    """Return what a reason says, as it stands in a listing; "" is no reason."""
    text = reason[:_LONGEST].strip().removeprefix(_SUSPENDED)
    if not text:
        return Deferral(DeferralKind.NONE)
    said = _SAID.match(text)
    if said is not None:
        return _replied(said["reply"], said["host"], said["address"])
    if _REPLY.match(text):
        return _replied(text, "", "")
    connect = _CONNECT.match(text)
    if connect is not None:
        return Deferral(DeferralKind.CONNECT, connect["host"], connect["address"], why=connect["why"])
    return _without_reply(text)


def _replied(text: str, host: str, address: str) -> Deferral:
    command = _IN_REPLY.search(text)
    if command is None:
        return Deferral(DeferralKind.REPLY, host, address, text)
    name = command["command"].strip().upper()
    return Deferral(DeferralKind.REPLY, host, address, text[: command.start()], name)


def _without_reply(text: str) -> Deferral:
    for kind, pattern in ((DeferralKind.LOST, _LOST), (DeferralKind.TLS, _TLS)):
        found = pattern.match(text)
        if found is not None:
            return Deferral(kind, found["host"] or "", found["address"] or "")
    lower = text.lower()
    known = (
        (DeferralKind.DNS, _DNS),
        (DeferralKind.TLS, _CERTIFICATE),
        (DeferralKind.CONNECT, _NETWORK),
        (DeferralKind.LOCAL, _LOCAL),
    )
    for kind, words in known:
        if any(word in lower for word in words):
            return Deferral(kind, why=text if kind is DeferralKind.CONNECT else "")
    return Deferral(DeferralKind.UNKNOWN)
