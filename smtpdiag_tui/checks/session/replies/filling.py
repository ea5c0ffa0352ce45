"""Putting a session's names and addresses into what is told of a reason: advice stands alone. Pure."""

import re

from smtpdiag_tui.checks.session.replies.names import Names, is_public
from smtpdiag_tui.report.visible import visible

_PLACE = re.compile(r"\{([a-z_]{2,20})\}")
# What stands in a text for that which neither the session nor the reply says.
_UNSAID = {
    "host": "the server",
    "client": "this host",
    "sender": "the sender",
    "sender_domain": "the sender's domain",
    "recipient": "the recipient",
    "recipient_domain": "the recipient's domain",
    "ehlo": "the EHLO name",
    "list": "a blocklist that the reply does not name",
    "wait": "5 minutes",
}


def client_of(names: Names) -> str:
    """Return the address that the server knows this host by, as far as the session tells; "" if it does not."""
    if names.source and not is_public(names.source):
        public = sorted(address for address in names.clients if is_public(address))
        if public:
            return public[0]
    return names.source


def filled(text: str, names: Names, **more: str) -> str:
    """Return a text with each `{name}` in it replaced by what the session, or `more`, says; "" is unsaid."""
    known = (*_said(names).items(), *more.items())
    said = {key: value for key, value in known if value}
    values = {**_UNSAID, **said}
    # In one pass: a name of a peer's or a user's may look like one of these itself.
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def _said(names: Names) -> dict[str, str]:
    """Return what a session knows of its two sides, "" for what it does not."""
    return {
        "host": visible(names.host),
        "client": client_of(names),
        "sender": visible(names.sender or ""),
        "sender_domain": visible(names.sender_domain),
        "recipient": visible(names.recipient),
        "recipient_domain": visible(names.recipient_domain),
        "ehlo": visible(names.ehlo),
    }
