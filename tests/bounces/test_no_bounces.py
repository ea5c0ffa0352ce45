"""Messages that look like bounces and are none: each is refused in one sentence that says what it is."""

import pytest

from smtpdiag_tui.bounces.reading import read
from smtpdiag_tui.bounces.told import UnreadableError

_REPORT = """From: abuse@a.example
To: alice@sender.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

A message from 192.0.2.1 is reported.
550 5.7.1 stood in the message.

--b
Content-Type: message/{part}

{fields}

--b--
"""
_ARF = _REPORT.format(
    kind="feedback-report", part="feedback-report", fields="Feedback-Type: abuse\nOriginal-Rcpt-To: bob@a.example"
)
_RECEIPT = "Final-Recipient: rfc822;bob@a.example\nDisposition: manual-action/MDN-sent-manually; displayed"
_MDN = _REPORT.format(kind="disposition-notification", part="disposition-notification", fields=_RECEIPT)
_TLSRPT = _REPORT.format(kind='"tlsrpt"', part="x", fields="")
_ABSENT = """From: Bob <bob@a.example>
To: alice@sender.example
Return-Path: <>
Auto-Submitted: auto-replied (vacation)
Subject: Out of office

I am away.
450 pages wait for me. In room 551 you find Carol.
"""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (_ARF, "an abuse report (ARF)"),
        (_MDN, "a read receipt (MDN)"),
        (_RECEIPT, "a read receipt (MDN)"),
        (_TLSRPT, "a TLS report (TLSRPT)"),
        (_ABSENT, "an automatic reply"),
    ],
    ids=["ARF", "MDN", "MDN pasted", "TLSRPT", "absence"],
)
def test_it_is_said_what_the_text_is(text: str, what: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        read(text.encode())
    assert str(raised.value) == f"the text is {what}, not a bounce"


def test_a_bounce_that_calls_itself_automatic_is_one() -> None:
    text = _ABSENT.replace("450 pages", "550 5.1.1 <carol@a.example>: no such user, pages")
    assert (
        read(text.encode()).told[0].reply
        == "550 5.1.1 <carol@a.example>: no such user, pages wait for me. In room 551 you find Carol."
    )


def test_a_report_of_a_message_that_is_a_bounce_is_still_no_bounce_of_ours() -> None:
    bounce = "Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@a.example\nSubject: failed\n\n550 5.1.1 no\n"
    text = _ARF.replace("--b--", f"--b\n{bounce}\n--b--")
    with pytest.raises(UnreadableError, match="abuse report"):
        read(text.encode())
