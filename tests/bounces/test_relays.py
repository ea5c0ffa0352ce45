"""Whose side a reply is on that another server got: the one that reports is not always the reader's."""

import pytest

from smtpdiag_tui.bounces.explaining import explain
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.findings import Side

_PTR = "550 5.7.1 Client host rejected: cannot find your hostname, [192.0.2.3]"


def _told(reporter: str | None, reply: str = _PTR, sender: str = "alice@sender.example") -> Told:
    return Told(sender, "bob@a.example", "mbx.inside.example", "10.0.0.9", reply=reply, reporter=reporter)


@pytest.mark.parametrize(
    ("reporter", "sender", "side"),
    [
        ("relay.a.example", "alice@sender.example", Side.RECIPIENT),
        ("a.example", "alice@sender.example", Side.RECIPIENT),
        ("mail.sender.example", "alice@sender.example", Side.HERE),
        ("nota.example", "alice@sender.example", Side.HERE),  # ends alike, and is another domain
        ("relay.isp.example", "alice@sender.example", Side.HERE),  # perhaps the sender's own relay
        ("mail.a.example", "alice@a.example", Side.HERE),  # within one domain it is both
        (None, "alice@sender.example", Side.HERE),
    ],
)
def test_the_reporting_server_is_whom_the_reply_is_about(reporter: str | None, sender: str, side: Side) -> None:
    assert explain(_told(reporter, sender=sender)).side is side


def test_a_relay_of_the_recipients_is_named_and_this_host_is_not() -> None:
    found = explain(_told("relay.a.example"))
    assert "relay.a.example" in found.message
    assert "this host" not in f"{found.message} {found.meaning} {found.advice}"
    assert "postmaster@a.example" in found.advice


def test_forwarding_breaks_spf_and_the_relay_is_not_to_be_added_to_the_record() -> None:
    found = explain(_told("relay.a.example", "550 5.7.23 SPF validation failed for alice@sender.example"))
    assert found.side is Side.RECIPIENT
    assert "DKIM" in found.advice
    assert "SPF record" not in found.advice


def test_what_the_reply_says_of_the_message_or_the_mailbox_stays_as_it_is() -> None:
    assert explain(_told("relay.a.example", "554 5.7.1 Message contains a virus")).side is Side.HERE
    assert explain(_told("relay.a.example", "550 5.1.1 User unknown")).side is Side.RECIPIENT
