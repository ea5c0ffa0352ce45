"""Putting a session's names and addresses into what is told of a reason: advice stands alone. Pure."""

import re

from smtpdiag_tui.checks.session.replies.names import Names, is_public
from smtpdiag_tui.report.visible import visible

_PLACE = re.compile(r"\{([a-z_]{2,20})\}")
_NO_LIST = "a blocklist that the reply does not name"


def client_of(names: Names) -> str:
    """Return the address that the server knows this host by, as far as the session tells; "" if it does not."""
    if names.source and not is_public(names.source):
        public = sorted(address for address in names.clients if is_public(address))
        if public:
            return public[0]
    return names.source


def filled(text: str, names: Names, **more: str) -> str:
    """Return a text with each `{name}` in it replaced by what the session, or `more`, says; "" is unsaid."""
    values = {
        "host": visible(names.host) or "the server",
        "client": client_of(names) or "this host",
        "sender": visible(names.sender) if names.sender else "the sender",
        "sender_domain": visible(names.sender_domain) or "the sender's domain",
        "recipient": visible(names.recipient) or "the recipient",
        "recipient_domain": visible(names.recipient_domain) or "the recipient's domain",
        "ehlo": visible(names.ehlo) or "the EHLO name",
        "list": _NO_LIST,
        "wait": "5 minutes",
    }
    values.update((key, value) for key, value in more.items() if value or key == "status")
    # In one pass: a name of a peer's or a user's may look like one of these itself.
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
