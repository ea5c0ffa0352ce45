"""What the reasons of a queue listing say, as Postfix and OpenSMTPD word them."""

import pytest

from smtpdiag_tui.local_mta.deferrals import Deferral, DeferralKind, deferral

MX, AT = "mx.a.example", "192.0.2.1"


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        (
            f"host {MX}[{AT}] said: 450 4.2.0 <b@a.example>: Greylisted (in reply to RCPT TO command)",
            Deferral(DeferralKind.REPLY, MX, AT, "450 4.2.0 <b@a.example>: Greylisted", "RCPT TO"),
        ),
        (
            f"host {MX}[{AT}] said: 451 4.3.0 try later (in reply to end of DATA command)",
            Deferral(DeferralKind.REPLY, MX, AT, "451 4.3.0 try later", "END OF DATA"),
        ),
        (
            f"host {MX}[{AT}] refused to talk to me: 421 4.7.0 busy",
            Deferral(DeferralKind.REPLY, MX, AT, "421 4.7.0 busy"),
        ),
        ("452 4.2.2 full", Deferral(DeferralKind.REPLY, reply="452 4.2.2 full")),
        (
            f"connect to {MX}[2001:db8::1]:25: Network is unreachable",
            Deferral(DeferralKind.CONNECT, MX, "2001:db8::1", why="Network is unreachable"),
        ),
        (
            f"delivery temporarily suspended: connect to {MX}[{AT}]:25: Connection refused",
            Deferral(DeferralKind.CONNECT, MX, AT, why="Connection refused"),
        ),
        (
            f"lost connection with {MX}[{AT}] while receiving the initial server greeting",
            Deferral(DeferralKind.LOST, MX, AT),
        ),
        (f"conversation with {MX}[{AT}] timed out while sending RCPT TO", Deferral(DeferralKind.LOST, MX, AT)),
        (
            f"TLS is required, but was not offered by host {MX}[{AT}]",
            Deferral(DeferralKind.TLS, MX, AT),
        ),
        ("Cannot start TLS: handshake failure", Deferral(DeferralKind.TLS)),
        ("Server certificate not trusted", Deferral(DeferralKind.TLS)),
        (
            "Host or domain name not found. Name service error for name=a.example type=MX:"
            " Host not found, try again",
            Deferral(DeferralKind.DNS),
        ),
        ("Temporary failure in MX lookup", Deferral(DeferralKind.DNS)),
        (
            "Network error on destination MXs",
            Deferral(DeferralKind.CONNECT, why="Network error on destination MXs"),
        ),
        ("mail transport unavailable", Deferral(DeferralKind.LOCAL)),
        ("frozen", Deferral(DeferralKind.LOCAL)),
        ("on hold", Deferral(DeferralKind.LOCAL)),
        ("something new", Deferral(DeferralKind.UNKNOWN)),
        ("", Deferral(DeferralKind.NONE)),
        ("  ", Deferral(DeferralKind.NONE)),
    ],
)
def test_each_wording_is_read(reason: str, found: Deferral) -> None:
    assert deferral(reason) == found


@pytest.mark.parametrize("reason", ["450", "host [ said: 450", "host a[192.0.2.1] said: 250 fine", "(" * 5000])
def test_what_looks_like_it_and_is_not_is_unknown(reason: str) -> None:
    assert deferral(reason).kind is DeferralKind.UNKNOWN
