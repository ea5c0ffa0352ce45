import pytest

from smtpdiag_tui.smtp import commands
from smtpdiag_tui.smtp.client import Client

CONTROLS = ["\r", "\n", "\r\nDATA", "\0", "\t", "\x1b", "\x7f", "\x85"]
OUTSIDE_QUOTES = ["<", ">", "a><b", "a> SIZE=1 <b", "<<>", "a<b>c", '"a">', '"a"> x "b"', '"a\\">', 'a">"b']


@pytest.mark.parametrize("bad", CONTROLS)
def test_control_characters_are_refused(bad: str) -> None:
    for make in (commands.ehlo, commands.helo, commands.mail_from, commands.rcpt_to):
        with pytest.raises(ValueError, match=r"cannot be sent|control characters"):
            make(f"a{bad}b")
    with pytest.raises(ValueError, match="control characters"):
        commands.mail_from(f"a{bad}b", smtputf8=True)


@pytest.mark.parametrize("bad", OUTSIDE_QUOTES)
def test_angle_brackets_outside_of_quotes_are_refused(bad: str) -> None:
    for make in (commands.mail_from, commands.rcpt_to):
        with pytest.raises(ValueError, match="unquoted"):
            make(f"{bad}@example.net")


@pytest.mark.parametrize("bad", ["", "two words", "näme", "<a>"])
def test_names_that_cannot_greet_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        commands.ehlo(bad)


def test_the_empty_path_is_the_sender_alone() -> None:
    assert commands.mail_from("") == b"MAIL FROM:<>"
    with pytest.raises(ValueError, match="empty"):
        commands.rcpt_to("")


def test_raw_utf8_needs_smtputf8() -> None:
    with pytest.raises(ValueError, match="needs SMTPUTF8"):
        commands.rcpt_to("jörg@example.net")
    assert commands.rcpt_to("jörg@example.net", smtputf8=True) == "RCPT TO:<jörg@example.net>".encode()
    assert commands.mail_from("a@example.net", smtputf8=True) == b"MAIL FROM:<a@example.net> SMTPUTF8"


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        commands.rcpt_to("\udc80@example.net", smtputf8=True)


def test_quoted_local_parts_pass() -> None:
    assert commands.rcpt_to('"a b<c>"@example.net') == b'RCPT TO:<"a b<c>"@example.net>'
    assert commands.rcpt_to('"a>b"@example.net') == b'RCPT TO:<"a>b"@example.net>'
    assert commands.mail_from(r'"\"> <\\"@example.net') == rb'MAIL FROM:<"\"> <\\"@example.net>'
    assert commands.ehlo("[IPv6:2001:db8::1]") == b"EHLO [IPv6:2001:db8::1]"


@pytest.mark.parametrize(
    ("ehlo", "sender", "recipient"),
    [("a b", "", "b@x"), ("here", "a\r\n@x", "b@x"), ("here", "a@x", "b>@x"), ("here", "a@x", "")],
)
def test_the_client_refuses_before_there_is_anything_to_send(ehlo: str, sender: str, recipient: str) -> None:
    with pytest.raises(ValueError, match=r"cannot|control|empty"):
        Client(ehlo, sender, recipient)


ALL = ("SIZE", "8BITMIME", "SMTPUTF8")


@pytest.mark.parametrize(
    ("needs", "extensions", "expected"),
    [
        (None, ALL, b""),
        (commands.MessageNeeds(1000), (), b""),
        (commands.MessageNeeds(1000), ALL, b" SIZE=1000"),
        (commands.MessageNeeds(0), ("SIZE",), b" SIZE=0"),
        (commands.MessageNeeds(5, eight_bit=True), ALL, b" SIZE=5 BODY=8BITMIME"),
        (commands.MessageNeeds(5, eight_bit=True, smtputf8=True), ALL, b" SIZE=5 BODY=8BITMIME SMTPUTF8"),
        (commands.MessageNeeds(5, eight_bit=True, smtputf8=True), ("8BITMIME",), b" BODY=8BITMIME"),
        (commands.MessageNeeds(5, smtputf8=True), ("SIZE",), b" SIZE=5"),
    ],
)
def test_what_the_message_needs_is_said_as_far_as_it_is_offered(
    needs: commands.MessageNeeds | None, extensions: tuple[str, ...], expected: bytes
) -> None:
    said = commands.mail_from("a@example.net", needs=needs, extensions=extensions)
    assert said == b"MAIL FROM:<a@example.net>" + expected


def test_what_the_addresses_need_is_said_whatever_the_message_needs() -> None:
    needs = commands.MessageNeeds(5, smtputf8=True)
    said = commands.mail_from("jörg@example.net", smtputf8=True, needs=needs, extensions=ALL)
    assert said == "MAIL FROM:<jörg@example.net> SIZE=5 SMTPUTF8".encode()
