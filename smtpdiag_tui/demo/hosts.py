"""The demo's mail hosts: which address says what."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from smtpdiag_tui.demo.stories import QUICK, SLOW_GREETING

TRANSLATED = "192.0.2.70"  # what a translator makes of the sending machine's private address
KEYWORDS = ("PIPELINING", "SIZE 52428800", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8")
OLD_KEYWORDS = ("SIZE 10485760", "ENHANCEDSTATUSCODES", "8BITMIME", "AUTH PLAIN LOGIN")
HOSTILE_BANNER = (
    b"220-\x1b]0;all is well\x07\x1b[2J\x1b[31mmx.hostile.example\x1b[0m \x1b]52;c;cm0gLXJmIC8=\x07 ESMTP\r\n"
    b"220-[bold red]not markup[/] \x00 \xff\xfe \x9b31m \xe2\x80\xaetxt.exe\t\xc2\x9b1m\r\n"
    b"220 mx.hostile.example ready\r\n"
)


class Tls(Enum):
    """What the server does about STARTTLS."""

    OFFERED = "offered"
    ABSENT = "absent"
    REFUSED = "refused"  # 454 to the command
    INJECTED = "injected"  # plaintext behind the 220
    GARBAGE = "garbage"  # no TLS behind the 220


@dataclass(frozen=True, slots=True)
class SmtpScript:
    """How one mail host talks. Replies are whole, with their line endings.

    `recipients` maps a local part to the reply to RCPT; every other one gets `rcpt`. `names` stand in the
    certificate, the host's own if empty; it has so many `days` left. `sees` is the address that it says, in its
    reply to EHLO, a client comes from; it says none if empty. With `greylist`, a sender and recipient are taken so
    many seconds after they were first heard of. `ehlo` is the reply to EHLO, made of the keywords if empty.
    `with_issuer`: it presents the authority's certificate behind its own.
    """

    host: str
    greeting: bytes = b""
    greeting_delay: float = 0.0
    keywords: tuple[str, ...] = KEYWORDS
    tls: Tls = Tls.OFFERED
    names: tuple[str, ...] = ()
    days: int = 365
    mail: bytes = b"250 2.1.0 Ok\r\n"
    rcpt: bytes = b"250 2.1.5 Ok\r\n"
    recipients: dict[str, bytes] = field(default_factory=dict)
    sees: str = ""
    greylist: float | None = None
    ehlo: bytes = b""
    with_issuer: bool = False

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The names that the certificate is for."""
        return self.names or (self.host,)


_UNKNOWN = {"nobody": (b"550 5.1.1 <nobody@partner.example>: Recipient address rejected: User unknown\r\n")}
_GREYLISTED = (
    b"450 4.2.0 <bob@greylist.example>: Recipient address rejected:"
    b" Greylisted, please try again in 300 seconds\r\n"
)
_COME_BACK = _GREYLISTED.replace(b"greylist.example", b"greylisted.example")
_LISTED = (
    b"554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org;"
    b" https://www.spamhaus.org/query/ip/192.0.2.10\r\n"
)
_FULL = b"552 5.2.2 <bob@full.example>: Recipient address rejected: Mailbox is full\r\n"
_BUSY = b"421 4.7.0 mx.busy.example Error: too many connections from 192.0.2.10\r\n"
# What an inspecting firewall leaves of a banner, and what the server says to the command that it overwrote.
_MASKED = b"220 " + b"*" * 23 + b"0" + b"*" * 6 + b"2" + b"*" * 17 + b"\r\n"
_OVERWRITTEN = b'500 5.5.1 Command unrecognized: "XXXX mail.sender.example"\r\n'
_POSTFIX = b"220 mx.differ.example ESMTP Postfix (Debian/GNU)\r\n"
_EXIM = b"220 old.differ.example ESMTP Exim 4.94.2 Tue, 24 Nov 2026 04:20:00 +0000\r\n"
_SENDMAIL = b"220 backup.differ.example ESMTP Sendmail 8.15.2/8.15.2; Tue, 24 Nov 2026 04:20:00 GMT\r\n"

SMTP_HOSTS = {
    "192.0.2.11": SmtpScript("mx.sender.example"),
    "2001:db8::11": SmtpScript("mx.sender.example"),
    **{f"192.0.2.2{n}": SmtpScript(f"mx{n}.partner.example", recipients=_UNKNOWN) for n in (1, 2, 3)},
    **{f"2001:db8::2{n}": SmtpScript(f"mx{n}.partner.example", recipients=_UNKNOWN) for n in (1, 2, 3)},
    "192.0.2.27": SmtpScript("mx.literal.example"),
    "192.0.2.32": SmtpScript("mx2.dead.example"),
    "192.0.2.33": SmtpScript("mx.greylist.example", rcpt=_GREYLISTED),
    "192.0.2.95": SmtpScript("mx01-mailcluster-eu.long.example"),
    "192.0.2.97": SmtpScript("mx.bogus.example"),
    "192.0.2.96": SmtpScript("mx.referral.example"),
    "192.0.2.94": SmtpScript("mx.greylisted.example", rcpt=_COME_BACK, greylist=300 / QUICK),
    "192.0.2.34": SmtpScript("mx.tcp.example"),
    "192.0.2.35": SmtpScript("mx.serial.example"),
    "192.0.2.36": SmtpScript("new.serialmx.example"),
    "192.0.2.58": SmtpScript("old.serialmx.example"),
    "192.0.2.37": SmtpScript("mx.expired.example", days=-3),
    "192.0.2.38": SmtpScript("mx.slow.example", greeting_delay=SLOW_GREETING),
    "192.0.2.39": SmtpScript("mx.hostile.example", greeting=HOSTILE_BANNER),
    "192.0.2.40": SmtpScript("inside.split.example"),
    "192.0.2.41": SmtpScript("outside.split.example"),
    "10.0.0.25": SmtpScript("mx.private.example"),
    "192.0.2.42": SmtpScript("implicit.example"),
    "192.0.2.43": SmtpScript("mx.blocklist.example", rcpt=_LISTED),
    "192.0.2.44": SmtpScript("mx.tlsrefused.example", tls=Tls.REFUSED),
    "192.0.2.45": SmtpScript("mx.inject.example", tls=Tls.INJECTED),
    "192.0.2.46": SmtpScript("mx.plain.example", tls=Tls.ABSENT),
    "192.0.2.47": SmtpScript("mx.handshake.example", tls=Tls.GARBAGE),
    "192.0.2.48": SmtpScript("mx.busy.example", greeting=_BUSY),
    "192.0.2.49": SmtpScript("a.shared.example", names=("a.shared.example", "b.shared.example")),
    "192.0.2.147": SmtpScript("mx7.seventh.example"),
    "192.0.2.59": SmtpScript("new.stale.example"),
    "192.0.2.110": SmtpScript("mx.lame.example"),
    "192.0.2.111": SmtpScript("new.forked.example"),
    "192.0.2.112": SmtpScript("old.forked.example"),
    "192.0.2.113": SmtpScript("mx.office.hotel.example"),
    "192.0.2.60": SmtpScript("mx.nat.example", sees=TRANSLATED),
    "192.0.2.162": SmtpScript("mx.masked.example", greeting=_MASKED, ehlo=_OVERWRITTEN, tls=Tls.ABSENT),
    "192.0.2.56": SmtpScript("mx.utf8.example", keywords=KEYWORDS[:-1]),
    "192.0.2.57": SmtpScript("mx.wrongname.example", names=("www.wrongname.example",)),
}
SMTP_HOSTS |= {
    # One name, three machines: the second was left behind at the last upgrade.
    "192.0.2.91": SmtpScript("mx.differ.example", greeting=_POSTFIX, days=80),
    "2001:db8::91": SmtpScript("mx.differ.example", greeting=_POSTFIX, days=80),
    "192.0.2.92": SmtpScript("mx.differ.example", greeting=_EXIM, keywords=OLD_KEYWORDS, days=9),
    "192.0.2.93": SmtpScript("backup.differ.example", greeting=_SENDMAIL, keywords=OLD_KEYWORDS),
}
SMTP_HOSTS |= {
    "192.0.2.170": SmtpScript("mx.uplink.example"),
    "192.0.2.171": SmtpScript("mx.dkim.example"),
    "192.0.2.172": SmtpScript("mx.lookups.example"),
    "192.0.2.178": SmtpScript("mx.large-receiver.example"),
    "2001:db8::178": SmtpScript("mx.large-receiver.example"),
    "192.0.2.173": SmtpScript("mx1.dane.example"),
    "2001:db8::173": SmtpScript("mx1.dane.example"),
    "192.0.2.174": SmtpScript("mx2.dane.example", with_issuer=True),
    "192.0.2.175": SmtpScript("mx.rollover.example"),
    "192.0.2.176": SmtpScript("mx.sts.example"),
    "192.0.2.81": SmtpScript("mx.full.example", rcpt=_FULL),
    # What decides on these is the reply, not what else is wrong with them.
    "192.0.2.82": SmtpScript(
        "mx.greyplain.example", rcpt=_GREYLISTED.replace(b"greylist.example", b"greyplain.example"), tls=Tls.ABSENT
    ),
    "192.0.2.83": SmtpScript(
        "mx.fullexpired.example", rcpt=_FULL.replace(b"full.example", b"fullexpired.example"), days=-3
    ),
    "10.0.1.43": SmtpScript("mx.listedinside.example", rcpt=_LISTED),
    "192.0.2.84": SmtpScript(
        "mx.greyliteral.example", rcpt=_GREYLISTED.replace(b"greylist.example", b"greyliteral.example")
    ),
}
# 120 MX hosts, among which every kind of trouble stands somewhere.
LARGE = {n: f"198.51.100.{100 + n}" if n <= 100 else f"2001:db8:64::{n - 100:x}" for n in range(1, 121)}
_ODD: dict[int, dict[str, Any]] = {
    1: {"rcpt": _GREYLISTED.replace(b"greylist.example", b"large.example")},
    2: {"rcpt": _GREYLISTED.replace(b"greylist.example", b"large.example")},
    7: {"days": -3},
    8: {"days": 9},
    11: {"tls": Tls.ABSENT, "greeting": b"220 mx11.large.example ESMTP Sendmail 8.15.2/8.15.2\r\n"},
    12: {"names": ("www.large.example",)},
    14: {"rcpt": _FULL.replace(b"full.example", b"large.example")},
    18: {"tls": Tls.REFUSED},
    3: {"greeting": b"421 4.7.0 Error: too many connections from 192.0.2.10\r\n"},
}


def _large(number: int) -> SmtpScript:
    """Return one of the 120: what is odd about it comes again after 20 others."""
    host = f"mx{number}.large.example"
    greeting = f"220 {host} ESMTP Postfix\r\n".encode()
    odd: dict[str, Any] = {"greeting": greeting, **_ODD.get(number % 20, {})}
    return SmtpScript(host, **odd)


SMTP_HOSTS |= {address: _large(number) for number, address in LARGE.items() if number % 20 != 5}
REFUSING = frozenset(
    {"192.0.2.6", "192.0.2.31", "192.0.2.62", *(f"192.0.2.{140 + n}" for n in range(1, 7))}
    | {LARGE[number] for number in range(5, 121, 20)}
)
BLACK_HOLES = frozenset({"198.51.100.25", "203.0.113.25"})  # in networks of their own
TRANSLATING = frozenset({"192.0.2.60"})  # these are reached from a private address, through a translator
UPLINKED = frozenset({"192.0.2.170", "192.0.2.171", "2001:db8::178"})  # these by the second uplink
