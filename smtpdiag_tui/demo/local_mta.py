"""The demo's own mail server: what it would send as, and a queue in which some messages are stuck.

It stands where `InstalledMta` does. Its messages go to domains of the demo, and its reasons are
worded as Postfix words them.
"""

from smtpdiag_tui.local_mta.facts import LocalFacts, relay_line, source_line
from smtpdiag_tui.local_mta.queue import Queue, Queued

SERVER = "Postfix"
HOST_NAME = "mail.sender.example"  # as the demo's network calls this host
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_GREYLISTED = (
    "host mx.greylist.example[192.0.2.33] said: 450 4.2.0 <{recipient}>: Recipient address rejected: Greylisted,"
    " please try again in 300 seconds (in reply to RCPT TO command)"
)
_BUSY = (
    "host mx.busy.example[192.0.2.48] refused to talk to me: 421 4.7.0 mx.busy.example Error: too many connections"
    " from 192.0.2.10"
)
_TIMEOUT = "connect to mx1.timeout.example[192.0.2.201]:25: Connection timed out"
_DNS = "Host or domain name not found. Name service error for name={domain} type=MX: Host not found, try again"
_STUCK = (
    ("4bXk2J1Zq0z3Yf", "alice@sender.example", "bob@greylist.example", 4 * _MINUTE, _GREYLISTED),
    ("4bXk2K3Hn8z3Yg", "carol@sender.example", "erin@greylist.example", 2 * _MINUTE, _GREYLISTED),
    ("4bXhT35rQlz3Xw", "alice@sender.example", "bob@busy.example", 41 * _MINUTE, _BUSY),
    ("4bWzP91dLcz3Wv", "alice@sender.example", "bob@timeout.example", 7 * _HOUR, _TIMEOUT),
    (
        "4bWzQ02vTnz3Wx",
        "newsletter@sender.example",
        "dave@timeout.example",
        6 * _HOUR,
        f"delivery temporarily suspended: {_TIMEOUT}",
    ),
    ("4bVw6F6bMkz3Vt", "carol@sender.example", "bob@silent.example", 2 * _DAY, _DNS),
    ("4bVx0M4sPzz3Vu", "", "bob@servfail.example", 1.5 * _DAY, _DNS),
    ("4bXk2L7WvRz3Yh", "alice@sender.example", "bob@partner.example", 3.0, ""),
)


class DemoMta:
    """The mail server of the demo's host."""

    async def facts(self, sender: str, recipient: str) -> LocalFacts:  # noqa: ARG002 - it sends all alike
        """Return how it would send: as the demo itself does."""
        lines = (f"EHLO name: {HOST_NAME} (myhostname)", source_line(None, None), relay_line((), ""))
        return LocalFacts(SERVER, ehlo=HOST_NAME, lines=lines)

    async def queue(self) -> Queue:
        """Return what waits in its queue."""
        return Queue(SERVER, tuple(_queued(*entry) for entry in _STUCK))

    async def host_name(self) -> str | None:
        """Return the name of the demo's host."""
        return HOST_NAME


def _queued(name: str, sender: str, recipient: str, seconds: float, reason: str) -> Queued:
    domain = recipient.rpartition("@")[2]
    return Queued(name, sender, recipient, seconds, reason.format(recipient=recipient, domain=domain))
