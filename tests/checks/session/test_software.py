"""The software that a greeting names."""

import pytest

from smtpdiag_tui.checks.session.software import software_of
from smtpdiag_tui.smtp.reply import Reply


def told(*lines: str) -> str:
    return software_of(Reply(220, tuple(line.encode() for line in lines)))


@pytest.mark.parametrize(
    ("line", "software"),
    [
        ("220 mx.a.example ESMTP Postfix (Debian/GNU)", "Postfix (Debian/GNU)"),
        ("220 mx.a.example ESMTP Postfix", "Postfix"),
        ("220 mx.a.example ESMTP Exim 4.94.2 Tue, 24 Nov 2026 04:20:00 +0000", "Exim 4.94.2"),
        ("220 mx.a.example ESMTP Sendmail 8.15.2/8.15.2; Tue, 24 Nov 2026", "Sendmail 8.15.2/8.15.2"),
        ("220 mx.a.example ESMTP Haraka/2.8.25 ready (A1B2)", "Haraka/2.8.25"),
        ("220 mx.a.example ESMTP Service (IBM Domino Release 9.0.1FP8) ready", "IBM Domino Release 9.0.1FP8"),
        ("220 AM0.mail.a.example Microsoft ESMTP MAIL Service ready at Tue", "Microsoft Exchange"),
        ("220 mx.a.example ESMTP 98e67ed59e1d1-2c - gsmtp", "Google (gsmtp)"),
        ("220 postfix.a.example ESMTP", ""),
        ("220 exim ESMTP", "exim"),
        ("220 mail-exim.a.example ESMTP ready", ""),
        ("220 **************", ""),
        ("220", ""),
    ],
)
def test_the_software_is_what_the_greeting_names(line: str, software: str) -> None:
    assert told(line) == software


def test_a_later_line_of_a_greeting_may_name_it() -> None:
    assert told("220-mx.a.example", "220 ESMTP OpenSMTPD") == "OpenSMTPD"


def test_what_a_hostile_greeting_names_is_short_and_printable() -> None:
    assert told("220 Postfix \x1b[31m") == "Postfix"
    assert told("220 Postfix 3." + "9" * 9999) == "Postfix 3." + "9" * 29
    assert told("220 " + "x" * 600 + " Postfix") == "", "beyond what a reply line may hold"
