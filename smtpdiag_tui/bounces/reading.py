"""Reading what a text tells of deliveries: a reply, lines of a log, or a whole bounce. Pure."""

from smtpdiag_tui.bounces.reply_text import reply_in
from smtpdiag_tui.bounces.told import Reading, Told, UnreadableError


def read(data: bytes) -> Reading:
    """Return each delivery that a text tells of; raises UnreadableError where it tells of none."""
    text = data.decode("utf-8", "replace")
    reply = reply_in(text)
    if reply is None:
        raise UnreadableError("no reply, log line or bounce found in the text")
    return Reading((Told(reply=reply, line=1),), "reply")
